using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Requests;
using Sparkwright.Kubernetes.Store;
using Sparkwright.Simulation;
using Sparkwright.World.Karpenter.Apis;
using Sparkwright.World.Karpenter.Cloud;
using Sparkwright.World.Karpenter.Metrics;
using Sparkwright.World.Karpenter.NodeClaims;
using Sparkwright.World.Karpenter.Provisioning;
using Sparkwright.World.Karpenter.Solver;

namespace Sparkwright.World.Karpenter.NodePools;

/// <summary>Keeps as many NodeClaims of each static NodePool as its <c>spec.replicas</c> says, whatever the pods need.</summary>
public sealed class StaticPoolController : Worker<string>
{
    /// <summary>After a node could not be had the next try waits so long; upstream tries again at once, as fast as its calls are answered.</summary>
    private static readonly TimeSpan TryAgainAfter = TimeSpan.FromSeconds(10);

    private readonly ApiServer api;
    private readonly Pools pools;
    private readonly ICloudProvider cloud;
    private readonly Launcher launcher;
    private readonly KarpenterMemory memory;
    private readonly KarpenterMetrics metrics;
    private readonly StoreIndex podsByNode;

    /// <summary>Pools of which a NodeClaim went before it had a machine.</summary>
    private readonly HashSet<string> failed = new(StringComparer.Ordinal);

    public StaticPoolController(EventLoop loop, ApiServer api, Pools pools, ICloudProvider cloud, Launcher launcher, KarpenterMemory memory, KarpenterMetrics metrics)
        : base(loop)
    {
        this.api = api;
        this.pools = pools;
        this.cloud = cloud;
        this.launcher = launcher;
        this.memory = memory;
        this.metrics = metrics;
        podsByNode = api.Store.Index(CoreTypes.Pod, "by-node", static pod => pod.Spec["nodeName"]?.Text);
        foreach (var pool in api.Store.List(KarpenterTypes.NodePool))
        {
            Wake(pool.Name);
        }

        api.Store.Watch(KarpenterTypes.NodePool, change => Wake(change.Object.Name));
        api.Store.Watch(KarpenterTypes.NodeClaim, change =>
        {
            if (change.Object.Metadata.Label(KarpenterLabels.NodePool) is { } pool && IsNews(change))
            {
                if (change.Object.Metadata.IsBeingDeleted && !Conditions.IsTrue(change.Object.Status, ClaimConditions.Launched))
                {
                    failed.Add(pool);
                }

                Wake(pool);
            }
        });
    }

    protected override void Reconcile(string key)
    {
        if (pools.Find(new PoolKey(Generation.V1, key)) is not { Replicas: not null, Object.Metadata.IsBeingDeleted: false } pool)
        {
            failed.Remove(key);
            return;
        }

        if (failed.Remove(key))
        {
            memory.HoldBack(key, TryAgainAfter);
        }

        var claims = api.Store.List(KarpenterTypes.NodeClaim).Where(claim => claim.Metadata.Label(KarpenterLabels.NodePool) == key).ToList();
        var counts = StaticPoolCounts.Of(pool, claims);
        if (counts.ToDelete > 0)
        {
            Delete(claims, counts.ToDelete);
        }
        else if (counts.ToMake > 0 && pool.IsReady && pools.NodeClassOf(pool) is { } nodeClass)
        {
            if (memory.HeldBackUntil(key) is { } until)
            {
                WakeAt(key, until);
                return;
            }

            Make(pool, nodeClass, counts.ToMake);
        }
    }

    /// <summary>A NodeClaim came, begins to go or is gone, or is chosen for replacement or spared again.</summary>
    private static bool IsNews(StoreEvent change) => change.Old is not { } old || change.Kind == StoreEventKind.Deleted
        || old.Metadata.IsBeingDeleted != change.Object.Metadata.IsBeingDeleted
        || Conditions.IsTrue(old.Status, ClaimConditions.DisruptionReason) != Conditions.IsTrue(change.Object.Status, ClaimConditions.DisruptionReason);

    private void Make(Pool pool, NodeClass nodeClass, long count)
    {
        if (cloud.ShapesFor(pool, nodeClass) is not { } shapes)
        {
            return;
        }

        var plan = PlannedClaim.OfStatic(pool, shapes);
        for (var made = 0; made < count; made++)
        {
            if (launcher.Launch(plan, new LaunchSource(pool, nodeClass)) is LaunchedClaim.Failed)
            {
                return;
            }
        }
    }

    private void Delete(IEnumerable<ApiObject> claims, int count)
    {
        var staying = claims
            .Where(claim => !claim.Metadata.IsBeingDeleted && !Conditions.IsTrue(claim.Status, ClaimConditions.DisruptionReason))
            .Select(claim => new StaticPoolNode(claim, [.. podsByNode.Of(NodeClaim.Of(claim).NodeName ?? "")], NodeClaim.Of(claim).ExpireAfter));
        foreach (var claim in StaticPoolOrder.FirstToGo(staying, count, Clock.Now))
        {
            metrics.ClaimDisrupted(claim, "overprovisioned");
            api.Delete(KarpenterTypes.NodeClaim, claim.Key);
        }
    }
}
