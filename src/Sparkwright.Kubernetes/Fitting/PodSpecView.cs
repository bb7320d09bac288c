using System.Collections.Immutable;
using Sparkwright.Kubernetes.Objects;

namespace Sparkwright.Kubernetes.Fitting;

/// <summary>What schedulers and kubelets read of a pod's spec, typed; made once per spec and kept with it.</summary>
public sealed class PodSpecView
{
    /// <summary>What a container that asks for nothing counts when nodes are compared (never when fit is decided).</summary>
    private const long DefaultCpuMillis = 100;
    private const long DefaultMemoryBytes = 200L << 20;

    private PodSpecView(TreeMap spec)
    {
        Spec = spec;
        NodeName = spec["nodeName"]?.Text ?? "";
        SchedulerName = spec["schedulerName"]?.Text ?? "default-scheduler";
        Priority = spec["priority"]?.Integer ?? 0;
        NodeSelector = spec["nodeSelector"] as TreeMap ?? TreeMap.Empty;
        Tolerations = [.. Tree.ItemsOf(spec["tolerations"]).ToArray().Select(Toleration.From)];
        var affinity = spec.At("affinity", "nodeAffinity");
        var required = affinity?["requiredDuringSchedulingIgnoredDuringExecution"];
        RequiredTerms = required is null ? null : [.. Tree.ItemsOf(required["nodeSelectorTerms"]).ToArray().Select(NodeSelectorTerm.From)];
        PreferredTerms =
        [
            .. Tree.ItemsOf(affinity?["preferredDuringSchedulingIgnoredDuringExecution"]).ToArray()
                .Select(term => new PreferredNodeTerm(term["weight"]?.Integer ?? 1, NodeSelectorTerm.From(term["preference"] ?? TreeMap.Empty))),
        ];
        RequiredAffinity = PodAffinityTerm.Required(spec.At("affinity", "podAffinity"));
        PreferredAffinity = PodAffinityTerm.Preferred(spec.At("affinity", "podAffinity"));
        RequiredAntiAffinity = PodAffinityTerm.Required(spec.At("affinity", "podAntiAffinity"));
        PreferredAntiAffinity = PodAffinityTerm.Preferred(spec.At("affinity", "podAntiAffinity"));
        Spreads = SpreadConstraint.Of(spec);
        Containers = [.. Tree.ItemsOf(spec["containers"]).ToArray().OfType<TreeMap>()];
        InitContainers = [.. Tree.ItemsOf(spec["initContainers"]).ToArray().OfType<TreeMap>()];
        HostPorts = [.. Containers.Concat(InitContainers.Where(IsSidecar)).SelectMany(PortsOf)];
        Requests = Sum(spec, container => ResourceList.From(container.At("resources", "requests")));
        Limits = Sum(spec, container => ResourceList.From(container.At("resources", "limits"))).With(pods: 0);
        ScoringRequests = Sum(spec, NonZero);
        TerminationGracePeriodSeconds = spec["terminationGracePeriodSeconds"]?.Integer ?? 30;
        RestartPolicy = spec["restartPolicy"]?.Text ?? "Always";
    }

    public TreeMap Spec { get; }

    /// <summary>The node the pod is on or asks for; empty while it is not bound.</summary>
    public string NodeName { get; }

    public string SchedulerName { get; }

    public long Priority { get; }

    public TreeMap NodeSelector { get; }

    /// <summary>Required node affinity: one of the terms must match; null when there is none.</summary>
    public ImmutableArray<NodeSelectorTerm>? RequiredTerms { get; }

    public ImmutableArray<PreferredNodeTerm> PreferredTerms { get; }

    public ImmutableArray<Toleration> Tolerations { get; }

    /// <summary>The pods that this one must be beside.</summary>
    public ImmutableArray<PodAffinityTerm> RequiredAffinity { get; }

    public ImmutableArray<PodAffinityTerm> PreferredAffinity { get; }

    /// <summary>The pods that this one must be away from, and they from it.</summary>
    public ImmutableArray<PodAffinityTerm> RequiredAntiAffinity { get; }

    public ImmutableArray<PodAffinityTerm> PreferredAntiAffinity { get; }

    /// <summary>Whether it has any term about other pods.</summary>
    public bool HasPodAffinity =>
        !RequiredAffinity.IsEmpty || !PreferredAffinity.IsEmpty || !RequiredAntiAffinity.IsEmpty || !PreferredAntiAffinity.IsEmpty;

    /// <summary>Topology spread constraints, hard ones and wishes.</summary>
    public ImmutableArray<SpreadConstraint> Spreads { get; }

    public ImmutableArray<HostPort> HostPorts { get; }

    public ImmutableArray<TreeMap> Containers { get; }

    public ImmutableArray<TreeMap> InitContainers { get; }

    /// <summary>
    /// What the pod takes of its node: the larger of its containers together and its init containers one by one, side-cars and overhead
    /// included, and one place for a pod.
    /// </summary>
    public ResourceList Requests { get; }

    /// <summary>The same with Kubernetes' stand-ins for containers that ask for nothing.</summary>
    public ResourceList ScoringRequests { get; }

    /// <summary>The limits of the containers, taken together as the requests are; no place for a pod.</summary>
    public ResourceList Limits { get; }

    public long TerminationGracePeriodSeconds { get; }

    /// <summary>Always, OnFailure or Never.</summary>
    public string RestartPolicy { get; }

    public static PodSpecView Of(ApiObject pod) => Of(pod.Spec);

    public static PodSpecView Of(TreeMap spec) => spec.View(map => new PodSpecView(map));

    /// <summary>An init container that keeps running beside the others.</summary>
    public static bool IsSidecar(TreeMap initContainer) => initContainer["restartPolicy"]?.Text == "Always";

    public bool Tolerates(Taint taint)
    {
        foreach (var toleration in Tolerations)
        {
            if (toleration.Tolerates(taint))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Whether node selector and required node affinity admit a node.</summary>
    public bool Selects(TreeMap labels, string nodeName)
    {
        foreach (var (key, value) in NodeSelector)
        {
            if (labels.Get(key)?.Text != value.Text)
            {
                return false;
            }
        }

        if (RequiredTerms is not { } terms)
        {
            return true;
        }

        foreach (var term in terms)
        {
            if (term.Matches(labels, nodeName))
            {
                return true;
            }
        }

        return false;
    }

    private static ResourceList NonZero(TreeMap container)
    {
        var requests = ResourceList.From(container.At("resources", "requests"));
        return requests.With(
            cpuMillis: container.At("resources", "requests", ResourceList.Cpu) is null ? DefaultCpuMillis : null,
            memoryBytes: container.At("resources", "requests", ResourceList.Memory) is null ? DefaultMemoryBytes : null);
    }

    private static IEnumerable<HostPort> PortsOf(TreeMap container)
    {
        foreach (var port in Tree.ItemsOf(container["ports"]).ToArray())
        {
            if (port["hostPort"]?.Integer is { } number and > 0)
            {
                yield return new HostPort(port["hostIP"]?.Text ?? "", port["protocol"]?.Text ?? "TCP", number);
            }
        }
    }

    private ResourceList Sum(TreeMap spec, Func<TreeMap, ResourceList> of) =>
        (PodSums.Of(this, ResourceList.Zero, of, static (a, b) => a + b, ResourceList.Max) + ResourceList.From(spec["overhead"])).With(pods: 1);
}
