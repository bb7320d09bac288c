using System.Globalization;
using Sparkwright.World.Insight;
using Spectre.Console;

namespace Sparkwright.Cli.Output;

/// <summary>The reasons of a report for people: why pods waited, what was bought instead of what, which nodes went and which stayed.</summary>
public static class ReasonScreens
{
    private const int MostNamed = 3;
    private const int MostRows = 40;

    public static void Draw(Screen screen, RunReport report)
    {
        Waits(screen, report);
        Launches(screen, report);
        Disruptions(screen, report);
        Kept(screen, report);
    }

    private static void Waits(Screen screen, RunReport report)
    {
        if (report.Waits.IsEmpty)
        {
            return;
        }

        screen.Heading("Why pods wait");
        foreach (var wait in report.Waits.Take(MostRows))
        {
            screen.Line($"{(wait.StillWaits ? "[red]no node[/]" : "[yellow]waited[/]")} {Numbers.Seconds(wait.Longest)} s, since {Numbers.Seconds(wait.Since)} s: {Markup.Escape(Reasons.Names(wait.Pods, MostNamed))}");
            foreach (var pool in wait.Pools)
            {
                screen.Line($"  {Markup.Escape(pool.Pool is null ? "" : $"pool {pool.Pool}, ")}[bold]{Markup.Escape(pool.Rule)}[/]: {Markup.Escape(pool.Why)}");
                foreach (var types in pool.Types)
                {
                    screen.Line($"    {Markup.Escape(Reasons.Types(types))}");
                }
            }
        }

        More(screen, report.Waits.Length);
    }

    private static void Launches(Screen screen, RunReport report)
    {
        if (report.Launches.IsEmpty)
        {
            return;
        }

        screen.Heading("Launches: why each node");
        screen.Table(
            [">at", "node", "type", "capacity?", ">USD/h", "zone??", "pool?", ">types that fit???", "next cheapest?", "for"],
            report.Launches.Take(MostRows).Select(launch => new[]
            {
                Numbers.Seconds(launch.At),
                RunScreen.Host(launch.Node),
                Markup.Escape(launch.InstanceType),
                Markup.Escape(launch.CapacityType),
                Numbers.Usd(launch.UsdPerHour),
                Markup.Escape(launch.Zone),
                Markup.Escape(launch.Pool),
                Reasons.Fit(launch),
                Markup.Escape(Reasons.Next(launch, 1)),
                Markup.Escape(Reasons.Names(launch.Pods, MostNamed)),
            }));
        More(screen, report.Launches.Length);
    }

    private static void Disruptions(Screen screen, RunReport report)
    {
        if (report.Disruptions.IsEmpty)
        {
            return;
        }

        screen.Heading("Disruptions");
        screen.Table(
            [">at", "why", "outcome", ">nodes?", ">pods?", ">saves USD/h", "replaced by??", "which"],
            report.Disruptions.Take(MostRows).Select(line => new[]
            {
                Numbers.Seconds(line.At),
                Markup.Escape(line.Method),
                Markup.Escape(Reasons.Outcome(line)),
                line.Candidates.Length.ToString(CultureInfo.InvariantCulture),
                line.Candidates.Sum(candidate => candidate.Pods).ToString(CultureInfo.InvariantCulture),
                line.SavingsUsdPerHour is { } savings ? Numbers.Usd(savings) : "-",
                Markup.Escape(Reasons.Replacement(line)),
                Markup.Escape(Reasons.Candidates(line, MostNamed)),
            }));
        More(screen, report.Disruptions.Length);
    }

    private static void Kept(Screen screen, RunReport report)
    {
        if (report.Kept.IsEmpty)
        {
            return;
        }

        screen.Heading("What kept nodes");
        screen.Table(
            ["reason?", "of", "why"],
            report.Kept.Take(MostRows).Select(kept => new[] { Markup.Escape(kept.Reason), Markup.Escape(Reasons.Names(kept.About, MostNamed)), Markup.Escape(kept.Why) }));
        More(screen, report.Kept.Length);
    }

    private static void More(Screen screen, int count)
    {
        if (count > MostRows)
        {
            screen.Line($"and {(count - MostRows).ToString(CultureInfo.InvariantCulture)} more; --output json has all of them");
        }
    }
}
