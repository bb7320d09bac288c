using Sparkwright.Kubernetes.Objects;
using Sparkwright.World.Controllers;

namespace Sparkwright.Tests.Controllers;

public sealed class JobTests
{
    [Fact]
    public void A_job_runs_its_pod_and_completes()
    {
        var cluster = Cluster(Fate.Succeeds, withRules: true);
        var job = cluster.Apply(Job("completions: 1"));
        cluster.Run(0);
        var pod = Assert.Single(cluster.Pods);
        Assert.Matches("^work-[a-z0-9]{5}$", pod.Name);
        Assert.Equal(
            ["work", job.Metadata.Uid, "work", job.Metadata.Uid],
            new[] { "batch.kubernetes.io/job-name", "batch.kubernetes.io/controller-uid", "job-name", "controller-uid" }.Select(pod.Metadata.Label));
        cluster.Run(5);
        var status = cluster.Get(CoreTypes.Job, "work").Status;
        Assert.Equal("succeeded=1 ready=0", Counts(cluster));
        Assert.Equal("SuccessCriteriaMet/CompletionsReached Complete/CompletionsReached", TestCluster.ConditionsOf(cluster.Get(CoreTypes.Job, "work")));
        Assert.Equal(("2026-01-01T00:00:00Z", "2026-01-01T00:00:01Z"), (status["startTime"]?.Text, status["completionTime"]?.Text));
        Assert.Equal([$"SuccessfulCreate: Created pod: {pod.Name}", "Completed: Job completed"], cluster.EventsOf("Job", "work"));
        Assert.Empty(cluster.Get(CoreTypes.Pod, pod.Name).Metadata.Finalizers);
    }

    [Fact]
    public void An_ended_pod_is_uncounted_first_and_counted_then()
    {
        var cluster = Cluster(Fate.Succeeds);
        cluster.Apply(Job("completions: 1"));
        var seen = new List<string>();
        cluster.Store.Watch(CoreTypes.Job, change => seen.Add(
            $"{Tree.ItemsOf(change.Object.Status.At("uncountedTerminatedPods", "succeeded")).Length}/{change.Object.Status["succeeded"]?.Integer ?? 0}"));
        cluster.Run(5);
        Assert.Equal(["0/0", "1/0", "0/1"], seen.SkipWhile(text => text == "0/0").Prepend("0/0").Distinct());
    }

    [Theory]
    //          refusals  seconds
    [InlineData(1, 1)]
    [InlineData(2, 2)]
    [InlineData(4, 8)]
    [InlineData(6, 32)]
    [InlineData(7, 60)]
    [InlineData(90, 60)]
    public void Refused_pods_are_asked_for_less_and_less_often(int refusals, int seconds) =>
        Assert.Equal(TimeSpan.FromSeconds(seconds), JobPlan.RetryAfterRefusal(refusals));

    [Fact]
    public void Completions_are_worked_off_in_parallel()
    {
        var cluster = Cluster(Fate.Succeeds);
        cluster.Apply(Job("parallelism: 3, completions: 7"));
        var most = 0;
        cluster.Store.WatchAll(_ => most = Math.Max(most, cluster.ActivePods.Count()));
        cluster.Run(10);
        Assert.Equal((3, 7), (most, cluster.Pods.Count()));
        Assert.Equal("succeeded=7 ready=0", Counts(cluster));
    }

    [Fact]
    public void Failed_pods_are_tried_again_after_10_20_40_seconds_until_the_limit()
    {
        var cluster = Cluster(Fate.Fails);
        cluster.Apply(Job("backoffLimit: 3"));
        cluster.Run(600);
        var start = cluster.Loop.Clock.Start;
        Assert.Equal([0, 11, 32, 73], cluster.Pods.Select(pod => (pod.Metadata.CreationTimestamp - start).TotalSeconds).Order());
        Assert.Equal("failed=4 ready=0", Counts(cluster));
        Assert.Equal("FailureTarget/BackoffLimitExceeded Failed/BackoffLimitExceeded", TestCluster.ConditionsOf(cluster.Get(CoreTypes.Job, "work")));
        Assert.Contains("BackoffLimitExceeded: Job has reached the specified backoff limit", cluster.EventsOf("Job", "work"));
    }

    [Fact]
    public void A_deleted_pod_counts_as_failed_and_is_replaced()
    {
        var cluster = Cluster(Fate.Runs);
        cluster.Apply(Job("backoffLimit: 3"));
        cluster.Run(3);
        Assert.Equal("active=1 ready=1", Counts(cluster));
        cluster.Delete(CoreTypes.Pod, cluster.Pods.Single().Name);
        cluster.Run(5);
        Assert.Equal("active=1 failed=1 ready=1", Counts(cluster));
        Assert.Single(cluster.Pods);
    }

    [Fact]
    public void The_deadline_ends_a_job_and_its_pods()
    {
        var cluster = Cluster(Fate.Runs);
        cluster.Apply(Job("activeDeadlineSeconds: 30"));
        cluster.Run(29);
        Assert.Single(cluster.ActivePods);
        cluster.Run(1);
        Assert.Empty(cluster.ActivePods);
        Assert.Equal("FailureTarget/DeadlineExceeded", TestCluster.ConditionsOf(cluster.Get(CoreTypes.Job, "work")));
        cluster.Run(3);
        Assert.Empty(cluster.Pods);
        Assert.Equal("FailureTarget/DeadlineExceeded Failed/DeadlineExceeded", TestCluster.ConditionsOf(cluster.Get(CoreTypes.Job, "work")));
    }

