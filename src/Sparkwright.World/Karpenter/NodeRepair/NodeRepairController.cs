using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Requests;
using Sparkwright.Kubernetes.Store;
using Sparkwright.Simulation;
using Sparkwright.World.Karpenter.Apis;
using Sparkwright.World.Karpenter.Cloud;
using Sparkwright.World.Karpenter.Metrics;
using Sparkwright.World.Karpenter.NodeClaims;

namespace Sparkwright.World.Karpenter.NodeRepair;

/// <summary>
/// Deletes the NodeClaims of nodes that have been broken for too long, where the feature gate NodeRepair is on: at once, past disruption budgets,
/// annotations and the pods' own grace periods, unless too many nodes of the pool are broken at the same time.
/// </summary>
public sealed class NodeRepairController : Worker<ObjectKey>
{
    /// <summary>A repair that was blocked is looked at again after so long.</summary>
    private static readonly TimeSpan LookAgainAfter = TimeSpan.FromMinutes(5);

    /// <summary>That a repair is blocked is not said again for so long.</summary>
    private static readonly TimeSpan QuietFor = TimeSpan.FromMinutes(15);

    private readonly ApiServer api;
    private readonly ICloudProvider cloud;
    private readonly LiveSettings settings;
    private readonly KarpenterEvents events;
    private readonly KarpenterMetrics metrics;
    private readonly StoreIndex claims;

    public NodeRepairController(EventLoop loop, ApiServer api, ICloudProvider cloud, LiveSettings settings, KarpenterEvents events, KarpenterMetrics metrics)
        : base(loop)
    {
        this.api = api;
        this.cloud = cloud;
        this.settings = settings;
        this.events = events;
        this.metrics = metrics;
        claims = ClaimIndex.Of(api.Store);
        WakeAll();
        api.Store.Watch(CoreTypes.Node, change => Wake(change.Object.Key));
        api.Store.Watch(CoreTypes.ConfigMap, change =>
        {
            if (LiveSettings.IsAbout(change.Object))
            {
                WakeAll();
            }
        });
    }

    protected override void Reconcile(ObjectKey key)
    {
        if (!settings.Current.NodeRepair || api.Store.Get(CoreTypes.Node, key) is not { } node || ClaimIndex.ClaimOf(claims, node) is not { } claim
            || RepairRules.Of(node, cloud.RepairPolicies) is not { } ailment)
        {
            return;
        }

        if (ailment.End > Clock.Now)
        {
            WakeAt(key, ailment.End);
            return;
        }

        var pool = claim.Metadata.Label(KarpenterLabels.NodePool);
        var (nodes, broken) = Count(pool);
        if (!RepairRules.MayRepair(nodes, broken))
        {
            TellBlocked(node, claim, pool);
            WakeAfter(key, LookAgainAfter);
            return;
        }

        Delete(claim, ailment);
    }

    private void WakeAll()
    {
        foreach (var node in api.Store.List(CoreTypes.Node))
        {
            Wake(node.Key);
        }
    }

    /// <summary>The nodes of a pool, or of the cluster where a NodeClaim belongs to none, and how many of them are broken for however short a time.</summary>
    private (int Nodes, int Broken) Count(string? pool)
    {
        var (nodes, broken) = (0, 0);
        foreach (var node in api.Store.List(CoreTypes.Node))
        {
            if (pool is null || node.Metadata.Label(KarpenterLabels.NodePool) == pool)
            {
                nodes++;
                broken += RepairRules.Of(node, cloud.RepairPolicies) is null ? 0 : 1;
            }
        }

        return (nodes, broken);
    }

    private void TellBlocked(ApiObject node, ApiObject claim, string? pool)
    {
        // "then" is upstream's own word.
        var message = pool is null
            ? $"more then {RepairRules.UnhealthyPercent}% nodes are unhealthy in the cluster"
            : $"more than {RepairRules.UnhealthyPercent}% nodes are unhealthy in the nodepool";
        events.WarningRarely(node, "NodeRepairBlocked", message, QuietFor);
        events.WarningRarely(claim, "NodeRepairBlocked", message, QuietFor);
    }

    /// <summary>Its time is over now, so the drain waits for nothing; a time that has passed already stays.</summary>
    private void Delete(ApiObject claim, Ailment ailment)
    {
        if (ClaimDeadline.Of(claim) is not { } deadline || deadline >= Clock.Now)
        {
            claim = api.Modify(KarpenterTypes.NodeClaim, claim.Key, known => known.WithAnnotation(ClaimDeadline.Annotation, Timestamps.Print(Clock.Now))) ?? claim;
        }

        if (!claim.Metadata.IsBeingDeleted)
        {
            metrics.ClaimDisrupted(claim, "unhealthy");
            metrics.UnhealthyClaims.Increment(
                SnakeCase(ailment.Condition),
                KarpenterMetrics.LabelOf(claim, KarpenterLabels.NodePool),
                KarpenterMetrics.LabelOf(claim, KarpenterLabels.CapacityType),
                NodeClaim.Of(claim).ImageId ?? "");
            api.Delete(KarpenterTypes.NodeClaim, claim.Key);
        }
    }

    /// <summary>ContainerRuntimeReady → container_runtime_ready.</summary>
    private static string SnakeCase(string word) =>
        string.Concat(word.Select((letter, at) => char.IsUpper(letter) ? (at > 0 ? "_" : "") + char.ToLowerInvariant(letter) : letter.ToString()));
}
