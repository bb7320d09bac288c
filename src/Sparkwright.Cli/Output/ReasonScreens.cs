using System.Globalization;
using Sparkwright.World.Insight;
using Spectre.Console;

namespace Sparkwright.Cli.Output;

/// <summary>The reasons of a report for people: how gangs got their places, why pods waited, what was bought instead of what, which nodes went and which stayed.</summary>
public static class ReasonScreens
{
    public static void Draw(Screen screen, RunReport report)
    {
        Gangs(screen, report);
        Waits(screen, report);
        Tables(screen, ReasonTables.Pending(report, TableStyle.Text));
        Tables(screen, ReasonTables.Launches(report, TableStyle.Text));
        Tables(screen, ReasonTables.Disruptions(report, TableStyle.Text));
        Tables(screen, ReasonTables.Kept(report, TableStyle.Text));
    }

    private static void Gangs(Screen screen, RunReport report)
    {
        foreach (var gang in report.Gangs.Take(TableStyle.Text.MostRows))
        {
            var tables = ReasonTables.Of(gang, TableStyle.Text).ToList();
            Tables(screen, tables.Take(1));
            screen.Line(Markup.Escape(Reasons.Terms(gang)));
            Tables(screen, tables.Skip(1));
            screen.Line(Markup.Escape(Reasons.Reservation(gang)));
        }

        More(screen, report.Gangs.Length - TableStyle.Text.MostRows);
    }

    private static void Waits(Screen screen, RunReport report)
    {
        if (report.Waits.IsEmpty)
        {
            return;
        }

        screen.Heading("Why pods wait");
        foreach (var wait in report.Waits.Take(TableStyle.Text.MostRows))
        {
            screen.Line($"{(wait.StillWaits ? "[red]no node[/]" : "[yellow]waited[/]")} {Numbers.Seconds(wait.Longest)} s, since {Numbers.Seconds(wait.Since)} s: {Markup.Escape(Reasons.Names(wait.Pods, TableStyle.Text.MostNamed))}");
            foreach (var pool in wait.Pools)
            {
                screen.Line($"  {Markup.Escape(pool.Pool is null ? "" : $"pool {pool.Pool}, ")}[bold]{Markup.Escape(pool.Rule)}[/]: {Markup.Escape(pool.Why)}");
                foreach (var types in pool.Types)
                {
                    screen.Line($"    {Markup.Escape(Reasons.Types(types))}");
                }
            }
        }

        More(screen, report.Waits.Length - TableStyle.Text.MostRows);
    }

    /// <summary>A table that pages have too.</summary>
    private static void Tables(Screen screen, IEnumerable<ReportTable> tables)
    {
        foreach (var table in tables)
        {
            if (table.Heading.Length > 0)
            {
                screen.Heading(table.Heading);
            }

            screen.Table(table.Titles, table.Rows.Select(row => row.Select(Markup.Escape).ToList()));
            More(screen, table.More);
        }
    }

    private static void More(Screen screen, int count)
    {
        if (count > 0)
        {
            screen.Line($"and {count.ToString(CultureInfo.InvariantCulture)} more; --output json has all of them");
        }
    }
}
