using Sparkwright.Kubernetes.Admission;
using Sparkwright.Kubernetes.Authorization;
using Sparkwright.Kubernetes.ManagedFields;
using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Patching;
using Sparkwright.Kubernetes.Schema;

namespace Sparkwright.Kubernetes.Requests;

/// <summary>How a write is meant, from the query of its URL.</summary>
/// <param name="Validation">What becomes of fields that the schema does not know.</param>
/// <param name="FieldManager">The name under which the client owns what it writes; empty when it gave none.</param>
/// <param name="Force">Whether an apply may change what others own.</param>
public sealed record WriteOptions(bool DryRun = false, FieldValidation Validation = FieldValidation.Warn, string FieldManager = "", bool Force = false)
{
    /// <summary>The client's User-Agent, whose first word is its manager's name when it gives no other.</summary>
    public string UserAgent { get; init; } = "";

    /// <summary>Who writes; null for nobody whose rights count.</summary>
    public Identity? Writer { get; init; }

    /// <summary>The manager of a write that is no apply.</summary>
    internal string Manager => FieldManager.Length > 0 ? FieldManager : UserAgent.Split('/')[0] is { Length: > 0 } agent ? agent[..Math.Min(agent.Length, 128)] : "unknown";
}

/// <summary>
/// The writing verbs as clients ask for them, with documents in the version of the URL. Versions that are served but not stored are converted on
/// the way in; <see cref="Served"/> converts on the way out.
/// </summary>
/// <param name="conversion">For versions that are served but not stored; null when every version is stored.</param>
public sealed class ResourceRequests(ApiServer api, ResourceTypes types, IVersionConversion? conversion = null)
{
    /// <summary>POST to a collection.</summary>
    /// <param name="document">As the client wrote it, parsed.</param>
    public ApiResult Create(ServedResource resource, string @namespace, TreeMap document, IReadOnlyCollection<string> duplicates, WriteOptions options)
    {
        var type = resource.Type;
        if (Mismatch(type, @namespace, "", document) is { } mismatch)
        {
            return new ApiResult.Refused(mismatch);
        }

        return Decoded(type, Home(type, @namespace, document), [.. duplicates.Select(Decoder.Duplicate)], options, candidate => api.Create(Tracked(null, candidate, type, "", options), options.DryRun));
    }

    /// <summary>PUT to an object, its status or its resize.</summary>
    public ApiResult Replace(
        ServedResource resource, ObjectKey key, string subresource, TreeMap document, IReadOnlyCollection<string> duplicates, WriteOptions options)
    {
        var type = resource.Type;
        if (Mismatch(type, key.Namespace, key.Name, document) is { } mismatch)
        {
            return new ApiResult.Refused(mismatch);
        }

        return Decoded(type, Home(type, key.Namespace, document), [.. duplicates.Select(Decoder.Duplicate)], options, candidate => Update(type, candidate, subresource, options));
    }

    /// <summary>PATCH of an object, its status or its resize.</summary>
    public ApiResult Patch(
        ServedResource resource, ObjectKey key, string subresource, PatchType patchType, Tree patch, IReadOnlyCollection<string> duplicates, WriteOptions options)
    {
        var type = resource.Type;
        if (Stored(type, key) is not { } current)
        {
            return new ApiResult.Refused(ApiStatus.NotFound(type, key.Name));
        }

        switch (ObjectPatch.Apply(patchType, Served(type, current), patch, types.SchemaOf(type)))
        {
            case PatchResult.Refused refused:
                return new ApiResult.Refused(refused.Status);
            case PatchResult.Patched { Document: var patched }:
                if (patched.At("metadata", "name")?.Text is var name && name != key.Name)
                {
                    return new ApiResult.Refused(ApiStatus.BadRequest($"the name of the object ({name}) does not match the name on the URL ({key.Name})"));
                }

                IReadOnlyCollection<string> textFaults = patchType == PatchType.Json
                    ? [.. duplicates.Select(path => $"json patch {Decoder.Duplicate(path)}"), .. JsonPatch.UnknownFields(patch).Select(path => $"json patch unknown field {GoSyntax.Quote(path)}")]
                    : [.. duplicates.Select(Decoder.Duplicate)];
                return Decoded(
                    type,
                    patched,
                    textFaults,
                    options,
                    candidate => Update(
                        type,
                        candidate.Metadata.ResourceVersion == 0
                            ? candidate.With(candidate.Metadata with { ResourceVersion = current.Metadata.ResourceVersion })
                            : candidate,
                        subresource,
                        options),
                    fault => Unreadable(patchType == PatchType.Strategic ? GoSyntax.Plain(patch) : patched.ToString(), fault));
            default:
                throw new System.Diagnostics.UnreachableException();
        }
    }

