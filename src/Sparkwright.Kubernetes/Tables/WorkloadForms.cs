using Sparkwright.Kubernetes.Objects;
using static Sparkwright.Kubernetes.Tables.Cell;

namespace Sparkwright.Kubernetes.Tables;

/// <summary>Tables of what makes pods.</summary>
internal static class WorkloadForms
{
    public static TableForm Deployment { get; } = new(
        "Name | Ready | Up-to-date | Available | Age | Containers+ | Images+ | Selector+",
        static (one, now) =>
        [
            one.Name, ReadyOf(one), Number(one.Status["updatedReplicas"]), Number(one.Status["availableReplicas"]), Age(one, now), .. Template(one), Selector(one.Spec["selector"]),
        ]);

    public static TableForm ReplicaSet { get; } = new(
        "Name | Desired:integer | Current:integer | Ready:integer | Age | Containers+ | Images+ | Selector+",
        static (one, now) =>
        [
            one.Name, Number(one.Spec["replicas"]), Number(one.Status["replicas"]), Number(one.Status["readyReplicas"]), Age(one, now), .. Template(one), Selector(one.Spec["selector"]),
        ]);

    public static TableForm ReplicationController { get; } = new(
        ReplicaSet.Columns,
        static (one, now) =>
        [
            one.Name, Number(one.Spec["replicas"]), Number(one.Status["replicas"]), Number(one.Status["readyReplicas"]), Age(one, now), .. Template(one), Labels(one.Spec["selector"]),
        ]);

    public static TableForm StatefulSet { get; } = new(
        "Name | Ready | Age | Containers+ | Images+",
        static (one, now) => [one.Name, ReadyOf(one), Age(one, now), .. Template(one)]);

    public static TableForm DaemonSet { get; } = new(
        "Name | Desired:integer | Current:integer | Ready:integer | Up-to-date:integer | Available:integer | Node Selector | Age | Containers+ | Images+ | Selector+",
        static (one, now) =>
        [
            one.Name,
            Number(one.Status["desiredNumberScheduled"]),
            Number(one.Status["currentNumberScheduled"]),
            Number(one.Status["numberReady"]),
            Number(one.Status["updatedNumberScheduled"]),
            Number(one.Status["numberAvailable"]),
            Labels(one.Spec.At("template", "spec", "nodeSelector")),
            Age(one, now),
            .. Template(one),
            Selector(one.Spec["selector"]),
        ]);

    public static TableForm Job { get; } = new(
        "Name | Status | Completions | Duration | Age | Containers+ | Images+ | Selector+",
        static (one, now) => [one.Name, JobStatus(one), Completions(one), Duration(one, now), Age(one, now), .. Template(one), Selector(one.Spec["selector"])]);

    public static TableForm CronJob { get; } = new(
        "Name | Schedule | Timezone | Suspend:boolean | Active:integer | Last Schedule | Age | Containers+ | Images+ | Selector+",
        static (one, now) =>
        [
            one.Name,
            one.Spec["schedule"]?.Text ?? "",
            OrNone(one.Spec["timeZone"]?.Text),
            one.Spec["suspend"]?.Boolean switch { true => "True", false => "False", _ => Unset },
            Items(one.Status["active"]).LongLength,
            one.Status["lastScheduleTime"] is { } last ? HumanDuration.Since(last, now) : None,
            Age(one, now),
            Containers(one.Spec.At("jobTemplate", "spec", "template", "spec")),
            Images(one.Spec.At("jobTemplate", "spec", "template", "spec")),
            Selector(one.Spec.At("jobTemplate", "spec", "selector")),
        ]);

    public static TableForm ControllerRevision { get; } = new(
        "Name | Controller | Revision:integer | Age",
        static (one, now) =>
        [
            one.Name,
            one.Metadata.Controller is { } owner ? $"{Kind(owner)}/{owner.Name}" : None,
            Number(one.Body["revision"]),
            Age(one, now),
        ]);

