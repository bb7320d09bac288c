using Sparkwright.Kubernetes.Objects;
using Sparkwright.World.Controllers;

namespace Sparkwright.Tests.Controllers;

public sealed class DaemonSetTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Each_node_gets_one_pod_and_so_does_a_later_one(bool withRules)
    {
        var cluster = new TestCluster(withRules);
        cluster.AddNode("node-1");
        cluster.AddNode("node-2");
        cluster.Apply(Agent());
        cluster.Run(3);
        Assert.Equal(["node-1", "node-2"], NodesOf(cluster));
        cluster.AddNode("node-3");
        cluster.Run(3);
        Assert.Equal(["node-1", "node-2", "node-3"], NodesOf(cluster));
        var status = cluster.Get(CoreTypes.DaemonSet, "agent").Status;
        Assert.Equal(
            [3, 3, 3, 3, 3, 0],
            new[] { "desiredNumberScheduled", "currentNumberScheduled", "numberReady", "numberAvailable", "updatedNumberScheduled", "numberMisscheduled" }
                .Select(name => status[name]?.Integer));
        Assert.All(cluster.Pods, pod => Assert.Matches("^agent-[a-z0-9]{5}$", pod.Name));
    }

    [Theory]
    //          taints of the node                                            tolerations                    gets a pod
    [InlineData("[]", "[]", true)]
    [InlineData("[{key: a, effect: NoSchedule}]", "[]", false)]
    [InlineData("[{key: a, effect: PreferNoSchedule}]", "[]", true)]
    [InlineData("[{key: a, effect: NoSchedule}]", "[{key: a, operator: Exists}]", true)]
    [InlineData("[{key: node.kubernetes.io/unschedulable, effect: NoSchedule}]", "[]", true)]
    [InlineData("[{key: node.kubernetes.io/disk-pressure, effect: NoSchedule}]", "[]", true)]
    [InlineData("[{key: node.kubernetes.io/not-ready, effect: NoExecute}]", "[]", true)]
    [InlineData("[{key: node.kubernetes.io/not-ready, effect: NoSchedule}]", "[]", false)]
    [InlineData("[{key: node.kubernetes.io/not-ready, effect: NoSchedule}]", "[{operator: Exists}]", true)]
    [InlineData("[{key: node.kubernetes.io/network-unavailable, effect: NoSchedule}]", "[]", false)]
    public void Taints_decide_where_pods_go(string taints, string tolerations, bool runs)
    {
        var node = (TreeMap)YamlReader.Read($"{{taints: {taints}}}").Documents[0].Root;
        var set = (TreeMap)YamlReader.Read($"{{template: {{spec: {{tolerations: {tolerations}}}}}}}").Documents[0].Root;
        var (seen, _) = DaemonPods.Of(new ApiObject(CoreTypes.DaemonSet, new ObjectMeta(), TreeMap.Of(("spec", set))))
            .On(new ApiObject(CoreTypes.Node, new ObjectMeta { Name = "n" }, TreeMap.Of(("spec", node))));
        Assert.Equal(runs, seen);
    }

    [Fact]
    public void A_node_that_is_not_ready_gets_the_pods_that_tolerate_it()
    {
        var cluster = new TestCluster();
        cluster.AddNode("node-1", ready: "False");
        cluster.Apply(Agent());
        cluster.Apply(Agent("everywhere", "tolerations: [{operator: Exists}]"));
        cluster.Run(3);
        Assert.Equal(["everywhere"], cluster.Pods.Select(pod => pod.Metadata.Controller?.Name));
        cluster.Api.ModifyStatus(CoreTypes.Node, new ObjectKey("", "node-1"), status => Conditions.Set(status, "Ready", true, null, null, cluster.Loop.Clock.Now));
        cluster.Run(3);
        Assert.Equal(["agent", "everywhere"], cluster.Pods.Select(pod => pod.Metadata.Controller!.Name).Order());
    }

    [Fact]
    public void Pods_leave_nodes_that_no_longer_match()
    {
        var cluster = new TestCluster();
        cluster.AddNode("node-1");
        cluster.AddNode("node-2");
        cluster.Apply(Agent(more: "nodeSelector: {kubernetes.io/hostname: node-2}"));
        cluster.Run(3);
        Assert.Equal(["node-2"], NodesOf(cluster));
        cluster.Api.Modify(CoreTypes.Node, new ObjectKey("", "node-2"), node => node.WithLabel("kubernetes.io/hostname", "other"));
        cluster.Run(3);
        Assert.Empty(NodesOf(cluster));
    }

    [Fact]
    public void A_rolling_update_takes_one_node_after_the_other()
    {
        var cluster = new TestCluster();
        cluster.AddNode("node-1");
        cluster.AddNode("node-2");
        cluster.AddNode("node-3");
        cluster.Apply(Agent());
        cluster.Run(5);
        var least = int.MaxValue;
        cluster.Store.WatchAll(_ => least = Math.Min(least, cluster.ActivePods.Count(PodState.IsReady)));
        cluster.Apply(Agent(image: "two"));
        cluster.Run(60);
        Assert.Equal(2, least);
        Assert.Equal(3, cluster.Get(CoreTypes.DaemonSet, "agent").Status["updatedNumberScheduled"]?.Integer);
        Assert.All(cluster.Pods, pod => Assert.Equal("two", pod.Spec["containers"]!.Items[0]["image"]!.Text));
        Assert.Equal(["node-1", "node-2", "node-3"], NodesOf(cluster));
    }

    [Fact]
    public void A_pod_that_keeps_failing_is_replaced_less_and_less_often()
    {
        var cluster = new TestCluster();
        cluster.Kubelet.FateOf = _ => Fate.Fails;
        cluster.AddNode("node-1");
        cluster.Apply(Agent());
        cluster.Run(100);
        Assert.InRange(cluster.EventsOf("DaemonSet", "agent").Count(text => text.StartsWith("FailedDaemonPod", StringComparison.Ordinal)), 5, 9);
    }

    private static IEnumerable<string> NodesOf(TestCluster cluster) => cluster.ActivePods.Select(PodState.NodeName).Order(StringComparer.Ordinal);

    private static string Agent(string name = "agent", string more = "hostNetwork: false", string image = "one") => $$$"""
        apiVersion: apps/v1
        kind: DaemonSet
        metadata: {name: {{{name}}} }
        spec:
          selector: {matchLabels: {app: {{{name}}} }}
          template:
            metadata: {labels: {app: {{{name}}} }}
            spec:
              {{{more}}}
              containers: [{name: c, image: {{{image}}} }]
        """;
}
