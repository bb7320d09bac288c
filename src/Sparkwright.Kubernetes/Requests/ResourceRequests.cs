using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Patching;
using Sparkwright.Kubernetes.Schema;

namespace Sparkwright.Kubernetes.Requests;

/// <summary>How a write is meant, from the query of its URL.</summary>
/// <param name="Validation">What becomes of fields that the schema does not know.</param>
public sealed record WriteOptions(bool DryRun = false, FieldValidation Validation = FieldValidation.Warn, string FieldManager = "", bool Force = false);

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

        return Decoded(type, Home(type, @namespace, document), [.. duplicates.Select(Decoder.Duplicate)], options, candidate => api.Create(candidate, options.DryRun));
    }

    /// <summary>PUT to an object or to its status.</summary>
    public ApiResult Replace(
        ServedResource resource, ObjectKey key, string subresource, TreeMap document, IReadOnlyCollection<string> duplicates, WriteOptions options)
    {
        var type = resource.Type;
        if (Mismatch(type, key.Namespace, key.Name, document) is { } mismatch)
        {
            return new ApiResult.Refused(mismatch);
        }

        return Decoded(type, Home(type, key.Namespace, document), [.. duplicates.Select(Decoder.Duplicate)], options, candidate => Update(candidate, subresource, options));
    }

    /// <summary>PATCH of an object or of its status.</summary>
    public ApiResult Patch(
        ServedResource resource, ObjectKey key, string subresource, PatchType patchType, Tree patch, IReadOnlyCollection<string> duplicates, WriteOptions options)
    {
        var type = resource.Type;
        if (Stored(type, key) is not { } current)
        {
            return new ApiResult.Refused(ApiStatus.NotFound(type, key.Name));
        }

        switch (ObjectPatch.Apply(patchType, Served(type, current), patch, ApiSchema.ForKind(type)))
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

    /// <summary>The object in the version of the URL; null when it is not there.</summary>
    public ApiObject? Stored(ResourceType type, ObjectKey key) => api.Store.Get(StoredType(type), key);

    /// <summary>The type in which objects of a served one are kept.</summary>
    public ResourceType StoredType(ResourceType type) =>
        conversion?.StoredVersion(type) is { } version ? types.Find($"{type.Group}/{version}", type.Kind)! : type;

    /// <summary>An object's document in the version that the client asks for.</summary>
    public TreeMap Served(ResourceType type, ApiObject known) =>
        known.Type == type ? known.ToTree() : conversion!.FromStored(known.ToTree());

    private ApiResult Update(ApiObject candidate, string subresource, WriteOptions options) =>
        subresource == "status" ? api.UpdateStatus(candidate, options.DryRun) : api.Update(candidate, options.DryRun);

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
        switch (Decoder.Decode(type, document, options.Validation, textFaults))
        {
            case DecodeResult.Refused { Fault: { } fault } when unreadable is not null:
                return new ApiResult.Refused(unreadable(fault));
            case DecodeResult.Refused refused:
                return new ApiResult.Refused(refused.Status);
            case DecodeResult.Decoded decoded:
                if (conversion?.Faults(decoded.Document).ToList() is { Count: > 0 } faults)
                {
                    return new ApiResult.Refused(Admission.FieldError.Refusal(type, document.At("metadata", "name")?.Text ?? "", faults));
                }

                var stored = conversion?.ToStored(decoded.Document) ?? decoded.Document;
                var answer = write(ApiObject.From(StoredType(type), stored));
                return answer is ApiResult.Accepted accepted && decoded.Warnings.Count > 0 ? accepted with { Warnings = [.. accepted.Warnings, .. decoded.Warnings] } : answer;
            default:
                throw new System.Diagnostics.UnreachableException();
        }
    }

    /// <summary>The refusal of a patch whose outcome cannot be read; it names no kind, which leaves a gap in front of its empty name.</summary>
    private static ApiStatus Unreadable(string shown, string fault)
    {
        var error = Admission.FieldError.Invalid("patch", shown, fault);
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
