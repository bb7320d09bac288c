using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Schema;

namespace Sparkwright.Kubernetes.ManagedFields;

/// <summary>Whether an applied configuration has the types of its kind: applies are read by the schema alone, which words its faults in its own way.</summary>
internal static class AppliedCheck
{
    /// <summary>What is wrong, as the server words it; null when nothing is.</summary>
    public static string? FaultOf(TreeMap applied, KindSchema? schema)
    {
        var faults = new List<string>();
        Check(applied, FieldShape.Of(schema), "", faults);
        return faults.Count switch { 0 => null, 1 => faults[0], _ => "errors:\n  " + string.Join("\n  ", faults) };
    }

    private static void Check(Tree value, FieldShape shape, string path, List<string> faults)
    {
        if (value is TreeNull)
        {
            return;
        }

        if (shape.Field?.Items is not null)
        {
            CheckList(value, shape, path, faults);
        }
        else if (shape.Struct is not null || shape.Field?.Values is not null)
        {
            CheckMap(value, shape, path, faults);
        }
        else if (ScalarFault(shape.Field?.Type, value) is { } fault)
        {
            faults.Add($"{path}: {fault}");
        }
    }

    private static void CheckMap(Tree value, FieldShape shape, string path, List<string> faults)
    {
        if (value is not TreeMap map)
        {
            faults.Add($"{path}: expected map, got {Shown(value)}");
            return;
        }

        foreach (var (key, member) in map)
        {
            if (shape.Struct is not null && !shape.KeepsUnknown && !shape.IsNamed($"f:{key}"))
            {
                faults.Add($"{path}.{key}: field not declared in schema");
            }
            else
            {
                Check(member, shape.Member(key), $"{path}.{key}", faults);
            }
        }
    }

    private static void CheckList(Tree value, FieldShape shape, string path, List<string> faults)
    {
        if (value is not TreeList list)
        {
            faults.Add($"{path}: expected list, got {Shown(value)}");
            return;
        }

        var isMerged = shape.OwnershipOf(list) != Ownership.Whole;
        var seen = new HashSet<string>(StringComparer.Ordinal);
        for (var at = 0; at < list.Count; at++)
        {
            var item = list.Span[at];
            var place = $"[{at}]";
            if (isMerged)
            {
                var element = shape.ElementOf(item);
                place = FieldSet.Print(element);
                if (!seen.Add(element))
                {
                    faults.Add($"{path}: duplicate entries for key {place}");
                }
            }

            Check(item, shape.Element, path + place, faults);
        }
    }

    private static string? ScalarFault(string? type, Tree value) => type switch
    {
        "integer" or "number" => value is TreeInteger or TreeReal ? null : $"expected numeric (int or float), got {GoType(value)}",
        "string" or "bytes" or "time" or "microTime" or "duration" => value is TreeText ? null : $"expected string, got {Shown(value)}",
        "boolean" => value is TreeBoolean ? null : $"expected boolean, got {Shown(value)}",
        _ => null,
    };

    private static string GoType(Tree value) => value switch { TreeText => "string", TreeBoolean => "bool", TreeMap => "map[string]interface {}", _ => "[]interface {}" };

    private static string Shown(Tree value) => $"&value.valueUnstructured{{Value:{(value is TreeText text ? GoSyntax.Quote(text.Value) : GoSyntax.Plain(value))}}}";
}
