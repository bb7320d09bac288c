using System.Collections.Immutable;
using Sparkwright.Kubernetes.Fitting;
using Sparkwright.World.Karpenter.InstanceTypes;
using Sparkwright.World.Karpenter.Requirements;

namespace Sparkwright.World.Karpenter.Solver;

/// <summary>A node that the plan will launch: pods are added while at least one instance type can still carry all of them.</summary>
internal sealed class ClaimInProgress
{
    private readonly PoolState pool;
    private readonly long[] asked;
    private readonly long[] largest;
    private readonly ImmutableArray<PoolRejection> refusedBefore;
    private readonly List<SolverPod> pods = [];
    private readonly List<HostPort> ports;
    private RequirementSet requirements;
    private Combination? last;
    private ResourceList requests;

    public ClaimInProgress(PoolState pool, long[] overhead, ImmutableArray<PoolRejection> refusedBefore)
    {
        this.pool = pool;
        this.refusedBefore = refusedBefore;
        asked = overhead;
        requests = pool.Pool.DaemonOverhead;
        requirements = pool.Pool.Requirements;
        ports = [.. pool.Pool.DaemonPorts];
        Shapes = pool.Allowed;
        largest = new long[asked.Length];
        largest.AsSpan().Fill(long.MaxValue / 2);
    }

    public int PodCount => pods.Count;

    /// <summary>The types that can still carry everything.</summary>
    public ShapeSet Shapes { get; private set; }

    /// <summary>
    /// Takes a pod in if it can. The order of the checks is Karpenter's. What is refused once is refused for ever, since a node in planning
    /// only gets fuller and narrower; a check for which that does not hold (pod affinity) must tell its callers.
    /// </summary>
    public bool TryAdd(SolverPod pod, PodNeeds needs)
    {
        if (pool.Untolerated(needs) is not null || needs.ConflictIn(ports) is not null || !ResourceAxes.Fits(asked, needs.Asked, largest))
        {
            return false;
        }

        var combined = pool.Combine(requirements, needs.Requirements);
        if (!combined.IsPossible)
        {
            return false;
        }

        // Volume topology and pod topology belong here: each narrows the requirements further before shapes are looked at.
        if (!TryFit(combined, needs))
        {
            return false;
        }

        requirements = combined.Requirements;
        last = combined;
        requests += needs.Requests;
        for (var axis = 0; axis < asked.Length; axis++)
        {
            asked[axis] += needs.Asked[axis];
        }

        ports.AddRange(needs.Ports);
        pods.Add(pod);
        return true;
    }

    public PlannedClaim Finished() => new(pool.Pool, requirements, Shapes, requests, [.. pods], refusedBefore);

    /// <summary>Keeps the shapes that satisfy the requirements and have room; false, and no change, when there is none.</summary>
    private bool TryFit(Combination combined, PodNeeds needs)
    {
        var candidates = ReferenceEquals(combined, last) || Shapes.IsSubsetOf(combined.Shapes) ? Shapes : Shapes & combined.Shapes;
        var left = pool.Scratch;
        var (seen, kept) = (0, 0);
        foreach (var shape in candidates)
        {
            seen++;
            if (ResourceAxes.Fits(asked, needs.Asked, pool.RoomOf(shape)))
            {
                left[kept++] = shape;
            }
        }

        if (kept == 0)
        {
            return false;
        }

        if (kept < seen || candidates != Shapes || pods.Count == 0)
        {
            Shapes = kept < seen ? ShapeSet.Of(pool.Pool.Shapes.Shapes.Length, left.Take(kept)) : candidates;
            largest.AsSpan().Fill(long.MinValue);
            for (var at = 0; at < kept; at++)
            {
                var room = pool.RoomOf(left[at]);
                for (var axis = 0; axis < largest.Length; axis++)
                {
                    largest[axis] = Math.Max(largest[axis], room[axis]);
                }
            }
        }

        return true;
    }
}
