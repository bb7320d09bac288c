using Sparkwright.Kubernetes.Objects;
using Sparkwright.Simulation.Metrics;
using Sparkwright.World;
using Sparkwright.World.YuniKorn.Rest;

namespace Sparkwright.Tests.YuniKorn;

public sealed class RestTests
{
    private const string Manifests = """
        apiVersion: v1
        kind: Node
        metadata: {name: n1}
        status: {allocatable: {cpu: 4, memory: 16Gi, pods: 110}, capacity: {cpu: 4, memory: 16Gi, pods: 110}}
        ---
        apiVersion: v1
        kind: Pod
        metadata: {name: p1, labels: {applicationId: app}}
        spec: {containers: [{name: main, image: busybox, resources: {requests: {cpu: 1, memory: 1Gi}}}]}
        ---
        apiVersion: v1
        kind: Pod
        metadata: {name: p2, labels: {applicationId: app}}
        spec: {containers: [{name: main, image: busybox, resources: {requests: {cpu: 9}}}]}
        """;

    private static readonly string[] Expected =
    [
        """{"applicationID":"app","applicationState":"Running","hasReserved":false,"partition":"default","pendingResource":{"pods":1,"vcore":9000},"queueName":"root.default","startTime":1767225602000000000,"submissionTime":1767225600000000000,"usedResource":{"memory":1073741824,"pods":1,"vcore":1000},"user":"kubernetes-admin"}""",
        """{"allocatedResource":{"memory":1073741824,"pods":1,"vcore":1000},"headroom":{"memory":16106127360,"pods":109,"vcore":3000},"isLeaf":true,"isManaged":false,"isPreemptionFence":false,"isPriorityFence":false,"parent":"root","partition":"default","pendingResource":{"pods":1,"vcore":9000},"preemptionDelay":"30s","preemptionEnabled":true,"prioritySorting":true,"queuename":"root.default","quotaPreemptionDelay":"0s","runningApps":1,"sortingPolicy":"fifo","status":"Active"}""",
        """{"allocated":{"memory":1073741824,"pods":1,"vcore":1000},"available":{"memory":16106127360,"pods":109,"vcore":3000},"capacity":{"memory":17179869184,"pods":110,"vcore":4000},"hostName":"n1","isReserved":false,"nodeID":"n1","occupied":{},"rackName":"/rack-default","schedulable":true,"utilized":{"memory":6,"pods":0,"vcore":25}}""",
    ];

    [Fact]
    public void Applications_queues_and_nodes_have_upstreams_shapes()
    {
        var scheduler = Running().YuniKorn!;
        var application = (TreeMap)YuniKornState.Applications(scheduler).Span[0];
        var node = (TreeMap)YuniKornState.Nodes(scheduler).Span[0];
        Assert.Equal(Expected[0], Without(application, "allocations", "groups", "maxUsedResource", "requests", "stateLog"));
        Assert.Equal(Expected[1], YuniKornState.Queues(scheduler).Span[1].ToString());
        Assert.Equal(Expected[2], Without(node, "allocations", "attributes"));
        Assert.Equal("n1", application["allocations"]!.Items[0]["nodeId"]!.Text);
        Assert.True(application["allocations"]!.Items[0]["originator"]!.Boolean);
        Assert.True(application["requests"]!.Items[0]["schedulingAttempted"]!.Boolean);
    }

    [Fact]
    public void A_dump_has_everything_and_metrics_have_upstreams_names()
    {
        var scheduler = Running().YuniKorn!;
        var dump = YuniKornState.Dump(scheduler, WorldSettings.Epoch);
        Assert.Equal("root.default", dump["queues"]!.Items[0]["children"]!.Items[0]["queuename"]!.Text);
        Assert.Equal(1, dump["partitions"]!.Items[0]["applications"]!["running"]!.Integer);
        var metrics = PrometheusText.Print(YuniKornMetrics.Read(scheduler));
        Assert.Contains("yunikorn_scheduler_application_total{state=\"running\"} 1\n", metrics, StringComparison.Ordinal);
        Assert.Contains("yunikorn_queue_resource{queue=\"root.default\",resource=\"vcore\",state=\"pending\"} 9000\n", metrics, StringComparison.Ordinal);
    }

    [Fact]
    public void Event_records_tell_each_change_of_state()
    {
        var records = EventRecords.Of(Running().YuniKorn!);
        Assert.Equal(
            """[{"eventChangeDetail":204,"eventChangeType":1,"objectID":"app","timestampNano":1767225602000000000,"type":2},{"eventChangeDetail":206,"eventChangeType":1,"objectID":"app","timestampNano":1767225602000000000,"type":2}]""",
            records.ToString());
    }

    [Fact]
    public void A_restarted_engine_shows_the_same()
    {
        var world = Running();
        var before = YuniKornState.Dump(world.YuniKorn!, world.Clock.Now);
        world.RebuildFromJournal();
        world.Loop.RunUntil(world.Clock.Now);
        Assert.Equal(before.ToString(), YuniKornState.Dump(world.YuniKorn!, world.Clock.Now).ToString());
    }

    private static string Without(TreeMap map, params string[] keys) => keys.Aggregate(map, (left, key) => left.With(key, null)).ToString();

    private static global::Sparkwright.World.World Running()
    {
        var world = WorldBuilder.Build(new WorldSettings { Components = ["yunikorn"] });
        foreach (var document in YamlReader.Read(Manifests).Documents)
        {
            Assert.True(world.Apply(document.Root).IsAccepted);
        }

        world.Loop.RunUntil(world.Clock.Now + TimeSpan.FromSeconds(5));
        Assert.Empty(WorldInvariants.Broken(world));
        return world;
    }
}
