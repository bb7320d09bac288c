using System.IO.Compression;
using System.Text;
using System.Text.RegularExpressions;
using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Requests;
using Sparkwright.World.Aws;
using Sparkwright.World.Aws.Logs;
using Sparkwright.World.Emr;

namespace Sparkwright.Tests.Emr;

/// <summary>What the pods of a job run write, and where it arrives.</summary>
public sealed partial class JobLogsTests
{
    private const string Group = "/emr-on-eks-logs/team-a";
    private const string ToBoth = "s3MonitoringConfiguration: {logUri: 's3://bucket/logs/'}\n    cloudWatchMonitoringConfiguration:";

    private readonly Platform platform = new(sendsJobLogs: true);

    [Fact]
    public void Logs_of_all_pods_arrive_in_both_places_with_the_layout_of_EMR()
    {
        var id = platform.Start(change: ToS3);
        var run = platform.Finish(id);
        platform.Pass(TimeSpan.FromMinutes(1));
        Assert.Equal(JobRunState.Completed, run.State);
        var below = $"{platform.VirtualCluster}/jobs/{id}";
        var pods = $"{below}/containers/{run.ApplicationId}";
        string[] executors = [.. Enumerable.Range(1, 6).Select(number => $"{pods}/script-py-[0-9a-f]*-exec-{number}")];
        string[] wanted = [$"{below}/control-logs/{id}-.....", .. executors, $"{pods}/spark-{id}-driver"];
        Fits([.. wanted.SelectMany(pod => new[] { $"taxidata/{pod}/stderr", $"taxidata/{pod}/stdout" }), $"taxidata/{below}/job-metadata.log"], Streams());
        Fits([.. wanted.SelectMany(pod => new[] { $"logs/{pod}/stderr.gz", $"logs/{pod}/stdout.gz" })], Objects());
        foreach (var stream in platform.World.Logs.Streams(Group).Where(stream => !stream.Name.EndsWith("job-metadata.log", StringComparison.Ordinal)))
        {
            Assert.Equal(Unzip($"logs/{stream.Name["taxidata/".Length..]}.gz"), string.Concat(Events(stream).Select(one => one.Message + "\n")));
        }
    }

