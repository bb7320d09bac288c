using Sparkwright.Kubernetes.Objects;
using Sparkwright.World;
using Sparkwright.World.Ec2;
using Sparkwright.World.Nodes;

namespace Sparkwright.Tests.World.Nodes;

public sealed class NodeBootTests
{
    [Fact]
    public void A_node_without_an_instance_is_ready_at_once_and_complete()
    {
        var world = new SmallCluster();
        _ = new NodeBoot(world.Loop, world.Api, "1.33", new ModelFigures());
        world.Api.Create(new ApiObject(
            CoreTypes.Node,
            new ObjectMeta { Name = "n1", Labels = SmallCluster.Json("""{"kubernetes.io/arch":"arm64"}""") },
            SmallCluster.Json("""{"status":{"capacity":{"cpu":"4","memory":"8Gi"}}}""")));
        world.RunFor(0);
        var node = world.Api.Get(CoreTypes.Node, "", "n1")!;
        Assert.True(Conditions.IsTrue(node.Status, "Ready"));
        Assert.Equal(node.Status["capacity"], node.Status["allocatable"]);
        Assert.Equal(("n1", "linux", "arm64"), (node.Metadata.Label("kubernetes.io/hostname"), node.Metadata.Label("kubernetes.io/os"), node.Metadata.Label("kubernetes.io/arch")));
        Assert.Equal("arm64", node.Status.At("nodeInfo", "architecture")?.Text);
        Assert.StartsWith("v1.33.", node.Status.At("nodeInfo", "kubeletVersion")?.Text);
        Assert.All(
            new[] { "bootID", "containerRuntimeVersion", "kernelVersion", "kubeProxyVersion", "machineID", "operatingSystem", "osImage", "systemUUID" },
            field => Assert.NotEmpty(node.Status.At("nodeInfo", field)?.Text ?? ""));
    }

    [Fact]
    public void A_node_given_as_not_ready_stays_so()
    {
        var world = new SmallCluster();
        _ = new NodeBoot(world.Loop, world.Api, "1.33", new ModelFigures());
        world.Api.Create(SmallCluster.MakeNode("n1").Set(["status", "conditions"], TreeList.Of(SmallCluster.Json("""{"type":"Ready","status":"False"}"""))));
        world.RunFor(0);
        Assert.False(Conditions.IsTrue(world.Api.Get(CoreTypes.Node, "", "n1")!.Status, "Ready"));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void An_instance_turns_its_node_ready_when_its_kubelet_is_up(bool nodeMadeBeforehand)
    {
        var world = new SmallCluster();
        _ = new NodeBoot(world.Loop, world.Api, "1.33", new ModelFigures());
        const string Name = "ip-10-1-0-4.us-west-2.compute.internal";
        var spec = SmallCluster.Json("""
            {"instanceType":"m5.large","zone":"us-west-2a","capacityType":"on-demand","privateIp":"10.1.0.4","privateDnsName":"ip-10-1-0-4.us-west-2.compute.internal",
            "nodeTemplate":{"labels":{"pool":"core"},"capacity":{"cpu":"2","memory":"8Gi"},"allocatable":{"cpu":"1930m","memory":"7Gi"}}}
            """)
            .With("launchedTicks", SmallCluster.Start.Ticks)
            .With("readyTicks", SmallCluster.Start.AddSeconds(60).Ticks);
        world.Api.Create(Ec2Types.Make(Ec2Types.Instance, "i-1", spec, TreeMap.Empty).WithStatus(TreeMap.Of(("state", "pending"))));
        if (nodeMadeBeforehand)
        {
            world.Api.Create(SmallCluster.MakeNode(Name, labels: """{"pool":"core"}""").Set(["spec", "providerID"], "aws:///us-west-2a/i-1"));
        }

        world.RunFor(29);
        Assert.Equal(nodeMadeBeforehand, world.Api.Get(CoreTypes.Node, "", Name) is not null);
        world.RunFor(30);
        Assert.False(Conditions.IsTrue(world.Api.Get(CoreTypes.Node, "", Name)!.Status, "Ready"));
        world.RunFor(1);
        var node = world.Api.Get(CoreTypes.Node, "", Name)!;
        Assert.True(Conditions.IsTrue(node.Status, "Ready"));
        Assert.Equal(("core", Name, "aws:///us-west-2a/i-1"), (node.Metadata.Label("pool"), node.Metadata.Label("kubernetes.io/hostname"), node.Spec["providerID"]?.Text));
        Assert.Equal(nodeMadeBeforehand ? "4" : "1930m", node.Status.At("allocatable", "cpu")?.Text);
        world.Api.ModifyStatus(Ec2Types.Instance, new ObjectKey("", "i-1"), status => status.With("state", "terminated"));
        world.RunFor(0);
        Assert.Equal("Unknown", Conditions.Find(world.Api.Get(CoreTypes.Node, "", Name)!.Status, "Ready")?["status"]?.Text);
    }
}
