using System.Collections.Immutable;
using System.Globalization;
using Sparkwright.Kubernetes.Objects;
using Sparkwright.World;
using Sparkwright.World.Ec2;
using Sparkwright.World.Karpenter;
using Sparkwright.World.Karpenter.Cloud;
using Sparkwright.World.Karpenter.InstanceTypes;
using Sparkwright.World.Karpenter.Metrics;
using Sparkwright.World.Karpenter.Provisioning;
using Sparkwright.World.Karpenter.Solver;

namespace Sparkwright.Bench;

/// <summary>Plans for pods of many sizes and rules over the types of a region, and what the plans cost beside what they must cost at least.</summary>
internal static class SolverBench
{
    /// <summary>As many types as the benchmark of Karpenter's own scheduler has.</summary>
    private const int KarpentersTypes = 400;

    private static readonly int[] Sizes = [100, 1_000, 5_000, 20_000, 50_000];

    /// <summary>Memory for a core, in GiB: the ratios of compute, general and memory instances, and the blueprint's executors among small pods.</summary>
    private static readonly (string Name, Func<int, (int CpuMillis, int MemoryMi)> Size)[] Mixes =
    [
        ("compute", number => (250 + (number % 16 * 250), (250 + (number % 16 * 250)) * 3 / 2)),
        ("general", number => (100 + (number % 20 * 250), 128 + (number % 13 * 900))),
        ("memory", number => number % 3 == 0 ? (1_000, 8_192) : (2_000 + (number % 4 * 500), 14_336 + (number % 7 * 1_024))),
    ];

    public static IEnumerable<string> Run()
    {
        var onDemand = Base("on-demand");
        var both = Base("spot", "on-demand");
        var generic = Mixes[1].Size;
        foreach (var count in Sizes)
        {
            yield return Speed("pods of 260 sizes", both with { Pods = Pods(count, number => Plain(generic(number), Selector(number))) });
        }

        var types = both.Pools[0].Shapes.Shapes;
        var fewer = both with { Pools = [both.Pools[0] with { Shapes = new ShapeTable([.. types.Where((_, at) => at * KarpentersTypes / types.Length != (at + 1) * KarpentersTypes / types.Length)]) }] };
        foreach (var count in Sizes)
        {
            yield return Speed("in fifths by rule", fewer with { Pods = Pods(count, number => Fifths(number)) });
        }

        foreach (var (name, size) in Mixes)
        {
            var input = onDemand with { Pods = Pods(2_000, number => Plain(size(number), null)) };
            var plan = PackingSolver.Solve(input);
            var cost = plan.Claims.Sum(static claim => claim.Choices().Min(static choice => choice.Offerings.Min(static offering => offering.UsdPerHour)));
            var bound = CostBound.UsdPerHour(input);
            yield return string.Create(
                CultureInfo.InvariantCulture,
                $"{(double)cost / bound,10:F3} times the lower bound for the {name} mix ({cost:F2} and {bound:F2} USD/h, {input.Pods.Length:N0} pods, {plan.Claims.Length} nodes, on-demand)");
        }
    }

    private static string Speed(string name, SolverInput input)
    {
        var plan = PackingSolver.Solve(input);
        var took = Rounds.Best(() => input, static known => PackingSolver.Solve(known));
        var count = input.Pods.Length;
        return $"{count / took.TotalSeconds,10:N0} pods/s for {count:N0} {name} ({took.TotalMilliseconds:N0} ms, {plan.Claims.Length} nodes, {plan.Unplaced.Length} unplaced, {input.Pools[0].Shapes.Shapes.Length} types)";
    }

    /// <summary>A round without pods: one pool that may launch every type.</summary>
    private static SolverInput Base(params string[] capacityTypes)
    {
        var world = WorldBuilder.Build(new WorldSettings { Components = [] });
        world.Apply(TreeMap.Of(
            ("apiVersion", "karpenter.sh/v1alpha5"),
            ("kind", "Provisioner"),
            ("metadata", TreeMap.Of(("name", "default"))),
            ("spec", TreeMap.Of(
                ("providerRef", TreeMap.Of(("name", "default"))),
                ("requirements", TreeList.Of(TreeMap.Of(("key", "karpenter.sh/capacity-type"), ("operator", "In"), ("values", Texts(capacityTypes)))))))));
        world.Apply(TreeMap.Of(
            ("apiVersion", "karpenter.k8s.aws/v1alpha1"),
            ("kind", "AWSNodeTemplate"),
            ("metadata", TreeMap.Of(("name", "default"))),
            ("spec", TreeMap.Of(
                ("securityGroupSelector", TreeMap.Of(("karpenter.sh/discovery", "sparkwright"))),
                ("subnetSelector", TreeMap.Of(("karpenter.sh/discovery", "sparkwright")))))));
        world.Loop.RunUntil(world.Clock.Now.AddSeconds(1));
        var first = Pod(0, Plain((100, 128), null));
        world.Api.Create(first);
        world.Api.ModifyStatus(CoreTypes.Pod, first.Key, status =>
            Conditions.Set(status, "PodScheduled", false, "Unschedulable", "0/0 nodes are available", world.Clock.Now));
        var settings = new LiveSettings(world.Api, new KarpenterSettings { ClusterName = "sparkwright", DefaultInstanceProfile = "KarpenterNodeInstanceProfile-sparkwright" });
        var cloud = new AwsCloud(new Ec2Cloud(world.Api, Ec2Catalogue.ForRegion("us-west-2"), new ModelFigures()), new KarpenterMemory(world.Api), settings, new KarpenterMetrics(world.Api));
        return new Snapshot(world.Api, new Pools(world.Api), cloud, settings).Take()?.Solver ?? throw new InvalidOperationException("no pod waits");
    }

