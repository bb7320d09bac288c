using System.Globalization;
using Microsoft.AspNetCore.Http;
using Sparkwright.Kubernetes.Authorization;
using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Patching;
using Sparkwright.Kubernetes.Requests;
using Sparkwright.Kubernetes.Schema;
using Sparkwright.Server.Pacing;
using Sparkwright.World.Nodes;

namespace Sparkwright.Server.KubernetesApi;

/// <summary>Serves collections, objects and their subresources.</summary>
internal sealed class ResourceHandler(Engine engine, WatchHub hub, ResourceTypes types, Authentication authentication)
{
    private readonly ListPages pages = new();
    private readonly UsageHandler usage = new(engine);
    private readonly CustomVersions versions = new(types, World.WorldBuilder.Conversion);
    private readonly LogHandler logs = new(engine, hub);
    private readonly WatchHandler watches = new(engine, hub);

    public async Task Handle(HttpContext http, Identity who, ResourcePath path)
    {
        if (types.FindByPlural(path.Group, path.Version, path.Plural) is not { IsInternal: false } resource)
        {
            await Answers.Text(http, 404, "404 page not found\n").ConfigureAwait(false);
            return;
        }

        if (ListQuery.Read(http.Request.Query, out var query) is { } wrongQuery)
        {
            await Answers.Write(http, wrongQuery).ConfigureAwait(false);
            return;
        }

        query = query.Stored(resource.Type);
        var method = http.Request.Method;
        var isCollection = path.Name.Length == 0;
        var verb = method switch
        {
            "GET" or "HEAD" when query.IsWatch => "watch",
            "GET" or "HEAD" => isCollection ? "list" : "get",
            "POST" => "create",
            "PUT" => "update",
            "PATCH" => "patch",
            "DELETE" => isCollection ? "deletecollection" : "delete",
            _ => "",
        };
        var offered = path.Subresource.Length == 0
            ? resource.Verbs
            : [.. resource.Subresources.Where(sub => sub["name"]?.Text == path.Subresource).SelectMany(sub => Tree.ItemsOf(sub["verbs"]).ToArray()).Select(one => one.Text!)];
        if (offered.Count == 0)
        {
            await Answers.Write(http, new ApiStatus(404, "NotFound", "the server could not find the requested resource")).ConfigureAwait(false);
            return;
        }

        if (!offered.Contains(verb) || (path.Subresource.Length == 0 && isCollection != verb is "list" or "create" or "deletecollection" && verb != "watch"))
        {
            await Answers.Write(http, new ApiStatus(405, "MethodNotAllowed", "the server does not allow this method on the requested resource")).ConfigureAwait(false);
            return;
        }

        var asked = new AccessRequest(verb)
        {
            Group = path.Group, Resource = path.Plural, Subresource = path.Subresource, Namespace = path.Namespace, Name = path.Name,
        };
        if (!await engine.Ask(world => new Rbac(world.Store).Allows(who, asked)).ConfigureAwait(false))
        {
            await Answers.Write(http, new ApiStatus(403, "Forbidden", asked.Refusal(who))).ConfigureAwait(false);
            return;
        }

        if (resource.Deprecation.Length > 0)
        {
            Answers.Warn(http, [resource.Deprecation]);
        }

        if (UnservedParts.NeedsProcess(path))
        {
            var container = http.Request.Query["container"].ToString();
            await Answers.Write(http, await engine.Ask(world => UnservedParts.NoProcess(world.Store, resource.Type, path, container)).ConfigureAwait(false)).ConfigureAwait(false);
            return;
        }

        if (path is { Plural: "pods", Subresource: "log" })
        {
            await logs.Handle(http, path).ConfigureAwait(false);
            return;
        }

        var (form, notAcceptable) = AnswerForm.Read(http.Request, verb is "list" or "deletecollection", verb == "watch");
        if (form is null)
        {
            await Answers.Write(http, notAcceptable!).ConfigureAwait(false);
            return;
        }

        await (verb switch
        {
            "list" or "get" when path.Group == UsageMetrics.Group => usage.Handle(http, resource.Type, path, query),
            "list" => List(http, resource, path, query, form),
            "watch" => watches.Handle(http, resource, path, query, form, ServedBy(resource.Type)),
            "get" => Get(http, resource, path, form),
            _ => Write(http, resource, path, query, verb, who, form),
        }).ConfigureAwait(false);
    }

