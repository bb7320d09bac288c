using System.Globalization;
using Sparkwright.Kubernetes.Objects;

namespace Sparkwright.World.Controllers;

/// <summary>Reads and counts the status of jobs.</summary>
public static class JobStatus
{
    /// <summary>When a job became Complete or Failed; null while it has not.</summary>
    public static DateTime? FinishedAt(ApiObject job)
    {
        foreach (var type in (ReadOnlySpan<string>)["Complete", "Failed"])
        {
            if (Conditions.IsTrue(job.Status, type))
            {
                return Timestamps.Read(Conditions.Find(job.Status, type)?["lastTransitionTime"]);
            }
        }

        return null;
    }

    /// <summary>
    /// The status with the pods of now: those not yet counted that have finished are added to what is counted already, a pod being deleted
    /// before it finished as a failure. The caller then stops tracking them.
    /// </summary>
    public static TreeMap Count(ApiObject job, IReadOnlyList<ApiObject> pods, DateTime now)
    {
        var status = job.Status;
        var succeeded = status["succeeded"]?.Integer ?? 0;
        var failed = status["failed"]?.Integer ?? 0;
        var done = ReadIndexes(status["completedIndexes"]?.Text);
        var lost = ReadIndexes(status["failedIndexes"]?.Text);
        long active = 0, ready = 0, terminating = 0;
        foreach (var pod in pods)
        {
            var isTracked = pod.Metadata.Finalizers.Contains(JobPods.TrackingFinalizer);
            if (PodState.IsActive(pod))
            {
                active++;
                ready += PodState.IsReady(pod) ? 1 : 0;
                continue;
            }

            terminating += PodState.IsFinished(pod) ? 0 : 1;
            if (!isTracked || !IsCountable(job, pod))
            {
                continue;
            }

            if (PodState.Phase(pod) != "Succeeded")
            {
                failed += JobFailurePolicy.Match(job, pod)?.Action == "Ignore" ? 0 : 1;
                if (JobIndexFailures.AreCounted(job) && JobPods.IndexOf(pod) is { } of && JobIndexFailures.IsFinal(job, pod))
                {
                    lost.Add(of);
                }
            }
            else if (!JobPods.IsIndexed(job))
            {
                succeeded++;
            }
            else if (JobPods.IndexOf(pod) is { } index && done.Add(index))
            {
                succeeded++;
            }
        }

        if (job.Spec["suspend"]?.Boolean != true)
        {
            status = status.With("startTime", status["startTime"] ?? Timestamps.Print(now));
        }

        return status
            .With("active", active == 0 ? null : active)
            .With("completedIndexes", done.Count == 0 ? null : PrintIndexes(done))
            .With("failed", failed == 0 ? null : failed)
            .With("failedIndexes", JobIndexFailures.AreCounted(job) ? PrintIndexes(lost) : null)
            .With("ready", ready)
            .With("succeeded", succeeded == 0 ? null : succeeded)
            .With("terminating", terminating)
            .With("uncountedTerminatedPods", TreeMap.Empty);
    }

    /// <summary>
    /// Whether the outcome of a pod is known: it has finished, or it is being deleted and nobody waits for its end, or its kubelet has let it go.
    /// </summary>
    public static bool IsCountable(ApiObject job, ApiObject pod) =>
        PodState.IsFinished(pod) || (pod.Metadata.IsBeingDeleted && (!ReplacesOnlyFailed(job) || pod.Metadata.DeletionGracePeriodSeconds is null or 0));

    /// <summary>The uids of ended pods whose outcome is not in the counters yet.</summary>
    public static TreeMap Uncounted(IEnumerable<ApiObject> ended)
    {
        var uids = ended.ToLookup(pod => PodState.Phase(pod) == "Succeeded", Tree (pod) => pod.Metadata.Uid);
        return TreeMap.Of(
            ("failed", uids[false].Any() ? TreeList.From(uids[false]) : null),
            ("succeeded", uids[true].Any() ? TreeList.From(uids[true]) : null));
    }

    public static bool HasFailed(ApiObject job, ApiObject pod) => IsCountable(job, pod) && PodState.Phase(pod) != "Succeeded";

    /// <summary>Whether a pod on its way out is replaced only once it has ended.</summary>
    private static bool ReplacesOnlyFailed(ApiObject job) => job.Spec["podReplacementPolicy"]?.Text == "Failed";

