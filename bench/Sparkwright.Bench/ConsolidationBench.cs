using System.Collections.Immutable;
using System.Globalization;
using Sparkwright.Kubernetes.Fitting;
using Sparkwright.Kubernetes.Objects;
using Sparkwright.World;
using Sparkwright.World.Ec2;
using Sparkwright.World.Karpenter;
using Sparkwright.World.Karpenter.Apis;
using Sparkwright.World.Karpenter.Cloud;
using Sparkwright.World.Karpenter.Disruption;
using Sparkwright.World.Karpenter.InstanceTypes;
using Sparkwright.World.Karpenter.Provisioning;

namespace Sparkwright.Bench;

/// <summary>
/// The decision about many nodes of one NodePool at its worst: every node is a candidate, its own pods fill it, and it is the cheapest that can
/// carry them, so that each pass has to look at all of them.
/// </summary>
internal static class ConsolidationBench
{
    private const int NodeCount = 1_000;
    private const string PoolName = "default";

    public static IEnumerable<string> Run()
    {
        foreach (var (name, hasRules) in new[] { ("without rules", false), ("spread by zone and host", true) })
        {
            var snapshots = Build(hasRules);
            var several = Rounds.Best(() => Take(snapshots), static known => DisruptionDecider.Decide(known, DisruptionMethod.Drift));
            var one = Rounds.Best(() => Take(snapshots), static known => DisruptionDecider.Decide(known, DisruptionMethod.MultiNode));
            var whole = DisruptionDecider.Decide(Take(snapshots));
            var single = DisruptionDecider.Decide(Take(snapshots), DisruptionMethod.MultiNode);
            yield return string.Create(
                CultureInfo.InvariantCulture,
                $"{several.TotalMilliseconds,10:N0} ms from several nodes on, {one.TotalMilliseconds:N0} ms for single ones, {NodeCount:N0} nodes, pods {name} ({Say(whole)}; then {Say(single)})");
        }
    }

    private static string Say(DisruptionDecision decision) =>
        $"{decision.Command?.Method.ToString() ?? "nothing"}, {decision.Notes.Length} notes";

    private static DisruptionSnapshot Take(DisruptionSnapshots snapshots) => snapshots.Take(Generation.V1);

    private static DisruptionSnapshots Build(bool hasRules)
    {
        var world = WorldBuilder.Build(new WorldSettings { Components = [] });
        var requirement = TreeMap.Of(
            ("key", KarpenterLabels.CapacityType), ("operator", "In"), ("values", TreeList.OfTexts(["spot", "on-demand"])));
        world.Apply(TreeMap.Of(
            ("apiVersion", "karpenter.sh/v1"),
            ("kind", "NodePool"),
            ("metadata", TreeMap.Of(("name", PoolName))),
            ("spec", TreeMap.Of(
                ("disruption", TreeMap.Of(
                    ("consolidationPolicy", "WhenEmptyOrUnderutilized"), ("consolidateAfter", "0s"), ("budgets", TreeList.Of(TreeMap.Of(("nodes", "100%")))))),
                ("template", TreeMap.Of(("spec", TreeMap.Of(
                    ("nodeClassRef", TreeMap.Of(("group", "karpenter.k8s.aws"), ("kind", "EC2NodeClass"), ("name", "default"))),
                    ("requirements", TreeList.Of(requirement))))))))));
        world.Apply(TreeMap.Of(
            ("apiVersion", "karpenter.k8s.aws/v1"),
            ("kind", "EC2NodeClass"),
            ("metadata", TreeMap.Of(("name", "default"))),
            ("spec", TreeMap.Of(
                ("role", "KarpenterNodeRole-sparkwright"),
                ("amiSelectorTerms", TreeList.Of(TreeMap.Of(("alias", "al2023@latest")))),
                ("subnetSelectorTerms", Discovery()),
                ("securityGroupSelectorTerms", Discovery())))));
        world.Loop.RunUntil(world.Clock.Now.AddSeconds(1));
        world.Api.ModifyStatus(KarpenterTypes.NodePool, new ObjectKey("", PoolName), status => Conditions.Set(status, "Ready", true, "Ready", "", world.Clock.Now));
        var settings = new LiveSettings(world.Api, new KarpenterSettings { ClusterName = "sparkwright" });
        var memory = new KarpenterMemory(world.Api);
        var cloud = new AwsCloud(new Ec2Cloud(world.Api, Ec2Catalogue.ForRegion("us-west-2"), new ModelFigures()), memory, settings);
        var pools = new Pools(world.Api);
        var pool = pools.InOrder().Single();
        Fill(world, cloud.ShapesFor(pool, pools.NodeClassOf(pool)!)!, hasRules);
        var snapshot = new Snapshot(world.Api, pools, cloud, settings);
        return new DisruptionSnapshots(world.Api, pools, cloud, snapshot, memory, new DisruptionRecords(world.Api));
    }

