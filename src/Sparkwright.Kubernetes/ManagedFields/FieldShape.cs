using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Schema;

namespace Sparkwright.Kubernetes.ManagedFields;

/// <summary>How a value is owned: whole, by its members, or by its elements.</summary>
internal enum Ownership
{
    /// <summary>Scalars, and lists and maps that the schema calls atomic.</summary>
    Whole,

    /// <summary>Maps and structs: each member has its own owners.</summary>
    Members,

    /// <summary>Lists whose elements are told apart by their value.</summary>
    Values,

    /// <summary>Lists whose elements are told apart by some of their fields.</summary>
    Keyed,
}

/// <summary>What ownership must know of a place in an object: the struct or the field of the table that describes it; neither where no schema does.</summary>
/// <param name="Kind">Set at the root of an object.</param>
internal readonly record struct FieldShape(TypeSchema? Struct, FieldSchema? Field, KindSchema? Kind = null)
{
    public static FieldShape Of(KindSchema? kind) => new(kind?.Root, null, kind);

    public FieldShape Element => Field?.Items is { } items ? Of(items) : default;

    /// <summary>The shape of a member of a map or struct.</summary>
    public FieldShape Member(string key)
    {
        if (key == "metadata" && Kind is { IsCustom: true })
        {
            return new(ApiSchema.ObjectMeta, null);
        }

        return Struct is not null ? Struct.Fields.TryGetValue(key, out var field) ? Of(field) : default
            : Field?.Values is { } values ? Of(values) : default;
    }

    /// <summary>The shape below a path element.</summary>
    public FieldShape At(string element) => element.StartsWith("f:", StringComparison.Ordinal) ? Member(element[2..]) : Element;

    /// <summary>Whether an element is a field that the schema names.</summary>
    public bool IsNamed(string element) => element.StartsWith("f:", StringComparison.Ordinal) && Struct?.Fields.ContainsKey(element[2..]) == true;

    /// <summary>How a value of this shape is owned; what no schema describes goes by what it is.</summary>
    public Ownership OwnershipOf(Tree? value)
    {
        if (Struct is null && Field is null or { Type: "object", KeepsUnknownFields: true })
        {
            return value is TreeMap ? Ownership.Members : Ownership.Whole;
        }

        if (Field?.Items is not null)
        {
            return Field.ListType switch { "map" => Ownership.Keyed, "set" => Ownership.Values, _ => Ownership.Whole };
        }

        var isAtomic = Field?.Fact("mapType")?.Text == "atomic" || Struct?.Facts["mapType"]?.Text == "atomic";
        return (Struct is not null || Field?.Values is not null) && !isAtomic ? Ownership.Members : Ownership.Whole;
    }

    /// <summary>Whether unknown members may stand here.</summary>
    public bool KeepsUnknown => (Struct is null && Field is null) || Field?.KeepsUnknownFields == true;

    /// <summary>What tells an element of a list apart.</summary>
    public string ElementOf(Tree item)
    {
        if (Field!.ListType == "set")
        {
            return $"v:{item}";
        }

        var fields = Field.Items?.Object?.Fields;
        var keys = Field.ListMapKeys.Select(key => (key, item[key] ?? fields?.GetValueOrDefault(key)?.Default));
        return $"k:{TreeMap.Of([.. keys])}";
    }

    private static FieldShape Of(FieldSchema field) => new(field.Object is { ValueType: null } type ? type : null, field);
}
