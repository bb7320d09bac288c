using System.Globalization;
using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Schema;

namespace Sparkwright.Kubernetes.OpenApi;

/// <summary>The paths of a resource with their operations. Clients read off them which query parameters a server takes.</summary>
internal sealed class PathWriter(OpenApiForm form, SchemaWriter schemas)
{
    private const string Meta = "io.k8s.apimachinery.pkg.apis.meta.v1.";

    private static readonly Lazy<TreeMap> Operations = new(() => SchemaData.Lines("resources.tsv").Single(line => line.Key == "operations").Read());

    /// <param name="object">The schema of the resource's objects.</param>
    /// <param name="list">The schema of its lists; null when they cannot be listed.</param>
    public IEnumerable<(string Path, TreeMap Item)> Of(ServedResource resource, TreeMap @object, TreeMap? list)
    {
        var type = resource.Type;
        var root = type.Group.Length == 0 ? $"/api/{type.Version}" : $"/apis/{type.Group}/{type.Version}";
        var home = type.Namespaced ? $"{root}/namespaces/{{namespace}}/{type.Plural}" : $"{root}/{type.Plural}";
        var kind = Kind(type.Group, type.Version, type.Kind);
        var place = new Place(type, type.Namespaced, HasName: false) { IsCustom = resource.IsCustom };

        yield return (home, Item(
            ("get", resource.Verbs.Contains("list") ? Operation(place, "list", "list", kind, null, list) : null),
            ("post", resource.Verbs.Contains("create") ? Operation(place, "create", "post", kind, @object, @object) : null),
            ("delete", resource.Verbs.Contains("deletecollection") ? Operation(place, "deletecollection", "deletecollection", kind, null, schemas.Reference(Meta + "Status")) : null)));
        if (resource.Verbs.Contains("get"))
        {
            var named = place with { HasName = true };
            yield return ($"{home}/{{name}}", Item(
                ("get", Operation(named, "get", "get", kind, null, @object)),
                ("put", resource.Verbs.Contains("update") ? Operation(named, "update", "put", kind, @object, @object) : null),
                ("patch", resource.Verbs.Contains("patch") ? Operation(named, "patch", "patch", kind, schemas.Reference(Meta + "Patch"), @object) : null),
                ("delete", resource.Verbs.Contains("delete") ? Operation(named, "delete", "delete", kind, schemas.Reference(Meta + "DeleteOptions"), schemas.Reference(Meta + "Status")) : null)));
        }

        if (type.Namespaced && resource.Verbs.Contains("list"))
        {
            yield return ($"{root}/{type.Plural}", Item(("get", Operation(place with { IsNamespaced = false }, "list", "list", kind, null, list))));
        }

        foreach (var sub in resource.Subresources)
        {
            yield return ($"{home}/{{name}}/{sub["name"]?.Text}", Subresource(resource, sub, @object));
        }
    }

    private TreeMap Subresource(ServedResource resource, TreeMap sub, TreeMap @object)
    {
        var type = resource.Type;
        var name = sub["name"]!.Text!;
        var (group, version, own) = (sub["group"]?.Text ?? type.Group, sub["version"]?.Text ?? type.Version, sub["kind"]?.Text ?? type.Kind);
        var body = own == type.Kind ? @object : ApiSchema.ForKind(group, version, own) is { IsCustom: false } known ? schemas.Reference(known.Root.Id) : null;
        var place = new Place(type, type.Namespaced, HasName: true) { Subresource = name, IsCustom = resource.IsCustom };
        var kind = Kind(group, version, own);
        var members = new List<(string, TreeMap?)>();
        foreach (var verb in Tree.ItemsOf(sub["verbs"]).ToArray().Select(one => one.Text))
        {
            members.Add(verb switch
            {
                "get" => ("get", Operation(place, "get", "get", kind, null, name == "log" ? TreeMap.Of(("type", "string")) : body)),
                "create" => ("post", Operation(place, "create", "post", kind, body, body)),
                "update" => ("put", Operation(place, "update", "put", kind, body, body)),
                "patch" => ("patch", Operation(place, "patch", "patch", kind, schemas.Reference(Meta + "Patch"), body)),
                "delete" => ("delete", Operation(place, "delete", "delete", kind, null, body)),
                _ => ("options", null),
            });
        }

        return Item([.. members]);
    }

