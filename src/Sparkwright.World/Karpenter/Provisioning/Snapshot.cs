using System.Collections.Immutable;
using Sparkwright.Kubernetes.Fitting;
using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Requests;
using Sparkwright.Kubernetes.Store;
using Sparkwright.World.Karpenter.Apis;
using Sparkwright.World.Karpenter.Cloud;
using Sparkwright.World.Karpenter.NodeClaims;
using Sparkwright.World.Karpenter.Requirements;
using Sparkwright.World.Karpenter.Solver;

namespace Sparkwright.World.Karpenter.Provisioning;

/// <summary>Reads from the store what a plan depends on.</summary>
public sealed class Snapshot(ApiServer api, Pools pools, ICloudProvider cloud, LiveSettings settings)
{
    private readonly DaemonPods daemonPods = new(api);
    private readonly VolumeChecks volumeChecks = new(api);
    private readonly TopologySnapshot topology = new(api);
    private readonly VolumeSnapshot volumes = new(api);
    private readonly NodeSnapshot nodes = new(api, pools, new VolumeSnapshot(api));
    private readonly StoreIndex waiting = api.Store.Index(CoreTypes.Pod, "karpenter-provisionable", static pod => PodChecks.IsProvisionable(pod) ? "yes" : null);

    /// <summary>Karpenter's settings at this moment.</summary>
    public KarpenterSettings Settings => settings.Current;

    /// <summary>A pod as a plan sees it, with its volumes.</summary>
    public SolverPod PodOf(ApiObject pod) => volumes.Complete(SolverPod.Of(pod));

    /// <summary>Null when no pod waits for a node.</summary>
    public SnapshotInput? Take() =>
        waiting.CountOf("yes") == 0 && !nodes.PodsOfLeavingNodes().Any(pod => PoolKey.Of(pod.Node.Metadata)?.Generation == Generation.V1) ? null : Everything();

    /// <summary>What a plan would be made of now, whether or not a pod waits.</summary>
    public SnapshotInput Everything()
    {
        var generation = pools.All().Any(pool => pool.Generation == Generation.V1) ? Generation.V1 : Generation.V1Alpha5;
        var pods = ImmutableArray.CreateBuilder<SolverPod>();
        var objections = ImmutableArray.CreateBuilder<PodObjection>();
        foreach (var pod in waiting.Of("yes"))
        {
            var spec = PodSpecView.Of(pod);
            if ((PodChecks.Objection(spec, generation) ?? volumeChecks.Objection(pod, generation)) is { } objection)
            {
                objections.Add(new PodObjection(pod.Key, objection));
            }
            else
            {
                pods.Add(PodOf(pod));
            }
        }

        var leaving = nodes.PodsOfLeavingNodes().ToList();
        pods.AddRange(leaving.Select(moved => PodOf(moved.Pod)));
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

        var input = topology.Complete(new SolverInput(usable.ToImmutable(), [.. nodes.All(generation, daemons)], pods.ToImmutable())
        {
            IgnoresPreferences = Settings.IgnoresPreferences,
            LowersMinValues = Settings.LowersMinValues,
        });
        return new SnapshotInput(input, launching, objections.ToImmutable());
    }

    /// <summary>What plans would be made of now if nodes went.</summary>
    public Evacuation Evacuation() => new(Everything().Solver, PodOf, topology.AtPresent());

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
            Requirements = pool is { Generation: Generation.V1, NodeClass: { } named }
                ? pool.Requirements.With(Requirement.In(ClaimObject.NodeClassLabel(named), named.Name))
                : pool.Requirements,
            Taints = pool.Taints,
            Daemons = DaemonLoad.Of(daemons, pool.Generation, pool.Requirements, pool.Taints),
            Shapes = shapes,
            Remaining = pool.Limits.ToImmutableSortedDictionary(limit => limit.Key, limit => limit.Value - usage.Of(limit.Key), StringComparer.Ordinal),
        };
    }
}

/// <summary>The input of a plan, and what is needed to carry it out.</summary>
public sealed record SnapshotInput(SolverInput Solver, IReadOnlyDictionary<PoolKey, LaunchSource> Sources, ImmutableArray<PodObjection> Objections);

/// <summary>What a pool's nodes are launched from.</summary>
public sealed record LaunchSource(Pool Pool, NodeClass NodeClass);

/// <summary>A pod that is left out of planning; nothing is said about it when the reason is empty.</summary>
public sealed record PodObjection(ObjectKey Pod, string Reason);
