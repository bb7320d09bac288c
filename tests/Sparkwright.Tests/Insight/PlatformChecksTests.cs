using Sparkwright.Kubernetes.Objects;
using Sparkwright.Tests.Blueprint;
using Sparkwright.World;
using Sparkwright.World.Aws;
using Sparkwright.World.Aws.Eks;
using Sparkwright.World.Blueprint;
using Sparkwright.World.Insight;

namespace Sparkwright.Tests.Insight;

public sealed class PlatformChecksTests
{
    private static readonly PlatformBlueprint BuiltIn = BlueprintReaderTests.Read(BlueprintReaderTests.BuiltInText).Blueprint!;

    [Fact]
    public void Everything_holds_of_a_platform_that_is_up_and_nothing_of_an_empty_account()
    {
        Assert.All(PlatformChecks.Of(Whole(), BuiltIn), static check => Assert.True(check.Ok, $"{check}"));
        var world = WorldBuilder.Build(new WorldSettings { IsEmptyAccount = true });
        Assert.All(PlatformChecks.Of(world, BuiltIn), static check => Assert.True(check is { Ok: false, Mend: var mend } && mend.StartsWith("sparkwright apply --only ", StringComparison.Ordinal), $"{check}"));
    }

    [Theory]
    //          what goes wrong       what is found                                                                                               how to mend it
    [InlineData("namespace", "namespace emr-data-team-b: Terminating", "sparkwright apply --only teams")]
    [InlineData("scale", "coredns in kube-system: 0 of 0 pods are Running", "there is no node for it, or it was scaled to none; sparkwright apply --only addons")]
    [InlineData("pool", "Provisioner spark-compute-optimized: there is none", "sparkwright apply --only addons")]
    [InlineData("virtual cluster", "virtual cluster emr-eks-karpenter-emr-data-team-a: TERMINATED", "sparkwright apply --only teams")]
    [InlineData("nodes", "node group core-node-group: 3 of 4 nodes are Ready", "sparkwright apply --only cluster; new nodes need a minute or two")]
    [InlineData("trust", "role emr-eks-karpenter-emr-eks-data-team-a: does not trust emr-data-team-a/", "aws emr-containers update-role-trust-policy --cluster-name emr-eks-karpenter --namespace emr-data-team-a --role-name emr-eks-karpenter-emr-eks-data-team-a, or sparkwright apply --only teams")]
    public void What_does_not_hold_is_named_with_its_mending(string wrong, string found, string mend)
    {
        var world = Whole();
        var blueprint = BuiltIn;
        switch (wrong)
        {
            case "namespace":
                world.Api.Delete(CoreTypes.Namespace, new ObjectKey("", "emr-data-team-b"));
                break;
            case "scale":
                world.Api.Modify(CoreTypes.Deployment, new ObjectKey("kube-system", "coredns"), static known => known.Set(["spec", "replicas"], 0));
                world.Loop.RunUntil(world.Clock.Now.AddMinutes(1));
                break;
            case "pool":
                world.Api.Delete(world.Types.FindByKind("Provisioner")!, new ObjectKey("", "spark-compute-optimized"));
                break;
            case "virtual cluster":
                Assert.Null(world.Emr.DeleteVirtualCluster(world.Emr.FindVirtualCluster("emr-eks-karpenter-emr-data-team-a")!));
                world.Loop.RunUntil(world.Clock.Now.AddMinutes(1));
                break;
            case "nodes":
                blueprint = BuiltIn with { NodeGroups = [BuiltIn.NodeGroups[0] with { DesiredSize = 4 }] };
                break;
            case "trust":
                world.Api.Modify(IamTypes.Role, new ObjectKey("", "emr-eks-karpenter-emr-eks-data-team-a"), static role => role.Set(["spec", "assumeRolePolicyDocument"], "{\"Version\": \"2012-10-17\", \"Statement\": []}"));
                break;
        }

        var failed = Assert.Single(PlatformChecks.Of(world, blueprint), static check => !check.Ok);
        Assert.StartsWith(found, $"{failed.Name}: {failed.Found}", StringComparison.Ordinal);
        Assert.Equal(mend, failed.Mend);
    }

    [Fact]
    public void A_cluster_that_is_gone_is_not_ACTIVE()
    {
        var world = Whole();
        world.Api.Delete(EksTypes.Cluster, new ObjectKey("", "emr-eks-karpenter"));
        Assert.Equal("EKS cluster emr-eks-karpenter", Assert.Single(PlatformChecks.Of(world, BuiltIn), static check => !check.Ok).Name);
    }

    private static global::Sparkwright.World.World Whole()
    {
        var world = WorldBuilder.Build(WorldSettings.For(BuiltIn, 1));
        world.Loop.RunUntil(world.Clock.Now.AddMinutes(5));
        return world;
    }
}
