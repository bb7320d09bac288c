using System.Collections.Immutable;
using Sparkwright.Kubernetes.Fitting;
using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Requests;
using Sparkwright.Kubernetes.Store;
using Sparkwright.World.Karpenter.Apis;
using Sparkwright.World.Karpenter.Requirements;
using Sparkwright.World.Karpenter.Solver;

namespace Sparkwright.World.Karpenter.Provisioning;

/// <summary>Reads from the store what a plan depends on.</summary>
public sealed class Snapshot(ApiServer api, AwsCloud cloud)
{
    /// <summary>How long a node that a pod was planned for is safe from disruption: twice the longest batch.</summary>
    private static readonly TimeSpan NominationLasts = TimeSpan.FromSeconds(20);

    private static readonly ImmutableHashSet<string> Temporary = ["node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable", "node.cloudprovider.kubernetes.io/uninitialized"];

    private readonly StoreIndex podsByNode = api.Store.Index(CoreTypes.Pod, "by-node", static pod => pod.Spec["nodeName"]?.Text);
    private readonly Dictionary<string, DateTime> nominated = new(StringComparer.Ordinal);
    private readonly Dictionary<string, FittingTypes> fitting = new(StringComparer.Ordinal);

    /// <summary>A pod that Karpenter may buy a node for: nobody could schedule it, and no DaemonSet owns it.</summary>
    public static bool IsProvisionable(ApiObject pod)
    {
        if (!string.IsNullOrEmpty(pod.Spec["nodeName"]?.Text) || pod.Metadata.IsBeingDeleted || pod.Status["phase"]?.Text is "Succeeded" or "Failed"
            || !string.IsNullOrEmpty(pod.Status["nominatedNodeName"]?.Text) || pod.Metadata.Controller?.Kind is "DaemonSet" or "Node")
        {
            return false;
        }

        var scheduled = Conditions.Find(pod.Status, "PodScheduled");
        return scheduled?["status"]?.Text == "False" && scheduled["reason"]?.Text == "Unschedulable";
    }

    public void Nominate(string node) => nominated[node] = api.Clock.Now + NominationLasts;

    /// <summary>When a node's nomination ends; null when there is none.</summary>
    public DateTime? NominatedUntil(string node) => nominated.TryGetValue(node, out var until) && until > api.Clock.Now ? until : null;

    /// <summary>The capacity of a provisioner's nodes together.</summary>
    public ResourceList Usage(string provisioner)
    {
        var usage = ResourceList.Zero;
        foreach (var node in api.Store.List(CoreTypes.Node).Where(node => node.Metadata.Label(KarpenterLabels.ProvisionerName) == provisioner))
        {
            usage += ResourceList.From(node.Status["capacity"]);
        }

        return usage;
    }

    /// <summary>Null when no pod waits for a node.</summary>
    public SnapshotInput? Take()
    {
        var pods = api.Store.List(CoreTypes.Pod).Where(IsProvisionable).ToList();
        pods.AddRange(PodsOfLeavingNodes());
        if (pods.Count == 0)
        {
            return null;
        }

        var daemons = api.Store.List(CoreTypes.DaemonSet)
            .Select(set => set.Spec.At("template", "spec") as TreeMap).OfType<TreeMap>().Select(PodSpecView.Of).ToList();
        var provisioners = api.Store.List(KarpenterTypes.Provisioner)
            .Where(known => !known.Metadata.IsBeingDeleted)
            .Select(Provisioner.Of)
            .OrderByDescending(known => known.Weight)
            .ThenBy(known => known.Name, StringComparer.Ordinal)
            .ToList();
        var templates = provisioners.ToDictionary(known => known.Name, TemplateOf, StringComparer.Ordinal);
        var pools = provisioners.Where(known => templates[known.Name] is not null).Select(known => PoolOf(known, templates[known.Name]!, daemons));
        var input = new SolverInput(
            [.. pools],
            [.. Nodes(provisioners, daemons)],
            [.. pods.Select(pod => new SolverPod(pod.Key, pod.Metadata.Uid, pod.Metadata.CreationTimestamp, PodSpecView.Of(pod)))]);
        return new SnapshotInput(
            input,
            provisioners.ToDictionary(known => known.Name, StringComparer.Ordinal),
            templates.Where(known => known.Value is not null).ToDictionary(known => known.Key, known => known.Value!, StringComparer.Ordinal));
    }

    /// <summary>Pods whose node is being deleted are planned for before they are evicted, so that their new node starts at once.</summary>
    private IEnumerable<ApiObject> PodsOfLeavingNodes() => api.Store.List(CoreTypes.Node)
        .Where(node => node.Metadata.IsBeingDeleted && node.Metadata.Label(KarpenterLabels.ProvisionerName) is not null)
        .SelectMany(node => podsByNode.Of(node.Name))
        .Where(pod => pod.Status["phase"]?.Text is "Running" or "Pending" && !pod.Metadata.IsBeingDeleted
            && pod.Metadata.Controller is { Kind: not ("DaemonSet" or "Node") });

