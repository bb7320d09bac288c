using Sparkwright.Kubernetes.Objects;
using Sparkwright.World;
using Sparkwright.World.Ec2;
using Sparkwright.World.Karpenter.Apis;
using Platform = Sparkwright.World.World;

namespace Sparkwright.Tests.Karpenter.Drift;

public sealed class SecurityGroupDriftTests
{
    /// <summary>The network of a scenario has one group; here a second one with the tag that the class selects appears, and goes again.</summary>
    [Fact]
    public void Nodes_drift_when_their_class_finds_other_groups_and_not_when_it_finds_the_same()
    {
        var world = WorldBuilder.Build(new WorldSettings());
        foreach (var manifest in new[] { NodeClass, Pool, Pod })
        {
            Assert.True(world.Apply(Yaml.Read(manifest)).IsAccepted);
        }

        world.Loop.RunUntil(world.Clock.Now + TimeSpan.FromMinutes(5));
        var machine = Instance.Of(Assert.Single(world.Api.Store.List(Ec2Types.Instance)));
        var (group, second) = (Assert.Single(world.Api.Store.List(Ec2Types.SecurityGroup)), new ObjectMeta { Name = "sg-0123456789abcdef0" });
        Assert.Equal([group.Name], machine.SecurityGroupIds);
        Assert.Null(Reason(world));

        world.Api.Create(new ApiObject(Ec2Types.SecurityGroup, second, group.Body.With("metadata", null)));
        world.Loop.RunUntil(world.Clock.Now + TimeSpan.FromSeconds(1));
        Assert.Equal("SecurityGroupDrift", Reason(world));

        world.Api.Delete(Ec2Types.SecurityGroup, new ObjectKey("", second.Name));
        world.Loop.RunUntil(world.Clock.Now + TimeSpan.FromSeconds(1));
        Assert.Null(Reason(world));
    }

    private static string? Reason(Platform world) =>
        Conditions.Find(Assert.Single(world.Api.Store.List(KarpenterTypes.NodeClaim)).Status, "Drifted")?["reason"]?.Text;

    private const string NodeClass = """
        apiVersion: karpenter.k8s.aws/v1
        kind: EC2NodeClass
        metadata: {name: default}
        spec:
          role: KarpenterNodeRole-sparkwright
          amiSelectorTerms: [{alias: al2023@latest}]
          subnetSelectorTerms: [{tags: {karpenter.sh/discovery: sparkwright}}]
          securityGroupSelectorTerms: [{tags: {karpenter.sh/discovery: sparkwright}}]
        """;

    private const string Pool = """
        apiVersion: karpenter.sh/v1
        kind: NodePool
        metadata: {name: default}
        spec:
          disruption: {consolidateAfter: Never, budgets: [{nodes: '0'}]}
          template:
            spec:
              nodeClassRef: {group: karpenter.k8s.aws, kind: EC2NodeClass, name: default}
              requirements: [{key: node.kubernetes.io/instance-type, operator: In, values: [c5.large]}]
        """;

    private const string Pod = """
        apiVersion: v1
        kind: Pod
        metadata: {name: p, namespace: default}
        spec: {containers: [{name: c, image: nginx, resources: {requests: {cpu: 1}}}]}
        """;
}
