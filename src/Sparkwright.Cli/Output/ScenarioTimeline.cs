using System.Globalization;
using System.Net;
using System.Text;
using Sparkwright.World.Insight;

namespace Sparkwright.Cli.Output;

/// <summary>The lives of nodes, and of the pods on them, as bars over time.</summary>
internal static class ScenarioTimeline
{
    private const int Left = 250;
    private const int Width = 1040;
    private const int Row = 18;
    private const int MostRows = 120;

    /// <summary>A time as 1:02:03, without hours that are not there.</summary>
    public static string Clock(TimeSpan time) => time.TotalHours >= 1
        ? $"{(long)time.TotalHours}:{time.Minutes:00}:{time.Seconds:00}"
        : $"{time.Minutes}:{time.Seconds:00}";

    public static void Draw(StringBuilder html, RunReport report)
    {
        var bars = Bars(report).ToList();
        if (bars.Count == 0 || report.Virtual == TimeSpan.Zero)
        {
            return;
        }

        var shown = bars.Take(MostRows).ToList();
        var height = (shown.Count * Row) + 24;
        html.Append(CultureInfo.InvariantCulture, $"<h3>Timeline</h3><div class=\"scroll\"><svg viewBox=\"0 0 {Width} {height}\" role=\"img\" aria-label=\"Nodes and pods over time\">");
        for (var tick = 0; tick <= 6; tick++)
        {
            var x = X(report.Virtual * tick / 6, report.Virtual);
            var anchor = tick switch { 0 => "start", 6 => "end", _ => "middle" };
            html.Append(CultureInfo.InvariantCulture, $"<line class=\"tick\" x1=\"{x}\" x2=\"{x}\" y1=\"16\" y2=\"{height}\"/><text class=\"s\" x=\"{x}\" y=\"11\" text-anchor=\"{anchor}\">{Clock(report.Virtual * tick / 6)}</text>");
        }

        foreach (var (bar, at) in shown.Select((bar, at) => (bar, at)))
        {
            var y = 20 + (at * Row);
            html.Append(CultureInfo.InvariantCulture, $"<text class=\"{(bar.IsPod ? "s" : "n")}\" x=\"{(bar.IsPod ? 14 : 0)}\" y=\"{y + 12}\">{WebUtility.HtmlEncode(Short(bar.Name))}</text>");
            foreach (var part in bar.Parts.Where(part => part.To > part.From))
            {
                var (from, to) = (X(part.From, report.Virtual), X(part.To, report.Virtual));
                html.Append(CultureInfo.InvariantCulture, $"<rect class=\"{part.Class}\" x=\"{from}\" y=\"{y + 2}\" width=\"{Math.Max(1, to - from)}\" height=\"{Row - 5}\" rx=\"3\"><title>{WebUtility.HtmlEncode(part.Says)} {Clock(part.From)} to {Clock(part.To)}</title></rect>");
            }
        }

        html.Append("</svg></div><div class=\"key\"><span><i class=\"node\" style=\"background:var(--node)\"></i>on-demand node</span><span><i style=\"background:var(--spot)\"></i>spot node</span>")
            .Append("<span><i style=\"background:var(--wait)\"></i>waits</span><span><i style=\"background:var(--run)\"></i>runs</span></div>");
        if (bars.Count > shown.Count)
        {
            html.Append(CultureInfo.InvariantCulture, $"<p class=\"meta\">{bars.Count - shown.Count} more are not drawn.</p>");
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
                new Part("wait", "starts", node.CreatedAt, from),
                new Part(node.CapacityType == "spot" ? "spot" : "node", "ready", from, node.DeletedAt ?? end),
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
        return new Bar(pod.Name, true, [new Part("wait", "waits", pod.CreatedAt, pod.RunningAt ?? gone), new Part("run", "runs", pod.RunningAt ?? gone, gone)]);
    }

    private static string Short(string name) => name.Length <= 36 ? name : name[..35] + "…";

    private static int X(TimeSpan time, TimeSpan whole) => Left + (int)((Width - Left) * time.Ticks / whole.Ticks);

    private sealed record Bar(string Name, bool IsPod, Part[] Parts);

    private sealed record Part(string Class, string Says, TimeSpan From, TimeSpan To);
}
