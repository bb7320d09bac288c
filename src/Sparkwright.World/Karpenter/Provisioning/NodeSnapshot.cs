using System.Collections.Immutable;
using Sparkwright.Kubernetes.Fitting;
using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Requests;
using Sparkwright.Kubernetes.Store;
using Sparkwright.World.Karpenter.Apis;
using Sparkwright.World.Karpenter.Disruption;
using Sparkwright.World.Karpenter.NodeClaims;
using Sparkwright.World.Karpenter.Requirements;
using Sparkwright.World.Karpenter.Solver;
using Sparkwright.World.Karpenter.Termination;

namespace Sparkwright.World.Karpenter.Provisioning;

/// <summary>
/// The nodes that a plan may use, and those on their way: a NodeClaim whose Node has not come counts with what was promised, and its name stands
/// for the node's.
/// </summary>
public sealed class NodeSnapshot(ApiServer api, Pools pools, VolumeSnapshot volumes)
{
    private readonly StoreIndex podsByNode = api.Store.Index(CoreTypes.Pod, "by-node", static pod => pod.Spec["nodeName"]?.Text);
    private readonly StoreIndex claims = ClaimIndex.Of(api.Store);
    private readonly StoreIndex nodes = ClaimIndex.Nodes(api.Store);

    /// <summary>
    /// Pods whose node is on its way out are planned for before they are evicted, so that their new node starts at once. Pods that the drain of
    /// a NodePool's node leaves alone are not among them until it does not.
    /// </summary>
    public IEnumerable<(ApiObject Node, ApiObject Pod)> PodsOfLeavingNodes()
    {
        var budgets = new PodBudgets(api.Store.List(CoreTypes.PodDisruptionBudget));
        foreach (var node in api.Store.List(CoreTypes.Node))
        {
            if (PoolKey.Of(node.Metadata) is not { } pool || !IsLeaving(node, ClaimIndex.ClaimOf(claims, node)))
            {
                continue;
            }

            foreach (var pod in podsByNode.Of(node.Name).Where(PodChecks.MovesWithItsNode))
            {
                if (pool.Generation == Generation.V1Alpha5 || pod.Metadata.IsBeingDeleted
                    || (DoNotDisrupt.Until(pod, api.Clock.Now) is null && budgets.Blocks(pod, DrainPlan.Disrupted) is null))
                {
                    yield return (node, pod);
                }
            }
        }
    }

    /// <summary>Initialized nodes first, then by name. Nodes that nobody here made count only where NodePools are in use.</summary>
    public IEnumerable<SolverNode> All(Generation generation, List<PodSpecView> daemons)
    {
        var known = new List<Known>();
        foreach (var node in api.Store.List(CoreTypes.Node))
        {
            var claim = ClaimIndex.ClaimOf(claims, node);
            var pool = pools.PoolOf(node);
            var isUsable = !IsLeaving(node, claim) && node.Spec["unschedulable"]?.Boolean != true
                && (pool is not null || claim is not null || generation == Generation.V1);
            if (isUsable)
            {
                known.Add(new Known(node, claim, claim is null && pool?.Generation == Generation.V1Alpha5 ? pool : null));
            }
        }

        known.AddRange(api.Store.List(KarpenterTypes.NodeClaim)
            .Where(claim => Conditions.IsTrue(claim.Status, ClaimConditions.Launched) && !IsLeaving(null, claim) && ClaimIndex.NodeOf(nodes, claim) is null)
            .Select(claim => new Known(null, claim, null)));
        foreach (var one in known.OrderBy(one => one.IsInitialized ? 0 : 1).ThenBy(one => one.Name, StringComparer.Ordinal))
        {
            yield return Read(one, daemons);
        }
    }

    /// <summary>Whether a node goes, or has been chosen to go once its replacement is there.</summary>
    private static bool IsLeaving(ApiObject? node, ApiObject? claim) =>
        node is { Metadata.IsBeingDeleted: true }
        || claim is { Metadata.IsBeingDeleted: true }
        || (claim is not null && Conditions.IsTrue(claim.Status, ClaimConditions.DisruptionReason));

