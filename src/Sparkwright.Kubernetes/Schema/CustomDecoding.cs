using Sparkwright.Kubernetes.Admission;
using Sparkwright.Kubernetes.Objects;

namespace Sparkwright.Kubernetes.Schema;

/// <summary>
/// Decoding of kinds that CustomResourceDefinitions define: fields that the schema does not know are pruned, its defaults filled in, and the
/// values checked against it. Values stay as they were written (an integer where a quantity may be either).
/// </summary>
internal static class CustomDecoding
{
    public static TreeMap Root(TreeMap document, KindSchema schema, DecodeFaults faults)
    {
        var kind = schema.Root.Name;
        var own = document.With("apiVersion", null).With("kind", null).With("metadata", null);
        var clean = Object(own, schema.Root, schema.Root.Facts["preserveUnknownFields"]?.Boolean == true, "", faults);
        foreach (var key in new[] { "apiVersion", "kind" })
        {
            clean = clean.With(key, document.Get(key));
        }

        CheckCompositions(clean, schema.Root.Facts, "", faults);
        return document["metadata"] is { } metadata and not TreeNull ? clean.With("metadata", BuiltInDecoding.Metadata(metadata, kind, faults)) : clean;
    }

    private static TreeMap Object(TreeMap map, TypeSchema schema, bool keepsUnknown, string path, DecodeFaults faults)
    {
        var clean = new TreeMapBuilder(map.Count);
        foreach (var (name, field) in schema.InOrder)
        {
            if (path.Length == 0 && name is "apiVersion" or "kind" or "metadata")
            {
                continue;
            }

            var value = map.Get(name);
            if (value is null or TreeNull && field.Default is { } standard)
            {
                value = standard;
            }

            if (value is null)
            {
                if (field.IsRequired)
                {
                    faults.Invalid.Add(FieldError.Required(Child(path, name)));
                }

                continue;
            }

            clean.Set(name, Field(value, field, Child(path, name), faults));
        }

        foreach (var (key, value) in map)
        {
            if (schema.Fields.ContainsKey(key))
            {
                continue;
            }

            if (keepsUnknown)
            {
                clean.Set(key, value);
            }
            else
            {
                faults.Unknown(Child(path, key));
            }
        }

        return clean.Build();
    }

    private static Tree Field(Tree value, FieldSchema field, string path, DecodeFaults faults)
    {
        var clean = Structural(value, field, path, faults);
        CheckCompositions(clean, field.Facts, path, faults);
        return clean;
    }

    private static void CheckCompositions(Tree value, TreeMap facts, string path, DecodeFaults faults)
    {
        if (SchemaCompositions.Has(facts))
        {
            faults.Invalid.AddRange(SchemaCompositions.Check(value, facts, path));
        }
    }

    private static Tree Structural(Tree value, FieldSchema field, string path, DecodeFaults faults)
    {
        if (value is TreeNull && field.Fact("nullable")?.Boolean == true)
        {
            return value;
        }

        if (field.Items is { } items)
        {
            return value is TreeList list ? List(list, field, items, path, faults) : Wrong(value, "array", path, faults);
        }

        if (field.Values is { } values)
        {
            return value is TreeMap map ? Map(map, field, values, path, faults) : Wrong(value, "object", path, faults);
        }

        if (field.Object is { } nested)
        {
            if (value is not TreeMap map)
            {
                return Wrong(value, "object", path, faults);
            }

            CheckCount(map.Count, field, path, faults);
            return Object(map, nested, field.KeepsUnknownFields, path, faults);
        }

        Scalar(value, field, path, faults);
        return value is TreeMap unknown && field is { Type: "object", KeepsUnknownFields: false } ? Object(unknown, Nothing, false, path, faults) : value;
    }

    private static readonly TypeSchema Nothing = new("", TreeMap.Of(("fields", TreeMap.Empty)));

    private static TreeList List(TreeList list, FieldSchema field, FieldSchema items, string path, DecodeFaults faults)
    {
        if (field.Fact("maxItems")?.Integer is { } most && list.Count > most)
        {
            faults.Invalid.Add(FieldError.TooMany(path, list.Count, most));
        }

        if (field.Fact("minItems")?.Integer is { } least && list.Count < least)
        {
            faults.Invalid.Add(FieldError.Invalid(path, list.Count, $"{path} in body should have at least {least} items"));
        }

        var clean = list.Span.ToArray().Select((item, at) => Field(item, items, $"{path}[{at}]", faults)).ToList();
        if (field.ListType is "set" or "map")
        {
            var keys = field.ListMapKeys.ToList();
            var seen = new HashSet<Tree>();
            foreach (var (item, at) in clean.Select((item, at) => (item, at)))
            {
                var identity = field.ListType == "set" ? item : TreeMap.Of([.. keys.Select(key => (key, item[key]))]);
                if (!seen.Add(identity))
                {
                    faults.Invalid.Add(new FieldError($"{path}[{at}]", $"Duplicate value: {GoSyntax.Value(identity)}"));
                }
            }
        }

        return TreeList.From(clean);
    }

