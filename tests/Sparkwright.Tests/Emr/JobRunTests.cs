using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Store;
using Sparkwright.World.Aws;
using Sparkwright.World.Emr;
using Sparkwright.World.Spark;

namespace Sparkwright.Tests.Emr;

public sealed class JobRunTests
{
    [Fact]
    public void A_job_run_completes_and_leaves_what_EMR_leaves()
    {
        var platform = new Platform();
        var seen = new Dictionary<string, string>();
        platform.World.Store.Watch(CoreTypes.Pod, change => seen[change.Object.Name] = change.Object.Status["phase"]?.Text ?? "");
        var id = platform.Start("--conf spark.kubernetes.executor.podNamePrefix=taxidata");
        var run = platform.Finish(id);
        Assert.Equal(["PENDING", "SUBMITTED", "RUNNING", "COMPLETED"], run.History.Select(step => step.State));
        Assert.Null(run.FailureReason);
        Assert.StartsWith("JobRun completed successfully. It ran for", run.StateDetails);

        // Executors are gone and ended well; submitter and driver stay, completed.
        Assert.Equal(6, seen.Count(pod => pod.Key.StartsWith("taxidata-exec-", StringComparison.Ordinal) && pod.Value == "Succeeded"));
        Assert.Equal("Succeeded", platform.PhaseOf($"spark-{id}-driver"));
        Assert.All(platform.Pods(), pod => Assert.Equal("Succeeded", pod.Status["phase"]?.Text));
        Assert.Equal(2, platform.Pods().Count());
        Assert.DoesNotContain(platform.World.Store.List(CoreTypes.Service), service => service.Name.StartsWith("spark-", StringComparison.Ordinal));
        platform.Pass(TimeSpan.FromSeconds(1));
        Assert.True(Conditions.IsTrue(platform.World.Store.Get(CoreTypes.Job, Platform.Namespace, id)!.Status, "Complete"));
    }

    [Fact]
    public void A_running_job_has_the_objects_of_EMR_on_EKS()
    {
        var platform = new Platform();
        var id = platform.Start("--conf spark.kubernetes.executor.podNamePrefix=taxidata");
        platform.Until(() => platform.PhaseOf("taxidata-exec-6") == "Running");
        var vc = platform.VirtualCluster;
        var maps = platform.World.Store.List(CoreTypes.ConfigMap, Platform.Namespace).Select(map => map.Name).ToArray();
        Assert.Contains($"{id}-spark-defaults", maps);
        Assert.Contains($"podtemplate-{id}", maps);
        Assert.Contains($"fluentd-{vc}-{id}", maps);
        Assert.Single(maps, map => map.StartsWith("spark-drv-", StringComparison.Ordinal));
        Assert.Single(maps, map => map.StartsWith("spark-exec-", StringComparison.Ordinal));
        Assert.NotNull(platform.World.Store.Get(CoreTypes.Secret, Platform.Namespace, $"emr-containers-s3-{vc}-{id}"));
        var service = Assert.Single(platform.World.Store.List(CoreTypes.Service, Platform.Namespace));
        Assert.Equal("None", service.Spec["clusterIP"]?.Text);
        Assert.Matches("^spark-[0-9a-f]{16}-driver-svc$", service.Name);

        // Job, config map, driver, executors: each belongs to the one before.
        var driver = platform.Pod($"spark-{id}-driver")!;
        Assert.Equal($"{id}-spark-defaults", driver.Metadata.OwnerReferences[0].Name);
        Assert.Equal(id, platform.World.Store.Get(CoreTypes.ConfigMap, Platform.Namespace, $"{id}-spark-defaults")!.Metadata.OwnerReferences[0].Name);
        Assert.Equal(driver.AsOwner(), platform.Pod("taxidata-exec-1")!.Metadata.OwnerReferences[0]);
        var submitter = Assert.Single(platform.Pods(), pod => pod.Metadata.Label(JobNames.ComponentLabel) == "job.submitter");
        Assert.Matches($"^{id}-[bcdfghjklmnpqrstvwxz2456789]{{5}}$", submitter.Name);
        Assert.StartsWith("emr-containers-sa-spark-client-111122223333-", submitter.Spec["serviceAccountName"]?.Text);
    }

    [Fact]
    public void Executors_are_asked_for_five_a_second()
    {
        var platform = new Platform();
        var created = new List<(string Name, DateTime At)>();
        platform.World.Store.Watch(CoreTypes.Pod, change =>
        {
            if (change.Kind == StoreEventKind.Added && change.Object.Name.StartsWith("taxidata-exec-", StringComparison.Ordinal))
            {
                created.Add((change.Object.Name, platform.World.Clock.Now));
            }
        });
        platform.Finish(platform.Start("--conf spark.kubernetes.executor.podNamePrefix=taxidata --conf spark.executor.instances=12"));
        Assert.Equal(12, created.Count);
        Assert.Equal(
            [0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 2, 2],
            created.Select(pod => (int)(pod.At - created[0].At).TotalSeconds));
    }

