using Sparkwright.Kubernetes.Objects;

namespace Sparkwright.World.Controllers;

/// <summary>How a StatefulSet wants its pods, read once.</summary>
public sealed record StatefulPace
{
    /// <summary>The first ordinal.</summary>
    public required long Start { get; init; }

    public required long Replicas { get; init; }

    /// <summary>One pod after the other, each ready before the next; else all at once.</summary>
    public required bool IsOrdered { get; init; }

    /// <summary>Whether pods of an old template are replaced by the controller, or only once somebody deletes them.</summary>
    public required bool Rolls { get; init; }

    /// <summary>How many pods, counted from the first, stay with the old template.</summary>
    public required long Partition { get; init; }

    public required long MinReadySeconds { get; init; }

    public static StatefulPace Of(TreeMap spec) => new()
    {
        Start = spec.At("ordinals", "start")?.Integer ?? 0,
        Replicas = spec["replicas"]?.Integer ?? 1,
        IsOrdered = spec["podManagementPolicy"]?.Text != "Parallel",
        Rolls = spec.At("updateStrategy", "type")?.Text != "OnDelete",
        Partition = spec.At("updateStrategy", "rollingUpdate", "partition")?.Integer ?? 0,
        MinReadySeconds = spec["minReadySeconds"]?.Integer ?? 0,
    };

    public bool Has(long ordinal) => ordinal >= Start && ordinal < Start + Replicas;
}

/// <summary>A pod of a StatefulSet and its ordinal.</summary>
public sealed record StatefulPod(long Ordinal, ApiObject Pod);

/// <summary>What a StatefulSet does with one of its pods.</summary>
public abstract record StatefulStep
{
    private StatefulStep()
    {
    }

    /// <param name="OfOldTemplate">Whether the pod is below the partition and so has the template in use before.</param>
    public sealed record Create(long Ordinal, bool OfOldTemplate) : StatefulStep;

    /// <summary>A pod ended by itself and is made anew.</summary>
    public sealed record Recreate(ApiObject Pod) : StatefulStep;

    /// <summary>There are too many pods.</summary>
    public sealed record ScaleDown(ApiObject Pod) : StatefulStep;

    /// <summary>The pod has an old template.</summary>
    public sealed record Replace(ApiObject Pod) : StatefulStep;
}

/// <summary>Decides what a StatefulSet does next.</summary>
public static class StatefulPlan
{
    /// <param name="pods">All pods of the set, by ordinal, those on their way out too.</param>
    /// <param name="waitsForClaim">Whether a pod cannot be made yet, as a claim of its forerunner is still on its way out.</param>
    public static IReadOnlyList<StatefulStep> Next(
        StatefulPace pace,
        IReadOnlyList<StatefulPod> pods,
        string updateRevision,
        Func<long, bool> waitsForClaim,
        DateTime now)
    {
        var steps = new List<StatefulStep>();
        var byOrdinal = pods.ToDictionary(pod => pod.Ordinal, pod => pod.Pod);
        bool IsAvailable(ApiObject pod) => IsRunningAndReady(pod) && PodState.IsAvailable(pod, pace.MinReadySeconds, now);
        for (var ordinal = pace.Start; ordinal < pace.Start + pace.Replicas; ordinal++)
        {
            if (!byOrdinal.TryGetValue(ordinal, out var pod))
            {
                if (waitsForClaim(ordinal))
                {
                    return steps;
                }

                steps.Add(new StatefulStep.Create(ordinal, pace.Rolls && ordinal < pace.Start + pace.Partition));
                if (pace.IsOrdered)
                {
                    return steps;
                }
            }
            else if (PodState.IsFinished(pod))
            {
                if (!pod.Metadata.IsBeingDeleted)
                {
                    steps.Add(new StatefulStep.Recreate(pod));
                }

                return steps;
            }
            else if (pace.IsOrdered && (pod.Metadata.IsBeingDeleted || !IsAvailable(pod)))
            {
                return steps;
            }
        }

        // From the highest down. The lowest pod that is not well may go although it is not ready; the others wait for it.
        var firstUnhealthy = pods.OrderBy(pod => !pace.Has(pod.Ordinal)).ThenBy(pod => pod.Ordinal).FirstOrDefault(pod => !IsHealthy(pod.Pod))?.Pod;
        foreach (var (_, pod) in pods.Where(pod => !pace.Has(pod.Ordinal)).OrderByDescending(pod => pod.Ordinal))
        {
            var blocks = pod.Metadata.IsBeingDeleted || (!IsAvailable(pod) && pod != firstUnhealthy);
            if (blocks && pace.IsOrdered)
            {
                return steps;
            }

            if (!pod.Metadata.IsBeingDeleted)
            {
                steps.Add(new StatefulStep.ScaleDown(pod));
                if (pace.IsOrdered)
                {
                    return steps;
                }
            }
        }

        return pace.Rolls && NextReplaced(pace, byOrdinal, updateRevision) is { } old ? [.. steps, new StatefulStep.Replace(old)] : steps;
    }

    /// <summary>The highest pod of an old template, unless one above it is not well yet.</summary>
    private static ApiObject? NextReplaced(StatefulPace pace, Dictionary<long, ApiObject> byOrdinal, string updateRevision)
    {
        for (var ordinal = pace.Start + pace.Replicas - 1; ordinal >= pace.Start + pace.Partition; ordinal--)
        {
            if (!byOrdinal.TryGetValue(ordinal, out var pod))
            {
                return null;
            }

            if (StatefulPods.RevisionOf(pod) != updateRevision && !pod.Metadata.IsBeingDeleted)
            {
                return pod;
            }

            if (!IsHealthy(pod))
            {
                return null;
            }
        }

        return null;
    }

    public static bool IsRunningAndReady(ApiObject pod) => PodState.Phase(pod) == "Running" && PodState.IsReady(pod);

    private static bool IsHealthy(ApiObject pod) => IsRunningAndReady(pod) && !pod.Metadata.IsBeingDeleted;
}
