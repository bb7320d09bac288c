using Sparkwright.Kubernetes.Objects;

namespace Sparkwright.Kubernetes.Schema;

/// <summary>
/// What fields each kind has: the one table from which decoding, patching and documentation come. A type is read when it is first needed.
/// </summary>
public static class ApiSchema
{
    private const string ObjectMetaId = "io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta";

    private static readonly Lazy<Dictionary<string, SchemaLine>> Types = new(() => SchemaData.Lines("types.tsv").ToDictionary(line => line.Key, StringComparer.Ordinal));
    private static readonly Lazy<Dictionary<string, SchemaLine>> Customs = new(() => SchemaData.Lines("crds.tsv").ToDictionary(line => line.Key, StringComparer.Ordinal));
    private static readonly Lazy<Dictionary<(string, string, string), string>> Kinds = new(ReadKinds);
    private static readonly Dictionary<string, TypeSchema> Read = new(StringComparer.Ordinal);
    private static readonly Lock Guard = new();

    /// <summary>The schema of a kind; null for kinds without one (our internal ones).</summary>
    public static KindSchema? ForKind(ResourceType type)
    {
        if (Customs.Value.ContainsKey($"{type.Group}/{type.Version}/{type.Kind}"))
        {
            return new KindSchema(Custom($"{type.Group}/{type.Version}/{type.Kind}"), IsCustom: true);
        }

        return Kinds.Value.TryGetValue((type.Group, type.Version, type.Kind), out var id) ? new KindSchema(Definition(id), IsCustom: false) : null;
    }

    public static TypeSchema ObjectMeta => Definition(ObjectMetaId);

    /// <summary>A built-in type by its definition id.</summary>
    public static TypeSchema Definition(string id) => Known(id, () => new TypeSchema(ShortName(id), Types.Value[id].Read()));

    private static TypeSchema Custom(string key) => Known(key, () => new TypeSchema(key[(key.LastIndexOf('/') + 1)..], Customs.Value[key].Read()));

    private static TypeSchema Known(string key, Func<TypeSchema> read)
    {
        lock (Guard)
        {
            if (!Read.TryGetValue(key, out var known))
            {
                Read.Add(key, known = read());
            }

            return known;
        }
    }

    private static Dictionary<(string, string, string), string> ReadKinds()
    {
        var kinds = new Dictionary<(string, string, string), string>();
        foreach (var line in Types.Value.Values)
        {
            if (!line.Json.Contains("\"kind\":[{", StringComparison.Ordinal))
            {
                continue;
            }

            foreach (var kind in Tree.ItemsOf(line.Read()["kind"]))
            {
                kinds.TryAdd((kind["group"]!.Text!, kind["version"]!.Text!, kind["kind"]!.Text!), line.Key);
            }
        }

        return kinds;
    }

    private static string ShortName(string id) => id[(id.LastIndexOf('.') + 1)..];
}

/// <param name="IsCustom">Whether the kind follows the rules of CustomResourceDefinitions: pruning, and checks of the schema itself.</param>
public sealed record KindSchema(TypeSchema Root, bool IsCustom);

/// <summary>A type of the table: its value type, or its fields.</summary>
public sealed class TypeSchema
{
    private readonly Dictionary<string, FieldSchema> fields = new(StringComparer.Ordinal);

    internal TypeSchema(string name, TreeMap facts)
    {
        Name = name;
        ValueType = facts["fields"] is null ? facts["type"]?.Text ?? "object" : null;
        foreach (var (field, of) in facts["fields"] as TreeMap ?? TreeMap.Empty)
        {
            fields.Add(field, new FieldSchema((TreeMap)of));
        }
    }

    /// <summary>The type's name without its package.</summary>
    public string Name { get; }

    /// <summary>quantity, time, intOrString, object, any …; null for a type with fields.</summary>
    public string? ValueType { get; }

    public IReadOnlyDictionary<string, FieldSchema> Fields => fields;
}

/// <summary>A field, a list's element or a map's value.</summary>
public sealed class FieldSchema
{
    private readonly TreeMap facts;
    private TypeSchema? nested;
    private FieldSchema? items;
    private FieldSchema? values;

    internal FieldSchema(TreeMap facts) => this.facts = facts;

    /// <summary>string, integer, boolean, number, object, any, bytes or a value type; null beside Object, Items or Values.</summary>
    public string? Type => facts["type"]?.Text;

    /// <summary>The type of an object, when the field is one with known fields.</summary>
    public TypeSchema? Object => nested ??= facts["ref"]?.Text is { } id
        ? ApiSchema.Definition(id)
        : facts["fields"] is null ? null : new TypeSchema("", facts);

    public FieldSchema? Items => items ??= facts["items"] is TreeMap of ? new FieldSchema(of) : null;

    public FieldSchema? Values => values ??= facts["map"] is TreeMap of ? new FieldSchema(of) : null;

    public bool IsRequired => facts["required"]?.Boolean ?? false;

    public Tree? Default => facts["default"];

    public bool KeepsUnknownFields => facts["preserveUnknownFields"]?.Boolean ?? false;

    public string? PatchMergeKey => facts["patchMergeKey"]?.Text;

    /// <summary>merge, replace, retainKeys or two of them.</summary>
    public string PatchStrategy => facts["patchStrategy"]?.Text ?? "";

    /// <summary>A fact by its name in the table: pattern, minimum, enum, listType, proto …</summary>
    public Tree? Fact(string name) => facts[name];
}
