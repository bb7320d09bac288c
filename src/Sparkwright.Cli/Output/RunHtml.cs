using Sparkwright.World.Insight;

namespace Sparkwright.Cli.Output;

/// <summary>The report of a run as a page.</summary>
public static class RunHtml
{
    public static string Of(RunReport report)
    {
        var name = report.Job?.Name ?? report.Job?.Id ?? "Run";
        var page = new HtmlPage(name);
        var (css, state) = report.Job is { } job ? (job.State == "COMPLETED" ? "ok" : "bad", job.State) : ("bad", "no job run");
        page.Raw($"<div class=\"head\"><h1>{HtmlPage.Text(name)}</h1><span class=\"tag {css}\">{HtmlPage.Text(state)}</span></div>\n");
        page.Raw($"<p class=\"sub\">{HtmlPage.Text($"Job run {report.Job?.Id} · seed {report.Seed} · simulated: the script is not executed, task times are modelled")}</p>\n<div class=\"card\">");
        if (report.Job is { StateDetails: { Length: > 0 } details })
        {
            page.Note(details, report.Job.FailureReason);
        }

        ReportHtml.Facts(page, report);
        if (report.Job is { History.IsEmpty: false } known)
        {
            page.Heading("States");
            page.Table(["!state", ">at", ">for"], known.History.Select((entry, at) => new[]
            {
                entry.State, HtmlTimeline.Clock(entry.At), at + 1 < known.History.Length ? HtmlTimeline.Clock(known.History[at + 1].At - entry.At) : "",
            }));
        }

        ReportHtml.Draw(page, report);
        page.Raw("</div>\n");
        return page.End();
    }
}
