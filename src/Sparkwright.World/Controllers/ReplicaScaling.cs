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
    public static ReplicaScalingPlan Plan(IReadOnlyList<ApiObject> active, long replicas, IEnumerable<ApiObject> related)
    {
        var missing = replicas - active.Count;
        if (missing >= 0)
        {
            return new ReplicaScalingPlan((int)Math.Min(missing, Burst), [], missing > Burst);
        }

        var surplus = (int)Math.Min(-missing, Burst);
        return new ReplicaScalingPlan(0, [.. LeastMissedFirst(active, related).Take(surplus)], -missing > Burst);
    }

    /// <summary>
    /// The order in which pods are taken away: not bound, pending, not ready, cheap to delete, on a node with many of their kind, ready for
    /// a short time, often restarted, new.
    /// </summary>
    public static IEnumerable<ApiObject> LeastMissedFirst(IEnumerable<ApiObject> pods, IEnumerable<ApiObject> related)
    {
        var onNode = new Dictionary<string, int>();
        foreach (var pod in related)
        {
            var node = PodState.NodeName(pod);
            onNode[node] = onNode.GetValueOrDefault(node) + 1;
        }

        return pods
            .OrderBy(pod => PodState.NodeName(pod).Length > 0)
            .ThenBy(pod => PodState.Phase(pod) switch { "Pending" => 0, "Unknown" => 1, _ => 2 })
            .ThenBy(PodState.IsReady)
            .ThenBy(DeletionCost)
            .ThenByDescending(pod => onNode.GetValueOrDefault(PodState.NodeName(pod)))
            .ThenByDescending(pod => PodState.ReadySince(pod) ?? DateTime.MinValue)
            .ThenByDescending(PodState.Restarts)
            .ThenByDescending(pod => pod.Metadata.CreationTimestamp)
            .ThenBy(pod => pod.Name, StringComparer.Ordinal);
    }

    private static long DeletionCost(ApiObject pod) =>
        int.TryParse(pod.Metadata.Annotation("controller.kubernetes.io/pod-deletion-cost"), out var cost) ? cost : 0;
}
