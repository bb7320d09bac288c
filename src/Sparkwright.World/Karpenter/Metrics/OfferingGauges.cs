using Sparkwright.Simulation.Metrics;
using Sparkwright.World.Karpenter.Cloud;
using Sparkwright.World.Karpenter.InstanceTypes;
using Sparkwright.World.Karpenter.Requirements;

namespace Sparkwright.World.Karpenter.Metrics;

/// <summary>What the pools could buy at the moment of reading: instance types, and their offerings in the zones of the pools' classes.</summary>
public static class OfferingGauges
{
    /// <param name="cloud">Not metered: a reading is no call of Karpenter's.</param>
    public static void Register(MetricRegistry registry, Pools pools, ICloudProvider cloud)
    {
        Add("instance_type_cpu_cores", "vCPUs of an instance type.", () => Types().Select(shape => (TypeLabels(shape), (double)shape.Type.Vcpu)));
        Add("instance_type_memory_bytes", "Memory of an instance type.", () => Types().Select(shape => (TypeLabels(shape), (double)(shape.Type.MemoryMib << 20))));
        Add("instance_type_offering_available", "1 when an instance type can be had in a zone as spot or on-demand.", () =>
            Offerings().Select(one => (OfferingLabels(one.Type, one.Offering), one.IsAvailable ? 1.0 : 0)));
        Add("instance_type_offering_price_estimate", "Its price, US dollars an hour.", () =>
            Offerings().Select(one => (OfferingLabels(one.Type, one.Offering), (double)one.Offering.UsdPerHour)));

        void Add(string name, string help, Func<IEnumerable<(LabelSet, double)>> compute) => registry.Add(new ComputedGauge("karpenter_cloudprovider_" + name, help, compute));

        IEnumerable<NodeShape> Types() => Tables().SelectMany(table => table.Shapes).DistinctBy(shape => shape.Name, StringComparer.Ordinal);

        IEnumerable<(string Type, Offering Offering, bool IsAvailable)> Offerings() => Tables()
            .SelectMany(table => table.Shapes.SelectMany((shape, at) =>
            {
                var available = table.OfferingsOf(at, RequirementSet.None).ToHashSet();
                return shape.Offerings.Select(offering => (shape.Name, Offering: offering, available.Contains(offering)));
            }))
            .DistinctBy(one => (one.Name, one.Offering.Zone, one.Offering.CapacityType));

        IEnumerable<ShapeTable> Tables() => pools.All()
            .Select(pool => pools.NodeClassOf(pool) is { } nodeClass ? cloud.ShapesFor(pool, nodeClass) : null)
            .OfType<ShapeTable>();
    }

    private static LabelSet TypeLabels(NodeShape shape) => LabelSet.Of(("instance_type", shape.Name));

    private static LabelSet OfferingLabels(string type, Offering offering) =>
        LabelSet.Of(("capacity_type", offering.CapacityType), ("instance_type", type), ("zone", offering.Zone));
}
