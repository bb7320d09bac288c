using Sparkwright.Kubernetes.Objects;
using Sparkwright.Simulation.Metrics;
using Sparkwright.World;
using Sparkwright.World.Aws;
using Sparkwright.World.Ec2;
using Sparkwright.World.Karpenter;
using Sparkwright.World.Karpenter.Apis;
using Sparkwright.World.Karpenter.Disruption;
using Sparkwright.World.Karpenter.Metrics;
using Sparkwright.World.Scenarios;
using Platform = Sparkwright.World.World;

namespace Sparkwright.Tests.Karpenter.Metrics;

/// <summary>What Karpenter's metrics show of small worlds.</summary>
public sealed class KarpenterMetricsTests
{
    private const string Pool = """
        apiVersion: karpenter.sh/v1
        kind: NodePool
        metadata: {name: default}
        spec:
          limits: {cpu: 10}
          disruption: {consolidationPolicy: WhenEmptyOrUnderutilized, consolidateAfter: 30s, budgets: [{nodes: '100%'}]}
          template:
            spec:
              nodeClassRef: {group: karpenter.k8s.aws, kind: EC2NodeClass, name: default}
              expireAfter: Never
              requirements:
              - {key: node.kubernetes.io/instance-type, operator: In, values: [c5.large]}
              - {key: topology.kubernetes.io/zone, operator: In, values: [us-west-2a]}
              - {key: karpenter.sh/capacity-type, operator: In, values: [on-demand]}
        """;

    [Fact]
    public void A_launch_shows_in_claims_nodes_pods_and_pools()
    {
        var world = WithPool();
        world.Apply(Pod("p"));
        Run(world, 300);
        Assert.Equal(
            [
                "karpenter_nodeclaims_created_total{min_values_relaxed=\"false\",nodepool=\"default\",reason=\"provisioned\"} 1",
                "karpenter_nodes_created_total{nodepool=\"default\",zone=\"us-west-2a\"} 1",
                "karpenter_nodepools_cost_total{nodepool=\"default\"} 0.085",
                "karpenter_nodepools_limit{nodepool=\"default\",resource_type=\"cpu\"} 10",
                "karpenter_nodepools_usage{nodepool=\"default\",resource_type=\"cpu\"} 2",
                "karpenter_nodepools_usage{nodepool=\"default\",resource_type=\"nodes\"} 1",
                "karpenter_pods_bound_duration_seconds_count 1",
                "karpenter_pods_startup_duration_seconds_count 1",
                "karpenter_cloudprovider_duration_seconds_count{controller=\"nodeclaim.lifecycle\",method=\"Create\",provider=\"aws\"} 1",
                "karpenter_scheduler_unschedulable_pods_count{controller=\"provisioner\"} 0",
                "karpenter_cluster_state_node_count 1",
            ],
            Lines(
                world,
                "karpenter_nodeclaims_created_total", "karpenter_nodes_created_total", "karpenter_nodepools_cost_total", "karpenter_nodepools_limit",
                "karpenter_nodepools_usage{nodepool=\"default\",resource_type=\"cpu\"}", "karpenter_nodepools_usage{nodepool=\"default\",resource_type=\"nodes\"}",
                "karpenter_pods_bound_duration_seconds_count", "karpenter_pods_startup_duration_seconds_count",
                "karpenter_cloudprovider_duration_seconds_count{controller=\"nodeclaim.lifecycle\",method=\"Create\"", "karpenter_scheduler_unschedulable_pods_count",
                "karpenter_cluster_state_node_count"));
        var node = Assert.Single(world.Store.List(CoreTypes.Node)).Name;
        var allocatable = Assert.Single(Family(world, "karpenter_nodes_allocatable").Samples, sample => sample.Labels["resource_type"] == "cpu");
        Assert.Equal(
            ("default", "us-west-2a", "c5.large", "on-demand", "2", node, "true", "1.93"),
            (allocatable.Labels["nodepool"], allocatable.Labels["zone"], allocatable.Labels["instance_type"], allocatable.Labels["capacity_type"],
                allocatable.Labels["instance_cpu"], allocatable.Labels["node_name"], allocatable.Labels["managed"], Value(allocatable)));
        var state = Assert.Single(Family(world, "karpenter_pods_state").Samples);
        Assert.Equal(
            ("p", "default", node, "Running", "true", "true", "default"),
            (state.Labels["name"], state.Labels["namespace"], state.Labels["node"], state.Labels["phase"], state.Labels["ready"], state.Labels["scheduled"], state.Labels["nodepool"]));
    }

