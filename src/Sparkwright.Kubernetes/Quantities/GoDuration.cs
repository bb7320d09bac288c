using System.Globalization;
using System.Text;

namespace Sparkwright.Kubernetes.Quantities;

/// <summary>Durations as Go and Kubernetes write them: <c>100ms</c>, <c>60s</c>, <c>1h30m</c>; at least one unit, no days.</summary>
public static class GoDuration
{
    private static readonly (string Unit, decimal Ticks)[] Units =
    [
        ("ns", 0.01m), ("us", 10m), ("µs", 10m), ("ms", TimeSpan.TicksPerMillisecond), ("s", TimeSpan.TicksPerSecond),
        ("m", TimeSpan.TicksPerMinute), ("h", TimeSpan.TicksPerHour),
    ];

    public static bool TryParse(string text, out TimeSpan duration)
    {
        duration = default;
        var rest = text.AsSpan();
        var negative = rest is ['-', ..];
        if (rest is ['-' or '+', ..])
        {
            rest = rest[1..];
        }

        if (rest is "0")
        {
            return true;
        }

        if (rest.IsEmpty)
        {
            return false;
        }

        var ticks = 0m;
        while (!rest.IsEmpty)
        {
            var digits = 0;
            while (digits < rest.Length && (char.IsAsciiDigit(rest[digits]) || rest[digits] == '.'))
            {
                digits++;
            }

            var letters = digits;
            while (letters < rest.Length && !char.IsAsciiDigit(rest[letters]) && rest[letters] != '.')
            {
                letters++;
            }

            var unit = rest[digits..letters].ToString();
            var known = Array.FindIndex(Units, candidate => candidate.Unit == unit);
            if (known < 0 || digits > 15 || !decimal.TryParse(rest[..digits], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var amount))
            {
                return false;
            }

            ticks += amount * Units[known].Ticks;
            rest = rest[letters..];
        }

        if (ticks > TimeSpan.MaxValue.Ticks)
        {
            return false;
        }

        duration = TimeSpan.FromTicks((long)(negative ? -ticks : ticks));
        return true;
    }

    /// <summary>The duration as Go prints it: <c>1h30m0s</c>, <c>2m0s</c>, <c>1.5s</c>, <c>100ms</c>.</summary>
    public static string Print(TimeSpan duration)
    {
        if (duration == TimeSpan.Zero)
        {
            return "0s";
        }

        var text = new StringBuilder(duration < TimeSpan.Zero ? "-" : "");
        var left = duration.Duration();
        if (left < TimeSpan.FromSeconds(1))
        {
            return text.Append(((decimal)left.Ticks / TimeSpan.TicksPerMillisecond).ToString("0.####", CultureInfo.InvariantCulture)).Append("ms").ToString();
        }

        if (left.TotalHours >= 1)
        {
            text.Append((long)left.TotalHours).Append('h');
        }

        if (left.TotalMinutes >= 1)
        {
            text.Append(left.Minutes).Append('m');
        }

        var seconds = ((decimal)left.Ticks / TimeSpan.TicksPerSecond) % 60;
        return text.Append(seconds.ToString("0.#######", CultureInfo.InvariantCulture)).Append('s').ToString();
    }
}
