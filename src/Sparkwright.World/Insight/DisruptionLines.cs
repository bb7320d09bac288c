using System.Collections.Immutable;
using Sparkwright.Kubernetes.Objects;
using Sparkwright.World.Karpenter.Disruption;

namespace Sparkwright.World.Insight;

/// <summary>What Karpenter disrupted and what it could not, from the records and events that it left.</summary>
public static class DisruptionLines
{
    private static readonly string[] KeepingReasons = ["DisruptionBlocked", "Unconsolidatable", "FailedDraining", "NodeRepairBlocked"];

    /// <summary>The decisions in the order of time.</summary>
    public static ImmutableArray<DisruptionLine> Of(History history) =>
    [
        .. history.Decisions
            .Select(record => Of(record, history.Start))
            .OrderBy(line => line.At)
            .ThenBy(line => line.Candidates[0].Node, StringComparer.Ordinal),
    ];

    /// <summary>Nodes and pools that were kept, with the reason in Karpenter's words; what is an hour old is forgotten, as its event is.</summary>
    public static ImmutableArray<KeptLine> KeptOf(History history) =>
    [
        .. history.Known(CoreTypes.Event)
            .Where(told => KeepingReasons.Contains(told.Body["reason"]?.Text) && told.Body.At("involvedObject", "kind")?.Text is "Node" or "NodePool" or "Provisioner")
            .Select(told => (Reason: told.Body["reason"]!.Text!, Why: told.Body["message"]?.Text ?? "", About: $"{told.Body.At("involvedObject", "kind")!.Text} {told.Body.At("involvedObject", "name")?.Text}"))
            .GroupBy(told => (told.Reason, told.Why))
            .Select(alike => new KeptLine([.. alike.Select(told => told.About).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)], alike.Key.Reason, alike.Key.Why))
            .OrderByDescending(line => line.About.Length)
            .ThenBy(line => line.About[0], StringComparer.Ordinal)
            .ThenBy(line => line.Why, StringComparer.Ordinal),
    ];

    /// <summary>A method of disruption in a word.</summary>
    public static string Word(DisruptionMethod method) => method switch
    {
        DisruptionMethod.Expiration => "expired",
        DisruptionMethod.Drift or DisruptionMethod.StaticDrift => "drifted",
        DisruptionMethod.Emptiness => "empty",
        DisruptionMethod.MultiNode => "consolidation of several",
        DisruptionMethod.SingleNode => "consolidation of one",
        _ => throw new System.Diagnostics.UnreachableException(),
    };

    private static DisruptionLine Of(ApiObject from, DateTime start)
    {
        var record = DisruptionRecord.Of(from);
        var replacement = Tree.ItemsOf(from.Spec["replacements"]) is [var first, ..] ? first : null;
        return new DisruptionLine
        {
            At = from.Metadata.CreationTimestamp > start ? from.Metadata.CreationTimestamp - start : TimeSpan.Zero,
            Method = Word(record.Method),
            Outcome = record.Phase switch
            {
                DisruptionPhase.Done or DisruptionPhase.Leaving => "done",
                DisruptionPhase.Abandoned => "given up",
                DisruptionPhase.Failed => "failed",
                DisruptionPhase.Waiting => "waits for the replacement",
                _ => "is looked at again",
            },
            Why = from.Status["why"]?.Text,
            Candidates =
            [
                .. Tree.ItemsOf(from.Spec["candidates"]).ToArray().Select(candidate => new DisruptedLine(
                    candidate["node"]?.Text ?? "", candidate["pool"]?.Text ?? "", candidate["instanceType"]?.Text ?? "", candidate["capacityType"]?.Text ?? "",
                    LaunchLines.Price(candidate["usdPerHour"]), Tree.ItemsOf(candidate["pods"]).Length)),
            ],
            ReplacementTypes = [.. Tree.ItemsOf(replacement?["types"]).ToArray().Select(type => type.Text ?? "")],
            ReplacementUsdPerHour = LaunchLines.Price(replacement?["usdPerHour"]),
            SavingsUsdPerHour = record.SavingsUsdPerHour,
            Stayed =
            [
                .. Tree.ItemsOf(from.Spec["stayed"]).ToArray()
                    .GroupBy(note => note["why"]?.Text ?? "", note => note["node"]?.Text ?? "", StringComparer.Ordinal)
                    .Select(alike => new KeptLine([.. alike.Select(node => $"Node {node}")], "", alike.Key)),
            ],
        };
    }
}

/// <summary>A decision to disrupt nodes.</summary>
public sealed record DisruptionLine
{
    /// <summary>Since the world's start, in whole seconds.</summary>
    public required TimeSpan At { get; init; }

    /// <summary>expired, drifted, empty, consolidation of several, consolidation of one.</summary>
    public required string Method { get; init; }

    /// <summary>done, given up, failed, or how far it is.</summary>
    public required string Outcome { get; init; }

    /// <summary>Why it was given up or failed.</summary>
    public string? Why { get; init; }

    public required ImmutableArray<DisruptedLine> Candidates { get; init; }

    /// <summary>What the node that takes their place may be; empty for a plain removal.</summary>
    public required ImmutableArray<string> ReplacementTypes { get; init; }

    /// <summary>Price of the cheapest replacement.</summary>
    public decimal? ReplacementUsdPerHour { get; init; }

    /// <summary>Null when a price was not known.</summary>
    public decimal? SavingsUsdPerHour { get; init; }

    /// <summary>Nodes that were looked at and stayed, with the reason.</summary>
    public required ImmutableArray<KeptLine> Stayed { get; init; }
}

/// <summary>A node that goes.</summary>
/// <param name="Pods">How many of its pods have to move.</param>
public sealed record DisruptedLine(string Node, string Pool, string InstanceType, string CapacityType, decimal? UsdPerHour, int Pods);

/// <summary>Nodes or pools that were kept for one reason.</summary>
/// <param name="About">Kind and name.</param>
/// <param name="Reason">The event's reason; empty for a note of a decision.</param>
public sealed record KeptLine(ImmutableArray<string> About, string Reason, string Why);
