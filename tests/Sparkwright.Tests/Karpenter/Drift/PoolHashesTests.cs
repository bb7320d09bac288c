using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Patching;
using Sparkwright.World.Karpenter.Apis;
using Sparkwright.World.Karpenter.Drift;

namespace Sparkwright.Tests.Karpenter.Drift;

public sealed class PoolHashesTests
{
    private const string Spec = "{weight: 1, template: {metadata: {labels: {a: b}}, spec: {nodeClassRef: {name: default}, requirements: [{key: k, operator: Exists}]}}}";

    [Theory]
    //          what changes                                                                        whether nodes drift by it
    [InlineData("{template: {metadata: {labels: {a: c}}}}", true)]
    [InlineData("{template: {metadata: {annotations: {a: b}}}}", true)]
    [InlineData("{template: {spec: {taints: [{key: t, effect: NoSchedule}]}}}", true)]
    [InlineData("{template: {spec: {startupTaints: [{key: t, effect: NoSchedule}]}}}", true)]
    [InlineData("{template: {spec: {nodeClassRef: {name: other}}}}", true)]
    [InlineData("{template: {spec: {expireAfter: 1h}}}", true)]
    [InlineData("{template: {spec: {terminationGracePeriod: 1h}}}", true)]
    [InlineData("{template: {spec: {requirements: []}}}", false)]
    [InlineData("{weight: 2}", false)]
    [InlineData("{limits: {cpu: 10}}", false)]
    [InlineData("{replicas: 2}", false)]
    [InlineData("{disruption: {consolidateAfter: 1h}}", false)]
    public void The_template_without_its_requirements_makes_nodes_drift(string change, bool drifts)
    {
        var spec = (TreeMap)Yaml.Read(Spec);
        Assert.Equal(drifts, HashOf(spec) != HashOf((TreeMap)MergePatch.Apply(spec, Yaml.Read(change))));
    }

    private static string HashOf(TreeMap spec) =>
        PoolHashes.Of(Pool.Of(ApiObject.From(KarpenterTypes.NodePool, TreeMap.Of(("metadata", TreeMap.Of(("name", "p"))), ("spec", spec)))));
}
