using System.Collections.Immutable;
using FsCheck;
using FsCheck.Fluent;
using Sparkwright.Tests.Karpenter.InstanceTypes;
using Sparkwright.World.Karpenter.InstanceTypes;
using Sparkwright.World.Karpenter.Solver;

namespace Sparkwright.Tests.Karpenter.Solver;

/// <summary>The solver against its rules written once more with lists and loops, on small random rounds.</summary>
public sealed class SolverReferenceTests
{
    private const int Rounds = 400;
    private const string Zone = "topology.kubernetes.io/zone";
    private const string Type = "node.kubernetes.io/instance-type";
    private static readonly string[] Zones = ["us-west-2a", "us-west-2b"];
    private static readonly string[] Types = ["c5.large", "c5.xlarge", "c5.2xlarge", "m5.large", "r5.large"];
    private static readonly ShapeTable Table = ShapeTableTests.TableOf(Zones);

    private static readonly Gen<Pod[]> Pods = Gen.ArrayOf(
        from cpu in Gen.Elements(100L, 700L, 1200L, 1900L, 3000L, 7000L)
        from memory in Gen.Elements(100L, 1000L, 3000L, 6000L, 14000L)
        from zone in Gen.Elements(null, null, null, "us-west-2a", "us-west-2b", "us-west-2c")
        from type in Gen.Elements(null, null, null, null, "c5.xlarge", "m5.large")
        from team in Gen.Elements(null, null, null, "red", "blue")
        from tolerates in Gen.Elements(true, false)
        from port in Gen.Elements(0, 0, 0, 0, 80)
        select new Pod(cpu, memory, zone, type, team, tolerates, port));

    private static readonly Gen<Pool[]> Pools = Gen.ArrayOf(
        from types in Gen.SubListOf(Types)
        from zones in Gen.SubListOf(Zones)
        from team in Gen.Elements(null, null, "red", "blue")
        from tainted in Gen.Elements(false, false, true)
        from limit in Gen.Elements(null, null, (long?)2, 6, 12)
        select new Pool([.. types.Count == 0 ? Types : types.ToArray()], [.. zones.Count == 0 ? Zones : zones.ToArray()], team, tainted, limit));

    private static readonly Gen<Node[]> Nodes = Gen.ArrayOf(
        from cpu in Gen.Elements(500L, 1500L, 4000L)
        from zone in Gen.Elements(Zones)
        from team in Gen.Elements(null, "red")
        from tainted in Gen.Elements(false, false, true)
        select new Node(cpu, zone, team, tainted));

    [Fact]
    public void A_round_is_packed_first_fit() => Prop.ForAll(
        Arb.From(Rounded(Pods, 8)), Arb.From(Rounded(Pools, 3)), Arb.From(Rounded(Nodes, 3)),
        (pods, pools, nodes) => Assert.Equal(Plain(pods, pools, nodes), Said(Solved(pods, pools, nodes, "{}")))).Check(Config.QuickThrowOnFailure.WithMaxTest(Rounds));

