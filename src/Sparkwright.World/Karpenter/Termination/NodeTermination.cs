using Sparkwright.Kubernetes.Fitting;
using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Requests;
using Sparkwright.Kubernetes.Store;
using Sparkwright.Simulation;
using Sparkwright.World.Karpenter.Apis;
using Sparkwright.World.Karpenter.Cloud;
using Sparkwright.World.Karpenter.Metrics;
using Sparkwright.World.Karpenter.NodeClaims;

namespace Sparkwright.World.Karpenter.Termination;

/// <summary>
/// Takes leave of a node that is being deleted: marks it, drains it, waits for its volumes, ends its machine and lets the object go. One way for
/// both generations, which mark differently; a NodePool's node also tells its NodeClaim how far it has come.
/// </summary>
public sealed class NodeTermination : Worker<ObjectKey>
{
    public const string Finalizer = "karpenter.sh/termination";

    private const string ExcludeFromLoadBalancers = "node.kubernetes.io/exclude-from-external-load-balancers";

    /// <summary>How long a NodePool's node is marked at least before its machine ends, so that whoever must take note can.</summary>
    private static readonly TimeSpan MinDrainTime = TimeSpan.FromSeconds(5);

    /// <summary>When a refused termination is asked for again (modelled).</summary>
    private static readonly TimeSpan AskAgain = TimeSpan.FromSeconds(10);

    private readonly ApiServer api;
    private readonly ICloudProvider cloud;
    private readonly KarpenterEvents events;
    private readonly Evictions evictions;
    private readonly InstanceEnding ending;
    private readonly StoreIndex podsByNode;
    private readonly StoreIndex claims;

    public NodeTermination(EventLoop loop, ApiServer api, ICloudProvider cloud, KarpenterEvents events, KarpenterMetrics metrics)
        : base(loop)
    {
        this.api = api;
        this.cloud = cloud;
        this.events = events;
        evictions = new Evictions(api, events, metrics);
        ending = new InstanceEnding(api, cloud);
        podsByNode = api.Store.Index(CoreTypes.Pod, "by-node", static pod => pod.Spec["nodeName"]?.Text);
        claims = ClaimIndex.Of(api.Store);
        foreach (var node in api.Store.List(CoreTypes.Node).Where(IsLeaving))
        {
            Wake(node.Key);
        }

        api.Store.Watch(CoreTypes.Node, change => WakeIfLeaving(change.Object));
        api.Store.Watch(CoreTypes.Pod, change =>
        {
            if (change.Object.Spec["nodeName"]?.Text is { Length: > 0 } name)
            {
                WakeIfLeaving(api.Store.Get(CoreTypes.Node, "", name));
            }
        });
        api.Store.Watch(KarpenterTypes.NodeClaim, change =>
        {
            if (change.Object.Status["nodeName"]?.Text is { } name)
            {
                WakeIfLeaving(api.Store.Get(CoreTypes.Node, "", name));
            }
        });
        api.Store.Watch(PendingVolumes.VolumeAttachment, change =>
        {
            if (change.Object.Spec["nodeName"]?.Text is { } name)
            {
                WakeIfLeaving(api.Store.Get(CoreTypes.Node, "", name));
            }
        });
    }

    protected override void Reconcile(ObjectKey key)
    {
        if (api.Store.Get(CoreTypes.Node, key) is not { } node || !IsLeaving(node))
        {
            return;
        }

        var claim = ClaimIndex.ClaimOf(claims, node);
        var generation = claim is not null || node.Metadata.Label(KarpenterLabels.NodePool) is not null ? Generation.V1 : Generation.V1Alpha5;
        if (claim is { Metadata.IsBeingDeleted: false })
        {
            api.Delete(KarpenterTypes.NodeClaim, claim.Key);
        }

        var machine = node.Spec["providerID"]?.Text;
        var isEnding = claim is not null && Conditions.IsTrue(claim.Status, ClaimConditions.InstanceTerminating);
        if (machine is not null && !isEnding && !NodeView.Of(node).IsReady && !cloud.Exists(machine))
        {
            // No kubelet is left that could stop anything.
            LetGo(key);
            return;
        }

        Mark(key, generation);
        var deadline = claim is null ? null : ClaimDeadline.Of(claim);
        if (deadline is { } end)
        {
            events.Warning(node, "TerminationGracePeriodExpiring", $"All pods will be deleted by {Timestamps.Print(end)}");
        }

        if (IsDrained(node, claim, generation, deadline) && (claim is null || IsRidOfVolumes(node, claim, deadline)))
        {
            End(key, machine, claim);
        }
    }

    private static bool IsLeaving(ApiObject node) => node.Metadata.IsBeingDeleted && node.Metadata.Finalizers.Contains(Finalizer);

    private void WakeIfLeaving(ApiObject? node)
    {
        if (node is not null && IsLeaving(node))
        {
            Wake(node.Key);
        }
    }

    private void Mark(ObjectKey key, Generation generation) => api.Modify(CoreTypes.Node, key, known => (generation == Generation.V1
        ? WithTaint(known, DrainPlan.Disrupted)
        : known.Set(["spec", "unschedulable"], true)).WithLabel(ExcludeFromLoadBalancers, "karpenter"));

