using System.Globalization;
using System.Text;
using Sparkwright.World.Insight;

namespace Sparkwright.Cli.Output;

/// <summary>The parts of a report that pages of runs and of scenarios share.</summary>
internal static class ReportHtml
{
    public static void Facts(HtmlPage page, RunReport report)
    {
        var still = report.Waits.Where(wait => wait.StillWaits).Sum(wait => wait.Pods.Length);
        page.Facts(
        [
            ("simulated time", HtmlTimeline.Clock(report.Virtual)),
            ("pods", Number(report.Pods.Length)),
            ("pods without a node", Number(still)),
            ("nodes in all", Number(report.Nodes.Length)),
            ("bought by Karpenter", Number(report.Nodes.Count(node => node.IsKarpenters))),
            ("for Karpenter's nodes", Usd(report.Cost.Usd)),
            ("of that idle", Usd(report.Cost.UsdIdle)),
            ("of that spot", Usd(report.Cost.UsdSpot)),
        ]);
    }

    /// <summary>Everything below the heading of one run.</summary>
    public static void Draw(HtmlPage page, RunReport report)
    {
        HtmlTimeline.Draw(page, report);
        Gangs(page, report);
        Waits(page, report);
        Tables(page, ReasonTables.Pending(report, TableStyle.Page));
        Tables(page, ReasonTables.Launches(report, TableStyle.Page));
        Tables(page, ReasonTables.Disruptions(report, TableStyle.Page));
        Tables(page, ReasonTables.Kept(report, TableStyle.Page));
        Cost(page, report);
        Nodes(page, report);
        Pods(page, report);
        Findings(page, report);
    }

    private static void Gangs(HtmlPage page, RunReport report)
    {
        foreach (var gang in report.Gangs.Take(TableStyle.Page.MostRows))
        {
            var tables = ReasonTables.Of(gang, TableStyle.Page).ToList();
            Tables(page, tables.Take(1));
            page.Note(Reasons.Terms(gang));
            Tables(page, tables.Skip(1));
            page.Note(Reasons.Reservation(gang));
        }

        More(page, report.Gangs.Length - TableStyle.Page.MostRows);
    }

