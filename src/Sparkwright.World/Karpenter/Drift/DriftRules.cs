using Sparkwright.World.Karpenter.Apis;
using Sparkwright.World.Karpenter.Requirements;

namespace Sparkwright.World.Karpenter.Drift;

/// <summary>Whether a NodeClaim is still what its NodePool asks for.</summary>
public static class DriftRules
{
    /// <summary>The template of the pool has changed.</summary>
    public const string NodePoolDrifted = "NodePoolDrifted";

    /// <summary>The requirements of the pool do not admit the node any more.</summary>
    public const string RequirementsDrifted = "RequirementsDrifted";

    /// <summary>As the condition Drifted names it; null when nothing has drifted.</summary>
    public static string? Reason(NodeClaim claim, Pool pool) => IsTemplateChanged(claim, pool) ? NodePoolDrifted
        : RequirementSet.OfLabels(claim.Object.Metadata.Labels).Admits(pool.Requirements, []) ? null
        : RequirementsDrifted;

    /// <summary>Hashes of different versions say nothing of each other.</summary>
    private static bool IsTemplateChanged(NodeClaim claim, Pool pool)
    {
        var (mine, wanted) = (claim.Object.Metadata, pool.Object.Metadata);
        return wanted.Annotation(PoolHashes.NodePoolHash) is { } hash && mine.Annotation(PoolHashes.NodePoolHash) is { } known
            && wanted.Annotation(PoolHashes.NodePoolHashVersion) is { } version && version == mine.Annotation(PoolHashes.NodePoolHashVersion)
            && hash != known;
    }
}
