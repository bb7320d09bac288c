using System.Globalization;
using Sparkwright.World.Insight;
using Spectre.Console;

namespace Sparkwright.Cli.Output;

/// <summary>The report of a run, for people.</summary>
public static class RunScreen
{
    private const int BarColumns = 60;

    // Longer lists are for machines: --output json has everything.
    private const int MostPods = 60;

    public static string Render(RunReport report, ScreenSettings settings)
    {
        var screen = new Screen(settings);
        if (report.Job is { } job)
        {
            Job(screen, job);
        }

        Nodes(screen, report);
        Why(screen, report);
        Pods(screen, report);
        Bars(screen, report);
        ReasonScreens.Draw(screen, report);
        Cost(screen, report);
        Findings(screen, report);
        return screen.Render();
    }

    private static void Job(Screen screen, JobLine job)
    {
        screen.Heading($"Job run {job.Name ?? job.Id} (all times in seconds since the start)");
        screen.Line($"{Screen.State(job.State)}{(job.FailureReason is null ? "" : $" ({Markup.Escape(job.FailureReason)})")}  id {Markup.Escape(job.Id)}");
        if (job.StateDetails is { Length: > 0 } details)
        {
            screen.Line(Markup.Escape(details));
        }

        screen.Table(
            ["state", ">at", ">for"],
            job.History.Select((entry, at) => new[]
            {
                Screen.State(entry.State),
                Numbers.Seconds(entry.At),
                Numbers.Seconds(at + 1 < job.History.Length ? job.History[at + 1].At - entry.At : null),
            }));
    }

    private static void Nodes(Screen screen, RunReport report)
    {
        screen.Heading("Nodes");
        screen.Table(
            ["node", "type", "zone??", "capacity", "pool?", ">USD/h???", ">created??", ">ready?", ">deleted", ">pods???", ">USD"],
            report.Nodes.Select(node => new[]
            {
                Host(node.Name),
                Text(node.InstanceType),
                Text(node.Zone),
                Text(node.CapacityType),
                Text(node.Pool),
                Numbers.Usd(node.UsdPerHour),
                Numbers.Seconds(node.CreatedAt),
                Numbers.Seconds(node.ReadyAt),
                Numbers.Seconds(node.DeletedAt),
                node.Pods.Length.ToString(CultureInfo.InvariantCulture),
                Numbers.Usd(node.Usd),
            }));
    }

    private static void Why(Screen screen, RunReport report)
    {
        var told = report.Nodes.Where(node => node.IsKarpenters && node.Why is not null && !report.Launches.Any(launch => launch.Node == node.Name)).ToList();
        if (told.Count == 0)
        {
            return;
        }

        screen.Heading("Why each node");
        foreach (var node in told)
        {
            screen.Line($"{Host(node.Name)} ({Text(node.InstanceType)}): {Text(node.Why)}");
        }
    }

    private static void Pods(Screen screen, RunReport report)
    {
        screen.Heading("Pods");
        screen.Table(
            ["pod", "role", "phase??", ">cpu???", ">memory???", "node?", ">created??", "waited for"],
            report.Pods.Take(MostPods).Select(pod => new[]
            {
                Text(pod.Name),
                Text(pod.Role),
                Screen.State(pod.Phase),
                pod.CpuMillis.ToString(CultureInfo.InvariantCulture) + "m",
                pod.MemoryMi.ToString(CultureInfo.InvariantCulture) + "Mi",
                Host(pod.Node),
                Numbers.Seconds(pod.CreatedAt),
                Text(PodWaits.Say([.. pod.Waits.Select(wait => wait with { Message = null })])),
            }));
        More(screen, report);
    }

    private static void Bars(Screen screen, RunReport report)
    {
        if (report.Pods.IsEmpty)
        {
            return;
        }

        var from = report.Pods.Min(pod => pod.CreatedAt);
        var to = report.Pods.Max(pod => pod.FinishedAt ?? report.Virtual);
        if (to <= from)
        {
            return;
        }

        var marks = screen.Settings.IsTerminal ? BarMarks.Blocks : BarMarks.Plain;
        var names = report.Pods.Take(MostPods).Max(pod => pod.Name.Length);
        var columns = Math.Clamp(screen.Settings.Width - names - 3, 20, BarColumns);
        screen.Heading($"Pods over time, {Numbers.Seconds(from)} s to {Numbers.Seconds(to)} s ({marks.Waits} waits for a node, {marks.Starts} starts, {marks.Runs} runs)");
        foreach (var pod in report.Pods.Take(MostPods))
        {
            screen.Line($"{Markup.Escape(pod.Name.PadRight(names))}  |{PodBars.Bar(pod, from, to, columns, marks)}|");
        }

        More(screen, report);
    }

    private static void Cost(Screen screen, RunReport report)
    {
        screen.Heading("Cost");
        var bought = report.Nodes.Where(node => node.IsKarpenters).ToList();
        screen.Table(
            ["node", "type", ">USD", ">idle USD", ">idle share"],
            [
                .. bought.Select(node => new[]
                {
                    Host(node.Name), Text(node.InstanceType), Numbers.Usd(node.Usd), Numbers.Usd(node.UsdIdle), Numbers.Percent(node.UsdIdle, node.Usd),
                }),
                new[] { "all", "", Numbers.Usd(report.Cost.Usd), Numbers.Usd(report.Cost.UsdIdle), Numbers.Percent(report.Cost.UsdIdle, report.Cost.Usd) },
            ]);
        screen.Line($"spot {Numbers.Usd(report.Cost.UsdSpot)} USD, on demand {Numbers.Usd(report.Cost.UsdOnDemand)} USD");
        screen.Line(Markup.Escape(RunReport.LeftOut));
    }

    private static void Findings(Screen screen, RunReport report)
    {
        var told = report.Findings.Where(finding => finding.Rule != RunReport.LeftOutRule).ToList();
        if (told.Count == 0)
        {
            return;
        }

        screen.Heading("Advice");
        foreach (var finding in told)
        {
            screen.Line($"{Screen.State(finding.Severity)} {Text(finding.Rule)}: {Text(finding.Message)}");
        }
    }

    private static void More(Screen screen, RunReport report)
    {
        if (report.Pods.Length > MostPods)
        {
            screen.Line($"and {(report.Pods.Length - MostPods).ToString(CultureInfo.InvariantCulture)} more; --output json has all of them");
        }
    }

    /// <summary>A node's name without its domain, which is the same for all.</summary>
    internal static string Host(string? node) => Text(node?.Split('.')[0]);

    private static string Text(string? text) => text is null ? "-" : Markup.Escape(text);
}
