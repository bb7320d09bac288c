using System.Collections.Immutable;
using System.Globalization;
using Sparkwright.Kubernetes.Schedules;
using Sparkwright.World.Karpenter.Apis;

namespace Sparkwright.World.Karpenter.Disruption;

/// <summary>How many nodes of a pool may be disrupted at this moment, for one reason.</summary>
public static class BudgetRules
{
    /// <summary>
    /// The tightest of the budgets that hold now and are about the reason; no budget of that kind sets no bound. Nodes that are not ready or
    /// already on their way out use the allowance up.
    /// </summary>
    /// <param name="nodes">Initialized nodes of the pool.</param>
    /// <param name="unavailable">Those among them that are not ready or are being disrupted.</param>
    public static BudgetAllowance Allowed(ImmutableArray<DisruptionBudget> budgets, DisruptionReason reason, int nodes, int unavailable, DateTime now)
    {
        var allowed = int.MaxValue;
        foreach (var budget in budgets)
        {
            if ((budget.Reasons.IsEmpty || budget.Reasons.Contains(reason.ToString())) && IsActive(budget, now))
            {
                allowed = Math.Min(allowed, Count(budget.Nodes, nodes));
            }
        }

        return new BudgetAllowance(allowed, allowed == int.MaxValue ? int.MaxValue : Math.Max(0, allowed - unavailable));
    }

    /// <summary>When the next budget of these begins or ends to hold; null when none has a schedule.</summary>
    public static DateTime? NextChange(ImmutableArray<DisruptionBudget> budgets, DateTime now)
    {
        DateTime? next = null;
        foreach (var budget in budgets)
        {
            if (ScheduleOf(budget) is not { } schedule || budget.Duration is not { } duration)
            {
                continue;
            }

            var change = schedule.Next(now - duration) is { } began && began <= now ? began + duration : schedule.Next(now);
            if (change is { } time && time > now && (next is null || time < next))
            {
                next = time;
            }
        }

        return next;
    }

    private static bool IsActive(DisruptionBudget budget, DateTime now)
    {
        if (budget.Schedule is null)
        {
            return true;
        }

        // A schedule that cannot be read has been refused by admission; if one is there all the same, it never holds.
        return budget.Duration is { } duration && ScheduleOf(budget)?.Next(now - duration) is { } began && began <= now;
    }

    private static CronSchedule? ScheduleOf(DisruptionBudget budget) =>
        budget.Schedule is { } text && CronSchedule.Parse(text) is CronParse.Parsed parsed ? parsed.Schedule : null;

    /// <summary>A number of nodes, or a percentage of them rounded up.</summary>
    private static int Count(string text, int nodes)
    {
        var isPercentage = text.EndsWith('%');
        return !int.TryParse(isPercentage ? text[..^1] : text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? 0
            : isPercentage ? (int)Math.Min(int.MaxValue, (((long)nodes * number) + 99) / 100)
            : number;
    }
}

/// <summary>What a pool's budgets allow.</summary>
/// <param name="Budgeted">As the budgets say it, whatever goes on; <see cref="int.MaxValue"/> without a bound.</param>
/// <param name="Left">Of that, less what is already going.</param>
public readonly record struct BudgetAllowance(int Budgeted, int Left);

/// <summary>Why nodes are disrupted; the first three are what budgets speak of.</summary>
public enum DisruptionReason
{
    Underutilized,
    Empty,
    Drifted,

    /// <summary>Of Provisioners only: expiry of NodeClaims asks no loop.</summary>
    Expired,
}
