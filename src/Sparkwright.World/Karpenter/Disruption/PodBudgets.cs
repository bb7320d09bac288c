using System.Collections.Immutable;
using Sparkwright.Kubernetes.Fitting;
using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Selectors;

namespace Sparkwright.World.Karpenter.Disruption;

/// <summary>The PodDisruptionBudgets of a moment, and which of them keep a pod where it is.</summary>
public sealed class PodBudgets(IEnumerable<ApiObject> budgets)
{
    private readonly ImmutableArray<Known> known = [.. budgets.Select(Known.Of)];

    /// <summary>Null when the pod can be evicted, or will not be asked to go through the eviction API at all.</summary>
    /// <param name="disrupted">The mark of nodes that are leaving: a pod that tolerates it stays to the end.</param>
    public BlockReason? Blocks(ApiObject pod, Taint disrupted)
    {
        if (known.IsEmpty || !PodState.IsActive(pod) || pod.Metadata.Controller?.Kind == "Node" || PodSpecView.Of(pod).Tolerates(disrupted))
        {
            return null;
        }

        var about = known.Where(budget => budget.Key.Namespace == pod.Namespace && budget.Selector?.Matches(pod.Metadata.Labels) == true).ToList();
        if (about.Count > 1)
        {
            return new BlockReason.SeveralPodBudgets(pod.Key, string.Join(' ', about.Select(budget => budget.Key)));
        }

        return about is [{ Allowed: 0 } only] && !(only.LetsUnhealthyGo && IsUnready(pod)) ? new BlockReason.PodBudget(pod.Key, only.Key) : null;
    }

    private static bool IsUnready(ApiObject pod) => Conditions.Find(pod.Status, "Ready")?["status"]?.Text == "False";

    private sealed record Known(ObjectKey Key, LabelSelector? Selector, long Allowed, bool LetsUnhealthyGo)
    {
        public static Known Of(ApiObject budget) => new(
            budget.Key,
            LabelSelector.From(budget.Spec["selector"]),
            budget.Status["disruptionsAllowed"]?.Integer ?? 0,
            budget.Spec["unhealthyPodEvictionPolicy"]?.Text == "AlwaysAllow");
    }
}
