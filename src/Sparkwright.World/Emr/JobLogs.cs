using System.IO.Compression;
using System.Text;
using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Requests;
using Sparkwright.Kubernetes.Store;
using Sparkwright.Simulation;
using Sparkwright.World.Aws;
using Sparkwright.World.Aws.Logs;
using Sparkwright.World.Spark;

namespace Sparkwright.World.Emr;

/// <summary>A pod of a job run, or what was one.</summary>
public readonly record struct JobPod(ObjectKey Key, string Uid);

/// <summary>
/// The side-cars that carry the logs of submitters, drivers and executors to CloudWatch and S3, where the job run's monitoring asks for it and its
/// execution role may write. How
/// many lines of a pod have arrived is what its streams say, so that a restart repeats none. Where a pod goes that has never run, its log says
/// what it waited for; on AWS there would be none.
/// </summary>
public sealed class JobLogs : Worker<JobPod>
{
    /// <summary>All pods are flushed at the same instants, so that an application's run is worked out once for all of its executors.</summary>
    private static readonly TimeSpan CloudWatchFlush = TimeSpan.FromSeconds(10);

    /// <summary>An object of S3 is written anew each time.</summary>
    private static readonly TimeSpan S3Flush = TimeSpan.FromSeconds(120);

    private readonly ApiServer api;
    private readonly S3 s3;
    private readonly LogGroups logs;
    private readonly JobRights rights;
    private readonly Func<ApiObject, TreeMap, ContainerRun, IReadOnlyList<LogLine>> output;

    /// <summary>Pods that went and whose last lines are still to be sent.</summary>
    private readonly Dictionary<JobPod, ApiObject> gone = [];

    /// <param name="output">What a run of a pod's container writes.</param>
    public JobLogs(EventLoop loop, ApiServer api, S3 s3, LogGroups logs, JobRights rights, Func<ApiObject, TreeMap, ContainerRun, IReadOnlyList<LogLine>> output)
        : base(loop)
    {
        this.api = api;
        this.s3 = s3;
        this.logs = logs;
        this.rights = rights;
        this.output = output;
        foreach (var pod in api.Store.List(CoreTypes.Pod).Where(IsOfJob))
        {
            Wake(KeyOf(pod));
        }

        api.Store.Watch(CoreTypes.Pod, change =>
        {
            if (!IsOfJob(change.Object))
            {
                return;
            }

            if (change.Kind == StoreEventKind.Deleted)
            {
                gone[KeyOf(change.Object)] = change.Object;
            }
            else if (change.Old is { } old && MainRun(old) == MainRun(change.Object))
            {
                return;
            }

            Wake(KeyOf(change.Object));
        });
    }

    /// <summary>All that happened at an instant is in the flush of that instant.</summary>
    protected override bool ActsLast => true;

    protected override void Reconcile(JobPod key)
    {
        var isGone = gone.Remove(key, out var pod);
        pod ??= api.Store.Get(CoreTypes.Pod, key.Key) is { } known && known.Metadata.Uid == key.Uid ? known : null;
        if (pod is null || RunOf(pod) is not { Request.Monitoring.SendsLogs: true } job || !HasSideCar(pod) || !HasCredentials(job))
        {
            return;
        }

        if (MainRun(pod) is not { } run)
        {
            if (isGone)
            {
                Send(job, pod, [new LogLine(Clock.Now, $"{WaitingFor.Explain(pod, api.Store)}\n", IsError: true)], withS3: true);
            }

            return;
        }

        if (run.EndedAt is { } ended && !isGone && WasSent(job, pod, ended))
        {
            return;
        }

        if (pod.Metadata.Label(JobNames.ComponentLabel) == "job.submitter")
        {
            Describe(job);
        }

        var isOver = isGone || run.EndedAt is not null;
        var lines = output(pod, MainOf(pod)!, run).Where(line => line.At <= Clock.Now).ToList();
        Send(job, pod, lines, withS3: isOver || Clock.Now.Ticks % S3Flush.Ticks == 0);
        if (!isOver)
        {
            WakeAt(key, new DateTime((Clock.Now.Ticks / CloudWatchFlush.Ticks + 1) * CloudWatchFlush.Ticks, DateTimeKind.Utc));
        }
    }

    private static JobPod KeyOf(ApiObject pod) => new(pod.Key, pod.Metadata.Uid);

    private static bool IsOfJob(ApiObject pod) => pod.Metadata.Label(JobNames.ComponentLabel) is not null;

    private static TreeMap? MainOf(ApiObject pod) => Tree.ItemsOf(pod.Spec["containers"]) is [TreeMap main, ..] ? main : null;