    private async Task Get(HttpContext http, ServedResource resource, ResourcePath path, AnswerForm form)
    {
        var (type, key) = (resource.Type, new ObjectKey(path.Namespace, path.Name));
        var found = await engine.Ask(world => world.Requests.Stored(type, key) ?? NodeHeartbeats.Lease(type, key, world.Store, world.Chance, world.Clock.Now)).ConfigureAwait(false);
        if (found is not null && type == CoreTypes.Node)
        {
            found = NodeHeartbeats.Refreshed(found, engine.Now);
        }

        if (found is null)
        {
            await Answers.Write(http, ApiStatus.NotFound(type, path.Name)).ConfigureAwait(false);
        }
        else if (path.Subresource == "scale")
        {
            await (Scale.Missing(found, resource.ScalePaths) is { } missing ? Answers.Write(http, missing) : Answers.Write(http, 200, Scale.Of(found, resource.ScalePaths))).ConfigureAwait(false);
        }
        else
        {
            await Answers.Write(http, 200, Shown(resource, form, found)).ConfigureAwait(false);
        }
    }

    /// <summary>An object as the client wants to see it.</summary>
    private TreeMap Shown(ServedResource resource, AnswerForm form, ApiObject known) => form switch
    {
        AnswerForm.Metadata metadata => metadata.Of(known),
        AnswerForm.Printed printed => printed.Of(resource, ServedBy(resource.Type)).Print(
            [known], TreeMap.Of(("resourceVersion", Answers.Version(known.Metadata.ResourceVersion))), engine.Now),
        _ => ServedBy(resource.Type)(known),
    };

    private async Task List(HttpContext http, ServedResource resource, ResourcePath path, ListQuery query, AnswerForm form)
    {
        var type = resource.Type;
        if (pages.Next(type, path.Namespace, query) is { } page)
        {
            if (page.Refusal is { } refusal)
            {
                await Answers.Write(http, refusal).ConfigureAwait(false);
                return;
            }

            await WriteList(page).ConfigureAwait(false);
            return;
        }

        var (all, version) = await engine.Ask(world => (All(world, type, path.Namespace), world.Store.ResourceVersion)).ConfigureAwait(false);
        if (query.ResourceVersion > version)
        {
            await Answers.Write(http, ListQuery.TooLarge(query.ResourceVersion.Value, version)).ConfigureAwait(false);
            return;
        }

        if (type == CoreTypes.Node)
        {
            all = [.. all.Select(node => NodeHeartbeats.Refreshed(node, engine.Now))];
        }

        IReadOnlyList<ApiObject> matching = query.HasSelector ? [.. all.Where(query.Matches)] : all;
        await WriteList(pages.First(type, path.Namespace, query, matching, version)).ConfigureAwait(false);

        Task WriteList(ListPage one)
        {
            var served = ServedBy(type);
            var metadata = TreeMap.Of(
                ("continue", one.Continue),
                ("remainingItemCount", one.Remaining is { } left && !query.HasSelector ? left : null),
                ("resourceVersion", Answers.Version(one.Version)));
            return form switch
            {
                AnswerForm.Printed printed => Answers.Write(http, 200, printed.Of(resource, served).Print(one.Items, metadata, engine.Now)),
                AnswerForm.Metadata partial => Answers.WriteList(http, partial.ApiVersion, "PartialObjectMetadataList", metadata, one.Items, partial.Of),
                _ => Answers.WriteList(http, type.ApiVersion, type.Kind + "List", metadata, one.Items, served),
            };
        }
    }

