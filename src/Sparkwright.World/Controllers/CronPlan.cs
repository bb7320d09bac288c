using Sparkwright.Kubernetes.Schedules;

namespace Sparkwright.World.Controllers;

/// <summary>What is known of a CronJob when it is decided whether a Job is due.</summary>
public sealed record CronSnapshot
{
    public required CronSchedule Schedule { get; init; }

    public required DateTime CreatedAt { get; init; }

    public required DateTime? LastScheduled { get; init; }

    public required TimeSpan? StartingDeadline { get; init; }

    public required bool ForbidsOverlap { get; init; }

    public required int Active { get; init; }
}

/// <summary>Whether a CronJob makes a Job now.</summary>
/// <param name="MissedMany">Whether more than a hundred times have passed unused.</param>
public abstract record CronStep(bool MissedMany)
{
    public sealed record Wait(bool MissedMany) : CronStep(MissedMany);

    /// <summary>The time passed longer ago than the starting deadline allows.</summary>
    public sealed record TooLate(DateTime Scheduled, bool MissedMany) : CronStep(MissedMany);

    /// <summary>The last Job still runs, and the policy is Forbid.</summary>
    public sealed record Overlaps(DateTime Scheduled, bool MissedMany) : CronStep(MissedMany);

    public sealed record Start(DateTime Scheduled, bool MissedMany) : CronStep(MissedMany);
}

/// <summary>Decides when a CronJob makes Jobs: only the latest of the times that have passed counts.</summary>
public static class CronPlan
{
    private const int Many = 100;

    public static CronStep Next(CronSnapshot cron, DateTime now)
    {
        var (scheduled, missedMany) = MostRecent(cron, now);
        if (scheduled is not { } time)
        {
            return new CronStep.Wait(missedMany);
        }

        return time + cron.StartingDeadline < now ? new CronStep.TooLate(time, missedMany)
            : time == cron.LastScheduled ? new CronStep.Wait(missedMany)
            : cron.ForbidsOverlap && cron.Active > 0 ? new CronStep.Overlaps(time, missedMany)
            : new CronStep.Start(time, missedMany);
    }

    private static (DateTime? Time, bool MissedMany) MostRecent(CronSnapshot cron, DateTime now)
    {
        var earliest = cron.LastScheduled ?? cron.CreatedAt;
        if (now - cron.StartingDeadline is { } deadline && deadline > earliest)
        {
            earliest = deadline;
        }

        if (cron.Schedule.Next(earliest) is not { } first || first > now)
        {
            return (null, false);
        }

        if (cron.Schedule.Next(first) is not { } second || second > now)
        {
            return (first, false);
        }

        // As upstream, the number of missed times is reckoned from the distance of the first two, and the last is looked for near the end.
        var between = (second - first).Ticks;
        var missed = ((now - first).Ticks / between) + 1;
        DateTime? recent = null;
        for (var time = cron.Schedule.Next(first.AddTicks(Math.Max(0, missed - 2) * between)); time <= now; time = cron.Schedule.Next(time.Value))
        {
            recent = time;
        }

        // An uneven schedule may have no time there: then from the first.
        for (var time = recent is null ? first : null as DateTime?; time <= now; time = cron.Schedule.Next(time.Value))
        {
            recent = time;
        }

        return (recent, missed > Many);
    }
}