    /// <summary>
    /// PATCH with an applied configuration: the object gets what it says, and loses what the same manager said before. Creates the object when there is
    /// none.
    /// </summary>
    public ApiResult Apply(ServedResource resource, ObjectKey key, string subresource, Tree configuration, WriteOptions options)
    {
        var type = resource.Type;
        if (configuration is not TreeMap document)
        {
            return new ApiResult.Refused(ApiStatus.BadRequest("error decoding YAML: the body must be an object"));
        }

        if (RefusalOf(type, key, document, options) is { } refusal)
        {
            return new ApiResult.Refused(refusal);
        }

        var (stored, schema) = (StoredType(type), types.SchemaOf(StoredType(type)));
        var live = api.Store.Get(stored, key);
        if (live is null && (subresource.Length > 0 || document.At("metadata", "uid")?.Text is { Length: > 0 }))
        {
            return new ApiResult.Refused(subresource.Length > 0
                ? ApiStatus.NotFound(type, key.Name)
                : ApiStatus.Conflict(type, key.Name, $"uid mismatch: the provided object specified uid {document.At("metadata", "uid")?.Text}, and no existing object was found"));
        }

        if (AppliedCheck.FaultOf(document, types.SchemaOf(type)) is { } fault)
        {
            return new ApiResult.Refused(new ApiStatus(
                500, "", $"failed to create typed patch object ({(type.Namespaced ? key.Namespace + "/" : "/")}{key.Name}; {type.ApiVersion}, Kind={type.Kind}): {fault}"));
        }

        var applied = Home(type, key.Namespace, document.Set(["metadata", "name"], key.Name));
        var writer = new FieldWriter(options.FieldManager, type.ApiVersion, subresource, Timestamps.Print(api.Clock.Now));
        switch (FieldManagement.Apply(live, conversion?.ToStored(applied) ?? applied, schema, stored.HasStatus, writer, options.Force))
        {
            case ApplyOutcome.Conflict conflict:
                return new ApiResult.Refused(conflict.Status);
            case ApplyOutcome.Applied done:
                return Decoded(stored, done.Document, [], options with { Validation = FieldValidation.Warn }, candidate =>
                {
                    var owned = candidate.With(candidate.Metadata with { ManagedFields = done.ManagedFields });
                    return live is null ? api.Create(owned, options.DryRun)
                        : subresource == "status" ? api.UpdateStatus(owned, options.DryRun) : api.Update(owned, options.DryRun);
                });
            default:
                throw new System.Diagnostics.UnreachableException();
        }
    }

    /// <summary>PUT or PATCH of a scale: what is asked of it is read, changed and written in one turn.</summary>
    /// <param name="wanted">The scale that the client wants, made of the object as it is.</param>
    public ApiResult Rescale(ServedResource resource, ObjectKey key, Func<ApiObject, (TreeMap? Document, ApiStatus? Refusal)> wanted, WriteOptions options)
    {
        if (Stored(resource.Type, key) is not { } current)
        {
            return new ApiResult.Refused(ApiStatus.NotFound(resource.Type, key.Name));
        }

        var (document, refusal) = wanted(current);
        var (scaled, wrong) = document is null ? (null, refusal) : Scale.Apply(current, document, resource.ScalePaths);
        return scaled is null ? new ApiResult.Refused(wrong!) : api.Update(Tracked(current, scaled, resource.Type, "scale", options), options.DryRun);
    }

    /// <summary>The object in the version of the URL; null when it is not there.</summary>
    public ApiObject? Stored(ResourceType type, ObjectKey key) => api.Store.Get(StoredType(type), key);

    /// <summary>The type in which objects of a served one are kept.</summary>
    public ResourceType StoredType(ResourceType type) =>
        types.StoredTypeOf(type) ?? (conversion?.StoredApiVersion(type) is { } version ? types.Find(version, type.Kind)! : type);

    /// <summary>An object's document in the version that the client asks for.</summary>
    public TreeMap Served(ResourceType type, ApiObject known) =>
        known.Type == type ? known.ToTree() : conversion!.FromStored(type, known.ToTree());

    private ApiResult Update(ResourceType served, ApiObject candidate, string subresource, WriteOptions options)
    {
        if (api.Store.Get(candidate.Type, candidate.Key) is { } live)
        {
            candidate = Tracked(live, candidate, served, subresource, options);
        }

        return subresource switch
        {
            "status" => api.UpdateStatus(candidate, options.DryRun),
            "resize" => api.Resize(candidate, options.DryRun),
            _ => api.Update(candidate, options.DryRun),
        };
    }

    /// <summary>A candidate that says who owns its fields once it is written.</summary>
    private ApiObject Tracked(ApiObject? live, ApiObject candidate, ResourceType served, string subresource, WriteOptions options)
    {
        // Only what the write can change counts: a status belongs to its subresource alone.
        var whole = subresource == "status" ? live!.WithStatus(candidate.Body.Get("status") as TreeMap)
            : candidate.Type.HasStatus ? api.Defaults(candidate, live).WithStatus(live?.Body.Get("status") as TreeMap)
            : api.Defaults(candidate, live);
        var writer = new FieldWriter(options.Manager, served.ApiVersion, subresource, Timestamps.Print(api.Clock.Now));
        return candidate.With(candidate.Metadata with { ManagedFields = FieldManagement.AfterWrite(live, whole, types.SchemaOf(candidate.Type), writer) });
    }

