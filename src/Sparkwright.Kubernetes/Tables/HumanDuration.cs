using System.Globalization;
using Sparkwright.Kubernetes.Objects;

namespace Sparkwright.Kubernetes.Tables;

/// <summary>Durations as the API server prints them: short, with at most two units, the second one only while it matters.</summary>
public static class HumanDuration
{
    public static string Print(TimeSpan duration)
    {
        // Whole units, cut towards zero, as Go's conversions do it.
        var seconds = duration.Ticks / TimeSpan.TicksPerSecond;
        var (minutes, hours) = (seconds / 60, seconds / 3_600);
        return seconds switch
        {
            < -1 => "<invalid>",
            < 0 => "0s",
            < 2 * 60 => Units(seconds, "s", 0, ""),
            < 10 * 60 => Units(minutes, "m", seconds % 60, "s"),
            < 3 * 3_600 => Units(minutes, "m", 0, ""),
            < 8 * 3_600 => Units(hours, "h", minutes % 60, "m"),
            < 48 * 3_600 => Units(hours, "h", 0, ""),
            < 8 * 24 * 3_600 => Units(hours / 24, "d", hours % 24, "h"),
            < 2 * 365 * 24 * 3_600 => Units(hours / 24, "d", 0, ""),
            < 8L * 365 * 24 * 3_600 => Units(hours / 24 / 365, "y", hours / 24 % 365, "d"),
            _ => Units(hours / 24 / 365, "y", 0, ""),
        };
    }

    /// <summary>How long ago a time was, or <c>&lt;unknown&gt;</c> when there is none.</summary>
    public static string Since(DateTime? time, DateTime now) => time is { } then && then != default ? Print(now - then) : "<unknown>";

    public static string Since(Tree? timestamp, DateTime now) => Since(Timestamps.Read(timestamp), now);

    private static string Units(long first, string unit, long second, string secondUnit) => second == 0
        ? string.Create(CultureInfo.InvariantCulture, $"{first}{unit}")
        : string.Create(CultureInfo.InvariantCulture, $"{first}{unit}{second}{secondUnit}");
}
