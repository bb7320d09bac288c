using System.Globalization;
using System.Text.RegularExpressions;

namespace Sparkwright.Kubernetes.Schema;

/// <summary>Which version of an API is the newer one: stable ones over betas over alphas, then by number; other names come first, by their letters backwards.</summary>
public static partial class ApiVersionOrder
{
    public static int Compare(string one, string other)
    {
        var (first, second) = (Read(one), Read(other));
        return first is null || second is null
            ? first is null && second is null ? string.CompareOrdinal(other, one) : first is null ? -1 : 1
            : first.Value.CompareTo(second.Value);
    }

    private static (int Stability, int Major, int Minor)? Read(string name)
    {
        var match = Form().Match(name);
        return match.Success
            ? (match.Groups[2].Value switch { "alpha" => 0, "beta" => 1, _ => 2 }, Number(match.Groups[1].Value), Number(match.Groups[3].Value))
            : null;
    }

    private static int Number(string digits) => int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0;

    [GeneratedRegex("^v([1-9][0-9]*)(?:(alpha|beta)([1-9][0-9]*))?$")]
    private static partial Regex Form();
}
