using System.Collections.Immutable;
using System.Globalization;
using Sparkwright.Kubernetes.Objects;
using Sparkwright.World.Karpenter.Disruption;

namespace Sparkwright.World.Karpenter.NodePools;

/// <summary>
/// Which NodeClaims of a static pool go first when it shrinks: those without a machine, then empty nodes, then those whose pods do not ask for
/// peace, and among these what costs least to move. A higher deprovisioning priority goes before all of that within its group.
/// </summary>
public static class StaticPoolOrder
{
    /// <summary>A whole number on a NodeClaim; the highest goes first, 0 when it is not there or no number.</summary>
    public const string PriorityAnnotation = "karpenter.sh/deprovisioning-priority";

    /// <param name="nodes">The NodeClaims that stay so far.</param>
    public static ImmutableArray<ApiObject> FirstToGo(IEnumerable<StaticPoolNode> nodes, int count, DateTime now) =>
    [
        .. nodes
            .OrderBy(node => GroupOf(node, now))
            .ThenByDescending(node => PriorityOf(node.Claim))
            .ThenBy(node => node.IsLaunched ? DisruptionCost.OfNode(node.Pods, now - node.Claim.Metadata.CreationTimestamp, node.ExpireAfter) : 0)
            .ThenBy(node => node.Claim.Name, StringComparer.Ordinal)
            .Take(count)
            .Select(node => node.Claim),
    ];

    private static int GroupOf(StaticPoolNode node, DateTime now)
    {
        var wantsPeace = node.Pods.Any(pod => PodState.IsActive(pod) && DoNotDisrupt.Until(pod, now) is not null);
        return !node.IsLaunched ? 0
            : node.Pods.All(pod => pod.Metadata.Controller?.Kind == "DaemonSet") && !wantsPeace ? 1
            : wantsPeace ? 3
            : 2;
    }

    private static int PriorityOf(ApiObject claim) =>
        int.TryParse(claim.Metadata.Annotation(PriorityAnnotation), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var priority) ? priority : 0;
}

/// <summary>A NodeClaim of a static pool with what its place in the order depends on.</summary>
/// <param name="Pods">Bound to its node.</param>
/// <param name="ExpireAfter">How old it may become; null = any age.</param>
public sealed record StaticPoolNode(ApiObject Claim, ImmutableArray<ApiObject> Pods, TimeSpan? ExpireAfter)
{
    /// <summary>Whether it has a machine.</summary>
    public bool IsLaunched => Claim.Status["providerID"]?.Text is { Length: > 0 };
}
