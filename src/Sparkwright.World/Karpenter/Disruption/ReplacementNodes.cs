using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Requests;
using Sparkwright.World.Karpenter.Apis;
using Sparkwright.World.Karpenter.Metrics;
using Sparkwright.World.Karpenter.NodeClaims;
using Sparkwright.World.Karpenter.Provisioning;
using Sparkwright.World.Karpenter.Solver;

namespace Sparkwright.World.Karpenter.Disruption;

/// <summary>Buys the nodes that take the place of others, and tells when they can: a Node for a Provisioner, a NodeClaim for a NodePool.</summary>
public sealed class ReplacementNodes(ApiServer api, Pools pools, Launcher launcher)
{
    /// <summary>The name of the new object, or why there is none.</summary>
    public (string? Name, string? Failure) Buy(PlannedClaim planned, DisruptionMethod method)
    {
        var key = new PoolKey(planned.Pool.Generation, planned.Pool.Name);
        if (pools.Find(key) is not { } pool || pools.NodeClassOf(pool) is not { } nodeClass)
        {
            return (null, $"pool {planned.Pool.Name} or its node class is gone");
        }

        return launcher.Launch(planned, new LaunchSource(pool, nodeClass), MetricsObserver.ReplacementReason(method, pool.Generation)) switch
        {
            LaunchedClaim.Made made => (made.Name, null),
            LaunchedClaim.Failed failed => (null, failed.Why),
            _ => throw new System.Diagnostics.UnreachableException(),
        };
    }

    public ApiObject? Find(Generation generation, string name) =>
        api.Store.Get(generation == Generation.V1Alpha5 ? CoreTypes.Node : KarpenterTypes.NodeClaim, "", name);

    public static bool IsInitialized(ApiObject replacement) => replacement.Type == CoreTypes.Node
        ? replacement.Metadata.Label(KarpenterLabels.Initialized) == "true"
        : Conditions.IsTrue(replacement.Status, ClaimConditions.Initialized);
}
