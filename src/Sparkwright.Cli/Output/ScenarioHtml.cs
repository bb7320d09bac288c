using System.Globalization;
using Sparkwright.Kubernetes.Objects;
using Sparkwright.World.Scenarios;

namespace Sparkwright.Cli.Output;

/// <summary>Outcomes of scenarios as one page.</summary>
public static class ScenarioHtml
{
    public static string Of(IReadOnlyList<ScenarioReport> reports)
    {
        var failed = reports.Count(report => report is ScenarioReport.Ran { Run.ExpectationFailed: true });
        var unreadable = reports.Count(report => report is ScenarioReport.Unreadable);
        var page = new HtmlPage("Scenarios");
        var (css, word) = failed + unreadable == 0 ? ("ok", "passed") : ("bad", "not passed");
        page.Raw($"<div class=\"head\"><h1>Scenarios</h1><span class=\"tag {css}\">{word}</span></div>\n");
        page.Raw(string.Create(CultureInfo.InvariantCulture, $"<p class=\"sub\">{reports.Count} in all, {failed} failed, {unreadable} unreadable · simulated in virtual time</p>\n"));

        // What went wrong comes first and is open; a single scenario is what somebody wants to look at.
        foreach (var report in reports.OrderBy(report => report is ScenarioReport.Ran { Run.ExpectationFailed: false }))
        {
            switch (report)
            {
                case ScenarioReport.Ran ran:
                    Ran(page, ran, ran.Run.ExpectationFailed || reports.Count == 1);
                    break;
                case ScenarioReport.Unreadable wrong:
                    page.Raw($"<div class=\"card\"><div class=\"head\"><h2>{HtmlPage.Text(wrong.File)}</h2><span class=\"tag bad\">unreadable</span></div>");
                    page.Note(wrong.Message);
                    page.Raw("</div>\n");
                    break;
            }
        }

        return page.End();
    }

    private static void Ran(HtmlPage page, ScenarioReport.Ran ran, bool isOpen)
    {
        var (run, report) = (ran.Run, ran.Report);
        var (css, word) = run.ExpectationFailed ? ("bad", "failed") : ("ok", "passed");
        page.Raw($"<details class=\"card\"{(isOpen ? " open" : "")}><summary><div class=\"head\"><h2>{HtmlPage.Text(run.Scenario.Name)}</h2><span class=\"tag {css}\">{word}</span></div>");
        page.Raw($"<p class=\"sub\">{HtmlPage.Text($"{ran.File} · seed {report.Seed} · {HtmlTimeline.Clock(report.Virtual)}")}</p></summary>\n");
        ReportHtml.Facts(page, report);
        if (run.Steps.Any(step => !step.Ok))
        {
            page.Heading("Not as asked");
            page.Table([">step", "!action", ">at", "message"], run.Steps.Where(step => !step.Ok).Select(step => new[]
            {
                step.Index.ToString(CultureInfo.InvariantCulture), step.Action, HtmlTimeline.Clock(step.At),
                string.Join("; ", step.Documents.Where(document => !document.IsAccepted).Select(document => $"{document.Kind} {document.Name}: {document.Status} {document.Message}").Prepend(step.Message).Where(text => text.Length > 0)),
            }));
        }

        ReportHtml.Draw(page, report);
        foreach (var snapshot in run.Snapshots)
        {
            Snapshot(page, snapshot);
        }

        page.Raw("</details>\n");
    }

    private static void Snapshot(HtmlPage page, SnapshotOutcome snapshot)
    {
        page.Heading($"Snapshot {snapshot.Name}", $"at {HtmlTimeline.Clock(snapshot.At)}");
        foreach (var (kind, objects) in (snapshot.Content["objects"] as TreeMap ?? TreeMap.Empty).Members().Where(member => member.Value is TreeList { Count: > 0 }))
        {
            var items = Tree.ItemsOf(objects).ToArray();
            page.Raw(string.Create(CultureInfo.InvariantCulture, $"<details class=\"more\"><summary>{HtmlPage.Text(kind)} ({items.Length})</summary>"));
            page.Table(["namespace", "name", "state", "where"], items.Select(item => new[]
            {
                item.At("metadata", "namespace")?.Text ?? "",
                item.At("metadata", "name")?.Text ?? item["instanceId"]?.Text ?? "",
                item.At("status", "phase")?.Text ?? item["state"]?.Text ?? item["reason"]?.Text ?? "",
                item.At("spec", "nodeName")?.Text ?? item["instanceType"]?.Text ?? item["message"]?.Text ?? "",
            }));
            page.Raw("</details>\n");
        }
    }
}
