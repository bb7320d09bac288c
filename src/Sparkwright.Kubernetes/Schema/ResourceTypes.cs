using Sparkwright.Kubernetes.Objects;

namespace Sparkwright.Kubernetes.Schema;

/// <summary>The kinds that are served: built-in ones, Karpenter's, and the internal ones that a world adds.</summary>
public sealed class ResourceTypes
{
    private readonly Dictionary<(string ApiVersion, string Kind), ResourceType> byKind = [];
    private readonly List<ResourceType> all = [];

    /// <param name="internalTypes">Kinds of a world's own, listed after the others.</param>
    public ResourceTypes(IEnumerable<ResourceType> internalTypes)
    {
        foreach (var line in SchemaData.Lines("resources.tsv"))
        {
            if (line.Key == "resource" && Served(line.Read()) is { } served)
            {
                Add(served);
            }
        }

        foreach (var line in SchemaData.Lines("crds.tsv"))
        {
            var crd = line.Read();
            Add(new ResourceType(
                crd["group"]!.Text!,
                crd["version"]!.Text!,
                crd["kind"]!.Text!,
                crd["plural"]!.Text!,
                crd["scope"]!.Text == "Namespaced",
                crd.At("subresources", "status") is not null));
        }

        foreach (var type in internalTypes)
        {
            Add(type);
        }
    }

    /// <summary>Every kind, in a fixed order.</summary>
    public IReadOnlyList<ResourceType> All => all;

    public ResourceType? Find(string apiVersion, string kind) => byKind.GetValueOrDefault((apiVersion, kind));

    /// <summary>The first kind of this name in any group: core before apps before the others, stable versions first.</summary>
    public ResourceType? FindByKind(string kind) => all.Find(type => type.Kind == kind);

    private static ResourceType? Served(TreeMap facts)
    {
        // Alpha and beta versions are off in a server without further configuration; reviews are answers, not objects.
        var version = facts["version"]!.Text!;
        var verbs = Tree.ItemsOf(facts["verbs"]).ToArray().Select(verb => verb.Text).ToList();
        if (version.Contains("alpha", StringComparison.Ordinal) || version.Contains("beta", StringComparison.Ordinal) || !verbs.Contains("get"))
        {
            return null;
        }

        var hasStatus = Tree.ItemsOf(facts["subresources"]).ToArray().Any(subresource => subresource["name"]?.Text == "status");
        return new ResourceType(facts["group"]!.Text!, version, facts["kind"]!.Text!, facts["resource"]!.Text!, facts["namespaced"]!.Boolean!.Value, hasStatus);
    }

    private void Add(ResourceType type)
    {
        if (byKind.TryAdd((type.ApiVersion, type.Kind), type))
        {
            all.Add(type);
        }
    }
}
