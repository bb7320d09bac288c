using Sparkwright.Kubernetes.Objects;

namespace Sparkwright.Kubernetes.Schema;

/// <summary>The structural schema of a CustomResourceDefinition in the words of the field table, so that one decoder reads all kinds.</summary>
internal static class CustomSchemaFacts
{
    private static readonly string[] AsTheyAre =
    [
        "default", "description", "enum", "maximum", "minimum", "exclusiveMaximum", "exclusiveMinimum", "maxItems", "minItems", "maxLength", "minLength",
        "maxProperties", "minProperties", "multipleOf", "uniqueItems", "nullable", "pattern",
    ];

    private static readonly (string Extension, string Fact)[] Extensions =
    [
        ("x-kubernetes-preserve-unknown-fields", "preserveUnknownFields"), ("x-kubernetes-embedded-resource", "embeddedResource"),
        ("x-kubernetes-list-type", "listType"), ("x-kubernetes-list-map-keys", "listMapKeys"), ("x-kubernetes-map-type", "mapType"),
        ("x-kubernetes-validations", "rules"),
    ];

    public static TreeMap Of(TreeMap schema)
    {
        var facts = new TreeMapBuilder();
        foreach (var name in AsTheyAre)
        {
            facts.Set(name, schema[name]);
        }

        SchemaCompositions.CopyTo(facts, schema);
        foreach (var (extension, fact) in Extensions)
        {
            facts.Set(fact, schema[extension]);
        }

        switch (schema["type"]?.Text)
        {
            case "array":
                facts.Set("items", schema["items"] is TreeMap items ? Of(items) : Anything);
                break;
            case "object" when schema["properties"] is TreeMap { Count: > 0 } properties:
                facts.Set("type", "object");
                facts.Set("fields", Fields(properties, schema["required"]));
                break;
            case "object" when schema["additionalProperties"] is TreeMap values:
                facts.Set("map", Of(values));
                break;
            case "object" when schema["additionalProperties"]?.Boolean == true:
                facts.Set("map", Anything);
                break;
            case "string" when schema["format"]?.Text == "date-time":
                facts.Set("type", "time");
                break;
            case null when schema["x-kubernetes-int-or-string"]?.Boolean == true:
                facts.Set("type", "intOrString");
                break;
            case var type:
                facts.Set("type", type ?? "any");
                facts.Set("format", schema["format"]);
                break;
        }

        return facts.Build();
    }

    private static TreeMap Anything => TreeMap.Of(("preserveUnknownFields", true), ("type", "any"));

    private static TreeMap Fields(TreeMap properties, Tree? required)
    {
        var needed = Tree.ItemsOf(required).ToArray().Select(name => name.Text).ToHashSet(StringComparer.Ordinal);
        var fields = new TreeMapBuilder(properties.Count);
        foreach (var (name, schema) in properties)
        {
            var facts = Of(schema as TreeMap ?? TreeMap.Empty);
            fields.Set(name, needed.Contains(name) ? facts.With("required", true) : facts);
        }

        return fields.Build();
    }
}