    private SolverNode Read(Known one, List<PodSpecView> daemons)
    {
        var (labels, taints, allocatable) = (LabelsOf(one), TaintsOf(one), AllocatableOf(one));
        var toCome = ResourceList.Zero;
        foreach (var daemon in daemons)
        {
            if (taints.Where(taint => taint.KeepsPodsAway).All(daemon.Tolerates) && daemon.Selects(labels, one.Name))
            {
                toCome += daemon.Requests;
            }
        }

        var free = allocatable;
        var ports = ImmutableArray.CreateBuilder<HostPort>();
        var attached = ImmutableArray.CreateBuilder<VolumeUse>();
        foreach (var pod in podsByNode.Of(one.Node?.Name ?? "").Where(pod => pod.Status["phase"]?.Text is not ("Succeeded" or "Failed")))
        {
            var spec = PodSpecView.Of(pod);
            free -= spec.Requests;
            ports.AddRange(spec.HostPorts);
            attached.AddRange(volumes.UsesOf(pod));
            toCome -= pod.Metadata.Controller?.Kind == "DaemonSet" ? spec.Requests : ResourceList.Zero;
        }

        return new SolverNode(one.Name, RequirementSet.OfLabels(labels), taints, free - ResourceList.Max(toCome, ResourceList.Zero), ports.ToImmutable())
        {
            VolumeLimits = volumes.LimitsOf(one.Name),
            Volumes = attached.ToImmutable(),
        };
    }

    /// <summary>Until a node is registered its claim knows better.</summary>
    private static TreeMap LabelsOf(Known one)
    {
        var labels = one.Node is { } node && one.IsRegistered ? node.Metadata.Labels : one.Claim!.Metadata.Labels;
        return labels.ContainsKey(KarpenterLabels.Hostname) ? labels : labels.With(KarpenterLabels.Hostname, one.Name);
    }

    /// <summary>A node that is not initialized does not show the taints that will go.</summary>
    private static ImmutableArray<Taint> TaintsOf(Known one)
    {
        var taints = one.Node is { } node && one.IsRegistered ? NodeView.Of(node).Taints : NodeClaim.Of(one.Claim!).Taints;
        if (one.IsInitialized)
        {
            return taints;
        }

        var startup = one.Claim is { } claim ? NodeClaim.Of(claim).StartupTaints : one.Provisioner?.StartupTaints ?? [];
        return taints.RemoveAll(taint => TemporaryTaints.IsTemporary(taint) || startup.Contains(taint));
    }

    /// <summary>Where the kubelet has nothing to show yet, the claim's promise counts.</summary>
    private static ResourceList AllocatableOf(Known one)
    {
        var shown = one.Node is { } node ? NodeView.Of(node).Allocatable : ResourceList.Zero;
        if (one.Claim is not { } claim || one.IsInitialized)
        {
            return shown;
        }

        var promised = claim.Status["allocatable"] as TreeMap ?? TreeMap.Empty;
        var tree = (one.Node?.Status["allocatable"] as TreeMap) ?? TreeMap.Empty;
        foreach (var (resource, amount) in promised)
        {
            tree = shown.Of(resource) == 0 ? tree.With(resource, amount) : tree;
        }

        return ResourceList.From(tree);
    }

    /// <summary>A Node, the NodeClaim behind it, or both; a Provisioner's node has none.</summary>
    private sealed record Known(ApiObject? Node, ApiObject? Claim, Pool? Provisioner)
    {
        public string Name => Node?.Name ?? Claim!.Name;

        public bool IsManaged => Claim is not null || Provisioner is not null;

        public bool IsRegistered => Claim is null || Node?.Metadata.Label(ClaimLifecycle.RegisteredLabel) == "true";

        public bool IsInitialized => !IsManaged || Node?.Metadata.Label(KarpenterLabels.Initialized) == "true";
    }
}
