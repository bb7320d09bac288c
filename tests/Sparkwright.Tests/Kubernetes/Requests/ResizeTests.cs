using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Requests;
using Sparkwright.World;

namespace Sparkwright.Tests.Kubernetes.Requests;

/// <summary>What …/resize of a pod allows: a pod of 1 core and 1Gi on a node of 4 cores.</summary>
public sealed class ResizeTests
{
    private readonly global::Sparkwright.World.World world = WorldBuilder.Build(new WorldSettings { Components = ["scheduler"] });

    public ResizeTests()
    {
        Apply("{apiVersion: v1, kind: Node, metadata: {name: n1}, status: {allocatable: {cpu: 4, memory: 8Gi, pods: 110}, capacity: {cpu: 4, memory: 8Gi, pods: 110}}}");
        Apply("{apiVersion: v1, kind: Pod, metadata: {name: p1}, spec: {containers: [{name: main, image: app, resources: {requests: {cpu: 1, memory: 1Gi}}}]}}");
        world.Loop.RunUntil(world.Clock.Start.AddSeconds(5));
    }

    [Theory]
    //          merged into the pod, the refusal, empty for none
    [InlineData("{spec: {containers: [{name: main, image: app, resources: {requests: {cpu: 3, memory: 2Gi}}}]}}", "")]
    [InlineData("{spec: {containers: [{name: main, image: app, resources: {requests: {cpu: 1, memory: 1Gi}, limits: {memory: 2Gi}}}]}}", "")]
    [InlineData("{spec: {activeDeadlineSeconds: 5}}", "spec: Forbidden: only cpu and memory resources are mutable")]
    [InlineData("{spec: {containers: [{name: main, image: other, resources: {requests: {cpu: 1, memory: 1Gi}}}]}}", "spec: Forbidden: only cpu and memory resources are mutable")]
    [InlineData("{spec: {containers: [{name: main, image: app, resources: {requests: {cpu: 1, memory: null}}}]}}", "spec.containers[0].resources.requests: Forbidden: resource requests cannot be removed")]
    [InlineData("{spec: {containers: [{name: main, image: app, resources: {requests: {cpu: 1, memory: 1Gi}, limits: {cpu: 1, memory: 1Gi}}}]}}", "spec: Invalid value: \"Guaranteed\": Pod QOS Class may not change as a result of resizing")]
    [InlineData("{spec: {containers: [{name: main, image: app, resources: {requests: {cpu: 5, memory: 1Gi}}}]}}", "spec: Forbidden: node n1 has no room for it now")]
    public void A_resize_changes_cpu_and_memory_alone(string change, string refusal)
    {
        var before = Pod().Metadata.Generation;
        var result = world.Patch(CoreTypes.Pod, new ObjectKey("default", "p1"), (TreeMap)YamlReader.Read(change).Documents[0].Root, isResize: true);
        if (refusal.Length == 0)
        {
            Assert.IsType<ApiResult.Accepted>(result);
            Assert.Equal(before + 1, Pod().Metadata.Generation);
        }
        else
        {
            var refused = Assert.IsType<ApiResult.Refused>(result);
            Assert.Equal(422, refused.Status.Code);
            Assert.StartsWith("Pod \"p1\" is invalid: " + refusal, refused.Status.Message, StringComparison.Ordinal);
            Assert.Equal(before, Pod().Metadata.Generation);
        }
    }

    private ApiObject Pod() => world.Store.Get(CoreTypes.Pod, "default", "p1")!;

    private void Apply(string manifest) => Assert.True(world.Apply(YamlReader.Read(manifest).Documents[0].Root).IsAccepted);
}
