using Sparkwright.Kubernetes.Objects;

namespace Sparkwright.Kubernetes.Schema;

/// <summary>A resource as discovery lists it.</summary>
/// <param name="Type">The kind and where it is served.</param>
public sealed record ServedResource(ResourceType Type)
{
    public string Singular { get; init; } = Type.Kind.ToLowerInvariant();

    public IReadOnlyList<string> ShortNames { get; init; } = [];

    public IReadOnlyList<string> Categories { get; init; } = [];

    /// <summary>The verbs of the resource itself, sorted.</summary>
    public IReadOnlyList<string> Verbs { get; init; } = ["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"];

    /// <summary>Name, kind and verbs of each subresource, as the table has them.</summary>
    public IReadOnlyList<TreeMap> Subresources { get; init; } = [];

    /// <summary>The columns that a CustomResourceDefinition asks to be printed; empty for built-in kinds.</summary>
    public IReadOnlyList<TreeMap> PrinterColumns { get; init; } = [];

    /// <summary>What every request of the version is warned of; empty for versions that are not deprecated.</summary>
    public string Deprecation { get; init; } = "";

    /// <summary>Where objects have what their scale shows.</summary>
    public ScalePaths ScalePaths { get; init; } = new(["spec", "replicas"], ["status", "replicas"], ["spec", "selector"]);

    /// <summary>Whether the kind comes from a CustomResourceDefinition.</summary>
    public bool IsCustom { get; init; }

    /// <summary>Whether the kind is how the simulated cloud remembers, and no part of the cluster's API.</summary>
    public bool IsInternal => Type.Group.EndsWith(".sparkwright.dev", StringComparison.Ordinal);

    /// <summary>Whether objects of the kind are kept; reviews, bindings and metrics are only answered.</summary>
    public bool IsStored => Verbs.Contains("get") && Verbs.Contains("watch");

    /// <summary>Whether a user may mean this resource by a word, as kubectl takes it: <c>po</c>, <c>pods</c>, <c>pod</c>, <c>Pod</c>, <c>deployments.apps</c>.</summary>
    public bool IsNamed(string word)
    {
        var dot = word.IndexOf('.', StringComparison.Ordinal);
        var name = dot < 0 ? word : word[..dot];
        if (dot >= 0 && word[(dot + 1)..] is var rest && rest != Type.Group && rest != $"{Type.Version}.{Type.Group}")
        {
            return false;
        }

        return name.Equals(Type.Plural, StringComparison.OrdinalIgnoreCase)
            || name.Equals(Singular, StringComparison.OrdinalIgnoreCase)
            || name.Equals(Type.Kind, StringComparison.OrdinalIgnoreCase)
            || ShortNames.Contains(name.ToLowerInvariant());
    }

    internal static ServedResource BuiltIn(TreeMap facts)
    {
        var subresources = MapsOf(facts["subresources"]);
        var hasStatus = subresources.Any(one => one["name"]?.Text == "status");
        return new(new ResourceType(facts["group"]!.Text!, facts["version"]!.Text!, facts["kind"]!.Text!, facts["resource"]!.Text!, facts["namespaced"]!.Boolean!.Value, hasStatus))
        {
            Singular = facts["singular"]?.Text ?? "",
            ShortNames = TextsOf(facts["shortNames"]),
            Categories = TextsOf(facts["categories"]),
            Verbs = TextsOf(facts["verbs"]),
            Subresources = subresources,
            Deprecation = (facts["group"]!.Text!, facts["kind"]!.Text!) switch
            {
                ("", "Endpoints") => "v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice",
                ("", "ComponentStatus") => "v1 ComponentStatus is deprecated in v1.19+",
                _ => "",
            },
        };
    }

    internal static ServedResource Custom(TreeMap facts)
    {
        var group = facts["group"]!.Text!;
        var kind = facts["kind"]!.Text!;
        var hasStatus = facts.At("subresources", "status") is not null;
        var subresources = new List<TreeMap>();
        if (facts.At("subresources", "scale") is not null)
        {
            subresources.Add(TreeMap.Of(("group", "autoscaling"), ("kind", "Scale"), ("name", "scale"), ("verbs", SubresourceVerbs), ("version", "v1")));
        }

        if (hasStatus)
        {
            subresources.Add(TreeMap.Of(("kind", kind), ("name", "status"), ("verbs", SubresourceVerbs)));
        }

        string[]? PathOf(string name) => facts.At("subresources", "scale", name)?.Text?.TrimStart('.').Split('.');
        return new(new ResourceType(group, facts["version"]!.Text!, kind, facts["plural"]!.Text!, facts["scope"]!.Text == "Namespaced", hasStatus))
        {
            Singular = facts["singular"]?.Text ?? "",
            ShortNames = TextsOf(facts["shortNames"]),
            Categories = TextsOf(facts["categories"]),
            Subresources = subresources,
            PrinterColumns = MapsOf(facts["printerColumns"]),
            IsCustom = true,
            Deprecation = facts["deprecation"]?.Text ?? "",
            ScalePaths = new(PathOf("specReplicasPath") ?? ["spec", "replicas"], PathOf("statusReplicasPath") ?? ["status", "replicas"], PathOf("labelSelectorPath")),
        };
    }

    private static readonly TreeList SubresourceVerbs = TreeList.Of("get", "patch", "update");

    private static IReadOnlyList<string> TextsOf(Tree? list) => Array.ConvertAll(Tree.ItemsOf(list).ToArray(), item => item.Text ?? "");

    private static IReadOnlyList<TreeMap> MapsOf(Tree? list) => Array.ConvertAll(Tree.ItemsOf(list).ToArray(), item => (TreeMap)item);
}

/// <summary>Where objects of a kind have what their scale shows.</summary>
/// <param name="Wanted">The replicas asked for.</param>
/// <param name="Counted">The replicas there are.</param>
/// <param name="Selector">A selector, as an object or as text; null for kinds without one.</param>
public sealed record ScalePaths(string[] Wanted, string[] Counted, string[]? Selector);