    [Fact]
    public void A_second_job_of_the_same_prefix_walks_up_the_numbers_one_a_second()
    {
        var platform = new Platform(figures: "{sparkSubmit: 10s, driverStart: 10s}");
        const string Prefix = "--conf spark.kubernetes.executor.podNamePrefix=taxidata";
        var first = platform.Start(Prefix + " --conf spark.executor.instances=3");
        platform.Until(() => platform.Pod("taxidata-exec-3") is not null);
        var second = platform.Start(Prefix + " --conf spark.executor.instances=2", request => request.Replace("clientToken: token", "clientToken: other"));
        platform.Until(() => platform.Pod("taxidata-exec-5") is not null);
        var application = platform.Run(second).ApplicationId;
        Assert.Equal(application, platform.Pod("taxidata-exec-5")!.Metadata.Label(SparkNames.ApplicationLabel));
        Assert.Equal(JobRunState.Completed, platform.Finish(first).State);
        Assert.Equal(JobRunState.Completed, platform.Finish(second).State);
    }

    [Fact]
    public void A_job_starts_with_fewer_executors_than_it_asked_for_and_ends_later()
    {
        var enough = new Platform();
        var full = enough.Finish(enough.Start());

        // Room for submitter, driver and two executors.
        var small = new Platform(cpu: "4");
        var short_ = small.Finish(small.Start());
        Assert.Equal(JobRunState.Completed, short_.State);
        Assert.True(Ran(short_) > Ran(full) + TimeSpan.FromSeconds(20), $"{Ran(short_)} against {Ran(full)}");
    }

    [Theory]
    //          replace                          by                       reason              the details name
    [InlineData("s3://bucket/job/script.py", "s3://bucket/job/other.py", "USER_ERROR", "The S3 object s3://bucket/job/other.py doesn't exist")]
    [InlineData("s3://bucket/job/script.py", "s3://nowhere/script.py", "USER_ERROR", "The bucket nowhere of s3://nowhere/script.py doesn't exist")]
    [InlineData("role/team-a", "role/team-x", "USER_ERROR", "The job execution role arn:aws:iam::111122223333:role/team-x doesn't exist")]
    [InlineData("--driver-memory 10g", "--driver-memory 1.5g", "USER_ERROR", "Spark setting spark.driver.memory: '1.5g' is not allowed")]
    [InlineData("--driver-memory 10g", "--driver-memroy 10g", "USER_ERROR", "unrecognized option '--driver-memroy'")]
    [InlineData("--driver-memory 10g", "--conf spark.kubernetes.driver.podTemplateFile=s3://bucket/none.yaml", "VALIDATION_ERROR", "The driver pod template could not be fetched: The S3 object s3://bucket/none.yaml doesn't exist")]
    [InlineData("--driver-memory 10g", "--conf spark.kubernetes.driver.podTemplateFile=s3://bucket/bad.yaml", "VALIDATION_ERROR", "field image is not allowed in container spark-kubernetes-driver of the driver pod template")]
    [InlineData("classification: spark-defaults", "classification: spark-default", "VALIDATION_ERROR", "Configuration classification spark-default is not supported")]
    public void What_is_missing_or_forbidden_fails_before_Spark_with_a_reason_and_a_name(string replace, string by, string reason, string details)
    {
        var platform = new Platform();
        platform.World.S3.Put(new S3Uri("bucket", "bad.yaml"), "spec: {containers: [{name: spark-kubernetes-driver, image: x}]}");
        var id = platform.Start(change: request => request.Replace(replace, by));
        var run = platform.Finish(id);
        Assert.Equal((JobRunState.Failed, reason), (run.State, run.FailureReason));
        Assert.StartsWith("JobRun submission failed.", run.StateDetails);
        Assert.Contains(details, run.StateDetails);
        Assert.Null(platform.Pod($"spark-{id}-driver"));

        // The submitter is not tried again.
        platform.Pass(TimeSpan.FromMinutes(10));
        Assert.True(platform.Pods().Count() <= 1);
    }

