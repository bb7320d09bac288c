using Sparkwright.World.Karpenter.Apis;

namespace Sparkwright.World.Karpenter.Disruption;

/// <summary>Which of the possible candidates a method is about.</summary>
internal static class MethodRules
{
    public static bool Wants(DisruptionNode node, DisruptionMethod method, DateTime now, DisruptionNotes notes) => method switch
    {
        DisruptionMethod.Expiration => IsExpired(node, now, notes),
        DisruptionMethod.StaticDrift => node.IsOfStaticPool && node.DriftedSince is not null,
        _ when node.IsOfStaticPool => false,
        DisruptionMethod.Drift => node.DriftedSince is not null,
        DisruptionMethod.Emptiness => node.Pool.Generation == Generation.V1Alpha5 ? MayConsolidate(node, notes) && node.IsEmpty : IsEmptyForLong(node, notes),
        _ => MayConsolidate(node, notes),
    };

    private static bool IsExpired(DisruptionNode node, DateTime now, DisruptionNotes notes)
    {
        if (node.ExpiresAt is { } end && end > now)
        {
            notes.WakeAt(end);
        }

        return node.ExpiresAt <= now;
    }

    private static bool IsEmptyForLong(DisruptionNode node, DisruptionNotes notes)
    {
        if (node.Policy?.ConsolidateAfter is null)
        {
            notes.CannotConsolidate(node, $"NodePool \"{node.Pool.Name}\" has consolidation disabled");
            return false;
        }

        return node.IsEmpty && node.IsConsolidatable;
    }

    private static bool MayConsolidate(DisruptionNode node, DisruptionNotes notes)
    {
        if (node.Policy?.ConsolidateAfter is null)
        {
            if (node.Pool.Generation == Generation.V1)
            {
                notes.CannotConsolidate(node, $"NodePool \"{node.Pool.Name}\" has consolidation disabled");
            }

            return false;
        }

        if (node.Policy.Policy == ConsolidationPolicy.WhenEmpty)
        {
            if (node.Pool.Generation == Generation.V1)
            {
                notes.CannotConsolidate(node, $"NodePool \"{node.Pool.Name}\" has non-empty consolidation disabled");
            }

            return false;
        }

        return node.IsConsolidatable;
    }
}