    [Fact]
    public void An_empty_node_is_decided_on_disrupted_and_terminated()
    {
        var world = WithPool();
        world.Apply(Pod("p"));
        Run(world, 300);
        world.Api.Delete(CoreTypes.Pod, new ObjectKey("default", "p"));
        for (var waited = 0; waited < 120 && !Conditions.IsTrue(world.Store.List(KarpenterTypes.NodeClaim)[0].Status, "Consolidatable"); waited++)
        {
            Run(world, 1);
        }

        Assert.Equal(
            ["karpenter_voluntary_disruption_eligible_nodes{reason=\"drifted\"} 0", "karpenter_voluntary_disruption_eligible_nodes{reason=\"empty\"} 1"],
            Lines(world, "karpenter_voluntary_disruption_eligible_nodes{reason=\"drifted\"}", "karpenter_voluntary_disruption_eligible_nodes{reason=\"empty\"}"));
        Assert.Equal(["karpenter_nodepools_allowed_disruptions{nodepool=\"default\",reason=\"Empty\"} 1"], Lines(world, "karpenter_nodepools_allowed_disruptions{nodepool=\"default\",reason=\"Empty\"}"));
        Run(world, 300);
        Assert.Empty(world.Store.List(CoreTypes.Node));
        Assert.Equal(
            [
                "karpenter_voluntary_disruption_decisions_total{consolidation_type=\"empty\",decision=\"delete\",reason=\"empty\"} 1",
                "karpenter_voluntary_disruption_decisions_by_nodepool_total{consolidation_type=\"empty\",decision=\"delete\",nodepool=\"default\",reason=\"empty\"} 1",
                "karpenter_nodeclaims_disrupted_total{capacity_type=\"on-demand\",nodepool=\"default\",reason=\"empty\"} 1",
                "karpenter_nodeclaims_terminated_total{capacity_type=\"on-demand\",nodepool=\"default\",zone=\"us-west-2a\"} 1",
                "karpenter_nodes_terminated_total{nodepool=\"default\",zone=\"us-west-2a\"} 1",
                "karpenter_nodes_drained_total{nodepool=\"default\"} 1",
                "karpenter_nodeclaims_termination_duration_seconds_count{nodepool=\"default\"} 1",
                "karpenter_nodeclaims_instance_termination_duration_seconds_count{nodepool=\"default\"} 1",
                "karpenter_nodes_termination_duration_seconds_count{nodepool=\"default\"} 1",
                "karpenter_nodes_lifetime_duration_seconds_bucket{nodepool=\"default\",le=\"900\"} 1",
            ],
            Lines(
                world,
                "karpenter_voluntary_disruption_decisions_total", "karpenter_voluntary_disruption_decisions_by_nodepool_total", "karpenter_nodeclaims_disrupted_total",
                "karpenter_nodeclaims_terminated_total", "karpenter_nodes_terminated_total", "karpenter_nodes_drained_total",
                "karpenter_nodeclaims_termination_duration_seconds_count", "karpenter_nodeclaims_instance_termination_duration_seconds_count",
                "karpenter_nodes_termination_duration_seconds_count", "karpenter_nodes_lifetime_duration_seconds_bucket{nodepool=\"default\",le=\"900\"}"));
        var seconds = Assert.IsType<MetricValue.Buckets>(Family(world, "karpenter_nodeclaims_termination_duration_seconds").Samples[0].Value).Sum;
        Assert.InRange(seconds, 5, 200);
    }

