using Sparkwright.Kubernetes.Objects;

namespace Sparkwright.Kubernetes.Schema;

/// <summary>
/// What fields each kind has: the one table from which decoding, patching and documentation come. A type is read when it is first needed.
/// </summary>
public static class ApiSchema
{
    private const string ObjectMetaId = "io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta";

    private static readonly Lazy<Facts> Table = new(() => new Facts());

    public static TypeSchema ObjectMeta => Definition(ObjectMetaId);

    /// <summary>Every definition id of the built-in types, in ordinal order.</summary>
    public static IReadOnlyList<string> Definitions => Table.Value.Ids;

    /// <summary>The schema of a kind; null for kinds without one (our internal ones).</summary>
    public static KindSchema? ForKind(ResourceType type) => ForKind(type.Group, type.Version, type.Kind);

    public static KindSchema? ForKind(string group, string version, string kind) => Table.Value.Kind($"{group}/{version}/{kind}");

    /// <summary>The definition id of a value type that fields name without referring to it.</summary>
    internal static string ValueTypeId(string valueType) => valueType switch
    {
        "quantity" => "io.k8s.apimachinery.pkg.api.resource.Quantity",
        "time" => "io.k8s.apimachinery.pkg.apis.meta.v1.Time",
        "microTime" => "io.k8s.apimachinery.pkg.apis.meta.v1.MicroTime",
        "duration" => "io.k8s.apimachinery.pkg.apis.meta.v1.Duration",
        "rawExtension" => "io.k8s.apimachinery.pkg.runtime.RawExtension",
        "intOrString" => "io.k8s.apimachinery.pkg.util.intstr.IntOrString",
        _ => throw new ArgumentOutOfRangeException(nameof(valueType), valueType, "no value type"),
    };

    /// <summary>A built-in type by its definition id.</summary>
    public static TypeSchema Definition(string id) => Table.Value.Definition(id);

    private sealed class Facts
    {
        private readonly Dictionary<string, SchemaLine> types = new(StringComparer.Ordinal);
        private readonly Dictionary<string, SchemaLine> customs = new(StringComparer.Ordinal);
        private readonly Dictionary<string, string> pointers = new(StringComparer.Ordinal);
        private readonly Dictionary<string, string> idOfKind = new(StringComparer.Ordinal);
        private readonly Dictionary<string, TypeSchema> definitions = new(StringComparer.Ordinal);
        private readonly Dictionary<string, KindSchema> kinds = new(StringComparer.Ordinal);
        private readonly List<string> ids = [];
        private readonly Lock guard = new();

        public Facts()
        {
            foreach (var line in SchemaData.Lines("types.tsv"))
            {
                var id = line.Key;
                types.Add(id, line);
                ids.Add(id);
                var index = line.Index;
                foreach (var kind in index.Split(','))
                {
                    if (!index[kind].IsEmpty)
                    {
                        idOfKind.TryAdd(index[kind].ToString(), id);
                    }
                }
            }

            foreach (var line in SchemaData.Lines("pointers.tsv"))
            {
                pointers.Add(line.Key, line.Index.ToString());
            }

            foreach (var line in SchemaData.Lines("crds.tsv"))
            {
                customs.Add(line.Key, line);
            }
        }

        public IReadOnlyList<string> Ids => ids;

        public KindSchema? Kind(string key)
        {
            lock (guard)
            {
                if (kinds.TryGetValue(key, out var known))
                {
                    return known;
                }

                if (customs.TryGetValue(key, out var line))
                {
                    known = new KindSchema(new TypeSchema(key, line.Read()), IsCustom: true);
                }
                else if (idOfKind.TryGetValue(key, out var id))
                {
                    known = new KindSchema(Read(id), IsCustom: false);
                }
                else
                {
                    return null;
                }

                kinds.Add(key, known);
                return known;
            }
        }

        public TypeSchema Definition(string id)
        {
            lock (guard)
            {
                return Read(id);
            }
        }

        private TypeSchema Read(string id)
        {
            if (!definitions.TryGetValue(id, out var known))
            {
                known = new TypeSchema(id, types[id].Read(), pointers.GetValueOrDefault(id)?.Split(','));
                definitions.Add(id, known);
            }

            return known;
        }
    }
}

/// <param name="IsCustom">Whether the kind follows the rules of CustomResourceDefinitions: pruning, and checks of the schema itself.</param>
public sealed record KindSchema(TypeSchema Root, bool IsCustom)
{
    /// <summary>Whether expressions (CEL) stand in the schema; they are checked by the kind's own rules.</summary>
    public bool HasExpressions { get; } = IsCustom && Root.Facts.ToString().Contains("\"rules\":[", StringComparison.Ordinal);
}
