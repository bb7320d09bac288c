using Sparkwright.Kubernetes.Objects;

namespace Sparkwright.World.Controllers;

/// <summary>What is known of a job when its next step is decided.</summary>
public sealed record JobSnapshot
{
    public required long Parallelism { get; init; }

    /// <summary>Null: any success will do, and then no new pods are made.</summary>
    public required long? Completions { get; init; }

    public required long BackoffLimit { get; init; }

    public required TimeSpan? ActiveDeadline { get; init; }

    public required bool IsSuspended { get; init; }

    /// <summary>When the job began, or began again after a suspension.</summary>
    public required DateTime? StartTime { get; init; }

    public required int Active { get; init; }

    /// <summary>Pods on their way out that have not finished.</summary>
    public required int Terminating { get; init; }

    /// <summary>Pods on their way out that keep their place until they have ended.</summary>
    public required int Leaving { get; init; }

    public required long Succeeded { get; init; }

    public required long Failed { get; init; }

    /// <summary>Indexes that have failed for good; null when failures are not counted by index, and waits are not by index either.</summary>
    public required int? FailedIndexes { get; init; }

    public required long? MaxFailedIndexes { get; init; }

    /// <summary>What a rule of the failure policy says that fails the job as a whole.</summary>
    public required string? FailureMatch { get; init; }

    /// <summary>What a rule of the success policy says that is met.</summary>
    public required string? SuccessMatch { get; init; }

    /// <summary>Restarts of containers in pods that restart on failure; they count against the back-off limit too.</summary>
    public required long Restarts { get; init; }

    /// <summary>Failures since the last success, and when the last of them was.</summary>
    public required long FailuresInARow { get; init; }

    public required DateTime? LastFailure { get; init; }

    /// <summary>The verdict already written while the last pods go: the reason of SuccessCriteriaMet or FailureTarget.</summary>
    public required (bool Success, string Reason, string Message)? Target { get; init; }
}

/// <summary>What a job does next.</summary>
public abstract record JobStep
{
    private JobStep()
    {
    }

    /// <summary>The outcome is known; the pods that are left are taken away first.</summary>
    public sealed record Finish(bool Success, string Reason, string Message) : JobStep;

    public sealed record Suspend : JobStep;

    /// <summary>Goes on with a number of pods.</summary>
    /// <param name="Wanted">How many pods should be active.</param>
    /// <param name="Create">How many are made now.</param>
    /// <param name="Delete">How many are too many.</param>
    /// <param name="NextLook">When something changes by time alone: the end of a back-off or the deadline.</param>
    public sealed record Run(long Wanted, int Create, int Delete, DateTime? NextLook) : JobStep;
}

/// <summary>Decides a job's next step.</summary>
public static class JobPlan
{
    /// <summary>First wait after a failed pod; it doubles with each further one.</summary>
    public static readonly TimeSpan FirstBackoff = TimeSpan.FromSeconds(10);

    /// <summary>Longest wait: MaxJobPodFailureBackOff of 1.33 (its documentation still says six minutes).</summary>
    public static readonly TimeSpan LongestBackoff = TimeSpan.FromMinutes(10);

    /// <summary>Waits after the server refused a pod: from the first, doubled each time, to the longest (DefaultJobApiBackOff and MaxJobApiBackOff).</summary>
    private static readonly TimeSpan FirstRetry = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestRetry = TimeSpan.FromSeconds(60);

    public static JobStep Next(JobSnapshot job, DateTime now)
    {
        if (job.Target is { } target)
        {
            return new JobStep.Finish(target.Success, target.Reason, target.Message);
        }

        if (job.FailureMatch is { } match)
        {
            return new JobStep.Finish(false, "PodFailurePolicy", match);
        }

        var limitReached = job.Failed > job.BackoffLimit
            || (job.Restarts > 0 && (job.BackoffLimit == 0 || job.Restarts >= job.BackoffLimit));
        if (limitReached)
        {
            return new JobStep.Finish(false, "BackoffLimitExceeded", "Job has reached the specified backoff limit");
        }

        var deadline = job.IsSuspended ? null : job.StartTime + job.ActiveDeadline;
        if (deadline <= now)
        {
            return new JobStep.Finish(false, "DeadlineExceeded", "Job was active longer than specified deadline");
        }

        if (job.FailedIndexes > job.MaxFailedIndexes)
        {
            return new JobStep.Finish(false, "MaxFailedIndexesExceeded", "Job has exceeded the specified maximal number of failed indexes");
        }

        if (job.SuccessMatch is { } met)
        {
            return new JobStep.Finish(true, "SuccessPolicy", met);
        }

        if (job.FailedIndexes > 0 && job.Succeeded + job.FailedIndexes >= job.Completions)
        {
            return new JobStep.Finish(false, "FailedIndexes", "Job has failed indexes");
        }

        var isComplete = job.Completions is { } completions
            ? job.Succeeded >= completions
            : job.Succeeded > 0 && job.Active == 0 && job.Terminating == 0;
        if (isComplete)
        {
            return new JobStep.Finish(true, "CompletionsReached", "Reached expected number of succeeded pods");
        }

        if (job.IsSuspended)
        {
            return new JobStep.Suspend();
        }

        var wanted = job.Completions is { } all
            ? Math.Min(job.Parallelism, all - job.Succeeded - (job.FailedIndexes ?? 0))
            : job.Succeeded > 0 ? Math.Min(job.Active, job.Parallelism) : job.Parallelism;
        if (job.Active > wanted)
        {
            return new JobStep.Run(wanted, 0, (int)Math.Min(job.Active - wanted, ReplicaScaling.Burst), deadline);
        }

        var missing = (int)Math.Clamp(wanted - job.Active - job.Leaving, 0, ReplicaScaling.Burst);
        if (missing > 0 && job.FailedIndexes is null && job.LastFailure + Backoff(job.FailuresInARow) is { } resumes && resumes > now)
        {
            return new JobStep.Run(wanted, 0, 0, deadline < resumes ? deadline : resumes);
        }

        return new JobStep.Run(wanted, missing, 0, deadline);
    }

    /// <summary>The wait after a number of failures in a row: 10 s, 20 s, 40 s, … up to the longest.</summary>
    public static TimeSpan Backoff(long failures)
    {
        if (failures <= 0)
        {
            return TimeSpan.Zero;
        }

        var wait = FirstBackoff * (1L << (int)Math.Min(failures - 1, 20));
        return wait > LongestBackoff ? LongestBackoff : wait;
    }

    /// <summary>The wait after a number of refusals in a row: 1 s, 2 s, 4 s, … up to a minute.</summary>
    public static TimeSpan RetryAfterRefusal(int refusals)
    {
        var wait = FirstRetry * (1L << Math.Clamp(refusals - 1, 0, 20));
        return wait > LongestRetry ? LongestRetry : wait;
    }

    /// <summary>Counts the failures since the last success among finished pods.</summary>
    public static (long Failures, DateTime? Last) FailuresInARow(IEnumerable<ApiObject> pods)
    {
        long failures = 0;
        DateTime? last = null;

        // A failure in the same second as a success counts, whatever the names of the two.
        var newestFirst = pods
            .OrderByDescending(PodState.FinishedAt)
            .ThenBy(pod => PodState.Phase(pod) == "Succeeded")
            .ThenBy(pod => pod.Name, StringComparer.Ordinal);
        foreach (var pod in newestFirst)
        {
            switch (PodState.Phase(pod))
            {
                case "Succeeded":
                    return (failures, last);
                case "Failed":
                    failures++;
                    last ??= PodState.FinishedAt(pod);
                    break;
            }
        }

        return (failures, last);
    }
}
