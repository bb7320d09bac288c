using Sparkwright.Kubernetes.Quantities;
using Sparkwright.Kubernetes.Schema;

namespace Sparkwright.Kubernetes.Schedules;

/// <summary>
/// A schedule as CronJobs and the disruption budgets of Karpenter write it: five fields (minute, hour, day of month, month, day of week),
/// or <c>@hourly</c>, <c>@daily</c>, <c>@midnight</c>, <c>@weekly</c>, <c>@monthly</c>, <c>@yearly</c>, <c>@annually</c>,
/// <c>@every 1h30m</c>; a prefix <c>TZ=Area/City</c> or <c>CRON_TZ=Area/City</c> sets the zone.
/// </summary>
/// <remarks>
/// Where neither day field is <c>*</c>, a day that either of them names is enough. In a zone that changes its clocks a time that is left out
/// does not fire, and one that comes twice fires twice.
/// </remarks>
public sealed class CronSchedule
{
    /// <summary>A schedule that has no time in five years, such as 30 February, has none at all.</summary>
    private const int YearsAhead = 5;

    private readonly TimeZoneInfo zone;
    private readonly TimeSpan? every;
    private readonly CronField minutes;
    private readonly CronField hours;
    private readonly CronField daysOfMonth;
    private readonly CronField months;
    private readonly CronField daysOfWeek;

    private CronSchedule(TimeZoneInfo zone, ReadOnlySpan<CronField> fields)
    {
        this.zone = zone;
        (minutes, hours, daysOfMonth, months, daysOfWeek) = (fields[0], fields[1], fields[2], fields[3], fields[4]);
    }

    private CronSchedule(TimeZoneInfo zone, TimeSpan every) => (this.zone, this.every) = (zone, every);

    /// <param name="text">The schedule.</param>
    /// <param name="zone">The zone of its times where the text names none; UTC when null.</param>
    public static CronParse Parse(string text, TimeZoneInfo? zone = null)
    {
        zone ??= TimeZoneInfo.Utc;
        if (text.Length == 0)
        {
            return new CronParse.Refused("empty spec string");
        }

        if (text.StartsWith("TZ=", StringComparison.Ordinal) || text.StartsWith("CRON_TZ=", StringComparison.Ordinal))
        {
            var end = text.IndexOf(' ', StringComparison.Ordinal);
            var name = text[(text.IndexOf('=', StringComparison.Ordinal) + 1)..(end < 0 ? text.Length : end)];
            if (TimeZones.Find(name) is not { } named)
            {
                return new CronParse.Refused($"provided bad location {name}: unknown time zone {name}");
            }

            zone = named;
            text = end < 0 ? "" : text[end..].Trim();
        }

        return text.StartsWith('@') ? ParseDescriptor(text, zone) : ParseFields(text, zone);
    }

    /// <summary>The first time after one, UTC; null when there is none within five years.</summary>
    public DateTime? Next(DateTime after)
    {
        var second = new DateTime(after.Ticks - (after.Ticks % TimeSpan.TicksPerSecond), DateTimeKind.Utc);
        if (every is { } period)
        {
            return second + period;
        }

        var at = second.AddSeconds(60 - second.Second);
        for (var limit = Local(at).Year + YearsAhead; Local(at) is var local && local.Year <= limit;)
        {
            if (!IsDay(local))
            {
                at = NextDay(at, local);
            }
            else if (!hours.Has(local.Hour))
            {
                at = at.AddMinutes(60 - local.Minute);
            }
            else if (!minutes.Has(local.Minute))
            {
                at = at.AddMinutes(1);
            }
            else
            {
                return at;
            }
        }

        return null;
    }

    private bool IsDay(DateTime local)
    {
        if (!months.Has(local.Month))
        {
            return false;
        }

        var ofMonth = daysOfMonth.Has(local.Day);
        var ofWeek = daysOfWeek.Has((int)local.DayOfWeek);
        return daysOfMonth.IsAny || daysOfWeek.IsAny ? ofMonth && ofWeek : ofMonth || ofWeek;
    }

    /// <summary>The first minute of the next day in the zone, whose present day may have 23 or 25 hours.</summary>
    private DateTime NextDay(DateTime at, DateTime local)
    {
        var next = at + (TimeSpan.FromDays(1) - local.TimeOfDay);
        var then = Local(next);
        if (then.Date == local.Date)
        {
            return next + (TimeSpan.FromDays(1) - then.TimeOfDay);
        }

        // An hour was left out today; where it was midnight itself, the day begins late.
        var earlier = next - then.TimeOfDay;
        return Local(earlier).Date == then.Date ? earlier : next;
    }

    private DateTime Local(DateTime utc) => utc + zone.GetUtcOffset(utc);

    private static CronParse ParseFields(string text, TimeZoneInfo zone)
    {
        CronBounds[] bounds = [CronBounds.Minutes, CronBounds.Hours, CronBounds.DaysOfMonth, CronBounds.Months, CronBounds.DaysOfWeek];
        var texts = text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        if (texts.Length != bounds.Length)
        {
            return new CronParse.Refused($"expected exactly 5 fields, found {texts.Length}: [{string.Join(' ', texts)}]");
        }

        var fields = new CronField[bounds.Length];
        for (var at = 0; at < fields.Length; at++)
        {
            if (CronField.Read(texts[at], bounds[at], out var refusal) is not { } field)
            {
                return new CronParse.Refused(refusal);
            }

            fields[at] = field;
        }

        return new CronParse.Parsed(new CronSchedule(zone, fields));
    }

    private static CronParse ParseDescriptor(string text, TimeZoneInfo zone)
    {
        const string everyPrefix = "@every ";
        if (text.StartsWith(everyPrefix, StringComparison.Ordinal))
        {
            var asked = text[everyPrefix.Length..];
            if (!GoDuration.TryParse(asked, out var period))
            {
                return new CronParse.Refused($"failed to parse duration {text}: time: invalid duration {GoSyntax.Quote(asked)}");
            }

            var whole = TimeSpan.FromTicks(period.Ticks - (period.Ticks % TimeSpan.TicksPerSecond));
            return new CronParse.Parsed(new CronSchedule(zone, whole < TimeSpan.FromSeconds(1) ? TimeSpan.FromSeconds(1) : whole));
        }

        return text switch
        {
            "@yearly" or "@annually" => ParseFields("0 0 1 1 *", zone),
            "@monthly" => ParseFields("0 0 1 * *", zone),
            "@weekly" => ParseFields("0 0 * * 0", zone),
            "@daily" or "@midnight" => ParseFields("0 0 * * *", zone),
            "@hourly" => ParseFields("0 * * * *", zone),
            _ => new CronParse.Refused($"unrecognized descriptor: {text}"),
        };
    }
}

/// <summary>What reading a schedule came to.</summary>
public abstract record CronParse
{
    private CronParse()
    {
    }

    public sealed record Parsed(CronSchedule Schedule) : CronParse;

    /// <param name="Message">What is wrong, as the API server says it.</param>
    public sealed record Refused(string Message) : CronParse;
}
