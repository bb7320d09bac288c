using System.Globalization;
using System.Text;
using Sparkwright.World.Insight;

namespace Sparkwright.Cli.Output;

/// <summary>The lives of nodes, and of the pods on them, as bars over time.</summary>
internal static class HtmlTimeline
{
    private const int MostRows = 120;
    private const int Ticks = 4;

    /// <summary>A time as 1:02:03, without hours that are not there.</summary>
    public static string Clock(TimeSpan time) => time.TotalHours >= 1
        ? string.Create(CultureInfo.InvariantCulture, $"{(long)time.TotalHours}:{time.Minutes:00}:{time.Seconds:00}")
        : string.Create(CultureInfo.InvariantCulture, $"{time.Minutes}:{time.Seconds:00}");

    public static void Draw(HtmlPage page, RunReport report)
    {
        var bars = Bars(report).ToList();
        if (bars.Count == 0 || report.Virtual <= TimeSpan.Zero)
        {
            return;
        }

        page.Heading("Timeline", "nodes, and below each the pods that ran on it");
        var html = new StringBuilder("<div class=\"time\"><div class=\"corner\"></div><div class=\"axis\">");
        for (var tick = 0; tick <= Ticks; tick++)
        {
            html.Append(CultureInfo.InvariantCulture, $"<span style=\"left:{100 * tick / Ticks}%\">{Clock(report.Virtual * tick / Ticks)}</span>");
        }

        html.Append("</div>\n");
        foreach (var bar in bars.Take(MostRows))
        {
            html.Append(CultureInfo.InvariantCulture, $"<div class=\"l{(bar.IsPod ? " pod" : "")}\" title=\"{HtmlPage.Text(bar.Name)}\">{HtmlPage.Text(bar.Name)}</div><div class=\"t{(bar.IsPod ? " p" : "")}\">");
            foreach (var part in bar.Parts.Where(part => part.To > part.From))
            {
                var (left, width) = (Percent(part.From, report.Virtual), Percent(part.To - part.From, report.Virtual));
                html.Append(CultureInfo.InvariantCulture, $"<i class=\"{part.Class}\" style=\"left:{left}%;width:{width}%\" title=\"{part.Says} {Clock(part.From)} to {Clock(part.To)}\"></i>");
            }

            html.Append("</div>\n");
        }

        html.Append("</div><div class=\"key\">");
        var held = report.Pods.Any(pod => pod.Role == PodRole.Placeholder) ? new[] { ("held", "place held for a pod") } : [];
        foreach (var (css, says) in new[] { ("boot", "node starts"), ("od", "on-demand node"), ("spot", "spot node"), ("wait", "pod waits for a node"), ("start", "pod starts"), ("run", "pod runs") }.Concat(held))
        {
            html.Append(CultureInfo.InvariantCulture, $"<span><i class=\"{css}\"></i>{says}</span>");
        }

        page.Raw(html.Append("</div>\n").ToString());
        if (bars.Count > MostRows)
        {
            page.Note($"{(bars.Count - MostRows).ToString(CultureInfo.InvariantCulture)} more are not drawn; --output json has all of them.");
        }
    }

    private static IEnumerable<Bar> Bars(RunReport report)
    {
        var end = report.Virtual;
        var byNode = report.Pods.ToLookup(pod => pod.Node ?? "", StringComparer.Ordinal);
        var seen = new HashSet<PodLine>(ReferenceEqualityComparer.Instance);
        foreach (var node in report.Nodes)
        {
            var from = node.ReadyAt ?? node.DeletedAt ?? end;
            yield return new Bar($"{node.Name.Split('.')[0]} {node.InstanceType}", false,
            [
                new Part("boot", "starts", node.CreatedAt, from),
                new Part(node.CapacityType == "spot" ? "spot" : "od", "ready", from, node.DeletedAt ?? end),
            ]);
            foreach (var pod in byNode[node.Name].Where(pod => node.Pods.Contains(pod.Name) && seen.Add(pod)))
            {
                yield return Of(pod, end);
            }
        }

        foreach (var pod in report.Pods.Where(seen.Add))
        {
            yield return Of(pod, end);
        }
    }

    private static Bar Of(PodLine pod, TimeSpan end)
    {
        var gone = pod.FinishedAt ?? end;
        var scheduled = pod.ScheduledAt ?? gone;
        var running = pod.RunningAt ?? gone;
        return new Bar(pod.Name, true,
        [
            new Part("wait", "waits", pod.CreatedAt, scheduled),
            new Part("start", "starts", scheduled, running),
            pod.Role == PodRole.Placeholder ? new Part("held", "holds a place", running, gone) : new Part("run", "runs", running, gone),
        ]);
    }

    private static string Percent(TimeSpan time, TimeSpan whole) => Math.Round(100m * time.Ticks / whole.Ticks, 3).ToString(CultureInfo.InvariantCulture);

    private sealed record Bar(string Name, bool IsPod, Part[] Parts);

    private sealed record Part(string Class, string Says, TimeSpan From, TimeSpan To);
}
