using System.Globalization;
using System.Net;
using System.Text;
using Sparkwright.Kubernetes.Objects;
using Sparkwright.World.Scenarios;

namespace Sparkwright.Cli.Output;

/// <summary>Outcomes of scenarios as one page that needs nothing but itself, in light and dark.</summary>
public static class ScenarioHtml
{
    private const string Style = """
        :root{color-scheme:light dark;--bg:#f6f7f9;--card:#fff;--ink:#1b2430;--soft:#667085;--line:#e3e7ec;--ok:#12805c;--bad:#c4321c;--node:#cfe0fb;--spot:#cdeedd;--wait:#f3d9a4;--run:#3b74d6}
        @media(prefers-color-scheme:dark){:root{--bg:#12161c;--card:#1a2029;--ink:#e6eaf0;--soft:#95a1b2;--line:#2b3442;--ok:#4cc79a;--bad:#ff7d66;--node:#2a4166;--spot:#1f4d3c;--wait:#6b5424;--run:#6ea0f5}}
        *{box-sizing:border-box}body{margin:0;background:var(--bg);color:var(--ink);font:14px/1.5 system-ui,sans-serif}
        main{max-width:1080px;margin:0 auto;padding:32px 20px 64px}h1{font-size:24px;margin:0 0 4px}h2{font-size:17px;margin:0}h3{font-size:12px;letter-spacing:.05em;text-transform:uppercase;color:var(--soft);margin:22px 0 6px}
        .sum{color:var(--soft);margin:0 0 24px}section{background:var(--card);border:1px solid var(--line);border-radius:10px;padding:18px 20px;margin:0 0 18px}
        .head{display:flex;gap:12px;align-items:center;flex-wrap:wrap}.tag{font-size:12px;font-weight:600;border-radius:99px;padding:1px 10px;border:1px solid currentColor}.ok{color:var(--ok)}.bad{color:var(--bad)}
        .meta{color:var(--soft);font-size:13px;margin:4px 0 0}.facts{display:grid;grid-template-columns:repeat(auto-fit,minmax(120px,1fr));gap:10px;margin:16px 0 0}.facts div{border:1px solid var(--line);border-radius:8px;padding:8px 12px}
        .facts b{display:block;font-size:18px;font-variant-numeric:tabular-nums}.facts span{color:var(--soft);font-size:12px}.scroll{overflow-x:auto}table{border-collapse:collapse;width:100%;font-size:13px}
        th{text-align:left;color:var(--soft);font-weight:500}th,td{padding:4px 14px 4px 0;border-bottom:1px solid var(--line);vertical-align:top}td.n,th.n{text-align:right;font-variant-numeric:tabular-nums}
        svg{width:100%;height:auto;display:block}svg text{fill:var(--ink);font-size:11px;font-family:inherit}svg .s{fill:var(--soft)}svg .tick{stroke:var(--line)}.node{fill:var(--node)}.spot{fill:var(--spot)}.wait{fill:var(--wait)}.run{fill:var(--run)}
        .key{display:flex;gap:16px;color:var(--soft);font-size:12px;margin:6px 0 0}.key i{display:inline-block;width:12px;height:10px;border-radius:2px;margin-right:5px}summary{cursor:pointer;color:var(--soft)}
        """;

    public static string Of(IReadOnlyList<ScenarioReport> reports)
    {
        var failed = reports.Count(report => report is ScenarioReport.Ran { Run.ExpectationFailed: true });
        var unreadable = reports.Count(report => report is ScenarioReport.Unreadable);
        var html = new StringBuilder()
            .Append("<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width,initial-scale=1\"><title>Scenarios</title><style>")
            .Append(Style)
            .Append(CultureInfo.InvariantCulture, $"</style></head><body><main><h1>Scenarios</h1><p class=\"sum\">{reports.Count} in all, {failed} failed, {unreadable} unreadable · simulated in virtual time</p>\n");
        foreach (var report in reports)
        {
            html.Append("<section>");
            switch (report)
            {
                case ScenarioReport.Ran ran:
                    Ran(html, ran);
                    break;
                case ScenarioReport.Unreadable wrong:
                    html.Append(CultureInfo.InvariantCulture, $"<div class=\"head\"><h2>{Text(wrong.File)}</h2><span class=\"tag bad\">unreadable</span></div><p>{Text(wrong.Message)}</p>");
                    break;
            }

            html.Append("</section>\n");
        }

        return html.Append("</main></body></html>\n").ToString();
    }

