using Sparkwright.Kubernetes.Objects;
using Sparkwright.Simulation.Metrics;
using Sparkwright.World;
using Sparkwright.World.YuniKorn.Rest;

namespace Sparkwright.Tests.YuniKorn;

/// <summary>A short pod, a pod that is too large and one that is refused: what the scheduler's metrics show of them.</summary>
public sealed class YuniKornMetricsTests
{
    private const string Manifests = """
        apiVersion: v1
        kind: ConfigMap
        metadata: {name: yunikorn-configs, namespace: yunikorn}
        data:
          queues.yaml: |
            partitions:
            - name: default
              queues:
              - name: root
                submitacl: "*"
                queues:
                - {name: a, maxapplications: 3, resources: {guaranteed: {vcore: 2}, max: {vcore: 8}}}
        ---
        apiVersion: v1
        kind: Node
        metadata: {name: n1}
        status: {allocatable: {cpu: 4, memory: 16Gi, pods: 110}, capacity: {cpu: 4, memory: 16Gi, pods: 110}}
        ---
        apiVersion: v1
        kind: Pod
        metadata: {name: short, labels: {applicationId: short, queue: root.a}, annotations: {sparkwright.dev/run-for: 10s}}
        spec: {restartPolicy: Never, containers: [{name: main, image: busybox, resources: {requests: {cpu: 1}}}]}
        ---
        apiVersion: v1
        kind: Pod
        metadata: {name: lasting, labels: {applicationId: lasting, queue: root.a}}
        spec: {containers: [{name: main, image: busybox, resources: {requests: {cpu: 1}}}]}
        ---
        apiVersion: v1
        kind: Pod
        metadata: {name: large, labels: {applicationId: lasting, queue: root.a}}
        spec: {containers: [{name: main, image: busybox, resources: {requests: {cpu: 5}}}]}
        ---
        apiVersion: v1
        kind: Pod
        metadata: {name: refused, labels: {applicationId: refused, queue: root.none}}
        spec: {containers: [{name: main, image: busybox, resources: {requests: {cpu: 1}}}]}
        """;

    private static readonly string Shown = PrometheusText.Print(YuniKornMetrics.Read(Platform().YuniKorn!));

    [Theory]
    [InlineData("scheduler_container_allocation_attempt_total{state=\"allocated\"} 2")]
    [InlineData("scheduler_container_allocation_attempt_total{state=\"released\"} 1")]
    [InlineData("scheduler_application_submission_total{result=\"new\"} 2")]
    [InlineData("scheduler_application_submission_total{result=\"accepted\"} 2")]
    [InlineData("scheduler_application_submission_total{result=\"rejected\"} 1")]
    [InlineData("scheduler_application_total{state=\"completed\"} 1")]
    [InlineData("scheduler_application_total{state=\"completing\"} 0")]
    [InlineData("scheduler_application_total{state=\"running\"} 1")]
    [InlineData("scheduler_node{state=\"active\"} 1")]
    [InlineData("scheduler_node{state=\"draining\"} 0")]
    [InlineData("scheduler_vcore_node_usage_total{range=\"(20%,30%]\"} 1")]
    [InlineData("scheduler_vcore_node_usage_total{range=\"[0,10%]\"} 0")]
    [InlineData("queue_app{queue=\"root.a\",state=\"accepted\"} 0")]
    [InlineData("queue_app{queue=\"root.a\",state=\"completed\"} 1")]
    [InlineData("queue_app{queue=\"root.a\",state=\"running\"} 1")]
    [InlineData("queue_container{queue=\"root.a\",state=\"allocated\"} 2")]
    [InlineData("queue_container{queue=\"root.a\",state=\"released\"} 1")]
    [InlineData("queue_resource{queue=\"root.a\",resource=\"apps\",state=\"maxRunningApps\"} 3")]
    [InlineData("queue_resource{queue=\"root.a\",resource=\"vcore\",state=\"guaranteed\"} 2000")]
    [InlineData("queue_resource{queue=\"root.a\",resource=\"vcore\",state=\"max\"} 8000")]
    [InlineData("queue_resource{queue=\"root.a\",resource=\"vcore\",state=\"preempting\"} 0")]
    [InlineData("queue_resource{queue=\"root\",resource=\"vcore\",state=\"pending\"} 5000")]
    [InlineData("event_total_not_channeled 0")]
    [InlineData("event_total_stored 1")]
    [InlineData("scheduler_scheduling_latency_milliseconds_sum 0")]
    [InlineData("scheduler_trypreemption_latency_milliseconds_sum 0")]
    [InlineData("scheduler_trynode_latency_milliseconds_bucket{le=\"0.0001\"} 2")]
    [InlineData("scheduler_trynode_latency_milliseconds_bucket{le=\"1000\"} 2")]
    [InlineData("scheduler_trynode_latency_milliseconds_bucket{le=\"+Inf\"} 2")]
    public void Metrics_have_upstreams_names_and_labels(string line) => Assert.Contains($"yunikorn_{line}\n", Shown, StringComparison.Ordinal);

    [Fact]
    public void A_restart_of_the_engine_begins_counters_anew_and_keeps_what_is()
    {
        var world = Platform();
        world.RebuildFromJournal();
        var shown = PrometheusText.Print(YuniKornMetrics.Read(world.YuniKorn!));
        Assert.DoesNotContain("allocation_attempt_total", shown, StringComparison.Ordinal);
        Assert.DoesNotContain("submission_total", shown, StringComparison.Ordinal);
        Assert.Contains("yunikorn_scheduler_application_total{state=\"running\"} 1\n", shown, StringComparison.Ordinal);
        Assert.Contains("yunikorn_queue_app{queue=\"root.a\",state=\"completed\"} 1\n", shown, StringComparison.Ordinal);
    }

    private static global::Sparkwright.World.World Platform()
    {
        var world = WorldBuilder.Build(new WorldSettings { Components = ["yunikorn"] });
        foreach (var document in YamlReader.Read(Manifests).Documents)
        {
            Assert.True(world.Apply(document.Root).IsAccepted);
        }

        world.Loop.RunUntil(world.Clock.Now + TimeSpan.FromMinutes(2));
        return world;
    }
}
