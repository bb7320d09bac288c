using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Schema;

namespace Sparkwright.Kubernetes.OpenApi;

/// <summary>
/// Types of the field table as OpenAPI schemas. Every type that a schema refers to is remembered, so that a document can hold all that it needs
/// and no more.
/// </summary>
internal sealed class SchemaWriter(OpenApiForm form)
{
    private readonly SortedDictionary<string, TreeMap> written = new(StringComparer.Ordinal);
    private readonly Queue<string> wanted = new();
    private readonly HashSet<string> known = new(StringComparer.Ordinal);
    private bool isInCustomKind;

    /// <summary>The value types of the table that built-in kinds refer to; custom kinds say in place what they are.</summary>
    private static readonly Dictionary<string, string> ValueTypes = new(StringComparer.Ordinal)
    {
        ["duration"] = "io.k8s.apimachinery.pkg.apis.meta.v1.Duration",
        ["intOrString"] = "io.k8s.apimachinery.pkg.util.intstr.IntOrString",
        ["microTime"] = "io.k8s.apimachinery.pkg.apis.meta.v1.MicroTime",
        ["quantity"] = "io.k8s.apimachinery.pkg.api.resource.Quantity",
        ["rawExtension"] = "io.k8s.apimachinery.pkg.runtime.RawExtension",
        ["time"] = "io.k8s.apimachinery.pkg.apis.meta.v1.Time",
    };

    /// <summary>The facts of a custom kind that stand in its schema as they stand in the table.</summary>
    private static readonly string[] Bounds =
        ["pattern", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "minLength", "maxLength", "minItems", "maxItems", "minProperties", "maxProperties", "multipleOf", "uniqueItems", "nullable"];

    private static readonly (string Fact, string Extension)[] Extensions =
    [
        ("patchStrategy", "x-kubernetes-patch-strategy"), ("patchMergeKey", "x-kubernetes-patch-merge-key"), ("listType", "x-kubernetes-list-type"),
        ("listMapKeys", "x-kubernetes-list-map-keys"), ("mapType", "x-kubernetes-map-type"), ("preserveUnknownFields", "x-kubernetes-preserve-unknown-fields"),
        ("embeddedResource", "x-kubernetes-embedded-resource"), ("rules", "x-kubernetes-validations"),
    ];

    /// <summary>A reference to a built-in type, which the document will hold.</summary>
    public TreeMap Reference(string id)
    {
        if (known.Add(id))
        {
            wanted.Enqueue(id);
        }

        return ReferenceTo(id);
    }

    /// <summary>A reference to a type that is added by <see cref="Add"/>.</summary>
    public TreeMap ReferenceTo(string id) => TreeMap.Of(("$ref", (form == OpenApiForm.V2 ? "#/definitions/" : "#/components/schemas/") + id));

    public void Add(string id, TreeMap schema)
    {
        known.Add(id);
        written[id] = schema;
    }

    /// <summary>All schemas by id, those included that others refer to.</summary>
    public TreeMap All()
    {
        while (wanted.TryDequeue(out var id))
        {
            written[id] = Definition(ApiSchema.Definition(id));
        }

        return TreeMap.Of([.. written.Select(one => (one.Key, (Tree?)one.Value))]);
    }

    /// <summary>A type with its fields, or the text or number that a value type is on the wire.</summary>
    public TreeMap Definition(TypeSchema type) => (type.ValueType is { } value ? Value(value) : Object(type))
        .Merge(TreeMap.Of(
            ("description", type.Facts["description"]),
            ("x-kubernetes-group-version-kind", type.Facts["kind"] as TreeList),
            ("x-kubernetes-map-type", type.Facts["mapType"])));

    /// <summary>The root of a custom kind.</summary>
    public TreeMap Custom(TypeSchema type)
    {
        isInCustomKind = true;
        var definition = Definition(type);
        isInCustomKind = false;
        return definition;
    }

