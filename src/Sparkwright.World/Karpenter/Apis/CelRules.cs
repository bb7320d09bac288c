using System.Globalization;
using Sparkwright.Kubernetes.Admission;
using Sparkwright.Kubernetes.Objects;

namespace Sparkwright.World.Karpenter.Apis;

/// <summary>What several of the CustomResourceDefinitions' expressions have in common: their wording, and the rules for node requirements.</summary>
internal static class CelRules
{
    private static readonly string[] Numeric = ["Gt", "Lt", "Gte", "Lte"];

    /// <summary>A broken expression; the server shows the type of the value (object, array, string), not the value.</summary>
    public static FieldError Broken(string path, string type, string message) => FieldError.Invalid(path, type, message);

    public static IEnumerable<FieldError> NotEmpty(Tree? reference, string path)
    {
        foreach (var field in new[] { "group", "kind", "name" })
        {
            if (reference?[field]?.Text is { Length: 0 })
            {
                yield return Broken($"{path}.{field}", "string", $"{field} may not be empty");
            }
        }
    }

    /// <summary>Why nodes may not be asked for a label of this key; null when they may.</summary>
    /// <param name="mayNamePool">A NodeClaim may require the label of its pool; a pool may not.</param>
    public static string? LabelFault(string key, bool mayNamePool)
    {
        var slash = key.IndexOf('/', StringComparison.Ordinal);
        var domain = slash < 0 ? key : key[..slash];
        return key switch
        {
            KarpenterLabels.NodePool => mayNamePool ? null : $"label \"{key}\" is restricted",
            KarpenterLabels.CapacityType => null,
            KarpenterLabels.Hostname => $"label \"{key}\" is restricted",
            _ when domain.EndsWith("karpenter.sh", StringComparison.Ordinal) => "label domain \"karpenter.sh\" is restricted",
            _ when domain.EndsWith("karpenter.k8s.aws", StringComparison.Ordinal) && !KarpenterLabels.IsKnownToAws(key) => "label domain \"karpenter.k8s.aws\" is restricted",
            _ => null,
        };
    }

    public static IEnumerable<FieldError> Requirements(Tree? list, string path, bool mayNamePool)
    {
        var all = Tree.ItemsOf(list).ToArray();
        foreach (var (one, at) in all.Select((one, at) => (one, at)))
        {
            if (LabelFault(one["key"]?.Text ?? "", mayNamePool) is { } fault)
            {
                yield return Broken($"{path}[{at}].key", "string", fault);
            }
        }

        if (Array.Exists(all, one => one["operator"]?.Text == "In" && ValuesOf(one).Length == 0))
        {
            yield return Broken(path, "array", "requirements with operator 'In' must have a value defined");
        }

        if (Array.Exists(all, one => Numeric.Contains(one["operator"]?.Text) && !IsOneNumber(ValuesOf(one))))
        {
            yield return Broken(path, "array", "requirements operator 'Gt', 'Lt', 'Gte', or 'Lte' must have a single positive integer value");
        }

        if (Array.Exists(all, one => one["operator"]?.Text == "In" && one["minValues"]?.Integer is { } least && ValuesOf(one).Length < least))
        {
            yield return Broken(path, "array", "requirements with 'minValues' must have at least that many values specified in the 'values' field");
        }
    }

    private static Tree[] ValuesOf(Tree requirement) => Tree.ItemsOf(requirement["values"]).ToArray();

    private static bool IsOneNumber(Tree[] values) =>
        values is [{ Text: { } text }] && long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) && number >= 0;
}
