using System.Globalization;
using Sparkwright.Kubernetes.Objects;
using Sparkwright.Simulation;
using Sparkwright.World.Karpenter.Apis;

namespace Sparkwright.World.Karpenter.Drift;

/// <summary>Fingerprints of what makes nodes drift when it changes; annotations carry them, with the version of the recipe.</summary>
public static class PoolHashes
{
    public const string NodePoolHash = "karpenter.sh/nodepool-hash";
    public const string NodePoolHashVersion = "karpenter.sh/nodepool-hash-version";
    public const string NodeClassHash = "karpenter.k8s.aws/ec2nodeclass-hash";
    public const string NodeClassHashVersion = "karpenter.k8s.aws/ec2nodeclass-hash-version";

    /// <summary>The recipes' versions at Karpenter 1.14.</summary>
    public const string NodePoolVersion = "v3";

    public const string NodeClassVersion = "v4";

    /// <summary>Over the template without its requirements; weight, limits and disruption do not make nodes drift.</summary>
    public static string Of(Pool pool)
    {
        var template = pool.Object.Spec["template"] as TreeMap ?? TreeMap.Empty;
        var node = template["spec"] as TreeMap ?? TreeMap.Empty;
        return Print(TreeMap.Of(("metadata", template["metadata"]), ("spec", node.With("requirements", null))));
    }

    /// <summary>Over everything but the selectors, whose results are compared instead.</summary>
    public static string Of(NodeClass nodeClass) => Print(nodeClass.Spec
        .With("amiSelectorTerms", null)
        .With("securityGroupSelectorTerms", null)
        .With("subnetSelectorTerms", null)
        .With("capacityReservationSelectorTerms", null)
        .With("amiFamily", nodeClass.AmiFamily));

    private static string Print(TreeMap content) => StableHash.Mix(StableHash.Of(content.ToString())).ToString(CultureInfo.InvariantCulture);
}
