using Sparkwright.Kubernetes.Objects;
using Sparkwright.World;
using Sparkwright.World.Karpenter;
using Sparkwright.World.Karpenter.Apis;

namespace Sparkwright.Tests.Karpenter;

public sealed class PoolsTests
{
    [Fact]
    public void Pools_of_both_kinds_are_tried_by_weight_then_in_a_total_order()
    {
        var world = WorldBuilder.Build(new WorldSettings());
        foreach (var pool in new[]
        {
            Provisioner("b", 10), Provisioner("a", 10), NodePool("p1", "weight: 10"), NodePool("p2", "weight: 10"),
            NodePool("heavy", "weight: 50"), NodePool("none", "limits: {cpu: 1}"), NodePool("static", "replicas: 2"),
        })
        {
            var applied = world.Apply(Yaml.Read(pool));
            Assert.True(applied.IsAccepted, applied.Message);
        }

        foreach (var pool in world.Api.Store.List(KarpenterTypes.NodePool).ToList())
        {
            world.Api.ModifyStatus(KarpenterTypes.NodePool, pool.Key, status => Conditions.Set(status, "Ready", true, "Ready", "", world.Loop.Clock.Now));
        }

        Assert.Equal("heavy a b p2 p1 none", string.Join(' ', new Pools(world.Api).InOrder().Select(pool => pool.Name)));
    }

    [Fact]
    public void A_node_pool_counts_its_claims_and_a_provisioner_its_nodes()
    {
        var world = WorldBuilder.Build(new WorldSettings());
        var pools = new Pools(world.Api);
        world.Api.Create(new ApiObject(
            KarpenterTypes.NodeClaim,
            new ObjectMeta { Name = "c", Labels = TreeMap.Of((KarpenterLabels.NodePool, "p")) },
            (TreeMap)Yaml.Read("{spec: {requirements: [], nodeClassRef: {group: karpenter.k8s.aws, kind: EC2NodeClass, name: c}}}")));
        world.Api.ModifyStatus(KarpenterTypes.NodeClaim, new ObjectKey("", "c"), status => status.With("capacity", TreeMap.Of(("cpu", "4"))));
        world.Api.Create(new ApiObject(
            CoreTypes.Node,
            new ObjectMeta { Name = "n", Labels = TreeMap.Of((KarpenterLabels.NodePool, "p")) },
            (TreeMap)Yaml.Read("{spec: {}, status: {capacity: {cpu: '4'}}}")));
        var usage = pools.UsageOf(new PoolKey(Generation.V1, "p"));
        Assert.Equal((4000, 1), (usage.CpuMillis, usage.Of(Pool.NodesResource)));
    }

    private static string Provisioner(string name, int weight) => $$"""
        {apiVersion: karpenter.sh/v1alpha5, kind: Provisioner, metadata: {name: {{name}} }, spec: {weight: {{weight}}, providerRef: {name: t} } }
        """;

    private static string NodePool(string name, string more) => $$"""
        apiVersion: karpenter.sh/v1
        kind: NodePool
        metadata: {name: {{name}} }
        spec:
          {{more}}
          template: {spec: {requirements: [], nodeClassRef: {group: karpenter.k8s.aws, kind: EC2NodeClass, name: c} } }
        """;
}
