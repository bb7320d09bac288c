using System.Globalization;
using Sparkwright.Kubernetes.Objects;

namespace Sparkwright.World.Controllers;

/// <summary>How often the pods of one completion index have failed.</summary>
/// <param name="Counted">Failures that count against <c>backoffLimitPerIndex</c>.</param>
/// <param name="Ignored">Failures that a rule of the failure policy ignores; they lengthen the wait all the same.</param>
/// <param name="Last">When the last of them was.</param>
public sealed record IndexFailures(long Counted, long Ignored, DateTime? Last)
{
    public static IndexFailures None { get; } = new(0, 0, null);

    /// <summary>When the index may have a pod again.</summary>
    public DateTime? Resumes => Last + JobPlan.Backoff(Counted + Ignored);
}

/// <summary>Jobs with <c>backoffLimitPerIndex</c>: each pod carries how often those before it failed.</summary>
public static class JobIndexFailures
{
    public const string CountAnnotation = "batch.kubernetes.io/job-index-failure-count";
    public const string IgnoredAnnotation = "batch.kubernetes.io/job-index-ignored-failure-count";

    public static bool AreCounted(ApiObject job) => job.Spec["backoffLimitPerIndex"] is not null;

    /// <summary>The failures of an index after a pod of it failed.</summary>
    public static IndexFailures After(ApiObject job, ApiObject pod)
    {
        var isIgnored = JobFailurePolicy.Match(job, pod)?.Action == "Ignore";
        return new(
            Read(pod, CountAnnotation) + (isIgnored ? 0 : 1),
            Read(pod, IgnoredAnnotation) + (isIgnored ? 1 : 0),
            PodState.FinishedAt(pod));
    }

    /// <summary>The failures of each index that has any, by its latest failed pod.</summary>
    public static Dictionary<long, IndexFailures> Of(ApiObject job, IReadOnlyList<ApiObject> pods) => pods
        .Where(pod => JobStatus.HasFailed(job, pod) && JobPods.IndexOf(pod) is not null)
        .GroupBy(pod => JobPods.IndexOf(pod)!.Value)
        .ToDictionary(
            group => group.Key,
            group => group.Select(pod => After(job, pod)).OrderByDescending(failures => failures.Counted + failures.Ignored).First());

    /// <summary>Whether an index has failed for good with this pod.</summary>
    public static bool IsFinal(ApiObject job, ApiObject pod) =>
        JobFailurePolicy.Match(job, pod)?.Action == "FailIndex" || After(job, pod).Counted > (job.Spec["backoffLimitPerIndex"]?.Integer ?? 0);

    private static long Read(ApiObject pod, string annotation) =>
        long.TryParse(pod.Metadata.Annotation(annotation), NumberStyles.None, CultureInfo.InvariantCulture, out var count) ? count : 0;
}
