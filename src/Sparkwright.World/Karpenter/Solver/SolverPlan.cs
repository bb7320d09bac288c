using System.Collections.Immutable;
using Sparkwright.Kubernetes.Fitting;
using Sparkwright.World.Karpenter.Apis;
using Sparkwright.World.Karpenter.InstanceTypes;
using Sparkwright.World.Karpenter.Requirements;

namespace Sparkwright.World.Karpenter.Solver;

/// <summary>Where the pods should go, and why those that have no place have none.</summary>
public sealed record SolverPlan(ImmutableArray<PlannedPod> OnNodes, ImmutableArray<PlannedClaim> Claims, ImmutableArray<UnplacedPod> Unplaced)
{
    /// <summary>The pods that found a place only after they had given up a wish.</summary>
    public ImmutableArray<Relaxation> Relaxations { get; init; } = [];

    /// <summary>How many of the pods without a node could go to which zone before anything was planned: by its name, <c>flexible</c> or <c>none</c>.</summary>
    public ImmutableSortedDictionary<string, int> PendingByZone { get; init; } = ImmutableSortedDictionary.Create<string, int>(StringComparer.Ordinal);
}

/// <summary>A pod that an existing node will take.</summary>
public sealed record PlannedPod(SolverPod Pod, string Node);

/// <summary>What a pod gave up, in the order in which it did.</summary>
public sealed record Relaxation(SolverPod Pod, ImmutableArray<string> GivenUp);

/// <summary>A node to launch.</summary>
/// <param name="Shapes">The types that can carry all of its pods; any of them may be bought.</param>
/// <param name="Requests">What its pods and its daemons ask for.</param>
/// <param name="Refused">The pools that were asked before this one, for its first pod.</param>
public sealed record PlannedClaim(
    SolverPool Pool, RequirementSet Requirements, ShapeSet Shapes, ResourceList Requests, ImmutableArray<SolverPod> Pods, ImmutableArray<PoolRejection> Refused)
{
    /// <summary>A node of a static pool, which is for no pod: whatever the pool's requirements admit.</summary>
    public static PlannedClaim OfStatic(Pool pool, ShapeTable shapes) => new(
        new SolverPool { Name = pool.Name, Generation = pool.Generation, Requirements = pool.Requirements, Taints = pool.Taints, Shapes = shapes },
        pool.Requirements,
        shapes.Matching(pool.Requirements) & shapes.Offered(pool.Requirements),
        ResourceList.Zero,
        [],
        []);

    /// <summary>What can be bought: the types left in the order of their names, with the offerings that the requirements allow.</summary>
    public IEnumerable<(NodeShape Shape, IEnumerable<Offering> Offerings)> Choices()
    {
        foreach (var at in Shapes)
        {
            yield return (Pool.Shapes.Shapes[at], Pool.Shapes.OfferingsOf(at, Requirements));
        }
    }
}

/// <summary>A pod without a place.</summary>
/// <param name="Rejections">One for each pool that was tried.</param>
public sealed record UnplacedPod(SolverPod Pod, ImmutableArray<PoolRejection> Rejections)
{
    /// <summary>As Karpenter's event has it.</summary>
    public string Message => Rejections.IsEmpty ? "no provisioners found" : string.Join("; ", Rejections.Select(rejection => rejection.Message));
}
