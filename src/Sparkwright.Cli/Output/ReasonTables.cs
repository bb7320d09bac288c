using System.Collections.Immutable;
using System.Globalization;
using Sparkwright.World.Insight;

namespace Sparkwright.Cli.Output;

/// <summary>The tables of a report's reasons: how gangs got their places, what was bought instead of what, which nodes went and which stayed.</summary>
internal static class ReasonTables
{
    /// <summary>A gang's task groups, and the phases of its reservation.</summary>
    public static IEnumerable<ReportTable> Of(GangLine gang, TableStyle style) =>
    [
        .. ReportTable.Of(
            Reasons.Gang(gang),
            "what its placeholders held, for whom, and what that cost",
            gang.Groups,
            style,
            ("!task group", group => group.Name),
            (">members", group => Number(group.Members)),
            (">CPU?", group => Number(group.CpuMillis) + "m"),
            (">memory?", group => Number(group.MemoryMi) + "Mi"),
            (">placeholders", group => Number(group.Placeholders)),
            (">replaced", group => Number(group.Replaced)),
            (">released", group => Number(group.Released))),
        .. ReportTable.Of(
            "",
            "",
            gang.Phases,
            style,
            ("!phase", phase => phase.Phase),
            (">from", phase => style.When(phase.From)),
            (">to", phase => style.When(phase.To)),
            (">count", phase => Number(phase.Count)),
            ("remark", phase => phase.Detail)),
    ];

    public static IEnumerable<ReportTable> Pending(RunReport report, TableStyle style) => ReportTable.Of(
        "Pods without a node",
        "what stands in their way now, by YuniKorn",
        [.. report.Pending.SelectMany(line => line.Reasons.Select(reason => (Line: line, Reason: reason)))],
        style,
        ("!queue?", row => row.Line.Queue),
        ("pods", row => Reasons.Names(row.Line.Pods, style.MostNamed)),
        ("!reason", row => row.Reason.Rule),
        ("why", row => row.Reason.Why));

    public static IEnumerable<ReportTable> Launches(RunReport report, TableStyle style) => ReportTable.Of(
        "Launches: why each node",
        "what Karpenter bought, and what it would have bought instead",
        report.Launches,
        style,
        (">at", launch => style.Time(launch.At)),
        ("!node", launch => Host(launch.Node)),
        ("!type", launch => launch.InstanceType),
        ("!capacity?", launch => launch.CapacityType),
        (">USD/h", launch => Numbers.Usd(launch.UsdPerHour)),
        ("!zone??", launch => launch.Zone),
        ("pool?", launch => launch.Pool),
        (">types that fit???", Reasons.Fit),
        ("next cheapest?", launch => Reasons.Next(launch, style.HasRoom ? style.MostNamed : 1)),
        ("for", launch => Reasons.Names(launch.Pods, style.MostNamed)));

    public static IEnumerable<ReportTable> Disruptions(RunReport report, TableStyle style)
    {
        ImmutableArray<(string, Func<DisruptionLine, string>)> columns =
        [
            (">at", line => style.Time(line.At)),
            ("why", line => line.Method),
            ("outcome", Reasons.Outcome),
            (">nodes?", line => Number(line.Candidates.Length)),
            (">pods?", line => Number(line.Candidates.Sum(candidate => candidate.Pods))),
            (">saves USD/h", line => line.SavingsUsdPerHour is { } savings ? Numbers.Usd(savings) : style.Nothing),
            ("replaced by??", Reasons.Replacement),
            ("which", line => Reasons.Candidates(line, style.MostNamed)),
        ];
        return ReportTable.Of(
            "Disruptions",
            "nodes that Karpenter decided to remove or replace",
            report.Disruptions,
            style,
            style.HasRoom ? columns.Add(("stayed, and why", line => Reasons.Stayed(line, style.MostNamed))) : columns);
    }

    public static IEnumerable<ReportTable> Kept(RunReport report, TableStyle style) => ReportTable.Of(
        "What kept nodes",
        "as the events of the last hour have it",
        report.Kept,
        style,
        ("!reason?", kept => kept.Reason),
        ("!of", kept => Reasons.Names(kept.About, style.MostNamed)),
        ("why", kept => kept.Why));

    private static string Host(string node) => node.Split('.')[0];

    private static string Number(long value) => value.ToString(CultureInfo.InvariantCulture);
}