    private static ImmutableArray<SolverPod> Pods(int count, Func<int, (TreeMap Labels, TreeMap Spec)> pod) =>
        [.. Enumerable.Range(0, count).Select(number => SolverPod.Of(Pod(number, pod(number))))];

    private static ApiObject Pod(int number, (TreeMap Labels, TreeMap Spec) pod)
    {
        var name = "p" + number.ToString("D5", CultureInfo.InvariantCulture);
        return new ApiObject(CoreTypes.Pod, new ObjectMeta { Name = name, Namespace = "default", Uid = name, Labels = pod.Labels }, TreeMap.Of(("spec", pod.Spec)));
    }

    private static TreeMap? Selector(int number) => (number % 4) switch
    {
        0 => TreeMap.Of(("topology.kubernetes.io/zone", "us-west-2" + "abc"[number % 3])),
        1 => TreeMap.Of(("karpenter.sh/capacity-type", "on-demand")),
        _ => null,
    };

    private static (TreeMap Labels, TreeMap Spec) Plain((int CpuMillis, int MemoryMi) size, TreeMap? nodeSelector) =>
        (TreeMap.Empty, TreeMap.Of(("nodeSelector", nodeSelector), ("containers", Containers(size))));

    /// <summary>The mix of the benchmark of Karpenter's own scheduler: a fifth each without rules, spread by zone, spread by host, together in a zone, and alone on a host.</summary>
    private static (TreeMap Labels, TreeMap Spec) Fifths(int number)
    {
        var chance = new Random(number);
        int[] cpus = [100, 250, 500, 1_000, 1_500];
        int[] memories = [100, 256, 512, 1_024, 2_048, 4_096];
        var containers = Containers((cpus[chance.Next(cpus.Length)], memories[chance.Next(memories.Length)]));
        var labels = TreeMap.Of(("my-label", "abcdefg"[chance.Next(7)].ToString()));
        return (number % 5) switch
        {
            0 => (labels, TreeMap.Of(("containers", containers))),
            1 => (labels, TreeMap.Of(("containers", containers), ("topologySpreadConstraints", Spread(KarpenterLabels.Zone, labels)))),
            2 => (labels, TreeMap.Of(("containers", containers), ("topologySpreadConstraints", Spread(KarpenterLabels.Hostname, labels)))),
            3 => Neighbours("podAffinity", KarpenterLabels.Zone, TreeMap.Of(("my-affinity", "abcdefg"[chance.Next(7)].ToString())), containers),
            _ => Neighbours("podAntiAffinity", KarpenterLabels.Hostname, TreeMap.Of(("app", "nginx")), containers),
        };
    }

    private static TreeList Spread(string key, TreeMap labels) => TreeList.Of(TreeMap.Of(
        ("maxSkew", 1), ("topologyKey", key), ("whenUnsatisfiable", "DoNotSchedule"), ("labelSelector", TreeMap.Of(("matchLabels", labels)))));

    private static (TreeMap Labels, TreeMap Spec) Neighbours(string rule, string key, TreeMap labels, TreeList containers) => (labels, TreeMap.Of(
        ("containers", containers),
        ("affinity", TreeMap.Of((rule, TreeMap.Of(("requiredDuringSchedulingIgnoredDuringExecution", TreeList.Of(
            TreeMap.Of(("topologyKey", key), ("labelSelector", TreeMap.Of(("matchLabels", labels))))))))))));

    private static TreeList Containers((int CpuMillis, int MemoryMi) size) => TreeList.Of(TreeMap.Of(
        ("image", "work"),
        ("name", "c"),
        ("resources", TreeMap.Of(("requests", TreeMap.Of(("cpu", $"{size.CpuMillis}m"), ("memory", $"{size.MemoryMi}Mi")))))));

    private static TreeList Texts(IEnumerable<string> texts) => TreeList.Of([.. texts.Select(static text => (Tree)text)]);
}
