using System.Collections.Immutable;
using Sparkwright.Kubernetes.Objects;

namespace Sparkwright.Kubernetes.Schema;

/// <summary>
/// The kinds that are served: built-in ones, Karpenter's, the internal ones that a world adds, and those that its users define. Only the last ever
/// change, on the engine's thread; anybody may read at any time.
/// </summary>
public sealed class ResourceTypes
{
    /// <summary>The group that metrics-server adds to a cluster; it is an add-on of every platform.</summary>
    private const string Metrics = "metrics.k8s.io";

    private readonly List<ResourceType> all = [];
    private readonly Index fixedKinds;
    private volatile Index index;

    /// <param name="internalTypes">Kinds of a world's own, listed after the others.</param>
    public ResourceTypes(IEnumerable<ResourceType> internalTypes)
        : this(internalTypes.Select(type => new ServedResource(type)))
    {
    }

    private ResourceTypes(IEnumerable<ServedResource> internalResources)
    {
        fixedKinds = Index.Empty;
        var standardVersions = new HashSet<string>(StringComparer.Ordinal);
        foreach (var line in SchemaData.Lines("resources.tsv"))
        {
            switch (line.Key)
            {
                case "group":
                    // Alpha and beta versions are off in a server without further configuration.
                    var group = line.Read();
                    foreach (var version in Tree.ItemsOf(group["versions"]))
                    {
                        if (version["default"]?.Boolean == true || group["group"]?.Text == Metrics)
                        {
                            standardVersions.Add($"{group["group"]?.Text}/{version["version"]?.Text}");
                        }
                    }

                    break;
                case "resource":
                    var resource = ServedResource.BuiltIn(line.Read());
                    if (standardVersions.Contains($"{resource.Type.Group}/{resource.Type.Version}"))
                    {
                        Add(resource);
                    }

                    break;
            }
        }

        foreach (var line in SchemaData.Lines("crds.tsv"))
        {
            Add(ServedResource.Custom(line.ReadIndex()));
        }

        foreach (var resource in internalResources)
        {
            Add(resource);
        }

        index = fixedKinds;
    }

    private ResourceTypes(ResourceTypes origin)
    {
        all.AddRange(origin.all);
        fixedKinds = index = origin.fixedKinds;
    }

    /// <summary>The same kinds without those of users, for a world of its own.</summary>
    public ResourceTypes Copy() => new(this);

    /// <summary>The kinds with those of a world's own, which bring their verbs and short names.</summary>
    public static ResourceTypes With(IEnumerable<ServedResource> internalResources) => new(internalResources);

    /// <summary>Every kind whose objects are kept, in a fixed order. The list grows as users define kinds; it is read on the engine's thread.</summary>
    public IReadOnlyList<ResourceType> All => all;

    /// <summary>Every resource as discovery lists it, reviews included, in the order of the groups; as it is now.</summary>
    public IReadOnlyList<ServedResource> Served => index.Served;

    /// <summary>The stored kind of a manifest's apiVersion and kind.</summary>
    public ResourceType? Find(string apiVersion, string kind) =>
        index.ByKind.TryGetValue($"{apiVersion}/{kind}", out var found) && found.IsStored ? found.Type : null;

    /// <summary>The resource of a request path.</summary>
    public ServedResource? FindByPlural(string group, string version, string plural) => index.ByPath.GetValueOrDefault($"{group}/{version}/{plural}");

    /// <summary>The first kind of this name in any group: core before apps before the others, stable versions first.</summary>
    public ResourceType? FindByKind(string kind) => index.Served.FirstOrDefault(one => one.IsStored && one.Type.Kind == kind)?.Type;

    /// <summary>What a user means by a word on the command line: a plural, singular, kind or short name, with or without its group.</summary>
    public ResourceType? FindByWord(string word) => index.Served.FirstOrDefault(resource => resource.IsStored && resource.IsNamed(word))?.Type;

