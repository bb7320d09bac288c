using System.Collections.Immutable;
using Sparkwright.World.Karpenter.Cloud;
using Sparkwright.World.Karpenter.InstanceTypes;
using Sparkwright.World.Karpenter.Requirements;
using Sparkwright.World.Karpenter.Solver;

namespace Sparkwright.World.Karpenter.Disruption;

/// <summary>Which instance types may take the place of nodes that a consolidation would remove: only such as are surely cheaper.</summary>
public static class ReplacementRules
{
    /// <summary>A lone spot node is replaced by spot only where this many cheaper types are left, so that it does not go down the list step by step.</summary>
    public const int LeastSpotTypes = 15;

    /// <summary>The planned node with the types that may replace the candidates, or why none may.</summary>
    /// <param name="planned">Where the candidates' pods would go.</param>
    /// <param name="allowsSpotToSpot">The feature gate SpotToSpotConsolidation.</param>
    public static ReplacementVerdict Judge(PlannedClaim planned, ImmutableArray<DisruptionNode> candidates, bool allowsSpotToSpot)
    {
        var isLegacy = planned.Pool.Generation == Generation.V1Alpha5;
        var tooDear = new ReplacementVerdict.Refused(isLegacy ? "can't replace with a cheaper node" : "Can't replace with a cheaper node");
        if (PriceOf(candidates) is not { } price)
        {
            return tooDear;
        }

        var spotIsAllowed = Allows(planned, FleetChoice.Spot);
        var isSpotToSpot = spotIsAllowed && candidates.All(candidate => candidate.CapacityType == FleetChoice.Spot);
        if (isSpotToSpot && isLegacy)
        {
            return new ReplacementVerdict.Refused("can't replace a spot node with a spot node");
        }

        if (isSpotToSpot && !allowsSpotToSpot)
        {
            return new ReplacementVerdict.Refused("SpotToSpotConsolidation is disabled, can't replace a spot node with a spot node");
        }

        // The price is judged by what launches first. Were that to fall back to on-demand, it could cost more than what is there: spot or nothing.
        var pinned = isSpotToSpot || (spotIsAllowed && Allows(planned, FleetChoice.OnDemand));
        var judged = isSpotToSpot ? Pin(planned) : planned;
        var cheaper = CheaperThan(judged, price);
        if (cheaper.Shapes.IsEmpty)
        {
            return tooDear;
        }

        if (MinValuesRules.Missing(cheaper) is { } missing)
        {
            return new ReplacementVerdict.Refused(missing);
        }

        if (isSpotToSpot && candidates.Length == 1)
        {
            if (cheaper.Shapes.Count < LeastSpotTypes)
            {
                return new ReplacementVerdict.Refused(
                    $"SpotToSpotConsolidation requires {LeastSpotTypes} cheaper instance type options than the current candidate to consolidate, got {cheaper.Shapes.Count}");
            }

            cheaper = Cheapest(cheaper);
        }

        return new ReplacementVerdict.Replaced(pinned && !isSpotToSpot ? Pin(cheaper) : cheaper, price);
    }

    /// <summary>
    /// What is left of a replacement for several nodes: where it could be of a type that is among them, it must cost less than the cheapest of
    /// that type, or the same node would only be made anew.
    /// </summary>
    public static PlannedClaim? WithoutSameTypes(PlannedClaim replacement, ImmutableArray<DisruptionNode> candidates)
    {
        decimal? most = null;
        foreach (var shape in replacement.Shapes)
        {
            var name = replacement.Pool.Shapes.Shapes[shape].Name;
            foreach (var candidate in candidates.Where(candidate => candidate.InstanceType == name))
            {
                if (candidate.UsdPerHour is { } price && !(most <= price))
                {
                    most = price;
                }
            }
        }

        if (most is null)
        {
            return replacement;
        }

        var left = CheaperThan(replacement, most.Value);
        return left.Shapes.IsEmpty || MinValuesRules.Missing(left) is not null ? null : left;
    }

    /// <summary>What the candidates cost now, together; null when that is not known of one of them.</summary>
    public static decimal? PriceOf(ImmutableArray<DisruptionNode> candidates)
    {
        var sum = 0m;
        foreach (var candidate in candidates)
        {
            if (candidate.UsdPerHour is not { } price)
            {
                return null;
            }

            sum += price;
        }

        return sum;
    }

    private static PlannedClaim CheaperThan(PlannedClaim claim, decimal price) => claim with
    {
        Shapes = ShapeSet.Of(claim.Pool.Shapes.Shapes.Length, WorstPrices(claim).Where(one => one.UsdPerHour < price).Select(one => one.Shape)),
    };

    /// <summary>The cheapest types, as many as the rule for spot asks, or as minValues need if that is more.</summary>
    private static PlannedClaim Cheapest(PlannedClaim claim)
    {
        var byPrice = WorstPrices(claim)
            .OrderBy(one => one.UsdPerHour)
            .ThenBy(one => claim.Pool.Shapes.Shapes[one.Shape].Name, StringComparer.Ordinal)
            .Select(one => one.Shape)
            .ToList();
        var count = Math.Max(LeastSpotTypes, MinValuesRules.TypesNeeded(claim, byPrice));
        return claim with { Shapes = ShapeSet.Of(claim.Pool.Shapes.Shapes.Length, byPrice.Take(count)) };
    }

    private static PlannedClaim Pin(PlannedClaim claim)
    {
        var pinned = claim with { Requirements = claim.Requirements.With(Requirement.In(KarpenterLabels.CapacityType, FleetChoice.Spot)) };
        return pinned with { Shapes = pinned.Shapes & pinned.Pool.Shapes.Offered(pinned.Requirements) };
    }

    private static bool Allows(PlannedClaim claim, string capacityType) => claim.Requirements.Get(KarpenterLabels.CapacityType)?.Has(capacityType) != false;

    private static IEnumerable<(int Shape, decimal UsdPerHour)> WorstPrices(PlannedClaim claim) => claim.Pool.Shapes.WorstLaunchPrices(claim.Shapes, claim.Requirements);
}

/// <summary>Whether something may take the place of the candidates.</summary>
public abstract record ReplacementVerdict
{
    private ReplacementVerdict()
    {
    }

    /// <param name="Claim">The planned node with the types and the capacity type that it may be launched with.</param>
    /// <param name="CandidatesUsdPerHour">What it must be cheaper than.</param>
    public sealed record Replaced(PlannedClaim Claim, decimal CandidatesUsdPerHour) : ReplacementVerdict;

    /// <param name="Why">As the event Unconsolidatable says it.</param>
    public sealed record Refused(string Why) : ReplacementVerdict;
}
