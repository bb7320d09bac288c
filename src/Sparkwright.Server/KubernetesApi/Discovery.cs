using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Schema;

namespace Sparkwright.Server.KubernetesApi;

/// <summary>What the API says that it serves, in the plain and in the aggregated form. Pure: the same kinds give the same documents.</summary>
internal static class Discovery
{
    /// <summary>Core and legacy groups are not listed under /apis.</summary>
    public static TreeMap ApiVersions(string serverAddress) => TreeMap.Of(
        ("kind", "APIVersions"),
        ("serverAddressByClientCIDRs", TreeList.Of(TreeMap.Of(("clientCIDR", "0.0.0.0/0"), ("serverAddress", serverAddress)))),
        ("versions", TreeList.Of("v1")));

    public static TreeMap GroupList(ResourceTypes types) => TreeMap.Of(
        ("apiVersion", "v1"), ("groups", TreeList.From(Groups(types).Where(group => group.Name.Length > 0).Select(Group))), ("kind", "APIGroupList"));

    /// <summary>One group; null when it is not served.</summary>
    public static TreeMap? GroupOf(ResourceTypes types, string name) =>
        Groups(types).FirstOrDefault(group => group.Name == name) is { Name.Length: > 0 } found ? Group(found).With("apiVersion", "v1").With("kind", "APIGroup") : null;

    /// <summary>The resources of a group and version with their subresources; null when it is not served.</summary>
    public static TreeMap? ResourceList(ResourceTypes types, string group, string version)
    {
        var members = Served(types).Where(resource => resource.Type.Group == group && resource.Type.Version == version).ToList();
        return members.Count == 0 ? null : TreeMap.Of(
            ("apiVersion", group.Length == 0 ? null : "v1"),
            ("groupVersion", members[0].Type.ApiVersion),
            ("kind", "APIResourceList"),
            ("resources", TreeList.From(members.SelectMany(Plain))));
    }

    /// <summary>Aggregated discovery, v2.</summary>
    /// <param name="isCore">Whether for /api or for /apis.</param>
    public static TreeMap Aggregated(ResourceTypes types, bool isCore, string version) => TreeMap.Of(
        ("apiVersion", $"apidiscovery.k8s.io/{version}"),
        ("items", TreeList.From(Groups(types).Where(group => group.Name.Length == 0 == isCore).Select(group => TreeMap.Of(
            ("metadata", TreeMap.Of(("creationTimestamp", TreeNull.Value), ("name", group.Name.Length == 0 ? null : group.Name))),
            ("versions", TreeList.From(group.Versions.Select(one => TreeMap.Of(
                ("freshness", "Current"),
                ("resources", TreeList.From(one.Resources.Select(Whole))),
                ("version", one.Version))))))))),
        ("kind", "APIGroupDiscoveryList"),
        ("metadata", TreeMap.Empty));

    private static IEnumerable<(string Name, IReadOnlyList<(string Version, IReadOnlyList<ServedResource> Resources)> Versions)> Groups(ResourceTypes types)
    {
        foreach (var group in Served(types).GroupBy(resource => resource.Type.Group))
        {
            yield return (
                group.Key,
                [.. group.GroupBy(resource => resource.Type.Version).Select(one => (one.Key, (IReadOnlyList<ServedResource>)[.. one]))]);
        }
    }

    /// <summary>Our internal kinds are not shown: they are how the simulated cloud remembers, not part of a cluster's API.</summary>
    private static IEnumerable<ServedResource> Served(ResourceTypes types) =>
        types.Served.Where(resource => !resource.IsInternal);

    private static TreeMap Group((string Name, IReadOnlyList<(string Version, IReadOnlyList<ServedResource> Resources)> Versions) group)
    {
        var versions = group.Versions.Select(one => TreeMap.Of(("groupVersion", $"{group.Name}/{one.Version}"), ("version", one.Version))).ToList();
        return TreeMap.Of(("name", group.Name), ("preferredVersion", versions[0]), ("versions", TreeList.From(versions)));
    }

    private static IEnumerable<TreeMap> Plain(ServedResource resource)
    {
        var type = resource.Type;
        yield return TreeMap.Of(
            ("categories", resource.Categories.Count == 0 ? null : TreeList.OfTexts(resource.Categories)),
            ("kind", type.Kind),
            ("name", type.Plural),
            ("namespaced", type.Namespaced),
            ("shortNames", resource.ShortNames.Count == 0 ? null : TreeList.OfTexts(resource.ShortNames)),
            ("singularName", resource.Singular),
            ("verbs", TreeList.OfTexts(resource.Verbs)));
        foreach (var sub in resource.Subresources)
        {
            yield return TreeMap.Of(
                ("group", sub["group"]),
                ("kind", sub["kind"]),
                ("name", $"{type.Plural}/{sub["name"]?.Text}"),
                ("namespaced", type.Namespaced),
                ("singularName", ""),
                ("verbs", sub["verbs"]),
                ("version", sub["version"]));
        }
    }

    private static TreeMap Whole(ServedResource resource)
    {
        var type = resource.Type;
        return TreeMap.Of(
            ("categories", resource.Categories.Count == 0 ? null : TreeList.OfTexts(resource.Categories)),
            ("resource", type.Plural),
            ("responseKind", Kind(type.Group, type.Version, type.Kind)),
            ("scope", type.Namespaced ? "Namespaced" : "Cluster"),
            ("shortNames", resource.ShortNames.Count == 0 ? null : TreeList.OfTexts(resource.ShortNames)),
            ("singularResource", resource.Singular),
            ("subresources", resource.Subresources.Count == 0 ? null : TreeList.From(resource.Subresources.Select(sub => TreeMap.Of(
                ("responseKind", Kind(sub["group"]?.Text ?? type.Group, sub["version"]?.Text ?? type.Version, sub["kind"]?.Text ?? type.Kind)),
                ("subresource", sub["name"]),
                ("verbs", sub["verbs"]))))),
            ("verbs", TreeList.OfTexts(resource.Verbs)));
    }

    private static TreeMap Kind(string group, string version, string kind) => TreeMap.Of(("group", group), ("kind", kind), ("version", version));
}