    [Fact]
    public void A_driver_tells_of_executors_stages_tasks_and_its_end()
    {
        var id = platform.Start(change: ToS3);
        platform.Finish(id);
        platform.Pass(TimeSpan.FromMinutes(1));
        var text = Unzip(Objects().Single(name => name.EndsWith("-driver/stderr.gz", StringComparison.Ordinal)));
        Assert.Equal(6, Count(text, "Registered executor with ID"));
        Assert.Contains("SchedulerBackend is ready for scheduling beginning after reached minRegisteredResourcesRatio: 0.8", text, StringComparison.Ordinal);
        Assert.True(Count(text, " INFO TaskSetManager: Finished task") > 7, text);
        Assert.Equal(Count(text, "DAGScheduler: Submitting"), Count(text, "finished in"));
        Assert.EndsWith("INFO SparkContext: Successfully stopped SparkContext\n", text[..text.LastIndexOf("26/", StringComparison.Ordinal)], StringComparison.Ordinal);
        Assert.Equal("simulated by Sparkwright: script not executed; task times modelled\n", Unzip(Objects().Single(name => name.EndsWith("-driver/stdout.gz", StringComparison.Ordinal))));
        var executor = Unzip(Objects().First(name => name.EndsWith("-exec-1/stderr.gz", StringComparison.Ordinal)));
        Assert.Equal(Count(text, "on executor 1 ("), Count(executor, "Executor: Finished task"));
        Assert.EndsWith("Driver commanded a shutdown\n", executor, StringComparison.Ordinal);
        var times = text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line[..17]).ToList();
        Assert.Equal(times.Order(StringComparer.Ordinal), times);
    }

    [Theory]
    //          change of the request                             what the submitter's log says
    [InlineData("s3://bucket/job/script.py", "s3://nowhere/script.py", "USER_ERROR: JobRun submission failed. The bucket nowhere of s3://nowhere/script.py doesn't exist.")]
    [InlineData("instances=6", "instances=6 --conf spark.kubernetes.driver.podTemplateFile=s3://bucket/none.yaml", "The driver pod template could not be fetched: The S3 object s3://bucket/none.yaml doesn't exist.")]
    public void A_job_that_fails_before_its_driver_says_why_in_the_submitters_log(string replaced, string by, string cause)
    {
        var id = platform.Start(change: request => ToS3(request).Replace(replaced, by));
        Assert.Equal(JobRunState.Failed, platform.Finish(id).State);
        platform.Pass(TimeSpan.FromMinutes(1));
        Assert.Contains(cause, Unzip(Assert.Single(Objects(), name => name.Contains("control-logs", StringComparison.Ordinal) && name.EndsWith("stderr.gz", StringComparison.Ordinal))), StringComparison.Ordinal);
        Assert.Contains(cause, string.Join('\n', Events(Assert.Single(platform.World.Logs.Streams(Group), stream => stream.Name.EndsWith("/stderr", StringComparison.Ordinal))).Select(one => one.Message)), StringComparison.Ordinal);
        Assert.DoesNotContain(Objects(), name => name.Contains("/containers/", StringComparison.Ordinal));
    }

    [Theory]
    //          what the role may do                                     its trust policy  S3     CloudWatch
    [InlineData("{\"Effect\":\"Allow\",\"Action\":[\"s3:*\",\"logs:*\"],\"Resource\":\"*\"}", true, true, true)]
    [InlineData("{\"Effect\":\"Allow\",\"Action\":\"s3:*\",\"Resource\":\"*\"}", true, true, false)]
    [InlineData("{\"Effect\":\"Allow\",\"Action\":[\"s3:Get*\",\"s3:List*\",\"logs:*\"],\"Resource\":\"*\"}", true, false, true)]
    [InlineData("{\"Effect\":\"Allow\",\"Action\":[\"s3:*\",\"logs:*\"],\"Resource\":\"*\"}", false, false, false)]
    public void Logs_arrive_where_the_role_may_write(string statement, bool isTrusted, bool inS3, bool inCloudWatch)
    {
        var (world, arn) = (platform.World, platform.RoleArn);
        var policy = world.Iam.EnsurePolicy(world.Settings.Account, "narrow", "", $$"""{"Version":"2012-10-17","Statement":[{{statement}}]}""");
        world.Api.Modify(IamTypes.Role, world.Iam.FindRole(arn)!.Key, role => role
            .Set(["spec", "inlinePolicies"], null)
            .Set(["spec", "attachedPolicies"], TreeList.Of(policy))
            .Set(["spec", "assumeRolePolicyDocument"], isTrusted ? role.Spec["assumeRolePolicyDocument"] : null));
        platform.Finish(platform.Start(change: ToS3));
        platform.Pass(TimeSpan.FromMinutes(3));
        Assert.Equal((inS3, inCloudWatch), (Objects().Any(), world.Logs.Groups.Any()));
    }

    [Fact]
    public void A_driver_that_was_never_started_leaves_what_it_waited_for()
    {
        var id = platform.Start("--conf spark.kubernetes.node.selector.disk=none", ToS3);
        Assert.Equal(JobRunState.Failed, platform.Finish(id).State);
        platform.Pass(TimeSpan.FromMinutes(2));
        Assert.Contains("node(s) didn't match Pod's node affinity/selector", Unzip(Objects().Single(name => name.EndsWith("-driver/stderr.gz", StringComparison.Ordinal))), StringComparison.Ordinal);
        Assert.Contains("CLUSTER_UNAVAILABLE: JobRun submission failed. The driver did not run within 900 seconds", Unzip(Objects().Single(name => name.Contains("control-logs", StringComparison.Ordinal) && name.EndsWith("stderr.gz", StringComparison.Ordinal))), StringComparison.Ordinal);
    }

    [Fact]
    public void Nothing_is_sent_that_was_not_asked_for()
    {
        platform.Finish(platform.Start(change: request => request[..request.IndexOf("  monitoringConfiguration", StringComparison.Ordinal)]));
        Assert.Empty(platform.World.Logs.Groups);
        Assert.Empty(Objects());
        var silent = new Platform();
        silent.Finish(silent.Start());
        Assert.Empty(silent.World.Logs.Groups);
    }

    [Fact]
    public void CloudWatch_has_lines_after_ten_seconds_and_S3_after_two_minutes()
    {
        var id = platform.Start(change: request => ToS3(request).Replace("spark.driver.memory: 3g", "spark.driver.memory: 3g, spark.kubernetes.node.selector.disk: none"));
        string? submitter = null;
        platform.Until(() => (submitter = platform.Pods().FirstOrDefault(pod => pod.Status["phase"]?.Text == "Running")?.Name) is not null);
        platform.Pass(TimeSpan.FromSeconds(11));
        Assert.Contains(platform.World.Logs.Streams(Group), stream => stream.Name.EndsWith($"{submitter}/stderr", StringComparison.Ordinal) && Events(stream).Any());
        Assert.Empty(Objects());
        platform.Pass(TimeSpan.FromSeconds(110));
        Assert.Contains("phase: Pending", Unzip(Objects().Single(name => name.EndsWith($"{submitter}/stderr.gz", StringComparison.Ordinal))), StringComparison.Ordinal);
    }

    [Fact]
    public void A_restart_neither_repeats_nor_loses_lines()
    {
        var whole = new Platform(sendsJobLogs: true);
        whole.Finish(whole.Start());
        whole.Pass(TimeSpan.FromMinutes(1));
        var id = platform.Start();
        while (!JobRunState.IsFinal(platform.Run(id).State))
        {
            platform.Pass(TimeSpan.FromSeconds(7));
            platform.World.RebuildFromJournal();
        }

        platform.Pass(TimeSpan.FromMinutes(1));
        Assert.Equal(Counts(whole), Counts(platform));

        static IEnumerable<string> Counts(Platform of) => of.World.Logs.Streams(Group).Select(stream => $"{stream.Name} {stream.Count}");
    }

    [Fact]
    public void Kubectl_reads_the_same_text_while_the_pod_runs()
    {
        var id = platform.Start();
        platform.Until(() => platform.Run(id).State == JobRunState.Running);
        platform.Pass(TimeSpan.FromSeconds(20));
        var driver = platform.Pod($"spark-{id}-driver")!;
        var run = ContainerLog.Run(driver, "spark-kubernetes-driver", previous: false)!;
        var text = string.Concat(platform.World.OutputOf(driver, ContainerLog.ContainerOf(driver, "spark-kubernetes-driver")!, run).Select(line => line.Text));
        Assert.StartsWith("simulated by Sparkwright: script not executed; task times modelled\n26/01/01 00:0", text, StringComparison.Ordinal);
        Assert.Contains("INFO SparkContext: Running Spark version 3.2.1", text, StringComparison.Ordinal);
        Assert.Empty(platform.World.OutputOf(driver, ContainerLog.ContainerOf(driver, "emr-container-fluentd")!, run));
    }

    private static string ToS3(string request) => request.Replace("cloudWatchMonitoringConfiguration:", ToBoth);

    private static int Count(string text, string what) => text.Split(what).Length - 1;

    private static void Fits(IEnumerable<string> patterns, IReadOnlyList<string> names)
    {
        var open = names.ToList();
        foreach (var pattern in patterns)
        {
            Assert.Equal(1, open.RemoveAll(name => Regex.IsMatch(name, $"^{pattern}$")));
        }

        Assert.Empty(open);
    }

    private List<string> Streams() => [.. platform.World.Logs.Streams(Group).Select(stream => stream.Name)];

    private List<string> Objects() => [.. platform.World.S3.List(new S3ListRequest("bucket") { Prefix = "logs/" }).Objects.Select(one => one.Key)];

    private IReadOnlyList<LogEvent> Events(LogStream stream) => platform.World.Logs.Events(stream, long.MinValue, long.MaxValue);

    private string Unzip(string key)
    {
        var known = platform.World.S3.Find(new S3Uri("bucket", key))!;
        using var whole = new MemoryStream();
        foreach (var (blob, _) in known.Pieces)
        {
            whole.Write(platform.Blobs.Get(blob)!.Value.Span);
        }

        whole.Position = 0;
        using var zip = new GZipStream(whole, CompressionMode.Decompress);
        using var reader = new StreamReader(zip, Encoding.UTF8);
        return reader.ReadToEnd();
    }
}
