using System.Globalization;
using System.Numerics;
using Sparkwright.Kubernetes.Objects;

namespace Sparkwright.World.Controllers;

/// <summary>What a replica set has to do about the number of its pods.</summary>
/// <param name="Create">How many pods to make now.</param>
/// <param name="Delete">The pods to take away, those first that are missed least.</param>
/// <param name="IsPartial">Whether more has to be done in the next turn.</param>
public sealed record ReplicaScalingPlan(int Create, IReadOnlyList<ApiObject> Delete, bool IsPartial);

/// <summary>Decides how a set of equal pods grows and shrinks.</summary>
public static class ReplicaScaling
{
    /// <summary>Most pods made or deleted in one turn (kube-controller-manager's burst of replicas).</summary>
    public const int Burst = 500;

    /// <param name="active">The set's pods that are neither finished nor on their way out.</param>
    /// <param name="related">Active pods of the sets that belong to the same workload, this one's included; they count when nodes are compared.</param>
    public static ReplicaScalingPlan Plan(IReadOnlyList<ApiObject> active, long replicas, IEnumerable<ApiObject> related, DateTime now)
    {
        var missing = replicas - active.Count;
        if (missing >= 0)
        {
            return new ReplicaScalingPlan((int)Math.Min(missing, Burst), [], missing > Burst);
        }

        var surplus = (int)Math.Min(-missing, Burst);
        return new ReplicaScalingPlan(0, [.. LeastMissedFirst(active, related, now).Take(surplus)], -missing > Burst);
    }

    /// <summary>
    /// The order in which pods are taken away: not bound, pending, not ready, cheap to delete, on a node with many of their kind, ready for
    /// a short time, often restarted, new. Times are compared by their magnitude, so that of pods about equally old any may go; the uid,
    /// which follows the seed, then decides.
    /// </summary>
    public static IEnumerable<ApiObject> LeastMissedFirst(IReadOnlyList<ApiObject> pods, IEnumerable<ApiObject> related, DateTime now)
    {
        var onNode = new Dictionary<string, int>();
        foreach (var pod in related)
        {
            var node = PodState.NodeName(pod);
            onNode[node] = onNode.GetValueOrDefault(node) + 1;
        }

        // Pods that became ready at one time are told apart by what follows, those of different times by uid alone.
        var firstOfTime = new Dictionary<DateTime, string>();
        foreach (var pod in pods)
        {
            if (PodState.ReadySince(pod) is { } since && (!firstOfTime.TryGetValue(since, out var first) || string.CompareOrdinal(pod.Metadata.Uid, first) < 0))
            {
                firstOfTime[since] = pod.Metadata.Uid;
            }
        }

        return BoundReadyLast(pods)
            .ThenBy(DeletionCost)
            .ThenByDescending(pod => onNode.GetValueOrDefault(PodState.NodeName(pod)))
            .ThenBy(pod => PodState.ReadySince(pod) is { } since ? Magnitude(now - since) : 0)
            .ThenBy(pod => PodState.ReadySince(pod) is { } since ? firstOfTime[since] : "", StringComparer.Ordinal)
            .ThenByDescending(PodState.MostRestarts)
            .ThenByDescending(PodState.MostSidecarRestarts)
            .ThenBy(pod => Magnitude(now - pod.Metadata.CreationTimestamp))
            .ThenBy(pod => pod.Metadata.Uid, StringComparer.Ordinal);
    }

    /// <summary>The order in which a job gives pods up, which knows neither costs nor nodes and compares times exactly.</summary>
    public static IEnumerable<ApiObject> LeastAdvancedFirst(IEnumerable<ApiObject> pods) => BoundReadyLast(pods)
        .ThenByDescending(pod => PodState.ReadySince(pod) ?? DateTime.MinValue)
        .ThenByDescending(PodState.MostRestarts)
        .ThenByDescending(PodState.MostSidecarRestarts)
        .ThenByDescending(pod => pod.Metadata.CreationTimestamp)
        .ThenBy(pod => pod.Name, StringComparer.Ordinal);

    private static IOrderedEnumerable<ApiObject> BoundReadyLast(IEnumerable<ApiObject> pods) => pods
        .OrderBy(pod => PodState.NodeName(pod).Length > 0)
        .ThenBy(pod => PodState.Phase(pod) switch { "Pending" => 0, "Unknown" => 1, _ => 2 })
        .ThenBy(PodState.IsReady);

    /// <summary>The binary logarithm of a time in nanoseconds, -1 when there is none yet.</summary>
    private static int Magnitude(TimeSpan age) => age <= TimeSpan.Zero ? -1 : BitOperations.Log2((ulong)age.Ticks * 100);

    private static long DeletionCost(ApiObject pod) =>
        int.TryParse(pod.Metadata.Annotation("controller.kubernetes.io/pod-deletion-cost"), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var cost) ? cost : 0;
}
