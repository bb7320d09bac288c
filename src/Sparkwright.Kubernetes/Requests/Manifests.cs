using Sparkwright.Kubernetes.Admission;
using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Patching;
using Sparkwright.Kubernetes.Schema;

namespace Sparkwright.Kubernetes.Requests;

/// <summary>Documents that users wrote: decoded, and created or merged as client-side <c>kubectl apply</c> does.</summary>
/// <param name="conversion">For versions that are served but not stored; null when every version is stored.</param>
public sealed class Manifests(ApiServer api, ResourceTypes types, IVersionConversion? conversion = null)
{
    public const string LastAppliedAnnotation = "kubectl.kubernetes.io/last-applied-configuration";

    /// <summary>Creates the object of a document, or changes the one there is.</summary>
    /// <param name="dryRun">Whether to answer as if it were written, and write nothing.</param>
    public ManifestResult Apply(Tree document, bool dryRun = false)
    {
        var (target, written, refusal) = Read(document);
        if (refusal is not null || target is null)
        {
            return new ManifestResult(target, refusal!);
        }

        var type = target.Type;
        var applied = target.WithAnnotation(LastAppliedAnnotation, written.ToString() + "\n");
        if (api.Store.Get(type, target.Key) is not { } current)
        {
            return new ManifestResult(target, api.Create(applied, dryRun));
        }

        var last = current.Metadata.Annotation(LastAppliedAnnotation) is { } text ? Stored(TreeJson.Parse(text) as TreeMap ?? TreeMap.Empty) : TreeMap.Empty;
        var wanted = applied.ToTree().With("status", null).Set(["metadata", "creationTimestamp"], null);
        return new ManifestResult(target, ThreeWayMerge.Apply(last, wanted, current.ToTree(), types.SchemaOf(type)) switch
        {
            PatchResult.Patched patched => api.Update(Rebased(type, patched.Document, current), dryRun),
            PatchResult.Refused refused => new ApiResult.Refused(refused.Status),
            _ => throw new System.Diagnostics.UnreachableException(),
        });
    }

    /// <summary>The object that a document stands for, in the version in which it is stored and without defaults; or why it cannot be read.</summary>
    public (ApiObject? Object, ApiStatus? Refusal) Decode(Tree document)
    {
        var (target, _, refusal) = Read(document);
        return refusal is ApiResult.Refused refused ? (null, refused.Status) : (target, null);
    }

    /// <summary>Says what an apply would be answered, and changes nothing.</summary>
    public ManifestResult Check(Tree document)
    {
        var (target, _, refusal) = Read(document);
        return new ManifestResult(target, refusal ?? api.Check(target!));
    }

    /// <summary>Changes an object by a JSON merge patch; a status in it is written too, where kubectl would need <c>--subresource=status</c>.</summary>
    /// <param name="isResize">Whether the patch goes to the resize of a pod; it then merges containers by their names.</param>
    public ApiResult Patch(ResourceType type, ObjectKey key, TreeMap change, bool isResize = false)
    {
        if (api.Store.Get(type, key) is not { } current)
        {
            return new ApiResult.Refused(ApiStatus.NotFound(type, key.Name));
        }

        var patched = ObjectPatch.Apply(isResize ? PatchType.Strategic : PatchType.Merge, current.ToTree(), change, types.SchemaOf(type));
        if (patched is not PatchResult.Patched { Document: var merged })
        {
            return new ApiResult.Refused(((PatchResult.Refused)patched).Status);
        }

        return Decoder.Decode(type, types.SchemaOf(type), merged) switch
        {
            DecodeResult.Decoded decoded when isResize => api.Resize(Rebased(type, decoded.Document, current)),
            DecodeResult.Decoded decoded => UpdateWhole(Rebased(type, decoded.Document, current), change.ContainsKey("status")),
            DecodeResult.Refused refused => new ApiResult.Refused(refused.Status),
            _ => throw new System.Diagnostics.UnreachableException(),
        };
    }

    private ApiResult UpdateWhole(ApiObject wanted, bool statusToo)
    {
        var updated = api.Update(wanted);
        return statusToo && wanted.Type.HasStatus && updated.Object is { } written ? api.UpdateStatus(written.WithStatus(wanted.Status)) : updated;
    }

    private static ApiObject Rebased(ResourceType type, TreeMap merged, ApiObject current)
    {
        var wanted = ApiObject.From(type, merged);
        return wanted.With(wanted.Metadata with { ResourceVersion = current.Metadata.ResourceVersion, Uid = current.Metadata.Uid });
    }

    private (ApiObject? Target, TreeMap Document, ApiResult? Refusal) Read(Tree document)
    {
        if (document is not TreeMap map || map["kind"]?.Text is not { Length: > 0 } kind || map["apiVersion"]?.Text is not { Length: > 0 } version)
        {
            return (null, TreeMap.Empty, Refuse(ApiStatus.BadRequest("a manifest needs apiVersion and kind")));
        }

        var name = map.At("metadata", "name")?.Text ?? "";
        if (types.Find(version, kind) is not { } type)
        {
            var stranger = new ResourceType("", version, kind, kind, true, false);
            return (
                new ApiObject(stranger, new ObjectMeta { Name = name, Namespace = map.At("metadata", "namespace")?.Text ?? "" }, TreeMap.Empty),
                map,
                Refuse(new ApiStatus(404, "NotFound", $"no matches for kind \"{kind}\" in version \"{version}\"")));
        }

        var wanted = type.Namespaced
            ? map.At("metadata", "namespace")?.Text is { Length: > 0 } ? map : map.Set(["metadata", "namespace"], "default")
            : map["metadata"] is TreeMap metadata ? map.With("metadata", metadata.With("namespace", null)) : map;
        var target = new ApiObject(type, ObjectMeta.From(wanted["metadata"]), TreeMap.Empty);
        return Decoder.Decode(type, types.SchemaOf(type), wanted) switch
        {
            DecodeResult.Decoded decoded => conversion?.Faults(decoded.Document).ToList() is { Count: > 0 } faults
                ? (target, wanted, Refuse(FieldError.Refusal(type, name, faults)))
                : (StoredObject(type, decoded.Document), wanted, null),
            DecodeResult.Refused refused => (target, wanted, Refuse(refused.Status)),
            _ => throw new System.Diagnostics.UnreachableException(),
        };
    }

    private TreeMap Stored(TreeMap document) => conversion?.ToStored(document) ?? document;

    private ApiObject StoredObject(ResourceType type, TreeMap document)
    {
        var stored = Stored(document);
        return ApiObject.From(ReferenceEquals(stored, document) ? type : types.StoredTypeOf(type) ?? types.Find(stored["apiVersion"]!.Text!, type.Kind)!, stored);
    }

    private static ApiResult.Refused Refuse(ApiStatus status) => new(status);
}

/// <summary>What a document named, as far as that could be read, and what the API answered.</summary>
public sealed record ManifestResult(ApiObject? Target, ApiResult Answer);
