using System.Collections.Immutable;
using Sparkwright.Kubernetes.Fitting;
using Sparkwright.Kubernetes.Objects;
using Sparkwright.World.Ec2;
using Sparkwright.World.Karpenter.Requirements;

namespace Sparkwright.World.Karpenter.Solver;

/// <summary>All that a plan depends on, as it was at one moment.</summary>
/// <param name="Pools">By weight descending, then by name: the order in which they are tried.</param>
/// <param name="Nodes">Existing nodes, initialized ones first, then by name.</param>
public sealed record SolverInput(ImmutableArray<SolverPool> Pools, ImmutableArray<SolverNode> Nodes, ImmutableArray<SolverPod> Pods);

/// <summary>A Provisioner or NodePool with the nodes that it could launch.</summary>
public sealed record SolverPool
{
    public required string Name { get; init; }

    public required Generation Generation { get; init; }

    /// <summary>The pool's requirements, and its labels as values that are fixed.</summary>
    public required RequirementSet Requirements { get; init; }

    /// <summary>Taints that pods must tolerate; startup taints are not among them.</summary>
    public ImmutableArray<Taint> Taints { get; init; } = [];

    /// <summary>What the DaemonSets take of a new node.</summary>
    public ResourceList DaemonOverhead { get; init; } = ResourceList.Zero;

    public ImmutableArray<HostPort> DaemonPorts { get; init; } = [];

    public required ImmutableArray<SolverType> Types { get; init; }

    /// <summary>What the pool's limits still allow, by resource (millicores, bytes, units); a resource that is not there has no limit.</summary>
    public ImmutableSortedDictionary<string, long> Remaining { get; init; } = ImmutableSortedDictionary.Create<string, long>(StringComparer.Ordinal);
}

/// <summary>An instance type as a pool would run it.</summary>
public sealed record SolverType(InstanceType Type, RequirementSet Labels, ResourceList Capacity, ResourceList Allocatable, ImmutableArray<Offering> Offerings)
{
    /// <summary>Whether an available offering satisfies the requirements on zone and capacity type.</summary>
    public bool HasOffering(RequirementSet requirements) => OfferingsFor(requirements).Any();

    public IEnumerable<Offering> OfferingsFor(RequirementSet requirements)
    {
        var zone = requirements.Get(KarpenterLabels.Zone);
        var capacityType = requirements.Get(KarpenterLabels.CapacityType);
        foreach (var offering in Offerings)
        {
            if (offering.IsAvailable && zone?.Has(offering.Zone) != false && capacityType?.Has(offering.CapacityType) != false)
            {
                yield return offering;
            }
        }
    }
}

/// <summary>A type in one zone as spot or on-demand.</summary>
/// <param name="IsAvailable">False while the offering is known to be out of capacity.</param>
public sealed record Offering(string Zone, string CapacityType, decimal UsdPerHour, bool IsAvailable);

/// <summary>A node that exists, or is on its way, with what is left of it.</summary>
/// <param name="Taints">Those that count: a node that is not initialized yet does not show its temporary ones.</param>
/// <param name="Available">Allocatable less its pods and the daemons still to come.</param>
public sealed record SolverNode(string Name, RequirementSet Labels, ImmutableArray<Taint> Taints, ResourceList Available, ImmutableArray<HostPort> Ports);

/// <summary>A pod that needs a place.</summary>
public sealed record SolverPod(ObjectKey Key, string Uid, DateTime CreatedAt, PodSpecView Spec);
