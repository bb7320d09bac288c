using System.Collections.Immutable;
using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Requests;
using Sparkwright.Kubernetes.Store;
using Sparkwright.World.Karpenter.Apis;
using Sparkwright.World.Karpenter.Disruption;
using Sparkwright.World.Karpenter.NodeClaims;
using Sparkwright.World.Karpenter.Provisioning;
using Sparkwright.World.Karpenter.Solver;

namespace Sparkwright.World.Karpenter.Metrics;

/// <summary>Counts what the changes of the store, and the plans, tell by themselves. It writes nothing.</summary>
public sealed class MetricsObserver
{
    private readonly ApiServer api;
    private readonly KarpenterMetrics metrics;

    /// <summary>Pods that were seen pending and have not been ready since.</summary>
    private readonly HashSet<string> starting = new(StringComparer.Ordinal);

    /// <summary>When a pod that is not ready yet first had a place in a plan.</summary>
    private readonly Dictionary<string, DateTime> plannedAt = new(StringComparer.Ordinal);

    /// <summary>Pods that a plan has spoken of.</summary>
    private readonly HashSet<string> decided = new(StringComparer.Ordinal);

    /// <summary>When a decision began to wait for its replacements.</summary>
    private readonly Dictionary<string, DateTime> waitingSince = new(StringComparer.Ordinal);

    public MetricsObserver(ApiServer api, PlanFeed plans, KarpenterMetrics metrics)
    {
        this.api = api;
        this.metrics = metrics;
        foreach (var pod in api.Store.List(CoreTypes.Pod))
        {
            NotePending(pod);
        }

        // Nothing that is simulated takes so long that upstream's limits are reached.
        metrics.ConsolidationTimeouts.Add(0, "multi");
        metrics.ConsolidationTimeouts.Add(0, "single");
        plans.Carried += Planned;
        api.Store.Watch(KarpenterTypes.NodeClaim, ClaimChanged);
        api.Store.Watch(CoreTypes.Node, NodeChanged);
        api.Store.Watch(CoreTypes.Pod, PodChanged);
        api.Store.Watch(KarpenterTypes.DisruptionRecord, change =>
        {
            if (change.Kind != StoreEventKind.Deleted && change.Old is { } old)
            {
                DecisionMoved(DisruptionRecord.Of(old), DisruptionRecord.Of(change.Object));
            }
        });
    }

    /// <summary>The last plan for waiting pods where NodePools are in use; null before the first.</summary>
    public PlannedRound? LastRound { get; private set; }

    /// <summary>When a pod first had a place in a plan; null when it has had none, or is ready.</summary>
    public DateTime? PlannedAt(ApiObject pod) => plannedAt.TryGetValue(pod.Metadata.Uid, out var time) ? time : null;

    /// <summary>The word for a way of disruption in labels.</summary>
    internal static string ConsolidationType(DisruptionMethod method) => method switch
    {
        DisruptionMethod.Emptiness => "empty",
        DisruptionMethod.MultiNode => "multi",
        DisruptionMethod.SingleNode => "single",
        _ => "",
    };

    internal static string ReasonOf(DisruptionMethod method) => method.Reason().ToString().ToLowerInvariant();

    /// <summary>The older generation's word.</summary>
    internal static string DeprovisionerOf(DisruptionMethod method) => method switch
    {
        DisruptionMethod.Expiration => "expiration",
        DisruptionMethod.Drift => "drift",
        _ => "consolidation",
    };

    /// <summary>Why a replacement is made, in its generation's word.</summary>
    internal static string ReplacementReason(DisruptionMethod method, Generation generation) =>
        generation == Generation.V1Alpha5 ? DeprovisionerOf(method) : ReasonOf(method);

    private void Planned(SolverPlan plan, ImmutableArray<PodObjection> objections)
    {
        var now = api.Clock.Now;
        foreach (var pod in plan.OnNodes.Select(place => place.Pod).Concat(plan.Claims.SelectMany(claim => claim.Pods)))
        {
            plannedAt.TryAdd(pod.Uid, now);
            Decided(pod);
        }

        foreach (var unplaced in plan.Unplaced)
        {
            Decided(unplaced.Pod);
        }

        if (api.Store.Count(KarpenterTypes.NodePool) > 0)
        {
            metrics.SchedulingDuration.Observe(0, "provisioner");
            metrics.IgnoredPods.Set(objections.Length);
            metrics.UnschedulablePods.Set(plan.Unplaced.Length, "provisioner");
            LastRound = new PlannedRound(api.Chance.For("karpenter/scheduling-id", now.Ticks).Uuid(), plan.Unplaced.Length, plan.PendingByZone);
        }

        foreach (var provisioner in api.Store.List(KarpenterTypes.Provisioner))
        {
            metrics.ProvisionerSchedulingDuration.Observe(0, provisioner.Name);
        }
    }

    /// <summary>A pod is first seen when a plan is made, and plans take no time.</summary>
    private void Decided(SolverPod pod)
    {
        if (decided.Add(pod.Uid))
        {
            metrics.SchedulingDecision.Observe(0);
        }
    }