    [Fact]
    public void A_zone_spread_is_even_and_leaves_out_nobody_whom_a_pool_could_take() => Prop.ForAll(
        Arb.From(Rounded(Pods, 8)), Arb.From(Rounded(Pools, 3)),
        (pods, pools) =>
        {
            // Pods with other node selectors are counted over other nodes, so that only pods without one are even among each other.
            Pod[] free = [.. pods.Select(pod => pod with { Zone = null, Type = null, Team = null })];
            Pool[] unlimited = [.. pools.Select(pool => pool with { Limit = null, Zones = Zones })];
            var plan = Solved(free, unlimited, [], $"{{topologySpreadConstraints: [{{topologyKey: {Zone}, maxSkew: 1, whenUnsatisfiable: DoNotSchedule, labelSelector: {{matchLabels: {{app: w}}}}}}]}}");
            var counts = Zones.Select(zone => plan.Claims.Where(claim => claim.Requirements.Get(Zone)?.Single == zone).Sum(claim => claim.Pods.Length)).ToList();
            Assert.Equal(plan.Claims.Sum(claim => claim.Pods.Length), counts.Sum());
            Assert.InRange(counts.Max() - counts.Min(), 0, 1);
            Assert.All(plan.Unplaced, unplaced => Assert.Equal("waits", Plain([free[NumberOf(unplaced.Pod)]], unlimited, [])["p-0"]));
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(Rounds));

    [Fact]
    public void Pods_that_shun_their_like_have_a_host_each() => Prop.ForAll(
        Arb.From(Rounded(Pods, 6)), Arb.From(Rounded(Pools, 3)), Arb.From(Rounded(Nodes, 3)),
        (pods, pools, nodes) =>
        {
            Pool[] unlimited = [.. pools.Select(pool => pool with { Limit = null })];
            var plan = Solved(pods, unlimited, nodes, "{affinity: {podAntiAffinity: {requiredDuringSchedulingIgnoredDuringExecution: [{topologyKey: kubernetes.io/hostname, labelSelector: {matchLabels: {app: w}}}]}}}");
            Assert.All(plan.Claims, claim => Assert.Single(claim.Pods));
            Assert.All(plan.OnNodes.GroupBy(planned => planned.Node, StringComparer.Ordinal), node => Assert.Single(node));
            Assert.All(plan.Unplaced, unplaced => Assert.Equal("waits", Plain([pods[NumberOf(unplaced.Pod)]], unlimited, [])["p-0"]));
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(Rounds));

    private static Gen<T[]> Rounded<T>(Gen<T[]> many, int most) => many.Select(all => all.Take(most).ToArray());

    private static int NumberOf(SolverPod pod) => int.Parse(pod.Key.Name[2..], System.Globalization.CultureInfo.InvariantCulture);

    private static SolverPlan Solved(Pod[] pods, Pool[] pools, Node[] nodes, string rule) => Solver.Rounds.Solve(
        pools.Select((pool, at) => Solver.Rounds.Pool(
            $"pool-{at}",
            $"{Type} In {string.Join(',', pool.Types)}; {Zone} In {string.Join(',', pool.Zones)}; karpenter.sh/capacity-type In on-demand" + (pool.Team is null ? "" : $"; team In {pool.Team}"),
            pool.Tainted ? "dedicated:NoSchedule" : "",
            pool.Limit is { } limit ? $"cpu={limit * 1000}" : "",
            table: Table)),
        pods.Select((pod, at) => pod.Made(at, rule)),
        [.. nodes.Select((node, at) => Solver.Rounds.Node(
            $"n-{at}", $"{{cpu: {node.CpuMillis}m, memory: 8Gi, pods: 3}}", $"{Zone} In {node.Zone}" + (node.Team is null ? "" : $"; team In {node.Team}"), node.Tainted ? "dedicated:NoSchedule" : ""))]);

    /// <summary>The place of every pod: a node, a claim with its number and its types, or waiting.</summary>
    private static SortedDictionary<string, string> Said(SolverPlan plan) => new(
        plan.OnNodes.Select(planned => (planned.Pod, Place: planned.Node))
            .Concat(plan.Claims.SelectMany((claim, at) => claim.Pods.Select(pod => (Pod: pod, Place: $"claim {at} of {claim.Pool.Name}: {string.Join(' ', ShapeTableTests.Names(Table, claim.Shapes))}"))))
            .Concat(plan.Unplaced.Select(unplaced => (unplaced.Pod, Place: "waits")))
            .ToDictionary(one => one.Pod.Key.Name, one => one.Place),
        StringComparer.Ordinal);

    private static SortedDictionary<string, string> Plain(Pod[] pods, Pool[] pools, Node[] nodes)
    {
        var places = new SortedDictionary<string, string>(StringComparer.Ordinal);
        var onNodes = nodes.Select(_ => new List<Pod>()).ToList();
        var left = pools.Select(pool => pool.Limit * 1000).ToArray();
        var claims = new List<Claim>();
        foreach (var (pod, at) in pods.Select((pod, at) => (pod, at)).OrderByDescending(one => one.pod.CpuMillis).ThenByDescending(one => one.pod.MemoryMi).ThenBy(one => one.at))
        {
            var node = Enumerable.Range(0, nodes.Length).FirstOrDefault(one => nodes[one].Takes(pod, onNodes[one]), -1);
            if (node >= 0)
            {
                onNodes[node].Add(pod);
                places[$"p-{at}"] = $"n-{node}";
                continue;
            }

            var claim = claims.OrderBy(one => one.Pods.Count).FirstOrDefault(one => one.With(pod) is not null);
            for (var pool = 0; claim is null && pool < pools.Length; pool++)
            {
                claim = Claim.Opened(pools[pool], pool, left[pool], pod);
                if (claim is not null)
                {
                    claims.Add(claim);
                    left[pool] -= claim.TypesFor([pod]).Max(shape => shape.Capacity.CpuMillis);
                }
            }

            claim?.Pods.Add(pod);
            places[$"p-{at}"] = claim is null ? "waits" : "claim";
            if (claim is not null)
            {
                claim.Names.Add($"p-{at}");
            }
        }

        foreach (var (claim, number) in claims.Select((claim, number) => (claim, number)))
        {
            foreach (var name in claim.Names)
            {
                places[name] = $"claim {number} of pool-{claim.PoolNumber}: {string.Join(' ', claim.TypesFor(claim.Pods).Select(shape => shape.Name))}";
            }
        }

        return places;
    }

    private sealed record Pod(long CpuMillis, long MemoryMi, string? Zone, string? Type, string? Team, bool Tolerates, int Port)
    {
        public SolverPod Made(int number, string rule)
        {
            var selector = string.Join(", ", new[] { (SolverReferenceTests.Zone, Zone), (SolverReferenceTests.Type, Type), ("team", Team) }
                .Where(wish => wish.Item2 is not null).Select(wish => $"{wish.Item1}: {wish.Item2}"));
            var requests = $"{{cpu: {CpuMillis}m, memory: {MemoryMi}Mi}}";
            var spec = $"{{nodeSelector: {{{selector}}}{(Tolerates ? ", tolerations: [{key: dedicated, operator: Exists}]" : "")}"
                + $"{(Port == 0 ? "" : $", containers: [{{name: c, ports: [{{hostPort: {Port}}}], resources: {{requests: {requests}}}}}]")}{(rule == "{}" ? "" : ", " + rule[1..^1])}}}";
            return Solver.Rounds.Pods("p", number + 1, requests, spec, "{app: w}").Last();
        }
    }

    private sealed record Pool(string[] Types, string[] Zones, string? Team, bool Tainted, long? Limit);

    private sealed record Node(long CpuMillis, string Zone, string? Team, bool Tainted)
    {
        public bool Takes(Pod pod, List<Pod> there) =>
            (pod.Tolerates || !Tainted)
            && (pod.Zone is null || pod.Zone == Zone) && (pod.Team is null || pod.Team == Team) && pod.Type is null
            && (pod.Port == 0 || there.TrueForAll(other => other.Port != pod.Port))
            && there.Sum(other => other.CpuMillis) + pod.CpuMillis <= CpuMillis && there.Sum(other => other.MemoryMi) + pod.MemoryMi <= 8192 && there.Count < 3;
    }

    private sealed record Claim(Pool Pool, int PoolNumber, long? Left)
    {
        public List<Pod> Pods { get; } = [];

        public List<string> Names { get; } = [];

        public static Claim? Opened(Pool pool, int number, long? left, Pod pod) => new Claim(pool, number, left).With(pod);

        /// <summary>Null when the claim cannot take the pod too.</summary>
        public Claim? With(Pod pod) =>
            (pod.Tolerates || !Pool.Tainted) && (pod.Team is null || pod.Team == Pool.Team)
            && (pod.Port == 0 || Pods.TrueForAll(other => other.Port != pod.Port)) && TypesFor([.. Pods, pod]).Count > 0 ? this : null;

        public List<NodeShape> TypesFor(IReadOnlyCollection<Pod> pods) =>
        [
            .. Table.Shapes.Where(shape => Pool.Types.Contains(shape.Name)
                && (Left is null || shape.Capacity.CpuMillis <= Left)
                && pods.All(pod => pod.Type is null || pod.Type == shape.Name)
                && shape.Offerings.Any(offering => offering.CapacityType == "on-demand" && Pool.Zones.Contains(offering.Zone) && pods.All(pod => pod.Zone is null || pod.Zone == offering.Zone))
                && pods.Sum(pod => pod.CpuMillis) <= shape.Allocatable.CpuMillis
                && pods.Sum(pod => pod.MemoryMi) <= shape.Allocatable.MemoryMi && pods.Count <= shape.Allocatable.Pods),
        ];
    }
}
