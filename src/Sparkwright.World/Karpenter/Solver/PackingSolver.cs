using System.Collections.Immutable;
using Sparkwright.Kubernetes.Fitting;
using Sparkwright.Kubernetes.Objects;

namespace Sparkwright.World.Karpenter.Solver;

/// <summary>
/// Karpenter's packing as a pure function: each pod goes to the first existing node that takes it, else to the planned node with the fewest
/// pods that takes it, else to a new one of the first pool that works. The same input always gives the same plan.
/// </summary>
public static class PackingSolver
{
    public static SolverPlan Solve(SolverInput input) => new Packing(input).Run();

    private sealed class Packing(SolverInput input)
    {
        private readonly Dictionary<TreeMap, PodNeeds> classes = [];
        private readonly Dictionary<PodNeeds, int> firstNode = [];
        private readonly ResourceList[] available = [.. input.Nodes.Select(node => node.Available)];
        private readonly List<HostPort>[] ports = [.. input.Nodes.Select(node => node.Ports.ToList())];
        private readonly List<ClaimInProgress> claims = [];
        private readonly SortedSet<(int Pods, int Ordinal)> byPods = [];
        private readonly Dictionary<string, ImmutableSortedDictionary<string, long>> remaining = input.Pools.ToDictionary(pool => pool.Name, pool => pool.Remaining, StringComparer.Ordinal);
        private readonly bool somePoolHasDislikes = input.Pools.Any(pool => pool.Taints.Any(taint => taint.Effect == Taint.PreferNoSchedule));
        private readonly ImmutableArray<PlannedPod>.Builder onNodes = ImmutableArray.CreateBuilder<PlannedPod>();

        public SolverPlan Run()
        {
            var queue = new Queue<(SolverPod Pod, PodNeeds Needs, int NotedLength)>(input.Pods
                .OrderByDescending(pod => pod.Spec.Requests.CpuMillis)
                .ThenByDescending(pod => pod.Spec.Requests.MemoryBytes)
                .ThenBy(pod => pod.CreatedAt)
                .ThenBy(pod => pod.Uid, StringComparer.Ordinal)
                .Select(pod => (pod, NeedsOf(pod.Spec), int.MaxValue)));
            var failures = new Dictionary<ObjectKey, UnplacedPod>();
            while (queue.TryPeek(out var head) && head.NotedLength != queue.Count)
            {
                var (pod, needs, _) = queue.Dequeue();
                if (Place(pod, needs) is not { } rejections)
                {
                    failures.Remove(pod.Key);
                    continue;
                }

                failures[pod.Key] = new UnplacedPod(pod, rejections);
                if (needs.Relaxed(somePoolHasDislikes) is { } relaxed)
                {
                    // A wish less may make room for others too: everybody gets another try.
                    queue.Enqueue((pod, relaxed, int.MaxValue));
                    queue = new(queue.Select(entry => entry with { NotedLength = int.MaxValue }));
                }
                else
                {
                    queue.Enqueue((pod, needs, queue.Count + 1));
                }
            }

            return new SolverPlan(
                onNodes.ToImmutable(),
                [.. claims.Select(claim => claim.Finished())],
                [.. queue.Select(entry => failures[entry.Pod.Key])]);
        }

        /// <summary>Null when the pod has found a place; otherwise why no pool could serve it.</summary>
        private ImmutableArray<Rejection>? Place(SolverPod pod, PodNeeds needs)
        {
            if (PlaceOnNode(pod, needs) || PlaceOnClaim(pod, needs))
            {
                return null;
            }

            var rejections = ImmutableArray.CreateBuilder<Rejection>();
            foreach (var pool in input.Pools)
            {
                var allowed = WithinLimits(pool, out var exhausted);
                var claim = ClaimInProgress.Within(pool, allowed, claims.Count);
                var rejection = allowed.IsEmpty && !pool.Types.IsEmpty
                    ? new Rejection(pool.Name, pool.Generation, pool.DaemonOverhead, "limits", $"all available instance types exceed limits for {(pool.Generation == Generation.V1Alpha5 ? "provisioner" : "nodepool")}: {exhausted}")
                    : claim.Add(pod, needs, explain: true);
                if (rejection is null)
                {
                    claims.Add(claim);
                    byPods.Add((1, claim.Ordinal));
                    Charge(pool, claim);
                    return null;
                }

                rejections.Add(rejection);
            }

            return rejections.ToImmutable();
        }

        private bool PlaceOnNode(SolverPod pod, PodNeeds needs)
        {
            // A node that refused a class once has only got fuller since.
            for (var at = firstNode.GetValueOrDefault(needs); at < input.Nodes.Length; at++)
            {
                var node = input.Nodes[at];
                if (needs.Requests.FitsIn(available[at])
                    && needs.Untolerated(node.Taints) is null
                    && !needs.ConflictsWith(ports[at])
                    && node.Labels.Conflict(needs.Requirements, ImmutableHashSet<string>.Empty) is null)
                {
                    firstNode[needs] = at;
                    available[at] -= needs.Requests;
                    ports[at].AddRange(needs.Ports);
                    onNodes.Add(new PlannedPod(pod, node.Name));
                    return true;
                }
            }

            firstNode[needs] = input.Nodes.Length;
            return false;
        }

        private bool PlaceOnClaim(SolverPod pod, PodNeeds needs)
        {
            foreach (var entry in byPods)
            {
                var claim = claims[entry.Ordinal];
                if (claim.Add(pod, needs, explain: false) is null)
                {
                    byPods.Remove(entry);
                    byPods.Add((claim.PodCount, claim.Ordinal));
                    return true;
                }
            }

            return false;
        }

        private ImmutableArray<SolverType> WithinLimits(SolverPool pool, out string exhausted)
        {
            var limits = remaining[pool.Name];
            exhausted = "";
            if (limits.IsEmpty)
            {
                return pool.Types;
            }

            var allowed = pool.Types.RemoveAll(type => limits.Any(limit => type.Capacity.Of(limit.Key) > limit.Value));
            if (allowed.IsEmpty)
            {
                exhausted = string.Join(", ", limits
                    .Where(limit => pool.Types.All(type => type.Capacity.Of(limit.Key) > limit.Value))
                    .Select(limit => $"{limit.Key} (left: {(limit.Key == ResourceList.Cpu ? $"{limit.Value}m" : limit.Value.ToString(System.Globalization.CultureInfo.InvariantCulture))})"));
            }

            return allowed;
        }

        /// <summary>Takes the largest node that the claim may become off the limits; which it will be is not known before the launch.</summary>
        private void Charge(SolverPool pool, ClaimInProgress claim)
        {
            var limits = remaining[pool.Name];
            foreach (var (resource, left) in limits)
            {
                limits = limits.SetItem(resource, left - claim.Types.Max(type => type.Capacity.Of(resource)));
            }

            remaining[pool.Name] = limits;
        }

        private PodNeeds NeedsOf(PodSpecView spec)
        {
            var key = PodNeeds.ClassOf(spec);
            if (!classes.TryGetValue(key, out var needs))
            {
                classes.Add(key, needs = PodNeeds.Of(spec));
            }

            return needs;
        }
    }
}
