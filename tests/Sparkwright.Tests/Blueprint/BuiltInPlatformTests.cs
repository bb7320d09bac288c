using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Quantities;
using Sparkwright.World;
using Sparkwright.World.Blueprint;

namespace Sparkwright.Tests.Blueprint;

public sealed class BuiltInPlatformTests
{
    private static readonly PlatformBlueprint Platform = BlueprintReaderTests.Read(BlueprintReaderTests.BuiltInText).Blueprint!;

    /// <summary>An m5.xlarge offers 3920m and 14162Mi to pods; the submitter asks for 800m and 512Mi, its log side-car for 200Mi.</summary>
    [Fact]
    public void Every_add_on_and_one_submitter_fit_on_the_three_core_nodes()
    {
        var nodes = Enumerable.Range(0, 3).Select(_ => (Cpu: 3920L, Memory: 14162L)).ToArray();
        foreach (var addon in Platform.Addons.Where(addon => addon.Kind == "DaemonSet"))
        {
            for (var node = 0; node < nodes.Length; node++)
            {
                nodes[node] = Less(nodes[node], Cpu(addon), Memory(addon));
            }
        }

        var pods = Platform.Addons.Where(addon => addon.Kind == "Deployment")
            .SelectMany(addon => Enumerable.Repeat((Cpu: Cpu(addon), Memory: Memory(addon)), (int)addon.Replicas))
            .Append((Cpu: 800, Memory: 712));
        foreach (var pod in pods)
        {
            // The roomiest node first, as LeastAllocated chooses; the submitter comes when everything else is there.
            var roomiest = Enumerable.Range(0, nodes.Length).OrderByDescending(node => nodes[node].Cpu).First();
            nodes[roomiest] = Less(nodes[roomiest], pod.Cpu, pod.Memory);
        }

        Assert.All(nodes, node => Assert.True(node is { Cpu: >= 0, Memory: >= 0 }, $"over-committed: {node}"));
    }

    [Fact]
    public void Every_add_on_comes_up_on_the_core_nodes_without_a_bought_one()
    {
        var world = WorldBuilder.Build(WorldSettings.For(Platform, 1));

        world.Loop.RunUntil(world.Clock.Now.AddMinutes(10));

        Assert.Equal(3, world.Store.List(CoreTypes.Node).Count());
        var pods = world.Store.List(CoreTypes.Pod).ToArray();
        Assert.Equal(Platform.Addons.Sum(addon => addon.Kind == "DaemonSet" ? 3 : addon.Replicas), pods.Length);
        Assert.All(pods, pod => Assert.Equal("Running", pod.Status["phase"]?.Text));
    }

    [Fact]
    public void YuniKorn_fills_full_nodes_first_and_acts_where_its_scheduler_is_an_add_on()
    {
        var world = WorldBuilder.Build(WorldSettings.For(Platform, 1));
        world.Loop.RunUntil(world.Clock.Now.AddSeconds(1));

        Assert.True(world.YuniKorn!.Queues.Settings.NodeSort.IsBinPacking);
        Assert.Null(WorldBuilder.Build(WorldSettings.For(Platform with { Addons = [.. Platform.Addons.Where(addon => addon.Name != "yunikorn-scheduler")] }, 1)).YuniKorn);
    }

    [Fact]
    public void Only_the_network_and_volume_daemons_tolerate_every_taint() => Assert.Equal(
        ["aws-node", "kube-proxy", "ebs-csi-node"],
        Platform.Addons.Where(addon => addon.ToleratesAll).Select(addon => addon.Name));

    [Fact]
    public void Objects_come_after_the_namespaces_that_hold_them()
    {
        // Namespaces that a new cluster has by itself.
        var known = new HashSet<string>(["default", "kube-system"], StringComparer.Ordinal);
        foreach (var made in BlueprintObjects.Build(Platform, "123456789012"))
        {
            if (made["kind"]?.Text == "Namespace")
            {
                known.Add(made.At("metadata", "name")!.Text!);
            }
            else if (made.At("metadata", "namespace")?.Text is { } home)
            {
                Assert.Contains(home, known);
            }
        }
    }

    [Theory]
    [InlineData("emr-data-team-a")]
    [InlineData("emr-data-team-b")]
    public void A_team_has_a_labelled_namespace_and_lets_EMR_in(string team)
    {
        var objects = BlueprintObjects.Build(Platform, "123456789012");

        var home = Assert.Single(objects, made => made["kind"]?.Text == "Namespace" && made.At("metadata", "name")?.Text == team);
        Assert.Equal("spark", home.At("metadata", "labels", "job-type")?.Text);
        var bindings = objects.Where(made => made["kind"]?.Text == "RoleBinding" && made.At("metadata", "namespace")?.Text == team);
        Assert.Equal(
            ["User emr-containers: Role emr-containers", $"User {team}: ClusterRole admin"],
            bindings.Select(made => $"{made["subjects"]!.Items[0]["kind"]?.Text} {made["subjects"]!.Items[0]["name"]?.Text}: {made.At("roleRef", "kind")?.Text} {made.At("roleRef", "name")?.Text}"));
    }

    [Theory]
    [InlineData("spark-compute-optimized", "us-west-2a", "amd64", "c5d.large c5d.xlarge c5d.2xlarge c5d.4xlarge c5d.9xlarge")]
    [InlineData("spark-memory-optimized", "us-west-2b", "amd64", "r5d.4xlarge r5d.8xlarge")]
    [InlineData("spark-graviton-memory-optimized", "us-west-2b", "arm64", "r6gd.4xlarge r6gd.8xlarge")]
    public void A_pool_buys_its_types_in_its_zone(string pool, string zone, string arch, string types)
    {
        var spec = Assert.Single(Platform.Manifests, made => made["kind"]?.Text == "Provisioner" && made.At("metadata", "name")?.Text == pool)["spec"]!;

        Assert.Equal(zone, Values(spec, "topology.kubernetes.io/zone"));
        Assert.Equal(arch, Values(spec, "kubernetes.io/arch"));
        Assert.Equal("spot on-demand", Values(spec, "karpenter.sh/capacity-type"));
        Assert.Equal(types.Split(' ').Order(StringComparer.Ordinal), Values(spec, "node.kubernetes.io/instance-type").Split(' ').Distinct().Order(StringComparer.Ordinal));
        Assert.Equal(1000, spec.At("limits", "resources", "cpu")?.Integer);
        Assert.Equal(120, spec["ttlSecondsAfterEmpty"]?.Integer);
        Assert.Equal(pool, Assert.Single(spec["taints"]!.Items.ToArray())["key"]?.Text);
    }

    private static string Values(Tree spec, string key) => string.Join(' ', spec["requirements"]!.Items.ToArray()
        .Single(one => one["key"]?.Text == key)["values"]!.Items.ToArray().Select(value => value.Text));

    private static (long Cpu, long Memory) Less((long Cpu, long Memory) node, long cpu, long memory) => (node.Cpu - cpu, node.Memory - memory);

    private static long Cpu(AddonPlan addon) => Quantity.Parse(addon.Cpu).MilliValue;

    /// <summary>In mebibytes.</summary>
    private static long Memory(AddonPlan addon) => addon.Memory is null ? 0 : Quantity.Parse(addon.Memory).Value >> 20;
}