    /// <summary>What is wrong with an apply before its fields are looked at.</summary>
    private static ApiStatus? RefusalOf(ResourceType type, ObjectKey key, TreeMap document, WriteOptions options)
    {
        if (options.FieldManager.Length == 0)
        {
            return new ApiStatus(422, "Invalid", "PatchOptions.meta.k8s.io \"\" is invalid: fieldManager: Required value: is required for apply patch");
        }

        if (document["apiVersion"]?.Text is not { Length: > 0 } version || document["kind"]?.Text is not { Length: > 0 })
        {
            return ApiStatus.BadRequest("Object 'apiVersion' or 'Kind' is missing in the applied configuration");
        }

        if (version != type.ApiVersion)
        {
            return ApiStatus.BadRequest($"Incorrect version specified in apply patch. Specified patch version: {version}, expected: {type.ApiVersion}");
        }

        return document.At("metadata", "managedFields") is not (null or TreeNull)
            ? ApiStatus.BadRequest("metadata.managedFields must be nil")
            : Mismatch(type, key.Namespace, key.Name, document);
    }

    /// <param name="textFaults">What was strictly wrong with the client's text.</param>
    /// <param name="unreadable">How a document that cannot be read is refused; null for the refusal of a whole document.</param>
    private ApiResult Decoded(
        ResourceType type,
        TreeMap document,
        IReadOnlyCollection<string> textFaults,
        WriteOptions options,
        Func<ApiObject, ApiResult> write,
        Func<string, ApiStatus>? unreadable = null)
    {
        switch (Decoder.Decode(type, types.SchemaOf(type), document, options.Validation, textFaults))
        {
            case DecodeResult.Refused { Fault: { } fault } when unreadable is not null:
                return new ApiResult.Refused(unreadable(fault));
            case DecodeResult.Refused refused:
                return new ApiResult.Refused(refused.Status);
            case DecodeResult.Decoded decoded:
                // A document need not say what it is, as the URL does.
                var whole = decoded.Document.With("apiVersion", type.ApiVersion).With("kind", type.Kind);
                if (conversion?.Faults(whole).ToList() is { Count: > 0 } faults)
                {
                    return new ApiResult.Refused(FieldError.Refusal(type, document.At("metadata", "name")?.Text ?? "", faults));
                }

                var stored = conversion?.ToStored(whole) ?? whole;
                var candidate = ApiObject.From(StoredType(type), stored);
                if (options.Writer is { } writer
                    && new Escalation(api.Store).RefusalOf(writer, api.Defaults(candidate, null), api.Store.Get(candidate.Type, candidate.Key)) is { } refusal)
                {
                    return new ApiResult.Refused(refusal);
                }

                var answer = write(candidate);
                return answer is ApiResult.Accepted accepted
                    ? accepted with { Warnings = [.. accepted.Warnings, .. decoded.Warnings, .. CustomDefinitionRules.Warnings(accepted.Current)] }
                    : answer;
            default:
                throw new System.Diagnostics.UnreachableException();
        }
    }

    /// <summary>The refusal of a patch whose outcome cannot be read; it names no kind, which leaves a gap in front of its empty name.</summary>
    private static ApiStatus Unreadable(string shown, string fault)
    {
        var error = FieldError.Invalid("patch", shown, fault);
        return new ApiStatus(422, "Invalid", $" \"\" is invalid: {error}")
        {
            Details = TreeMap.Of(("causes", TreeList.Of(TreeMap.Of(("field", error.Path), ("message", error.What), ("reason", error.Reason))))),
        };
    }

    private static TreeMap Home(ResourceType type, string @namespace, TreeMap document) =>
        type.Namespaced ? document.Set(["metadata", "namespace"], @namespace) : document;

    /// <summary>What the document says of itself must be what the URL says.</summary>
    private static ApiStatus? Mismatch(ResourceType type, string @namespace, string name, TreeMap document)
    {
        var (version, kind) = (document["apiVersion"]?.Text ?? "", document["kind"]?.Text ?? "");
        if (version.Length > 0 && version != type.ApiVersion)
        {
            return ApiStatus.BadRequest($"the API version in the data ({version}) does not match the expected API version ({type.ApiVersion})");
        }

        if (kind.Length > 0 && kind != type.Kind)
        {
            return ApiStatus.BadRequest($"{kind} in version \"{type.Version}\" cannot be handled as a {type.Kind}: no kind \"{kind}\" is registered for this resource");
        }

        if (type.Namespaced && document.At("metadata", "namespace")?.Text is { Length: > 0 } said && said != @namespace)
        {
            return ApiStatus.BadRequest($"the namespace of the provided object does not match the namespace sent on the request");
        }

        return name.Length > 0 && document.At("metadata", "name")?.Text is { Length: > 0 } its && its != name
            ? ApiStatus.BadRequest($"the name of the object ({its}) does not match the name on the URL ({name})")
            : null;
    }
}