    private static TreeMap Map(TreeMap map, FieldSchema field, FieldSchema values, string path, DecodeFaults faults)
    {
        CheckCount(map.Count, field, path, faults);
        var clean = new TreeMapBuilder(map.Count);
        foreach (var (key, value) in map)
        {
            clean.Set(key, Field(value, values, Child(path, key), faults));
        }

        return clean.Build();
    }

    private static void CheckCount(int count, FieldSchema field, string path, DecodeFaults faults)
    {
        if (field.Fact("maxProperties")?.Integer is { } most && count > most)
        {
            faults.Invalid.Add(FieldError.TooMany(path, count, most));
        }

        if (field.Fact("minProperties")?.Integer is { } least && count < least)
        {
            faults.Invalid.Add(FieldError.Invalid(path, count, $"{path} in body should have at least {least} properties"));
        }
    }

    private static void Scalar(Tree value, FieldSchema field, string path, DecodeFaults faults)
    {
        var fits = field.Type switch
        {
            "string" or "time" => value is TreeText,
            "integer" => value is TreeInteger,
            "number" => value is TreeInteger or TreeReal,
            "boolean" => value is TreeBoolean,
            "intOrString" => value is TreeInteger or TreeText,
            "object" => value is TreeMap,
            _ => true,
        };
        if (!fits)
        {
            Wrong(value, field.Type switch { "time" => "string", "intOrString" => "integer,string", var type => type! }, path, faults);
            return;
        }

        switch (value)
        {
            case TreeText text:
                CheckText(text.Value, field, path, faults);
                break;
            case TreeInteger number:
                CheckNumber(number.Value, field, path, faults);
                break;
        }

        if (field.Fact("enum") is TreeList allowed && !allowed.Span.Contains(value))
        {
            faults.Invalid.Add(FieldError.Unsupported(path, value.Text ?? value.ToString(), [.. allowed.Span.ToArray().Select(one => one.Text ?? one.ToString())]));
        }
    }

    private static void CheckText(string text, FieldSchema field, string path, DecodeFaults faults)
    {
        if (field.Type == "time" && !Timestamps.TryParse(text, out _))
        {
            faults.Invalid.Add(FieldError.Invalid(path, text, $"{path} in body must be of type date-time: {GoSyntax.Quote(text)}"));
        }

        if (field.Fact("maxLength")?.Integer is { } most && Characters(text) > most)
        {
            faults.Invalid.Add(FieldError.TooLong(path, most));
        }

        if (field.Fact("minLength")?.Integer is { } least && Characters(text) < least)
        {
            faults.Invalid.Add(FieldError.Invalid(path, text, $"{path} in body should be at least {least} chars long"));
        }

        if (field.Fact("pattern")?.Text is { } pattern && !field.Matches(text))
        {
            faults.Invalid.Add(FieldError.Invalid(path, text, $"{path} in body should match '{pattern}'"));
        }
    }

    private static void CheckNumber(long number, FieldSchema field, string path, DecodeFaults faults)
    {
        if (field.Fact("minimum")?.Integer is { } least && number < least)
        {
            faults.Invalid.Add(FieldError.Invalid(path, number, $"{path} in body should be greater than or equal to {least}"));
        }

        if (field.Fact("maximum")?.Integer is { } most && number > most)
        {
            faults.Invalid.Add(FieldError.Invalid(path, number, $"{path} in body should be less than or equal to {most}"));
        }

        if (field.Fact("format")?.Text == "int32" && number is < int.MinValue or > int.MaxValue)
        {
            faults.Invalid.Add(FieldError.Invalid(path, number, $"{path} in body must be of type int32: \"{number}\""));
        }
    }

    /// <summary>The server counts characters, not UTF-16 units.</summary>
    private static int Characters(string text) => text.Count(unit => !char.IsLowSurrogate(unit));

    private static Tree Wrong(Tree value, string wanted, string path, DecodeFaults faults)
    {
        var given = value switch
        {
            TreeMap => "object",
            TreeList => "array",
            TreeText => "string",
            TreeInteger => "integer",
            TreeReal => "number",
            TreeBoolean => "boolean",
            _ => "null",
        };
        faults.Invalid.Add(FieldError.Invalid(path, given, $"{path} in body must be of type {wanted}: \"{given}\""));
        return value;
    }

    private static string Child(string path, string name) => path.Length == 0 ? name : $"{path}.{name}";
}