    private TreeMap Operation(Place place, string verb, string action, TreeMap kind, TreeMap? request, TreeMap? answer)
    {
        var facts = Operations.Value[verb] as TreeMap ?? TreeMap.Empty;
        var query = place.Subresource.Length > 0 && Operations.Value[$"{place.Type.Plural}/{place.Subresource}"] is TreeMap own ? own : facts;
        var parameters = new List<Tree>();
        if (form == OpenApiForm.V2 && request is not null)
        {
            parameters.Add(TreeMap.Of(("in", "body"), ("name", "body"), ("required", true), ("schema", request)));
        }

        parameters.AddRange(((query["parameters"] as TreeMap) ?? TreeMap.Empty).Members().Select(one => (Tree)Parameter(one.Key, "query", one.Value.Text!)));
        if (place.HasName)
        {
            parameters.Add(Parameter("name", "path", "string"));
        }

        if (place.IsNamespaced)
        {
            parameters.Add(Parameter("namespace", "path", "string"));
        }

        var consumes = form == OpenApiForm.V3 && verb != "patch" ? TreeList.Of("*/*") : facts["consumes"] as TreeList;
        if (place.IsCustom)
        {
            // kubectl reads off this how to write its patches.
            consumes = TreeList.From(Tree.ItemsOf(consumes).ToArray().Where(one => one.Text != "application/strategic-merge-patch+json"));
        }

        return TreeMap.Of(
            ("consumes", form == OpenApiForm.V2 ? consumes : null),
            ("operationId", place.OperationId(action)),
            ("parameters", TreeList.From(parameters)),
            ("produces", form == OpenApiForm.V2 ? facts["produces"] : null),
            ("requestBody", form == OpenApiForm.V3 && request is not null && consumes is not null
                ? TreeMap.Of(("content", TreeMap.Of([.. consumes.Span.ToArray().Select(one => (one.Text!, (Tree?)TreeMap.Of(("schema", request))))])), ("required", true))
                : null),
            ("responses", TreeMap.Of([.. Tree.ItemsOf(facts["responses"]).ToArray().Select(code => (
                code.Integer!.Value.ToString(CultureInfo.InvariantCulture), (Tree?)Response(code.Integer!.Value, code.Integer == 401 ? null : answer, facts["produces"] as TreeList)))])),
            ("tags", TreeList.Of(place.Tag)),
            ("x-kubernetes-action", action),
            ("x-kubernetes-group-version-kind", kind));
    }

    private TreeMap Response(long code, TreeMap? answer, TreeList? produces)
    {
        var said = TreeMap.Of(("description", code switch { 200 => "OK", 201 => "Created", 202 => "Accepted", _ => "Unauthorized" }));
        if (answer is null)
        {
            return said;
        }

        return form == OpenApiForm.V2
            ? said.With("schema", answer)
            : said.With("content", TreeMap.Of([.. Tree.ItemsOf(produces).ToArray().Select(one => (one.Text!, (Tree?)TreeMap.Of(("schema", answer))))]));
    }

    private TreeMap Parameter(string name, string place, string type)
    {
        var parameter = TreeMap.Of(("in", place), ("name", name), ("required", place == "path" ? true : null), ("uniqueItems", form == OpenApiForm.V2 || place == "query" ? true : null));
        return form == OpenApiForm.V2 ? parameter.With("type", type) : parameter.With("uniqueItems", null).With("schema", TreeMap.Of(("type", type), ("uniqueItems", true)));
    }

    private static TreeMap Item(params ReadOnlySpan<(string Method, TreeMap? Operation)> operations)
    {
        var item = new TreeMapBuilder();
        foreach (var (method, operation) in operations)
        {
            item.Set(method, operation);
        }

        return item.Build();
    }

    private static TreeMap Kind(string group, string version, string kind) => TreeMap.Of(("group", group), ("kind", kind), ("version", version));

    /// <summary>What an operation stands on, for its id, its tag and its parameters.</summary>
    private sealed record Place(ResourceType Type, bool IsNamespaced, bool HasName)
    {
        public string Subresource { get; init; } = "";

        public bool IsCustom { get; init; }

        public string Tag => $"{(Type.Group.Length == 0 ? "core" : Type.Group.Split('.')[0])}_{Type.Version}";

        public string OperationId(string action)
        {
            var verb = action switch { "post" => "create", "put" => "replace", "get" => "read", "deletecollection" => "deleteCollection", _ => action };
            var group = Type.Group.Length == 0 ? "Core" : Upper(Type.Group.Split('.')[0]);
            var where = IsNamespaced ? "Namespaced" : "";
            var all = Type.Namespaced && !IsNamespaced ? "ForAllNamespaces" : "";
            return $"{verb}{group}{Upper(Type.Version)}{where}{Type.Kind}{Upper(Subresource)}{all}";
        }

        private static string Upper(string word) => word.Length == 0 ? "" : char.ToUpperInvariant(word[0]) + word[1..];
    }
}