    private static void Waits(HtmlPage page, RunReport report)
    {
        if (report.Waits.IsEmpty)
        {
            return;
        }

        page.Heading("Why pods wait", "what each pool said, with both sides of the rule");
        foreach (var wait in report.Waits.Take(TableStyle.Page.MostRows))
        {
            var html = new StringBuilder("<div class=\"why\">")
                .Append(CultureInfo.InvariantCulture, $"<p><span class=\"tag {(wait.StillWaits ? "bad\">no node" : "ok\">found one later")}</span> <b>{HtmlPage.Text(Reasons.Names(wait.Pods, TableStyle.Page.MostNamed))}</b> · refused for {HtmlTimeline.Clock(wait.Longest)} from {HtmlTimeline.Clock(wait.Since)} on</p>");
            foreach (var pool in wait.Pools)
            {
                html.Append(CultureInfo.InvariantCulture, $"<p>{(pool.Pool is null ? "" : $"Pool <b>{HtmlPage.Text(pool.Pool)}</b> · ")}<b>{HtmlPage.Text(pool.Rule)}</b>: {HtmlPage.Text(pool.Why)}</p>");
                if (!pool.Types.IsEmpty)
                {
                    html.Append("<ul>").AppendJoin("", pool.Types.Select(types => $"<li>{HtmlPage.Text(Reasons.Types(types))}</li>")).Append("</ul>");
                }
            }

            page.Raw(html.Append("</div>\n").ToString());
        }
    }

    /// <summary>A table that the text has too.</summary>
    private static void Tables(HtmlPage page, IEnumerable<ReportTable> tables)
    {
        foreach (var table in tables)
        {
            if (table.Heading.Length > 0)
            {
                page.Heading(table.Heading, table.Aside);
            }

            page.Table([.. table.Titles], table.Rows.Select(row => row.ToArray()));
            More(page, table.More);
        }
    }

    private static void Cost(HtmlPage page, RunReport report)
    {
        if (report.Cost.Usd <= 0)
        {
            return;
        }

        var used = Math.Round(100 * (report.Cost.Usd - report.Cost.UsdIdle) / report.Cost.Usd, 1).ToString(CultureInfo.InvariantCulture);
        page.Heading("Cost", "Karpenter's instances at list prices");
        page.Raw($"<div class=\"share\" role=\"img\" aria-label=\"{used} % of the dollars were asked for\"><i style=\"width:{used}%\"></i></div>\n");
        page.Note($"{Usd(report.Cost.Usd - report.Cost.UsdIdle)} asked for by pods, {Usd(report.Cost.UsdIdle)} idle ({Numbers.Percent(report.Cost.UsdIdle, report.Cost.Usd)}); spot {Usd(report.Cost.UsdSpot)}, on demand {Usd(report.Cost.UsdOnDemand)}.");
        page.Table(
            ["pool", ">nodes", ">USD", ">idle USD", ">idle share"],
            report.Nodes.Where(node => node.IsKarpenters)
                .GroupBy(node => node.Pool ?? "", StringComparer.Ordinal)
                .OrderBy(pool => pool.Key, StringComparer.Ordinal)
                .Select(pool => new[]
                {
                    pool.Key, Number(pool.Count()), Usd(pool.Sum(node => node.Usd)), Usd(pool.Sum(node => node.UsdIdle)), Numbers.Percent(pool.Sum(node => node.UsdIdle), pool.Sum(node => node.Usd)),
                }));
        page.Note(RunReport.LeftOut);
    }

    private static void Nodes(HtmlPage page, RunReport report)
    {
        if (report.Nodes.IsEmpty)
        {
            return;
        }

        page.Heading("Nodes");
        page.Table(
            ["!node", "!type", "!zone", "!capacity", "pool", ">launched", ">ready", ">ended", ">pods", ">USD"],
            report.Nodes.Take(TableStyle.Page.MostRows).Select(node => new[]
            {
                node.Name.Split('.')[0], node.InstanceType ?? "", node.Zone ?? "", node.CapacityType ?? "", node.Pool ?? "", HtmlTimeline.Clock(node.CreatedAt), At(node.ReadyAt), At(node.DeletedAt),
                Number(node.Pods.Length), Usd(node.Usd),
            }));
        More(page, report.Nodes.Length - TableStyle.Page.MostRows);
    }

    private static void Pods(HtmlPage page, RunReport report)
    {
        if (report.Pods.IsEmpty)
        {
            return;
        }

        page.Heading("Pods");
        page.Table(
            ["pod", "!role", "!phase", ">CPU", ">memory", "!node", ">created", ">running", ">ended", "waited for"],
            report.Pods.Take(TableStyle.Page.MostRows).Select(pod => new[]
            {
                pod.Name, pod.Role ?? "", pod.Phase, Number(pod.CpuMillis) + "m", Number(pod.MemoryMi) + "Mi", pod.Node?.Split('.')[0] ?? "", HtmlTimeline.Clock(pod.CreatedAt), At(pod.RunningAt), At(pod.FinishedAt),
                PodWaits.Say([.. pod.Waits.Select(wait => wait with { Message = null })]) ?? "",
            }));
        More(page, report.Pods.Length - TableStyle.Page.MostRows);
    }

    private static void Findings(HtmlPage page, RunReport report)
    {
        var told = report.Findings.Where(finding => finding.Rule != RunReport.LeftOutRule).ToList();
        if (told.Count > 0)
        {
            page.Heading("Advice");
            page.Table(["!severity", "!rule", "finding"], told.Select(finding => new[] { finding.Severity, finding.Rule, finding.Message }));
        }
    }

    private static void More(HtmlPage page, int count)
    {
        if (count > 0)
        {
            page.Note($"and {Number(count)} more; --output json has all of them");
        }
    }

    private static string At(TimeSpan? time) => time is { } known ? HtmlTimeline.Clock(known) : "";

    private static string Usd(decimal usd) => "$" + Numbers.Usd(usd);

    private static string Number(long value) => value.ToString(CultureInfo.InvariantCulture);
}
