using System.Collections.Immutable;
using Sparkwright.World.Ec2;
using Sparkwright.World.Karpenter.InstanceTypes;

namespace Sparkwright.World.Karpenter.Cloud;

/// <summary>Works out the shapes of a region once for each kind of kubelet and choice of zones, and keeps them: they are facts.</summary>
internal sealed class ShapeTables(Ec2Catalogue catalogue)
{
    private readonly Dictionary<(string Zones, KubeletSettings Kubelet, Generation Generation), ShapeTable> known = [];

    /// <param name="zones">In ordinal order.</param>
    public ShapeTable Of(IReadOnlyList<string> zones, KubeletSettings kubelet, Generation generation)
    {
        var key = (string.Join(',', zones), kubelet, generation);
        if (!known.TryGetValue(key, out var table))
        {
            known.Add(key, table = new ShapeTable([.. catalogue.Types.Select(type => Shape(type, zones, kubelet, generation))]));
        }

        return table;
    }

    private NodeShape Shape(InstanceType type, IReadOnlyList<string> zones, KubeletSettings kubelet, Generation generation)
    {
        var capacity = NodeResources.Capacity(type, kubelet, generation);
        return new NodeShape(
            type,
            TypeLabels.Of(type, capacity.Pods, catalogue.Region, generation),
            capacity,
            NodeResources.Allocatable(type, kubelet, generation),
            Offerings(type, zones));
    }

    private ImmutableArray<Offering> Offerings(InstanceType type, IReadOnlyList<string> zones)
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
