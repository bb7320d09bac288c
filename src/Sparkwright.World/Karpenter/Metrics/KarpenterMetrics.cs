using System.Collections.Immutable;
using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Requests;
using Sparkwright.Kubernetes.Store;
using Sparkwright.Simulation.Metrics;
using Sparkwright.World.Karpenter.Apis;
using Sparkwright.World.Karpenter.Disruption;
using Sparkwright.World.Karpenter.Provisioning;

namespace Sparkwright.World.Karpenter.Metrics;

/// <summary>
/// Karpenter's metrics that are counted as things happen, each with its name, labels and bounds: those of 1.x for NodePools, those of 0.21 for
/// Provisioners. They begin with the process, so a restart begins anew. Gauges of what is in the store are <see cref="KarpenterGauges"/>.
/// Names, labels and bounds are upstream's; durations are seconds of the world.
/// </summary>
public sealed class KarpenterMetrics(ApiServer api)
{
    private const string Reason = "reason";
    private const string NodePool = "nodepool";
    private const string CapacityType = "capacity_type";
    private const string Zone = "zone";
    private const string Decision = "decision";
    private const string ConsolidationType = "consolidation_type";
    private const string Policy = "policy";

    /// <summary>Bounds of most durations, seconds: karpenter-core, pkg/metrics.</summary>
    private static readonly ImmutableArray<double> Durations =
    [
        0.005, 0.01, 0.025, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5, 0.6, 0.7, 0.8, 0.9, 1, 1.25, 1.5, 1.75, 2, 2.5, 3, 3.5, 4, 4.5, 5, 6, 7, 8, 9,
        10, 15, 20, 25, 30, 40, 50, 60, 120, 150, 300, 450, 600,
    ];

    /// <summary>Prometheus' own bounds, which calls of the cloud have upstream.</summary>
    private static readonly ImmutableArray<double> Defaults = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

