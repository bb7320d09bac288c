using System.Text.RegularExpressions;
using Sparkwright.Kubernetes.Objects;

namespace Sparkwright.Kubernetes.Schema;

/// <summary>A type of the table: its value type, or its fields.</summary>
public sealed class TypeSchema
{
    private readonly Dictionary<string, FieldSchema> fields = new(StringComparer.Ordinal);
    private WireIndex? wire;

    /// <param name="pointers">The fields of which Go knows whether they were set.</param>
    internal TypeSchema(string id, TreeMap facts, IReadOnlyCollection<string>? pointers = null)
    {
        Id = id;
        Facts = facts;
        var own = facts["fields"] as TreeMap;
        ValueType = own is null ? facts["type"]?.Text ?? "object" : null;
        var inOrder = new List<KeyValuePair<string, FieldSchema>>(own?.Count ?? 0);
        foreach (var (name, of) in own ?? TreeMap.Empty)
        {
            var field = new FieldSchema((TreeMap)of) { IsPointer = pointers?.Contains(name) == true };
            fields.Add(name, field);
            inOrder.Add(new(name, field));
        }

        InOrder = inOrder;
    }

    /// <summary>The definition id, <c>group/version/Kind</c> of a custom kind, or empty for an object within one.</summary>
    public string Id { get; }

    /// <summary>The type's name without its package: <c>PodSpec</c>.</summary>
    public string Name => Id[(Id.LastIndexOfAny(['.', '/']) + 1)..];

    /// <summary>The type as Go messages name it: <c>v1.PodSpec</c>.</summary>
    public string GoName
    {
        get
        {
            var parts = Id.Split('.');
            return parts.Length < 2 ? Id : $"{parts[^2]}.{parts[^1]}";
        }
    }

    /// <summary>quantity, time, microTime, duration, intOrString, rawExtension, object, any; null for a type with fields.</summary>
    public string? ValueType { get; }

    public IReadOnlyDictionary<string, FieldSchema> Fields => fields;

    /// <summary>The fields in ordinal order of their names.</summary>
    public IReadOnlyList<KeyValuePair<string, FieldSchema>> InOrder { get; }

    /// <summary>The fields by their protobuf numbers.</summary>
    internal WireIndex Wire => wire ??= WireIndex.Of(this);

    /// <summary>Everything that the table says of this type: kind, mapType, unions, wire, source …</summary>
    public TreeMap Facts { get; }
}

/// <summary>A field, a list's element or a map's value.</summary>
public sealed class FieldSchema
{
    private TypeSchema? nested;
    private FieldSchema? items;
    private FieldSchema? values;
    private Regex? pattern;

    internal FieldSchema(TreeMap facts)
    {
        Facts = facts;
        Type = facts["type"]?.Text;
        PatchStrategy = facts["patchStrategy"]?.Text ?? "";
        Default = facts["default"];
        IsRequired = facts["required"]?.Boolean ?? false;
    }

    /// <summary>Everything that the table says of this field: format, enum, pattern, minimum, proto, protoWrap, emit …</summary>
    public TreeMap Facts { get; }

    /// <summary>string, integer, boolean, number, object, any, bytes or a value type; null beside Object, Items or Values.</summary>
    public string? Type { get; }

    /// <summary>The type of an object, when the field is one with known fields, or the value type that it refers to.</summary>
    public TypeSchema? Object => nested ??= Facts["ref"]?.Text is { } id
        ? ApiSchema.Definition(id)
        : Facts["fields"] is null ? null : new TypeSchema("", Facts);

    /// <summary>The elements of a list.</summary>
    public FieldSchema? Items => items ??= Facts["items"] is TreeMap of ? new FieldSchema(of) : null;

    /// <summary>The values of a map; its keys are text.</summary>
    public FieldSchema? Values => values ??= Facts["map"] is TreeMap of ? new FieldSchema(of) : null;

    public bool IsRequired { get; }

    /// <summary>Whether a scalar that is not set differs from one that is zero; Go then has a pointer.</summary>
    public bool IsPointer { get; internal init; }

    /// <summary>The explicit default; of built-in kinds the server fills it in by code instead.</summary>
    public Tree? Default { get; }

    /// <summary>Whether text matches the field's pattern; true when it has none.</summary>
    public bool Matches(string text)
    {
        if (Facts["pattern"]?.Text is not { } expression)
        {
            return true;
        }

        pattern ??= new Regex(expression, RegexOptions.CultureInvariant);
        return pattern.IsMatch(text);
    }

    public bool KeepsUnknownFields => Facts["preserveUnknownFields"]?.Boolean ?? false;

    public string? PatchMergeKey => Facts["patchMergeKey"]?.Text;

    /// <summary>merge, replace, retainKeys or two of them.</summary>
    public string PatchStrategy { get; }

    /// <summary>atomic, set or map; a list of which nothing is said is atomic.</summary>
    public string ListType => Facts["listType"]?.Text ?? "atomic";

    /// <summary>The keys that tell the elements of a map-like list apart.</summary>
    public IEnumerable<string> ListMapKeys => Tree.ItemsOf(Facts["listMapKeys"]).ToArray().Select(key => key.Text).OfType<string>();

    /// <summary>Go's zero value, which a null element of a list or map becomes; null for types that have none.</summary>
    internal Tree? Zero => (Object?.ValueType ?? Type) switch
    {
        "string" or "bytes" => "",
        "integer" or "number" => 0,
        "boolean" => false,
        "quantity" => "0",
        null when Object is not null => TreeMap.Empty,
        _ => null,
    };

    /// <summary>Whether the server writes nothing for a value of this field: a list or map without content and a zero that is no pointer are the same as none.</summary>
    internal bool IsLeftOut(Tree? value) => value switch
    {
        null or TreeNull => true,
        TreeList { Count: 0 } => Fact("emit") is null,
        TreeMap { Count: 0 } => Values is not null && Fact("emit") is null,
        TreeText { Value: "" } or TreeInteger { Value: 0 } or TreeReal { Value: 0 } or TreeBoolean { Value: false } =>
            !IsPointer && Fact("emit") is null && Type is "string" or "bytes" or "integer" or "number" or "boolean",
        _ => false,
    };

    /// <summary>A fact by its name in the table.</summary>
    public Tree? Fact(string name) => Facts[name];
}