    private static void Fill(World.World world, ShapeTable shapes, bool hasRules)
    {
        for (var number = 0; number < NodeCount; number++)
        {
            var capacityType = number % 2 == 0 ? "spot" : "on-demand";
            var cpus = Enumerable.Range(0, 3 + (number % 4)).Select(pod => 400 + (((number * 7) + (pod * 13)) % 16 * 100)).ToArray();
            var (shape, zone) = Cheapest(shapes, capacityType, cpus.Sum());

            // The last pod takes what is left, so that no other node has room for a whole one.
            cpus[^1] += (int)(shape.Allocatable.CpuMillis - cpus.Sum() - 50);
            MakeNode(world, number, shape, zone, capacityType);
            for (var pod = 0; pod < cpus.Length; pod++)
            {
                MakePod(world, number, pod, cpus[pod], capacityType, hasRules);
            }
        }
    }

    private static (NodeShape Shape, string Zone) Cheapest(ShapeTable shapes, string capacityType, int cpuMillis) => shapes.Shapes
        .Where(shape => shape.Allocatable.CpuMillis >= cpuMillis + 50)
        .SelectMany(shape => shape.Offerings.Where(offering => offering.CapacityType == capacityType).Select(offering => (Shape: shape, offering.Zone, offering.UsdPerHour)))
        .OrderBy(choice => choice.UsdPerHour)
        .ThenBy(choice => choice.Shape.Name, StringComparer.Ordinal)
        .ThenBy(choice => choice.Zone, StringComparer.Ordinal)
        .Select(choice => (choice.Shape, choice.Zone))
        .First();

    private static void MakeNode(World.World world, int number, NodeShape shape, string zone, string capacityType)
    {
        var name = "node-" + number.ToString("D4", CultureInfo.InvariantCulture);
        var labels = TreeMap.Of(
            (KarpenterLabels.NodePool, PoolName),
            (KarpenterLabels.CapacityType, capacityType),
            (KarpenterLabels.Zone, zone),
            (KarpenterLabels.InstanceType, shape.Name),
            (KarpenterLabels.Hostname, name),
            (KarpenterLabels.Arch, shape.Type.Arch),
            (KarpenterLabels.Os, "linux"),
            (KarpenterLabels.Initialized, "true"),
            ("karpenter.sh/registered", "true"));
        var provider = $"aws:///{zone}/i-{number.ToString("x17", CultureInfo.InvariantCulture)}";
        var resources = TreeMap.Of(("capacity", shape.Capacity.ToTree()), ("allocatable", shape.Allocatable.ToTree()));
        var now = world.Clock.Now;
        var claim = world.Api.Create(new ApiObject(KarpenterTypes.NodeClaim, new ObjectMeta { Name = "claim-" + name, Labels = labels }, TreeMap.Of(
            ("spec", TreeMap.Of(
                ("expireAfter", "Never"),
                ("nodeClassRef", TreeMap.Of(("group", "karpenter.k8s.aws"), ("kind", "EC2NodeClass"), ("name", "default"))),
                ("requirements", TreeList.Empty)))))).Object!;
        world.Api.ModifyStatus(KarpenterTypes.NodeClaim, claim.Key, _ => new[] { "Launched", "Registered", "Initialized", "Consolidatable" }.Aggregate(
            resources.With("providerID", provider).With("nodeName", name),
            (status, condition) => Conditions.Set(status, condition, true, condition, "", now)));
        var node = world.Api.Create(new ApiObject(CoreTypes.Node, new ObjectMeta { Name = name, Labels = labels }, TreeMap.Of(
            ("spec", TreeMap.Of(("providerID", provider)))))).Object!;
        world.Api.ModifyStatus(CoreTypes.Node, node.Key, _ => Conditions.Set(resources, "Ready", true, "KubeletReady", "", now));
    }

    private static void MakePod(World.World world, int node, int number, int cpuMillis, string capacityType, bool hasRules)
    {
        var on = node.ToString("D4", CultureInfo.InvariantCulture);
        var labels = TreeMap.Of(("app", $"app-{(node % 20).ToString(CultureInfo.InvariantCulture)}"));
        var pod = new ApiObject(CoreTypes.Pod, new ObjectMeta { Name = $"pod-{on}-{number.ToString(CultureInfo.InvariantCulture)}", Namespace = "default", Labels = labels }, TreeMap.Of(
            ("spec", TreeMap.Of(
                ("nodeName", "node-" + on),
                ("nodeSelector", TreeMap.Of((KarpenterLabels.CapacityType, capacityType))),
                ("topologySpreadConstraints", hasRules ? TreeList.Of(Spread(KarpenterLabels.Zone, labels), Spread(KarpenterLabels.Hostname, labels)) : null),
                ("containers", TreeList.Of(TreeMap.Of(
                    ("image", "work"),
                    ("name", "main"),
                    ("resources", TreeMap.Of(("requests", TreeMap.Of(("cpu", $"{cpuMillis.ToString(CultureInfo.InvariantCulture)}m"), ("memory", "64Mi"))))))))))));
        world.Api.Create(pod);
        world.Api.ModifyStatus(CoreTypes.Pod, pod.Key, status => status.With("phase", "Running"));
    }

    private static TreeMap Spread(string key, TreeMap labels) => TreeMap.Of(
        ("maxSkew", key == KarpenterLabels.Zone ? 50 : 6), ("topologyKey", key), ("whenUnsatisfiable", "DoNotSchedule"), ("labelSelector", TreeMap.Of(("matchLabels", labels))));

    private static TreeList Discovery() => TreeList.Of(TreeMap.Of(("tags", TreeMap.Of(("karpenter.sh/discovery", "sparkwright")))));
}
