using System.Collections.Immutable;
using System.Globalization;
using System.Net;
using Sparkwright.Kubernetes.Objects;

namespace Sparkwright.World.Aws.Access;

/// <summary>How a condition deals with a key of several values.</summary>
public enum ConditionQuantifier
{
    /// <summary>The key has one value.</summary>
    None,
    ForAnyValue,
    ForAllValues,
}

/// <summary>One line of a statement's Condition: an operator, a key of the request, and the values of which one must fit.</summary>
/// <param name="Operator">Without quantifier and IfExists: StringLike, NumericLessThan, …</param>
public sealed record PolicyCondition(string Operator, ConditionQuantifier Quantifier, bool IfExists, string Key, ImmutableArray<string> Values)
{
    private const string IfExistsSuffix = "IfExists";

    /// <summary>Operators that hold when none of the values fits, and the operator that they turn round.</summary>
    private static readonly ImmutableDictionary<string, string> Inverted = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["StringNotEquals"] = "StringEquals",
        ["StringNotEqualsIgnoreCase"] = "StringEqualsIgnoreCase",
        ["StringNotLike"] = "StringLike",
        ["NumericNotEquals"] = "NumericEquals",
        ["DateNotEquals"] = "DateEquals",
        ["NotIpAddress"] = "IpAddress",
        ["ArnNotEquals"] = "ArnLike",
        ["ArnNotLike"] = "ArnLike",
    }.ToImmutableDictionary(StringComparer.Ordinal);

    private static readonly string[] Straight =
    [
        "StringEquals", "StringEqualsIgnoreCase", "StringLike", "NumericEquals", "NumericLessThan", "NumericLessThanEquals", "NumericGreaterThan", "NumericGreaterThanEquals",
        "DateEquals", "DateLessThan", "DateLessThanEquals", "DateGreaterThan", "DateGreaterThanEquals", "Bool", "BinaryEquals", "IpAddress", "ArnEquals", "ArnLike", "Null",
    ];

    /// <summary>The lines of a Condition; null where an operator is none or a value is no text.</summary>
    public static ImmutableArray<PolicyCondition>? Read(Tree? tree)
    {
        if (tree is null)
        {
            return ImmutableArray<PolicyCondition>.Empty;
        }

        if (tree is not TreeMap map)
        {
            return null;
        }

        var found = ImmutableArray.CreateBuilder<PolicyCondition>();
        foreach (var (written, keys) in map.Members())
        {
            var (quantifier, name) = written.Split(':') switch
            {
                ["ForAnyValue", var rest] => (ConditionQuantifier.ForAnyValue, rest),
                ["ForAllValues", var rest] => (ConditionQuantifier.ForAllValues, rest),
                _ => (ConditionQuantifier.None, written),
            };
            var ifExists = name.EndsWith(IfExistsSuffix, StringComparison.Ordinal);
            name = ifExists ? name[..^IfExistsSuffix.Length] : name;
            if (keys is not TreeMap pairs || !(Straight.Contains(name) || Inverted.ContainsKey(name)))
            {
                return null;
            }

            foreach (var (key, value) in pairs.Members())
            {
                if (Scalars(value) is not { } values)
                {
                    return null;
                }

                found.Add(new PolicyCondition(name, quantifier, ifExists, key, values));
            }
        }

        return found.ToImmutable();
    }

    /// <summary>Whether the line holds for a request.</summary>
    public bool Holds(AccessRequest request, bool hasVariables)
    {
        var isKnown = request.Context.TryGetValue(Key, out var given) && !given.IsDefault;
        if (Operator == "Null")
        {
            return Values.Any(value => (value == "true") == !isKnown);
        }

        var isInverted = Inverted.TryGetValue(Operator, out var straight);
        if (!isKnown)
        {
            return IfExists || isInverted || Quantifier is ConditionQuantifier.ForAllValues;
        }

        // No variable of a value has to be known for the value not to fit.
        var wanted = Values.Select(value => PolicyVariables.Fill(value, request, hasVariables)).OfType<string>().ToList();
        bool Fits(string one) => wanted.Any(value => Compare(isInverted ? straight! : Operator, value, one)) != isInverted;
        return Quantifier is ConditionQuantifier.ForAllValues ? given.All(Fits) : Quantifier is ConditionQuantifier.ForAnyValue || !isInverted ? given.Any(Fits) : given.All(Fits);
    }

    private static bool Compare(string comparison, string wanted, string given) => comparison switch
    {
        "StringEquals" or "BinaryEquals" => wanted == given,
        "StringEqualsIgnoreCase" => wanted.Equals(given, StringComparison.OrdinalIgnoreCase),
        "StringLike" => Wildcards.Fit(wanted, given),
        "Bool" => wanted.Equals(given, StringComparison.OrdinalIgnoreCase),
        "ArnEquals" or "ArnLike" => ArnFits(wanted, given),
        "IpAddress" => IsWithin(wanted, given),
        _ when comparison.StartsWith("Numeric", StringComparison.Ordinal) => Number(wanted) is { } limit && Number(given) is { } value && Ordered(comparison["Numeric".Length..], value.CompareTo(limit)),
        _ => Date(wanted) is { } limit && Date(given) is { } value && Ordered(comparison["Date".Length..], value.CompareTo(limit)),
    };

    private static bool Ordered(string how, int order) => how switch
    {
        "Equals" => order == 0,
        "LessThan" => order < 0,
        "LessThanEquals" => order <= 0,
        "GreaterThan" => order > 0,
        _ => order >= 0,
    };

    /// <summary>Each of the six parts of an ARN fits on its own.</summary>
    private static bool ArnFits(string wanted, string given)
    {
        var (pattern, parts) = (wanted.Split(':', 6), given.Split(':', 6));
        return pattern.Length == parts.Length && pattern.Zip(parts).All(static pair => Wildcards.Fit(pair.First, pair.Second));
    }

    private static bool IsWithin(string range, string address) => IPAddress.TryParse(address, out var one)
        && (IPNetwork.TryParse(range, out var network) ? network.Contains(one) : IPAddress.TryParse(range, out var only) && only.Equals(one));

    private static decimal? Number(string text) => decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number : null;

    private static DateTime? Date(string text) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) && seconds <= 253_402_300_799 ? DateTime.UnixEpoch.AddSeconds(seconds)
        : DateTime.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var date) ? date
        : null;

    /// <summary>Values may be written as numbers and truths too.</summary>
    private static ImmutableArray<string>? Scalars(Tree value)
    {
        var texts = (value is TreeList list ? list.Span.ToArray() : [value]).Select(static one => one switch
        {
            TreeText text => text.Value,
            TreeBoolean truth => truth.Value ? "true" : "false",
            TreeInteger number => number.Value.ToString(CultureInfo.InvariantCulture),
            TreeReal real => real.Value.ToString("R", CultureInfo.InvariantCulture),
            _ => null,
        }).ToList();
        return texts.Contains(null) ? null : [.. texts.OfType<string>()];
    }
}
