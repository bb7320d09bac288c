using Sparkwright.Kubernetes.Requests;
using Sparkwright.World.Karpenter.Metrics;
using Sparkwright.World.Karpenter.NodeClaims;
using Sparkwright.World.Karpenter.Solver;

namespace Sparkwright.World.Karpenter.Provisioning;

/// <summary>Carries one planned node out: a NodePool's becomes a NodeClaim, a Provisioner's is bought on the spot.</summary>
public sealed class Launcher(ApiServer api, Pools pools, NodeLauncher provisionerNodes, LaunchRecords records, KarpenterMetrics metrics)
{
    /// <param name="replaces">Why other nodes go for it, in the metrics' word; null when it is for pods that wait.</param>
    public LaunchedClaim Launch(PlannedClaim plan, LaunchSource source, string? replaces = null)
    {
        var launched = Try(plan, source);
        if (launched is LaunchedClaim.Made)
        {
            metrics.Made(source.Pool, replaces);
        }

        return launched;
    }

    private LaunchedClaim Try(PlannedClaim plan, LaunchSource source)
    {
        if (source.Pool.Generation == Generation.V1Alpha5)
        {
            return provisionerNodes.Launch(plan, source) switch
            {
                ({ } node, _) => new LaunchedClaim.Made(node, node),
                (_, var failure) => new LaunchedClaim.Failed(failure!),
            };
        }

        if (PoolLimits.Exceeded(source.Pool, pools.UsageOf(source.Pool.Key)) is { } limit)
        {
            return new LaunchedClaim.Failed($"creating nodeclaim, {limit}");
        }

        switch (api.Create(ClaimObject.Of(plan, source.Pool)))
        {
            case ApiResult.Accepted { Current: var claim }:
                records.Planned(claim, plan);
                return new LaunchedClaim.Made(claim.Name, $"nodeclaim/{claim.Name}");
            case ApiResult.Refused refused:
                return new LaunchedClaim.Failed($"creating nodeclaim, {refused.Status.Message}");
            default:
                throw new System.Diagnostics.UnreachableException();
        }
    }
}

/// <summary>What came of a planned node.</summary>
public abstract record LaunchedClaim
{
    private LaunchedClaim()
    {
    }

    /// <param name="Name">Of the Node or the NodeClaim: what is nominated.</param>
    /// <param name="Place">As events name it.</param>
    public sealed record Made(string Name, string Place) : LaunchedClaim;

    public sealed record Failed(string Why) : LaunchedClaim;
}
