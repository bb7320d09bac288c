using Sparkwright.World.Karpenter.Requirements;

namespace Sparkwright.World.Karpenter.Solver;

/// <summary>
/// Where a pod may go by zones alone, before anything is planned: what it asks for itself, where its volumes are, and what its spreads over zones
/// leave. It is the word by which Karpenter counts pending pods: one zone's name, <c>flexible</c> or <c>none</c>.
/// </summary>
internal static class EffectiveZone
{
    private const string Flexible = "flexible";
    private const string None = "none";

    public static string Of(PodNeeds needs)
    {
        var own = needs.Shape.Strict.Get(KarpenterLabels.Zone);
        var volumes = ZonesOf(needs.Shape);
        HashSet<string>? spread = null;
        foreach (var constraint in needs.DomainConstraints.Where(one => one.Group is { Kind: TopologyKind.Spread, Key.Label: KarpenterLabels.Zone }))
        {
            var allowed = ((DomainGroup)constraint.Group).Allowed(own, constraint.SelectsItself).ToHashSet(StringComparer.Ordinal);
            if (spread is not null)
            {
                allowed.IntersectWith(spread);
            }

            if (allowed.Count == 0)
            {
                return None;
            }

            spread = allowed;
        }

        var zones = own is { IsComplement: false, IsEmpty: false } ? own.Values : volumes?.Values ?? (IEnumerable<string>?)spread;
        return zones is null ? Flexible : Word([.. zones.Where(zone => own?.Has(zone) != false && volumes?.Has(zone) != false && spread?.Contains(zone) != false).Take(2)]);
    }

    private static string Word(string[] zones) => zones switch
    {
        [] => None,
        [var only] => only,
        _ => Flexible,
    };

    /// <summary>The zones of all alternatives of the pod's volumes; null when one of them says nothing of zones.</summary>
    private static Requirement? ZonesOf(PodShape shape)
    {
        var zones = shape.VolumeTopologies.Select(alternative => alternative.Get(KarpenterLabels.Zone)).ToList();
        return zones.TrueForAll(zone => zone is { IsComplement: false, IsEmpty: false })
            ? Requirement.In(KarpenterLabels.Zone, zones.SelectMany(zone => zone!.Values).Distinct(StringComparer.Ordinal))
            : null;
    }
}
