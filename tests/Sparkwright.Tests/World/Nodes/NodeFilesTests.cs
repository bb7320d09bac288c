using Sparkwright.Kubernetes.Objects;
using Sparkwright.World;
using Sparkwright.World.Ec2;
using Sparkwright.World.Nodes;

namespace Sparkwright.Tests.World.Nodes;

public sealed class NodeFilesTests
{
    [Theory]
    //          type          made by the boot          asked      there
    [InlineData("c5d.4xlarge", "mkdir -p /local1", "/local1", true)]
    [InlineData("c5d.4xlarge", "mkdir -p /local2", "/local1", false)]
    [InlineData("c5d.4xlarge", "", "/local1", false)]
    [InlineData("m5.xlarge", "", "/var/log", true)]
    public void A_node_of_an_instance_has_what_its_boot_made(string type, string boot, string path, bool there)
    {
        var world = new SmallCluster();
        var spec = TreeMap.Of(("instanceType", type), ("privateIp", "10.1.0.9"), ("subnetId", "subnet-1"), ("userData", "#!/bin/bash\n" + boot + "\n"));
        world.Api.Create(Ec2Types.Make(Ec2Types.Instance, "i-1", spec, TreeMap.Empty).WithStatus(TreeMap.Of(("state", "running"))));
        var files = new NodeFiles(new Ec2Cloud(world.Api, Ec2Catalogue.ForRegion("us-west-2"), new ModelFigures()));
        var node = SmallCluster.MakeNode("n1").Set(["spec", "providerID"], "aws:///us-west-2a/i-1");
        Assert.Equal(there, files.HasDirectory(node, path));
        Assert.True(files.HasDirectory(SmallCluster.MakeNode("simulated"), path));
    }
}
