using System.Text.RegularExpressions;
using Sparkwright.Kubernetes.Admission;
using Sparkwright.Kubernetes.Objects;

namespace Sparkwright.Kubernetes.Schema;

/// <summary>
/// <c>allOf</c>, <c>anyOf</c>, <c>oneOf</c> and <c>not</c> of a CustomResourceDefinition's schema. They only narrow what the structural part says, so they
/// are held against the value as it is after pruning and defaults.
/// </summary>
internal static class SchemaCompositions
{
    private static readonly string[] Names = ["allOf", "anyOf", "oneOf", "not"];

    public static bool Has(TreeMap schema) => Array.Exists(Names, schema.ContainsKey);

    /// <summary>The parts of a schema that compose others.</summary>
    public static void CopyTo(TreeMapBuilder facts, TreeMap schema)
    {
        foreach (var name in Names)
        {
            facts.Set(name, schema[name]);
        }
    }

    /// <summary>What is wrong with a value by the compositions of its schema.</summary>
    /// <param name="path">Of the value in the object; empty for the object itself.</param>
    public static IEnumerable<FieldError> Check(Tree value, TreeMap schema, string path)
    {
        // The server knows no field for these: it names the value in the text.
        FieldError Fault(string what) => new("<nil>", $"Invalid value: \"\": {GoSyntax.Quote(path)} {what}");

        if (Branches(schema["allOf"], value, path) is { Length: > 0 } all && Array.FindAll(all, faults => faults.Count > 0) is { Length: > 0 } failed)
        {
            foreach (var fault in failed.SelectMany(faults => faults))
            {
                yield return fault;
            }

            yield return Fault($"must validate all the schemas (allOf){(failed.Length == all.Length ? ". None validated" : "")}");
        }

        if (Branches(schema["anyOf"], value, path) is { Length: > 0 } any && Array.TrueForAll(any, faults => faults.Count > 0))
        {
            yield return Fault("must validate at least one schema (anyOf)");
            foreach (var fault in Nearest(any))
            {
                yield return fault;
            }
        }

        if (Branches(schema["oneOf"], value, path) is { Length: > 0 } one && one.Count(faults => faults.Count == 0) is var valid && valid != 1)
        {
            yield return Fault($"must validate one and only one schema (oneOf). Found {(valid == 0 ? "none valid" : $"{valid} valid alternatives")}");
            foreach (var fault in valid == 0 ? Nearest(one) : [])
            {
                yield return fault;
            }
        }

        if (schema["not"] is TreeMap not && !Faults(value, not, path).Any())
        {
            yield return Fault("must not validate the schema (not)");
        }
    }

    /// <summary>The faults of the branch that is least wrong.</summary>
    private static List<FieldError> Nearest(List<FieldError>[] branches) => branches.MinBy(faults => faults.Count)!;

    private static List<FieldError>[] Branches(Tree? schemas, Tree value, string path) =>
        Array.ConvertAll(Tree.ItemsOf(schemas).ToArray(), schema => Faults(value, (TreeMap)schema, path).ToList());

    /// <summary>What is wrong with a value by a schema that says only what values may be.</summary>
    private static IEnumerable<FieldError> Faults(Tree value, TreeMap schema, string path)
    {
        FieldError Fault(string what) => FieldError.Invalid(path, value, $"{path} in body {what}");

        if (schema["type"]?.Text is { } type && !IsOf(value, type))
        {
            yield return Fault($"must be of type {type}: {GoSyntax.Quote(TypeOf(value))}");
        }

        if (schema["enum"] is TreeList allowed && !allowed.Span.Contains(value))
        {
            yield return FieldError.Unsupported(path, value.Text ?? value.ToString(), [.. allowed.Span.ToArray().Select(one => one.Text ?? one.ToString())]);
        }

        foreach (var fault in Bounds(value, schema).Select(Fault))
        {
            yield return fault;
        }

        if (value is TreeMap map)
        {
            foreach (var name in Tree.ItemsOf(schema["required"]).ToArray().Select(name => name.Text!).Where(name => !map.ContainsKey(name)))
            {
                yield return FieldError.Required(Child(path, name));
            }

            foreach (var (name, part) in (schema["properties"] as TreeMap ?? TreeMap.Empty).Members())
            {
                foreach (var fault in map[name] is { } child ? Faults(child, (TreeMap)part, Child(path, name)) : [])
                {
                    yield return fault;
                }
            }
        }

        if (schema["items"] is TreeMap items)
        {
            foreach (var fault in value.Items.ToArray().SelectMany((item, at) => Faults(item, items, $"{path}[{at}]")))
            {
                yield return fault;
            }
        }

        foreach (var fault in Check(value, schema, path))
        {
            yield return fault;
        }
    }

    private static IEnumerable<string> Bounds(Tree value, TreeMap schema)
    {
        if (Number(value) is { } number)
        {
            if (Number(schema["minimum"]) is { } least && (number < least || (number == least && schema["exclusiveMinimum"]?.Boolean == true)))
            {
                yield return $"should be greater than {(schema["exclusiveMinimum"]?.Boolean == true ? "" : "or equal to ")}{schema["minimum"]}";
            }

            if (Number(schema["maximum"]) is { } most && (number > most || (number == most && schema["exclusiveMaximum"]?.Boolean == true)))
            {
                yield return $"should be less than {(schema["exclusiveMaximum"]?.Boolean == true ? "" : "or equal to ")}{schema["maximum"]}";
            }

            if (Number(schema["multipleOf"]) is { } unit and > 0 && number % unit != 0)
            {
                yield return $"should be a multiple of {schema["multipleOf"]}";
            }
        }

        if (value is TreeText { Value: var text })
        {
            var characters = text.Count(unit => !char.IsLowSurrogate(unit));
            if (schema["minLength"]?.Integer > characters)
            {
                yield return $"should be at least {schema["minLength"]} chars long";
            }

            if (schema["maxLength"]?.Integer < characters)
            {
                yield return $"should be at most {schema["maxLength"]} chars long";
            }

            if (schema["pattern"]?.Text is { } pattern && !Regex.IsMatch(text, pattern, RegexOptions.CultureInvariant))
            {
                yield return $"should match '{pattern}'";
            }
        }

        foreach (var (count, least, most, what) in ((long?, string, string, string)[])
        [
            ((value as TreeList)?.Count, "minItems", "maxItems", "items"), ((value as TreeMap)?.Count, "minProperties", "maxProperties", "properties"),
        ])
        {
            if (schema[least]?.Integer > count)
            {
                yield return $"should have at least {schema[least]} {what}";
            }

            if (schema[most]?.Integer < count)
            {
                yield return $"should have at most {schema[most]} {what}";
            }
        }
    }

    private static decimal? Number(Tree? value) => value switch
    {
        TreeInteger whole => whole.Value,
        TreeReal real when Math.Abs(real.Value) < 1e27 => (decimal)real.Value,
        _ => null,
    };

    private static bool IsOf(Tree value, string type) => TypeOf(value) == type || (type == "number" && value is TreeInteger);

    private static string TypeOf(Tree value) => value switch
    {
        TreeMap => "object",
        TreeList => "array",
        TreeText => "string",
        TreeInteger => "integer",
        TreeReal => "number",
        TreeBoolean => "boolean",
        _ => "null",
    };

    private static string Child(string path, string name) => path.Length == 0 ? name : $"{path}.{name}";
}