    private TreeMap Object(TypeSchema type) => TreeMap.Of(
        ("properties", type.InOrder.Count == 0 ? null : TreeMap.Of([.. type.InOrder.Select(field => (field.Key, (Tree?)Field(field.Value)))])),
        ("required", type.InOrder.Any(field => field.Value.IsRequired) ? TreeList.OfTexts(type.InOrder.Where(field => field.Value.IsRequired).Select(field => field.Key)) : null),
        ("type", "object"));

    /// <summary>A field, a list's element or a map's value.</summary>
    public TreeMap Field(FieldSchema field, bool isElement = false)
    {
        var extras = Extras(field, isElement);
        if (field.Facts["ref"]?.Text is { } id || (!isInCustomKind && field.Type is { } type && ValueTypes.TryGetValue(type, out id)))
        {
            var reference = Reference(id);
            return extras.Count == 0 ? reference : form == OpenApiForm.V2 ? reference.Merge(extras) : extras.With("allOf", TreeList.Of(reference));
        }

        return Shape(field).Merge(extras);
    }

    private TreeMap Shape(FieldSchema field) => field switch
    {
        { Items: { } items } => TreeMap.Of(("items", Field(items, isElement: true)), ("type", "array")),
        { Values: { } values } => TreeMap.Of(("additionalProperties", Field(values, isElement: true)), ("type", "object")),
        { Object: { } nested } => Object(nested),
        { Type: { } type } => Value(type).Merge(TreeMap.Of(("format", field.Fact("format")))),
        _ => TreeMap.Empty,
    };

    private TreeMap Value(string type) => (type, form) switch
    {
        ("string" or "integer" or "boolean" or "number" or "object", _) => TreeMap.Of(("type", type)),
        ("bytes", _) => TreeMap.Of(("format", "byte"), ("type", "string")),
        ("time" or "microTime", _) => TreeMap.Of(("format", "date-time"), ("type", "string")),
        ("duration", _) => TreeMap.Of(("type", "string")),
        ("rawExtension", _) => TreeMap.Of(("type", "object")),
        ("quantity", OpenApiForm.V2) => TreeMap.Of(("type", "string")),
        ("quantity", _) => TreeMap.Of(("oneOf", OneOf("string", "number"))),
        ("intOrString", OpenApiForm.V2) when isInCustomKind => TreeMap.Of(("x-kubernetes-int-or-string", true)),
        ("intOrString", _) when isInCustomKind => TreeMap.Of(("anyOf", OneOf("integer", "string")), ("x-kubernetes-int-or-string", true)),
        ("intOrString", OpenApiForm.V2) => TreeMap.Of(("format", "int-or-string"), ("type", "string")),
        ("intOrString", _) => TreeMap.Of(("format", "int-or-string"), ("oneOf", OneOf("integer", "string"))),
        _ => TreeMap.Empty,
    };

    private static TreeList OneOf(string first, string second) => TreeList.Of(TreeMap.Of(("type", first)), TreeMap.Of(("type", second)));

    private TreeMap Extras(FieldSchema field, bool isElement)
    {
        var extras = new TreeMapBuilder();
        extras.Set("description", field.Fact("description"));
        foreach (var bound in Bounds)
        {
            extras.Set(bound, form == OpenApiForm.V2 && bound == "nullable" ? null : field.Fact(bound));
        }

        foreach (var (fact, extension) in Extensions)
        {
            extras.Set(extension, field.Fact(fact));
        }

        if (form == OpenApiForm.V3)
        {
            extras.Set("default", Default(field, isElement));
            extras.Set("enum", field.Fact("enum"));
        }

        return extras.Build();
    }

    /// <summary>A default that is declared, or the empty value that the server writes when nothing was said.</summary>
    private static Tree? Default(FieldSchema field, bool isElement)
    {
        if (field.Default is { } declared)
        {
            return declared;
        }

        if (field.Object?.ValueType is not null || (field.Type is { } type && ValueTypes.ContainsKey(type)))
        {
            return null;
        }

        if (!isElement)
        {
            return field.Fact("emit") is TreeNull ? null : field.Fact("emit");
        }

        return field.Facts["ref"] is not null ? TreeMap.Empty : field.Facts.Count > 1 ? null : field.Type switch { "string" => "", "integer" => 0, _ => null };
    }
}
