using System.Globalization;
using Sparkwright.Kubernetes.Fitting;
using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Store;
using Sparkwright.Simulation.Metrics;
using Sparkwright.World.Ec2;
using Sparkwright.World.Emr;

namespace Sparkwright.World.Insight;

/// <summary>
/// What the cluster's own components tell Prometheus, under their upstream names, worked out from the store when it is read: the API server, the
/// default scheduler and kube-state-metrics; and, as <c>sparkwright_…</c>, what the simulated account costs.
/// </summary>
public static class ClusterMetrics
{
    private static readonly string[] Phases = ["Pending", "Succeeded", "Failed", "Unknown", "Running"];
    private static readonly string[] ConditionStates = ["true", "false", "unknown"];

    public static IReadOnlyList<MetricFamily> ApiServer(ObjectStore store, IEnumerable<ResourceType> served)
    {
        var registry = new MetricRegistry();
        registry.Add(new ComputedGauge("apiserver_storage_objects", "Objects of a resource that are stored.", () => served
            .Where(type => store.Count(type) > 0)
            .Select(type => (LabelSet.Of(("resource", type.QualifiedPlural)), (double)store.Count(type)))));
        return registry.Read();
    }

    /// <summary>Modelled: a pod that was tried and fits nowhere is unschedulable, one that waits for a gate is gated, all others are active.</summary>
    public static IReadOnlyList<MetricFamily> Scheduler(ObjectStore store)
    {
        var registry = new MetricRegistry();
        registry.Add(new ComputedGauge("scheduler_pending_pods", "Pods without a node, by the queue in which they wait.", () => Waiting(store)));
        return registry.Read();
    }

    public static IReadOnlyList<MetricFamily> KubeState(ObjectStore store)
    {
        var registry = new MetricRegistry();
        void Add(string name, string help, ResourceType of, Func<ApiObject, IEnumerable<(LabelSet, double)>> read) =>
            registry.Add(new ComputedGauge(name, help, () => store.List(of).SelectMany(read)));

        Add("kube_namespace_created", "When a namespace was made, seconds since 1970.", CoreTypes.Namespace, one => [(LabelSet.Of(("namespace", one.Name)), Seconds(one))]);
        Add("kube_node_info", "Facts about a node.", CoreTypes.Node, NodeInfo);
        Add("kube_node_created", "When a node was made, seconds since 1970.", CoreTypes.Node, one => [(LabelSet.Of(("node", one.Name)), Seconds(one))]);
        Add("kube_node_status_allocatable", "What a node has for pods.", CoreTypes.Node, node => Amounts(ResourceList.From(node.Status["allocatable"]), ("node", node.Name)));
        Add("kube_node_status_capacity", "What a node has.", CoreTypes.Node, node => Amounts(ResourceList.From(node.Status["capacity"]), ("node", node.Name)));
        Add("kube_node_status_condition", "The conditions of a node.", CoreTypes.Node, node => Items(node.Status["conditions"]).SelectMany(condition => ConditionStates.Select(state => (
            LabelSet.Of(("condition", condition["type"]?.Text ?? ""), ("node", node.Name), ("status", state)), One(Lower(condition["status"]) == state)))));
        Add("kube_node_spec_unschedulable", "1 for a node that takes no new pods.", CoreTypes.Node, node => [(LabelSet.Of(("node", node.Name)), One(node.Spec["unschedulable"]?.Boolean == true))]);
        Add("kube_pod_info", "Facts about a pod.", CoreTypes.Pod, PodInfo);
        Add("kube_pod_created", "When a pod was made, seconds since 1970.", CoreTypes.Pod, pod => [(Of(pod), Seconds(pod))]);
        Add("kube_pod_status_phase", "The phase of a pod.", CoreTypes.Pod, pod =>
            Phases.Select(phase => (Of(pod).With("phase", phase), One((pod.Status["phase"]?.Text ?? "Pending") == phase))));
        Add("kube_pod_status_unschedulable", "1 for a pod that fits nowhere.", CoreTypes.Pod, pod => IsUnschedulable(pod) ? [(Of(pod), 1)] : []);
        Add("kube_pod_container_resource_requests", "What a container asks for.", CoreTypes.Pod, pod => Items(pod.Spec["containers"]).SelectMany(container => Amounts(
            ResourceList.From(container.At("resources", "requests")),
            ("container", container["name"]?.Text ?? ""), ("namespace", pod.Namespace), ("node", pod.Spec["nodeName"]?.Text ?? ""), ("pod", pod.Name), ("uid", pod.Metadata.Uid))));
        Add("kube_deployment_spec_replicas", "Pods that a Deployment should have.", CoreTypes.Deployment, one => [(Named("deployment", one), one.Spec["replicas"]?.Integer ?? 1)]);
        Add("kube_deployment_status_replicas_available", "Pods of a Deployment that serve.", CoreTypes.Deployment, one => [(Named("deployment", one), one.Status["availableReplicas"]?.Integer ?? 0)]);
        Add("kube_job_status_active", "Running pods of a Job.", CoreTypes.Job, one => [(Named("job_name", one), one.Status["active"]?.Integer ?? 0)]);
        Add("kube_job_status_succeeded", "Pods of a Job that have done their work.", CoreTypes.Job, one => [(Named("job_name", one), one.Status["succeeded"]?.Integer ?? 0)]);
        return registry.Read();
    }

