using System.Collections.Immutable;
using Sparkwright.World.Ec2;
using Sparkwright.World.Karpenter.InstanceTypes;

namespace Sparkwright.World.Karpenter.Cloud;

/// <summary>
/// Works out the shapes of a region once for each kind of kubelet and choice of zones, and keeps them: they are facts, the same in every world
/// of the process.
/// </summary>
internal static class ShapeTables
{
    /// <summary>Tables kept; each takes a few megabytes, and a world rarely has more than three kinds of kubelet.</summary>
    private const int MostTables = 32;

    private static readonly Lock Guard = new();
    private static readonly Dictionary<(Ec2Catalogue Catalogue, string Zones, KubeletSettings Kubelet, Generation Generation), ShapeTable> Known = [];

    /// <param name="zones">In ordinal order.</param>
    public static ShapeTable Of(Ec2Catalogue catalogue, IReadOnlyList<string> zones, KubeletSettings kubelet, Generation generation)
    {
        var key = (catalogue, string.Join(',', zones), kubelet, generation);
        lock (Guard)
        {
            if (!Known.TryGetValue(key, out var table))
            {
                if (Known.Count == MostTables)
                {
                    Known.Clear();
                }

                Known.Add(key, table = new ShapeTable([.. catalogue.Types.Select(type => Shape(catalogue, type, zones, kubelet, generation))]));
            }

            return table;
        }
    }

    private static NodeShape Shape(Ec2Catalogue catalogue, InstanceType type, IReadOnlyList<string> zones, KubeletSettings kubelet, Generation generation)
    {
        var capacity = NodeResources.Capacity(type, kubelet, generation);
        return new NodeShape(
            type,
            TypeLabels.Of(type, capacity.Pods, catalogue.Region, generation),
            capacity,
            NodeResources.Allocatable(type, kubelet, generation),
            Offerings(catalogue, type, zones));
    }

    private static ImmutableArray<Offering> Offerings(Ec2Catalogue catalogue, InstanceType type, IReadOnlyList<string> zones)
    {
        var offerings = ImmutableArray.CreateBuilder<Offering>();
        foreach (var zone in zones)
        {
            if (!catalogue.IsOffered(type, zone))
            {
                continue;
            }

            foreach (var capacityType in new[] { FleetChoice.OnDemand, FleetChoice.Spot })
            {
                if (catalogue.Usd(type, capacityType) is { } usd)
                {
                    offerings.Add(new Offering(zone, capacityType, usd));
                }
            }
        }

        return offerings.ToImmutable();
    }
}
