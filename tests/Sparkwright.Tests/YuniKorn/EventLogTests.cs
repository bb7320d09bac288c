using System.Globalization;
using Sparkwright.Kubernetes.Objects;
using Sparkwright.Simulation;
using Sparkwright.World;
using Sparkwright.World.YuniKorn;
using Sparkwright.World.YuniKorn.Cycle;
using Sparkwright.World.YuniKorn.Rest;

namespace Sparkwright.Tests.YuniKorn;

/// <summary>What the scheduler records of what happens: kind, change and detail by their numbers, object, reference, message.</summary>
public sealed class EventLogTests
{
    private const string Node = """
        {apiVersion: v1, kind: Node, metadata: {name: n1}, status: {allocatable: {cpu: 4, memory: 16Gi, pods: 110}, capacity: {cpu: 4, memory: 16Gi, pods: 110}}}
        """;

    [Fact]
    public void The_life_of_a_pod_is_told_from_end_to_end()
    {
        var world = Start();
        Apply(world, Node, Pod("p1", "app", "1", ", sparkwright.dev/run-for: 10s"));
        Run(world, 60);
        Assert.Equal(
            """
            4 2 0 root
            3 1 302 n1 "schedulable: true"
            4 1 403 root
            3 2 0 n1 "Node added to the scheduler"
            2 2 203 app
            4 2 401 root.default
            4 2 405 root.default app
            2 1 204 app
            2 2 201 app p1
            3 2 303 n1 p1
            2 1 206 app
            5 2 603 kubernetes-admin root.default
            2 2 200 app p1
            5 3 603 kubernetes-admin root.default
            2 1 207 app
            2 3 500 app p1
            3 3 303 n1 p1
            2 1 208 app
            2 3 0 app
            4 3 405 root.default app
            4 3 401 root.default
            """,
            Told(world, 0));
    }

    [Fact]
    public void A_member_larger_than_its_place_is_told_on_the_placeholder()
    {
        var world = Start();
        Apply(world, Node, Pod("driver", "gang", "2", """
            , yunikorn.apache.org/task-group-name: g, yunikorn.apache.org/task-groups: '[{"name": "g", "minMember": 1, "minResource": {"cpu": "1"}}]'
            """.Trim()));
        Run(world, 10);
        var told = Told(world, 0).Split('\n');
        Assert.Contains(told, line => line.StartsWith("1 0 0 tg-", StringComparison.Ordinal)
            && line.Contains(" gang \"Task group 'g' in application 'gang': allocation resources 'map[pods:1 vcore:2000]' are not matching placeholder", StringComparison.Ordinal));
        Assert.Contains(told, line => line.StartsWith("2 3 502 gang tg-", StringComparison.Ordinal));
    }

    [Fact]
    public void What_holds_an_ask_is_told()
    {
        var world = Start();
        Apply(
            world,
            Configuration("{name: a, resources: {max: {vcore: 2}}, limits: [{limit: all, users: [kubernetes-admin], maxresources: {vcore: 1}}]}, {name: b, maxapplications: 1}"),
            Node,
            Pod("one", "one", "1", "", "root.a"),
            Pod("two", "two", "1", "", "root.a"),
            Pod("three", "three", "9", "", "root.b"),
            Pod("four", "four", "1", "", "root.b"));
        Run(world, 5);
        var told = Told(world, 0).Split('\n');
        Assert.Contains("5 1 600 kubernetes-admin root.a", told);
        Assert.Contains("4 2 0 root.a", told);
        Assert.Contains("1 0 0 two two \"Request 'two' exceeds the available user quota (requested map[pods:1 vcore:1000], available map[vcore:0])\"", told);
        Assert.DoesNotContain("2 0 213 four", told);
        Apply(world, Pod("five", "five", "1", "", "root.b"));
        Run(world, 5);
        told = Told(world, 0).Split('\n');
        Assert.Contains("2 0 213 five", told);
        world.Api.Delete(CoreTypes.Pod, new ObjectKey("default", "four"));
        Run(world, 60);
        Assert.Contains("2 0 214 five", Told(world, 0).Split('\n'));
    }

    [Fact]
    public void Queues_and_limits_that_change_are_told()
    {
        var world = Start();
        Apply(world, Configuration("{name: a, resources: {guaranteed: {vcore: 1}}, limits: [{limit: all, groups: [dev], maxapplications: 1}]}, {name: b}"));
        Run(world, 1);
        var before = world.YuniKorn!.Events.Created;
        Apply(world, Configuration("{name: a, resources: {guaranteed: {vcore: 2}, max: {vcore: 3}}}, {name: c}"));
        Run(world, 20);
        Assert.Equal(
            """
            4 1 403 root.a
            4 1 404 root.a
            4 2 0 root.c
            5 3 601 dev root.a
            4 3 0 root.b
            """,
            Told(world, before));
    }

