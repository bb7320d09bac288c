using System.Collections.Immutable;
using Sparkwright.Kubernetes.Fitting;
using Sparkwright.Kubernetes.Objects;
using Sparkwright.World.Karpenter.InstanceTypes;
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

    /// <summary>Every shape of the region; the requirements and the limits say which of them this pool may launch.</summary>
    public required ShapeTable Shapes { get; init; }

    /// <summary>What the pool's limits still allow, by resource (millicores, bytes, units); a resource that is not there has no limit.</summary>
    public ImmutableSortedDictionary<string, long> Remaining { get; init; } = ImmutableSortedDictionary.Create<string, long>(StringComparer.Ordinal);
}

/// <summary>A node that exists, or is on its way, with what is left of it.</summary>
/// <param name="Taints">Those that count: a node that is not initialized yet does not show its temporary ones.</param>
/// <param name="Available">Allocatable less its pods and the daemons still to come.</param>
public sealed record SolverNode(string Name, RequirementSet Labels, ImmutableArray<Taint> Taints, ResourceList Available, ImmutableArray<HostPort> Ports);

/// <summary>A pod that needs a place.</summary>
public sealed record SolverPod(ObjectKey Key, string Uid, DateTime CreatedAt, PodSpecView Spec);