    private async Task Write(HttpContext http, ServedResource resource, ResourcePath path, ListQuery query, string verb, Identity who, AnswerForm form)
    {
        if (UnservedParts.OfWrite(path) is { } unserved)
        {
            await Answers.Write(http, unserved).ConfigureAwait(false);
            return;
        }

        var (body, unreadable) = await RequestBody.Read(http, resource).ConfigureAwait(false);
        if (body is null)
        {
            await Answers.Write(http, unreadable!).ConfigureAwait(false);
            return;
        }

        if (Options(http.Request, verb, out var options) is { } wrong)
        {
            await Answers.Write(http, wrong).ConfigureAwait(false);
            return;
        }

        options = options with { Writer = who };
        var (type, key) = (resource.Type, new ObjectKey(path.Namespace, path.Name));
        if (verb is "create" or "update" && body.Document is not TreeMap)
        {
            await Answers.Write(http, ApiStatus.BadRequest("the body must be an object")).ConfigureAwait(false);
            return;
        }

        switch (verb)
        {
            case "create" when path.Plural == "bindings":
                await Subresource(http, path with { Plural = "pods", Name = body.Document.At("metadata", "name")?.Text ?? "", Subresource = "binding" }, (TreeMap)body.Document).ConfigureAwait(false);
                break;
            case "create" when !resource.IsStored:
                await Review(http, resource, path, (TreeMap)body.Document, who).ConfigureAwait(false);
                break;
            case "create" when path is { Plural: "serviceaccounts", Subresource: "token" }:
                await Token(http, key, (TreeMap)body.Document).ConfigureAwait(false);
                break;
            case "create" when path.Subresource.Length == 0:
                await Answer(world => world.Requests.Create(resource, path.Namespace, (TreeMap)body.Document, body.Duplicates, options)).ConfigureAwait(false);
                break;
            case "create":
                await Subresource(http, path, (TreeMap)body.Document).ConfigureAwait(false);
                break;
            case "update" when path.Subresource == "scale":
                await AnswerScale(_ => (body.Document as TreeMap, null)).ConfigureAwait(false);
                break;
            case "patch" when path.Subresource == "scale" && PatchTypeOf(RequestBody.MediaTypeOf(http)) is { } patchType:
                await AnswerScale(current => ObjectPatch.Apply(patchType, Scale.Of(current, resource.ScalePaths), body.Document, types.SchemaOf(type)) switch
                {
                    PatchResult.Patched patched => (patched.Document, null),
                    PatchResult.Refused refused => (null, refused.Status),
                    _ => throw new System.Diagnostics.UnreachableException(),
                }).ConfigureAwait(false);
                break;
            case "update":
                await Answer(world => world.Requests.Replace(resource, key, path.Subresource, (TreeMap)body.Document, body.Duplicates, options)).ConfigureAwait(false);
                break;
            case "patch" when PatchTypeOf(RequestBody.MediaTypeOf(http)) is { } patchType:
                await Answer(world => world.Requests.Patch(resource, key, path.Subresource, patchType, body.Document, body.Duplicates, options)).ConfigureAwait(false);
                break;
            case "patch" when path.Subresource != "scale" && RequestBody.MediaTypeOf(http) == RequestBody.ApplyType:
                await Answer(world => world.Requests.Apply(resource, key, path.Subresource, body.Document, options)).ConfigureAwait(false);
                break;
            case "patch":
                await Answers.Write(http, new ApiStatus(
                    415,
                    "UnsupportedMediaType",
                    "the body of the request was in an unknown format - accepted media types include: application/json-patch+json, application/merge-patch+json, application/strategic-merge-patch+json, application/apply-patch+yaml"))
                    .ConfigureAwait(false);
                break;
            case "delete" or "deletecollection" when type == CoreTypes.Job && DeletionOf(http, body.Document, options) is { Propagation: null } open:
                // As in the days before garbage collection, which clients of the first version may still count on.
                open = open with { Propagation = PropagationPolicy.Orphan };
                Answers.Warn(http,
                [
                    "child pods are preserved by default when jobs are deleted; set propagationPolicy=Background to remove them or set propagationPolicy=Orphan to suppress this warning",
                ]);
                await (verb == "delete" ? Deleted(http, type, key, open) : DeleteAll(http, type, path, query, open)).ConfigureAwait(false);
                break;
            case "delete":
                await Deleted(http, type, key, DeletionOf(http, body.Document, options)).ConfigureAwait(false);
                break;
            default:
                await DeleteAll(http, type, path, query, DeletionOf(http, body.Document, options)).ConfigureAwait(false);
                break;
        }

        Task AnswerScale(Func<ApiObject, (TreeMap? Document, ApiStatus? Refusal)> wanted) => Answer(world => world.Requests.Rescale(resource, key, wanted, options), scaled => Scale.Of(scaled, resource.ScalePaths));

        async Task Answer(Func<World.World, ApiResult> write, Func<ApiObject, TreeMap>? shown = null)
        {
            switch (await engine.Ask(write).ConfigureAwait(false))
            {
                case ApiResult.Accepted accepted:
                    Answers.Warn(http, accepted.Warnings);
                    await Answers.Write(http, accepted.Status, shown?.Invoke(accepted.Current) ?? Shown(resource, form, accepted.Current)).ConfigureAwait(false);
                    break;
                case ApiResult.Refused refused:
                    await Answers.Write(http, refused.Status).ConfigureAwait(false);
                    break;
            }
        }
    }

