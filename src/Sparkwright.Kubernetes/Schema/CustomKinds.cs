using Sparkwright.Kubernetes.Objects;

namespace Sparkwright.Kubernetes.Schema;

/// <summary>The kinds that one CustomResourceDefinition of a user defines: a resource and a schema for each version.</summary>
/// <param name="Name">The name of the definition: <c>widgets.example.com</c>.</param>
/// <param name="Versions">In the order in which the definition has them.</param>
public sealed record CustomKinds(string Name, IReadOnlyList<CustomVersion> Versions)
{
    /// <summary>The type in which objects are kept, whatever version they are written in.</summary>
    public ResourceType Stored => Versions.First(version => version.IsStored).Resource.Type;

    /// <summary>Reads a definition that admission has accepted.</summary>
    public static CustomKinds Of(ApiObject definition)
    {
        var spec = definition.Spec;
        return new(definition.Name, [.. Tree.ItemsOf(spec["versions"]).ToArray().Select(version => VersionOf(spec, version))]);
    }

    /// <summary>What a schema need not say, as every object has it.</summary>
    private static TreeMap EveryObjectsFields { get; } = TreeMap.Of(
        ("apiVersion", TreeMap.Of(("type", "string"))), ("kind", TreeMap.Of(("type", "string"))), ("metadata", TreeMap.Of(("type", "object"))));

    /// <summary>What requests of a deprecated version are told: the newest version that serves instead, if there is one.</summary>
    private static string DefaultWarning(TreeMap spec, string version)
    {
        var (group, kind) = (spec["group"]!.Text, spec.At("names", "kind")!.Text);
        var better = Tree.ItemsOf(spec["versions"]).ToArray()
            .Where(one => one["served"]?.Boolean == true && one["deprecated"]?.Boolean != true)
            .Select(one => one["name"]!.Text!)
            .Where(name => ApiVersionOrder.Compare(version, name) < 0)
            .Order(Comparer<string>.Create(ApiVersionOrder.Compare))
            .LastOrDefault();
        return $"{group}/{version} {kind} is deprecated{(better is null ? "" : $"; use {group}/{better} {kind}")}";
    }

    private static CustomVersion VersionOf(TreeMap spec, Tree version)
    {
        var names = spec["names"]!;
        var (group, name, kind) = (spec["group"]!.Text!, version["name"]!.Text!, names["kind"]!.Text!);
        var resource = ServedResource.Custom(TreeMap.Of(
            ("categories", names["categories"]),
            ("deprecation", version["deprecated"]?.Boolean == true ? version["deprecationWarning"] ?? DefaultWarning(spec, name) : null),
            ("group", group),
            ("kind", kind),
            ("plural", names["plural"]),
            ("printerColumns", version["additionalPrinterColumns"]),
            ("scope", spec["scope"]),
            ("shortNames", names["shortNames"]),
            ("singular", names["singular"]),
            ("subresources", version["subresources"]),
            ("version", name)));
        var facts = CustomSchemaFacts.Of(version.At("schema", "openAPIV3Schema") as TreeMap ?? TreeMap.Empty);
        var fields = facts["fields"] as TreeMap ?? TreeMap.Empty;
        facts = facts.With("fields", fields.Merge(EveryObjectsFields));
        return new CustomVersion(
            resource, new KindSchema(new TypeSchema($"{group}/{name}/{kind}", facts), IsCustom: true), version["served"]?.Boolean == true, version["storage"]?.Boolean == true);
    }
}

/// <summary>One version of a user's kind.</summary>
/// <param name="IsServed">Whether clients may use the version.</param>
/// <param name="IsStored">Whether objects are kept in the version; that of exactly one is.</param>
public sealed record CustomVersion(ServedResource Resource, KindSchema Schema, bool IsServed, bool IsStored);
