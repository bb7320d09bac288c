using System.Globalization;
using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Requests;
using Sparkwright.World.Controllers;

namespace Sparkwright.Tests.Controllers;

public sealed class ReplicaSetTests
{
    private static readonly DateTime Now = new(2026, 1, 1, 0, 4, 0, DateTimeKind.Utc);

    private const string Web = """
        apiVersion: apps/v1
        kind: ReplicaSet
        metadata: {name: web}
        spec:
          replicas: 3
          selector: {matchLabels: {app: web}}
          template:
            metadata: {labels: {app: web}}
            spec: {containers: [{name: c, image: i}]}
        """;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Pods_are_made_counted_and_named_after_the_set(bool withRules)
    {
        var cluster = new TestCluster(withRules);
        cluster.AddNode("node-1");
        cluster.Apply(Web);
        cluster.Run(3);
        Assert.Equal(3, cluster.ActivePods.Count());
        Assert.All(cluster.Pods, pod => Assert.Matches("^web-[a-z0-9]{5}$", pod.Name));
        var status = cluster.Get(CoreTypes.ReplicaSet, "web").Status;
        Assert.Equal(
            [3, 3, 3, 3, 1],
            new[] { "replicas", "readyReplicas", "availableReplicas", "fullyLabeledReplicas", "observedGeneration" }.Select(name => status[name]?.Integer));
        Assert.Equal(3, cluster.EventsOf("ReplicaSet", "web").Count(text => text.StartsWith("SuccessfulCreate: Created pod: web-", StringComparison.Ordinal)));
    }

    [Fact]
    public void A_lost_pod_is_replaced_and_a_surplus_taken_away()
    {
        var cluster = new TestCluster();
        cluster.AddNode("node-1");
        cluster.Apply(Web);
        cluster.Run(3);
        var first = cluster.Pods.First().Name;
        cluster.Delete(CoreTypes.Pod, first);
        cluster.Run(0);
        Assert.Equal(3, cluster.ActivePods.Count());
        Assert.DoesNotContain(first, cluster.ActivePods.Select(pod => pod.Name));
        cluster.Scale(CoreTypes.ReplicaSet, "web", 1);
        cluster.Run(3);
        Assert.Single(cluster.Pods);
        Assert.Equal(2, cluster.EventsOf("ReplicaSet", "web").Count(text => text.StartsWith("SuccessfulDelete", StringComparison.Ordinal)));
    }

    [Fact]
    public void A_failed_pod_is_replaced_and_left_to_be_looked_at()
    {
        var cluster = new TestCluster();
        cluster.AddNode("node-1");
        cluster.Apply(Web);
        cluster.Run(2);
        var victim = cluster.Pods.First();
        cluster.Api.ModifyStatus(CoreTypes.Pod, victim.Key, status => status.With("phase", "Failed"));
        cluster.Run(0);
        Assert.Equal((4, 3), (cluster.Pods.Count(), cluster.ActivePods.Count()));
    }

    [Fact]
    public void A_matching_pod_of_nobody_is_adopted_and_one_that_no_longer_matches_let_go()
    {
        var cluster = new TestCluster();
        cluster.Run(1);
        cluster.Apply("{apiVersion: v1, kind: Pod, metadata: {name: stray, labels: {app: web}}, spec: {containers: []}}");
        cluster.Apply(Web);
        cluster.Run(2);
        Assert.Equal(3, cluster.Pods.Count());
        Assert.Equal("web", cluster.Get(CoreTypes.Pod, "stray").Metadata.Controller?.Name);

        cluster.Api.Modify(CoreTypes.Pod, new ObjectKey("default", "stray"), pod => pod.WithLabel("app", "other"));
        cluster.Run(2);
        Assert.Null(cluster.Get(CoreTypes.Pod, "stray").Metadata.Controller);
        Assert.Equal(4, cluster.Pods.Count());
    }

    [Fact]
    public void A_refused_pod_is_tried_again_less_and_less_often()
    {
        var cluster = new TestCluster();
        var tries = 0;
        cluster.Api.AddAdmission((candidate, _) =>
        {
            if (candidate.Type != CoreTypes.Pod)
            {
                return AdmissionVerdict.Accept(candidate);
            }

            tries++;
            return AdmissionVerdict.Refuse(ApiStatus.Forbidden(CoreTypes.Pod, candidate.Name, "exceeded quota"));
        });
        cluster.Apply(Web);
        cluster.Run(100);
        Assert.InRange(tries, 6, 9);
        Assert.Equal("ReplicaFailure/FailedCreate", TestCluster.ConditionsOf(cluster.Get(CoreTypes.ReplicaSet, "web")));
    }