    /// <summary>A kind that is answered and not kept.</summary>
    private async Task Review(HttpContext http, ServedResource resource, ResourcePath path, TreeMap document, Identity who)
    {
        var verdict = authentication.OfReview(document["spec"]);
        var (answer, refusal) = await engine.Ask(world => new AccessReviews(new Rbac(world.Store), () => verdict(world)).Answer(resource.Type, path.Namespace, document, who)).ConfigureAwait(false);
        await (answer is not null ? Answers.Write(http, 201, answer)
            : Answers.Write(http, refusal ?? new ApiStatus(501, "NotImplemented", $"{resource.Type} is not served by Sparkwright"))).ConfigureAwait(false);
    }

    private async Task Token(HttpContext http, ObjectKey account, TreeMap request)
    {
        var (answer, refusal, warning) = await authentication.Issue(account, request).ConfigureAwait(false);
        Answers.Warn(http, warning is null ? [] : [warning]);
        await (answer is not null ? Answers.Write(http, 201, answer) : Answers.Write(http, refusal!)).ConfigureAwait(false);
    }

    private async Task Subresource(HttpContext http, ResourcePath path, TreeMap document)
    {
        var key = new ObjectKey(path.Namespace, path.Name);
        var answer = (path.Plural, path.Subresource) switch
        {
            ("pods", "binding") => await engine.Ask(world => world.Api.Bind(key, document.At("target", "name")?.Text ?? "")).ConfigureAwait(false),
            ("pods", "eviction") => await engine.Ask(world => world.Api.Evict(key, DeletionOf(document["deleteOptions"], false))).ConfigureAwait(false),
            _ => null,
        };
        await (answer switch
        {
            ApiResult.Accepted => Answers.Write(http, 201, Success(201)),
            ApiResult.Refused refused => Answers.Write(http, refused.Status),
            _ => Answers.Write(http, new ApiStatus(501, "NotImplemented", $"{path.Plural}/{path.Subresource} is not served by Sparkwright")),
        }).ConfigureAwait(false);
    }

    private async Task Deleted(HttpContext http, ResourceType type, ObjectKey key, DeleteOptions options)
    {
        switch (await engine.Ask(world => (Answer: world.Api.Delete(world.Requests.StoredType(type), key, options), IsGone: world.Requests.Stored(type, key) is null)).ConfigureAwait(false))
        {
            case (ApiResult.Refused refused, _):
                await Answers.Write(http, refused.Status).ConfigureAwait(false);
                break;
            case (ApiResult.Accepted accepted, true) when type != CoreTypes.Pod && type != CoreTypes.Namespace:
                await Answers.Write(http, 200, Success(null).With("details", TreeMap.Of(
                    ("group", type.Group.Length == 0 ? null : type.Group), ("kind", type.Plural), ("name", key.Name), ("uid", accepted.Current.Metadata.Uid)))).ConfigureAwait(false);
                break;
            case (ApiResult.Accepted accepted, _):
                await Answers.Write(http, 200, ServedBy(type)(accepted.Current)).ConfigureAwait(false);
                break;
        }
    }

    private async Task DeleteAll(HttpContext http, ResourceType type, ResourcePath path, ListQuery query, DeleteOptions options)
    {
        var (gone, version) = await engine.Ask(world =>
        {
            var meant = All(world, type, path.Namespace).Where(query.Matches).ToList();
            foreach (var known in meant)
            {
                world.Api.Delete(known.Type, known.Key, options);
            }

            return (meant, world.Store.ResourceVersion);
        }).ConfigureAwait(false);
        await Answers.WriteList(http, type.ApiVersion, type.Kind + "List", TreeMap.Of(("resourceVersion", Answers.Version(version))), gone, ServedBy(type)).ConfigureAwait(false);
    }

