using Sparkwright.World.Karpenter.Termination;

namespace Sparkwright.World.Karpenter.Disruption;

/// <summary>Which nodes may be disrupted at all; what a method of disruption asks besides is its own business.</summary>
public static class CandidateRules
{
    public const string DoNotConsolidate = "karpenter.sh/do-not-consolidate";

    /// <summary>The first reason that keeps a node from being a candidate, in Karpenter's order; null when there is none.</summary>
    public static BlockReason? Blocks(DisruptionNode node, DisruptionMethod method, PodBudgets budgets, DateTime now)
    {
        if (!node.IsInitialized)
        {
            return new BlockReason.NotInitialized();
        }

        if (node.IsQueued)
        {
            return new BlockReason.InQueue();
        }

        if (node.IsLeaving)
        {
            return new BlockReason.Leaving();
        }

        if (node.IsAwaitingPods || node.NominatedUntil is not null)
        {
            return new BlockReason.Nominated(node.IsAwaitingPods ? null : node.NominatedUntil);
        }

        if (NodeAnnotation(node, method) is { } key)
        {
            return new BlockReason.NodeAnnotation(key);
        }

        if (node.Policy is null)
        {
            return new BlockReason.PoolGone(node.Pool.Name);
        }

        if (method.IsConsolidation() && Unpriced(node) is { } unpriced)
        {
            return unpriced;
        }

        return PodsOf(node, budgets, now) is { } blocked && !(blocked.IsLiftedByGracePeriod && IsLifted(node, method)) ? blocked : null;
    }

    /// <summary>The first pod that keeps its node, by annotation or by a PodDisruptionBudget; pods of DaemonSets and mirror pods count.</summary>
    private static BlockReason? PodsOf(DisruptionNode node, PodBudgets budgets, DateTime now)
    {
        foreach (var pod in node.Pods.Where(PodState.IsActive))
        {
            if (node.Pool.Generation == Generation.V1Alpha5)
            {
                if (pod.Metadata.Annotation(DrainPlan.DoNotEvict) == "true" && pod.Metadata.Controller?.Kind != "Node")
                {
                    return new BlockReason.PodAnnotation(pod.Key, DrainPlan.DoNotEvict, null);
                }
            }
            else if (DoNotDisrupt.Until(pod, now) is { } until)
            {
                return new BlockReason.PodAnnotation(pod.Key, DoNotDisrupt.Annotation, until == DateTime.MaxValue ? null : until);
            }
        }

        foreach (var pod in node.Pods)
        {
            if (budgets.Blocks(pod, node.Disrupted) is { } blocked)
            {
                return blocked;
            }
        }

        return null;
    }

    /// <summary>Drift must happen in the end, where the node's terminationGracePeriod says when the end is.</summary>
    private static bool IsLifted(DisruptionNode node, DisruptionMethod method) =>
        method is DisruptionMethod.Drift or DisruptionMethod.StaticDrift && node.Claim?.TerminationGracePeriod is not null;

    private static string? NodeAnnotation(DisruptionNode node, DisruptionMethod method) => node.Pool.Generation == Generation.V1
        ? node.Node.Metadata.Annotation(DoNotDisrupt.Annotation) == "true" ? DoNotDisrupt.Annotation : null
        : method.IsConsolidation() && node.Node.Metadata.Annotation(DoNotConsolidate) == "true" ? DoNotConsolidate : null;

    /// <summary>Without type, capacity type and zone nobody knows what the node costs.</summary>
    private static BlockReason? Unpriced(DisruptionNode node) =>
        node.Shape is null ? new BlockReason.TypeUnknown(node.InstanceType)
        : node.CapacityType.Length == 0 ? new BlockReason.LabelMissing(KarpenterLabels.CapacityType)
        : node.Zone.Length == 0 ? new BlockReason.LabelMissing(KarpenterLabels.Zone)
        : null;
}
