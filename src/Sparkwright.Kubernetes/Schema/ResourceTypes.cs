using Sparkwright.Kubernetes.Objects;

namespace Sparkwright.Kubernetes.Schema;

/// <summary>The kinds that are served: built-in ones, Karpenter's, and the internal ones that a world adds. It never changes after it is made.</summary>
public sealed class ResourceTypes
{
    private readonly Dictionary<string, ServedResource> byKind = new(StringComparer.Ordinal);
    private readonly Dictionary<string, ServedResource> byPath = new(StringComparer.Ordinal);
    private readonly List<ServedResource> served = [];
    private readonly List<ResourceType> all = [];

    /// <param name="internalTypes">Kinds of a world's own, listed after the others.</param>
    public ResourceTypes(IEnumerable<ResourceType> internalTypes)
        : this(internalTypes.Select(type => new ServedResource(type)))
    {
    }

    private ResourceTypes(IEnumerable<ServedResource> internalResources)
    {
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
                        if (version["default"]?.Boolean == true)
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
    }

    /// <summary>The kinds with those of a world's own, which bring their verbs and short names.</summary>
    public static ResourceTypes With(IEnumerable<ServedResource> internalResources) => new(internalResources);

    /// <summary>Every kind whose objects are kept, in a fixed order.</summary>
    public IReadOnlyList<ResourceType> All => all;

    /// <summary>Every resource as discovery lists it, reviews included, in the order of the groups.</summary>
    public IReadOnlyList<ServedResource> Served => served;

    /// <summary>The stored kind of a manifest's apiVersion and kind.</summary>
    public ResourceType? Find(string apiVersion, string kind) =>
        byKind.TryGetValue($"{apiVersion}/{kind}", out var found) && found.IsStored ? found.Type : null;

    /// <summary>The resource of a request path.</summary>
    public ServedResource? FindByPlural(string group, string version, string plural) => byPath.GetValueOrDefault($"{group}/{version}/{plural}");

    /// <summary>The first kind of this name in any group: core before apps before the others, stable versions first.</summary>
    public ResourceType? FindByKind(string kind) => all.Find(type => type.Kind == kind);

    /// <summary>What a user means by a word on the command line: a plural, singular, kind or short name, with or without its group.</summary>
    public ResourceType? FindByWord(string word) => served.Find(resource => resource.IsStored && resource.IsNamed(word))?.Type;

    /// <summary>Names, verbs and subresources of a kind; null when it is not served.</summary>
    public ServedResource? Resource(ResourceType type) => byKind.GetValueOrDefault($"{type.ApiVersion}/{type.Kind}");

    /// <summary>The schema of a kind's objects; null for internal kinds.</summary>
    public KindSchema? SchemaOf(ResourceType type) => ApiSchema.ForKind(type);

    private void Add(ServedResource resource)
    {
        var type = resource.Type;
        if (!byKind.TryAdd($"{type.ApiVersion}/{type.Kind}", resource))
        {
            return;
        }

        byPath.Add($"{type.Group}/{type.Version}/{type.Plural}", resource);
        served.Add(resource);
        if (resource.IsStored)
        {
            all.Add(type);
        }
    }
}