    private void ClaimChanged(StoreEvent change)
    {
        var claim = change.Object;
        var pool = KarpenterMetrics.LabelOf(claim, KarpenterLabels.NodePool);
        if (change.Kind == StoreEventKind.Deleted)
        {
            metrics.ClaimsTerminated.Increment(pool, KarpenterMetrics.LabelOf(claim, KarpenterLabels.CapacityType), KarpenterMetrics.LabelOf(claim, KarpenterLabels.Zone));
            metrics.ClaimTermination.Observe(SecondsSince(claim.Metadata.DeletionTimestamp), pool);
            if (Conditions.IsTrue(claim.Status, ClaimConditions.InstanceTerminating))
            {
                metrics.InstanceTermination.Observe(SecondsSince(ClaimConditions.Since(claim.Status, ClaimConditions.InstanceTerminating)), pool);
            }

            return;
        }

        if (BecameTrue(change, ClaimConditions.Registered))
        {
            metrics.NodesCreated.Increment(pool, KarpenterMetrics.LabelOf(claim, KarpenterLabels.Zone));
        }

        if (BecameTrue(change, ClaimConditions.Drained))
        {
            metrics.NodesDrained.Increment(pool);
        }
    }

    private void NodeChanged(StoreEvent change)
    {
        if (change.Kind != StoreEventKind.Deleted || PoolKey.Of(change.Object.Metadata) is not { } pool)
        {
            return;
        }

        var node = change.Object;
        if (pool.Generation == Generation.V1Alpha5)
        {
            metrics.ProvisionerNodeTermination.Observe(SecondsSince(node.Metadata.DeletionTimestamp));
            return;
        }

        metrics.NodesTerminated.Increment(pool.Name, KarpenterMetrics.LabelOf(node, KarpenterLabels.Zone));
        metrics.NodeTermination.Observe(SecondsSince(node.Metadata.DeletionTimestamp), pool.Name);
        metrics.NodeLifetime.Observe(SecondsSince(node.Metadata.CreationTimestamp), pool.Name);
    }

    private void PodChanged(StoreEvent change)
    {
        var pod = change.Object;
        var uid = pod.Metadata.Uid;
        if (change.Kind == StoreEventKind.Deleted)
        {
            starting.Remove(uid);
            plannedAt.Remove(uid);
            decided.Remove(uid);
            return;
        }

        NotePending(pod);
        if (BecameTrue(change, "PodScheduled"))
        {
            metrics.PodBound.Observe(SecondsSince(pod.Metadata.CreationTimestamp));
            if (PlannedAt(pod) is { } planned)
            {
                metrics.PodProvisioningBound.Observe(SecondsSince(planned));
            }
        }

        if (pod.Status["phase"]?.Text is "Running" && Conditions.IsTrue(pod.Status, "Ready") && starting.Remove(uid))
        {
            (KarpenterGauges.IsOnlyOld(api.Store) ? metrics.ProvisionerPodStartup : metrics.PodStartup).Observe(SecondsSince(pod.Metadata.CreationTimestamp));
            if (plannedAt.Remove(uid, out var planned))
            {
                metrics.PodProvisioningStartup.Observe(SecondsSince(planned));
            }
        }
    }

    private void NotePending(ApiObject pod)
    {
        if (pod.Status["phase"]?.Text is "Pending")
        {
            starting.Add(pod.Metadata.Uid);
        }
    }

    private void DecisionMoved(DisruptionRecord before, DisruptionRecord now)
    {
        if (before.Phase == now.Phase)
        {
            return;
        }

        var (type, reason) = (ConsolidationType(now.Method), ReasonOf(now.Method));
        var decision = now.Expected is null ? "delete" : "replace";
        switch (now.Phase)
        {
            case DisruptionPhase.Waiting when now.Generation == Generation.V1:
                metrics.Decisions.Increment(decision, reason, type);
                foreach (var pool in now.Candidates.Select(candidate => candidate.Pool.Name).Distinct(StringComparer.Ordinal))
                {
                    metrics.DecisionsByPool.Increment(pool, decision, reason, type);
                }

                break;
            case DisruptionPhase.Waiting:
                waitingSince[now.Name] = api.Clock.Now;
                metrics.ActionsPerformed.Increment(decision, DeprovisionerOf(now.Method));
                break;
            case DisruptionPhase.Leaving:
                metrics.ProvisionerNodesTerminated.Add(now.Candidates.Length, DeprovisionerOf(now.Method));
                if (waitingSince.Remove(now.Name, out var since) && now.Expected is not null)
                {
                    metrics.ReplacementInitialized.Observe(SecondsSince(since));
                }

                break;
            case DisruptionPhase.Done when now.Generation == Generation.V1:
                foreach (var claim in now.Candidates.Select(candidate => api.Store.Get(KarpenterTypes.NodeClaim, "", candidate.NodeClaim ?? "")).OfType<ApiObject>())
                {
                    metrics.ClaimDisrupted(claim, reason);
                }

                break;
            case DisruptionPhase.Abandoned when now.Generation == Generation.V1:
                metrics.FailedValidations.Add(now.Candidates.Length, type);
                break;
            case DisruptionPhase.Failed:
                waitingSince.Remove(now.Name);
                if (now.Generation == Generation.V1 && before.Phase == DisruptionPhase.Waiting)
                {
                    metrics.QueueFailures.Increment(decision, reason, type);
                }

                break;
        }
    }

    private static bool BecameTrue(StoreEvent change, string condition) =>
        Conditions.IsTrue(change.Object.Status, condition) && !(change.Old is { } old && Conditions.IsTrue(old.Status, condition));

    private double SecondsSince(DateTime? time) => time is { } then && then < api.Clock.Now ? (api.Clock.Now - then).TotalSeconds : 0;
}

/// <summary>What stays of a plan for metrics.</summary>
/// <param name="Id">Tells one plan from another.</param>
/// <param name="Left">The pods that were still in the queue at its end.</param>
public sealed record PlannedRound(string Id, int Left, ImmutableSortedDictionary<string, int> PendingByZone);
