using System.Collections.Immutable;
using Sparkwright.Kubernetes.Fitting;
using Sparkwright.World.Karpenter.InstanceTypes;
using Sparkwright.World.Karpenter.Requirements;

namespace Sparkwright.World.Karpenter.Solver;

/// <summary>One pool during a round: what its limits still allow, and answers about it that many pods ask for.</summary>
internal sealed class PoolState
{
    private readonly ResourceAxes axes;
    private readonly long[] room;
    private readonly ShapeSet launchable;
    private readonly Dictionary<(RequirementSet, RequirementSet), Combination> combinations = [];
    private readonly Dictionary<PodNeeds, Taint?> untolerated = [];
    private readonly Dictionary<PodNeeds, PoolRejection> rejections = [];
    private ImmutableSortedDictionary<string, long> remaining;

    public PoolState(SolverPool pool, ResourceAxes axes)
    {
        Pool = pool;
        this.axes = axes;
        remaining = pool.Remaining;
        Scratch = new int[pool.Shapes.Shapes.Length];
        launchable = pool.Shapes.Matching(pool.Requirements) & pool.Shapes.Offered(pool.Requirements);
        Allowed = WithinLimits();
        room = new long[pool.Shapes.Shapes.Length * axes.Count];
        for (var at = 0; at < pool.Shapes.Shapes.Length; at++)
        {
            // Where DaemonSets depend on the type, this is the place to take their overhead off.
            axes.Along(pool.Shapes.Shapes[at].Allocatable, room.AsSpan(at * axes.Count, axes.Count));
        }
    }

    public SolverPool Pool { get; }

    /// <summary>Room for the positions of all shapes; whoever uses it is done with it before the next does.</summary>
    public int[] Scratch { get; }

    /// <summary>The shapes that may be launched now, limits included.</summary>
    public ShapeSet Allowed { get; private set; }

    public ReadOnlySpan<long> RoomOf(int shape) => room.AsSpan(shape * axes.Count, axes.Count);

    public Taint? Untolerated(PodNeeds needs)
    {
        if (!untolerated.TryGetValue(needs, out var taint))
        {
            untolerated.Add(needs, taint = needs.Untolerated(Pool.Taints));
        }

        return taint;
    }

    /// <summary>What remains of the requirements of a node when a pod's are added.</summary>
    public Combination Combine(RequirementSet node, RequirementSet pod)
    {
        if (!combinations.TryGetValue((node, pod), out var known))
        {
            var wellKnown = GenerationRules.Of(Pool.Generation).WellKnownLabels;
            if (node.Admits(pod, wellKnown))
            {
                var combined = node.With(pod);
                known = new Combination(combined, Pool.Shapes.Matching(combined) & Pool.Shapes.Offered(combined), true);
            }
            else
            {
                known = new Combination(node, Pool.Shapes.Everything, false);
            }

            combinations.Add((node, pod), known);
        }

        return known;
    }

    /// <summary>Opens a node of this pool for a pod, or says why it cannot be.</summary>
    public (ClaimInProgress? Claim, PoolRejection? Rejection) Open(SolverPod pod, PodNeeds needs, ImmutableArray<PoolRejection> refusedBefore)
    {
        if (rejections.TryGetValue(needs, out var rejection))
        {
            return (null, rejection);
        }

        var claim = new ClaimInProgress(this, axes.Along(Pool.DaemonOverhead), refusedBefore);
        if (claim.TryAdd(pod, needs))
        {
            Charge(claim);
            return (claim, null);
        }

        rejections.Add(needs, rejection = new PoolRejection(Pool, CauseOf(needs)));
        return (null, rejection);
    }

    private RejectionCause CauseOf(PodNeeds needs)
    {
        if (Allowed.IsEmpty && !launchable.IsEmpty)
        {
            return new RejectionCause.LimitsExhausted(Exhausted(launchable));
        }

        if (Untolerated(needs) is { } taint)
        {
            return new RejectionCause.NotTolerated(taint);
        }

        if (needs.ConflictIn([.. Pool.DaemonPorts]) is var (wanted, taken))
        {
            return new RejectionCause.PortTaken(wanted, taken);
        }

        var conflicts = Pool.Requirements.Conflicts(needs.Requirements, GenerationRules.Of(Pool.Generation).WellKnownLabels);
        if (!conflicts.IsEmpty)
        {
            return new RejectionCause.Incompatible(conflicts);
        }

        var requirements = Pool.Requirements.With(needs.Requirements);
        var total = Pool.DaemonOverhead + needs.Requests;
        var wouldDo = Pool.Shapes.Matching(requirements) & Pool.Shapes.Offered(requirements) & launchable;
        var tooMuch = ShapeSet.Of(Pool.Shapes.Shapes.Length, Members(wouldDo).Where(at => !Allowed.Contains(at) && total.FitsIn(Pool.Shapes.Shapes[at].Allocatable)));
        return new RejectionCause.NoShapeLeft(new ShapeSearch(Pool, Allowed, requirements, total, tooMuch.IsEmpty ? [] : Exhausted(tooMuch)));
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

    private IEnumerable<long> Capacities(ShapeSet shapes, string resource) => Members(shapes).Select(at => Pool.Shapes.Shapes[at].Capacity.Of(resource));

    private static IEnumerable<int> Members(ShapeSet shapes)
    {
        foreach (var at in shapes)
        {
            yield return at;
        }
    }

    private ShapeSet WithinLimits() => remaining.IsEmpty
        ? launchable
        : ShapeSet.Where(Pool.Shapes.Shapes.Length, at => launchable.Contains(at) && remaining.All(limit => Pool.Shapes.Shapes[at].Capacity.Of(limit.Key) <= limit.Value));
}

/// <summary>Requirements of a node and a pod together.</summary>
/// <param name="Shapes">Those that satisfy them and have an offering that does.</param>
/// <param name="IsPossible">False when they contradict each other.</param>
internal sealed record Combination(RequirementSet Requirements, ShapeSet Shapes, bool IsPossible);
