using Sparkwright.Kubernetes.Objects;

namespace Sparkwright.World.Controllers;

/// <summary>What a deployment says of itself.</summary>
public static class DeploymentStatus
{
    private const string Progressing = "Progressing";
    private const string IsAvailableNow = "NewReplicaSetAvailable";
    private const string TimedOut = "ProgressDeadlineExceeded";

    /// <summary>The status by the state of the replica sets.</summary>
    public static TreeMap Of(ApiObject deployment, ApiObject? newSet, IReadOnlyList<ApiObject> sets, DateTime now)
    {
        var before = deployment.Status;
        var total = sets.Sum(set => Count(set.Status, "replicas"));
        var available = sets.Sum(set => Count(set.Status, "availableReplicas"));
        var asked = sets.Sum(ReplicaSets.Replicas);
        var status = before
            .With("availableReplicas", CountOrNull(available))
            .With("observedGeneration", deployment.Metadata.Generation)
            .With("readyReplicas", CountOrNull(sets.Sum(set => Count(set.Status, "readyReplicas"))))
            .With("replicas", CountOrNull(total))
            .With("unavailableReplicas", CountOrNull(Math.Max(0, asked - available)))
            .With("updatedReplicas", CountOrNull(newSet is null ? 0 : Count(newSet.Status, "replicas")));
        var pace = RolloutPace.Of(deployment.Spec);
        status = available >= pace.Replicas - pace.MaxUnavailable
            ? WorkloadConditions.SetUpdated(status, "Available", "True", "MinimumReplicasAvailable", "Deployment has minimum availability.", now)
            : WorkloadConditions.SetUpdated(status, "Available", "False", "MinimumReplicasUnavailable", "Deployment does not have minimum availability.", now);
        return WithFailure(WithProgress(deployment, newSet, before, status, now), newSet, sets, now);
    }

    /// <summary>All pods are of the present template and available, and no others are left.</summary>
    public static bool IsComplete(ApiObject deployment, TreeMap status)
    {
        var replicas = deployment.Spec["replicas"]?.Integer ?? 1;
        return Count(status, "updatedReplicas") == replicas
            && Count(status, "replicas") == replicas
            && Count(status, "availableReplicas") == replicas
            && status["observedGeneration"]?.Integer >= deployment.Metadata.Generation;
    }

    /// <summary>When a roll-out that makes no progress is declared stuck; null when none is going on.</summary>
    public static DateTime? TimesOutAt(ApiObject deployment)
    {
        var condition = Conditions.Find(deployment.Status, Progressing);
        if (condition is null || !HasDeadline(deployment) || condition["reason"]?.Text is IsAvailableNow or TimedOut || deployment.Spec["paused"]?.Boolean == true)
        {
            return null;
        }

        return Timestamps.Read(condition["lastUpdateTime"])?.AddSeconds(deployment.Spec["progressDeadlineSeconds"]?.Integer ?? 600);
    }

    /// <summary>Whether progress is watched at all; the largest number of seconds means that it is not.</summary>
    public static bool HasDeadline(ApiObject deployment) => deployment.Spec["progressDeadlineSeconds"]?.Integer is null or < int.MaxValue;

    private static TreeMap WithProgress(ApiObject deployment, ApiObject? newSet, TreeMap before, TreeMap status, DateTime now)
    {
        if (!HasDeadline(deployment))
        {
            return WorkloadConditions.Without(status, Progressing);
        }

        var condition = Conditions.Find(status, Progressing);
        if (deployment.Spec["paused"]?.Boolean == true)
        {
            return condition?["reason"]?.Text == TimedOut
                ? status
                : WorkloadConditions.SetUpdated(status, Progressing, "Unknown", "DeploymentPaused", "Deployment is paused", now);
        }

        if (condition?["reason"]?.Text == "DeploymentPaused")
        {
            status = WorkloadConditions.SetUpdated(status, Progressing, "Unknown", "DeploymentResumed", "Deployment is resumed", now);
        }

        // A finished roll-out stays finished when its pods come and go.
        if (condition?["reason"]?.Text == IsAvailableNow && Count(status, "replicas") == Count(status, "updatedReplicas"))
        {
            return status;
        }

        var subject = newSet is null ? $"Deployment \"{deployment.Name}\"" : $"ReplicaSet \"{newSet.Name}\"";
        if (IsComplete(deployment, status))
        {
            return WorkloadConditions.SetUpdated(status, Progressing, "True", IsAvailableNow, $"{subject} has successfully progressed.", now);
        }

        if (MovedOn(before, status))
        {
            return WorkloadConditions.SetUpdated(status, Progressing, "True", "ReplicaSetUpdated", $"{subject} is progressing.", now, progressed: true);
        }

        return TimesOutAt(deployment.WithStatus(status)) is { } due && due <= now
            ? WorkloadConditions.SetUpdated(status, Progressing, "False", TimedOut, $"{subject} has timed out progressing.", now)
            : status;
    }

    /// <summary>More pods of the new template, fewer of the old, or more that are ready or available.</summary>
    private static bool MovedOn(TreeMap before, TreeMap now) =>
        Count(now, "updatedReplicas") > Count(before, "updatedReplicas")
        || Count(now, "replicas") - Count(now, "updatedReplicas") < Count(before, "replicas") - Count(before, "updatedReplicas")
        || Count(now, "readyReplicas") > Count(before, "readyReplicas")
        || Count(now, "availableReplicas") > Count(before, "availableReplicas");

    /// <summary>The new set's trouble with making pods is the deployment's; else that of any old one.</summary>
    private static TreeMap WithFailure(TreeMap status, ApiObject? newSet, IReadOnlyList<ApiObject> sets, DateTime now)
    {
        var failure = newSet is null ? null : Conditions.Find(newSet.Status, "ReplicaFailure");
        foreach (var set in sets)
        {
            failure ??= Conditions.Find(set.Status, "ReplicaFailure");
        }

        return failure is null
            ? WorkloadConditions.Without(status, "ReplicaFailure")
            : WorkloadConditions.SetUpdated(status, "ReplicaFailure", "True", failure["reason"]?.Text ?? "", failure["message"]?.Text ?? "", now);
    }

    private static long Count(TreeMap status, string name) => status[name]?.Integer ?? 0;

    private static Tree? CountOrNull(long count) => count == 0 ? null : count;
}
