using System.Collections.Immutable;
using Sparkwright.Kubernetes.Objects;
using Sparkwright.World.Karpenter.Cloud;

namespace Sparkwright.World.Karpenter.NodeRepair;

/// <summary>Which nodes are broken, since when, and whether so many are that something else must be wrong.</summary>
public static class RepairRules
{
    /// <summary>Repair stops when more than so many percent of the nodes are broken, rounded up to whole nodes.</summary>
    public const int UnhealthyPercent = 20;

    /// <summary>The condition that ends a node first; null when the node is well.</summary>
    public static Ailment? Of(ApiObject node, ImmutableArray<RepairPolicy> policies)
    {
        Ailment? first = null;
        foreach (var policy in policies)
        {
            if (Conditions.Find(node.Status, policy.Condition) is { } condition && condition["status"]?.Text == policy.Status)
            {
                var end = (Timestamps.Read(condition["lastTransitionTime"]) ?? node.Metadata.CreationTimestamp) + policy.Tolerated;
                first = first is null || end < first.End ? new Ailment(policy.Condition, end) : first;
            }
        }

        return first;
    }

    /// <summary>Whether so few of these nodes are broken that one of them may be replaced. Of three nodes one may be.</summary>
    public static bool MayRepair(int nodes, int broken) => broken <= ((nodes * UnhealthyPercent) + 99) / 100;
}

/// <summary>What a node suffers from.</summary>
/// <param name="End">When it has been put up with for long enough.</param>
public sealed record Ailment(string Condition, DateTime End);
