using Sparkwright.World.Karpenter.InstanceTypes;
using Sparkwright.World.Karpenter.Requirements;
using Sparkwright.World.Karpenter.Solver;

namespace Sparkwright.World.Karpenter.Disruption;

/// <summary>Whether the types that are left for a replacement are still as varied as its requirements' minValues ask.</summary>
internal static class MinValuesRules
{
    /// <summary>What is missing, as Karpenter words it; null when nothing is.</summary>
    public static string? Missing(PlannedClaim claim)
    {
        var shapes = new List<int>();
        foreach (var shape in claim.Shapes)
        {
            shapes.Add(shape);
        }

        foreach (var requirement in claim.Requirements.All)
        {
            if (requirement.MinValues is { } least && ValuesOf(claim, requirement, shapes).Count < least)
            {
                return $"minValues requirement is not met for label(s) (label(s)=[{requirement.Key}])";
            }
        }

        return null;
    }

    /// <summary>How many of the types, taken in their order, are needed until all minValues are met.</summary>
    public static int TypesNeeded(PlannedClaim claim, List<int> inOrder)
    {
        var needed = 0;
        foreach (var requirement in claim.Requirements.All)
        {
            if (requirement.MinValues is not { } least)
            {
                continue;
            }

            var values = new HashSet<string>(StringComparer.Ordinal);
            for (var at = 0; at < inOrder.Count && values.Count < least; at++)
            {
                values.UnionWith(ValuesOf(claim, requirement, [inOrder[at]]));
                needed = Math.Max(needed, at + 1);
            }
        }

        return needed;
    }

    private static HashSet<string> ValuesOf(PlannedClaim claim, Requirement requirement, List<int> shapes) => shapes
        .SelectMany(shape => Offering.HasLabel(requirement.Key)
            ? claim.Pool.Shapes.OfferingsOf(shape, claim.Requirements).Select(offering => offering.ValueOf(requirement.Key)!)
            : claim.Pool.Shapes.Shapes[shape].Labels.Get(requirement.Key)?.Single is { } value ? [value] : Enumerable.Empty<string>())
        .ToHashSet(StringComparer.Ordinal);
}