    [Theory]
    //          pods: node/phase/ready/cost                      goes first
    [InlineData("a:n1/Running/1 b:-/Pending/0", "b a")]
    [InlineData("a:n1/Running/1 b:n1/Running/0 c:n1/Pending/0", "c b a")]
    [InlineData("a:n1/Running/1 b:n2/Running/1 c:n2/Running/1", "c b a")]
    [InlineData("a:n1/Running/1/5 b:n1/Running/1/-5", "b a")]
    public void The_least_missed_pods_go_first(string pods, string order)
    {
        var made = pods.Split(' ').Select((text, at) => Pod(text, at)).ToList();
        Assert.Equal(order, string.Join(' ', ReplicaScaling.LeastMissedFirst(made, made, Now).Select(pod => pod.Name)));
    }

    [Theory]
    //          pods: uid/ready seconds ago/restarts          goes first
    [InlineData("a:u1/100/0 b:u2/1000/0", "a b")] // 2^36 and 2^39 ns
    [InlineData("a:u2/100/0 b:u1/130/0", "b a")] // both 2^36 ns: the uid decides, restarts are not looked at
    [InlineData("a:u2/100/0 b:u1/130/0 c:u3/20/0", "c b a")]
    [InlineData("a:u1/100/1 b:u2/100/5", "b a")] // ready at one time
    [InlineData("a:u2/100/0 b:u1/100/0", "b a")]
    [InlineData("a:u2/0/0 b:u1/0/0 c:u0/1/0", "b a c")]
    public void Pods_about_equally_old_go_by_uid(string pods, string order)
    {
        var made = pods.Split(' ').Select(text =>
        {
            var parts = text[(text.IndexOf(':') + 1)..].Split('/');
            var since = Now.AddSeconds(-int.Parse(parts[1], CultureInfo.InvariantCulture));
            var status = Conditions.Set(TreeMap.Of(("phase", "Running")), "Ready", true, null, null, since)
                .With("containerStatuses", TreeList.Of(TreeMap.Of(("restartCount", int.Parse(parts[2], CultureInfo.InvariantCulture)))));
            return new ApiObject(
                CoreTypes.Pod,
                new ObjectMeta { Name = text[..text.IndexOf(':')], Namespace = "default", Uid = parts[0], CreationTimestamp = since },
                TreeMap.Of(("spec", TreeMap.Of(("nodeName", "n1"))), ("status", status)));
        }).ToList();
        Assert.Equal(order, string.Join(' ', ReplicaScaling.LeastMissedFirst(made, made, Now).Select(pod => pod.Name)));
    }

    [Fact]
    public void At_most_a_burst_of_pods_is_made_in_one_turn()
    {
        Assert.Equal((500, true), ReplicaScaling.Plan([], 501, [], Now) is var plan ? (plan.Create, plan.IsPartial) : default);
        var cluster = new TestCluster();
        cluster.Kubelet.FateOf = _ => Fate.StaysPending;
        cluster.Apply(Web);
        cluster.Scale(CoreTypes.ReplicaSet, "web", 1200);
        cluster.Run(0);
        Assert.Equal(1200, cluster.Pods.Count());
    }

    /// <summary>A later pod of the list is younger.</summary>
    private static ApiObject Pod(string text, int at)
    {
        var parts = text[(text.IndexOf(':') + 1)..].Split('/');
        var made = new DateTime(2026, 1, 1, 0, at, 0, DateTimeKind.Utc);
        var status = Conditions.Set(TreeMap.Of(("phase", parts[1])), "Ready", parts[2] == "1", null, null, made);
        var metadata = new ObjectMeta
        {
            Name = text[..text.IndexOf(':')],
            Namespace = "default",
            CreationTimestamp = made,
            Annotations = parts.Length > 3 ? TreeMap.Of(("controller.kubernetes.io/pod-deletion-cost", parts[3])) : TreeMap.Empty,
        };
        return new ApiObject(CoreTypes.Pod, metadata, TreeMap.Of(
            ("spec", parts[0] == "-" ? TreeMap.Empty : TreeMap.Of(("nodeName", parts[0]))),
            ("status", status)));
    }
}
