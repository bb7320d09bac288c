using System.Globalization;
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
        var line = LaunchLines.Of(record);
        var next = line.Offers.FirstOrDefault(offer => offer.InstanceType != line.InstanceType && offer.UsdPerHour >= line.UsdPerHour);
        var price = line.Offers.IsEmpty
            ? ""
            : $" at {Print(line.UsdPerHour)} USD/h, {(line.UsdPerHour == line.Offers[0].UsdPerHour ? "the cheapest" : "taken")} of {line.OffersLeft} offers";
        return $"for {Pods(line)}: {line.TypesLeft} of the {line.TypesInPool} types of {line.Pool} hold "
            + $"{line.Requests.CpuMillis}m and {line.Requests.MemoryMi}Mi; {line.CapacityType} {line.InstanceType}{price}"
            + (next is null ? "" : $"; next {next.InstanceType} at {Print(next.UsdPerHour)}");
    }

    private static string Pods(LaunchLine line)
    {
        var names = line.Pods.Select(name => name[(name.IndexOf('/', StringComparison.Ordinal) + 1)..]).ToList();
        return names.Count <= MostPods
            ? string.Join(", ", names)
            : $"{string.Join(", ", names.Take(MostPods - 1))} and {(names.Count - MostPods + 1).ToString(CultureInfo.InvariantCulture)} more pods";
    }

    private static string Print(decimal usd) => (Math.Round(usd, 6) / One).ToString(CultureInfo.InvariantCulture);
}
