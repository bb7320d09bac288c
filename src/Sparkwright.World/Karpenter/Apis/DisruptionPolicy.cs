using System.Collections.Immutable;
using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Quantities;

namespace Sparkwright.World.Karpenter.Apis;

/// <summary>Which nodes of a pool may be taken away to save money.</summary>
public enum ConsolidationPolicy
{
    /// <summary>Only nodes without pods.</summary>
    WhenEmpty,

    /// <summary>Also nodes whose pods fit elsewhere, or on one cheaper node.</summary>
    WhenEmptyOrUnderutilized,

    /// <summary>As above, but only moves that save enough for the pods they move.</summary>
    Balanced,
}

/// <summary>
/// When a pool gives up nodes of its own accord. Both generations speak through it: <c>ttlSecondsAfterEmpty: n</c> is
/// <see cref="ConsolidationPolicy.WhenEmpty"/> after n seconds, <c>consolidation.enabled</c> is
/// <see cref="ConsolidationPolicy.WhenEmptyOrUnderutilized"/> at once, and neither of them is never.
/// </summary>
/// <param name="ConsolidateAfter">How long a node must have been quiet; null = never.</param>
/// <param name="Budgets">How many nodes may go at a time; none at all for a Provisioner, which knows no budgets.</param>
public sealed record DisruptionPolicy(ConsolidationPolicy Policy, TimeSpan? ConsolidateAfter, ImmutableArray<DisruptionBudget> Budgets)
{
    public static DisruptionPolicy OfProvisioner(TreeMap spec) => spec["ttlSecondsAfterEmpty"]?.Integer is { } seconds
        ? new(ConsolidationPolicy.WhenEmpty, TimeSpan.FromSeconds(seconds), [])
        : spec.At("consolidation", "enabled")?.Boolean == true
            ? new(ConsolidationPolicy.WhenEmptyOrUnderutilized, TimeSpan.Zero, [])
            : new(ConsolidationPolicy.WhenEmpty, null, []);

    public static DisruptionPolicy OfNodePool(TreeMap spec)
    {
        var disruption = spec["disruption"];
        return new(
            disruption?["consolidationPolicy"]?.Text switch
            {
                "WhenEmpty" => ConsolidationPolicy.WhenEmpty,
                "Balanced" => ConsolidationPolicy.Balanced,
                _ => ConsolidationPolicy.WhenEmptyOrUnderutilized,
            },
            disruption?["consolidateAfter"] is { } after ? NillableDuration.Of(after) : TimeSpan.Zero,
            disruption?["budgets"] is TreeList { Count: > 0 } budgets
                ? [.. budgets.Span.ToArray().Select(DisruptionBudget.Of)]
                : [DisruptionBudget.Default]);
    }
}

/// <summary>How many nodes of a pool may be disrupted at a time.</summary>
/// <param name="Nodes">A number, or a percentage of the pool's nodes (<c>10%</c>).</param>
/// <param name="Reasons">Underutilized, Empty, Drifted; none = all.</param>
/// <param name="Schedule">Cron, in UTC, when the budget begins to hold; null = it always holds.</param>
/// <param name="Duration">How long it then holds.</param>
public sealed record DisruptionBudget(string Nodes, ImmutableArray<string> Reasons, string? Schedule, TimeSpan? Duration)
{
    public static DisruptionBudget Default { get; } = new("10%", [], null, null);

    internal static DisruptionBudget Of(Tree budget) => new(
        budget["nodes"]?.Text ?? budget["nodes"]?.ToString() ?? Default.Nodes,
        [.. Tree.ItemsOf(budget["reasons"]).ToArray().Select(reason => reason.Text ?? "")],
        budget["schedule"]?.Text,
        budget["duration"] is { } duration ? NillableDuration.Of(duration) : null);
}

/// <summary>Karpenter's durations: as Go writes them, or <c>Never</c>.</summary>
public static class NillableDuration
{
    /// <summary>Null for Never, for nothing, and for what cannot be read (which admission refuses).</summary>
    public static TimeSpan? Of(Tree? text) => text?.Text is { } given && GoDuration.TryParse(given, out var duration) ? duration : null;
}
