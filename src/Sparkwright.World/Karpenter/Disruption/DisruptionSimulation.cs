using System.Collections.Immutable;
using Sparkwright.Kubernetes.Fitting;
using Sparkwright.Kubernetes.Objects;
using Sparkwright.World.Karpenter.Apis;
using Sparkwright.World.Karpenter.Provisioning;
using Sparkwright.World.Karpenter.Solver;

namespace Sparkwright.World.Karpenter.Disruption;

/// <summary>What would become of the pods of some nodes if these nodes went: provisioning's own plan for a world without them.</summary>
public sealed class DisruptionSimulation
{
    /// <summary>As many pods without a place are named; the others are counted.</summary>
    private const int MostNamed = 5;

    private readonly DisruptionSnapshot snapshot;
    private readonly Evacuation everywhere;
    private readonly Evacuation sparing;

    public DisruptionSimulation(Evacuation world, DisruptionSnapshot snapshot)
    {
        this.snapshot = snapshot;
        everywhere = world;
        var quiet = snapshot.Nodes.Where(node => node.IsWithinItsWindow).Select(node => node.Name).ToHashSet(StringComparer.Ordinal);
        sparing = quiet.Count == 0 ? world : world.With(world.Round.Nodes.Select(node => quiet.Contains(node.Name) ? node with { TakesMovedPods = false } : node));
    }

    /// <param name="candidates">The nodes that would go.</param>
    /// <param name="sparesQuietNodes">Whether the moved pods stay away from nodes within their own consolidateAfter window.</param>
    public SimulatedMove Move(ImmutableArray<DisruptionNode> candidates, bool sparesQuietNodes)
    {
        var moved = PodsOf(candidates);
        var plan = Plan(candidates, moved, sparesQuietNodes ? sparing : everywhere);
        var failures = plan.Unplaced.Where(unplaced => IsOurs(unplaced.Pod, moved)).Select(unplaced => (unplaced.Pod, Why: unplaced.Message)).ToList();
        foreach (var (pod, node) in plan.OnNodes.Select(place => (place.Pod, place.Node)))
        {
            if (snapshot.Uninitialized.Contains(node) && IsOurs(pod, moved) && !snapshot.PodsOfLeavingNodes.Contains(pod.Key))
            {
                failures.Add((pod, $"would schedule against uninitialized node/{node}"));
            }
        }

        return failures.Count == 0 ? new SimulatedMove.Placed(plan) : new SimulatedMove.NotAllPlaced(Describe(failures));
    }

    /// <summary>The plan for a world without some nodes, whatever becomes of it.</summary>
    public SolverPlan Plan(ImmutableArray<DisruptionNode> candidates) => Plan(candidates, PodsOf(candidates), everywhere);

    private SolverPlan Plan(ImmutableArray<DisruptionNode> candidates, Dictionary<ObjectKey, ApiObject> moved, Evacuation world)
    {
        var input = world.Without(candidates.Select(candidate => candidate.Name).ToHashSet(StringComparer.Ordinal), moved);
        return world.Solve(input with { Pools = [.. input.Pools.Select(pool => WithRoomOf(pool, candidates))] });
    }

    private static Dictionary<ObjectKey, ApiObject> PodsOf(ImmutableArray<DisruptionNode> candidates) =>
        candidates.SelectMany(candidate => candidate.PodsToMove).ToDictionary(pod => pod.Key);

    /// <summary>Pods that wait for a node anyway do not count against a v1 disruption; v1alpha5 wants everybody placed.</summary>
    private bool IsOurs(SolverPod pod, Dictionary<ObjectKey, ApiObject> moved) =>
        snapshot.Generation == Generation.V1Alpha5 || moved.ContainsKey(pod.Key) || snapshot.PodsOfLeavingNodes.Contains(pod.Key);

    private static string Describe(List<(SolverPod Pod, string Why)> failures)
    {
        var named = string.Join("; ", failures.Take(MostNamed).Select(failure => $"{failure.Pod.Key} => {failure.Why}"));
        return $"Not all pods would schedule, {named}{(failures.Count > MostNamed ? $" and {failures.Count - MostNamed} other(s)" : "")}";
    }

    /// <summary>The nodes that go leave room below their pool's limits.</summary>
    private static SolverPool WithRoomOf(SolverPool pool, ImmutableArray<DisruptionNode> candidates)
    {
        if (pool.Remaining.IsEmpty)
        {
            return pool;
        }

        var remaining = pool.Remaining;
        foreach (var candidate in candidates.Where(candidate => candidate.Pool == new PoolKey(pool.Generation, pool.Name)))
        {
            var capacity = ResourceList.From(candidate.Node.Status["capacity"]);
            remaining = remaining.ToImmutableSortedDictionary(
                limit => limit.Key,
                limit => limit.Value + (limit.Key == Pool.NodesResource ? 1 : capacity.Of(limit.Key)),
                StringComparer.Ordinal);
        }

        return pool with { Remaining = remaining };
    }
}

/// <summary>What a simulation came to.</summary>
public abstract record SimulatedMove
{
    private SimulatedMove()
    {
    }

    /// <summary>Every pod has a place; the plan's claims are the nodes that would have to be bought for that.</summary>
    public sealed record Placed(SolverPlan Plan) : SimulatedMove;

    /// <param name="Why">As the events Unconsolidatable and DisruptionBlocked say it.</param>
    public sealed record NotAllPlaced(string Why) : SimulatedMove;
}
