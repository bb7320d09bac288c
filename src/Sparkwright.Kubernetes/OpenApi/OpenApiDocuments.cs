using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Schema;

namespace Sparkwright.Kubernetes.OpenApi;

/// <summary>How the API describes itself, from the field table that also validates. Pure: the same kinds give the same documents.</summary>
public static class OpenApiDocuments
{
    private const string Meta = "io.k8s.apimachinery.pkg.apis.meta.v1.";

    /// <summary>The group versions that have a document, as they stand in paths: <c>api/v1</c>, <c>apis/apps/v1</c>.</summary>
    public static IEnumerable<string> GroupVersions(ResourceTypes types) =>
        Served(types).Select(PlaceOf).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal);

    /// <summary>The kinds of one group version.</summary>
    /// <param name="place">Such as <c>apis/apps/v1</c>.</param>
    public static IReadOnlyList<ServedResource> Members(ResourceTypes types, string place) => [.. Served(types).Where(resource => PlaceOf(resource) == place)];

    /// <summary>The OpenAPI 3.0 document of some kinds.</summary>
    /// <param name="version">Kubernetes' version, such as 1.33.</param>
    public static TreeMap V3(IEnumerable<ServedResource> members, ResourceTypes types, string version)
    {
        var (paths, schemas) = Write(OpenApiForm.V3, members, types);
        return TreeMap.Of(
            ("components", TreeMap.Of(("schemas", schemas))),
            ("info", TreeMap.Of(("title", "Kubernetes"), ("version", $"v{version}.0"))),
            ("openapi", "3.0.0"),
            ("paths", paths));
    }

    /// <summary>The Swagger 2.0 document of everything.</summary>
    public static TreeMap V2(ResourceTypes types, string version)
    {
        var (paths, schemas) = Write(OpenApiForm.V2, Served(types), types);
        return TreeMap.Of(
            ("definitions", schemas),
            ("info", TreeMap.Of(("title", "Kubernetes"), ("version", $"v{version}.0"))),
            ("paths", paths),
            ("swagger", "2.0"));
    }

    /// <summary>The schema of a custom kind as a CustomResourceDefinition has it.</summary>
    public static TreeMap Structural(KindSchema schema) => new SchemaWriter(OpenApiForm.V3).Custom(schema.Root);

    private static (TreeMap Paths, TreeMap Schemas) Write(OpenApiForm form, IEnumerable<ServedResource> members, ResourceTypes types)
    {
        var schemas = new SchemaWriter(form);
        var writer = new PathWriter(form, schemas);
        var paths = new TreeMapBuilder();
        foreach (var resource in members)
        {
            if (types.SchemaOf(resource.Type) is not { } schema)
            {
                continue;
            }

            var (own, list) = schema.IsCustom ? Custom(schemas, resource, schema) : BuiltIn(schemas, resource, schema);
            foreach (var (path, item) in writer.Of(resource, own, list))
            {
                paths.Set(path, item);
            }
        }

        return (paths.Build(), schemas.All());
    }

    private static (TreeMap Object, TreeMap? List) BuiltIn(SchemaWriter schemas, ServedResource resource, KindSchema schema)
    {
        var type = resource.Type;
        var list = resource.Verbs.Contains("list") ? ApiSchema.ForKind(type.Group, type.Version, type.Kind + "List") : null;
        return (schemas.Reference(schema.Root.Id), list is null ? null : schemas.Reference(list.Root.Id));
    }

    /// <summary>A custom kind's schema stands in the document of its group as <c>sh.karpenter.v1.NodePool</c>, beside that of its lists.</summary>
    private static (TreeMap Object, TreeMap? List) Custom(SchemaWriter schemas, ServedResource resource, KindSchema schema)
    {
        var type = resource.Type;
        var prefix = string.Join('.', type.Group.Split('.').Reverse());
        var id = $"{prefix}.{type.Version}.{type.Kind}";
        var definition = schemas.Custom(schema.Root);
        var properties = definition["properties"] as TreeMap ?? TreeMap.Empty;
        schemas.Add(id, definition
            .With("properties", properties
                .With("apiVersion", Text(ApiVersionMeaning))
                .With("kind", Text(KindMeaning))
                .With("metadata", TreeMap.Of(("allOf", TreeList.Of(schemas.Reference(Meta + "ObjectMeta"))), ("description", ObjectMetaMeaning))))
            .With("x-kubernetes-group-version-kind", KindOf(type, type.Kind)));
        schemas.Add($"{id}List", TreeMap.Of(
            ("description", $"{type.Kind}List is a list of {type.Kind}"),
            ("properties", TreeMap.Of(
                ("apiVersion", Text(ApiVersionMeaning)),
                ("items", TreeMap.Of(("description", $"List of {type.Plural}."), ("items", schemas.ReferenceTo(id)), ("type", "array"))),
                ("kind", Text(KindMeaning)),
                ("metadata", schemas.Reference(Meta + "ListMeta")))),
            ("required", TreeList.Of("items")),
            ("type", "object"),
            ("x-kubernetes-group-version-kind", KindOf(type, type.Kind + "List"))));
        return (schemas.ReferenceTo(id), schemas.ReferenceTo($"{id}List"));
    }

    private const string ApiVersionMeaning = "The group and version of the schema in which this object is written.";
    private const string KindMeaning = "The kind of resource that this object is.";
    private const string ObjectMetaMeaning = "The metadata that every object has.";

    private static TreeMap Text(string meaning) => TreeMap.Of(("description", meaning), ("type", "string"));

    private static TreeList KindOf(ResourceType type, string kind) =>
        TreeList.Of(TreeMap.Of(("group", type.Group), ("kind", kind), ("version", type.Version)));

    private static string PlaceOf(ServedResource resource) =>
        resource.Type.Group.Length == 0 ? $"api/{resource.Type.Version}" : $"apis/{resource.Type.Group}/{resource.Type.Version}";

    private static IEnumerable<ServedResource> Served(ResourceTypes types) => types.Served.Where(resource => !resource.IsInternal);
}
