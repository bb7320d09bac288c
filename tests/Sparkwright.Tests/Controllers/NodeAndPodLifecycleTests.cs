using Sparkwright.Kubernetes.Objects;
using Sparkwright.World.Controllers;

namespace Sparkwright.Tests.Controllers;

public sealed class NodeAndPodLifecycleTests
{
    [Theory]
    //          Ready      cordoned taints
    [InlineData("True", false, "")]
    [InlineData("True", true, "unschedulable:NoSchedule")]
    [InlineData("False", false, "not-ready:NoSchedule not-ready:NoExecute")]
    [InlineData("Unknown", true, "unreachable:NoSchedule unreachable:NoExecute unschedulable:NoSchedule")]
    [InlineData(null, false, "not-ready:NoSchedule")]
    public void The_state_of_a_node_shows_in_its_taints(string? ready, bool cordoned, string taints)
    {
        var status = ready is null ? TreeMap.Empty : Conditions.Set(TreeMap.Empty, "Ready", ready, null, null, default);
        var node = new ApiObject(CoreTypes.Node, new ObjectMeta { Name = "n" }, TreeMap.Of(("spec", TreeMap.Of(("unschedulable", cordoned))), ("status", status)));
        Assert.Equal(taints, string.Join(' ', NodeTaints.WantedBy(node).Select(taint => $"{taint.Key.Split('/')[1]}:{taint.Effect}")));
    }

    [Fact]
    public void Other_taints_stay_and_those_of_conditions_come_and_go()
    {
        var cluster = new TestCluster();
        cluster.AddNode("node-1", ready: "Unknown", taints: "[{key: mine, effect: NoSchedule}]");
        cluster.Run(1);
        Assert.Equal(["mine", NodeTaints.Unreachable, NodeTaints.Unreachable], TaintsOf(cluster));
        SetReady(cluster, "True");
        cluster.Run(1);
        Assert.Equal(["mine"], TaintsOf(cluster));
    }

    [Fact]
    public void A_pod_leaves_a_lost_node_after_the_seconds_that_it_tolerates()
    {
        var cluster = new TestCluster();
        cluster.AddNode("node-1");
        cluster.Run(1);
        cluster.Apply(Pod("patient", "[{key: node.kubernetes.io/unreachable, operator: Exists, effect: NoExecute, tolerationSeconds: 300}]"));
        cluster.Apply(Pod("stoic", "[{operator: Exists}]"));
        cluster.Apply(Pod("frail", "[]"));
        cluster.Run(3);
        SetReady(cluster, "Unknown");
        cluster.Run(2);
        Assert.Equal(["patient", "stoic"], cluster.Pods.Select(pod => pod.Name));
        Assert.All(cluster.Pods, pod => Assert.False(PodState.IsReady(pod)));

        // The seconds go on in a rebuilt world.
        cluster.Run(150);
        cluster = cluster.Rebuilt();
        cluster.Run(146);
        Assert.Equal(["patient", "stoic"], cluster.Pods.Select(pod => pod.Name));
        cluster.Run(4);
        Assert.Equal(["stoic"], cluster.Pods.Select(pod => pod.Name));
    }

    [Fact]
    public void Pods_of_a_node_that_is_gone_are_deleted_after_40_seconds()
    {
        var cluster = new TestCluster();
        cluster.AddNode("node-1");
        cluster.Run(1);
        cluster.Apply(Pod("lonely", "[]"));
        cluster.Run(3);
        cluster.Delete(CoreTypes.Node, "node-1");
        cluster.Run(39);
        Assert.Single(cluster.Pods);
        cluster.Run(1);
        Assert.Empty(cluster.Pods);
    }

    [Fact]
    public void Events_go_an_hour_after_they_were_last_seen()
    {
        var cluster = new TestCluster();
        cluster.Run(1);
        var recorder = new Sparkwright.Kubernetes.Requests.EventRecorder(cluster.Api, "test");
        var about = cluster.Get(CoreTypes.Namespace, "default");
        recorder.Normal(about, "Seen", "something");
        cluster.Run(1800);
        recorder.Normal(about, "Seen", "something");
        cluster.Run(3599);
        Assert.Equal(2, Assert.Single(cluster.Store.List(CoreTypes.Event)).Body["count"]?.Integer);
        cluster.Run(2);
        Assert.Empty(cluster.Store.List(CoreTypes.Event));
    }

    private static IEnumerable<string?> TaintsOf(TestCluster cluster) =>
        Tree.ItemsOf(cluster.Get(CoreTypes.Node, "node-1").Spec["taints"]).ToArray().Select(taint => taint["key"]?.Text);

    private static void SetReady(TestCluster cluster, string ready) => cluster.Api.ModifyStatus(
        CoreTypes.Node,
        new ObjectKey("", "node-1"),
        status => Conditions.Set(status, "Ready", ready, null, null, cluster.Loop.Clock.Now));

    private static string Pod(string name, string tolerations) =>
        $"{{apiVersion: v1, kind: Pod, metadata: {{name: {name}}}, spec: {{containers: [], tolerations: {tolerations}}}}}";
}
