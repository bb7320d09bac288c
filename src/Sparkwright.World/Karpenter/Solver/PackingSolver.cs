using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using Sparkwright.Kubernetes.Fitting;

namespace Sparkwright.World.Karpenter.Solver;

/// <summary>
/// Karpenter's packing as a pure function: each pod goes to the first existing node that takes it, else to the planned node with the fewest
/// pods that takes it, else to a new one of the first pool that works. The same input always gives the same plan.
/// </summary>
public static class PackingSolver
{
    public static SolverPlan Solve(SolverInput input) => Solve(new SolverGround(input), input);

    /// <param name="ground">Made of a round with the same nodes and the same pools but for what their limits allow.</param>
    public static SolverPlan Solve(SolverGround ground, SolverInput input) => new Packing(ground, input).Run();

    private sealed class Packing
    {
        private readonly SolverInput input;
        private readonly SolverGround ground;
        private readonly ImmutableArray<PoolState> pools;
        private readonly Topology topology;
        private readonly HostBoard board;
        private readonly List<ClaimInProgress> claims = [];
        private readonly Dictionary<(PodClass, PodRules), PodNeeds> needs = new(new ByReference());
        private readonly bool somePoolHasDislikes;
        private readonly bool relaxesWithinOneTry;
        private readonly ImmutableArray<PlannedPod>.Builder onNodes = ImmutableArray.CreateBuilder<PlannedPod>();
        private readonly ImmutableArray<Relaxation>.Builder relaxations = ImmutableArray.CreateBuilder<Relaxation>();

        public Packing(SolverGround ground, SolverInput input)
        {
            this.input = input;
            this.ground = ground;
            pools = [.. input.Pools.Select((pool, at) => new PoolState(pool, ground.Pools[at], input.LowersMinValues))];
            topology = new Topology(ground, input);
            board = new HostBoard(ground, input.Gone, topology);
            somePoolHasDislikes = input.Pools.Any(pool => pool.Taints.Any(taint => taint.Effect == Taint.PreferNoSchedule));

            // One binary serves both kinds of pools; where the newer kind is in use its habits hold.
            relaxesWithinOneTry = input.Pools.Any(pool => GenerationRules.Of(pool.Generation).RelaxesWithinOneTry);
        }

        public SolverPlan Run()
        {
            var byZone = CountByZone();
            var queue = new Queue<Waiting>(input.Pods
                .OrderByDescending(pod => pod.Spec.Requests.CpuMillis)
                .ThenByDescending(pod => pod.Spec.Requests.MemoryBytes)
                .ThenBy(pod => pod.CreatedAt)
                .ThenBy(pod => pod.Uid, StringComparer.Ordinal)
                .Select(pod => new Waiting(pod, NeedsOf(pod), 0, 0, [])));

            // A pod that comes to the head again while the queue is as long as when it was put back has seen a whole cycle without progress.
            // A wish less may make room for others too: then everybody gets another cycle.
            var cycle = 1;
            while (queue.TryPeek(out var head) && !(head.Cycle == cycle && head.Length == queue.Count))
            {
                var (pod, needs, _, _, _) = queue.Dequeue();
                var rejections = Place(pod, needs);
                if (rejections is null)
                {
                    continue;
                }

                var length = queue.Count + 1;
                if (!relaxesWithinOneTry && needs.Relaxed(somePoolHasDislikes) is { } relaxed)
                {
                    cycle++;
                    queue.Enqueue(new Waiting(pod, relaxed, 0, length, rejections.Value));
                }
                else
                {
                    queue.Enqueue(new Waiting(pod, needs, cycle, length, rejections.Value));
                }
            }

            return new SolverPlan(
                onNodes.ToImmutable(),
                [.. claims.Select(claim => claim.Finished())],
                [.. queue.Select(left => new UnplacedPod(left.Pod, left.Rejections))])
            {
                Relaxations = relaxations.ToImmutable(),
                PendingByZone = byZone,
            };
        }

        private ImmutableSortedDictionary<string, int> CountByZone()
        {
            var zones = ImmutableSortedDictionary.CreateBuilder<string, int>(StringComparer.Ordinal);
            foreach (var alike in input.Pods.Where(pod => pod.Spec.NodeName.Length == 0).GroupBy(NeedsOf))
            {
                var zone = EffectiveZone.Of(alike.Key);
                zones[zone] = zones.GetValueOrDefault(zone) + alike.Count();
            }

            return zones.ToImmutable();
        }

        /// <summary>Null when the pod has found a place; otherwise why no pool could serve it.</summary>
        private ImmutableArray<PoolRejection>? Place(SolverPod pod, PodNeeds needs)
        {
            var rejections = PlaceAsIs(pod, needs);
            while (rejections is not null && relaxesWithinOneTry && needs.Relaxed(somePoolHasDislikes) is { } relaxed)
            {
                needs = relaxed;
                rejections = PlaceAsIs(pod, needs);
            }

            if (rejections is null && !needs.GivenUp.IsEmpty)
            {
                relaxations.Add(new Relaxation(pod, needs.GivenUp));
            }

            return rejections;
        }

        private ImmutableArray<PoolRejection>? PlaceAsIs(SolverPod pod, PodNeeds needs)
        {
            if (board.Place(pod, needs) is { } host)
            {
                if (host is ExistingHost node)
                {
                    onNodes.Add(new PlannedPod(pod, node.Name));
                }

                topology.Record(needs, host);
                return null;
            }

            var rejections = ImmutableArray<PoolRejection>.Empty;
            foreach (var pool in pools)
            {
                var (claim, rejection) = pool.Open(pod, needs, topology, rejections);
                if (claim is not null)
                {
                    claims.Add(claim);
                    topology.AddHost();
                    board.Add(claim);
                    topology.Record(needs, claim);
                    return null;
                }

                rejections = rejections.Add(rejection!);
            }

            return rejections;
        }

        private PodNeeds NeedsOf(SolverPod pod)
        {
            var podClass = ground.ClassOf(pod);
            var rules = topology.RulesOf(pod);
            if (!needs.TryGetValue((podClass, rules), out var known))
            {
                needs.Add((podClass, rules), known = new PodNeeds(podClass, input.IgnoresPreferences ? rules.WithoutWishes : rules));
            }

            return known;
        }

        /// <param name="Cycle">During which the length was noted; 0 for none.</param>
        private readonly record struct Waiting(SolverPod Pod, PodNeeds Needs, int Cycle, int Length, ImmutableArray<PoolRejection> Rejections);

        private sealed class ByReference : IEqualityComparer<(PodClass Class, PodRules Rules)>
        {
            public bool Equals((PodClass Class, PodRules Rules) x, (PodClass Class, PodRules Rules) y) =>
                ReferenceEquals(x.Class, y.Class) && ReferenceEquals(x.Rules, y.Rules);

            public int GetHashCode((PodClass Class, PodRules Rules) pair) =>
                HashCode.Combine(RuntimeHelpers.GetHashCode(pair.Class), RuntimeHelpers.GetHashCode(pair.Rules));
        }
    }
}
