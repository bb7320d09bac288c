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
    private readonly NodeSnapshot nodes = new(api, pools);
    private readonly DaemonPods daemonPods = new(api);
    private readonly VolumeChecks volumes = new(api);
    private readonly StoreIndex waiting = api.Store.Index(CoreTypes.Pod, "karpenter-provisionable", static pod => PodChecks.IsProvisionable(pod) ? "yes" : null);

    /// <summary>Null when no pod waits for a node.</summary>
    public SnapshotInput? Take()
    {
        var generation = pools.All().Any(pool => pool.Generation == Generation.V1) ? Generation.V1 : Generation.V1Alpha5;
        var pods = ImmutableArray.CreateBuilder<SolverPod>();
        var objections = ImmutableArray.CreateBuilder<PodObjection>();
        foreach (var pod in waiting.Of("yes"))
        {
            var spec = PodSpecView.Of(pod);
            if ((PodChecks.Objection(spec, generation) ?? volumes.Objection(pod, generation)) is { } objection)
            {
                objections.Add(new PodObjection(pod.Key, objection));
            }
            else
            {
                pods.Add(new SolverPod(pod.Key, pod.Metadata.Uid, pod.Metadata.CreationTimestamp, spec));
            }
        }

        var leaving = nodes.PodsOfLeavingNodes().ToList();
        if (pods.Count == 0 && objections.Count == 0 && !leaving.Exists(pod => PoolKey.Of(pod.Node.Metadata)?.Generation == Generation.V1))
        {
            return null;
        }

        pods.AddRange(leaving.Select(moved => moved.Pod).Select(pod => new SolverPod(pod.Key, pod.Metadata.Uid, pod.Metadata.CreationTimestamp, PodSpecView.Of(pod))));
        var daemons = daemonPods.Specs();
        var launching = new Dictionary<PoolKey, LaunchSource>();
        var usable = ImmutableArray.CreateBuilder<SolverPool>();
        foreach (var pool in pools.InOrder())
        {
            if (pools.NodeClassOf(pool) is { } nodeClass && PoolOf(pool, nodeClass, daemons) is { } known)
            {
                usable.Add(known);
                launching.Add(pool.Key, new LaunchSource(pool, nodeClass));
            }
        }

        return new SnapshotInput(new SolverInput(usable.ToImmutable(), [.. nodes.All(generation, daemons)], pods.ToImmutable()), launching, objections.ToImmutable());
    }

    private SolverPool? PoolOf(Pool pool, NodeClass nodeClass, List<PodSpecView> daemons)
    {
        if (cloud.ShapesFor(pool, nodeClass) is not { } shapes)
        {
            return null;
        }

        var overhead = ResourceList.Zero;
        var ports = ImmutableArray.CreateBuilder<HostPort>();
        foreach (var daemon in daemons.Where(daemon => RunsOnNodesOf(pool, daemon)))
        {
            overhead += daemon.Requests;
            ports.AddRange(daemon.HostPorts);
        }

        var usage = pools.UsageOf(pool.Key);
        return new SolverPool
        {
            Name = pool.Name,
            Generation = pool.Generation,
            Requirements = pool.Requirements,
            Taints = pool.Taints,
            DaemonOverhead = overhead,
            DaemonPorts = ports.ToImmutable(),
            Shapes = shapes,
            Remaining = pool.Limits.ToImmutableSortedDictionary(limit => limit.Key, limit => limit.Value - usage.Of(limit.Key), StringComparer.Ordinal),
        };
    }

    /// <summary>Preferences do not count, neither a daemon's own nor those of taints; startup taints keep no daemon away.</summary>
    private static bool RunsOnNodesOf(Pool pool, PodSpecView daemon)
    {
        if (!pool.Taints.Where(taint => taint.KeepsPodsAway).All(daemon.Tolerates))
        {
            return false;
        }

        var wellKnown = GenerationRules.Of(pool.Generation).WellKnownLabels;
        var selector = RequirementSet.OfLabels(daemon.NodeSelector);
        return daemon.RequiredTerms is { } terms
            ? terms.Any(term => pool.Requirements.Admits(selector.With(RequirementSet.OfTerm(term)), wellKnown))
            : pool.Requirements.Admits(selector, wellKnown);
    }
}

/// <summary>The input of a plan, and what is needed to carry it out.</summary>
public sealed record SnapshotInput(SolverInput Solver, IReadOnlyDictionary<PoolKey, LaunchSource> Sources, ImmutableArray<PodObjection> Objections);

/// <summary>What a pool's nodes are launched from.</summary>
public sealed record LaunchSource(Pool Pool, NodeClass NodeClass);

/// <summary>A pod that is left out of planning; nothing is said about it when the reason is empty.</summary>
public sealed record PodObjection(ObjectKey Pod, string Reason);
