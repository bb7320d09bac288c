using System.Collections.Immutable;
using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Selectors;

namespace Sparkwright.Kubernetes.Fitting;

/// <summary>
/// Which pods a rule about neighbours means: those of some namespaces whose labels a selector matches. Two queries with the same wording are
/// equal, so that pods of one template share what is counted for them.
/// </summary>
public sealed class PodQuery : IEquatable<PodQuery>
{
    private readonly ImmutableArray<string> namespaces;
    private readonly LabelSelector? namespaceSelector;
    private readonly LabelSelector? selector;
    private readonly string wording;

    /// <param name="namespaces">By name, in any order; none and no selector of namespaces means no namespace at all.</param>
    /// <param name="namespaceSelector">More namespaces, by their labels; null for none, one without requirements for all of them.</param>
    /// <param name="selector">Null matches no pod.</param>
    public PodQuery(IEnumerable<string> namespaces, LabelSelector? namespaceSelector, LabelSelector? selector)
    {
        this.namespaces = [.. namespaces.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
        this.namespaceSelector = namespaceSelector;
        this.selector = selector;
        wording = $"{string.Join(',', this.namespaces)}|{Say(namespaceSelector)}|{Say(selector)}";
    }

    /// <param name="namespaceLabels">The labels of a namespace by its name.</param>
    public bool Selects(string podNamespace, TreeMap podLabels, Func<string, TreeMap> namespaceLabels) =>
        selector is not null && selector.Matches(podLabels)
        && (namespaces.BinarySearch(podNamespace, StringComparer.Ordinal) >= 0
            || (namespaceSelector is not null && (namespaceSelector.IsEmpty || namespaceSelector.Matches(namespaceLabels(podNamespace)))));

    public bool Equals(PodQuery? other) => other is not null && wording == other.wording;

    public override bool Equals(object? obj) => Equals(obj as PodQuery);

    public override int GetHashCode() => wording.GetHashCode(StringComparison.Ordinal);

    public override string ToString() => wording;

    private static string Say(LabelSelector? selector) => selector is null
        ? "none"
        : string.Join(
            '&',
            selector.Requirements
                .Select(one => $"{one.Key} {one.Operator} {string.Join(' ', one.Values.Order(StringComparer.Ordinal))}")
                .Order(StringComparer.Ordinal));
}
