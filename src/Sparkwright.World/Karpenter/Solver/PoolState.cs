using System.Collections.Immutable;
using Sparkwright.Kubernetes.Fitting;
using Sparkwright.World.Karpenter.InstanceTypes;
using Sparkwright.World.Karpenter.Requirements;

namespace Sparkwright.World.Karpenter.Solver;

/// <summary>One pool during a round: what its limits still allow, and answers about it that many pods ask for.</summary>
internal sealed class PoolState
{
    private readonly PoolGround ground;
    private readonly Dictionary<PodShape, PoolRejection> rejections = [];
    private ImmutableSortedDictionary<string, long> remaining;

    public PoolState(SolverPool pool, PoolGround ground, bool lowersMinValues)
    {
        Pool = pool;
        LowersMinValues = lowersMinValues;
        this.ground = ground;
        remaining = pool.Remaining;
        Allowed = WithinLimits();
    }

    public SolverPool Pool { get; }

    /// <summary>Whether minValues that the types cannot meet are lowered instead of refusing the pod.</summary>
    public bool LowersMinValues { get; }

    public ImmutableHashSet<string> WellKnown => ground.WellKnown;

    /// <inheritdoc cref="PoolGround.Scratch"/>
    public int[] Scratch => ground.Scratch;

    /// <summary>The shapes that may be launched now, limits included.</summary>
    public ShapeSet Allowed { get; private set; }

    public ReadOnlySpan<long> RoomOf(int shape) => ground.RoomOf(shape);

    public ImmutableArray<Taint> Untolerated(PodShape pod) => ground.Untolerated(pod);

    /// <inheritdoc cref="PoolGround.Combine"/>
    public Combination Combine(RequirementSet node, RequirementSet pod) => ground.Combine(node, pod);

    /// <summary>The same for more requirements on top.</summary>
    public Combination Combine(Combination node, RequirementSet more) => more.All.IsEmpty ? node : Combine(node.Requirements, more);

    /// <summary>Opens a node of this pool for a pod, or says why it cannot be.</summary>
    public (ClaimInProgress? Claim, PoolRejection? Rejection) Open(SolverPod pod, PodNeeds needs, Topology topology, ImmutableArray<PoolRejection> refusedBefore)
    {
        if (rejections.TryGetValue(needs.Shape, out var rejection))
        {
            return (null, rejection);
        }

        var claim = new ClaimInProgress(this, topology, new long[ground.Axes.Count], refusedBefore);
        switch (claim.TryAdd(pod, needs))
        {
            case Addition.Added:
                Charge(claim);
                return (claim, null);
            case Addition.Never:
                rejections.Add(needs.Shape, rejection = new PoolRejection(Pool, CauseOf(needs.Shape, Pool.Requirements)));
                return (null, rejection);
            default:
                var pinned = topology.Narrow(needs, Combine(Pool.Requirements, needs.Shape.Requirements).Requirements, claim.Number).Requirements;
                return (null, new PoolRejection(Pool, claim.Refusal is { } refusal
                    ? new RejectionCause.Topology(refusal)
                    : CauseOf(needs.Shape, pinned is null ? Pool.Requirements : Pool.Requirements.With(pinned))));
        }
    }

