using Sparkwright.Kubernetes.Objects;
using Sparkwright.World.Nodes;

namespace Sparkwright.Tests.World.Nodes;

public sealed class NodeBootTests
{
    [Fact]
    public void A_node_without_an_instance_is_ready_at_once_and_complete()
    {
        var world = new SmallCluster();
        _ = new NodeBoot(world.Loop, world.Api, "1.33");
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
        _ = new NodeBoot(world.Loop, world.Api, "1.33");
        world.Api.Create(SmallCluster.MakeNode("n1").Set(["status", "conditions"], TreeList.Of(SmallCluster.Json("""{"type":"Ready","status":"False"}"""))));
        world.RunFor(0);
        Assert.False(Conditions.IsTrue(world.Api.Get(CoreTypes.Node, "", "n1")!.Status, "Ready"));
    }
}
