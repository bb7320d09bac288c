using Sparkwright.Kubernetes.Fitting;

namespace Sparkwright.World.Scheduling;

/// <summary>How much the default scheduler likes a node for a pod: its scores with their default weights, in whole numbers.</summary>
public static class Scores
{
    /// <summary>The most that one score gives before its weight.</summary>
    public const long Best = 100;

    /// <summary>The most that both resource scores and that of images give together.</summary>
    public const int MostForNodes = 3 * (int)Best;

    public const long SpreadWeight = 2;
    public const long NeighboursWeight = 2;

    /// <summary>Parts of the fractions that BalancedAllocation compares; whole numbers leave no tie to rounding.</summary>
    private const long Parts = 1_000_000;

    private const long TaintTolerationWeight = 3;
    private const long NodeAffinityWeight = 2;

    /// <summary>The total for each feasible node, in the order of the nodes.</summary>
    public static long[] Of(PodSpecView pod, IReadOnlyList<NodeState> feasible)
    {
        var preferred = feasible.Select(node => Preferred(pod, node.View)).ToArray();
        var intolerable = feasible.Select(node => Intolerable(pod, node.View)).ToArray();
        return [.. feasible.Select((node, at) => ForResources(pod, node) + OfWishes(preferred[at], preferred.Max(), intolerable[at], intolerable.Max()))];
    }

    /// <summary>LeastAllocated and BalancedAllocation, with weight 1 each.</summary>
    public static int ForResources(PodSpecView pod, NodeState node) => (int)(LeastAllocated(pod, node) + BalancedAllocation(pod, node));

    /// <summary>Preferred node affinity and PreferNoSchedule taints, each against the most that a feasible node has of it.</summary>
    public static long OfWishes(long preferred, long mostPreferred, long intolerable, long mostIntolerable) =>
        (NodeAffinityWeight * (mostPreferred == 0 ? 0 : preferred * Best / mostPreferred))
        + (TaintTolerationWeight * (mostIntolerable == 0 ? Best : Best - (intolerable * Best / mostIntolerable)));

    /// <summary>The weights of the preferred terms that a node matches, together.</summary>
    public static long Preferred(PodSpecView pod, NodeView node)
    {
        var sum = 0L;
        foreach (var wish in pod.PreferredTerms)
        {
            sum += wish.Term.Matches(node.Labels, node.Name) ? wish.Weight : 0;
        }

        return sum;
    }

    /// <summary>How many PreferNoSchedule taints the pod does not tolerate.</summary>
    public static long Intolerable(PodSpecView pod, NodeView node)
    {
        var count = 0L;
        foreach (var taint in node.Taints)
        {
            count += taint.Effect == Taint.PreferNoSchedule && !pod.Tolerates(taint) ? 1 : 0;
        }

        return count;
    }

    /// <summary>The mean free share of cpu and memory, 0 to 100.</summary>
    public static long LeastAllocated(PodSpecView pod, NodeState node)
    {
        var (used, asked, all) = (node.UsedForScores, pod.ScoringRequests, node.View.Allocatable);
        var shares = FreeShare(used.CpuMillis + asked.CpuMillis, all.CpuMillis) + FreeShare(used.MemoryBytes + asked.MemoryBytes, all.MemoryBytes);

        // A resource that the node does not have is left out of the mean.
        return all.CpuMillis == 0 || all.MemoryBytes == 0 ? shares : shares / 2;
    }

    /// <summary>100 when cpu and memory are used in the same share; less by their standard deviation.</summary>
    public static long BalancedAllocation(PodSpecView pod, NodeState node)
    {
        var (used, asked, all) = (node.Used, pod.Requests, node.View.Allocatable);
        if (all.CpuMillis == 0 || all.MemoryBytes == 0)
        {
            // One resource alone, or none, deviates from nothing.
            return Best;
        }

        var cpu = UsedParts(used.CpuMillis + asked.CpuMillis, all.CpuMillis);
        var memory = UsedParts(used.MemoryBytes + asked.MemoryBytes, all.MemoryBytes);

        // The deviation of two numbers is half their distance; what is left is cut to a whole number.
        return ((2 * Parts) - Math.Abs(cpu - memory)) * Best / (2 * Parts);
    }

    private static long FreeShare(long used, long allocatable) =>
        allocatable == 0 || used > allocatable ? 0 : (long)((Int128)(allocatable - used) * Best / allocatable);

    private static long UsedParts(long used, long allocatable) =>
        (long)Int128.Min(Parts, (Int128)used * Parts / allocatable);
}
