using Sparkwright.Kubernetes.Fitting;
using Sparkwright.World.Scheduling;

namespace Sparkwright.Tests.World.Scheduling;

public sealed class FiltersTests
{
    [Theory]
    [InlineData("{}", "{}", "fits")]
    [InlineData("""{"unschedulable":true}""", "{}", "node(s) were unschedulable")]
    [InlineData("""{"unschedulable":true}""", """{"tolerations":[{"key":"node.kubernetes.io/unschedulable","operator":"Exists"}]}""", "fits")]
    [InlineData("{}", """{"nodeName":"other"}""", "node(s) didn't match the requested node name")]
    [InlineData("""{"taints":[{"key":"team","value":"a","effect":"NoSchedule"}]}""", "{}", "node(s) had untolerated taint {team: a}")]
    [InlineData("""{"taints":[{"key":"gone","effect":"NoExecute"}]}""", "{}", "node(s) had untolerated taint {gone: }")]
    [InlineData("""{"taints":[{"key":"team","value":"a","effect":"PreferNoSchedule"}]}""", "{}", "fits")]
    [InlineData("""{"taints":[{"key":"team","value":"a","effect":"NoSchedule"}]}""", """{"tolerations":[{"key":"team","value":"a"}]}""", "fits")]
    [InlineData("""{"taints":[{"key":"team","value":"a","effect":"NoSchedule"}]}""", """{"tolerations":[{"key":"team","value":"b"}]}""", "node(s) had untolerated taint {team: a}")]
    [InlineData("{}", """{"nodeSelector":{"zone":"a"}}""", "fits")]
    [InlineData("{}", """{"nodeSelector":{"zone":"b"}}""", "node(s) didn't match Pod's node affinity/selector")]
    [InlineData("{}", """{"affinity":{"nodeAffinity":{"requiredDuringSchedulingIgnoredDuringExecution":{"nodeSelectorTerms":[{"matchExpressions":[{"key":"zone","operator":"NotIn","values":["a"]}]}]}}}}""", "node(s) didn't match Pod's node affinity/selector")]
    [InlineData("{}", """{"containers":[{"name":"c","ports":[{"containerPort":80,"hostPort":80}]}]}""", "node(s) didn't have free ports for the requested pod ports")]
    [InlineData("{}", """{"containers":[{"name":"c","ports":[{"containerPort":80,"hostPort":80,"protocol":"UDP"}]}]}""", "fits")]
    [InlineData("""{"unschedulable":true,"taints":[{"key":"team","effect":"NoSchedule"}]}""", """{"nodeSelector":{"zone":"b"}}""", "node(s) were unschedulable")]
    public void The_first_filter_that_refuses_is_the_one_heard(string node, string pod, string said)
    {
        var state = new NodeState(NodeView.Of(SmallCluster.MakeNode("n", spec: node, labels: """{"zone":"a"}""")));
        state.Add(SmallCluster.MakePod("there", spec: """{"containers":[{"name":"c","ports":[{"containerPort":80,"hostPort":80}]}]}"""));
        Assert.Equal(said, Filters.Check(PodSpecView.Of(SmallCluster.MakePod("p", spec: pod)), state)?.ToString() ?? "fits");
    }

    [Theory]
    //          requests                              said                                    may preemption help
    [InlineData("""{"cpu":"3","memory":"7Gi"}""", "fits", true)]
    [InlineData("""{"cpu":"3001m","memory":"7Gi"}""", "Insufficient cpu", true)]
    [InlineData("""{"cpu":"4001m"}""", "Insufficient cpu", false)]
    [InlineData("""{"cpu":"3500m","memory":"7500Mi"}""", "Insufficient cpu, Insufficient memory", true)]
    [InlineData("""{"nvidia.com/gpu":"1"}""", "Insufficient nvidia.com/gpu", false)]
    [InlineData("""{"ephemeral-storage":"1Gi"}""", "Insufficient ephemeral-storage", false)]
    public void Every_scarce_resource_is_named(string requests, string said, bool mayHelp)
    {
        var state = new NodeState(NodeView.Of(SmallCluster.MakeNode("n")));
        state.Add(SmallCluster.MakePod("there"));
        var refusal = Filters.Check(PodSpecView.Of(SmallCluster.MakePod("p", requests)), state);
        Assert.Equal(said, refusal?.ToString() ?? "fits");
        Assert.Equal(mayHelp, refusal?.PreemptionMayHelp ?? true);
    }

    [Fact]
    public void A_node_without_a_place_says_too_many_pods()
    {
        var state = new NodeState(NodeView.Of(SmallCluster.MakeNode("n", """{"cpu":"4","memory":"8Gi","pods":"1"}""")));
        var made = SmallCluster.MakePod("p");
        var pod = PodSpecView.Of(made);
        Assert.Null(Filters.Check(pod, state));
        state.Add(made);
        Assert.Equal("Too many pods", Filters.Check(pod, state)?.ToString());
        state.Remove(made);
        Assert.Null(Filters.Check(pod, state));
    }

    [Fact]
    public void Reasons_are_counted_and_sorted_as_text()
    {
        Refusal[] refusals =
        [
            Filters.Unschedulable,
            new(["Insufficient cpu", "Insufficient memory"], true, FilterName.NodeResourcesFit),
            .. Enumerable.Repeat(Refusal.Final("node(s) had untolerated taint {x: true}"), 10),
            Refusal.ForNow("Insufficient cpu", FilterName.NodeResourcesFit),
        ];
        Assert.Equal(
            "0/13 nodes are available: 1 Insufficient memory, 1 node(s) were unschedulable, 10 node(s) had untolerated taint {x: true}, 2 Insufficient cpu.",
            UnschedulableMessage.OfNodes(13, refusals));
        Assert.Equal(
            "preemption: 0/13 nodes are available: 11 Preemption is not helpful for scheduling, 2 No preemption victims found for incoming pod.",
            UnschedulableMessage.OfPreemption(13, [UnschedulableMessage.NoVictims, UnschedulableMessage.NoVictims]));
        Assert.Equal("no nodes available to schedule pods", UnschedulableMessage.OfNodes(0, []));
    }
}