    [Fact]
    public void The_last_plan_shows_in_the_scheduler_and_its_calls_in_the_batcher()
    {
        var world = WithPool();
        world.Apply(Pod("here", more: ", nodeSelector: {topology.kubernetes.io/zone: us-west-2a}"));
        world.Apply(Pod("anywhere"));
        world.Apply(Pod("big", "64"));
        Run(world, 5);
        var id = Assert.Single(Family(world, "karpenter_scheduler_queue_depth").Samples).Labels["scheduling_id"];
        Assert.Equal(36, id.Length);
        Assert.Equal(
            [
                $"karpenter_scheduler_queue_depth{{controller=\"provisioner\",scheduling_id=\"{id}\"}} 1",
                $"karpenter_scheduler_unfinished_work_seconds{{controller=\"provisioner\",scheduling_id=\"{id}\"}} 0",
                "karpenter_scheduler_pending_pods_by_effective_zone_count{controller=\"provisioner\",zone=\"flexible\"} 2",
                "karpenter_scheduler_pending_pods_by_effective_zone_count{controller=\"provisioner\",zone=\"us-west-2a\"} 1",
                "karpenter_cloudprovider_batcher_batch_size_bucket{batcher=\"create_fleet\",le=\"1\"} 2",
                "karpenter_cloudprovider_batcher_batch_size_count{batcher=\"create_fleet\"} 2",
                "karpenter_cloudprovider_batcher_batch_time_seconds_sum{batcher=\"create_fleet\"} 0",
            ],
            Lines(
                world,
                "karpenter_scheduler_queue_depth", "karpenter_scheduler_unfinished_work_seconds", "karpenter_scheduler_pending_pods_by_effective_zone_count",
                "karpenter_cloudprovider_batcher_batch_size_bucket{batcher=\"create_fleet\",le=\"1\"}", "karpenter_cloudprovider_batcher_batch_size_count",
                "karpenter_cloudprovider_batcher_batch_time_seconds_sum"));
    }

    [Fact]
    public void What_disruption_tries_and_what_pools_make_of_it_is_counted()
    {
        var metrics = new KarpenterMetrics(WithPool().Api);
        var pool = new PoolKey(Generation.V1, "default");
        var decision = new DisruptionDecision([], [], [], null)
        {
            Tried = [DisruptionMethod.Emptiness, DisruptionMethod.SingleNode],
            Moves =
            [
                new WeighedMove(pool, ConsolidationPolicy.WhenEmptyOrUnderutilized, true, null),
                new WeighedMove(pool, ConsolidationPolicy.Balanced, false, new BalancedScore(pool, 0.1m, 0.9m, new PoolTotals(1, 1))),
            ],
        };
        metrics.Decided(Generation.V1, decision);
        metrics.Decided(Generation.V1Alpha5, decision);
        var lines = PrometheusText.Print(metrics.Registry.Read()).Split('\n')
            .Where(line => !line.StartsWith('#') && line.Length > 0 && !line.Contains("_bucket", StringComparison.Ordinal)).Order(StringComparer.Ordinal);
        Assert.Equal(
            [
                "karpenter_consolidation_moves_total{decision=\"approved\",nodepool=\"default\",policy=\"WhenEmptyOrUnderutilized\"} 1",
                "karpenter_consolidation_moves_total{decision=\"rejected\",nodepool=\"default\",policy=\"Balanced\"} 1",
                "karpenter_consolidation_score_count{decision=\"rejected\",nodepool=\"default\",policy=\"Balanced\"} 1",
                "karpenter_consolidation_score_sum{decision=\"rejected\",nodepool=\"default\",policy=\"Balanced\"} 0.1111111111111111",
                "karpenter_deprovisioning_evaluation_duration_seconds_count{method=\"consolidation\"} 2",
                "karpenter_deprovisioning_evaluation_duration_seconds_sum{method=\"consolidation\"} 0",
                "karpenter_voluntary_disruption_decision_evaluation_duration_seconds_count{consolidation_type=\"empty\",reason=\"empty\"} 1",
                "karpenter_voluntary_disruption_decision_evaluation_duration_seconds_count{consolidation_type=\"single\",reason=\"underutilized\"} 1",
                "karpenter_voluntary_disruption_decision_evaluation_duration_seconds_sum{consolidation_type=\"empty\",reason=\"empty\"} 0",
                "karpenter_voluntary_disruption_decision_evaluation_duration_seconds_sum{consolidation_type=\"single\",reason=\"underutilized\"} 0",
            ],
            lines);
    }