    private static ContainerRun? MainRun(ApiObject pod) => MainOf(pod)?["name"]?.Text is { } name ? ContainerLog.Run(pod, name, previous: false) : null;

    /// <summary>A side-car writes as the execution role, which must let it.</summary>
    private bool HasCredentials(JobRun job) => JobIdentity.OfRoleArn(job.Request.ExecutionRoleArn) is { } identity && rights.CannotAssume(job, identity) is null;

    private static bool HasSideCar(ApiObject pod) => ContainerLog.ContainerOf(pod, EmrPodTemplates.SideCar) is not null;

    private JobRun? RunOf(ApiObject pod) =>
        pod.Metadata.Label(JobNames.JobLabel) is { } id && api.Store.Get(EmrTypes.JobRun, "", id) is { } known ? JobRun.Of(known) : null;

    /// <summary>Where a pod's logs lie below the prefix or the URI that was asked for.</summary>
    private static string Below(JobRun job, ApiObject pod) => pod.Metadata.Label(SparkNames.ApplicationLabel) is { } application
        ? $"{Below(job)}/containers/{application}/{pod.Name}"
        : $"{Below(job)}/control-logs/{pod.Name}";

    private static string Below(JobRun job) => $"{job.Request.VirtualClusterId}/jobs/{job.Id}";

    private static string StreamOf(JobRun job, string below) =>
        job.Request.Monitoring.LogStreamPrefix is { Length: > 0 } prefix ? $"{prefix}/{below}" : below;

    private static S3Uri? ObjectOf(JobRun job, ApiObject pod, string output) => job.Request.Monitoring.S3LogUri is { } text && S3Uri.Parse(text) is { } folder
        ? folder with { Key = $"{folder.Key.TrimEnd('/')}/{Below(job, pod)}/{output}.gz".TrimStart('/') }
        : null;

    /// <summary>Whether the last lines of a pod lie in S3 already: after a restart all pods are looked at again.</summary>
    private bool WasSent(JobRun job, ApiObject pod, DateTime ended) => ObjectOf(job, pod, "stderr") is { } uri && s3.Find(uri)?.LastModified > ended;

    private void Send(JobRun job, ApiObject pod, IReadOnlyList<LogLine> lines, bool withS3)
    {
        var (withCloudWatch, mayS3) = (rights.CannotLogToCloudWatch(job) is null, withS3 && rights.CannotLogToS3(job) is null);
        foreach (var (name, isError) in new[] { ("stderr", true), ("stdout", false) })
        {
            var mine = lines.Where(line => line.IsError == isError).ToList();
            if (withCloudWatch && job.Request.Monitoring.LogGroup is { } group)
            {
                ToCloudWatch(group, StreamOf(job, $"{Below(job, pod)}/{name}"), mine);
            }

            if (mayS3 && ObjectOf(job, pod, name) is { } uri && s3.HasBucket(uri.Bucket))
            {
                s3.Put(uri, Zip(mine));
            }
        }
    }

    private void ToCloudWatch(string group, string stream, IReadOnlyList<LogLine> lines)
    {
        logs.Create(group, TreeMap.Empty);
        logs.CreateStream(group, stream);
        var arrived = (int)logs.Find(group, stream)!.Count;
        logs.Put(group, stream, [.. lines.Skip(arrived).Select(line => (LogGroups.Milliseconds(line.At), line.Text.TrimEnd('\n')))]);
    }

    /// <summary>The submitter's first act: it writes what the job run is into a stream of its own.</summary>
    private void Describe(JobRun job)
    {
        if (job.Request.Monitoring.LogGroup is not { } group || rights.CannotLogToCloudWatch(job) is not null
            || logs.Find(group, StreamOf(job, $"{Below(job)}/job-metadata.log")) is not null)
        {
            return;
        }

        ToCloudWatch(group, StreamOf(job, $"{Below(job)}/job-metadata.log"), [new LogLine(Clock.Now, TreeMap.Of(
            ("entryPoint", job.Request.Driver.EntryPoint),
            ("executionRoleArn", job.Request.ExecutionRoleArn),
            ("jobRunArn", job.Arn),
            ("jobRunId", job.Id),
            ("jobRunName", job.Request.Name),
            ("releaseLabel", job.Request.Release.Label),
            ("virtualClusterId", job.Request.VirtualClusterId)).ToString())]);
    }

    private static byte[] Zip(IEnumerable<LogLine> lines)
    {
        using var whole = new MemoryStream();
        using (var zip = new GZipStream(whole, CompressionLevel.Fastest))
        {
            foreach (var line in lines)
            {
                zip.Write(Encoding.UTF8.GetBytes(line.Text));
            }
        }

        return whole.ToArray();
    }
}
