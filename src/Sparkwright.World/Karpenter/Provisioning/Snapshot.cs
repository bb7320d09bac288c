using System.Collections.Immutable;
using Sparkwright.Kubernetes.Fitting;
using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Requests;
using Sparkwright.Kubernetes.Store;
using Sparkwright.World.Karpenter.Apis;
using Sparkwright.World.Karpenter.Cloud;
using Sparkwright.World.Karpenter.Requirements;
using Sparkwright.World.Karpenter.Solver;

namespace Sparkwright.World.Karpenter.Provisioning;

/// <summary>Reads from the store what a plan depends on.</summary>
public sealed class Snapshot(ApiServer api, Pools pools, ICloudProvider cloud)
{
    private static readonly ImmutableHashSet<string> Temporary = ["node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable", "node.cloudprovider.kubernetes.io/uninitialized"];

    private readonly TopologySnapshot topology = new(api);
    private readonly VolumeSnapshot volumes = new(api);
    private readonly StoreIndex podsByNode = api.Store.Index(CoreTypes.Pod, "by-node", static pod => pod.Spec["nodeName"]?.Text);
    private readonly StoreIndex waiting = api.Store.Index(CoreTypes.Pod, "karpenter-provisionable", static pod => PodChecks.IsProvisionable(pod) ? "yes" : null);

    /// <summary>Whether a taint goes by itself while a node comes up.</summary>
    public static bool IsTemporary(Taint taint) => Temporary.Contains(taint.Key);

    /// <summary>Null when no pod waits for a node.</summary>
    public SnapshotInput? Take()
    {
        var pods = ImmutableArray.CreateBuilder<SolverPod>();
        var objections = ImmutableArray.CreateBuilder<PodObjection>();
        foreach (var pod in waiting.Of("yes"))
        {
            var spec = PodSpecView.Of(pod);
            if (PodChecks.Objection(spec, Generation.V1Alpha5) is { } objection)
            {
                objections.Add(new PodObjection(pod.Key, objection));
            }
            else
            {
                pods.Add(volumes.Complete(SolverPod.Of(pod)));
            }
        }

        if (pods.Count == 0 && objections.Count == 0)
        {
            return null;
        }

        pods.AddRange(PodsOfLeavingNodes().Select(pod => volumes.Complete(SolverPod.Of(pod))));
        var daemons = api.Store.List(CoreTypes.DaemonSet)
            .Select(set => set.Spec.At("template", "spec") as TreeMap).OfType<TreeMap>().Select(PodSpecView.Of).ToList();
        var launching = new Dictionary<PoolKey, LaunchSource>();
        var usable = ImmutableArray.CreateBuilder<SolverPool>();
        foreach (var pool in pools.InOrder().Where(pool => pool.Generation == Generation.V1Alpha5))
        {
            if (pools.NodeClassOf(pool) is { } nodeClass && PoolOf(pool, nodeClass, daemons) is { } known)
            {
                usable.Add(known);
                launching.Add(pool.Key, new LaunchSource(pool, nodeClass));
            }
        }

        var input = topology.Complete(new SolverInput(usable.ToImmutable(), [.. Nodes(daemons)], pods.ToImmutable()));
        return new SnapshotInput(input, launching, objections.ToImmutable());
    }

    /// <summary>Pods whose node is being deleted are planned for before they are evicted, so that their new node starts at once.</summary>
    private IEnumerable<ApiObject> PodsOfLeavingNodes() => api.Store.List(CoreTypes.Node)
        .Where(node => node.Metadata.IsBeingDeleted && node.Metadata.Label(KarpenterLabels.ProvisionerName) is not null)
        .SelectMany(node => podsByNode.Of(node.Name))
        .Where(PodChecks.MovesWithItsNode);

    private SolverPool? PoolOf(Pool pool, NodeClass nodeClass, List<PodSpecView> daemons)
    {
        if (cloud.ShapesFor(pool, nodeClass) is not { } shapes)
        {
            return null;
        }

        var usage = pools.UsageOf(pool.Key);
        return new SolverPool
        {
            Name = pool.Name,
            Generation = pool.Generation,
            Requirements = pool.Requirements,
            Taints = pool.Taints,
            Daemons = DaemonLoad.Of(daemons, pool.Generation, pool.Requirements, pool.Taints),
            Shapes = shapes,
            Remaining = pool.Limits.ToImmutableSortedDictionary(limit => limit.Key, limit => limit.Value - usage.Of(limit.Key), StringComparer.Ordinal),
        };
    }

    private IEnumerable<SolverNode> Nodes(List<PodSpecView> daemons)
    {
        var known = api.Store.List(CoreTypes.Node)
            .Where(node => !node.Metadata.IsBeingDeleted && node.Spec["unschedulable"]?.Boolean != true)
            .Select(node => (node, pool: pools.PoolOf(node)))
            .Where(entry => entry.pool is not null)
            .Select(entry => (entry.node, pool: entry.pool!, isInitialized: entry.node.Metadata.Label(KarpenterLabels.Initialized) == "true"));
        foreach (var (node, pool, isInitialized) in known.OrderBy(entry => entry.isInitialized ? 0 : 1).ThenBy(entry => entry.node.Name, StringComparer.Ordinal))
        {
            yield return NodeOf(NodeView.Of(node), pool, isInitialized, daemons);
        }
    }

    private SolverNode NodeOf(NodeView node, Pool pool, bool isInitialized, List<PodSpecView> daemons)
    {
        var taints = isInitialized ? node.Taints : node.Taints.RemoveAll(taint => IsTemporary(taint) || pool.StartupTaints.Contains(taint));
        var toCome = ResourceList.Zero;
        foreach (var daemon in daemons)
        {
            if (taints.Where(taint => taint.KeepsPodsAway).All(daemon.Tolerates) && daemon.Selects(node.Labels, node.Name))
            {
                toCome += daemon.Requests;
            }
        }

        var free = node.Allocatable;
        var ports = ImmutableArray.CreateBuilder<HostPort>();
        foreach (var pod in podsByNode.Of(node.Name).Where(pod => pod.Status["phase"]?.Text is not ("Succeeded" or "Failed")))
        {
            var spec = PodSpecView.Of(pod);
            free -= spec.Requests;
            ports.AddRange(spec.HostPorts);
            toCome -= pod.Metadata.Controller?.Kind == "DaemonSet" ? spec.Requests : ResourceList.Zero;
        }

        return new SolverNode(node.Name, RequirementSet.OfLabels(node.Labels), taints, free - ResourceList.Max(toCome, ResourceList.Zero), ports.ToImmutable());
    }
}

/// <summary>The input of a plan, and what is needed to carry it out.</summary>
public sealed record SnapshotInput(SolverInput Solver, IReadOnlyDictionary<PoolKey, LaunchSource> Sources, ImmutableArray<PodObjection> Objections);

/// <summary>What a pool's nodes are launched from.</summary>
public sealed record LaunchSource(Pool Pool, NodeClass NodeClass);

/// <summary>A pod that is left out of planning; nothing is said about it when the reason is empty.</summary>
public sealed record PodObjection(ObjectKey Pod, string Reason);
