using System.Collections.Immutable;
using System.Globalization;
using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Selectors;

namespace Sparkwright.World.Karpenter.Requirements;

/// <summary>
/// The values that one label may have: a set, or everything but a set, and bounds for whole numbers. An absent label is the empty set's
/// DoesNotExist; a complement of nothing is Exists.
/// </summary>
public sealed class Requirement : IEquatable<Requirement>
{
    /// <summary>Messages show so many values at most.</summary>
    private const int MostShown = 5;

    private Requirement(string key, bool isComplement, ImmutableSortedSet<string> values, long? greaterThan, long? lessThan)
    {
        Key = key;
        IsComplement = isComplement;
        Values = values;
        GreaterThan = greaterThan;
        LessThan = lessThan;
    }

    public string Key { get; }

    /// <summary>Whether <see cref="Values"/> are those that are not allowed.</summary>
    public bool IsComplement { get; }

    public ImmutableSortedSet<string> Values { get; }

    /// <summary>Strict lower bound.</summary>
    public long? GreaterThan { get; }

    /// <summary>Strict upper bound.</summary>
    public long? LessThan { get; }

    /// <summary>How many different values the remaining instance types must have at least; null = any number.</summary>
    public long? MinValues { get; private init; }

    /// <summary>Whether no value at all is allowed.</summary>
    public bool IsEmpty => !IsComplement && Values.IsEmpty;

    /// <summary>Whether the label may be absent: NotIn and DoesNotExist.</summary>
    public bool AllowsAbsence => IsComplement ? !Values.IsEmpty && GreaterThan is null && LessThan is null : Values.IsEmpty;

    /// <summary>The only allowed value, or null.</summary>
    public string? Single => !IsComplement && Values.Count == 1 ? Values[0] : null;

    public static Requirement In(string key, params IEnumerable<string> values) =>
        new(KarpenterLabels.Normalized(key), false, values.ToImmutableSortedSet(StringComparer.Ordinal), null, null);

    public static Requirement NotIn(string key, params IEnumerable<string> values) =>
        new(KarpenterLabels.Normalized(key), true, values.ToImmutableSortedSet(StringComparer.Ordinal), null, null);

    public static Requirement Exists(string key) => NotIn(key);

    public static Requirement DoesNotExist(string key) => In(key);

    public static Requirement Greater(string key, long than) => new(KarpenterLabels.Normalized(key), true, Nothing, than, null);

    public static Requirement Less(string key, long than) => new(KarpenterLabels.Normalized(key), true, Nothing, null, than);

    /// <summary>The newer operators Gte and Lte are the strict bounds one beside.</summary>
    public static Requirement AtLeast(string key, long bound) => Greater(key, bound - 1);

    public static Requirement AtMost(string key, long bound) => Less(key, bound + 1);

    /// <summary>Reads one requirement of a pool, which knows operators that node selectors do not.</summary>
    public static Requirement From(Tree requirement)
    {
        var expression = LabelRequirement.From(requirement);
        var read = requirement["operator"]?.Text switch
        {
            "Gte" => AtLeast(expression.Key, Number(expression)),
            "Lte" => AtMost(expression.Key, Number(expression)),
            _ => From(expression),
        };
        return read.WithMinValues(requirement["minValues"]?.Integer);
    }

    /// <summary>The same values, of which the instance types must show a number.</summary>
    public Requirement WithMinValues(long? minValues) =>
        minValues == MinValues ? this : new(Key, IsComplement, Values, GreaterThan, LessThan) { MinValues = minValues };

    /// <summary>Reads one expression of a node selector.</summary>
    public static Requirement From(LabelRequirement expression) => expression.Operator switch
    {
        LabelOperator.NotIn => NotIn(expression.Key, expression.Values),
        LabelOperator.Exists => Exists(expression.Key),
        LabelOperator.DoesNotExist => DoesNotExist(expression.Key),
        LabelOperator.GreaterThan => Greater(expression.Key, Number(expression)),
        LabelOperator.LessThan => Less(expression.Key, Number(expression)),
        _ => In(expression.Key, expression.Values),
    };

