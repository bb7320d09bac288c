using Sparkwright.Kubernetes.Fitting;

namespace Sparkwright.World.Scheduling;

/// <summary>How much the default scheduler likes a node for a pod: its scores with their default weights, in whole numbers.</summary>
public static class Scores
{
    private const long Best = 100;

    /// <summary>Parts of the fractions that BalancedAllocation compares; whole numbers leave no tie to rounding.</summary>
    private const long Parts = 1_000_000;

    private const long TaintTolerationWeight = 3;
    private const long NodeAffinityWeight = 2;

    /// <summary>The total for each feasible node, in the order of the nodes.</summary>
    public static long[] Of(PodSpecView pod, IReadOnlyList<NodeState> feasible)
    {
        var preferred = new long[feasible.Count];
        var intolerable = new long[feasible.Count];
        for (var at = 0; at < feasible.Count; at++)
        {
            var view = feasible[at].View;
            foreach (var wish in pod.PreferredTerms)
            {
                preferred[at] += wish.Term.Matches(view.Labels, view.Name) ? wish.Weight : 0;
            }

            foreach (var taint in view.Taints)
            {
                intolerable[at] += taint.Effect == Taint.PreferNoSchedule && !pod.Tolerates(taint) ? 1 : 0;
            }
        }

        var mostPreferred = preferred.Max();
        var mostIntolerable = intolerable.Max();
        var totals = new long[feasible.Count];
        for (var at = 0; at < feasible.Count; at++)
        {
            totals[at] = LeastAllocated(pod, feasible[at]) + BalancedAllocation(pod, feasible[at])
                + (NodeAffinityWeight * (mostPreferred == 0 ? 0 : preferred[at] * Best / mostPreferred))
                + (TaintTolerationWeight * (mostIntolerable == 0 ? Best : Best - (intolerable[at] * Best / mostIntolerable)));
        }

        return totals;
    }

    /// <summary>The mean free share of cpu and memory, 0 to 100.</summary>
    public static long LeastAllocated(PodSpecView pod, NodeState node)
    {
        var used = node.UsedForScores + pod.ScoringRequests;
        return (FreeShare(used.CpuMillis, node.View.Allocatable.CpuMillis) + FreeShare(used.MemoryBytes, node.View.Allocatable.MemoryBytes)) / 2;
    }

    /// <summary>100 when cpu and memory are used in the same share; less by their standard deviation.</summary>
    public static long BalancedAllocation(PodSpecView pod, NodeState node)
    {
        var used = node.Used + pod.Requests;
        var cpu = UsedParts(used.CpuMillis, node.View.Allocatable.CpuMillis);
        var memory = UsedParts(used.MemoryBytes, node.View.Allocatable.MemoryBytes);

        // The deviation of two numbers is half their distance.
        return Best - (Math.Abs(cpu - memory) * Best / (2 * Parts)) is var score && score < 0 ? 0 : score;
    }

    private static long FreeShare(long used, long allocatable) =>
        allocatable == 0 || used > allocatable ? 0 : (long)((Int128)(allocatable - used) * Best / allocatable);

    private static long UsedParts(long used, long allocatable) =>
        allocatable == 0 ? Parts : (long)Int128.Min(Parts, (Int128)used * Parts / allocatable);
}