    [Fact]
    public void A_repaired_node_is_counted_by_what_it_suffered_from()
    {
        var world = WithPool();
        Must(world.Apply(Yaml.Read("""
            apiVersion: v1
            kind: Namespace
            metadata: {name: karpenter}
            """)));
        Must(world.Apply(Yaml.Read("""
            apiVersion: v1
            kind: ConfigMap
            metadata: {name: karpenter-global-settings, namespace: karpenter}
            data: {featureGates.nodeRepair: "true"}
            """)));
        Must(world.Apply(Pod("p")));
        Run(world, 300);
        var node = Assert.Single(world.Store.List(CoreTypes.Node));
        var image = world.Store.List(KarpenterTypes.NodeClaim)[0].Status["imageID"]!.Text;
        world.Api.ModifyStatus(CoreTypes.Node, node.Key, status => Conditions.Set(status, "ContainerRuntimeReady", "False", "PodStuckTerminating", "", world.Clock.Now));
        Run(world, 1790);
        Assert.Empty(Lines(world, "karpenter_nodeclaims_unhealthy_disrupted_total"));
        Run(world, 20);
        Assert.Equal(
            [
                "karpenter_nodeclaims_disrupted_total{capacity_type=\"on-demand\",nodepool=\"default\",reason=\"unhealthy\"} 1",
                $"karpenter_nodeclaims_unhealthy_disrupted_total{{capacity_type=\"on-demand\",condition=\"container_runtime_ready\",image_id=\"{image}\",nodepool=\"default\"}} 1",
            ],
            Lines(world, "karpenter_nodeclaims_disrupted_total", "karpenter_nodeclaims_unhealthy_disrupted_total"));
    }

    [Fact]
    public void A_pod_that_fits_nowhere_is_counted_as_waiting()
    {
        var world = WithPool();
        world.Apply(Pod("big", "64"));
        Run(world, 60);
        Assert.Equal(
            [
                "karpenter_scheduler_unschedulable_pods_count{controller=\"provisioner\"} 1",
                "karpenter_pods_unbound_time_seconds{name=\"big\",namespace=\"default\"} 60",
                "karpenter_pods_scheduling_decision_duration_seconds_count 1",
            ],
            Lines(world, "karpenter_scheduler_unschedulable_pods_count", "karpenter_pods_unbound_time_seconds", "karpenter_pods_scheduling_decision_duration_seconds_count"));
        Assert.Empty(Lines(world, "karpenter_pods_provisioning_unbound_time_seconds"));
    }

    [Fact]
    public void Offerings_that_had_no_capacity_are_not_available_and_their_errors_are_counted()
    {
        var world = WithPool();
        Must(world.Apply(Pod("p")));
        CapacityLimits.Set(world.Api, new CapacityPattern(null, null, null), 0);
        Run(world, 4);
        const string Offering = "{capacity_type=\"on-demand\",instance_type=\"c5.large\",zone=\"us-west-2a\"}";
        Assert.Equal(
            [
                $"karpenter_cloudprovider_instance_type_offering_available{Offering} 0",
                $"karpenter_cloudprovider_instance_type_offering_price_estimate{Offering} 0.085",
                "karpenter_cloudprovider_instance_type_cpu_cores{instance_type=\"c5.large\"} 2",
                "karpenter_cloudprovider_instance_type_memory_bytes{instance_type=\"c5.large\"} 4.294967296e+09",
                "karpenter_cloudprovider_errors_total{controller=\"nodeclaim.lifecycle\",error=\"InsufficientCapacityError\",method=\"Create\",provider=\"aws\"} 1",
                "karpenter_cloudprovider_instance_launch_failures_total{capacity_type=\"on-demand\",reason=\"InsufficientInstanceCapacity\",zone=\"us-west-2a\",zone_id=\"usw2-az1\"} 1",
                "karpenter_nodeclaims_disrupted_total{capacity_type=\"\",nodepool=\"default\",reason=\"insufficient_capacity\"} 1",
            ],
            Lines(
                world,
                $"karpenter_cloudprovider_instance_type_offering_available{Offering}", $"karpenter_cloudprovider_instance_type_offering_price_estimate{Offering}",
                "karpenter_cloudprovider_instance_type_cpu_cores{instance_type=\"c5.large\"}", "karpenter_cloudprovider_instance_type_memory_bytes{instance_type=\"c5.large\"}",
                "karpenter_cloudprovider_errors_total", "karpenter_cloudprovider_instance_launch_failures_total", "karpenter_nodeclaims_disrupted_total"));
    }

