using System.Globalization;

namespace Sparkwright.Kubernetes.Objects;

/// <summary>Times as the Kubernetes API writes them: RFC 3339 in UTC, whole seconds (or microseconds in events and leases).</summary>
public static class Timestamps
{
    public static string Print(DateTime time) => time.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    public static string PrintMicro(DateTime time) => time.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture);

    public static DateTime? Read(Tree? tree) => tree?.Text is { } text && TryParse(text, out var time) ? time : null;

    public static bool TryParse(string text, out DateTime time) => DateTime.TryParse(
        text,
        CultureInfo.InvariantCulture,
        DateTimeStyles.AdjustToUniversal | DateTimeStyles.AssumeUniversal,
        out time);
}