    private static void Ran(StringBuilder html, ScenarioReport.Ran ran)
    {
        var (run, report) = (ran.Run, ran.Report);
        var (css, word) = run.ExpectationFailed ? ("bad", "failed") : ("ok", "passed");
        html.Append(CultureInfo.InvariantCulture, $"<div class=\"head\"><h2>{Text(run.Scenario.Name)}</h2><span class=\"tag {css}\">{word}</span></div>")
            .Append(CultureInfo.InvariantCulture, $"<p class=\"meta\">{Text(ran.File)} · seed {report.Seed}</p><div class=\"facts\">");
        foreach (var (label, value) in new[]
        {
            ("virtual time", ScenarioTimeline.Clock(report.Virtual)), ("nodes", Number(report.Nodes.Length)), ("pods", Number(report.Pods.Length)),
            ("Karpenter nodes", Usd(report.Cost.Usd)), ("of it idle", Usd(report.Cost.UsdIdle)), ("of it spot", Usd(report.Cost.UsdSpot)),
        })
        {
            html.Append(CultureInfo.InvariantCulture, $"<div><b>{value}</b><span>{label}</span></div>");
        }

        html.Append("</div>");
        if (run.Steps.Any(step => !step.Ok))
        {
            html.Append("<h3>Not as asked</h3>");
            Table(html, ["step", "action", "at", "message"], run.Steps.Where(step => !step.Ok).Select(step => new[]
            {
                Number(step.Index), step.Action, ScenarioTimeline.Clock(step.At),
                string.Join("; ", step.Documents.Where(document => !document.IsAccepted).Select(document => $"{document.Kind} {document.Name}: {document.Status} {document.Message}").Prepend(step.Message).Where(text => text.Length > 0)),
            }));
        }

        ScenarioTimeline.Draw(html, report);
        if (report.Nodes.Length > 0)
        {
            html.Append("<h3>Nodes</h3>");
            Table(html, ["name", "type", "zone", "capacity", "pool", "ready", "ended", "USD", "why"], report.Nodes.Select(node => new[]
            {
                node.Name, node.InstanceType ?? "", node.Zone ?? "", node.CapacityType ?? "", node.Pool ?? "", At(node.ReadyAt), At(node.DeletedAt), Usd(node.Usd), node.Why ?? "",
            }));
        }

        foreach (var snapshot in run.Snapshots)
        {
            Snapshot(html, snapshot);
        }

        foreach (var finding in report.Findings)
        {
            html.Append(CultureInfo.InvariantCulture, $"<p class=\"meta\"><b>{Text(finding.Severity)}</b> {Text(finding.Rule)}: {Text(finding.Message)}</p>");
        }
    }

    private static void Snapshot(StringBuilder html, SnapshotOutcome snapshot)
    {
        html.Append(CultureInfo.InvariantCulture, $"<h3>Snapshot {Text(snapshot.Name)} at {ScenarioTimeline.Clock(snapshot.At)}</h3>");
        foreach (var (kind, objects) in (snapshot.Content["objects"] as TreeMap ?? TreeMap.Empty).Members().Where(member => member.Value is TreeList { Count: > 0 }))
        {
            var items = Tree.ItemsOf(objects).ToArray();
            html.Append(CultureInfo.InvariantCulture, $"<details><summary>{Text(kind)} ({items.Length})</summary>");
            Table(html, ["namespace", "name", "state", "where"], items.Select(item => new[]
            {
                item.At("metadata", "namespace")?.Text ?? "",
                item.At("metadata", "name")?.Text ?? item["instanceId"]?.Text ?? "",
                item.At("status", "phase")?.Text ?? item["state"]?.Text ?? item["reason"]?.Text ?? "",
                item.At("spec", "nodeName")?.Text ?? item["instanceType"]?.Text ?? item["message"]?.Text ?? "",
            }));
            html.Append("</details>");
        }
    }

    private static void Table(StringBuilder html, string[] heads, IEnumerable<string[]> rows)
    {
        html.Append("<div class=\"scroll\"><table><tr>").AppendJoin("", heads.Select(head => $"<th>{head}</th>")).Append("</tr>");
        foreach (var row in rows)
        {
            html.Append("<tr>").AppendJoin("", row.Select(cell => $"<td>{Text(cell)}</td>")).Append("</tr>");
        }

        html.Append("</table></div>");
    }

    private static string At(TimeSpan? time) => time is { } known ? ScenarioTimeline.Clock(known) : "";

    private static string Usd(decimal usd) => usd.ToString("$0.0000", CultureInfo.InvariantCulture);

    private static string Number(int value) => value.ToString(CultureInfo.InvariantCulture);

    private static string Text(string text) => WebUtility.HtmlEncode(text);
}