    [Fact]
    public void An_interruption_is_counted_from_the_message_to_the_drain()
    {
        var world = WithPool();
        world.Apply(Pod("p"));
        Run(world, 300);
        new Interruptions(world.Api, new MessageQueues(world.Api), new AwsPlace("us-west-2", "111122223333"), "sparkwright").Interrupt(
            Interruptions.SpotWarning, Instance.Of(Assert.Single(world.Store.List(Ec2Types.Instance))));
        Run(world, 60);
        Assert.Equal(
            [
                "karpenter_interruption_received_messages_total{message_type=\"spot_interrupted\"} 1",
                "karpenter_interruption_message_queue_duration_seconds_count 1",
                "karpenter_nodeclaims_disrupted_total{capacity_type=\"on-demand\",nodepool=\"default\",reason=\"spot_interrupted\"} 1",
                "karpenter_pods_disruption_initiated_total{capacity_type=\"on-demand\",nodepool=\"default\",reason=\"spot_interrupted\"} 1",
                "karpenter_pods_drained_total{reason=\"Forceful Termination\"} 1",
            ],
            Lines(
                world,
                "karpenter_interruption_received_messages_total{message_type=\"spot_interrupted\"}", "karpenter_interruption_message_queue_duration_seconds_count",
                "karpenter_nodeclaims_disrupted_total", "karpenter_pods_disruption_initiated_total", "karpenter_pods_drained_total"));
    }

    [Fact]
    public void Provisioners_are_counted_under_the_names_of_their_time()
    {
        var world = WorldBuilder.Build(new WorldSettings());
        Must(world.Apply(Yaml.Read("""
            apiVersion: karpenter.k8s.aws/v1alpha1
            kind: AWSNodeTemplate
            metadata: {name: default}
            spec: {subnetSelector: {karpenter.sh/discovery: sparkwright}, securityGroupSelector: {karpenter.sh/discovery: sparkwright}}
            """)));
        Must(world.Apply(Yaml.Read("""
            apiVersion: karpenter.sh/v1alpha5
            kind: Provisioner
            metadata: {name: default}
            spec:
              providerRef: {name: default}
              limits: {resources: {cpu: 8}}
              ttlSecondsAfterEmpty: 30
              requirements: [{key: node.kubernetes.io/instance-type, operator: In, values: [c5.large]}]
            """)));
        world.Apply(Pod("p"));
        Run(world, 300);
        Assert.Equal(
            [
                "karpenter_nodes_created{reason=\"provisioning\"} 1",
                "karpenter_provisioner_limit{provisioner=\"default\",resource_type=\"cpu\"} 8",
                "karpenter_provisioner_usage{provisioner=\"default\",resource_type=\"cpu\"} 2",
                "karpenter_provisioner_usage_pct{provisioner=\"default\",resource_type=\"cpu\"} 25",
                "karpenter_pods_startup_time_seconds_count 1",
            ],
            Lines(
                world,
                "karpenter_nodes_created", "karpenter_provisioner_limit", "karpenter_provisioner_usage{provisioner=\"default\",resource_type=\"cpu\"}",
                "karpenter_provisioner_usage_pct", "karpenter_pods_startup_time_seconds_count"));
        var labels = Family(world, "karpenter_nodes_allocatable").Samples[0].Labels;
        Assert.Equal("arch capacity_type instance_type node_name phase provisioner resource_type zone", string.Join(' ', labels.Labels.Select(label => label.Key)));
        world.Api.Delete(CoreTypes.Pod, new ObjectKey("default", "p"));
        Run(world, 300);
        Assert.Equal(
            ["karpenter_nodes_terminated{reason=\"emptiness\"} 1", "karpenter_deprovisioning_actions_performed{action=\"delete\",deprovisioner=\"emptiness\"} 1", "karpenter_nodes_termination_time_seconds_count 1"],
            Lines(world, "karpenter_nodes_terminated", "karpenter_deprovisioning_actions_performed", "karpenter_nodes_termination_time_seconds_count"));
        Assert.DoesNotContain(world.Metrics("karpenter"), family => family.Name.StartsWith("karpenter_node", StringComparison.Ordinal) && family.Name.Contains("claims", StringComparison.Ordinal));
    }

