using System.Globalization;
using Sparkwright.Kubernetes.Objects;

namespace Sparkwright.World.Controllers;

/// <summary>How jobs mark the pods that are theirs.</summary>
public static class JobPods
{
    public const string TrackingFinalizer = "batch.kubernetes.io/job-tracking";
    public const string IndexAnnotation = "batch.kubernetes.io/job-completion-index";

    public static bool IsIndexed(ApiObject job) => job.Spec["completionMode"]?.Text == "Indexed";

    public static long? IndexOf(ApiObject pod) =>
        long.TryParse(pod.Metadata.Annotation(IndexAnnotation), NumberStyles.None, CultureInfo.InvariantCulture, out var index) ? index : null;

    /// <param name="index">The completion index of an Indexed job's pod.</param>
    /// <param name="failures">How often the index has failed before, where that is counted.</param>
    public static ApiObject New(ApiObject job, long? index, IndexFailures? failures)
    {
        var template = PodTemplates.Of(job);
        var pod = PodTemplates.NewPod(job, template);
        var metadata = pod.Metadata with
        {
            Finalizers = pod.Metadata.Finalizers.Contains(TrackingFinalizer) ? pod.Metadata.Finalizers : pod.Metadata.Finalizers.Add(TrackingFinalizer),
        };
        if (index is not { } number)
        {
            return pod.With(metadata);
        }

        var text = number.ToString(CultureInfo.InvariantCulture);
        var containers = Tree.ItemsOf(pod.Spec["containers"]).ToArray().OfType<TreeMap>().Select(container => WithIndex(container, text));
        return pod.Set(["spec", "containers"], TreeList.From(containers)).Set(["spec", "hostname"], pod.Spec["hostname"] ?? $"{job.Name}-{text}").With(metadata with
        {
            GenerateName = $"{job.Name}-{text}-",
            Labels = metadata.Labels.With(IndexAnnotation, text),
            Annotations = metadata.Annotations
                .With(IndexAnnotation, text)
                .With(JobIndexFailures.CountAnnotation, failures?.Counted.ToString(CultureInfo.InvariantCulture))
                .With(JobIndexFailures.IgnoredAnnotation, failures is { Ignored: > 0 } ? failures.Ignored.ToString(CultureInfo.InvariantCulture) : null),
        });
    }

    private static TreeMap WithIndex(TreeMap container, string index)
    {
        var known = Tree.ItemsOf(container["env"]).ToArray();
        return known.Any(item => item["name"]?.Text == "JOB_COMPLETION_INDEX")
            ? container
            : container.With("env", TreeList.From([.. known, TreeMap.Of(("name", "JOB_COMPLETION_INDEX"), ("value", index))]));
    }
}
