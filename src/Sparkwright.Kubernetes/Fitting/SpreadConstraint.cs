using System.Collections.Immutable;
using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Selectors;

namespace Sparkwright.Kubernetes.Fitting;

/// <summary>One topology spread constraint: how unevenly pods may lie over the values of a node label.</summary>
/// <param name="MaxSkew">How many more matching pods a value may have than the least filled one.</param>
/// <param name="MinDomains">Below this many values the least filled one counts as empty; null for no such rule.</param>
/// <param name="IsHard">DoNotSchedule; otherwise ScheduleAnyway.</param>
/// <param name="HonoursAffinity">nodeAffinityPolicy: whether only nodes that the pod's own node selector and affinity admit are counted.</param>
/// <param name="HonoursTaints">nodeTaintsPolicy: whether only nodes whose taints the pod tolerates are counted.</param>
public sealed record SpreadConstraint(
    Tree Source, string TopologyKey, long MaxSkew, long? MinDomains, bool IsHard, bool HonoursAffinity, bool HonoursTaints)
{
    public static ImmutableArray<SpreadConstraint> Of(TreeMap podSpec) =>
    [
        .. Tree.ItemsOf(podSpec["topologySpreadConstraints"]).ToArray().Select(one => new SpreadConstraint(
            one,
            one["topologyKey"]?.Text ?? "",
            one["maxSkew"]?.Integer ?? 1,
            one["minDomains"]?.Integer,
            one["whenUnsatisfiable"]?.Text != "ScheduleAnyway",
            one["nodeAffinityPolicy"]?.Text != "Ignore",
            one["nodeTaintsPolicy"]?.Text == "Honor")),
    ];

    /// <summary>The pods that are counted when a certain pod declares the constraint: of its own namespace, by selector and matchLabelKeys.</summary>
    public PodQuery QueryOf(string podNamespace, TreeMap podLabels) => new(
        [podNamespace],
        null,
        PodSelectors.With(LabelSelector.From(Source["labelSelector"]), Source["matchLabelKeys"], podLabels, LabelOperator.In));
}