    [Fact]
    public void A_suspended_job_has_no_pods_until_it_is_resumed()
    {
        var cluster = Cluster(Fate.Succeeds);
        cluster.Apply(Job("suspend: true"));
        cluster.Run(10);
        Assert.Empty(cluster.Pods);
        Assert.Equal("Suspended/JobSuspended", TestCluster.ConditionsOf(cluster.Get(CoreTypes.Job, "work")));
        cluster.Api.Modify(CoreTypes.Job, new ObjectKey("default", "work"), job => job.Set(["spec", "suspend"], false));
        cluster.Run(10);
        var job = cluster.Get(CoreTypes.Job, "work");
        Assert.Equal("2026-01-01T00:00:10Z", job.Status["startTime"]?.Text);
        Assert.EndsWith("Complete/CompletionsReached", TestCluster.ConditionsOf(job), StringComparison.Ordinal);
    }

    [Fact]
    public void A_finished_job_goes_with_its_pods_when_its_time_to_live_is_over()
    {
        var cluster = Cluster(Fate.Succeeds);
        cluster.Apply(Job("ttlSecondsAfterFinished: 100"));
        cluster.Run(100);
        Assert.Single(cluster.Pods);
        cluster.Run(2);
        Assert.Empty(cluster.Pods);
        Assert.Empty(cluster.Store.List(CoreTypes.Job));
    }

    [Fact]
    public void A_deleted_job_leaves_no_pod_behind()
    {
        var cluster = Cluster(Fate.Runs);
        cluster.Apply(Job("parallelism: 2, completions: 2"));
        cluster.Run(3);
        cluster.Delete(CoreTypes.Job, "work");
        cluster.Run(3);
        Assert.Empty(cluster.Pods);
    }

    [Fact]
    public void An_indexed_job_has_one_success_for_each_index()
    {
        var cluster = Cluster(Fate.Succeeds);
        cluster.Kubelet.FateOf = pod => JobPods.IndexOf(pod) == 1 && cluster.Loop.Clock.Elapsed < TimeSpan.FromSeconds(2) ? Fate.Fails : Fate.Succeeds;
        cluster.Apply(Job("parallelism: 2, completions: 4, completionMode: Indexed"));
        cluster.Run(2);
        Assert.Equal("0", cluster.Get(CoreTypes.Job, "work").Status["completedIndexes"]?.Text);
        cluster.Run(60);
        Assert.Equal("failed=1 succeeded=4 ready=0", Counts(cluster));
        Assert.Equal("0-3", cluster.Get(CoreTypes.Job, "work").Status["completedIndexes"]?.Text);
    }

    [Fact]
    public void A_rebuilt_world_keeps_the_back_off_and_counts_nothing_twice()
    {
        var cluster = Cluster(Fate.Fails);
        cluster.Apply(Job("backoffLimit: 3"));
        cluster.Run(15);
        var rebuilt = cluster.Rebuilt();
        rebuilt.Kubelet.FateOf = _ => Fate.Fails;
        rebuilt.Run(600);
        var start = cluster.Loop.Clock.Start;
        Assert.Equal([0, 11, 32, 73], rebuilt.Pods.Select(pod => (pod.Metadata.CreationTimestamp - start).TotalSeconds).Order());
        Assert.Equal("failed=4 ready=0", Counts(rebuilt));
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(1, 10)]
    [InlineData(2, 20)]
    [InlineData(5, 160)]
    [InlineData(6, 320)]
    [InlineData(7, 600)]
    [InlineData(90, 600)]
    public void The_wait_doubles_up_to_ten_minutes(long failures, int seconds) =>
        Assert.Equal(TimeSpan.FromSeconds(seconds), JobPlan.Backoff(failures));

    [Theory]
    [InlineData("0-2", "0-2")]
    [InlineData("0,2,4,5", "0,2,4,5")]
    [InlineData("3,1,2,9", "1-3,9")]
    [InlineData("", "")]
    public void Indexes_print_in_runs(string given, string printed) => Assert.Equal(printed, JobStatus.PrintIndexes(JobStatus.ReadIndexes(given)));

    private static TestCluster Cluster(Fate fate, bool withRules = false)
    {
        var cluster = new TestCluster(withRules);
        cluster.AddNode("node-1");
        cluster.Kubelet.FateOf = _ => fate;
        return cluster;
    }

    private static string Counts(TestCluster cluster)
    {
        var status = cluster.Get(CoreTypes.Job, "work").Status;
        return string.Join(' ', new[] { "active", "failed", "succeeded", "ready" }.Where(status.ContainsKey).Select(name => $"{name}={status[name]}"));
    }

    private static string Job(string more) => $$$"""
        apiVersion: batch/v1
        kind: Job
        metadata: {name: work}
        spec: { {{{more}}}, template: {spec: {restartPolicy: Never, containers: [{name: c, image: i}]} } }
        """;
}
