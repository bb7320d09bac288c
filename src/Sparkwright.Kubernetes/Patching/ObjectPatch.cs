using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Requests;
using Sparkwright.Kubernetes.Schema;

namespace Sparkwright.Kubernetes.Patching;

/// <summary>The ways in which a PATCH may be written, by the media type of its body.</summary>
public enum PatchType
{
    /// <summary>application/merge-patch+json, RFC 7386.</summary>
    Merge,

    /// <summary>application/json-patch+json, RFC 6902.</summary>
    Json,

    /// <summary>application/strategic-merge-patch+json; built-in kinds only.</summary>
    Strategic,
}

/// <summary>Applies a patch of any type to an object's document.</summary>
public static class ObjectPatch
{
    /// <param name="schema">The schema of the kind; null for kinds without one.</param>
    public static PatchResult Apply(PatchType type, TreeMap current, Tree patch, KindSchema? schema) => (type, patch) switch
    {
        (PatchType.Json, _) => JsonPatch.Apply(current, patch),
        (PatchType.Strategic, _) when schema is not { IsCustom: false } => new PatchResult.Refused(new ApiStatus(
            415,
            "UnsupportedMediaType",
            "the body of the request was in an unknown format - accepted media types include: application/json-patch+json, application/merge-patch+json, application/apply-patch+yaml")),
        (PatchType.Strategic, TreeMap changes) => StrategicMergePatch.Apply(current, changes, schema.Root),
        (PatchType.Merge, TreeMap changes) => new PatchResult.Patched((TreeMap)MergePatch.Apply(current, changes)),
        _ => PatchResult.Malformed($"json: cannot unmarshal {(patch is TreeList ? "array" : "value")} into Go value of type map[string]interface {{}}"),
    };
}
