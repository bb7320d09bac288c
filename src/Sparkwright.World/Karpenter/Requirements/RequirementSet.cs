using System.Collections.Immutable;
using Sparkwright.Kubernetes.Fitting;
using Sparkwright.Kubernetes.Objects;

namespace Sparkwright.World.Karpenter.Requirements;

/// <summary>What is asked of a node's labels, one requirement a key; several of one key have been intersected.</summary>
public sealed class RequirementSet
{
    private readonly ImmutableSortedDictionary<string, Requirement> byKey;

    private RequirementSet(ImmutableSortedDictionary<string, Requirement> byKey) => this.byKey = byKey;

    public static RequirementSet None { get; } = new(ImmutableSortedDictionary.Create<string, Requirement>(StringComparer.Ordinal));

    /// <summary>The requirements by key in ordinal order.</summary>
    public IEnumerable<Requirement> All => byKey.Values;

    public static RequirementSet Of(params IEnumerable<Requirement> requirements)
    {
        var set = None;
        foreach (var requirement in requirements)
        {
            set = set.With(requirement);
        }

        return set;
    }

    /// <summary>The labels of a node or a type, each as the one value that it has.</summary>
    public static RequirementSet OfLabels(TreeMap labels) =>
        Of(labels.Members().Select(label => Requirement.In(label.Key, label.Value.Text ?? "")));

    /// <summary>
    /// What a pod asks: its node selector, the first term of its required node affinity, and its heaviest preference; the others come into
    /// force when a term is relaxed.
    /// </summary>
    public static RequirementSet OfPod(TreeMap nodeSelector, NodeSelectorTerm? required, NodeSelectorTerm? preferred)
    {
        var set = OfLabels(nodeSelector);
        foreach (var term in new[] { required, preferred })
        {
            foreach (var expression in term?.Expressions ?? [])
            {
                set = set.With(Requirement.From(expression));
            }
        }

        return set;
    }

    public Requirement? Get(string key) => byKey.GetValueOrDefault(key);

    public RequirementSet With(Requirement requirement) => new(byKey.SetItem(
        requirement.Key,
        byKey.TryGetValue(requirement.Key, out var known) ? known.Intersect(requirement) : requirement));

    public RequirementSet With(RequirementSet other)
    {
        var set = this;
        foreach (var requirement in other.All)
        {
            set = set.With(requirement);
        }

        return set;
    }

    /// <summary>
    /// Whether something with these requirements can carry a pod with the others: null, or the first conflict in words. A label that nothing
    /// here speaks of may still be given when it is well known; a custom one can only be absent.
    /// </summary>
    public string? Conflict(RequirementSet pod, IReadOnlySet<string> wellKnown)
    {
        foreach (var wanted in pod.All)
        {
            if (!byKey.TryGetValue(wanted.Key, out var mine))
            {
                if (!wellKnown.Contains(wanted.Key) && !wanted.AllowsAbsence)
                {
                    return $"incompatible requirements, label \"{wanted.Key}\" does not have known values{NearMiss.Hint(wanted.Key, wellKnown, byKey.Keys)}";
                }

                continue;
            }

            if (mine.Intersect(wanted).IsEmpty && !(mine.AllowsAbsence && wanted.AllowsAbsence))
            {
                return $"incompatible requirements, key {wanted.Key}, {wanted} not in {mine}";
            }
        }

        return null;
    }

    /// <summary>Whether both can hold at once, looking only at keys that both speak of.</summary>
    public bool Intersects(RequirementSet other)
    {
        foreach (var (key, mine) in byKey)
        {
            if (other.byKey.TryGetValue(key, out var theirs) && mine.Intersect(theirs).IsEmpty && !(mine.AllowsAbsence && theirs.AllowsAbsence))
            {
                return false;
            }
        }

        return true;
    }

    public override string ToString() => string.Join(", ", byKey.Values);
}

/// <summary>Finds the label that a mistyped one probably meant.</summary>
internal static class NearMiss
{
    public static string Hint(string key, IEnumerable<string> wellKnown, IEnumerable<string> present)
    {
        var best = wellKnown.Concat(present)
            .Distinct(StringComparer.Ordinal)
            .Select(candidate => (candidate, distance: Distance(key, candidate)))
            .Where(known => known.distance <= Math.Max(1, key.Length / 5) || (SuffixOf(known.candidate) == SuffixOf(key) && SuffixOf(key).Length > 3))
            .OrderBy(known => known.distance)
            .ThenBy(known => known.candidate, StringComparer.Ordinal)
            .Select(known => known.candidate)
            .FirstOrDefault();
        return best is null ? "" : $" (typo of \"{best}\"?)";
    }

    private static string SuffixOf(string key) => key[(key.LastIndexOf('/') + 1)..];

    private static int Distance(string one, string other)
    {
        var row = Enumerable.Range(0, other.Length + 1).ToArray();
        for (var at = 1; at <= one.Length; at++)
        {
            var diagonal = row[0];
            row[0] = at;
            for (var to = 1; to <= other.Length; to++)
            {
                var cost = Math.Min(Math.Min(row[to], row[to - 1]) + 1, diagonal + (one[at - 1] == other[to - 1] ? 0 : 1));
                diagonal = row[to];
                row[to] = cost;
            }
        }

        return row[other.Length];
    }
}
