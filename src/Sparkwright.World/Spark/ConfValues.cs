using System.Globalization;

namespace Sparkwright.World.Spark;

/// <summary>Reads the values of Spark settings the way Spark does: binary sizes (<c>10g</c>), times (<c>1s</c>), whole numbers, true or false.</summary>
public static class ConfValues
{
    private static readonly (string Suffix, int Shift)[] SizeSuffixes =
    [
        ("b", 0), ("k", 10), ("kb", 10), ("m", 20), ("mb", 20), ("g", 30), ("gb", 30), ("t", 40), ("tb", 40), ("p", 50), ("pb", 50),
    ];

    private static readonly (string Suffix, long Ticks)[] TimeSuffixes =
    [
        ("us", 10), ("ms", TimeSpan.TicksPerMillisecond), ("s", TimeSpan.TicksPerSecond), ("m", TimeSpan.TicksPerMinute),
        ("min", TimeSpan.TicksPerMinute), ("h", TimeSpan.TicksPerHour), ("d", TimeSpan.TicksPerDay),
    ];

    /// <summary>A size in MiB; a plain number counts MiB; what is below one MiB is cut off.</summary>
    public static bool TrySizeMiB(string text, out long mebibytes)
    {
        var known = TrySize(text, 20, out var bytes);
        mebibytes = bytes >> 20;
        return known;
    }

    /// <summary>A size in bytes; a plain number counts units of two to the given power.</summary>
    public static bool TrySize(string text, int defaultShift, out long bytes)
    {
        bytes = 0;
        if (!TrySplit(text, out var number, out var suffix))
        {
            return false;
        }

        var shift = suffix.Length == 0 ? defaultShift : -1;
        foreach (var (known, by) in SizeSuffixes)
        {
            shift = known == suffix ? by : shift;
        }

        if (shift < 0 || number > long.MaxValue >> shift)
        {
            return false;
        }

        bytes = number << shift;
        return true;
    }

    /// <summary>A time; a plain number counts the given unit.</summary>
    public static bool TryTime(string text, TimeSpan defaultUnit, out TimeSpan time)
    {
        time = default;
        if (!TrySplit(text, out var number, out var suffix))
        {
            return false;
        }

        var ticks = suffix.Length == 0 ? defaultUnit.Ticks : 0;
        foreach (var (known, each) in TimeSuffixes)
        {
            ticks = known == suffix ? each : ticks;
        }

        if (ticks == 0)
        {
            return false;
        }

        // The largest numbers stand for "never".
        time = number > TimeSpan.MaxValue.Ticks / ticks ? TimeSpan.MaxValue : TimeSpan.FromTicks(number * ticks);
        return true;
    }

    private static bool TrySplit(string text, out long number, out string suffix)
    {
        var lower = text.Trim().ToLowerInvariant();
        var digits = 0;
        while (digits < lower.Length && char.IsAsciiDigit(lower[digits]))
        {
            digits++;
        }

        suffix = lower[digits..];
        return long.TryParse(lower[..digits], NumberStyles.None, CultureInfo.InvariantCulture, out number);
    }
}
