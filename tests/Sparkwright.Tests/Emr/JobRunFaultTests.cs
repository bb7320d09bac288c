using Sparkwright.Kubernetes.Objects;
using Sparkwright.Simulation;
using Sparkwright.World.Aws;
using Sparkwright.World.Emr;
using Sparkwright.World.Spark;

namespace Sparkwright.Tests.Emr;

/// <summary>Whatever pods are deleted and whenever the program restarts: job runs come to an end, and leave nothing running.</summary>
public sealed class JobRunFaultTests
{
    private static readonly string[][] Paths =
    [
        ["PENDING", "SUBMITTED", "RUNNING", "COMPLETED"],
        ["PENDING", "SUBMITTED", "RUNNING", "FAILED"],
        ["PENDING", "SUBMITTED", "FAILED"],
        ["PENDING", "CANCEL_PENDING", "CANCELLED"],
        ["PENDING", "SUBMITTED", "CANCEL_PENDING", "CANCELLED"],
        ["PENDING", "SUBMITTED", "RUNNING", "CANCEL_PENDING", "CANCELLED"],
    ];

    public static TheoryData<long> Seeds => [.. Enumerable.Range(1, 40).Select(seed => (long)seed)];

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Job_runs_end_and_leave_nothing_running(long seed)
    {
        var platform = new Platform(seed);
        var draw = new Chance(seed).For("test/faults", "steps");
        platform.World.S3.Put(
            new S3Uri("bucket", "job/workload.yaml"),
            "{stages: [{name: map, tasks: 30, taskTime: [5s, 15s]}, {name: reduce, tasks: 10, taskTime: [5s, 15s], dependsOn: [map]}, {name: write, tasks: 2, taskTime: 10s}]}");
        var retries = draw.Below(3) == 0;
        var dynamic = draw.Next.Below(2) == 0;
        draw = draw.Next.Next;
        var ids = Enumerable.Range(1, 2).Select(number => platform.Start(
            "--conf spark.kubernetes.executor.podNamePrefix=taxidata"
            + (dynamic ? " --conf spark.dynamicAllocation.enabled=true --conf spark.dynamicAllocation.shuffleTracking.enabled=true --conf spark.dynamicAllocation.maxExecutors=8" : ""),
            request => request
                .Replace("clientToken: token", $"clientToken: token-{number}")
                .Replace("emr-6.7.0-latest", "emr-6.9.0-latest")
                .Replace("name: ny-taxi", retries ? "retryPolicyConfiguration: {maxAttempts: 3}" : "name: ny-taxi"))).ToArray();
        for (var step = 0; step < 25; step++)
        {
            draw = draw.Next;
            platform.Pass(draw.Between(TimeSpan.FromMilliseconds(100), TimeSpan.FromSeconds(12)));
            draw = draw.Next;
            switch (draw.Below(8))
            {
                case 0:
                    platform.World.RebuildFromJournal();
                    break;
                case 1 when seed % 5 == 0:
                    platform.World.Emr.CancelJobRun(platform.VirtualCluster, ids[draw.Next.Below(2)]);
                    break;
                case 2 or 3 or 4:
                    DeleteOne(platform, draw.Next);
                    break;
            }

            Check(platform);
        }

        foreach (var id in ids)
        {
            var run = platform.Finish(id, TimeSpan.FromHours(2));
            Assert.Contains(run.History.Select(known => known.State), Paths);
            Assert.Equal(run.State == JobRunState.Failed, run.FailureReason is not null);
        }

        platform.Pass(TimeSpan.FromMinutes(5));
        Assert.All(platform.Pods(), pod => Assert.True(pod.Status["phase"]?.Text is "Succeeded" or "Failed", $"{pod.Name} is {pod.Status["phase"]?.Text}"));
        Assert.DoesNotContain(platform.Pods(), pod => pod.Name.StartsWith("taxidata-exec-", StringComparison.Ordinal));
        Assert.Empty(platform.World.Store.List(CoreTypes.Service, Platform.Namespace));
        Assert.All(platform.World.Store.List(SparkTypes.Application), known => Assert.True(ApplicationStatus.IsFinal(known.Status["phase"]?.Text), known.Name));
    }

    private static void DeleteOne(Platform platform, Draw draw)
    {
        // Drivers and submitters go less often than executors, or hardly any job would end well.
        var pods = platform.Pods().Where(pod => pod.Metadata.Label(JobNames.ComponentLabel) == "executor" || draw.Next.Below(6) == 0).ToArray();
        if (pods.Length > 0)
        {
            platform.World.Api.Delete(CoreTypes.Pod, pods[draw.Below(pods.Length)].Key);
        }
    }

    private static void Check(Platform platform)
    {
        foreach (var application in platform.World.Store.List(SparkTypes.Application))
        {
            var asked = platform.Pods().Count(pod => pod.Metadata.Label(SparkNames.ApplicationLabel) == application.Name && pod.Name.StartsWith("taxidata-exec-", StringComparison.Ordinal)
                && !pod.Metadata.IsBeingDeleted && pod.Status["phase"]?.Text is "Pending" or "Running");
            Assert.InRange(asked, 0, 8);
        }
    }
}
