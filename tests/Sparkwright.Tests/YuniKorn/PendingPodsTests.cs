using Sparkwright.Kubernetes.Objects;
using Sparkwright.World;
using Sparkwright.World.Emr;
using Sparkwright.World.YuniKorn;

namespace Sparkwright.Tests.YuniKorn;

/// <summary>Why a pod has no node: each rule of YuniKorn that may hold it, with both sides.</summary>
public sealed class PendingPodsTests
{
    private readonly global::Sparkwright.World.World world = WorldBuilder.Build(new WorldSettings { Components = ["scheduler", "yunikorn"] });

    [Theory]
    //          queue's max  user's limit  applications  nodes  cpu   what p2 is told
    [InlineData("1500m", "", 0, 4, 1, "queue: root.q may have map[memory:1073741824 vcore:1500] and has map[memory:1048576 pods:1 vcore:1000]; it asks for map[memory:1048576 pods:1 vcore:1000]")]
    [InlineData("9000m", "1500m", 0, 4, 1, "user: the limits of root.q and above leave map[vcore:500] to user kubernetes-admin; it asks for map[memory:1048576 pods:1 vcore:1000]")]
    [InlineData("9000m", "", 1, 4, 1, "applications: root.q may run 1 applications and has 1")]
    [InlineData("9000m", "", 0, 1, 1, "nodes: 0/1 nodes take it: 1 Insufficient cpu")]
    [InlineData("9000m", "", 0, 0, 1, "nodes: there are no nodes")]
    [InlineData("1500m", "", 1, 1, 1, "applications: root.q may run 1 applications and has 1 | queue: root.q may have map[memory:1073741824 vcore:1500] and has map[memory:1048576 pods:1 vcore:1000]; it asks for map[memory:1048576 pods:1 vcore:1000] | nodes: 0/1 nodes take it: 1 Insufficient cpu")]
    public void A_pod_that_waits_is_told_every_rule_that_holds_it(string max, string limit, int applications, int nodeCpu, int cpu, string reasons)
    {
        var limits = limit.Length == 0 ? "" : $", limits: [{{limit: one, users: [kubernetes-admin], maxresources: {{vcore: {limit}}}}}]";
        Configure($"{{name: q, maxapplications: {applications}, resources: {{max: {{vcore: {max}, memory: 1Gi}}}}{limits}}}");
        if (nodeCpu > 0)
        {
            Node("n1", nodeCpu);
        }

        Pod("p1", "a", cpu);
        After(5);
        Pod("p2", "b", cpu);
        After(10);

        Assert.Equal(reasons, Say("p2"));
        Assert.Equal("root.q", Pending("p2").Queue);
    }

    [Fact]
    public void The_driver_of_a_gang_is_told_which_places_are_missing()
    {
        Configure("{name: q}");
        Node("n1", 2);
        Apply("""
            {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "driver", "labels": {"applicationId": "gang", "queue": "root.q"}, "annotations": {"yunikorn.apache.org/task-group-name": "d", "yunikorn.apache.org/task-groups": "[{\"name\": \"d\", \"minMember\": 1, \"minResource\": {\"cpu\": \"1\"}}, {\"name\": \"e\", \"minMember\": 3, \"minResource\": {\"cpu\": \"1\"}}]"}}, "spec": {"containers": [{"name": "main", "image": "app", "resources": {"requests": {"cpu": "1"}}}]}}
            """);
        Assert.Equal("application: its application is put before the queues at the next beat of the scheduler", Say("driver", 0.5));
        Assert.Equal("gang: its gang starts when all places are held: 1 of 1 of d, 1 of 3 of e; their time is over in 892 s", Say("driver", 10));
    }

    [Fact]
    public void A_node_that_is_kept_free_for_another_is_a_reason()
    {
        Configure("{name: q}");
        Node("n1", 4);
        Node("n2", 4, isCordoned: true);
        Pod("p1", "a", 2);
        After(5);
        Pod("big", "b", 3);
        After(10);
        Pod("small", "c", 1);
        After(15);
        Assert.Equal("nodes: 0/2 nodes take it: 1 node(s) were unschedulable | reservation: n1 is kept free for default/big", Say("small"));
        Assert.Equal("nodes: 0/2 nodes take it: 1 Insufficient cpu, 1 node(s) were unschedulable; n1 is kept free for it", Say("big"));
    }

    [Fact]
    public void The_sentence_for_EMR_names_the_queue_that_is_full()
    {
        Configure("{name: q, resources: {max: {vcore: 1}}}");
        Node("n1", 4);
        Pod("p1", "a", 1);
        Pod("p2", "b", 1);
        After(5);
        var pod = world.Store.Get(CoreTypes.Pod, "default", "p2")!;
        Assert.StartsWith(
            $"Pod default/p2 is Pending: Informational: Request '{pod.Metadata.Uid}' does not fit in queue 'root.q' (requested map[memory:1048576 pods:1 vcore:1000], available map[",
            WaitingFor.Explain(pod, world.Store));
    }

    private PendingPod Pending(string name) => Assert.Single(world.YuniKorn!.Pending(), pod => pod.Name == name);

    private string Say(string name) => string.Join(" | ", Pending(name).Reasons.Select(reason => $"{reason.Rule}: {reason.Why}"));

    private string Say(string name, double after)
    {
        After(after);
        return Say(name);
    }

    private void After(double seconds) => world.Loop.RunUntil(world.Clock.Start.AddSeconds(seconds));

    private void Configure(string queue) => Apply($$"""
        apiVersion: v1
        kind: ConfigMap
        metadata: {name: yunikorn-configs, namespace: yunikorn}
        data:
          queues.yaml: |
            partitions: [{name: default, queues: [{name: root, submitacl: "*", queues: [{{queue.Trim()}}]}]}]
        """);

    private void Node(string name, int cpu, bool isCordoned = false) => Apply(
        $"{{apiVersion: v1, kind: Node, metadata: {{name: {name}}}, spec: {{unschedulable: {(isCordoned ? "true" : "false")}}}, status: {{allocatable: {{cpu: {cpu}, memory: 64Gi, pods: 110}}, capacity: {{cpu: {cpu}, memory: 64Gi, pods: 110}}}}}}");

    private void Pod(string name, string application, int cpu) => Apply(
        $"{{apiVersion: v1, kind: Pod, metadata: {{name: {name}, labels: {{applicationId: {application}, queue: root.q}}}}, spec: {{containers: [{{name: main, image: app, resources: {{requests: {{cpu: {cpu}, memory: 1Mi}}}}}}]}}}}");

    private void Apply(string manifest)
    {
        foreach (var document in YamlReader.Read(manifest).Documents)
        {
            var applied = world.Apply(document.Root);
            Assert.True(applied.IsAccepted, applied.Message);
        }
    }
}
