using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Requests;
using Sparkwright.Kubernetes.Store;
using Sparkwright.Simulation;
using Sparkwright.World.Aws;
using Sparkwright.World.Karpenter.Apis;
using Sparkwright.World.Karpenter.Cloud;
using Sparkwright.World.Karpenter.InstanceTypes;
using Sparkwright.World.Karpenter.Metrics;

namespace Sparkwright.World.Karpenter.Interruption;

/// <summary>
/// Reads the interruption queues and lets the nodes go that EC2 is about to take: by their NodeClaim, or for a Provisioner's node by the Node.
/// Each generation has a setting of its own that names its queue; a message is deleted whatever came of it.
/// </summary>
public sealed class InterruptionController : Worker<string>
{
    private readonly ApiServer api;
    private readonly MessageQueues queues;
    private readonly LiveSettings settings;
    private readonly KarpenterMemory memory;
    private readonly KarpenterEvents events;
    private readonly KarpenterMetrics metrics;
    private readonly StoreIndex claims;
    private readonly StoreIndex nodes;

    public InterruptionController(EventLoop loop, ApiServer api, LiveSettings settings, KarpenterMemory memory, KarpenterEvents events, KarpenterMetrics metrics)
        : base(loop)
    {
        this.api = api;
        this.settings = settings;
        this.memory = memory;
        this.events = events;
        this.metrics = metrics;
        queues = new MessageQueues(api);
        claims = api.Store.Index(KarpenterTypes.NodeClaim, "by-instance", static claim => InstanceOf(claim.Status["providerID"]));
        nodes = api.Store.Index(CoreTypes.Node, "by-instance", static node => InstanceOf(node.Spec["providerID"]));
        WakeForAll();
        api.Store.Watch(SqsTypes.Message, change =>
        {
            if (change.Kind == StoreEventKind.Added)
            {
                WakeForAll();
            }
        });
        api.Store.Watch(CoreTypes.ConfigMap, change =>
        {
            if (LiveSettings.IsAbout(change.Object))
            {
                WakeForAll();
            }
        });
    }

    protected override void Reconcile(string key)
    {
        if (key != settings.Current.InterruptionQueue && key != settings.Current.ProvisionerInterruptionQueue)
        {
            return;
        }

        var received = queues.Receive(key);
        foreach (var message in received)
        {
            Handle(key, message);
            queues.Delete(message);
            if (key == settings.Current.InterruptionQueue)
            {
                metrics.MessagesDeleted.Increment();
            }

            if (key == settings.Current.ProvisionerInterruptionQueue)
            {
                metrics.ProvisionerMessagesDeleted.Increment();
            }
        }

        if (!received.IsEmpty)
        {
            Wake(key);
        }
    }

    private void WakeForAll()
    {
        foreach (var queue in new[] { settings.Current.InterruptionQueue, settings.Current.ProvisionerInterruptionQueue })
        {
            if (queue is not null)
            {
                Wake(queue);
            }
        }
    }

    private void Handle(string queue, QueueMessage received)
    {
        if (InterruptionParser.Parse(received.Body) is not { } message)
        {
            return;
        }

        Count(queue, received, message.Kind);
        foreach (var instance in message.Instances)
        {
            if (queue == settings.Current.InterruptionQueue)
            {
                foreach (var claim in claims.Of(instance).ToList())
                {
                    HandleClaim(message.Kind, claim, nodes.Of(instance).FirstOrDefault());
                }
            }

            if (queue == settings.Current.ProvisionerInterruptionQueue)
            {
                foreach (var node in nodes.Of(instance).Where(node => node.Metadata.Label(KarpenterLabels.ProvisionerName) is not null).ToList())
                {
                    HandleNode(message.Kind, node);
                }
            }
        }
    }

    private void Count(string queue, QueueMessage received, InterruptionKind kind)
    {
        var inQueue = (Clock.Now - received.SentAt).TotalSeconds;
        if (queue == settings.Current.InterruptionQueue)
        {
            metrics.MessagesReceived.Increment(InterruptionRules.MessageType(kind, Generation.V1));
            if (kind != InterruptionKind.NoOp)
            {
                metrics.MessageDuration.Observe(inQueue);
            }
        }

        if (queue == settings.Current.ProvisionerInterruptionQueue)
        {
            metrics.ProvisionerMessagesReceived.Increment(
                InterruptionRules.MessageType(kind, Generation.V1Alpha5), InterruptionRules.Drains(kind, Generation.V1Alpha5) ? "true" : "false");
            if (kind != InterruptionKind.NoOp)
            {
                metrics.ProvisionerMessageLatency.Observe(inQueue);
            }
        }
    }

    private void HandleClaim(InterruptionKind kind, ApiObject claim, ApiObject? node)
    {
        Tell(InterruptionRules.NoticeOf(kind, Generation.V1, claim.Name), claim, node);
        TakeOffering(kind, claim);
        if (InterruptionRules.Drains(kind, Generation.V1) && !claim.Metadata.IsBeingDeleted)
        {
            metrics.ClaimDisrupted(claim, InterruptionRules.MessageType(kind, Generation.V1));
            api.Delete(KarpenterTypes.NodeClaim, claim.Key);
            Tell(InterruptionRules.TerminationOf(Generation.V1, "NodeClaim", claim.Name), claim);
            Tell(InterruptionRules.TerminationOf(Generation.V1, "Node", claim.Name), node);
        }
    }

    private void HandleNode(InterruptionKind kind, ApiObject node)
    {
        Tell(InterruptionRules.NoticeOf(kind, Generation.V1Alpha5, node.Name), node);
        TakeOffering(kind, node);
        metrics.ProvisionerMessageActions.Increment(InterruptionRules.Drains(kind, Generation.V1Alpha5) ? "CordonAndDrain" : "NoAction");
        if (InterruptionRules.Drains(kind, Generation.V1Alpha5))
        {
            metrics.ProvisionerNodesTerminated.Increment("interruption");
            api.Delete(CoreTypes.Node, node.Key);
            Tell(InterruptionRules.TerminationOf(Generation.V1Alpha5, "Node", node.Name), node);
        }
    }

    private void TakeOffering(InterruptionKind kind, ApiObject labelled)
    {
        if (InterruptionRules.TakesOffering(kind)
            && labelled.Metadata.Label(KarpenterLabels.InstanceType) is { Length: > 0 } type
            && labelled.Metadata.Label(KarpenterLabels.Zone) is { Length: > 0 } zone)
        {
            memory.MarkUnavailable([new UnavailableOffering(FleetChoice.Spot, type, zone)]);
        }
    }

    private void Tell(InterruptionNotice? notice, params ReadOnlySpan<ApiObject?> about)
    {
        foreach (var one in about)
        {
            if (notice is null || one is null)
            {
                continue;
            }

            if (notice.IsWarning)
            {
                events.Warning(one, notice.Reason, notice.Message);
            }
            else
            {
                events.Normal(one, notice.Reason, notice.Message);
            }
        }
    }

    /// <summary>The instance in a provider id such as <c>aws:///us-west-2a/i-…</c>.</summary>
    private static string? InstanceOf(Tree? providerId) =>
        providerId?.Text is { Length: > 0 } text ? text[(text.LastIndexOf('/') + 1)..] : null;
}
