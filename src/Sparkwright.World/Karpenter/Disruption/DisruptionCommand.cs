using System.Collections.Immutable;
using Sparkwright.World.Karpenter.Solver;

namespace Sparkwright.World.Karpenter.Disruption;

/// <summary>Nodes to remove, and the nodes to buy before that.</summary>
/// <param name="Plan">Where the pods would go; null when none had to be asked about.</param>
public sealed record DisruptionCommand(
    DisruptionMethod Method, ImmutableArray<DisruptionNode> Candidates, ImmutableArray<PlannedClaim> Replacements, SolverPlan? Plan)
{
    /// <summary>US dollars an hour that this saves, if each replacement is launched at its best price; null when a price is not known.</summary>
    public decimal? SavingsUsdPerHour
    {
        get
        {
            var saved = ReplacementRules.PriceOf(Candidates);
            foreach (var replacement in Replacements)
            {
                saved -= BestPrice(replacement);
            }

            return saved;
        }
    }

    /// <summary>As Karpenter logs it.</summary>
    public override string ToString()
    {
        var nodes = string.Join(", ", Candidates.Select(candidate => $"{candidate.Name}/{candidate.InstanceType}/{candidate.CapacityType}"));
        var pods = Candidates.Sum(candidate => candidate.PodsToMove.Count());
        var text = $"{(Replacements.IsEmpty ? "delete" : "replace")}, terminating {Candidates.Length} nodes ({pods} pods) {nodes}";
        if (Replacements.IsEmpty)
        {
            return text;
        }

        var capacityType = Replacements is [var only] ? only.Requirements.Get(KarpenterLabels.CapacityType)?.Single : null;
        var what = Replacements.Length > 1 ? $"{Replacements.Length} nodes" : capacityType is null ? "node" : $"{capacityType} node";
        return $"{text} and replacing with {what} from types {TypesOf(Replacements[0])}";
    }

    /// <summary>The names of the types that a planned node may become, in their order.</summary>
    public static IEnumerable<string> TypeNames(PlannedClaim claim)
    {
        foreach (var shape in claim.Shapes)
        {
            yield return claim.Pool.Shapes.Shapes[shape].Name;
        }
    }

    /// <summary>The cheapest offering that the planned node may be launched as.</summary>
    public static decimal? BestPrice(PlannedClaim claim)
    {
        decimal? best = null;
        foreach (var price in claim.Choices().SelectMany(choice => choice.Offerings).Select(offering => offering.UsdPerHour))
        {
            best = best <= price ? best : price;
        }

        return best;
    }

    private static string TypesOf(PlannedClaim claim)
    {
        const int MostNamed = 5;
        var names = TypeNames(claim).ToList();
        return string.Join(", ", names.Take(MostNamed)) + (names.Count > MostNamed ? $" and {names.Count - MostNamed} other(s)" : "");
    }
}