    /// <summary>Names, verbs and subresources of a kind; null when it is not served.</summary>
    public ServedResource? Resource(ResourceType type) => index.ByKind.GetValueOrDefault($"{type.ApiVersion}/{type.Kind}");

    /// <summary>The schema of a kind's objects; null for internal kinds.</summary>
    public KindSchema? SchemaOf(ResourceType type) => index.CustomOf(type)?.Version.Schema ?? ApiSchema.ForKind(type);

    /// <summary>The type in which objects of a user's kind are kept; null for all other kinds.</summary>
    public ResourceType? StoredTypeOf(ResourceType type) => index.CustomOf(type)?.Kinds.Stored;

    /// <summary>The definition of a user's kind by its name; null for all other kinds.</summary>
    public string? DefinitionOf(ResourceType type) => index.CustomOf(type)?.Kinds.Name;

    /// <summary>What a definition defines; null when it is not accepted.</summary>
    public CustomKinds? DefinedBy(string definition) => index.Customs.GetValueOrDefault(definition);

    /// <summary>Whether a resource is served without anybody's definition.</summary>
    public bool IsBuiltIn(string group, string plural) => fixedKinds.Served.Any(one => one.Type.Group == group && one.Type.Plural == plural);

    /// <summary>Serves the kinds of a definition, in place of what it defined before.</summary>
    public void Define(CustomKinds kinds)
    {
        if (!all.Contains(kinds.Stored))
        {
            all.Add(kinds.Stored);
        }

        index = fixedKinds.With(index.Customs.SetItem(kinds.Name, kinds));
    }

    /// <summary>Serves no more what a definition defined.</summary>
    public void Undefine(string definition) => index = fixedKinds.With(index.Customs.Remove(definition));

    private void Add(ServedResource resource)
    {
        if (fixedKinds.Add(resource) && resource.IsStored)
        {
            all.Add(resource.Type);
        }
    }

    /// <summary>The kinds of one moment, by every way of finding them.</summary>
    private sealed class Index
    {
        private readonly List<ServedResource> served = [];
        private readonly Dictionary<string, (CustomKinds Kinds, CustomVersion Version)> customs = new(StringComparer.Ordinal);

        public static Index Empty => new();

        public Dictionary<string, ServedResource> ByKind { get; private init; } = new(StringComparer.Ordinal);

        public Dictionary<string, ServedResource> ByPath { get; private init; } = new(StringComparer.Ordinal);

        public ImmutableSortedDictionary<string, CustomKinds> Customs { get; private init; } = ImmutableSortedDictionary.Create<string, CustomKinds>(StringComparer.Ordinal);

        public IReadOnlyList<ServedResource> Served => served;

        public (CustomKinds Kinds, CustomVersion Version)? CustomOf(ResourceType type) =>
            customs.TryGetValue($"{type.ApiVersion}/{type.Kind}", out var found) ? found : null;

        public bool Add(ServedResource resource)
        {
            var type = resource.Type;
            if (!ByKind.TryAdd($"{type.ApiVersion}/{type.Kind}", resource))
            {
                return false;
            }

            ByPath.Add($"{type.Group}/{type.Version}/{type.Plural}", resource);
            served.Add(resource);
            return true;
        }

        /// <summary>These kinds and those of users' definitions.</summary>
        public Index With(ImmutableSortedDictionary<string, CustomKinds> definitions)
        {
            var whole = new Index
            {
                ByKind = new(ByKind, StringComparer.Ordinal),
                ByPath = new(ByPath, StringComparer.Ordinal),
                Customs = definitions,
            };
            whole.served.AddRange(served);
            foreach (var kinds in definitions.Values)
            {
                foreach (var version in kinds.Versions)
                {
                    whole.customs.TryAdd($"{version.Resource.Type.ApiVersion}/{version.Resource.Type.Kind}", (kinds, version));
                    if (version.IsServed)
                    {
                        whole.Add(version.Resource);
                    }
                }
            }

            return whole;
        }
    }
}
