using System.Globalization;
using Sparkwright.World.Insight;

namespace Sparkwright.Cli.Output;

/// <summary>Short words for the reasons of a report, as its text and its page share them.</summary>
public static class Reasons
{
    /// <summary>The first few names without their domain or namespace, and how many more there are.</summary>
    public static string Names(IReadOnlyList<string> names, int most)
    {
        var shown = names.Take(names.Count <= most ? most : most - 1).Select(Short).ToList();
        var more = names.Count - shown.Count;
        return string.Join(", ", shown) + (more > 0 ? $" and {more.ToString(CultureInfo.InvariantCulture)} more" : "");
    }

    /// <summary>Instance types that lack the same, with the one that comes nearest.</summary>
    public static string Types(TypesOutLine types) => types.Count == 1
        ? $"{types.Example}: {types.Detail}"
        : $"{types.Count.ToString(CultureInfo.InvariantCulture)} types by {types.Rule}, {(types.Rule == "resources" ? "nearest" : "such as")} {types.Example}: {types.Detail}";

    public static string Fit(LaunchLine launch) => $"{launch.TypesLeft.ToString(CultureInfo.InvariantCulture)} of {launch.TypesInPool.ToString(CultureInfo.InvariantCulture)}";

    /// <summary>What would have been bought instead.</summary>
    public static string Next(LaunchLine launch, int most) =>
        launch.Others.Any() ? string.Join(", ", launch.Others.Take(most).Select(offer => $"{offer.InstanceType} {Numbers.Usd(offer.UsdPerHour)}")) : "-";

    public static string Outcome(DisruptionLine line) => line.Why is null ? line.Outcome : $"{line.Outcome}: {line.Why}";

    public static string Replacement(DisruptionLine line) => line.ReplacementTypes.IsEmpty
        ? "nothing"
        : line.ReplacementTypes[0] + (line.ReplacementTypes.Length > 1 ? $" or {(line.ReplacementTypes.Length - 1).ToString(CultureInfo.InvariantCulture)} more types" : "")
            + (line.ReplacementUsdPerHour is { } usd ? $", from {Numbers.Usd(usd)}" : "");

    public static string Candidates(DisruptionLine line, int most) => Names([.. line.Candidates.Select(candidate => $"{candidate.Node.Split('.')[0]} ({candidate.InstanceType})")], most);

    /// <summary>Nodes that a decision looked at and left.</summary>
    public static string Stayed(DisruptionLine line, int most) =>
        string.Join("; ", line.Stayed.Take(most).Select(kept => $"{Names([.. kept.About.Select(about => about.Split('.')[0])], 2)}: {kept.Why}"));

    public static string Gang(GangLine gang) => $"Gang {gang.Application}: {gang.Groups.Sum(group => group.Placeholders).ToString(CultureInfo.InvariantCulture)} places held for its members";

    /// <summary>How long places are held, and what happens when that is not enough.</summary>
    public static string Terms(GangLine gang) =>
        $"In queue {gang.Queue}, placeholders are held for {((long)gang.Timeout.TotalSeconds).ToString(CultureInfo.InvariantCulture)} s from the first one's place on{(gang.TimeoutIsDefault ? " (the default)" : "")}; "
        + (gang.IsHard ? "style Hard: all or nothing." : "style Soft: the job goes on without them.");

    /// <summary>What the places cost while they were held.</summary>
    public static string Reservation(GangLine gang) =>
        $"Holding the places took {GangLines.Hours(gang.NodeHours)} node-hours, {Numbers.Usd(gang.Usd)} USD (each placeholder's part of its node, from its place to its end); "
        + (gang.UnusedNodeHours == 0 ? "every place was taken." : $"of that {GangLines.Hours(gang.UnusedNodeHours)} node-hours, {Numbers.Usd(gang.UnusedUsd)} USD for places that nobody took.");

    private static string Short(string name)
    {
        var local = name[(name.IndexOf('/', StringComparison.Ordinal) + 1)..];
        return local.Contains(".compute.internal", StringComparison.Ordinal) ? local.Split('.')[0] : local;
    }
}
