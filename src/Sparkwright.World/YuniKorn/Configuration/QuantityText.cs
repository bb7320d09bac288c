using System.Collections.Frozen;
using System.Globalization;
using Sparkwright.Kubernetes.Objects;

namespace Sparkwright.World.YuniKorn.Configuration;

/// <summary>
/// Quantities of the queue configuration: whole numbers with the suffixes k M G T P E Ki Mi Gi Ti Pi Ei. A vcore is counted in milli, and only
/// there the suffix m is known.
/// </summary>
public static class QuantityText
{
    private static readonly FrozenDictionary<string, long> Factors = new Dictionary<string, long>(StringComparer.Ordinal)
    {
        [""] = 1, ["m"] = 1, ["k"] = 1_000, ["M"] = 1_000_000, ["G"] = 1_000_000_000, ["T"] = 1_000_000_000_000,
        ["P"] = 1_000_000_000_000_000, ["E"] = 1_000_000_000_000_000_000,
        ["Ki"] = 1L << 10, ["Mi"] = 1L << 20, ["Gi"] = 1L << 30, ["Ti"] = 1L << 40, ["Pi"] = 1L << 50, ["Ei"] = 1L << 60,
    }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>Reads a map of quantities by resource type; the error is YuniKorn's. An absent map has no types.</summary>
    public static bool TryReadAll(TreeMap? map, out Amounts amounts, out string error)
    {
        var members = new List<(string, long)>();
        error = "";
        foreach (var (name, value) in (map ?? TreeMap.Empty).Members())
        {
            if (!TryRead(TextOf(value), name == Amounts.Vcore, out var amount, out error))
            {
                amounts = Amounts.None;
                return false;
            }

            if (amount < 0)
            {
                error = $"negative resources not permitted: map[{string.Join(' ', map!.Members().Select(member => $"{member.Key}:{TextOf(member.Value)}"))}]";
                amounts = Amounts.None;
                return false;
            }

            members.Add((name, amount));
        }

        amounts = Amounts.Of([.. members]);
        return true;
    }

    /// <summary>Reads one quantity.</summary>
    /// <param name="isVcore">Without a suffix a vcore is a whole core, which is 1000.</param>
    public static bool TryRead(string text, bool isVcore, out long amount, out string error)
    {
        amount = 0;
        var compact = string.Concat(text.Where(letter => !char.IsWhiteSpace(letter)));
        var digits = compact.Length > 0 && compact[0] is '+' or '-' ? 1 : 0;
        while (digits < compact.Length && char.IsAsciiDigit(compact[digits]))
        {
            digits++;
        }

        var suffix = compact[digits..];
        if (digits == 0 || !char.IsAsciiDigit(compact[digits - 1]) || !suffix.All(char.IsAsciiLetter))
        {
            error = "invalid quantity";
            return false;
        }

        if (!long.TryParse(compact[..digits], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number))
        {
            error = "invalid quantity: overflow";
            return false;
        }

        if (!Factors.TryGetValue(suffix, out var factor) || (suffix == "m" && !isVcore))
        {
            error = "invalid suffix";
            return false;
        }

        var exact = (Int128)number * factor * (isVcore && suffix != "m" ? 1000 : 1);
        error = exact > long.MaxValue || exact < long.MinValue ? "invalid quantity: overflow" : "";
        amount = error.Length == 0 ? (long)exact : 0;
        return error.Length == 0;
    }

    /// <summary>A scalar as the text that was written: numbers and truth values too.</summary>
    internal static string TextOf(Tree value) => value switch
    {
        TreeText text => text.Value,
        TreeInteger number => number.Value.ToString(CultureInfo.InvariantCulture),
        _ => value.ToString(),
    };
}
