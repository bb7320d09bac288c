using Sparkwright.Kubernetes.Objects;
using Sparkwright.World.Karpenter.Apis;

namespace Sparkwright.Tests.Karpenter.Apis;

/// <summary>Both generations' pools, read into the same words.</summary>
public sealed class PoolTests
{
    [Theory]
    //          a v1alpha5 spec                                   says
    [InlineData("{ttlSecondsAfterEmpty: 120}", "WhenEmpty 00:02:00 budgets 0 expires never")]
    [InlineData("{consolidation: {enabled: true}}", "WhenEmptyOrUnderutilized 00:00:00 budgets 0 expires never")]
    [InlineData("{ttlSecondsUntilExpired: 60}", "WhenEmpty never budgets 0 expires 00:01:00")]
    public void A_provisioners_lifetimes(string spec, string says) => Assert.Equal(says, Say(Pool.Of(Object(KarpenterTypes.Provisioner, spec))));

    [Theory]
    //          a v1 spec                                         says
    [InlineData("{}", "WhenEmptyOrUnderutilized 00:00:00 budgets 1 expires 30.00:00:00")]
    [InlineData("{disruption: {consolidationPolicy: WhenEmpty, consolidateAfter: 30s, budgets: [{nodes: '0'}, {nodes: 20%, reasons: [Empty]}]}}", "WhenEmpty 00:00:30 budgets 2 expires 30.00:00:00")]
    [InlineData("{disruption: {consolidateAfter: Never}, template: {spec: {expireAfter: Never}}}", "WhenEmptyOrUnderutilized never budgets 1 expires never")]
    public void A_node_pools_lifetimes(string spec, string says) => Assert.Equal(says, Say(Pool.Of(Object(KarpenterTypes.NodePool, spec))));

    [Fact]
    public void Requirements_hold_the_pools_name_its_labels_and_min_values()
    {
        var pool = Pool.Of(Object(KarpenterTypes.NodePool, "{limits: {cpu: 10, nodes: '3'}, template: {metadata: {labels: {team: a}}, spec: {requirements: [{key: karpenter.k8s.aws/instance-family, operator: Exists, minValues: 3}]}}}"));
        Assert.Equal("karpenter.k8s.aws/instance-family Exists minValues 3, karpenter.sh/nodepool In [p], team In [a]", pool.Requirements.ToString());
        Assert.Equal((10_000, 3), (pool.Limits["cpu"], pool.Limits["nodes"]));
    }

    [Theory]
    //          an EC2NodeClass spec                              family, root GiB
    [InlineData("{amiSelectorTerms: [{alias: al2023@latest}]}", "AL2023 20")]
    [InlineData("{amiSelectorTerms: [{alias: bottlerocket@v1.20.0}], blockDeviceMappings: [{deviceName: /dev/xvda, ebs: {volumeSize: 4Gi}}, {deviceName: /dev/xvdb, ebs: {volumeSize: 80Gi}}]}", "Bottlerocket 80")]
    [InlineData("{amiFamily: Custom, blockDeviceMappings: [{deviceName: /dev/sdf, ebs: {volumeSize: 30Gi}}]}", "Custom 30")]
    [InlineData("{amiFamily: AL2, blockDeviceMappings: [{deviceName: /dev/sdf, rootVolume: true, ebs: {volumeSize: 30Gi}}, {deviceName: /dev/xvda, ebs: {volumeSize: 50Gi}}]}", "AL2 30")]
    public void A_class_says_where_pods_write(string spec, string says)
    {
        var nodeClass = NodeClass.OfEc2NodeClass(Object(KarpenterTypes.Ec2NodeClass, spec));
        Assert.Equal(says, $"{nodeClass.AmiFamily} {nodeClass.KubeletFor(Pool.Of(Object(KarpenterTypes.NodePool, "{}"))).RootVolumeBytes >> 30}");
    }

    private static string Say(Pool pool) =>
        $"{pool.Disruption.Policy} {Say(pool.Disruption.ConsolidateAfter)} budgets {pool.Disruption.Budgets.Length} expires {Say(pool.ExpireAfter)}";

    private static string Say(TimeSpan? time) => time?.ToString() ?? "never";

    private static ApiObject Object(ResourceType type, string spec) => new(type, new ObjectMeta { Name = "p" }, TreeMap.Of(("spec", Yaml.Read(spec))));
}