    [Fact]
    public void A_driver_that_cannot_be_placed_times_out_after_fifteen_minutes_and_is_named()
    {
        var platform = new Platform();
        var id = platform.Start("--conf spark.kubernetes.node.selector.pool=none");
        var run = platform.Finish(id);
        Assert.Equal((JobRunState.Failed, FailureReason.ClusterUnavailable), (run.State, run.FailureReason));
        Assert.Contains($"within 900 seconds (job-start-timeout). Pod team-a/spark-{id}-driver is Pending: 0/1 nodes are available", run.StateDetails);
        Assert.Equal(TimeSpan.FromMinutes(15), run.FinishedAt - run.History.Single(step => step.State == JobRunState.Submitted).At);
        platform.Pass(TimeSpan.FromMinutes(2));
        Assert.Empty(platform.Pods());
    }

    [Fact]
    public void The_start_timeout_can_be_set()
    {
        var platform = new Platform();
        var id = platform.Start(
            "--conf spark.kubernetes.node.selector.pool=none",
            request => request.Replace("- classification: spark-defaults", "- {classification: emr-containers-defaults, properties: {job-start-timeout: \"120\"}}\n  - classification: spark-defaults"));
        var run = platform.Finish(id);
        Assert.Equal(TimeSpan.FromMinutes(2), run.FinishedAt - run.History.Single(step => step.State == JobRunState.Submitted).At);
    }

    [Fact]
    public void Cancelling_takes_the_pods_away_and_then_the_state_moves()
    {
        var platform = new Platform();
        var id = platform.Start("--conf spark.kubernetes.executor.podNamePrefix=taxidata");
        platform.Until(() => platform.PhaseOf("taxidata-exec-1") == "Running");
        Assert.IsType<EmrResult.Done>(platform.World.Emr.CancelJobRun(platform.VirtualCluster, id));
        var run = platform.Finish(id);
        Assert.Equal(["PENDING", "SUBMITTED", "RUNNING", "CANCEL_PENDING", "CANCELLED"], run.History.Select(step => step.State));
        Assert.Empty(platform.Pods());
        var again = Assert.IsType<EmrResult.Refused>(platform.World.Emr.CancelJobRun(platform.VirtualCluster, id));
        Assert.Contains("is not in a cancellable state", again.Refusal.Message);
    }

    [Fact]
    public void A_deleted_driver_fails_the_job_and_takes_its_executors_along()
    {
        var platform = new Platform();
        var id = platform.Start("--conf spark.kubernetes.executor.podNamePrefix=taxidata");
        platform.Until(() => platform.PhaseOf("taxidata-exec-6") == "Running");
        platform.World.Api.Delete(CoreTypes.Pod, new ObjectKey(Platform.Namespace, $"spark-{id}-driver"));
        var run = platform.Finish(id);
        Assert.Equal((JobRunState.Failed, FailureReason.UserError), (run.State, run.FailureReason));
        Assert.Contains($"The driver pod spark-{id}-driver was deleted", run.StateDetails);
        platform.Pass(TimeSpan.FromMinutes(5));
        Assert.DoesNotContain(platform.Pods(), pod => pod.Name.StartsWith("taxidata", StringComparison.Ordinal));
    }

    [Fact]
    public void A_deleted_executor_is_replaced_under_a_new_number()
    {
        var platform = new Platform();
        var id = platform.Start("--conf spark.kubernetes.executor.podNamePrefix=taxidata");
        platform.Until(() => platform.PhaseOf("taxidata-exec-6") == "Running");
        platform.World.Api.Delete(CoreTypes.Pod, new ObjectKey(Platform.Namespace, "taxidata-exec-2"));
        platform.Until(() => platform.PhaseOf("taxidata-exec-7") == "Running");
        Assert.Equal(JobRunState.Completed, platform.Finish(id).State);
    }

    [Fact]
    public void A_retry_policy_makes_new_drivers_with_names_of_their_own()
    {
        var platform = new Platform();
        var id = platform.Start(
            "--conf spark.kubernetes.executor.podNamePrefix=taxidata",
            request => request.Replace("emr-6.7.0-latest", "emr-6.9.0-latest").Replace("name: ny-taxi", "retryPolicyConfiguration: {maxAttempts: 2}"));
        platform.Until(() => platform.Run(id).DriverPod is { } name && platform.PhaseOf(name) == "Running");
        var first = platform.Run(id).DriverPod!;
        Assert.Matches($"^spark-{id}-driver-[a-z0-9]{{5}}$", first);
        platform.World.Api.Delete(CoreTypes.Pod, new ObjectKey(Platform.Namespace, first));
        var lost = platform.World.Clock.Now;
        platform.Until(() => platform.Run(id).DriverPod != first);
        Assert.InRange(platform.World.Clock.Now - lost, TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(12));
        var run = platform.Finish(id);
        Assert.Equal((JobRunState.Completed, 2), (run.State, run.Attempts));
    }

