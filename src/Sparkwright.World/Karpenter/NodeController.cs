using Sparkwright.Kubernetes.Fitting;
using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Requests;
using Sparkwright.Kubernetes.Store;
using Sparkwright.Simulation;
using Sparkwright.World.Karpenter.Apis;
using Sparkwright.World.Karpenter.Metrics;
using Sparkwright.World.Karpenter.Provisioning;

namespace Sparkwright.World.Karpenter;

/// <summary>
/// The life of a Provisioner's nodes after their launch: initialized once they are ready, deleted when they were empty for long enough.
/// </summary>
public sealed class NodeController : Worker<ObjectKey>
{
    public const string EmptinessTimestamp = "karpenter.sh/emptiness-timestamp";

    private readonly ApiServer api;
    private readonly Pools pools;
    private readonly KarpenterMemory memory;
    private readonly KarpenterEvents events;
    private readonly KarpenterMetrics metrics;
    private readonly StoreIndex podsByNode;

    public NodeController(EventLoop loop, ApiServer api, Pools pools, KarpenterMemory memory, KarpenterEvents events, KarpenterMetrics metrics)
        : base(loop)
    {
        this.api = api;
        this.pools = pools;
        this.memory = memory;
        this.events = events;
        this.metrics = metrics;
        podsByNode = api.Store.Index(CoreTypes.Pod, "by-node", static pod => pod.Spec["nodeName"]?.Text);
        foreach (var node in api.Store.List(CoreTypes.Node))
        {
            Wake(node.Key);
        }

        api.Store.Watch(CoreTypes.Node, change => Wake(change.Object.Key));
        api.Store.Watch(CoreTypes.Pod, change =>
        {
            if (change.Object.Spec["nodeName"]?.Text is { Length: > 0 } name)
            {
                Wake(new ObjectKey("", name));
            }
        });
        api.Store.Watch(KarpenterTypes.Provisioner, change =>
        {
            if (!ReferenceEquals(change.Old?.Spec, change.Object.Spec))
            {
                foreach (var node in api.Store.List(CoreTypes.Node).Where(node => node.Metadata.Label(KarpenterLabels.ProvisionerName) == change.Object.Name))
                {
                    Wake(node.Key);
                }
            }
        });
    }

    protected override void Reconcile(ObjectKey key)
    {
        if (api.Store.Get(CoreTypes.Node, key) is not { } node || node.Metadata.IsBeingDeleted
            || pools.PoolOf(node) is not { Generation: Generation.V1Alpha5 } pool)
        {
            return;
        }

        var isInitialized = node.Metadata.Label(KarpenterLabels.Initialized) == "true";
        if (!isInitialized && MayBeInitialized(NodeView.Of(node), pool))
        {
            node = api.Modify(CoreTypes.Node, key, known => known.WithLabel(KarpenterLabels.Initialized, "true")) ?? node;
            isInitialized = true;
        }

        if (isInitialized && pool.TtlAfterEmpty is { } ttl && NodeView.Of(node).IsReady)
        {
            WatchEmptiness(node, ttl);
        }
    }

    /// <summary>Ready, and rid of the taints that go by themselves or that somebody was to take off.</summary>
    private static bool MayBeInitialized(NodeView node, Pool pool) =>
        node.IsReady && !node.Taints.Any(taint => TemporaryTaints.IsTemporary(taint) || pool.StartupTaints.Contains(taint));

    private void WatchEmptiness(ApiObject node, TimeSpan ttl)
    {
        var since = Timestamps.TryParse(node.Metadata.Annotation(EmptinessTimestamp) ?? "", out var time) ? time : (DateTime?)null;
        var nominatedUntil = memory.NominatedUntil(node.Name);
        if (!IsEmpty(node.Name) || nominatedUntil is not null)
        {
            if (since is not null)
            {
                api.Modify(CoreTypes.Node, node.Key, known => known.WithAnnotation(EmptinessTimestamp, null));
            }

            if (nominatedUntil is { } until)
            {
                WakeAt(node.Key, until);
            }

            return;
        }

        if (since is null)
        {
            since = WholeSecond(Clock.Now);
            api.Modify(CoreTypes.Node, node.Key, known => known.WithAnnotation(EmptinessTimestamp, Timestamps.Print(since.Value)));
        }

        var end = since.Value + ttl;
        if (end > Clock.Now)
        {
            WakeAt(node.Key, end);
            return;
        }

        events.Normal(node, "DeprovisioningTerminating", "Deprovisioning node via emptiness");
        metrics.ActionsPerformed.Increment("delete", "emptiness");
        metrics.ProvisionerNodesTerminated.Increment("emptiness");
        api.Delete(CoreTypes.Node, node.Key);
    }

    /// <summary>The annotation knows whole seconds; rounded up, so that no node goes before its time.</summary>
    private static DateTime WholeSecond(DateTime time) => time.AddTicks((TimeSpan.TicksPerSecond - (time.Ticks % TimeSpan.TicksPerSecond)) % TimeSpan.TicksPerSecond);

    /// <summary>Only DaemonSets' pods and pods that have ended are left.</summary>
    private bool IsEmpty(string node) => podsByNode.Of(node).All(pod =>
        pod.Status["phase"]?.Text is "Succeeded" or "Failed" || pod.Metadata.Controller?.Kind is "DaemonSet" or "Node");
}
