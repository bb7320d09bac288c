using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Requests;
using Sparkwright.Kubernetes.Schema;
using Sparkwright.World.Karpenter.Apis;

namespace Sparkwright.Tests.Kubernetes.Requests;

public class SubresourceTests
{
    [Fact]
    public void A_scale_shows_the_replicas_and_the_selector()
    {
        var workload = Of(CoreTypes.Deployment, "spec: {replicas: 2, selector: {matchLabels: {b: c, a: b}}}\nstatus: {replicas: 1}");
        Assert.Equal("{\"replicas\":2}", Scale.Of(workload, PathsOf(CoreTypes.Deployment))["spec"]!.ToString());
        Assert.Equal("{\"replicas\":1,\"selector\":\"a=b,b=c\"}", Scale.Of(workload, PathsOf(CoreTypes.Deployment))["status"]!.ToString());
    }

    [Fact]
    public void A_static_NodePool_counts_its_nodes() => Assert.Equal(
        "{\"replicas\":3}", Scale.Of(Of(KarpenterTypes.NodePool, "spec: {replicas: 4}\nstatus: {nodes: 3}"), PathsOf(KarpenterTypes.NodePool))["status"]!.ToString());

    [Fact]
    public void A_NodePool_selects_no_pods()
    {
        var scale = Scale.Of(Of(KarpenterTypes.NodePool, "spec: {replicas: 0}\nstatus: {nodes: 0}"), PathsOf(KarpenterTypes.NodePool));
        Assert.Equal(("{}", "{\"replicas\":0}"), (scale["spec"]!.ToString(), scale["status"]!.ToString()));
    }

    [Fact]
    public void A_NodePool_without_replicas_has_no_scale()
    {
        Assert.Null(Scale.Missing(Of(KarpenterTypes.NodePool, "spec: {replicas: 0}"), PathsOf(KarpenterTypes.NodePool)));
        Assert.Null(Scale.Missing(Of(CoreTypes.Deployment, "spec: {}"), PathsOf(CoreTypes.Deployment)));
        var refusal = Scale.Missing(Of(KarpenterTypes.NodePool, "spec: {}"), PathsOf(KarpenterTypes.NodePool))!;
        Assert.Equal((500, "Internal error occurred: the spec replicas field \".spec.replicas\" does not exist"), (refusal.Code, refusal.Message));
    }

    [Theory]
    [InlineData("spec: {replicas: 5}", "5")]
    [InlineData("spec: {}", "0")]
    [InlineData("spec: {replicas: -1}", "422")]
    [InlineData("spec: {replicas: many}", "400")]
    [InlineData("{kind: Deployment, spec: {replicas: 1}}", "400")]
    public void A_scale_sets_the_replicas_and_nothing_else(string scale, string wanted)
    {
        var workload = Of(CoreTypes.Deployment, "spec: {replicas: 2, paused: true}");
        var (scaled, refusal) = Scale.Apply(workload, (TreeMap)Yaml.Read(scale), PathsOf(CoreTypes.Deployment));
        Assert.Equal(wanted, scaled?.Spec["replicas"]?.ToString() ?? $"{refusal!.Code}");
        Assert.True(scaled is null || scaled.Spec["paused"]?.Boolean == true);
    }

    [Theory]
    [InlineData("spec: {containers: [{name: a}]}", "", "a")]
    [InlineData("spec: {containers: [{name: a}], initContainers: [{name: i}]}", "i", "i")]
    [InlineData("spec: {containers: [{name: a}]}", "b", "container b is not valid for pod x")]
    [InlineData("spec: {containers: [{name: a}, {name: b}], initContainers: [{name: i}]}", "", "a container name must be specified for pod x, choose one of: [a b] or one of the init containers: [i]")]
    public void A_log_is_one_containers(string pod, string wanted, string answer)
    {
        var (container, refusal) = ContainerLog.Find(Of(CoreTypes.Pod, pod), wanted);
        Assert.Equal(answer, refusal?.Message ?? container);
    }

    [Theory]
    [InlineData("{running: {}}", "{}", false, null)]
    [InlineData("{terminated: {containerID: c}}", "{}", false, null)]
    [InlineData("{terminated: {}}", "{}", false, "container \"a\" in pod \"x\" is terminated")]
    [InlineData("{terminated: {}}", "{terminated: {containerID: c}}", false, null)]
    [InlineData("{waiting: {reason: ErrImagePull}}", "{}", false, "container \"a\" in pod \"x\" is waiting to start: image can't be pulled")]
    [InlineData("{}", "{}", false, "container \"a\" in pod \"x\" is waiting to start - no logs yet")]
    [InlineData("{waiting: {reason: ContainerCreating}}", "{}", false, "container \"a\" in pod \"x\" is waiting to start: ContainerCreating")]
    [InlineData("{waiting: {reason: ImagePullBackOff}}", "{}", false, "container \"a\" in pod \"x\" is waiting to start: trying and failing to pull image")]
    [InlineData("{waiting: {reason: CrashLoopBackOff}}", "{terminated: {containerID: c}}", false, null)]
    [InlineData("{running: {}}", "{}", true, "previous terminated container \"a\" in pod \"x\" not found")]
    [InlineData("{running: {}}", "{terminated: {containerID: c}}", true, null)]
    public void A_log_is_there_once_its_container_has_run(string state, string last, bool previous, string? refusal) => Assert.Equal(
        refusal,
        ContainerLog.Missing(Of(CoreTypes.Pod, $"status: {{containerStatuses: [{{name: a, state: {state}, lastState: {last}}}]}}"), "a", previous)?.Message);

    private static ScalePaths PathsOf(ResourceType type) => new ResourceTypes([]).Resource(type)!.ScalePaths;

    private static ApiObject Of(ResourceType type, string body) => ApiObject.From(type, ((TreeMap)Yaml.Read(body)).Set(["metadata", "name"], "x"));
}
