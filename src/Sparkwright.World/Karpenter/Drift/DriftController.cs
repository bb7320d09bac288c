using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Requests;
using Sparkwright.Simulation;
using Sparkwright.World.Karpenter.Apis;
using Sparkwright.World.Karpenter.Cloud;
using Sparkwright.World.Karpenter.NodeClaims;

namespace Sparkwright.World.Karpenter.Drift;

/// <summary>Keeps the condition Drifted of NodeClaims that have been launched: what their NodePool asks for is looked at first, then their EC2NodeClass.</summary>
public sealed class DriftController : Worker<ObjectKey>
{
    public const string Drifted = "Drifted";

    private readonly ApiServer api;
    private readonly Pools pools;
    private readonly ICloudProvider cloud;

    public DriftController(EventLoop loop, ApiServer api, Pools pools, ICloudProvider cloud)
        : base(loop)
    {
        this.api = api;
        this.pools = pools;
        this.cloud = cloud;
        foreach (var claim in api.Store.List(KarpenterTypes.NodeClaim))
        {
            Wake(claim.Key);
        }

        api.Store.Watch(KarpenterTypes.NodeClaim, change => Wake(change.Object.Key));
        api.Store.Watch(KarpenterTypes.NodePool, change =>
        {
            if (change.Old is not { } old || !ReferenceEquals(old.Spec, change.Object.Spec) || !old.Metadata.Annotations.Equals(change.Object.Metadata.Annotations))
            {
                WakeAll(claim => claim.PoolName == change.Object.Name);
            }
        });

        // Its status says what its selectors find, so a change in AWS is told by it too.
        api.Store.Watch(KarpenterTypes.Ec2NodeClass, change => WakeAll(claim => claim.NodeClassName == change.Object.Name));
    }

    protected override void Reconcile(ObjectKey key)
    {
        if (api.Store.Get(KarpenterTypes.NodeClaim, key) is not { Metadata.IsBeingDeleted: false } known || pools.PoolOf(known) is not { } pool)
        {
            return;
        }

        var claim = NodeClaim.Of(known);
        var reason = claim.IsLaunched ? DriftRules.Reason(claim, pool) ?? (pools.NodeClassOf(pool) is { } nodeClass ? cloud.DriftOf(claim, pool, nodeClass) : null) : null;
        api.ModifyStatus(KarpenterTypes.NodeClaim, key, status => reason is null
            ? Conditions.Without(status, Drifted)
            : ClaimConditions.True(known, status, Drifted, Clock.Now, reason));
    }

    private void WakeAll(Predicate<NodeClaim> concerned)
    {
        foreach (var claim in api.Store.List(KarpenterTypes.NodeClaim).Where(claim => concerned(NodeClaim.Of(claim))))
        {
            Wake(claim.Key);
        }
    }
}