    private static readonly ImmutableArray<double> TerminationBounds = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048];

    /// <summary>A quarter of an hour to thirty days.</summary>
    private static readonly ImmutableArray<double> Lifetimes =
        [.. new[] { 0.25, 0.5, 0.75, 1, 2, 4, 6, 8, 10, 12, 16, 20, 24, 48, 72, 120, 240, 360, 480, 600, 720 }.Select(hours => hours * 3600)];

    private static readonly ImmutableArray<double> Scores = [0.1, 0.25, 0.33, 0.5, 1, 2, 5, 10];

    private static readonly ImmutableArray<double> BatchSizes =
    [
        1, 2, 4, 5, 10, 15, 20, 25, 30, 40, 50, 60, 70, 80, 90, 100, 125, 150, 175, 200, 225, 250, 275, 300, 350, 400, 450, 500, 550, 600, 700, 800, 900, 1000,
    ];

    private static readonly ImmutableArray<double> Quantiles = [0, 0.5, 0.9, 0.99, 1];

    private readonly StoreIndex podsByNode = api.Store.Index(CoreTypes.Pod, "by-node", static pod => pod.Spec["nodeName"]?.Text);

    public MetricRegistry Registry { get; } = new();

    // NodeClaims
    public Counter ClaimsCreated => field ??= Count("nodeclaims_created_total", "NodeClaims that Karpenter has made, by why and for which NodePool.", Reason, NodePool, "min_values_relaxed");

    public Counter ClaimsTerminated => field ??= Count("nodeclaims_terminated_total", "NodeClaims that are gone, with their machine.", NodePool, CapacityType, Zone);

    public Counter ClaimsDisrupted => field ??= Count("nodeclaims_disrupted_total", "NodeClaims that Karpenter itself has begun to delete, by why.", Reason, NodePool, CapacityType);

    public Counter UnhealthyClaims => field ??= Count(
        "nodeclaims_unhealthy_disrupted_total", "NodeClaims that node repair has begun to delete, by the condition of their Node.", "condition", NodePool, CapacityType, "image_id");

    public Histogram InstanceTermination => field ??= Time("nodeclaims_instance_termination_duration_seconds", "How long the end of a machine took.", TerminationBounds[..^1], NodePool);

    public Histogram ClaimTermination => field ??= Time("nodeclaims_termination_duration_seconds", "How long a NodeClaim took from its deletion until it was gone.", TerminationBounds, NodePool);

    // Nodes
    public Counter NodesCreated => field ??= Count("nodes_created_total", "Nodes of Karpenter's that have registered.", NodePool, Zone);

    public Counter NodesTerminated => field ??= Count("nodes_terminated_total", "Nodes of Karpenter's that are gone.", NodePool, Zone);

    public Counter NodesDrained => field ??= Count("nodes_drained_total", "Nodes that Karpenter has drained.", NodePool);

    public Summary NodeTermination => field ??= Quantile("nodes_termination_duration_seconds", "How long a Node took from its deletion until it was gone.", NodePool);

    public Histogram NodeLifetime => field ??= Time("nodes_lifetime_duration_seconds", "How old Nodes were when they went.", Lifetimes, NodePool);

    // Pods
    public Summary PodStartup => field ??= Quantile("pods_startup_duration_seconds", "From the creation of a pod until it was ready.");

    public Histogram PodBound => field ??= Time("pods_bound_duration_seconds", "From the creation of a pod until it had a node.", Durations);

    public Histogram PodProvisioningStartup => field ??= Time("pods_provisioning_startup_duration_seconds", "From the first plan with a place for a pod until it was ready.", Durations);

    public Histogram PodProvisioningBound => field ??= Time("pods_provisioning_bound_duration_seconds", "From the first plan with a place for a pod until it had a node.", Durations);

    public Histogram SchedulingDecision => field ??= Time("pods_scheduling_decision_duration_seconds", "From a pod's first sight to the first plan that speaks of it.", Durations);

    public Counter EvictionRequests => field ??= Count("pods_eviction_requests_total", "Evictions asked for, by the HTTP code of the answer.", "code");

    public Counter PodsDrained => field ??= Count("pods_drained_total", "Pods evicted from nodes that go, by why these go.", Reason);

    public Counter PodDisruptions => field ??= Count("pods_disruption_initiated_total", "Pods that must move because Karpenter disrupts their NodeClaim.", Reason, NodePool, CapacityType);

    // Plans
    public Histogram SchedulingDuration => field ??= Time("scheduler_scheduling_duration_seconds", "How long a plan took to compute; none takes any time of the world.", Durations, "controller");

    public Gauge IgnoredPods => field ??= Show("scheduler_ignored_pods_count", "Pods left out of the last plan.");

    public Gauge UnschedulablePods => field ??= Show("scheduler_unschedulable_pods_count", "Pods without a place in the last plan.", "controller");

    // Voluntary disruption
    public Counter Decisions => field ??= Count("voluntary_disruption_decisions_total", "Decisions to disrupt nodes that were carried out.", Decision, Reason, ConsolidationType);

    public Counter DecisionsByPool => field ??= Count("voluntary_disruption_decisions_by_nodepool_total", "The same for each NodePool that loses nodes.", NodePool, Decision, Reason, ConsolidationType);

    public Counter FailedValidations => field ??= Count("voluntary_disruption_failed_validations_total", "Nodes that were chosen and then, on the second look, were not.", ConsolidationType);

    public Counter QueueFailures => field ??= Count("voluntary_disruption_queue_failures_total", "Decisions that failed after they had begun.", Decision, Reason, ConsolidationType);

    public Counter ConsolidationTimeouts => field ??= Count("voluntary_disruption_consolidation_timeouts_total", "Searches for a consolidation that ran out of time.", ConsolidationType);

    public Histogram EvaluationDuration => field ??= Time(
        "voluntary_disruption_decision_evaluation_duration_seconds", "How long a method of disruption was looked at; none takes any time of the world.", Durations, Reason, ConsolidationType);

    public Histogram ConsolidationScore => field ??= Time("consolidation_score", "What moves score with pools whose policy is Balanced.", Scores, Decision, NodePool, Policy);

    public Counter ConsolidationMoves => field ??= Count("consolidation_moves_total", "Consolidations that are possible, by whether the pools approve.", Decision, NodePool, Policy);

    // Cloud
    public Histogram CloudDuration => field ??= Time("cloudprovider_duration_seconds", "How long calls of the cloud took; none takes any time of the world.", Defaults, "controller", "method", "provider");

    public Counter CloudErrors => field ??= Count("cloudprovider_errors_total", "Calls of the cloud that failed.", "controller", "error", "method", "provider");

    public Counter LaunchFailures => field ??= Count("cloudprovider_instance_launch_failures_total", "Offerings that a fleet could not launch, by EC2's error code.", Zone, "zone_id", CapacityType, Reason);

    public Counter TerminationFailures => field ??= Count("cloudprovider_instance_termination_failures_total", "Machines that could not be ended when asked.", Zone, "zone_id");

    public Histogram BatchSize => field ??= Time("cloudprovider_batcher_batch_size", "How many requests of a kind were made as one call; always one.", BatchSizes, "batcher");

    public Histogram BatchTime => field ??= Time("cloudprovider_batcher_batch_time_seconds", "How long requests were gathered for; for none.", Durations, "batcher");

    // Interruption
    public Counter MessagesReceived => field ??= Count("interruption_received_messages_total", "Messages read from the interruption queue.", "message_type");

    public Counter MessagesDeleted => field ??= Count("interruption_deleted_messages_total", "Messages deleted from the interruption queue.");

    public Histogram MessageDuration => field ??= Time("interruption_message_queue_duration_seconds", "How long a message was in the queue before it was acted on.", Durations);

    // The same for Provisioners, under the names of 0.21
    public Counter ProvisionerNodesCreated => field ??= Count("nodes_created", "Nodes of Provisioners that Karpenter has made, by why.", Reason);

    public Counter ProvisionerNodesTerminated => field ??= Count("nodes_terminated", "Nodes of Provisioners that Karpenter itself has begun to delete, by why.", Reason);

    public Summary ProvisionerNodeTermination => field ??= Quantile("nodes_termination_time_seconds", "How long a Provisioner's Node took from its deletion until it was gone.");

    public Summary ProvisionerPodStartup => field ??= Quantile("pods_startup_time_seconds", "From the creation of a pod until it was ready.");

    public Histogram ProvisionerSchedulingDuration => field ??= Time("allocation_controller_scheduling_duration_seconds", "How long a plan took to compute; none takes any time of the world.", Durations, "provisioner");

    public Histogram ReplacementInitialized => field ??= Time("deprovisioning_replacement_node_initialized_seconds", "How long a replacement took until it was initialized.", Durations);

    public Counter ActionsPerformed => field ??= Count("deprovisioning_actions_performed", "Decisions to deprovision nodes that were carried out.", "action", "deprovisioner");

    public Histogram DeprovisioningDuration => field ??= Time(
        "deprovisioning_evaluation_duration_seconds", "How long a way of deprovisioning was looked at; none takes any time of the world.", Durations, "method");

    public Counter ProvisionerMessagesReceived => field ??= Count("interruption_received_messages", "Messages read from the interruption queue.", "message_type", "actionable");

    public Counter ProvisionerMessagesDeleted => field ??= Count("interruption_deleted_messages", "Messages deleted from the interruption queue.");

    public Histogram ProvisionerMessageLatency => field ??= Time("interruption_message_latency_time_seconds", "How long a message was in the queue before it was acted on.", Durations);

    public Counter ProvisionerMessageActions => field ??= Count("interruption_actions_performed", "What was done about messages.", "action_type");

    /// <summary>Karpenter has begun to delete a NodeClaim; to be told before it does, so that its pods are still known.</summary>
    public void ClaimDisrupted(ApiObject claim, string reason)
    {
        var (pool, capacityType) = (LabelOf(claim, KarpenterLabels.NodePool), LabelOf(claim, KarpenterLabels.CapacityType));
        ClaimsDisrupted.Increment(reason, pool, capacityType);
        if (claim.Status["nodeName"]?.Text is { Length: > 0 } node)
        {
            PodDisruptions.Add(podsByNode.Of(node).Count(PodChecks.MovesWithItsNode), reason, pool, capacityType);
        }
    }

    /// <summary>A pass of disruption has been thought through.</summary>
    public void Decided(Generation generation, DisruptionDecision decision)
    {
        foreach (var method in decision.Tried)
        {
            if (generation == Generation.V1)
            {
                EvaluationDuration.Observe(0, MetricsObserver.ReasonOf(method), MetricsObserver.ConsolidationType(method));
            }
            else
            {
                DeprovisioningDuration.Observe(0, MetricsObserver.DeprovisionerOf(method));
            }
        }

        foreach (var move in generation == Generation.V1 ? decision.Moves : [])
        {
            var policy = move.Policy?.ToString() ?? "";
            ConsolidationMoves.Increment(Verdict(move.IsApproved), move.Pool.Name, policy);
            if (move.Score is { } score)
            {
                ConsolidationScore.Observe((double)score.Score, Verdict(score.IsApproved), move.Pool.Name, policy);
            }
        }

        static string Verdict(bool isApproved) => isApproved ? "approved" : "rejected";
    }

    /// <summary>One request to the cloud of a kind whose like are merged upstream; here none are.</summary>
    public void Asked(string batcher)
    {
        BatchSize.Observe(1, batcher);
        BatchTime.Observe(0, batcher);
    }

    /// <summary>A planned node was made.</summary>
    /// <param name="replaces">Why other nodes go for it; null when it is for pods that wait.</param>
    public void Made(Pool pool, string? replaces)
    {
        if (pool.Generation == Generation.V1Alpha5)
        {
            ProvisionerNodesCreated.Increment(replaces ?? "provisioning");
        }
        else
        {
            // Plans do not tell whether they lowered minValues; see docs/fidelity.md.
            ClaimsCreated.Increment(replaces ?? "provisioned", pool.Name, "false");
        }
    }

    internal static string LabelOf(ApiObject known, string key) => known.Metadata.Label(key) ?? "";

    private Counter Count(string name, string help, params string[] labels) => Registry.Add(new Counter("karpenter_" + name, help, [.. labels]));

    private Gauge Show(string name, string help, params string[] labels) => Registry.Add(new Gauge("karpenter_" + name, help, [.. labels]));

    private Histogram Time(string name, string help, ImmutableArray<double> bounds, params string[] labels) =>
        Registry.Add(new Histogram("karpenter_" + name, help, bounds, [.. labels]));

    private Summary Quantile(string name, string help, params string[] labels) => Registry.Add(new Summary("karpenter_" + name, help, Quantiles, [.. labels]));
}
