using System.Collections.Immutable;
using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Selectors;

namespace Sparkwright.Kubernetes.Fitting;

/// <summary>One term of pod affinity or anti-affinity: beside pods of a query, or away from them, within one value of a node label.</summary>
/// <param name="Weight">1 to 100 for a preference; 0 for a term that is required.</param>
public sealed record PodAffinityTerm(Tree Source, string TopologyKey, long Weight)
{
    /// <summary>Reads the required terms of <c>podAffinity</c> or <c>podAntiAffinity</c>.</summary>
    public static ImmutableArray<PodAffinityTerm> Required(Tree? affinity) =>
        [.. Tree.ItemsOf(affinity?["requiredDuringSchedulingIgnoredDuringExecution"]).ToArray().Select(term => From(term, 0))];

    /// <summary>Reads the preferred terms, as they are written.</summary>
    public static ImmutableArray<PodAffinityTerm> Preferred(Tree? affinity) =>
    [
        .. Tree.ItemsOf(affinity?["preferredDuringSchedulingIgnoredDuringExecution"]).ToArray()
            .Where(term => term["podAffinityTerm"] is not null)
            .Select(term => From(term["podAffinityTerm"]!, term["weight"]?.Integer ?? 1)),
    ];

    /// <summary>
    /// The pods that the term means when a certain pod declares it: those of its own namespace unless others are named, narrowed by the
    /// values that the pod itself has for <c>matchLabelKeys</c> (and other than those for <c>mismatchLabelKeys</c>).
    /// </summary>
    public PodQuery QueryOf(string podNamespace, TreeMap podLabels)
    {
        var named = Tree.ItemsOf(Source["namespaces"]).ToArray().Select(name => name.Text ?? "").ToArray();
        var byLabels = LabelSelector.From(Source["namespaceSelector"]);
        var selector = PodSelectors.With(LabelSelector.From(Source["labelSelector"]), Source["matchLabelKeys"], podLabels, LabelOperator.In);
        selector = PodSelectors.With(selector, Source["mismatchLabelKeys"], podLabels, LabelOperator.NotIn);
        return new PodQuery(named.Length == 0 && byLabels is null ? [podNamespace] : named, byLabels, selector);
    }

    private static PodAffinityTerm From(Tree term, long weight) => new(term, term["topologyKey"]?.Text ?? "", weight);
}

/// <summary>Selectors of pods that take over label values of the pod which declares them.</summary>
internal static class PodSelectors
{
    /// <summary>Adds a condition for each of the keys that the pod has a label for; other keys are passed over.</summary>
    public static LabelSelector? With(LabelSelector? selector, Tree? keys, TreeMap podLabels, LabelOperator comparison)
    {
        if (selector is null || keys is null)
        {
            return selector;
        }

        var added = Tree.ItemsOf(keys).ToArray()
            .Select(key => (Key: key.Text ?? "", Value: podLabels.Get(key.Text ?? "")?.Text))
            .Where(label => label.Value is not null)
            .Select(label => new LabelRequirement(label.Key, comparison, [label.Value!]));
        return new LabelSelector(selector.Requirements.AddRange(added));
    }
}
