using System.Collections.Immutable;
using Sparkwright.Kubernetes.Fitting;
using Sparkwright.Kubernetes.Objects;
using Sparkwright.World.Karpenter.Apis;
using Sparkwright.World.Karpenter.Solver;

namespace Sparkwright.World.Karpenter.Disruption;

/// <summary>What would become of the pods of some nodes if these nodes went: provisioning's own plan for a world without them.</summary>
public sealed class DisruptionSimulation(SolverInput world, DisruptionSnapshot snapshot)
{
    /// <summary>As many pods without a place are named; the others are counted.</summary>
    private const int MostNamed = 5;

    private readonly ImmutableHashSet<string> withinWindow =
        [.. snapshot.Nodes.Where(node => node.IsWithinItsWindow).Select(node => node.Name)];

    /// <summary>How many plans were made.</summary>
    public int Runs { get; private set; }

    /// <param name="candidates">The nodes that would go.</param>
    /// <param name="sparesQuietNodes">Whether the moved pods stay away from nodes within their own consolidateAfter window.</param>
    public SimulatedMove Move(ImmutableArray<DisruptionNode> candidates, bool sparesQuietNodes)
    {
        var moved = PodsOf(candidates);
        var keepsOut = sparesQuietNodes && !withinWindow.IsEmpty;
        var plan = Plan(candidates, keepsOut);
        var failures = plan.Unplaced.Where(unplaced => IsOurs(unplaced.Pod, moved)).Select(unplaced => (unplaced.Pod, Why: unplaced.Message)).ToList();
        foreach (var (pod, node) in plan.OnNodes.Select(place => (place.Pod, place.Node)))
        {
            if (snapshot.Uninitialized.Contains(node) && IsOurs(pod, moved) && !snapshot.PodsOfLeavingNodes.Contains(pod.Key))
            {
                failures.Add((pod, $"would schedule against uninitialized node/{node}"));
            }
            else if (keepsOut && withinWindow.Contains(node) && moved.ContainsKey(pod.Key))
            {
                failures.Add((pod, $"would schedule against node/{node} within its consolidateAfter window"));
            }
        }

        return failures.Count == 0 ? new SimulatedMove.Placed(plan) : new SimulatedMove.NotAllPlaced(Describe(failures));
    }

    /// <summary>The plan for a world without some nodes, whatever becomes of it.</summary>
    /// <param name="sparesQuietNodes">
    /// Leaves nodes within their window out, if nobody else may use them: pods that have no node yet may.
    /// </param>
    public SolverPlan Plan(ImmutableArray<DisruptionNode> candidates, bool sparesQuietNodes = false)
    {
        Runs++;
        var gone = candidates.Select(candidate => candidate.Name).ToHashSet(StringComparer.Ordinal);
        var moved = PodsOf(candidates);
        var leavesOut = sparesQuietNodes && world.Pods.IsEmpty;
        return PackingSolver.Solve(world with
        {
            Pools = [.. world.Pools.Select(pool => WithRoomOf(pool, candidates))],
            Nodes = [.. world.Nodes.Where(node => !gone.Contains(node.Name) && !(leavesOut && withinWindow.Contains(node.Name)))],
            Pods = [.. world.Pods.Where(pod => !moved.ContainsKey(pod.Key)), .. moved.Values.Select(snapshot.PodOf)],
        });
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