    /// <param name="status">The status as just counted.</param>
    public static JobSnapshot Snapshot(ApiObject job, TreeMap status, IReadOnlyList<ApiObject> pods)
    {
        var (failures, last) = JobPlan.FailuresInARow(pods);
        var parallelism = job.Spec["parallelism"]?.Integer ?? 1;
        return new JobSnapshot
        {
            Parallelism = parallelism,
            // Neither given means one of each; completions alone absent means a shared work queue.
            Completions = job.Spec["completions"]?.Integer ?? (job.Spec["parallelism"] is null ? 1 : null),
            BackoffLimit = job.Spec["backoffLimit"]?.Integer ?? 6,
            ActiveDeadline = job.Spec["activeDeadlineSeconds"]?.Integer is { } seconds ? TimeSpan.FromSeconds(seconds) : null,
            IsSuspended = job.Spec["suspend"]?.Boolean == true,
            StartTime = Conditions.IsTrue(status, "Suspended") ? null : Timestamps.Read(status["startTime"]),
            Active = (int)(status["active"]?.Integer ?? 0),
            Leaving = ReplacesOnlyFailed(job) ? pods.Count(pod => pod.Metadata.IsBeingDeleted && !IsCountable(job, pod)) : 0,
            FailedIndexes = JobIndexFailures.AreCounted(job) ? ReadIndexes(status["failedIndexes"]?.Text).Count : null,
            MaxFailedIndexes = job.Spec["maxFailedIndexes"]?.Integer,
            FailureMatch = pods.Where(pod => HasFailed(job, pod)).Select(pod => JobFailurePolicy.Match(job, pod)).FirstOrDefault(match => match?.Action == "FailJob")?.Message,
            SuccessMatch = JobSuccessPolicy.Met(job, ReadIndexes(status["completedIndexes"]?.Text)),
            Terminating = (int)(status["terminating"]?.Integer ?? 0),
            Succeeded = status["succeeded"]?.Integer ?? 0,
            Failed = status["failed"]?.Integer ?? 0,
            Restarts = job.Spec.At("template", "spec", "restartPolicy")?.Text == "OnFailure" ? pods.Where(PodState.IsActive).Sum(PodState.Restarts) : 0,
            FailuresInARow = failures,
            LastFailure = last,
            Target = TargetOf(status),
        };
    }

    /// <summary>The completion indexes that have neither ended nor a pod, lowest first.</summary>
    public static IEnumerable<long> FreeIndexes(ApiObject job, TreeMap status, IEnumerable<ApiObject> active)
    {
        var taken = ReadIndexes(status["completedIndexes"]?.Text);
        taken.UnionWith(ReadIndexes(status["failedIndexes"]?.Text));
        taken.UnionWith(active.Select(JobPods.IndexOf).OfType<long>());
        for (long index = 0; index < (job.Spec["completions"]?.Integer ?? 1); index++)
        {
            if (!taken.Contains(index))
            {
                yield return index;
            }
        }
    }

    /// <summary>Reads a list like <c>0,2-4</c>.</summary>
    public static SortedSet<long> ReadIndexes(string? text)
    {
        var indexes = new SortedSet<long>();
        foreach (var part in (text ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries))
        {
            var ends = part.Split('-');
            var first = long.Parse(ends[0], NumberStyles.None, CultureInfo.InvariantCulture);
            var last = long.Parse(ends[^1], NumberStyles.None, CultureInfo.InvariantCulture);
            for (var index = first; index <= last; index++)
            {
                indexes.Add(index);
            }
        }

        return indexes;
    }

    /// <summary>Prints indexes with runs of three and more joined: <c>0,2-4</c>.</summary>
    public static string PrintIndexes(SortedSet<long> indexes)
    {
        var parts = new List<string>();
        long? first = null;
        long last = 0;
        foreach (var index in indexes)
        {
            if (first is { } begun && index != last + 1)
            {
                parts.Add(PrintRun(begun, last));
                first = null;
            }

            first ??= index;
            last = index;
        }

        if (first is { } open)
        {
            parts.Add(PrintRun(open, last));
        }

        return string.Join(',', parts);
    }

    private static string PrintRun(long first, long last)
    {
        var begin = first.ToString(CultureInfo.InvariantCulture);
        var end = last.ToString(CultureInfo.InvariantCulture);
        return (last - first) switch { 0 => begin, 1 => $"{begin},{end}", _ => $"{begin}-{end}" };
    }

    private static (bool Success, string Reason, string Message)? TargetOf(TreeMap status)
    {
        foreach (var (type, success) in (ReadOnlySpan<(string, bool)>)[("SuccessCriteriaMet", true), ("FailureTarget", false)])
        {
            if (Conditions.Find(status, type) is { } condition && condition["status"]?.Text == "True")
            {
                return (success, condition["reason"]?.Text ?? "", condition["message"]?.Text ?? "");
            }
        }

        return null;
    }
}