    [Fact]
    public void A_restart_begins_counters_anew_and_keeps_gauges()
    {
        var world = WithPool();
        world.Apply(Pod("p"));
        Run(world, 300);
        var before = Lines(world, "karpenter_nodepools_", "karpenter_nodes_allocatable", "karpenter_pods_state");
        Assert.NotEmpty(before);
        world.RebuildFromJournal();
        Assert.Equal(before, Lines(world, "karpenter_nodepools_", "karpenter_nodes_allocatable", "karpenter_pods_state"));
        Assert.Empty(Lines(world, "karpenter_nodeclaims_created_total", "karpenter_nodes_created_total"));
    }

    [Fact]
    public void Reading_changes_nothing()
    {
        var world = WithPool();
        world.Apply(Pod("p"));
        Run(world, 300);
        var version = world.Store.ResourceVersion;
        Assert.Equal(PrometheusText.Print(world.Metrics("karpenter")), PrometheusText.Print(world.Metrics("karpenter")));
        Assert.Equal(version, world.Store.ResourceVersion);
        Assert.Empty(world.Metrics("yunikorn"));
    }

    private static Platform WithPool()
    {
        var world = WorldBuilder.Build(new WorldSettings());
        Must(world.Apply(Yaml.Read("""
            apiVersion: karpenter.k8s.aws/v1
            kind: EC2NodeClass
            metadata: {name: default}
            spec:
              role: KarpenterNodeRole-sparkwright
              amiSelectorTerms: [{alias: al2023@latest}]
              subnetSelectorTerms: [{tags: {karpenter.sh/discovery: sparkwright}}]
              securityGroupSelectorTerms: [{tags: {karpenter.sh/discovery: sparkwright}}]
            """)));
        Must(world.Apply(Yaml.Read(Pool)));
        return world;
    }

    private static void Run(Platform world, int seconds) => world.Loop.RunUntil(world.Clock.Now + TimeSpan.FromSeconds(seconds));

    private static void Must(AppliedDocument applied) => Assert.True(applied.IsAccepted, applied.Message);

    private static MetricFamily Family(Platform world, string name) => Assert.Single(world.Metrics("karpenter"), family => family.Name == name);

    private static string Value(MetricSample sample) => PrometheusText.Number(Assert.IsType<MetricValue.Number>(sample.Value).Amount);

    /// <summary>The lines that begin with each text, in the order of the texts; a text that is a whole name finds that metric only.</summary>
    private static IEnumerable<string> Lines(Platform world, params string[] beginnings)
    {
        var lines = PrometheusText.Print(world.Metrics("karpenter")).Split('\n');
        return beginnings.SelectMany(beginning => lines.Where(line => line.StartsWith(beginning, StringComparison.Ordinal)
            && (beginning.EndsWith('_') || beginning.Contains('{', StringComparison.Ordinal) || line[beginning.Length] is '{' or ' ')));
    }

    /// <param name="more">More of its spec, after a comma.</param>
    private static Tree Pod(string name, string cpu = "1", string more = "") => Yaml.Read(
        $"{{apiVersion: v1, kind: Pod, metadata: {{name: {name}, namespace: default}}, spec: {{containers: [{{name: c, image: busybox, resources: {{requests: {{cpu: '{cpu}'}}}}}}]{more}}}}}");
}
