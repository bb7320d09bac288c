namespace Sparkwright.World.Karpenter.Solver;

/// <summary>
/// The planned nodes that pods of one class may still go to, the one with the fewest pods first. A node's place in the order is brought up
/// to date only when it is looked at; counts only rise, so the first one that is right is the least.
/// </summary>
internal sealed class OpenClaims(List<ClaimInProgress> claims)
{
    private readonly PriorityQueue<int, (int Pods, int Ordinal)> queue = new();
    private int known;

    public bool TryAdd(SolverPod pod, PodNeeds needs)
    {
        for (; known < claims.Count; known++)
        {
            queue.Enqueue(known, (claims[known].PodCount, known));
        }

        while (queue.TryPeek(out var ordinal, out var noted))
        {
            var claim = claims[ordinal];
            if (claim.PodCount != noted.Pods)
            {
                queue.DequeueEnqueue(ordinal, (claim.PodCount, ordinal));
            }
            else if (claim.TryAdd(pod, needs))
            {
                queue.DequeueEnqueue(ordinal, (claim.PodCount, ordinal));
                return true;
            }
            else
            {
                queue.Dequeue();
            }
        }

        return false;
    }
}