    /// <summary>In the engine: the objects of a collection.</summary>
    public static IReadOnlyList<ApiObject> All(World.World world, ResourceType type, string @namespace)
    {
        var stored = world.Requests.StoredType(type);
        IReadOnlyList<ApiObject> all = @namespace.Length == 0 ? world.Store.List(stored) : [.. world.Store.List(stored, @namespace)];
        return type == NodeHeartbeats.LeaseType && (@namespace is "" or NodeHeartbeats.LeaseNamespace) ? [.. all, .. NodeHeartbeats.LeasesBeside(world.Store, world.Chance, world.Clock.Now)] : all;
    }

    private Func<ApiObject, TreeMap> ServedBy(ResourceType type) =>
        versions.StoredApiVersion(type) is null ? WatchStream.SameVersion : known => versions.FromStored(type, known.ToTree());

    private static ApiStatus? Options(HttpRequest request, string verb, out WriteOptions options)
    {
        var query = request.Query;
        options = new WriteOptions();
        var kind = verb switch { "create" => "CreateOptions", "update" => "UpdateOptions", "patch" => "PatchOptions", _ => "DeleteOptions" };
        ApiStatus Wrong(string field, string shown, params ReadOnlySpan<string> supported) => new(
            422, "Invalid", $"{kind}.meta.k8s.io \"\" is invalid: {field}: Unsupported value: {shown}: supported values: {string.Join(", ", supported.ToArray().Select(GoSyntax.Quote))}");
        var dryRun = query["dryRun"].ToString();
        var validation = query["fieldValidation"].ToString();
        if (dryRun is not ("" or "All"))
        {
            return Wrong("dryRun", $"[]string{{{GoSyntax.Quote(dryRun)}}}", "All");
        }

        if (validation is not ("" or "Strict" or "Warn" or "Ignore"))
        {
            return Wrong("fieldValidation", GoSyntax.Quote(validation), "Ignore", "Strict", "Warn");
        }

        options = new WriteOptions(
            dryRun.Length > 0,
            validation.Length == 0 ? FieldValidation.Warn : Enum.Parse<FieldValidation>(validation),
            query["fieldManager"].ToString(),
            query["force"].ToString() == "true") { UserAgent = request.Headers.UserAgent.ToString() };
        return verb == "patch" && options.Force && RequestBody.MediaTypeOf(request.HttpContext) != RequestBody.ApplyType
            ? new ApiStatus(422, "Invalid", "PatchOptions.meta.k8s.io \"\" is invalid: force: Forbidden: may not be specified for non-apply patch")
            : null;
    }

    private static DeleteOptions DeletionOf(HttpContext http, Tree body, WriteOptions options)
    {
        var query = http.Request.Query;
        var given = DeletionOf(body, options.DryRun);
        return given with
        {
            GracePeriodSeconds = long.TryParse(query["gracePeriodSeconds"].ToString(), NumberStyles.None, CultureInfo.InvariantCulture, out var grace) ? grace : given.GracePeriodSeconds,
            Propagation = query["propagationPolicy"].ToString() is { Length: > 0 } policy && Enum.TryParse<PropagationPolicy>(policy, out var wanted) ? wanted : given.Propagation,
        };
    }

    private static DeleteOptions DeletionOf(Tree? body, bool dryRun) => new()
    {
        GracePeriodSeconds = body?["gracePeriodSeconds"]?.Integer,
        Propagation = body?["propagationPolicy"]?.Text is { } policy && Enum.TryParse<PropagationPolicy>(policy, out var wanted) ? wanted
            : body?["orphanDependents"]?.Boolean switch { true => PropagationPolicy.Orphan, false => PropagationPolicy.Background, null => null },
        Uid = body?.At("preconditions", "uid")?.Text,
        ResourceVersion = long.TryParse(body?.At("preconditions", "resourceVersion")?.Text, NumberStyles.None, CultureInfo.InvariantCulture, out var version) ? version : null,
        DryRun = dryRun || Tree.ItemsOf(body?["dryRun"]).Length > 0,
    };

    private static PatchType? PatchTypeOf(string mediaType) => mediaType switch
    {
        "application/merge-patch+json" => PatchType.Merge,
        "application/json-patch+json" => PatchType.Json,
        "application/strategic-merge-patch+json" => PatchType.Strategic,
        _ => null,
    };

    private static TreeMap Success(int? code) => TreeMap.Of(
        ("apiVersion", "v1"), ("code", code is { } number ? number : null), ("kind", "Status"), ("metadata", TreeMap.Empty), ("status", "Success"));
}
