using System.Collections.Immutable;
using System.Globalization;
using Sparkwright.Kubernetes.Fitting;
using Sparkwright.Kubernetes.Objects;
using Sparkwright.World.Karpenter.Apis;

namespace Sparkwright.World.Insight;

/// <summary>What Karpenter bought and what else it could have bought, from the records that it left.</summary>
public static class LaunchLines
{
    /// <summary>The launches in the order of time.</summary>
    public static ImmutableArray<LaunchLine> Of(History history)
    {
        var launchedAt = history.Nodes.Where(node => node.InstanceId is not null).ToDictionary(node => node.InstanceId!, node => node.CreatedAt - history.Start, StringComparer.Ordinal);
        return
        [
            .. history.Known(KarpenterTypes.LaunchRecord)
                .Where(record => record.Spec["instanceId"] is not null)
                .Select(record => Of(record.Spec) with { At = launchedAt.GetValueOrDefault(record.Name) })
                .OrderBy(line => line.At)
                .ThenBy(line => line.Node, StringComparer.Ordinal),
        ];
    }

    /// <param name="record">The spec of a LaunchRecord; the time stays open.</param>
    public static LaunchLine Of(TreeMap record)
    {
        var chosen = record["instanceType"]?.Text ?? "";
        ImmutableArray<OfferLine> offers =
        [
            .. Tree.ItemsOf(record["offers"]).ToArray()
                .Select(offer => new OfferLine(offer["instanceType"]?.Text ?? "", offer["zone"]?.Text ?? "", Price(offer["usdPerHour"]) ?? 0))
                .OrderBy(offer => offer.UsdPerHour)
                .ThenBy(offer => offer.InstanceType, StringComparer.Ordinal)
                .ThenBy(offer => offer.Zone, StringComparer.Ordinal),
        ];
        return new LaunchLine
        {
            Node = record["node"]?.Text ?? "",
            Pool = record["pool"]?.Text ?? "",
            InstanceType = chosen,
            Zone = record["zone"]?.Text ?? "",
            CapacityType = record["capacityType"]?.Text ?? "",
            UsdPerHour = Price(record["usdPerHour"]) ?? offers.FirstOrDefault(offer => offer.InstanceType == chosen)?.UsdPerHour ?? 0,
            Requests = ResourceList.From(record["requests"]),
            TypesInPool = (int)(record["typesInPool"]?.Integer ?? 0),
            TypesLeft = (int)(record["typesLeft"]?.Integer ?? 0),
            OffersLeft = (int)(record["offersLeft"]?.Integer ?? offers.Length),
            Offers = offers,
            Pods = [.. Tree.ItemsOf(record["pods"]).ToArray().Select(pod => pod.Text ?? "")],
            RefusedPools = [.. Tree.ItemsOf(record["refusedPools"]).ToArray().Select(pool => pool.Text ?? "")],
        };
    }

    /// <summary>A price as records keep it.</summary>
    internal static decimal? Price(Tree? tree) => decimal.TryParse(tree?.Text, NumberStyles.Float, CultureInfo.InvariantCulture, out var usd) ? usd : null;
}

/// <summary>A node that Karpenter bought.</summary>
public sealed record LaunchLine
{
    /// <summary>Since the world's start.</summary>
    public TimeSpan At { get; init; }

    public required string Node { get; init; }

    public required string Pool { get; init; }

    public required string InstanceType { get; init; }

    public required string Zone { get; init; }

    public required string CapacityType { get; init; }

    public required decimal UsdPerHour { get; init; }

    /// <summary>What its pods and the DaemonSets ask for together.</summary>
    public required ResourceList Requests { get; init; }

    /// <summary>How many instance types the pool allows.</summary>
    public required int TypesInPool { get; init; }

    /// <summary>How many of them could carry the pods.</summary>
    public required int TypesLeft { get; init; }

    /// <summary>How many offers, of a type in a zone, EC2 was asked for.</summary>
    public required int OffersLeft { get; init; }

    /// <summary>The cheapest of those offers, and the one that was bought, by price.</summary>
    public required ImmutableArray<OfferLine> Offers { get; init; }

    /// <summary>namespace/name of the pods for which it was bought.</summary>
    public required ImmutableArray<string> Pods { get; init; }

    /// <summary>What the pools said that were asked before, in Karpenter's words.</summary>
    public required ImmutableArray<string> RefusedPools { get; init; }

    /// <summary>The cheapest offers of other types, one for each type.</summary>
    public IEnumerable<OfferLine> Others => Offers.Where(offer => offer.InstanceType != InstanceType).DistinctBy(offer => offer.InstanceType);
}

/// <summary>An instance type in a zone with its price.</summary>
public sealed record OfferLine(string InstanceType, string Zone, decimal UsdPerHour);
