using System.Globalization;
using Sparkwright.Kubernetes.Objects;

namespace Sparkwright.World.Karpenter.Requirements;

/// <summary>Requirements as objects of the API list them.</summary>
public static class RequirementTrees
{
    public static TreeList Of(RequirementSet requirements) => TreeList.From(requirements.All.SelectMany(Of));

    private static IEnumerable<TreeMap> Of(Requirement requirement)
    {
        if (!requirement.IsComplement)
        {
            yield return Entry(requirement, requirement.Values.IsEmpty ? "DoesNotExist" : "In", requirement.Values);
            yield break;
        }

        if (requirement.GreaterThan is { } low)
        {
            yield return Entry(requirement, "Gt", [low.ToString(CultureInfo.InvariantCulture)]);
        }

        if (requirement.LessThan is { } high)
        {
            yield return Entry(requirement, "Lt", [high.ToString(CultureInfo.InvariantCulture)]);
        }

        if (!requirement.Values.IsEmpty)
        {
            yield return Entry(requirement, "NotIn", requirement.Values);
        }
        else if (requirement.GreaterThan is null && requirement.LessThan is null)
        {
            yield return Entry(requirement, "Exists", []);
        }
    }

    private static TreeMap Entry(Requirement requirement, string @operator, IEnumerable<string> values) => TreeMap.Of(
        ("key", requirement.Key),
        ("minValues", requirement.MinValues is { } least ? least : null),
        ("operator", @operator),
        ("values", @operator is "Exists" or "DoesNotExist" ? null : TreeList.OfTexts(values)));
}
