using System.Collections.Immutable;
using Sparkwright.Kubernetes.Fitting;
using Sparkwright.Kubernetes.Objects;
using Sparkwright.World.Karpenter.InstanceTypes;
using Sparkwright.World.Karpenter.Requirements;

namespace Sparkwright.World.Karpenter.Solver;

/// <summary>All that a plan depends on, as it was at one moment.</summary>
/// <param name="Pools">By weight descending, then by name: the order in which they are tried.</param>
/// <param name="Nodes">Existing nodes, initialized ones first, then by name.</param>
public sealed record SolverInput(ImmutableArray<SolverPool> Pools, ImmutableArray<SolverNode> Nodes, ImmutableArray<SolverPod> Pods)
{
    /// <summary>The names of nodes that are there, but are about to go and take no pods.</summary>
    public IReadOnlySet<string> Gone { get; init; } = ImmutableHashSet<string>.Empty;

    /// <summary>The pods that are on nodes; those that need another place do not count. Needed only where pods have rules about their neighbours.</summary>
    public ImmutableArray<BoundPod> Bound { get; init; } = [];

    /// <summary>Whether pods' wishes are passed over from the start.</summary>
    public bool IgnoresPreferences { get; init; }

    /// <summary>Whether a pool's minValues are lowered to what there is.</summary>
    public bool LowersMinValues { get; init; }

    /// <summary>The labels of every namespace by its name.</summary>
    public ImmutableSortedDictionary<string, TreeMap> NamespaceLabels { get; init; } = ImmutableSortedDictionary.Create<string, TreeMap>(StringComparer.Ordinal);
}

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
    public DaemonLoad Daemons { get; init; } = DaemonLoad.None;

    /// <summary>Every shape of the region; the requirements and the limits say which of them this pool may launch.</summary>
    public required ShapeTable Shapes { get; init; }

    /// <summary>What the pool's limits still allow, by resource (millicores, bytes, units); a resource that is not there has no limit.</summary>
    public ImmutableSortedDictionary<string, long> Remaining { get; init; } = ImmutableSortedDictionary.Create<string, long>(StringComparer.Ordinal);
}

/// <summary>A node that exists, or is on its way, with what is left of it.</summary>
/// <param name="Taints">Those that count: a node that is not initialized yet does not show its temporary ones.</param>
/// <param name="Available">Allocatable less its pods and the daemons still to come.</param>
public sealed record SolverNode(string Name, RequirementSet Labels, ImmutableArray<Taint> Taints, ResourceList Available, ImmutableArray<HostPort> Ports)
{
    /// <summary>Whether pods may be moved here from another node; pods that wait for a node may come in any case.</summary>
    public bool TakesMovedPods { get; init; } = true;

    /// <summary>How many volumes each CSI driver can attach at most; a driver that is not there has no limit.</summary>
    public ImmutableSortedDictionary<string, long> VolumeLimits { get; init; } = ImmutableSortedDictionary.Create<string, long>(StringComparer.Ordinal);

    /// <summary>The volumes that its pods use.</summary>
    public ImmutableArray<VolumeUse> Volumes { get; init; } = [];
}

/// <summary>A pod that needs a place.</summary>
public sealed record SolverPod(ObjectKey Key, string Uid, DateTime CreatedAt, PodSpecView Spec)
{
    public TreeMap Labels { get; init; } = TreeMap.Empty;

    /// <summary>Whether it runs on a node that would be given up for this plan.</summary>
    public bool IsMoved { get; init; }

    /// <summary>Where its volumes are or may be: one of these must hold; none means anywhere.</summary>
    public ImmutableArray<RequirementSet> VolumeTopologies { get; init; } = [];

    public ImmutableArray<VolumeUse> Volumes { get; init; } = [];

    public static SolverPod Of(ApiObject pod) =>
        new(pod.Key, pod.Metadata.Uid, pod.Metadata.CreationTimestamp, PodSpecView.Of(pod)) { Labels = pod.Metadata.Labels };
}

/// <summary>A volume that a pod needs attached.</summary>
/// <param name="Driver">The CSI driver.</param>
/// <param name="Volume">What tells it from others of the driver: the claim's namespace and name.</param>
public sealed record VolumeUse(string Driver, string Volume);

/// <summary>A pod that is on a node.</summary>
public sealed record BoundPod(ObjectKey Key, TreeMap Labels, PodSpecView Spec, string Node, RequirementSet NodeLabels, ImmutableArray<Taint> NodeTaints);
