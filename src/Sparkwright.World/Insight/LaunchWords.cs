using System.Globalization;
using Sparkwright.Kubernetes.Fitting;
using Sparkwright.Kubernetes.Objects;

namespace Sparkwright.World.Insight;

/// <summary>Why Karpenter bought a node, in a sentence, from the record that it left.</summary>
public static class LaunchWords
{
    private const int MostPods = 3;

    // Dividing by a one with many decimals takes trailing zeros off a decimal.
    private const decimal One = 1.0000000000000000000000000000m;

    /// <param name="record">The spec of a LaunchRecord.</param>
    public static string Say(TreeMap record)
    {
        var requests = ResourceList.From(record["requests"]);
        var chosen = record["instanceType"]?.Text ?? "";
        var offers = Tree.ItemsOf(record["offers"]).ToArray()
            .Select(offer => (Type: offer["instanceType"]?.Text ?? "", Zone: offer["zone"]?.Text ?? "", Usd: Price(offer["usdPerHour"])))
            .OrderBy(offer => offer.Usd)
            .ThenBy(offer => offer.Type, StringComparer.Ordinal)
            .ThenBy(offer => offer.Zone, StringComparer.Ordinal)
            .ToList();
        var bought = offers.Find(offer => offer.Type == chosen);
        var next = offers.Find(offer => offer.Type != chosen && offer.Usd >= bought.Usd);
        var price = offers.Count == 0 ? "" : $" at {Print(bought.Usd)} USD/h, {(bought.Usd == offers[0].Usd ? "the cheapest" : "taken")} of {record["offersLeft"]?.Integer ?? offers.Count} offers";
        return $"for {Pods(record)}: {record["typesLeft"]?.Integer ?? 0} of the {record["typesInPool"]?.Integer ?? 0} types of {record["pool"]?.Text} hold "
            + $"{requests.CpuMillis}m and {requests.MemoryMi}Mi; {record["capacityType"]?.Text} {chosen}{price}"
            + (next.Type is null ? "" : $"; next {next.Type} at {Print(next.Usd)}");
    }

    private static string Pods(TreeMap record)
    {
        var names = Tree.ItemsOf(record["pods"]).ToArray().Select(pod => pod.Text ?? "").Select(name => name[(name.IndexOf('/', StringComparison.Ordinal) + 1)..]).ToList();
        return names.Count <= MostPods
            ? string.Join(", ", names)
            : $"{string.Join(", ", names.Take(MostPods - 1))} and {(names.Count - MostPods + 1).ToString(CultureInfo.InvariantCulture)} more pods";
    }

    private static decimal Price(Tree? tree) => decimal.TryParse(tree?.Text, NumberStyles.Float, CultureInfo.InvariantCulture, out var usd) ? usd : 0;

    private static string Print(decimal usd) => (Math.Round(usd, 6) / One).ToString(CultureInfo.InvariantCulture);
}