    private static ApiObject WithTaint(ApiObject node, Taint taint)
    {
        var taints = NodeView.Of(node).Taints;
        return taints.Contains(taint)
            ? node
            : node.Set(["spec", "taints"], TreeList.From(Tree.ItemsOf(node.Spec["taints"]).ToArray().Where(one => one["key"]?.Text != taint.Key).Append(taint.ToTree())));
    }

    private bool IsDrained(ApiObject node, ApiObject? claim, Generation generation, DateTime? deadline)
    {
        switch (DrainPlan.Next(podsByNode.Of(node.Name), generation, Clock.Now, deadline))
        {
            case DrainStep.Done:
                Tell(claim, (known, status) => ClaimConditions.True(known, status, ClaimConditions.Drained, Clock.Now));
                var earliest = node.Metadata.DeletionTimestamp!.Value + MinDrainTime;
                if (claim is null || earliest <= Clock.Now)
                {
                    return true;
                }

                WakeAt(node.Key, earliest);
                return false;
            case DrainStep.Refused refused:
                WakeAfter(node.Key, KarpenterEvents.QuietFor);
                events.FailedDraining(node, $"pod {refused.Pod} has do-not-evict annotation");
                return false;
            case DrainStep.Waits waits:
                Tell(claim, (known, status) => ClaimConditions.Unknown(known, status, ClaimConditions.Drained, "Draining", "Draining", Clock.Now));
                events.PodsAreWaiting(node, waits.Left);

                // As long as it waits, it says so again and again.
                WakeAfter(node.Key, KarpenterEvents.QuietFor);
                Carry(node, claim, waits, deadline);
                return false;
            default:
                throw new System.Diagnostics.UnreachableException();
        }
    }

    private void Carry(ApiObject node, ApiObject? claim, DrainStep.Waits waits, DateTime? deadline)
    {
        if (waits.LookAgainAt is { } time)
        {
            WakeAt(node.Key, time);
        }

        foreach (var (pod, grace) in waits.Delete)
        {
            events.Normal(
                pod,
                "Disrupted",
                $"Deleting the pod to accommodate the terminationTime {Timestamps.Print(deadline!.Value)} of the node. The pod was granted {grace} seconds of grace-period of its "
                + $"{PodSpecView.Of(pod).TerminationGracePeriodSeconds} terminationGracePeriodSeconds. This bypasses the PDB of the pod and the do-not-disrupt annotation.");
            api.Delete(CoreTypes.Pod, pod.Key, new DeleteOptions { GracePeriodSeconds = grace, Uid = pod.Metadata.Uid });
        }

        var why = claim is null ? null : ReasonOf(claim);
        foreach (var pod in waits.Evict)
        {
            if (evictions.Ask(node, pod, why) is { } again)
            {
                WakeAt(node.Key, again);
            }
        }
    }

    private static string ReasonOf(ApiObject claim) =>
        Conditions.IsTrue(claim.Status, ClaimConditions.DisruptionReason)
            ? Conditions.Find(claim.Status, ClaimConditions.DisruptionReason)!["reason"]?.Text ?? ""
            : "Forceful Termination";

    private bool IsRidOfVolumes(ApiObject node, ApiObject claim, DateTime? deadline)
    {
        var attached = PendingVolumes.CountOf(api, node.Name, podsByNode.Of(node.Name), Clock.Now);
        if (attached == 0)
        {
            Tell(claim, (known, status) => ClaimConditions.True(known, status, ClaimConditions.VolumesDetached, Clock.Now));
            return true;
        }

        if (deadline <= Clock.Now)
        {
            const string Elapsed = "TerminationGracePeriodElapsed";
            Tell(claim, (known, status) => ClaimConditions.False(known, status, ClaimConditions.VolumesDetached, Elapsed, Elapsed, Clock.Now));
            return true;
        }

        const string Awaiting = "AwaitingVolumeDetachment";
        events.Warning(node, Awaiting, $"Awaiting deletion of {attached} VolumeAttachments bound to node");
        Tell(claim, (known, status) => ClaimConditions.Unknown(known, status, ClaimConditions.VolumesDetached, Awaiting, Awaiting, Clock.Now));
        if (deadline is { } end)
        {
            WakeAt(node.Key, end);
        }

        return false;
    }

    private void End(ObjectKey key, string? machine, ApiObject? claim)
    {
        if (machine is not null && claim is not null && api.Store.Get(KarpenterTypes.NodeClaim, claim.Key) is { } current)
        {
            if (ending.Ensure(current, machine) is { } again)
            {
                WakeAt(key, again);
                return;
            }
        }
        else if (machine is not null && cloud.Terminate(machine) is not null)
        {
            WakeAfter(key, AskAgain);
            return;
        }

        LetGo(key);
    }

    private void LetGo(ObjectKey key) =>
        api.Modify(CoreTypes.Node, key, known => known.With(known.Metadata with { Finalizers = known.Metadata.Finalizers.Remove(Finalizer) }));

    private void Tell(ApiObject? claim, Func<ApiObject, TreeMap, TreeMap> change)
    {
        if (claim is not null)
        {
            api.ModifyStatus(KarpenterTypes.NodeClaim, claim.Key, status => change(claim, status));
        }
    }
}
