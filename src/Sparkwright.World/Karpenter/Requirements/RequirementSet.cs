using System.Collections.Immutable;
using System.Runtime.InteropServices;
using Sparkwright.Kubernetes.Fitting;
using Sparkwright.Kubernetes.Objects;

namespace Sparkwright.World.Karpenter.Requirements;

/// <summary>What is asked of a node's labels, one requirement a key; several of one key have been intersected. Compared by content.</summary>
public sealed class RequirementSet : IEquatable<RequirementSet>
{
    private readonly ImmutableArray<Requirement> sorted;
    private readonly int hash;

    private RequirementSet(ImmutableArray<Requirement> sorted)
    {
        this.sorted = sorted;
        var code = new HashCode();
        foreach (var requirement in sorted)
        {
            code.Add(requirement);
        }

        hash = code.ToHashCode();
    }

    public static RequirementSet None { get; } = new([]);

    /// <summary>The requirements by key in ordinal order.</summary>
    public ImmutableArray<Requirement> All => sorted;

    public static RequirementSet Of(params IEnumerable<Requirement> requirements)
    {
        var builder = new List<Requirement>();
        foreach (var requirement in requirements)
        {
            var at = Find(CollectionsMarshal.AsSpan(builder), requirement.Key);
            if (at >= 0)
            {
                builder[at] = builder[at].Intersect(requirement);
            }
            else
            {
                builder.Insert(~at, requirement);
            }
        }

        return builder.Count == 0 ? None : new([.. builder]);
    }

    /// <summary>The labels of a node or a pool, each as the one value that it has.</summary>
    public static RequirementSet OfLabels(TreeMap labels) =>
        labels.Count == 0 ? None : labels.View(static map => Of(map.Members().Select(label => Requirement.In(label.Key, label.Value.Text ?? ""))));

    /// <summary>What one term of a node selector asks.</summary>
    public static RequirementSet OfTerm(NodeSelectorTerm term) => Of(term.Expressions.Select(Requirement.From));

    public Requirement? Get(string key) => Find(sorted.AsSpan(), key) is var at && at >= 0 ? sorted[at] : null;

    /// <summary>This set and one requirement more; the same set when that changes nothing.</summary>
    public RequirementSet With(Requirement requirement)
    {
        var at = Find(sorted.AsSpan(), requirement.Key);
        if (at < 0)
        {
            return new(sorted.Insert(~at, requirement));
        }

        var narrowed = sorted[at].Intersect(requirement);
        return narrowed.Equals(sorted[at]) ? this : new(sorted.SetItem(at, narrowed));
    }

    public RequirementSet With(RequirementSet other)
    {
        var set = this;
        foreach (var requirement in other.sorted)
        {
            set = set.With(requirement);
        }

        return set;
    }

    /// <summary>
    /// What keeps something with these requirements from carrying a pod with the others; empty when nothing does. A label that nothing here
    /// speaks of may still be given when it is well known; a custom one can only be absent.
    /// </summary>
    public ImmutableArray<RequirementConflict> Conflicts(RequirementSet pod, ImmutableHashSet<string> wellKnown)
    {
        if (Admits(pod, wellKnown))
        {
            return [];
        }

        var conflicts = ImmutableArray.CreateBuilder<RequirementConflict>();
        foreach (var wanted in pod.sorted)
        {
            var mine = Get(wanted.Key);
            if (mine is null)
            {
                if (!wellKnown.Contains(wanted.Key) && !wanted.AllowsAbsence)
                {
                    conflicts.Add(new RequirementConflict.UnknownLabel(wanted, NearMiss.Of(wanted.Key, wellKnown, sorted.Select(known => known.Key))));
                }
            }
            else if (!mine.IsCompatibleWith(wanted))
            {
                conflicts.Add(new RequirementConflict.NothingInCommon(wanted, mine));
            }
        }

        return conflicts.ToImmutable();
    }

    /// <summary>Whether <see cref="Conflicts"/> would find none.</summary>
    public bool Admits(RequirementSet pod, ImmutableHashSet<string> wellKnown)
    {
        foreach (var wanted in pod.sorted)
        {
            var mine = Get(wanted.Key);
            if (mine is null ? !wellKnown.Contains(wanted.Key) && !wanted.AllowsAbsence : !mine.IsCompatibleWith(wanted))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Whether both can hold at once, looking only at keys that both speak of.</summary>
    public bool Intersects(RequirementSet other)
    {
        foreach (var mine in sorted)
        {
            if (other.Get(mine.Key) is { } theirs && !mine.IsCompatibleWith(theirs))
            {
                return false;
            }
        }

        return true;
    }

    public bool Equals(RequirementSet? other) =>
        ReferenceEquals(this, other) || (other is not null && hash == other.hash && sorted.AsSpan().SequenceEqual(other.sorted.AsSpan()));

    public override bool Equals(object? obj) => Equals(obj as RequirementSet);

    public override int GetHashCode() => hash;

    /// <summary>As messages show it.</summary>
    public override string ToString() => string.Join(", ", sorted);

    /// <summary>The same with all values: equal sets have equal contents.</summary>
    public string Content => string.Join(", ", sorted.Select(requirement => requirement.Content));

    private static int Find(ReadOnlySpan<Requirement> sorted, string key)
    {
        var (low, high) = (0, sorted.Length - 1);
        while (low <= high)
        {
            var middle = (low + high) / 2;
            var order = string.CompareOrdinal(sorted[middle].Key, key);
            if (order == 0)
            {
                return middle;
            }

            (low, high) = order < 0 ? (middle + 1, high) : (low, middle - 1);
        }

        return ~low;
    }
}
