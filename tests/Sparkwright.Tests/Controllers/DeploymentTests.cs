using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Requests;
using Sparkwright.World.Controllers;

namespace Sparkwright.Tests.Controllers;

public sealed class DeploymentTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_new_deployment_comes_up_with_one_set(bool withRules)
    {
        var cluster = Cluster(withRules);
        cluster.Apply(Web("one"));
        cluster.Run(5);
        var set = Assert.Single(cluster.Store.List(CoreTypes.ReplicaSet));
        Assert.Matches("^web-[bcdfghjklmnpqrstvwxz2456789]{8,10}$", set.Name);
        Assert.Equal("1", set.Metadata.Annotation("deployment.kubernetes.io/revision"));
        Assert.Equal(set.Name, "web-" + set.Metadata.Label("pod-template-hash"));
        var web = cluster.Get(CoreTypes.Deployment, "web");
        Assert.Equal("1", web.Metadata.Annotation("deployment.kubernetes.io/revision"));
        Assert.Equal([4, 4, 4, 4, null], Counts(web));
        Assert.Equal("Available/MinimumReplicasAvailable Progressing/NewReplicaSetAvailable", TestCluster.ConditionsOf(web));
        Assert.Equal([$"ScalingReplicaSet: Scaled up replica set {set.Name} from 0 to 4"], cluster.EventsOf("Deployment", "web"));
    }

    [Fact]
    public void A_rolling_update_never_leaves_the_allowed_band_and_finishes()
    {
        var cluster = Cluster();
        cluster.Apply(Web("one"));
        cluster.Run(5);
        var (most, least) = (0, int.MaxValue);
        cluster.Store.WatchAll(_ =>
        {
            most = Math.Max(most, (int)cluster.Store.List(CoreTypes.ReplicaSet).Sum(ReplicaSets.Replicas));
            least = Math.Min(least, cluster.ActivePods.Count(PodState.IsReady));
        });
        cluster.Apply(Web("two"));
        cluster.Run(30);
        Assert.Equal((5, 3), (most, least));
        Assert.All(cluster.Pods, pod => Assert.Equal("two", pod.Spec.At("containers")!.Items[0]["image"]!.Text));
        Assert.Equal(["0", "4"], cluster.Store.List(CoreTypes.ReplicaSet).OrderBy(ReplicaSets.Revision).Select(set => set.Spec["replicas"]!.ToString()));
        var web = cluster.Get(CoreTypes.Deployment, "web");
        Assert.Equal("2", web.Metadata.Annotation("deployment.kubernetes.io/revision"));
        Assert.Equal([4, 4, 4, 4, null], Counts(web));
    }

    [Fact]
    public void Going_back_uses_the_old_set_again_with_a_new_revision()
    {
        var cluster = Cluster();
        cluster.Apply(Web("one"));
        cluster.Run(5);
        cluster.Apply(Web("two"));
        cluster.Run(30);
        cluster.Apply(Web("one"));
        cluster.Run(30);
        Assert.Equal(2, cluster.Store.Count(CoreTypes.ReplicaSet));
        var used = cluster.Store.List(CoreTypes.ReplicaSet).Single(set => ReplicaSets.Replicas(set) == 4);
        Assert.Equal(("3", "1"), (used.Metadata.Annotation("deployment.kubernetes.io/revision"), used.Metadata.Annotation("deployment.kubernetes.io/revision-history")));
    }

    [Fact]
    public void Recreate_never_runs_two_versions_side_by_side()
    {
        var cluster = Cluster();
        cluster.Apply(Web("one", "strategy: {type: Recreate}"));
        cluster.Run(5);
        var versions = 0;
        cluster.Store.WatchAll(_ => versions = Math.Max(versions, cluster.Pods.Select(pod => pod.Metadata.Label("pod-template-hash")).Distinct().Count()));
        cluster.Apply(Web("two", "strategy: {type: Recreate}"));
        cluster.Run(30);
        Assert.Equal(1, versions);
        Assert.Equal([4, 4, 4, 4, null], Counts(cluster.Get(CoreTypes.Deployment, "web")));
        Assert.All(cluster.Pods, pod => Assert.Equal("two", pod.Spec.At("containers")!.Items[0]["image"]!.Text));
    }

    [Fact]
    public void A_paused_deployment_scales_but_does_not_roll()
    {
        var cluster = Cluster();
        cluster.Apply(Web("one"));
        cluster.Run(5);
        cluster.Apply(Web("two", "paused: true"));
        cluster.Scale(CoreTypes.Deployment, "web", 6);
        cluster.Run(10);
        Assert.Equal(6, cluster.ActivePods.Count());
        Assert.Single(cluster.Store.List(CoreTypes.ReplicaSet));
        Assert.Equal("DeploymentPaused", Conditions.Find(cluster.Get(CoreTypes.Deployment, "web").Status, "Progressing")?["reason"]?.Text);
        cluster.Apply(Web("two"));
        cluster.Run(30);
        Assert.Equal([4, 4, 4, 4, null], Counts(cluster.Get(CoreTypes.Deployment, "web")));
        Assert.All(cluster.Pods, pod => Assert.Equal("two", pod.Spec.At("containers")!.Items[0]["image"]!.Text));
    }

    [Fact]
    public void A_roll_out_without_progress_is_declared_stuck_after_its_deadline()
    {
        var cluster = Cluster();
        cluster.Kubelet.FateOf = _ => Fate.StaysPending;
        cluster.Apply(Web("one", "progressDeadlineSeconds: 60"));
        cluster.Run(59);
        Assert.Equal("ReplicaSetUpdated", ProgressOf(cluster));
        cluster.Run(2);
        Assert.Equal("ProgressDeadlineExceeded", ProgressOf(cluster));
    }

    [Fact]
    public void Only_so_many_old_sets_are_kept()
    {
        var cluster = Cluster();
        foreach (var image in new[] { "one", "two", "three", "four" })
        {
            cluster.Apply(Web(image, "revisionHistoryLimit: 1"));
            cluster.Run(30);
        }

        Assert.Equal(["3", "4"], cluster.Store.List(CoreTypes.ReplicaSet).Select(set => set.Metadata.Annotation(ReplicaSets.RevisionAnnotation)).Order());
    }

    [Fact]
    public void A_template_that_admission_changes_on_the_way_is_not_made_again()
    {
        var cluster = Cluster();
        cluster.Api.AddAdmission((candidate, _) => AdmissionVerdict.Accept(
            candidate.Type == CoreTypes.ReplicaSet ? candidate.Set(["spec", "template", "spec", "priority"], 7) : candidate));
        cluster.Apply(Web("one"));
        cluster.Run(10);
        Assert.Single(cluster.Store.List(CoreTypes.ReplicaSet));
        Assert.Equal([4, 4, 4, 4, null], Counts(cluster.Get(CoreTypes.Deployment, "web")));
    }

    [Fact]
    public void A_name_that_is_taken_makes_a_new_hash()
    {
        var cluster = Cluster();
        cluster.Kubelet.FateOf = _ => Fate.StaysPending;
        cluster.Apply(Web("one"));
        cluster.Run(1);
        var name = cluster.Store.List(CoreTypes.ReplicaSet).Single().Name;

        var other = Cluster();
        other.Api.Create(new ApiObject(CoreTypes.ReplicaSet, new ObjectMeta { Name = name, Namespace = "default" }, TreeMap.Of(("spec", TreeMap.Of(("replicas", 0))))));
        other.Apply(Web("one"));
        other.Run(5);
        Assert.Equal(1, other.Get(CoreTypes.Deployment, "web").Status["collisionCount"]?.Integer);
        Assert.Equal([4, 4, 4, 4, null], Counts(other.Get(CoreTypes.Deployment, "web")));
    }

    [Fact]
    public void Deleting_a_deployment_takes_its_sets_and_pods()
    {
        var cluster = Cluster();
        cluster.Apply(Web("one"));
        cluster.Run(5);
        cluster.Delete(CoreTypes.Deployment, "web");
        cluster.Run(5);
        Assert.Empty(cluster.Store.List(CoreTypes.ReplicaSet));
        Assert.Empty(cluster.Pods);
    }

    [Fact]
    public void A_world_rebuilt_in_the_middle_of_a_roll_out_finishes_it()
    {
        var cluster = Cluster();
        cluster.Apply(Web("one"));
        cluster.Run(5);
        cluster.Apply(Web("two"));
        cluster.Run(1.5);
        Assert.Equal(2, cluster.Store.List(CoreTypes.ReplicaSet).Count(set => ReplicaSets.Replicas(set) > 0));
        var rebuilt = cluster.Rebuilt();
        rebuilt.Run(30);
        Assert.Equal([4, 4, 4, 4, null], Counts(rebuilt.Get(CoreTypes.Deployment, "web")));
        Assert.All(rebuilt.Pods, pod => Assert.Equal("two", pod.Spec.At("containers")!.Items[0]["image"]!.Text));
    }

    [Theory]
    //          replicas surge  unavailable   expected
    [InlineData(4, null, null, "1/1")]
    [InlineData(10, null, null, "3/2")]
    [InlineData(1, null, null, "1/0")]
    [InlineData(3, "\"0%\"", "\"10%\"", "0/1")]
    [InlineData(3, "2", "0", "2/0")]
    [InlineData(2, "0", "5", "0/2")]
    public void Percentages_round_up_for_the_surge_and_down_for_the_missing(long replicas, string? surge, string? unavailable, string expected)
    {
        var yaml = $"{{replicas: {replicas}, strategy: {{rollingUpdate: {{{(surge is null ? "" : $"maxSurge: {surge}, ")}{(unavailable is null ? "" : $"maxUnavailable: {unavailable}")}}}}}}}";
        var pace = RolloutPace.Of((TreeMap)YamlReader.Read(yaml).Documents[0].Root);
        Assert.Equal(expected, $"{pace.MaxSurge}/{pace.MaxUnavailable}");
    }

    [Theory]
    // 10 pods, surge 3, unavailable 2
    //          new (size/available), old           next sizes
    [InlineData("0/0", "10/10", "new=3")]
    [InlineData("3/0", "10/10", "old1=8")]
    [InlineData("3/0", "8/8", "new=5")]
    [InlineData("5/0", "8/8", "")]
    [InlineData("5/3", "8/8", "old1=5")]
    [InlineData("10/10", "2/2", "old1=0")]
    [InlineData("3/3", "10/2", "old1=5")]
    [InlineData("12/12", "0/0", "new=10")]
    public void Each_step_of_a_roll_out(string newSet, string oldSet, string expected)
    {
        var steps = RolloutPlan.Roll(new RolloutPace(10, 3, 2), Set("new", newSet), [Set("old1", oldSet)]);
        Assert.Equal(expected, string.Join(' ', steps.Select(step => $"{step.Name}={step.To}")));
    }

    [Theory]
    // sized for 10 + 3 before
    //          replicas new   old    sizes
    [InlineData(20, "5/5", "8/8", "old1=14 new=9")]
    [InlineData(5, "5/5", "8/8", "old1=5 new=3")]
    [InlineData(0, "5/5", "8/8", "old1=0 new=0")]
    [InlineData(7, "0/0", "8/8", "old1=7")]
    public void A_resize_in_the_middle_of_a_roll_out_keeps_the_shares(long replicas, string newSet, string oldSet, string expected)
    {
        var steps = RolloutPlan.Scale(new RolloutPace(replicas, 3, 2), true, Set("new", newSet), [Set("old1", oldSet)]);
        Assert.Equal(expected, string.Join(' ', steps.Select(step => $"{step.Name}={step.To}")));
    }

    private static RolloutSet Set(string name, string sizes) =>
        new(name, default, long.Parse(sizes.Split('/')[0]), long.Parse(sizes.Split('/')[1])) { DesiredBefore = 10, MaxBefore = 13 };

    private static TestCluster Cluster(bool withRules = false)
    {
        var cluster = new TestCluster(withRules);
        cluster.AddNode("node-1");
        return cluster;
    }

    private static string? ProgressOf(TestCluster cluster) =>
        Conditions.Find(cluster.Get(CoreTypes.Deployment, "web").Status, "Progressing")?["reason"]?.Text;

    private static long?[] Counts(ApiObject deployment) =>
    [
        .. new[] { "replicas", "updatedReplicas", "readyReplicas", "availableReplicas", "unavailableReplicas" }
            .Select(name => deployment.Status[name]?.Integer),
    ];

    private static string Web(string image, string more = "paused: false") => $$$"""
        apiVersion: apps/v1
        kind: Deployment
        metadata: {name: web}
        spec:
          replicas: 4
          {{{more}}}
          selector: {matchLabels: {app: web}}
          template:
            metadata: {labels: {app: web}}
            spec: {containers: [{name: c, image: {{{image}}} }]}
        """;
}