    private TreeMap? TemplateOf(Provisioner pool) => pool.ProviderRef is { } name
        ? api.Store.Get(KarpenterTypes.AwsNodeTemplate, "", name)?.Spec
        : pool.Object.Spec["provider"] as TreeMap;

    private SolverPool PoolOf(Provisioner pool, TreeMap template, List<PodSpecView> daemons)
    {
        var overhead = ResourceList.Zero;
        var ports = new List<HostPort>();
        foreach (var daemon in daemons)
        {
            var needs = RequirementSet.OfPod(daemon.NodeSelector, daemon.RequiredTerms is [var term, ..] ? term : null, null);
            if (pool.Taints.All(daemon.Tolerates) && pool.Requirements.Conflict(needs, KarpenterLabels.WellKnown(Generation.V1Alpha5)) is null)
            {
                overhead += daemon.Requests;
                ports.AddRange(daemon.HostPorts);
            }
        }

        var all = cloud.Types(template, pool.Kubelet(template), Generation.V1Alpha5);
        if (!fitting.TryGetValue(pool.Name, out var known) || known.Version != pool.Object.Metadata.Generation || known.Uid != pool.Object.Metadata.Uid || known.All != all)
        {
            var left = all.RemoveAll(type => !(type.Labels.Intersects(pool.Requirements) && type.HasOffering(pool.Requirements)));
            fitting[pool.Name] = known = new FittingTypes(pool.Object.Metadata.Uid, pool.Object.Metadata.Generation, all, left);
        }

        var usage = Usage(pool.Name);
        return new SolverPool
        {
            Name = pool.Name,
            Generation = Generation.V1Alpha5,
            Requirements = pool.Requirements,
            Taints = pool.Taints,
            DaemonOverhead = overhead,
            DaemonPorts = [.. ports],
            Types = known.Left,
            Remaining = pool.Limits.ToImmutableSortedDictionary(limit => limit.Key, limit => limit.Value - usage.Of(limit.Key), StringComparer.Ordinal),
        };
    }

    /// <summary>The types that a provisioner's requirements leave, good as long as neither it nor the types have changed.</summary>
    private sealed record FittingTypes(string Uid, long Version, ImmutableArray<SolverType> All, ImmutableArray<SolverType> Left);

    private IEnumerable<SolverNode> Nodes(List<Provisioner> provisioners, List<PodSpecView> daemons)
    {
        var known = api.Store.List(CoreTypes.Node)
            .Where(node => !node.Metadata.IsBeingDeleted && node.Spec["unschedulable"]?.Boolean != true)
            .Select(node => (node, pool: provisioners.Find(pool => pool.Name == node.Metadata.Label(KarpenterLabels.ProvisionerName))))
            .Where(entry => entry.pool is not null)
            .Select(entry => (entry.node, pool: entry.pool!, isInitialized: entry.node.Metadata.Label(KarpenterLabels.Initialized) == "true"));
        foreach (var (node, pool, isInitialized) in known.OrderBy(entry => entry.isInitialized ? 0 : 1).ThenBy(entry => entry.node.Name, StringComparer.Ordinal))
        {
            var view = NodeView.Of(node);
            var taints = isInitialized
                ? view.Taints
                : view.Taints.RemoveAll(taint => Temporary.Contains(taint.Key) || pool.StartupTaints.Contains(taint));
            var free = view.Allocatable;
            var toCome = ResourceList.Zero;
            foreach (var daemon in daemons)
            {
                if (taints.Where(taint => taint.KeepsPodsAway).All(daemon.Tolerates) && daemon.Selects(view.Labels, view.Name))
                {
                    toCome += daemon.Requests;
                }
            }

            var ports = ImmutableArray.CreateBuilder<HostPort>();
            foreach (var pod in podsByNode.Of(node.Name).Where(pod => pod.Status["phase"]?.Text is not ("Succeeded" or "Failed")))
            {
                var spec = PodSpecView.Of(pod);
                free -= spec.Requests;
                ports.AddRange(spec.HostPorts);
                toCome -= pod.Metadata.Controller?.Kind == "DaemonSet" ? spec.Requests : ResourceList.Zero;
            }

            yield return new SolverNode(node.Name, RequirementSet.OfLabels(view.Labels), taints, free - ResourceList.Max(toCome, ResourceList.Zero), ports.ToImmutable());
        }
    }
}

/// <summary>The input of a plan, and the objects to carry it out with.</summary>
public sealed record SnapshotInput(SolverInput Solver, IReadOnlyDictionary<string, Provisioner> Provisioners, IReadOnlyDictionary<string, TreeMap> Templates);
