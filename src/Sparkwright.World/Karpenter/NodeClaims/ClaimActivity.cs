using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Requests;
using Sparkwright.Kubernetes.Store;
using Sparkwright.Simulation;
using Sparkwright.World.Karpenter.Apis;

namespace Sparkwright.World.Karpenter.NodeClaims;

/// <summary>
/// Keeps when pods last came to or went from a NodeClaim's node, and from it the condition Consolidatable: the node has been quiet for as long as
/// its pool asks.
/// </summary>
public sealed class ClaimActivity : Worker<ObjectKey>
{
    /// <summary>Pods that come and go within this time count as one event.</summary>
    private static readonly TimeSpan OneEvent = TimeSpan.FromSeconds(10);

    private readonly ApiServer api;
    private readonly Pools pools;
    private readonly StoreIndex claims;

    /// <summary>Claims whose pods have changed since their last turn.</summary>
    private readonly HashSet<ObjectKey> stirred = [];

    public ClaimActivity(EventLoop loop, ApiServer api, Pools pools)
        : base(loop)
    {
        this.api = api;
        this.pools = pools;
        claims = ClaimIndex.Of(api.Store);
        foreach (var claim in api.Store.List(KarpenterTypes.NodeClaim))
        {
            Wake(claim.Key);
        }

        api.Store.Watch(KarpenterTypes.NodeClaim, change => Wake(change.Object.Key));
        api.Store.Watch(KarpenterTypes.NodePool, change =>
        {
            if (!ReferenceEquals(change.Old?.Spec, change.Object.Spec))
            {
                foreach (var claim in api.Store.List(KarpenterTypes.NodeClaim).Where(claim => claim.Metadata.Label(KarpenterLabels.NodePool) == change.Object.Name))
                {
                    Wake(claim.Key);
                }
            }
        });
        api.Store.Watch(CoreTypes.Pod, change =>
        {
            if (MovesSomething(change) && change.Object.Spec["nodeName"]?.Text is { Length: > 0 } name
                && api.Store.Get(CoreTypes.Node, "", name) is { } node && ClaimIndex.ClaimOf(claims, node) is { } claim)
            {
                stirred.Add(claim.Key);
                Wake(claim.Key);
            }
        });
    }

    protected override void Reconcile(ObjectKey key)
    {
        var isStirred = stirred.Remove(key);
        if (api.Store.Get(KarpenterTypes.NodeClaim, key) is not { Metadata.IsBeingDeleted: false } claim)
        {
            return;
        }

        if (isStirred && !(Timestamps.Read(claim.Status["lastPodEventTime"]) + OneEvent > Clock.Now))
        {
            claim = api.ModifyStatus(KarpenterTypes.NodeClaim, key, status => status.With("lastPodEventTime", Timestamps.Print(Clock.Now))) ?? claim;
        }

        var quietFrom = QuietFrom(claim);
        if (quietFrom is { } time && time > Clock.Now)
        {
            WakeAt(key, time);
        }

        api.ModifyStatus(KarpenterTypes.NodeClaim, key, status => quietFrom <= Clock.Now
            ? ClaimConditions.True(claim, status, ClaimConditions.Consolidatable, Clock.Now)
            : Conditions.Without(status, ClaimConditions.Consolidatable));
    }

    /// <summary>From when on the node counts as quiet; null when it never does.</summary>
    private DateTime? QuietFrom(ApiObject claim)
    {
        if (claim.Metadata.Label(KarpenterLabels.NodePool) is not { } name
            || pools.Find(new PoolKey(Generation.V1, name)) is not { Disruption.ConsolidateAfter: { } after }
            || !Conditions.IsTrue(claim.Status, ClaimConditions.Initialized))
        {
            return null;
        }

        var initialized = ClaimConditions.Since(claim.Status, ClaimConditions.Initialized) ?? claim.Metadata.CreationTimestamp;
        var lastPod = Timestamps.Read(claim.Status["lastPodEventTime"]) ?? initialized;
        return (lastPod > initialized ? lastPod : initialized) + after;
    }

    /// <summary>A pod was bound, has ended, begins to go or is gone; pods of DaemonSets and static ones do not count.</summary>
    private static bool MovesSomething(StoreEvent change)
    {
        var (old, now) = (change.Old, change.Object);
        if (now.Metadata.Controller?.Kind is "DaemonSet" or "Node")
        {
            return false;
        }

        return change.Kind == StoreEventKind.Deleted
            || (old?.Spec["nodeName"]?.Text ?? "") != (now.Spec["nodeName"]?.Text ?? "")
            || (old is not null && HasEnded(old) != HasEnded(now))
            || (old is not null && old.Metadata.IsBeingDeleted != now.Metadata.IsBeingDeleted);
    }

    private static bool HasEnded(ApiObject pod) => pod.Status["phase"]?.Text is "Succeeded" or "Failed";
}
