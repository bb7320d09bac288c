using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Requests;
using Sparkwright.Simulation;
using Sparkwright.World.Karpenter.Apis;
using Sparkwright.World.Karpenter.NodeClaims;

namespace Sparkwright.World.Karpenter.Disruption;

/// <summary>Keeps the condition Drifted of NodeClaims that have been launched.</summary>
public sealed class DriftController : Worker<ObjectKey>
{
    public const string Drifted = "Drifted";

    private readonly ApiServer api;
    private readonly Pools pools;

    public DriftController(EventLoop loop, ApiServer api, Pools pools)
        : base(loop)
    {
        this.api = api;
        this.pools = pools;
        foreach (var claim in api.Store.List(KarpenterTypes.NodeClaim))
        {
            Wake(claim.Key);
        }

        api.Store.Watch(KarpenterTypes.NodeClaim, change => Wake(change.Object.Key));
        api.Store.Watch(KarpenterTypes.NodePool, change =>
        {
            if (change.Old is not { } old || !ReferenceEquals(old.Spec, change.Object.Spec) || !old.Metadata.Annotations.Equals(change.Object.Metadata.Annotations))
            {
                foreach (var claim in api.Store.List(KarpenterTypes.NodeClaim).Where(claim => claim.Metadata.Label(KarpenterLabels.NodePool) == change.Object.Name))
                {
                    Wake(claim.Key);
                }
            }
        });
    }

    protected override void Reconcile(ObjectKey key)
    {
        if (api.Store.Get(KarpenterTypes.NodeClaim, key) is not { Metadata.IsBeingDeleted: false } known || pools.PoolOf(known) is not { } pool)
        {
            return;
        }

        var claim = NodeClaim.Of(known);
        var reason = claim.IsLaunched ? DriftRules.Reason(claim, pool) : null;
        api.ModifyStatus(KarpenterTypes.NodeClaim, key, status => reason is null
            ? ClaimConditions.Without(status, Drifted)
            : ClaimConditions.True(known, status, Drifted, Clock.Now, reason));
    }
}
