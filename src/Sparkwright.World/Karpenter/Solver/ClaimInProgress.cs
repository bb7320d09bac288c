using System.Collections.Immutable;
using Sparkwright.Kubernetes.Fitting;
using Sparkwright.World.Karpenter.InstanceTypes;
using Sparkwright.World.Karpenter.Requirements;

namespace Sparkwright.World.Karpenter.Solver;

/// <summary>A node that the plan will launch: pods are added while at least one instance type can still carry all of them.</summary>
internal sealed class ClaimInProgress : Host
{
    private readonly PoolState pool;
    private readonly Topology topology;
    private readonly long[] asked;
    private readonly long[] largest;
    private readonly ImmutableArray<PoolRejection> refusedBefore;
    private readonly List<SolverPod> pods = [];
    private readonly List<HostPort> ports;
    private RequirementSet requirements;
    private Combination? last;
    private ResourceList requests;

    public ClaimInProgress(PoolState pool, Topology topology, long[] nothing, ImmutableArray<PoolRejection> refusedBefore)
        : base(topology.NextHost)
    {
        this.pool = pool;
        this.topology = topology;
        this.refusedBefore = refusedBefore;
        asked = nothing;
        requests = ResourceList.Zero;
        requirements = pool.Pool.Requirements;
        ports = [.. pool.Pool.Daemons.Ports];
        Shapes = pool.Allowed;
        largest = new long[asked.Length];
        largest.AsSpan().Fill(long.MaxValue / 2);
    }

    public override RequirementSet Requirements => requirements;

    public override ImmutableArray<Taint> Taints => pool.Pool.Taints;

    public override ImmutableHashSet<string> WellKnown => pool.WellKnown;

    /// <summary>The types that can still carry everything.</summary>
    public ShapeSet Shapes { get; private set; }

    /// <summary>The rule about neighbours that refused the last pod, if one did.</summary>
    public TopologyRefusal? Refusal { get; private set; }

    /// <summary>
    /// The order of the checks is Karpenter's. What the pod's own shape meets is refused for ever, since a node in planning only gets fuller
    /// and narrower; what depends on other pods may be granted later.
    /// </summary>
    public override Addition TryAdd(SolverPod pod, PodNeeds needs)
    {
        Refusal = null;
        var shape = needs.Shape;
        if (!pool.Untolerated(shape).IsEmpty || shape.ConflictIn(ports) is not null || !ResourceAxes.Fits(asked, shape.Asked, largest))
        {
            return Addition.Never;
        }

        var combined = pool.Combine(requirements, shape.Requirements);
        if (!combined.IsPossible)
        {
            return Addition.Never;
        }

        var outcome = Addition.Never;
        foreach (var place in shape.VolumeTopologies)
        {
            var there = pool.Combine(combined, place);
            if (!there.IsPossible)
            {
                continue;
            }

            var (narrowed, refusal) = topology.Narrow(needs, there.Requirements, Number);
            if (narrowed is null)
            {
                (Refusal, outcome) = (refusal, Addition.Later);
                continue;
            }

            var wanted = pool.Combine(there, narrowed);
            if (wanted.IsPossible && TryFit(wanted, shape))
            {
                Take(pod, shape, wanted);
                return Addition.Added;
            }

            outcome = narrowed.All.IsEmpty ? outcome : Addition.Later;
        }

        return outcome;
    }

    public PlannedClaim Finished()
    {
        var shapes = new List<NodeShape>();
        foreach (var at in Shapes)
        {
            shapes.Add(pool.Pool.Shapes.Shapes[at]);
        }

        return new(pool.Pool, Promised(), Shapes, pool.Pool.Daemons.OnEach(shapes) + requests, [.. pods], refusedBefore);
    }

    /// <summary>The requirements with minValues that the types can meet.</summary>
    private RequirementSet Promised() => pool.LowersMinValues
        ? RequirementSet.Of(requirements.All.Select(one => one.MinValues is { } least ? one.WithMinValues(Math.Min(least, pool.Pool.Shapes.ValuesOf(one, Shapes))) : one))
        : requirements;

    private void Take(SolverPod pod, PodShape shape, Combination wanted)
    {
        requirements = wanted.Requirements;
        last = wanted;
        requests += shape.Requests;
        for (var axis = 0; axis < asked.Length; axis++)
        {
            asked[axis] += shape.Asked[axis];
        }

        ports.AddRange(shape.Ports);
        pods.Add(pod);
    }

    /// <summary>Keeps the shapes that satisfy the requirements and have room; false, and no change, when there is none.</summary>
    private bool TryFit(Combination combined, PodShape pod)
    {
        var candidates = ReferenceEquals(combined, last) || Shapes.IsSubsetOf(combined.Shapes) ? Shapes : Shapes & combined.Shapes;
        var left = pool.Scratch;
        var (seen, kept) = (0, 0);
        foreach (var shape in candidates)
        {
            seen++;
            if (ResourceAxes.Fits(asked, pod.Asked, pool.RoomOf(shape)))
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
            var shapes = kept < seen ? ShapeSet.Of(pool.Pool.Shapes.Shapes.Length, left.Take(kept)) : candidates;
            if (!pool.LowersMinValues && !combined.HasVariety(shapes, pool.Pool.Shapes))
            {
                return false;
            }

            Shapes = shapes;
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