    [Fact]
    public void The_same_token_and_request_start_nothing_new()
    {
        var platform = new Platform();
        var id = platform.Start();
        Assert.Equal(id, platform.Start());
        var request = StartJobRunReaderTests.Good.Replace("jk518skp01ys9ka8b0npx9nt0", platform.VirtualCluster).Replace("ny-taxi", "other");
        var refused = Assert.IsType<EmrResult.Refused>(platform.World.Emr.StartJobRun(Yaml.Read(request)));
        Assert.StartsWith("clientToken: 'token' was used for another request", refused.Refusal.Message);
        var unknown = Assert.IsType<EmrResult.Refused>(platform.World.Emr.StartJobRun(Yaml.Read(StartJobRunReaderTests.Good)));
        Assert.Equal("Virtual cluster jk518skp01ys9ka8b0npx9nt0 doesn't exist.", unknown.Refusal.Message);
    }

    [Fact]
    public void A_workload_beside_the_script_says_what_the_job_does()
    {
        var platform = new Platform(figures: "{taskOverhead: 0s, taskWarmUp: 0s, programGap: 0s, driverStop: 1s}");
        platform.World.S3.Put(new S3Uri("bucket", "job/workload.yaml"), "{stages: [{name: long, tasks: 12, taskTime: 5m}]}");
        var run = platform.Finish(platform.Start());
        Assert.Equal(JobRunState.Completed, run.State);
        Assert.InRange(Ran(run), TimeSpan.FromMinutes(10), TimeSpan.FromMinutes(11.5));
    }

    [Fact]
    public void Dynamic_allocation_grows_with_the_backlog_and_lets_idle_executors_go()
    {
        var platform = new Platform(figures: "{taskOverhead: 0s, taskWarmUp: 0s, programGap: 0s}");
        platform.World.S3.Put(
            new S3Uri("bucket", "job/workload.yaml"),
            "{stages: [{name: wide, tasks: 40, taskTime: 30s}, {name: narrow, tasks: 1, taskTime: 5m}]}");
        var most = 0;
        var id = platform.Start(
            "--conf spark.dynamicAllocation.enabled=true --conf spark.dynamicAllocation.shuffleTracking.enabled=true --conf spark.dynamicAllocation.maxExecutors=10 "
            + "--conf spark.kubernetes.executor.podNamePrefix=taxidata --conf spark.executor.instances=0");
        platform.World.Store.Watch(CoreTypes.Pod, _ => most = Math.Max(most, Executors(platform)));
        platform.Until(() => platform.Run(id).State == JobRunState.Running);
        platform.Pass(TimeSpan.FromMinutes(5));
        Assert.Equal(10, most);
        Assert.Equal(1, Executors(platform));
        Assert.Equal(JobRunState.Completed, platform.Finish(id).State);
    }

    [Fact]
    public void The_same_seed_gives_the_same_history_and_another_seed_another()
    {
        Assert.Equal(Play(1), Play(1));
        Assert.NotEqual(Play(1), Play(2));
    }

    /// <summary>Everything that a driver and a submitter know is in the store; only a pod that is just being started may begin again.</summary>
    [Theory]
    //          second slack
    [InlineData(2, 0)]
    [InlineData(55, 0)]
    [InlineData(70, 0)]
    [InlineData(78, 0)]
    [InlineData(81, 0)]
    [InlineData(100, 0)]
    [InlineData(141, 0)]
    [InlineData(76, 3)]
    public void A_restart_loses_no_progress(int second, int slack)
    {
        var plain = new Platform();
        var expected = plain.Finish(plain.Start());
        var restarted = new Platform();
        var id = restarted.Start();
        restarted.World.Loop.RunUntil(restarted.World.Clock.Start.AddSeconds(second));
        Assert.False(JobRunState.IsFinal(restarted.Run(id).State));
        restarted.World.RebuildFromJournal();
        var run = restarted.Finish(id);
        Assert.Equal(JobRunState.Completed, run.State);
        Assert.InRange((run.FinishedAt - expected.FinishedAt)!.Value.Duration(), TimeSpan.Zero, TimeSpan.FromSeconds(slack));
    }

    private static string Play(long seed)
    {
        var platform = new Platform(seed);
        return string.Join(' ', platform.Finish(platform.Start()).History.Select(step => $"{step.State} {step.At:O}"));
    }

    private static int Executors(Platform platform) => platform.Pods().Count(pod => pod.Name.StartsWith("taxidata-exec-", StringComparison.Ordinal));

    private static TimeSpan Ran(JobRun run) => run.FinishedAt!.Value - run.History.Single(step => step.State == JobRunState.Running).At;
}