    public static IReadOnlyList<MetricFamily> Account(ObjectStore store, DateTime now)
    {
        var registry = new MetricRegistry();
        var instances = store.List(Ec2Types.Instance).Select(Instance.Of).ToList();
        registry.Add(new ComputedGauge("sparkwright_instance_usd_per_hour", "What a simulated instance that lives costs an hour.", () => instances
            .Where(instance => instance.IsAlive)
            .Select(instance => (LabelSet.Of(
                ("capacity_type", instance.CapacityType), ("instance_id", instance.Id), ("instance_type", instance.TypeName), ("node", instance.NodeName), ("zone", instance.Zone)),
                (double)instance.UsdPerHour))));
        registry.Add(new ComputedGauge("sparkwright_instances_usd", "What all simulated instances have cost so far.", () => instances
            .GroupBy(instance => instance.CapacityType, StringComparer.Ordinal)
            .Select(group => (LabelSet.Of(("capacity_type", group.Key)), (double)group.Sum(instance => instance.UsdUntil(now))))));
        registry.Add(new ComputedGauge("sparkwright_job_runs", "EMR job runs by state.", () => store.List(EmrTypes.JobRun)
            .GroupBy(run => run.Status["state"]?.Text ?? "", StringComparer.Ordinal)
            .Select(group => (LabelSet.Of(("state", group.Key)), (double)group.Count()))));
        return registry.Read();
    }

    private static IEnumerable<(LabelSet Labels, double Value)> Waiting(ObjectStore store)
    {
        var waiting = store.List(CoreTypes.Pod)
            .Where(pod => string.IsNullOrEmpty(pod.Spec["nodeName"]?.Text) && (pod.Spec["schedulerName"]?.Text ?? "default-scheduler") == "default-scheduler" && pod.Status["phase"]?.Text is null or "Pending")
            .ToLookup(pod => Items(pod.Spec["schedulingGates"]).Any() ? "gated" : IsUnschedulable(pod) ? "unschedulable" : "active", StringComparer.Ordinal);
        return new[] { "active", "backoff", "gated", "unschedulable" }.Select(queue => (LabelSet.Of(("queue", queue)), (double)waiting[queue].Count()));
    }

    private static IEnumerable<(LabelSet, double)> NodeInfo(ApiObject node)
    {
        var info = node.Status["nodeInfo"];
        yield return (LabelSet.Of(
            ("container_runtime_version", info?["containerRuntimeVersion"]?.Text ?? ""),
            ("internal_ip", Items(node.Status["addresses"]).FirstOrDefault(address => address["type"]?.Text == "InternalIP")?["address"]?.Text ?? ""),
            ("kernel_version", info?["kernelVersion"]?.Text ?? ""),
            ("kubelet_version", info?["kubeletVersion"]?.Text ?? ""),
            ("node", node.Name),
            ("os_image", info?["osImage"]?.Text ?? ""),
            ("provider_id", node.Spec["providerID"]?.Text ?? "")), 1);
    }

    private static IEnumerable<(LabelSet, double)> PodInfo(ApiObject pod)
    {
        var owner = pod.Metadata.Controller;
        yield return (Of(pod)
            .With("created_by_kind", owner?.Kind ?? "")
            .With("created_by_name", owner?.Name ?? "")
            .With("host_ip", pod.Status["hostIP"]?.Text ?? "")
            .With("node", pod.Spec["nodeName"]?.Text ?? "")
            .With("pod_ip", pod.Status["podIP"]?.Text ?? "")
            .With("priority_class", pod.Spec["priorityClassName"]?.Text ?? ""), 1);
    }

    /// <summary>Amounts with the words that kube-state-metrics has for resources and their units.</summary>
    private static IEnumerable<(LabelSet Labels, double Value)> Amounts(ResourceList amounts, params (string Name, string Value)[] of) =>
        amounts.Names().Where(name => amounts.Of(name) != 0).Select(name => (
            LabelSet.Of([.. of, ("resource", name.Replace('-', '_').Replace('/', '_').Replace('.', '_')), ("unit", name switch
            {
                ResourceList.Cpu => "core",
                ResourceList.Memory or ResourceList.EphemeralStorage => "byte",
                _ => "integer",
            })]),
            name == ResourceList.Cpu ? amounts.Of(name) / 1000.0 : amounts.Of(name)));

    private static bool IsUnschedulable(ApiObject pod) =>
        Conditions.Find(pod.Status, "PodScheduled") is { } condition && condition["status"]?.Text == "False" && condition["reason"]?.Text == "Unschedulable";

    private static LabelSet Of(ApiObject pod) => LabelSet.Of(("namespace", pod.Namespace), ("pod", pod.Name), ("uid", pod.Metadata.Uid));

    private static LabelSet Named(string label, ApiObject one) => LabelSet.Of((label, one.Name), ("namespace", one.Namespace));

    private static IEnumerable<Tree> Items(Tree? list) => Tree.ItemsOf(list).ToArray();

    private static double Seconds(ApiObject one) => (one.Metadata.CreationTimestamp - DateTime.UnixEpoch).TotalSeconds;

    private static double One(bool holds) => holds ? 1 : 0;

    private static string Lower(Tree? text) => (text?.Text ?? "").ToLower(CultureInfo.InvariantCulture);
}
