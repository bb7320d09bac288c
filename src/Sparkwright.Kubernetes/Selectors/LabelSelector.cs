using System.Collections.Immutable;
using Sparkwright.Kubernetes.Objects;

namespace Sparkwright.Kubernetes.Selectors;

/// <summary>A label selector: every requirement must hold.</summary>
public sealed record LabelSelector(ImmutableArray<LabelRequirement> Requirements)
{
    public static LabelSelector Everything { get; } = new(ImmutableArray<LabelRequirement>.Empty);

    public bool IsEmpty => Requirements.IsEmpty;

    public bool Matches(TreeMap labels)
    {
        foreach (var requirement in Requirements)
        {
            if (!requirement.Matches(labels))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Reads <c>matchLabels</c> and <c>matchExpressions</c>; an absent selector matches nothing and reads as null.</summary>
    public static LabelSelector? From(Tree? tree)
    {
        if (tree is not TreeMap selector)
        {
            return null;
        }

        var requirements = ImmutableArray.CreateBuilder<LabelRequirement>();
        if (selector["matchLabels"] is TreeMap labels)
        {
            foreach (var (key, value) in labels)
            {
                requirements.Add(new LabelRequirement(key, LabelOperator.In, [value.Text ?? ""]));
            }
        }

        foreach (var expression in Tree.ItemsOf(selector["matchExpressions"]))
        {
            requirements.Add(LabelRequirement.From(expression));
        }

        return new LabelSelector(requirements.ToImmutable());
    }

    /// <summary>A selector that asks for exactly these labels, as services and replication controllers have it.</summary>
    public static LabelSelector Of(TreeMap labels) =>
        new([.. labels.Members().Select(member => new LabelRequirement(member.Key, LabelOperator.In, [member.Value.Text ?? ""]))]);

    /// <summary>The selector as one line, by key: <c>app=web,tier in (a,b),!old</c>.</summary>
    public override string ToString() => string.Join(',', Requirements.OrderBy(requirement => requirement.Key, StringComparer.Ordinal));
}

/// <summary>How a label is compared.</summary>
public enum LabelOperator
{
    In,
    NotIn,
    Exists,
    DoesNotExist,
    GreaterThan,
    LessThan,
}

/// <summary>One condition on one label; a missing label satisfies NotIn and DoesNotExist.</summary>
public sealed record LabelRequirement(string Key, LabelOperator Operator, ImmutableArray<string> Values)
{
    public static LabelRequirement From(Tree expression) => new(
        expression["key"]?.Text ?? "",
        expression["operator"]?.Text switch
        {
            "NotIn" => LabelOperator.NotIn,
            "Exists" => LabelOperator.Exists,
            "DoesNotExist" => LabelOperator.DoesNotExist,
            "Gt" => LabelOperator.GreaterThan,
            "Lt" => LabelOperator.LessThan,
            _ => LabelOperator.In,
        },
        [.. Tree.ItemsOf(expression["values"]).ToArray().Select(value => value.Text ?? "")]);

    public bool Matches(TreeMap labels) => Matches(labels.Get(Key)?.Text);

    /// <param name="value">The label's value; null when the object has no such label.</param>
    public bool Matches(string? value) => Operator switch
    {
        LabelOperator.In => value is not null && Values.Contains(value),
        LabelOperator.NotIn => value is null || !Values.Contains(value),
        LabelOperator.Exists => value is not null,
        LabelOperator.DoesNotExist => value is null,
        _ => long.TryParse(value, out var number) && Values.Length == 1 && long.TryParse(Values[0], out var bound)
            && (Operator == LabelOperator.GreaterThan ? number > bound : number < bound),
    };

    public override string ToString() => Operator switch
    {
        LabelOperator.In when Values.Length == 1 => $"{Key}={Values[0]}",
        LabelOperator.In => $"{Key} in ({string.Join(',', Values.Order(StringComparer.Ordinal))})",
        LabelOperator.NotIn => $"{Key} notin ({string.Join(',', Values.Order(StringComparer.Ordinal))})",
        LabelOperator.DoesNotExist => "!" + Key,
        LabelOperator.GreaterThan => $"{Key}>{Values[0]}",
        LabelOperator.LessThan => $"{Key}<{Values[0]}",
        _ => Key,
    };

    public bool Equals(LabelRequirement? other) =>
        other is not null && Key == other.Key && Operator == other.Operator && Values.AsSpan().SequenceEqual(other.Values.AsSpan());

    public override int GetHashCode() => HashCode.Combine(Key, Operator, Values.Length);
}
