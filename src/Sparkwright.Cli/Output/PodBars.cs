using Sparkwright.World.Insight;

namespace Sparkwright.Cli.Output;

/// <summary>Pods over time as bars: when each waited for a node, started, and ran.</summary>
public static class PodBars
{
    /// <summary>One bar for a pod; every column is the state that the pod was in at the column's middle.</summary>
    /// <param name="from">Time of the left edge.</param>
    /// <param name="to">Time of the right edge.</param>
    public static string Bar(PodLine pod, TimeSpan from, TimeSpan to, int columns, BarMarks marks)
    {
        var bar = new char[columns];
        for (var column = 0; column < columns; column++)
        {
            var at = from + TimeSpan.FromTicks((to - from).Ticks * ((2 * column) + 1) / (2 * columns));
            bar[column] = At(pod, at, marks);
        }

        return new string(bar);
    }

    private static char At(PodLine pod, TimeSpan at, BarMarks marks)
    {
        if (at < pod.CreatedAt || at >= (pod.FinishedAt ?? TimeSpan.MaxValue))
        {
            return ' ';
        }

        if (at < (pod.ScheduledAt ?? TimeSpan.MaxValue))
        {
            return marks.Waits;
        }

        return at < (pod.RunningAt ?? TimeSpan.MaxValue) ? marks.Starts : marks.Runs;
    }
}

/// <summary>The characters of bars.</summary>
public sealed record BarMarks(char Waits, char Starts, char Runs)
{
    public static BarMarks Plain { get; } = new('.', '-', '#');

    public static BarMarks Blocks { get; } = new('░', '▒', '█');
}
