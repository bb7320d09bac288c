using System.Collections.Immutable;
using Sparkwright.Kubernetes.Fitting;
using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Requests;
using Sparkwright.Kubernetes.Store;
using Sparkwright.World.Karpenter.Apis;
using Sparkwright.World.Karpenter.Cloud;
using Sparkwright.World.Karpenter.Drift;
using Sparkwright.World.Karpenter.InstanceTypes;
using Sparkwright.World.Karpenter.NodeClaims;
using Sparkwright.World.Karpenter.NodePools;
using Sparkwright.World.Karpenter.Provisioning;
using Sparkwright.World.Karpenter.Solver;

namespace Sparkwright.World.Karpenter.Disruption;

/// <summary>Reads from the store what a decision about one generation's nodes depends on.</summary>
public sealed class DisruptionSnapshots(ApiServer api, Pools pools, ICloudProvider cloud, Snapshot provisioning, KarpenterMemory memory, DisruptionRecords records)
{
    private readonly StoreIndex podsByNode = api.Store.Index(CoreTypes.Pod, "by-node", static pod => pod.Spec["nodeName"]?.Text);
    private readonly StoreIndex claims = ClaimIndex.Of(api.Store);

    /// <summary>Whether Provisioners' nodes that have drifted are replaced; NodePools' always are.</summary>
    public bool ActsOnProvisionerDrift => provisioning.Settings.DriftEnabled;

    public DisruptionSnapshot Take(Generation generation)
    {
        var ofGeneration = pools.All().Where(pool => pool.Generation == generation).ToImmutableArray();
        var shapes = ofGeneration.ToDictionary(
            pool => pool.Key, pool => pools.NodeClassOf(pool) is { } nodeClass ? cloud.ShapesFor(pool, nodeClass) : null);
        var taken = records.InProgress().SelectMany(record => record.Candidates).Select(candidate => candidate.Node).ToHashSet(StringComparer.Ordinal);
        var awaiting = records.InProgress().Concat(records.Of(DisruptionPhase.Done).Where(records.HasCandidatesLeft))
            .SelectMany(record => record.Replacements).ToHashSet(StringComparer.Ordinal);
        var nodes = ImmutableArray.CreateBuilder<DisruptionNode>();
        var uninitialized = ImmutableHashSet.CreateBuilder<string>(StringComparer.Ordinal);
        var leaving = ImmutableHashSet.CreateBuilder<ObjectKey>();
        foreach (var node in api.Store.List(CoreTypes.Node))
        {
            if (PoolKey.Of(node.Metadata) is not { } key)
            {
                continue;
            }

            var read = Read(node, key, shapes.GetValueOrDefault(key), taken, awaiting);
            if (!read.IsInitialized)
            {
                uninitialized.Add(read.Name);
            }

            if (read.IsLeaving)
            {
                leaving.UnionWith(read.PodsToMove.Select(pod => pod.Key));
            }

            if (key.Generation == generation)
            {
                nodes.Add(read);
            }
        }

        uninitialized.UnionWith(api.Store.List(KarpenterTypes.NodeClaim)
            .Where(claim => !Conditions.IsTrue(claim.Status, ClaimConditions.Initialized)).Select(claim => claim.Name));
        return new DisruptionSnapshot(nodes.ToImmutable(), provisioning.Evacuation)
        {
            Generation = generation,
            Now = api.Clock.Now,
            Pools = ofGeneration,
            StaticPools = ofGeneration.Where(pool => pool.Replicas is not null)
                .ToImmutableDictionary(pool => pool.Key, pool => StaticPoolOf(pool, shapes.GetValueOrDefault(pool.Key))),
            PodBudgets = new PodBudgets(api.Store.List(CoreTypes.PodDisruptionBudget)),
            Uninitialized = uninitialized.ToImmutable(),
            PodsOfLeavingNodes = leaving.ToImmutable(),
            IsSomethingOut = memory.NextOfferingBack() is not null,
            AllowsSpotToSpot = provisioning.Settings.SpotToSpotConsolidation,
        };
    }

    private StaticPoolSnapshot StaticPoolOf(Pool pool, ShapeTable? shapes) => new(
        StaticPoolCounts.Of(pool, api.Store.List(KarpenterTypes.NodeClaim).Where(claim => claim.Metadata.Label(KarpenterLabels.NodePool) == pool.Name)),
        shapes is null ? null : PlannedClaim.OfStatic(pool, shapes));

    private DisruptionNode Read(ApiObject node, PoolKey key, ShapeTable? shapes, HashSet<string> taken, HashSet<string> awaiting)
    {
        var pool = pools.Find(key);
        var claim = ClaimIndex.ClaimOf(claims, node) is { } known ? NodeClaim.Of(known) : null;
        var pods = podsByNode.Of(node.Name).ToImmutableArray();
        var expireAfter = key.Generation == Generation.V1 ? claim?.ExpireAfter : pool?.ExpireAfter;
        var bornAt = claim?.Object.Metadata.CreationTimestamp ?? node.Metadata.CreationTimestamp;
        var isQueued = taken.Contains(node.Name);
        return new DisruptionNode
        {
            Node = node,
            Claim = claim,
            Pool = key,
            Policy = pool?.Disruption,
            Shape = shapes is not null && shapes.Find(node.Metadata.Label(KarpenterLabels.InstanceType) ?? "") is var at and >= 0 ? shapes.Shapes[at] : null,
            Pods = pods,
            IsOfStaticPool = pool?.Replicas is not null,
            IsInitialized = node.Metadata.Label(KarpenterLabels.Initialized) == "true",
            IsLeaving = isQueued || node.Metadata.IsBeingDeleted || claim?.Object.Metadata.IsBeingDeleted == true,
            IsQueued = isQueued,
            IsReady = NodeView.Of(node).IsReady,
            NominatedUntil = memory.NominatedUntil(node.Name) ?? (claim is null ? null : memory.NominatedUntil(claim.Name)),
            IsAwaitingPods = awaiting.Contains(node.Name) || (claim is not null && awaiting.Contains(claim.Name)),
            DriftedSince = key.Generation == Generation.V1Alpha5 && ActsOnProvisionerDrift && ProvisionerDrift.IsMarked(node) ? bornAt
                : claim?.Is("Drifted") == true ? ClaimConditions.Since(claim.Object.Status, "Drifted") : null,
            ExpiresAt = key.Generation == Generation.V1Alpha5 && expireAfter is { } life ? bornAt + life : null,
            IsConsolidatable = key.Generation == Generation.V1Alpha5 || claim?.Is(ClaimConditions.Consolidatable) == true,
            Cost = DisruptionCost.OfNode(pods, api.Clock.Now - bornAt, expireAfter),
        };
    }
}
