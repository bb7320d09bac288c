using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Quotas;

namespace Sparkwright.Tests.Kubernetes.Quotas;

public sealed class QuotaUsageTests
{
    private static readonly DateTime Now = new(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc);

    [Theory]
    //          containers                                          init containers                  used
    [InlineData("[]", "[]", "count/pods=1,pods=1")]
    [InlineData("[{resources: {requests: {cpu: 500m}}}, {resources: {requests: {cpu: 1500m, memory: 1Gi}}}]", "[]", "count/pods=1,cpu=2,memory=1Gi,pods=1,requests.cpu=2,requests.memory=1Gi")]
    [InlineData("[{resources: {limits: {cpu: 1}}}]", "[{resources: {limits: {cpu: 3}}}]", "count/pods=1,limits.cpu=3,pods=1")]
    [InlineData("[{resources: {limits: {cpu: 1}}}]", "[{restartPolicy: Always, resources: {limits: {cpu: 3}}}]", "count/pods=1,limits.cpu=4,pods=1")]
    [InlineData("[{resources: {requests: {nvidia.com/gpu: 2}}}]", "[]", "count/pods=1,pods=1,requests.nvidia.com/gpu=2")]
    public void A_pod_uses_what_its_containers_come_to(string containers, string initContainers, string used) =>
        Assert.Equal(used, QuotaUsage.Of(Read(CoreTypes.Pod, $"spec: {{containers: {containers}, initContainers: {initContainers}}}"), Now).ToString());

    [Theory]
    [InlineData("Running", "count/pods=1,pods=1")]
    [InlineData("Succeeded", "count/pods=1")]
    [InlineData("Failed", "count/pods=1")]
    public void A_finished_pod_uses_only_its_place_in_the_store(string phase, string used) =>
        Assert.Equal(used, QuotaUsage.Of(Read(CoreTypes.Pod, $"spec: {{}}\nstatus: {{phase: {phase}}}"), Now).ToString());

    [Theory]
    [InlineData("{ports: [{port: 80}]}", "count/services=1,services=1,services.loadbalancers=0,services.nodeports=0")]
    [InlineData("{type: NodePort, ports: [{port: 80}, {port: 81}]}", "count/services=1,services=1,services.loadbalancers=0,services.nodeports=2")]
    [InlineData("{type: LoadBalancer, ports: [{port: 80}]}", "count/services=1,services=1,services.loadbalancers=1,services.nodeports=1")]
    [InlineData("{type: LoadBalancer, allocateLoadBalancerNodePorts: false, ports: [{port: 80}]}", "count/services=1,services=1,services.loadbalancers=1,services.nodeports=0")]
    public void A_service_uses_node_ports_and_load_balancers(string spec, string used) =>
        Assert.Equal(used, QuotaUsage.Of(Read(CoreTypes.Service, $"spec: {spec}"), Now).ToString());

    [Theory]
    [InlineData("{resources: {requests: {storage: 5Gi}}}", "count/persistentvolumeclaims=1,persistentvolumeclaims=1,requests.storage=5Gi")]
    [InlineData(
        "{storageClassName: gp2, resources: {requests: {storage: 5Gi}}}",
        "count/persistentvolumeclaims=1,gp2.storageclass.storage.k8s.io/persistentvolumeclaims=1,gp2.storageclass.storage.k8s.io/requests.storage=5Gi,persistentvolumeclaims=1,requests.storage=5Gi")]
    public void A_claim_counts_for_its_class_too(string spec, string used) =>
        Assert.Equal(used, QuotaUsage.Of(Read(CoreTypes.PersistentVolumeClaim, $"spec: {spec}"), Now).ToString());

    [Theory]
    [InlineData("{scopes: [PriorityClass]}", "{priorityClassName: high}", true)]
    [InlineData("{scopes: [PriorityClass]}", "{}", false)]
    [InlineData("{scopeSelector: {matchExpressions: [{scopeName: PriorityClass, operator: NotIn, values: [high]}]}}", "{}", true)]
    [InlineData("{scopeSelector: {matchExpressions: [{scopeName: PriorityClass, operator: NotIn, values: [high]}]}}", "{priorityClassName: high}", false)]
    [InlineData("{scopes: [Terminating, NotTerminating]}", "{activeDeadlineSeconds: 5}", false)]
    [InlineData("{scopes: [CrossNamespacePodAffinity]}", "{affinity: {podAffinity: {requiredDuringSchedulingIgnoredDuringExecution: [{namespaces: [a]}]}}}", true)]
    [InlineData("{scopes: [CrossNamespacePodAffinity]}", "{affinity: {podAffinity: {requiredDuringSchedulingIgnoredDuringExecution: [{}]}}}", false)]
    public void A_pod_is_within_every_scope_or_out(string quota, string pod, bool isWithin) =>
        Assert.Equal(isWithin, QuotaScopes.Match(Read(CoreTypes.ResourceQuota, $"spec: {quota}"), Read(CoreTypes.Pod, $"spec: {pod}")));

    private static ApiObject Read(ResourceType type, string body) =>
        new(type, new ObjectMeta { Name = "x", Namespace = "default" }, (TreeMap)YamlReader.Read(body).Documents[0].Root);
}
