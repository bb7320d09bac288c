using System.Collections.Immutable;
using Sparkwright.Kubernetes.Fitting;
using Sparkwright.World.Karpenter.Requirements;

namespace Sparkwright.World.Karpenter.Solver;

/// <summary>Where the pods should go, and why those that have no place have none.</summary>
public sealed record SolverPlan(ImmutableArray<PlannedPod> OnNodes, ImmutableArray<PlannedClaim> Claims, ImmutableArray<UnplacedPod> Unplaced);

/// <summary>A pod that an existing node will take.</summary>
public sealed record PlannedPod(SolverPod Pod, string Node);

/// <summary>A node to launch.</summary>
/// <param name="Types">The types that remained possible, in the order of their names.</param>
/// <param name="Requests">What its pods and its daemons ask for.</param>
public sealed record PlannedClaim(SolverPool Pool, RequirementSet Requirements, ImmutableArray<SolverType> Types, ResourceList Requests, ImmutableArray<SolverPod> Pods);

/// <summary>A pod without a place.</summary>
/// <param name="Rejections">One for each pool that was tried.</param>
public sealed record UnplacedPod(SolverPod Pod, ImmutableArray<Rejection> Rejections)
{
    /// <summary>As Karpenter's event has it.</summary>
    public string Message => Rejections.IsEmpty
        ? "no provisioners found"
        : string.Join("; ", Rejections.Select(rejection => rejection.ToString()));
}

/// <summary>Why a pool cannot serve a pod.</summary>
/// <param name="Rule">Which rule refused: taints, ports, requirements, types, limits.</param>
/// <param name="Detail">Both sides in words.</param>
public sealed record Rejection(string Pool, Generation Generation, ResourceList DaemonOverhead, string Rule, string Detail)
{
    public override string ToString() => Generation == Generation.V1Alpha5
        ? $"incompatible with provisioner \"{Pool}\", {Detail}"
        : $"incompatible with nodepool \"{Pool}\", daemonset overhead={DaemonOverhead}, {Detail}";
}
