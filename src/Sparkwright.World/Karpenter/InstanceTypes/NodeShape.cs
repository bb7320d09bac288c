using System.Collections.Immutable;
using Sparkwright.Kubernetes.Fitting;
using Sparkwright.World.Ec2;
using Sparkwright.World.Karpenter.Requirements;

namespace Sparkwright.World.Karpenter.InstanceTypes;

/// <summary>An instance type as a pool would run it: what its nodes will offer, be labelled with, and cost.</summary>
/// <param name="Labels">All but zone and capacity type, which are the offerings'.</param>
public sealed record NodeShape(InstanceType Type, RequirementSet Labels, ResourceList Capacity, ResourceList Allocatable, ImmutableArray<Offering> Offerings)
{
    public string Name => Type.Name;
}

/// <summary>A type in one zone, as spot or on-demand.</summary>
public sealed record Offering(string Zone, string CapacityType, decimal UsdPerHour)
{
    /// <summary>The value of a label that comes from the offering; null for one that does not.</summary>
    public string? ValueOf(string label) => label switch
    {
        KarpenterLabels.Zone => Zone,
        KarpenterLabels.ZoneId => ZoneIds.Of(Zone),
        KarpenterLabels.CapacityType => CapacityType,
        _ => null,
    };

    /// <summary>Whether a label comes from the offering, not from the type.</summary>
    public static bool HasLabel(string label) => label is KarpenterLabels.Zone or KarpenterLabels.ZoneId or KarpenterLabels.CapacityType;
}

/// <summary>An offering that is known to be out of capacity.</summary>
public readonly record struct UnavailableOffering(string CapacityType, string Type, string Zone)
{
    private const string Any = "*";

    /// <summary>Whether it stands for every type in every zone.</summary>
    public bool IsAll => Type == Any;

    /// <summary>Everything of a capacity type.</summary>
    public static UnavailableOffering AllOf(string capacityType) => new(capacityType, Any, Any);
}