    private RejectionCause CauseOf(PodShape pod, RequirementSet node)
    {
        if (Allowed.IsEmpty && !ground.Launchable.IsEmpty)
        {
            return new RejectionCause.LimitsExhausted(Exhausted(ground.Launchable));
        }

        if (Untolerated(pod) is { IsEmpty: false } taints)
        {
            return new RejectionCause.NotTolerated(taints);
        }

        if (pod.ConflictIn([.. Pool.Daemons.Ports]) is var (wanted, taken))
        {
            return new RejectionCause.PortTaken(wanted, taken);
        }

        var conflicts = node.Conflicts(pod.Requirements, WellKnown);
        if (!conflicts.IsEmpty)
        {
            return new RejectionCause.Incompatible(conflicts);
        }

        var requirements = node.With(pod.Requirements);
        var places = pod.VolumeTopologies.Where(place => requirements.Admits(place, WellKnown)).ToList();
        if (places.Count == 0)
        {
            return new RejectionCause.Volumes(requirements.Conflicts(pod.VolumeTopologies[0], WellKnown));
        }

        requirements = requirements.With(places[0]);
        bool Fits(int at) => (pod.Requests + Pool.Daemons.On(Pool.Shapes.Shapes[at])).FitsIn(Pool.Shapes.Shapes[at].Allocatable);
        var wouldDo = Pool.Shapes.Matching(requirements) & Pool.Shapes.Offered(requirements) & ground.Launchable;
        var left = ShapeSet.Of(Pool.Shapes.Shapes.Length, Members(wouldDo & Allowed).Where(Fits));
        if (!left.IsEmpty)
        {
            return new RejectionCause.TooLittleVariety(new Combination(requirements, left, true).Lacking(left, Pool.Shapes), new ShapeSearch(Pool, Allowed, requirements, pod.Requests, []));
        }

        var tooMuch = ShapeSet.Of(Pool.Shapes.Shapes.Length, Members(wouldDo).Where(at => !Allowed.Contains(at) && Fits(at)));
        return new RejectionCause.NoShapeLeft(new ShapeSearch(Pool, Allowed, requirements, pod.Requests, tooMuch.IsEmpty ? [] : Exhausted(tooMuch)));
    }

    private ImmutableArray<ExhaustedLimit> Exhausted(ShapeSet of) =>
    [
        .. remaining.Select(limit => new ExhaustedLimit(limit.Key, limit.Value, Capacities(of, limit.Key).Min())).Where(limit => limit.Least > limit.Left),
    ];

    /// <summary>Takes the largest node that the claim may become off the limits; which it will be is not known before the launch.</summary>
    private void Charge(ClaimInProgress claim)
    {
        if (remaining.IsEmpty)
        {
            return;
        }

        remaining = remaining.ToImmutableSortedDictionary(limit => limit.Key, limit => limit.Value - Capacities(claim.Shapes, limit.Key).Max(), StringComparer.Ordinal);
        var allowed = WithinLimits();
        if (allowed != Allowed)
        {
            Allowed = allowed;
            rejections.Clear();
        }
    }

    private IEnumerable<long> Capacities(ShapeSet shapes, string resource) => Members(shapes).Select(at => CapacityOf(at, resource));

    /// <summary>What one node of a type counts against a limit; a limit may be on nodes themselves.</summary>
    private long CapacityOf(int shape, string resource) => resource == Apis.Pool.NodesResource ? 1 : Pool.Shapes.Shapes[shape].Capacity.Of(resource);

    private static IEnumerable<int> Members(ShapeSet shapes)
    {
        foreach (var at in shapes)
        {
            yield return at;
        }
    }

    private ShapeSet WithinLimits() => remaining.IsEmpty
        ? ground.Launchable
        : ShapeSet.Where(Pool.Shapes.Shapes.Length, at => ground.Launchable.Contains(at) && remaining.All(limit => CapacityOf(at, limit.Key) <= limit.Value));
}

/// <summary>Requirements of a node and a pod together.</summary>
/// <param name="Shapes">Those that satisfy them and have an offering that does.</param>
/// <param name="IsPossible">False when they contradict each other.</param>
internal sealed record Combination(RequirementSet Requirements, ShapeSet Shapes, bool IsPossible)
{
    private readonly bool wantsVariety = Requirements.All.Any(requirement => requirement.MinValues is not null);

    /// <summary>Whether the types that are left show as many values of every label as the pool demands.</summary>
    public bool HasVariety(ShapeSet left, ShapeTable shapes) => !wantsVariety || Lacking(left, shapes).IsEmpty;

    /// <summary>The labels of which the types that are left show too few values.</summary>
    public ImmutableArray<VarietyLack> Lacking(ShapeSet left, ShapeTable shapes) =>
    [
        .. Requirements.All
            .Where(requirement => requirement.MinValues is not null)
            .Select(requirement => new VarietyLack(requirement.Key, requirement.MinValues!.Value, shapes.ValuesOf(requirement, left)))
            .Where(lack => lack.Found < lack.Wanted),
    ];
}
