using System.Collections.Immutable;
using Sparkwright.World.Ec2;

namespace Sparkwright.World.Karpenter.Cloud;

/// <summary>Which of a node's offers go into the fleet request.</summary>
public static class FleetChoice
{
    public const string Spot = "spot";
    public const string OnDemand = "on-demand";

    /// <summary>AWS passes at most this many types to CreateFleet.</summary>
    private const int MostTypes = 60;

    /// <summary>
    /// The offers of the capacity type to launch as, cheapest first, ties by type name and then zone: spot before on-demand, as far as the
    /// requirements allow; unusual machines only when no other is left; no spot that costs more than the cheapest on-demand offer.
    /// </summary>
    /// <param name="keepsVariety">With minValues no type is left out for its kind or price.</param>
    public static ImmutableArray<LaunchOffer> Of(ImmutableArray<LaunchChoice> choices, bool keepsVariety = false)
    {
        var all = choices.SelectMany(choice => choice.Offerings.Select(offering => new LaunchOffer(choice.Shape, offering))).ToList();
        var capacityType = all.Exists(offer => offer.Offering.CapacityType == Spot) ? Spot : OnDemand;
        var offers = all.FindAll(offer => offer.Offering.CapacityType == capacityType);
        if (!keepsVariety && offers.Exists(offer => !IsExotic(offer.Shape.Type)))
        {
            offers.RemoveAll(offer => IsExotic(offer.Shape.Type));
        }

        if (!keepsVariety && capacityType == Spot && all.Exists(offer => offer.Offering.CapacityType == OnDemand))
        {
            var onDemand = all.Where(offer => offer.Offering.CapacityType == OnDemand).Min(offer => offer.Offering.UsdPerHour);
            if (offers.Exists(offer => offer.Offering.UsdPerHour <= onDemand))
            {
                offers.RemoveAll(offer => offer.Offering.UsdPerHour > onDemand);
            }
        }

        var cheapest = offers.GroupBy(offer => offer.Shape.Name, StringComparer.Ordinal)
            .OrderBy(type => type.Min(offer => offer.Offering.UsdPerHour))
            .ThenBy(type => type.Key, StringComparer.Ordinal)
            .Take(MostTypes)
            .Select(type => type.Key)
            .ToHashSet(StringComparer.Ordinal);
        return
        [
            .. offers.Where(offer => cheapest.Contains(offer.Shape.Name))
                .OrderBy(offer => offer.Offering.UsdPerHour)
                .ThenBy(offer => offer.Shape.Name, StringComparer.Ordinal)
                .ThenBy(offer => offer.Offering.Zone, StringComparer.Ordinal),
        ];
    }

    private static bool IsExotic(InstanceType type) => type.BareMetal || type.GpuCount > 0 || type.AcceleratorCount > 0;
}
