using System.Globalization;

namespace Sparkwright.Kubernetes.Objects;

/// <summary>Times as the Kubernetes API writes them: RFC 3339 in UTC, whole seconds (or microseconds in events and leases).</summary>
public static class Timestamps
{
    public static string Print(DateTime time) => time.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    public static string PrintMicro(DateTime time) => time.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture);

    public static DateTime? Read(Tree? tree) => tree?.Text is { } text && TryParse(text, out var time) ? time : null;

    /// <summary>Reads RFC 3339 and nothing else: <c>2026-01-01T00:00:00Z</c>, fractions of a second and other offsets too.</summary>
    public static bool TryParse(string text, out DateTime time)
    {
        time = default;
        if (text.Length < "2026-01-01T00:00:00Z".Length || !(text[^1] == 'Z' || text[^6] is '+' or '-'))
        {
            return false;
        }

        var zone = text[^1] == 'Z' ? 1 : 6;
        var fraction = text.AsSpan("2026-01-01T00:00:00".Length..^zone);
        if (fraction.Length > 0 && (fraction[0] != '.' || fraction.Length == 1 || fraction[1..].ContainsAnyExceptInRange('0', '9')))
        {
            return false;
        }

        // A tick is a tenth of a microsecond; finer digits are cut off.
        var kept = Math.Min(fraction.Length, 8);
        var exact = string.Concat(text.AsSpan(0, 19), fraction[..kept], text.AsSpan(text.Length - zone));
        return DateTime.TryParseExact(
            exact,
            kept == 0 ? "yyyy-MM-dd'T'HH:mm:ssK" : "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK",
            CultureInfo.InvariantCulture,
            DateTimeStyles.AdjustToUniversal,
            out time);
    }
}