    [Fact]
    public void Nodes_that_change_are_told()
    {
        var world = Start();
        Apply(world, Node);
        Run(world, 1);
        var before = world.YuniKorn!.Events.Created;
        Apply(world, "{apiVersion: v1, kind: Pod, metadata: {name: other, namespace: kube-system}, spec: {nodeName: n1, containers: [{name: main, image: app, resources: {requests: {cpu: 1}}}]}}");
        Apply(world, Node.Replace("name: n1}", "name: n1}, spec: {unschedulable: true}", StringComparison.Ordinal));
        Run(world, 1);
        world.Api.Delete(CoreTypes.Node, new ObjectKey("", "n1"));
        Run(world, 1);
        Assert.Equal(
            """
            3 1 305 n1
            3 1 302 n1 "schedulable: false"
            4 1 403 root
            3 3 300 n1 "Node removed from the scheduler"
            """,
            Told(world, before));
    }

    [Fact]
    public void Records_keep_their_ids_when_the_oldest_are_gone()
    {
        var log = new EventLog(new Clock(WorldSettings.Epoch), capacity: 3);
        for (var number = 0; number < 5; number++)
        {
            log.Add(new EventEntry(default, EventKind.Node, EventChange.Set, EventDetail.NodeReservation, number.ToString(CultureInfo.InvariantCulture), "", "", Amounts.None));
        }

        Assert.Equal((2, 5), (log.LowestId, log.Created));
        Assert.Equal("2 3 4", Ids(log, 2, 10));
        Assert.Equal("3", Ids(log, 3, 1));
        Assert.Equal("", Ids(log, 1, 10));
        Assert.Equal("", Ids(log, 5, 10));
    }

    [Fact]
    public void A_restart_begins_the_records_anew_under_another_name()
    {
        var world = Start();
        Apply(world, Node, Pod("p1", "app", "1", ""));
        Run(world, 10);
        var before = EventRecords.Batch(world.YuniKorn!, 0, 100);
        world.RebuildFromJournal();
        var after = EventRecords.Batch(world.YuniKorn!, 0, 100);
        Assert.NotEqual(before["InstanceUUID"]!.Text, after["InstanceUUID"]!.Text);
        Assert.Equal("n1", after["EventRecords"]!.Items[0]["objectID"]!.Text);
        Assert.DoesNotContain("\"app\"", after.ToString(), StringComparison.Ordinal);
    }

    private static string Ids(EventLog log, long from, long count) => string.Join(' ', log.From(from, count).Select(entry => entry.ObjectId));

    private static global::Sparkwright.World.World Start() => WorldBuilder.Build(new WorldSettings { Components = ["yunikorn"] });

    private static void Run(global::Sparkwright.World.World world, int seconds) => world.Loop.RunUntil(world.Clock.Now + TimeSpan.FromSeconds(seconds));

    private static void Apply(global::Sparkwright.World.World world, params string[] manifests)
    {
        foreach (var manifest in manifests)
        {
            var applied = world.Apply(YamlReader.Read(manifest).Documents[0].Root);
            Assert.True(applied.IsAccepted, applied.Message);
        }
    }

    private static string Pod(string name, string application, string cpu, string annotations, string queue = "root.default") =>
        $"{{apiVersion: v1, kind: Pod, metadata: {{name: {name}, labels: {{applicationId: {application}, queue: {queue}}}, annotations: {{a: b{annotations}}}}}, "
        + $"spec: {{restartPolicy: Never, containers: [{{name: main, image: app, resources: {{requests: {{cpu: {cpu}}}}}}}]}}}}";

    private static string Configuration(string queues) => $$"""
        apiVersion: v1
        kind: ConfigMap
        metadata: {name: yunikorn-configs, namespace: yunikorn}
        data:
          queues.yaml: |
            partitions:
            - name: default
              queues:
              - {name: root, submitacl: "*", queues: [{{queues}}]}
        """;

    /// <summary>The records from an id on, a line each; pods by their names.</summary>
    private static string Told(global::Sparkwright.World.World world, long from)
    {
        var text = string.Join('\n', world.YuniKorn!.Events.From(from, long.MaxValue).Select(entry =>
            string.Join(' ', new[] { $"{(int)entry.Kind} {(int)entry.Change} {(int)entry.Detail} {entry.ObjectId}", entry.ReferenceId, entry.Message.Length == 0 ? "" : $"\"{entry.Message}\"" }.Where(part => part.Length > 0))));
        foreach (var known in world.YuniKorn.Applications.Concat(world.YuniKorn.Finished).SelectMany(application => application.Tasks.Values))
        {
            text = text.Replace(known.Uid, known.Key.Name, StringComparison.Ordinal);
        }

        return Names(world).Aggregate(text, (told, pod) => told.Replace(pod.Uid, pod.Name, StringComparison.Ordinal));
    }

    /// <summary>Names of all pods that there ever were, from the events on them.</summary>
    private static IEnumerable<(string Uid, string Name)> Names(global::Sparkwright.World.World world) => world.Store.List(CoreTypes.Event)
        .Select(told => told.Body["involvedObject"]).OfType<TreeMap>()
        .Select(pod => (pod["uid"]?.Text ?? "", pod["name"]!.Text!)).Where(pod => pod.Item1.Length > 0).Distinct();
}
