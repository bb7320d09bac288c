using Sparkwright.Kubernetes.Objects;

namespace Sparkwright.Kubernetes.Schema;

/// <summary>Decoding of built-in kinds, which the server reads into Go structs: what cannot be read there is refused in Go's words.</summary>
internal static class BuiltInDecoding
{
    public static TreeMap Root(TreeMap document, string kind, TypeSchema schema, DecodeFaults faults) =>
        Struct(document, schema, new Place(kind, "", ""), faults);

    /// <summary>The metadata of any kind.</summary>
    public static Tree? Metadata(Tree value, string kind, DecodeFaults faults) => value is TreeMap metadata
        ? Struct(metadata, ApiSchema.ObjectMeta, new Place(ApiSchema.ObjectMeta.Name, "metadata", "metadata"), faults)
        : Wrong(value, ApiSchema.ObjectMeta.GoName, new Place(kind, "metadata", "metadata"), faults);

    private static TreeMap Struct(TreeMap map, TypeSchema schema, Place place, DecodeFaults faults)
    {
        var clean = new TreeMapBuilder(map.Count);
        foreach (var (key, value) in map)
        {
            if (!schema.Fields.TryGetValue(key, out var field))
            {
                faults.Unknown(place.Field(key, place.Struct).Path);
            }
            else if (value is not TreeNull)
            {
                var kept = Field(value, field, place.Field(key, schema.Name), faults);
                clean.Set(key, field.IsLeftOut(kept) ? null : kept);
            }
        }

        return clean.Build();
    }

    private static Tree? Field(Tree value, FieldSchema field, Place place, DecodeFaults faults)
    {
        if (field.Items is { } items)
        {
            return value is TreeList list ? List(list, items, place, faults) : Wrong(value, GoType(field), place, faults);
        }

        if (field.Values is { } values)
        {
            return value is TreeMap map ? Map(map, values, place, faults) : Wrong(value, GoType(field), place, faults);
        }

        if (field.Object is { ValueType: null } nested)
        {
            return value is TreeMap map ? Struct(map, nested, place, faults) : Wrong(value, nested.GoName, place, faults);
        }

        return Scalar(value, field, place, faults);
    }

    private static TreeList List(TreeList list, FieldSchema items, Place place, DecodeFaults faults)
    {
        var clean = new List<Tree>(list.Count);
        for (var at = 0; at < list.Count; at++)
        {
            var item = list.Span[at];
            var kept = item is TreeNull ? items.Zero : Field(item, items, place.Index(at), faults);
            if (kept is not null)
            {
                clean.Add(kept);
            }
        }

        return TreeList.From(clean);
    }

    private static TreeMap Map(TreeMap map, FieldSchema values, Place place, DecodeFaults faults)
    {
        var clean = new TreeMapBuilder(map.Count);
        foreach (var (key, value) in map)
        {
            clean.Set(key, value is TreeNull ? values.Zero : Field(value, values, place.Key(key), faults));
        }

        return clean.Build();
    }

    private static Tree? Scalar(Tree value, FieldSchema field, Place place, DecodeFaults faults)
    {
        switch (field.Object?.ValueType ?? field.Type)
        {
            case "string":
                return value is TreeText ? value : Wrong(value, "string", place, faults);
            case "boolean":
                return value is TreeBoolean ? value : Wrong(value, "bool", place, faults);
            case "number":
                return value is TreeInteger or TreeReal ? value : Wrong(value, "float64", place, faults);
            case "integer":
                return Whole(value, field.Fact("format")?.Text ?? "int64", place, faults);
            case "intOrString":
                return value is TreeText ? value : Whole(value, "int32", place, faults);
            case "bytes":
                return value is TreeText bytes ? ValueForms.Bytes(bytes.Value, out var fault) ?? faults.Wrong(fault, place.Path) : Wrong(value, "[]uint8", place, faults);
            case "quantity":
                var amount = value is TreeText text ? text.Value : value is TreeInteger or TreeReal ? value.ToString() : "";
                return ValueForms.Amount(amount, out fault) ?? faults.Wrong(fault, place.Path);
            case "time" or "microTime":
                var micro = (field.Object?.ValueType ?? field.Type) == "microTime";
                return value is TreeText time ? ValueForms.Time(time.Value, micro, out fault) ?? faults.Wrong(fault, place.Path) : Wrong(value, "string", place, faults);
            case "duration":
                return value is TreeText duration ? ValueForms.Duration(duration.Value, out fault) ?? faults.Wrong(fault, place.Path) : Wrong(value, "string", place, faults);
            case "object":
                return value is TreeMap ? value : Wrong(value, "map[string]interface {}", place, faults);
            default:
                return value;
        }
    }

    private static Tree? Whole(Tree value, string format, Place place, DecodeFaults faults) => value switch
    {
        TreeInteger number when format != "int32" || number.Value is >= int.MinValue and <= int.MaxValue => value,
        TreeInteger or TreeReal => faults.Wrong($"json: cannot unmarshal number {value} into Go struct field {place.GoField} of type {format}", place.Path),
        _ => Wrong(value, format, place, faults),
    };

    private static Tree? Wrong(Tree value, string type, Place place, DecodeFaults faults) =>
        faults.Wrong($"json: cannot unmarshal {JsonType(value)} into Go struct field {place.GoField} of type {type}", place.Path);

    private static string GoType(FieldSchema field)
    {
        if (field.Items is { } items)
        {
            return "[]" + GoType(items);
        }

        if (field.Values is { } values)
        {
            return (values.Object?.ValueType ?? values.Type) == "quantity" ? "v1.ResourceList" : "map[string]" + GoType(values);
        }

        if (field.Object is { ValueType: null } nested)
        {
            return nested.GoName;
        }

        return (field.Object?.ValueType ?? field.Type) switch
        {
            "integer" => field.Fact("format")?.Text ?? "int64",
            "boolean" => "bool",
            "number" => "float64",
            "bytes" => "[]uint8",
            "string" => "string",
            _ => field.Object?.GoName ?? "interface {}",
        };
    }

    private static string JsonType(Tree value) => value switch
    {
        TreeMap => "object",
        TreeList => "array",
        TreeText => "string",
        TreeBoolean => "bool",
        _ => "number",
    };

    /// <summary>Where the walk is: the Go struct, the path of Go fields in it (no list indices), and the path in the document.</summary>
    private readonly record struct Place(string Struct, string Fields, string Path)
    {
        public string GoField => $"{Struct}.{Fields}";

        public Place Field(string name, string owner) =>
            new(owner, Fields.Length == 0 ? name : $"{Fields}.{name}", Path.Length == 0 ? name : $"{Path}.{name}");

        public Place Index(int at) => this with { Path = $"{Path}[{at}]" };

        public Place Key(string key) => this with { Path = $"{Path}.{key}" };
    }
}
