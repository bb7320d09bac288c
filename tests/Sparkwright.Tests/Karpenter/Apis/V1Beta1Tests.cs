using Sparkwright.Kubernetes.Objects;
using Sparkwright.World.Karpenter.Apis;

namespace Sparkwright.Tests.Karpenter.Apis;

public sealed class V1Beta1Tests
{
    [Theory]
    [InlineData("{apiVersion: karpenter.sh/v1beta1, kind: NodePool, metadata: {name: a}, spec: {disruption: {consolidationPolicy: WhenUnderutilized, expireAfter: 720h}, template: {spec: {kubelet: {maxPods: 20}, nodeClassRef: {name: c}, requirements: []}}}}")]
    [InlineData("{apiVersion: karpenter.sh/v1beta1, kind: NodePool, metadata: {name: a}, spec: {disruption: {consolidationPolicy: WhenEmpty, consolidateAfter: 30s, expireAfter: Never}, template: {spec: {nodeClassRef: {apiVersion: karpenter.k8s.aws/v1beta1, kind: EC2NodeClass, name: c}}}}}")]
    [InlineData("{apiVersion: karpenter.k8s.aws/v1beta1, kind: EC2NodeClass, metadata: {name: a}, spec: {amiFamily: AL2023, role: r}}")]
    [InlineData("{apiVersion: karpenter.k8s.aws/v1beta1, kind: EC2NodeClass, metadata: {name: a}, spec: {amiFamily: Ubuntu, role: r}}")]
    [InlineData("{apiVersion: karpenter.k8s.aws/v1beta1, kind: EC2NodeClass, metadata: {name: a}, spec: {amiFamily: Custom, amiSelectorTerms: [{id: ami-1}], role: r}}")]
    public void There_and_back_nothing_is_lost(string document)
    {
        var given = (TreeMap)Yaml.Read(document);
        var back = V1Beta1.FromStored(V1Beta1.ToStored(given));
        Assert.Equal(given.ToString(), WithoutEmptyAnnotations(back).ToString());
    }

    [Fact]
    public void Documents_of_other_versions_stay_as_they_are()
    {
        var given = (TreeMap)Yaml.Read("{apiVersion: karpenter.sh/v1, kind: NodePool, metadata: {name: a}}");
        Assert.Same(given, V1Beta1.ToStored(given));
    }

    private static TreeMap WithoutEmptyAnnotations(TreeMap document) =>
        document.At("metadata", "annotations") is TreeMap { Count: 0 } ? document.Set(["metadata", "annotations"], null) : document;
}