    public static TableForm PodTemplate { get; } = new(
        "Name | Containers | Images | Pod Labels",
        static (one, _) => [one.Name, Containers(one.Body.At("template", "spec")), Images(one.Body.At("template", "spec")), Labels(one.Body.At("template", "metadata", "labels"))]);

    public static TableForm HorizontalPodAutoscaler { get; } = new(
        "Name | Reference | Targets | MinPods | MaxPods | Replicas | Age",
        static (one, now) =>
        [
            one.Name,
            $"{one.Spec.At("scaleTargetRef", "kind")?.Text}/{one.Spec.At("scaleTargetRef", "name")?.Text}",
            Targets(one),
            one.Spec["minReplicas"] is { } least ? $"{Number(least)}" : Unset,
            Number(one.Spec["maxReplicas"]),
            Number(one.Status["currentReplicas"]),
            Age(one, now),
        ]);

    /// <summary>The kind with its group, as a manager is named: <c>statefulset.apps</c>.</summary>
    private static string Kind(OwnerReference owner)
    {
#pragma warning disable CA1308 // The server prints it in lower case.
        var kind = owner.Kind.ToLowerInvariant();
#pragma warning restore CA1308
        return owner.ApiVersion.Split('/') is [var group, _] ? $"{kind}.{group}" : kind;
    }

    private static string ReadyOf(ApiObject one) => $"{Number(one.Status["readyReplicas"])}/{Number(one.Spec["replicas"])}";

    private static Tree[] Template(ApiObject one) => [Containers(one.Spec.At("template", "spec")), Images(one.Spec.At("template", "spec"))];

    private static string JobStatus(ApiObject job)
    {
        return Conditions.IsTrue(job.Status, "Complete") ? "Complete"
            : Conditions.IsTrue(job.Status, "Failed") ? "Failed"
            : job.Metadata.IsBeingDeleted ? "Terminating"
            : Conditions.IsTrue(job.Status, "Suspended") ? "Suspended"
            : Conditions.IsTrue(job.Status, "FailureTarget") ? "FailureTarget"
            : Conditions.IsTrue(job.Status, "SuccessCriteriaMet") ? "SuccessCriteriaMet"
            : "Running";
    }

    private static string Completions(ApiObject job)
    {
        var succeeded = Number(job.Status["succeeded"]);
        var parallel = Number(job.Spec["parallelism"]);
        return job.Spec["completions"]?.Integer is { } wanted ? $"{succeeded}/{wanted}" : parallel > 1 ? $"{succeeded}/1 of {parallel}" : $"{succeeded}/1";
    }

    private static string Duration(ApiObject job, DateTime now) => Timestamps.Read(job.Status["startTime"]) is { } start
        ? HumanDuration.Print((Timestamps.Read(job.Status["completionTime"]) ?? now) - start)
        : "";

    /// <summary>Metrics of other sources than resources stand as unknown: nothing measures them here.</summary>
    private static Tree Targets(ApiObject scaler)
    {
        var current = Items(scaler.Status["currentMetrics"]);
        var texts = Items(scaler.Spec["metrics"]).Select((metric, at) =>
        {
            var (name, target) = (metric.At("resource", "name")?.Text, metric.At("resource", "target"));
            var now = at < current.Length ? current[at].At("resource", "current") : null;
            return target?["averageUtilization"]?.Integer is { } percent
                ? $"{name}: {(now?["averageUtilization"]?.Integer is { } used ? $"{used}%" : "<unknown>")}/{percent}%"
                : $"{(name is null ? "" : $"{name}: ")}{now?["averageValue"]?.Text ?? "<unknown>"}/{target?["averageValue"]?.Text ?? "<auto>"}";
        }).ToList();
        return texts.Count == 0 ? None : texts.Count <= 2 ? string.Join(", ", texts) : $"{string.Join(", ", texts.Take(2))} + {texts.Count - 2} more...";
    }
}