    public bool Has(string value) => IsComplement ? !Values.Contains(value) && IsWithin(value, GreaterThan, LessThan) : Values.Contains(value);

    /// <summary>
    /// Whether something can satisfy both: a common value, or the absence of the label where both put up with that. Upstream counts a
    /// complement as never empty, however many values it leaves out, and so do we.
    /// </summary>
    public bool IsCompatibleWith(Requirement other) => !Intersect(other).IsEmpty || (AllowsAbsence && other.AllowsAbsence);

    /// <summary>What both allow; of two minValues the larger holds.</summary>
    public Requirement Intersect(Requirement other) => IntersectValues(other).WithMinValues(Larger(MinValues, other.MinValues));

    private Requirement IntersectValues(Requirement other)
    {
        var greater = Larger(GreaterThan, other.GreaterThan);
        var less = Smaller(LessThan, other.LessThan);
        if (greater is { } low && less is { } high && low >= high)
        {
            return DoesNotExist(Key);
        }

        if (IsComplement && other.IsComplement)
        {
            return new(Key, true, Values.Union(other.Values), greater, less);
        }

        var kept = (IsComplement, other.IsComplement) switch
        {
            (false, false) => Values.Intersect(other.Values),
            (false, true) => Values.Except(other.Values),
            _ => other.Values.Except(Values),
        };

        // A finite set has taken in the bounds by itself.
        return new(Key, false, kept.Where(value => IsWithin(value, greater, less)).ToImmutableSortedSet(StringComparer.Ordinal), null, null);
    }

    public bool Equals(Requirement? other) =>
        other is not null && Key == other.Key && IsComplement == other.IsComplement && GreaterThan == other.GreaterThan && LessThan == other.LessThan && MinValues == other.MinValues && Values.SetEquals(other.Values);

    public override bool Equals(object? obj) => Equals(obj as Requirement);

    public override int GetHashCode() => HashCode.Combine(Key, IsComplement, Values.Count, GreaterThan, LessThan, MinValues);

    /// <summary>As Karpenter's messages show it: <c>zone In [a b]</c>, of many values the first five.</summary>
    public override string ToString() => Say(Values.Count > MostShown ? $"{string.Join(' ', Values.Take(MostShown))} and {Values.Count - MostShown} others" : string.Join(' ', Values));

    /// <summary>The same with all values: equal requirements have equal contents.</summary>
    public string Content => Say(string.Join(' ', Values));

    private string Say(string values)
    {
        var text = (IsComplement, Values.IsEmpty) switch
        {
            (false, true) => $"{Key} DoesNotExist",
            (false, false) => $"{Key} In [{values}]",
            (true, true) => $"{Key} Exists",
            _ => $"{Key} NotIn [{values}]",
        };
        return text + (GreaterThan is { } low ? $" >{low}" : "") + (LessThan is { } high ? $" <{high}" : "")
            + (MinValues is { } least ? $" minValues {least}" : "");
    }

    private static ImmutableSortedSet<string> Nothing { get; } = ImmutableSortedSet.Create<string>(StringComparer.Ordinal);

    private static long Number(LabelRequirement expression) =>
        long.TryParse(expression.Values.FirstOrDefault(), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? number : 0;

    private static bool IsWithin(string value, long? greater, long? less)
    {
        if (greater is null && less is null)
        {
            return true;
        }

        return long.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)
            && (greater is null || number > greater) && (less is null || number < less);
    }

    private static long? Larger(long? one, long? other) => one is null ? other : other is null ? one : Math.Max(one.Value, other.Value);

    private static long? Smaller(long? one, long? other) => one is null ? other : other is null ? one : Math.Min(one.Value, other.Value);
}
