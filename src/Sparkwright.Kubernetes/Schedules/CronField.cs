using System.Collections.Immutable;
using System.Globalization;
using System.Numerics;
using Sparkwright.Kubernetes.Schema;

namespace Sparkwright.Kubernetes.Schedules;

/// <summary>One field of a schedule: the values at which it fires, a bit each.</summary>
/// <param name="Bits">Bit n is set when the field fires at the value n.</param>
/// <param name="IsAny">Written as <c>*</c> or <c>?</c>, without a step above one; only days care for the difference.</param>
internal readonly record struct CronField(ulong Bits, bool IsAny)
{
    public bool Has(int value) => (Bits >> value & 1) != 0;

    public static CronField At(int value) => new(1UL << value, false);

    /// <summary>Reads a comma-separated list of values, ranges and steps; the refusals are worded as the API server words them.</summary>
    public static CronField? Read(string text, CronBounds bounds, out string refusal)
    {
        refusal = "";
        var all = new CronField(0, false);
        foreach (var part in text.Split(',', StringSplitOptions.RemoveEmptyEntries))
        {
            if (ReadPart(part, bounds, out refusal) is not { } read)
            {
                return null;
            }

            all = new CronField(all.Bits | read.Bits, all.IsAny || read.IsAny);
        }

        return all;
    }

    private static CronField? ReadPart(string part, CronBounds bounds, out string refusal)
    {
        var rangeAndStep = part.Split('/');
        var ends = rangeAndStep[0].Split('-');
        var isAny = ends[0] is "*" or "?";
        var first = bounds.Lowest;
        var last = bounds.Highest;
        if (!isAny)
        {
            if (!bounds.TryRead(ends[0], out first, out refusal))
            {
                return null;
            }

            last = first;
            if (ends.Length == 2 && !bounds.TryRead(ends[1], out last, out refusal))
            {
                return null;
            }

            if (ends.Length > 2)
            {
                refusal = $"too many hyphens: {part}";
                return null;
            }
        }

        var step = 1;
        if (rangeAndStep.Length == 2)
        {
            if (!CronBounds.TryReadNumber(rangeAndStep[1], out step, out refusal))
            {
                return null;
            }

            // A single value with a step goes on to the end: 5/15 is 5-59/15.
            last = ends.Length == 1 ? bounds.Highest : last;
            isAny &= step <= 1;
        }

        refusal = rangeAndStep.Length > 2 ? $"too many slashes: {part}"
            : first < bounds.Lowest ? $"beginning of range ({first}) below minimum ({bounds.Lowest}): {part}"
            : last > bounds.Highest ? $"end of range ({last}) above maximum ({bounds.Highest}): {part}"
            : first > last ? $"beginning of range ({first}) beyond end of range ({last}): {part}"
            : step == 0 ? $"step of range should be a positive number: {part}"
            : "";
        if (refusal.Length > 0)
        {
            return null;
        }

        var bits = 0UL;
        for (long value = first; value <= last; value += step)
        {
            bits |= 1UL << (int)value;
        }

        return new CronField(bits, isAny);
    }
}

/// <summary>What values a field can have.</summary>
/// <param name="Names">Names of values, in any case; the first stands for the lowest value.</param>
internal sealed record CronBounds(int Lowest, int Highest, ImmutableArray<string> Names)
{
    public static CronBounds Minutes { get; } = new(0, 59, []);

    public static CronBounds Hours { get; } = new(0, 23, []);

    public static CronBounds DaysOfMonth { get; } = new(1, 31, []);

    public static CronBounds Months { get; } = new(1, 12, ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]);

    /// <summary>From Sunday; unlike other crons this one knows no day 7.</summary>
    public static CronBounds DaysOfWeek { get; } = new(0, 6, ["sun", "mon", "tue", "wed", "thu", "fri", "sat"]);

    public bool TryRead(string text, out int value, out string refusal)
    {
        refusal = "";
        var lower = text.ToLowerInvariant();
        var named = Names.IndexOf(lower);
        value = named + Lowest;
        return named >= 0 || TryReadNumber(text, out value, out refusal);
    }

    public static bool TryReadNumber(string text, out int value, out string refusal)
    {
        value = 0;
        var sign = text is ['-' or '+', ..] ? 1 : 0;
        if (text.Length == sign || text.AsSpan(sign).ContainsAnyExceptInRange('0', '9'))
        {
            refusal = $"failed to parse int from {text}: strconv.Atoi: parsing {GoSyntax.Quote(text)}: invalid syntax";
            return false;
        }

        var number = BigInteger.Parse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
        if (number > long.MaxValue || number < long.MinValue)
        {
            refusal = $"failed to parse int from {text}: strconv.Atoi: parsing {GoSyntax.Quote(text)}: value out of range";
            return false;
        }

        refusal = number < 0 ? $"negative number ({number}) not allowed: {text}" : "";

        // Every bound is far below; a larger number only has to stay too large.
        value = (int)BigInteger.Min(number, int.MaxValue);
        return number >= 0;
    }
}
