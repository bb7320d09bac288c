using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Store;

namespace Sparkwright.World.Controllers;

/// <summary>How many pods the controllers of some pods want together.</summary>
public abstract record PodScale
{
    private PodScale()
    {
    }

    /// <param name="Unmanaged">Names of pods that nobody manages and that are not counted.</param>
    public sealed record Counted(long Pods, IReadOnlyList<string> Unmanaged) : PodScale;

    /// <summary>A controller cannot say how many pods it wants.</summary>
    public sealed record Unknown(string Why) : PodScale;

    public static PodScale Of(IEnumerable<ApiObject> pods, ObjectStore store, IReadOnlyList<ResourceType> types)
    {
        var scales = new Dictionary<string, long>(StringComparer.Ordinal);
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var unmanaged = new List<string>();
        foreach (var pod in pods)
        {
            if (pod.Metadata.Controller is not { } owner)
            {
                unmanaged.Add(pod.Name);
                continue;
            }

            if (!seen.Add(owner.Uid))
            {
                continue;
            }

            if (TypeOf(owner, types) is { } type && !HasScale(type))
            {
                return new Unknown($"{type.QualifiedPlural} does not implement the scale subresource");
            }

            if (Scaled(Find(owner, pod.Namespace, store, types), store, types) is not { } scaled)
            {
                return new Unknown($"found no controllers for pod \"{pod.Name}\"");
            }

            scales[scaled.Metadata.Uid] = scaled.Spec["replicas"]?.Integer ?? 1;
        }

        return new Counted(scales.Values.Sum(), unmanaged);
    }

    /// <summary>A Deployment decides for its ReplicaSets.</summary>
    private static ApiObject? Scaled(ApiObject? manager, ObjectStore store, IReadOnlyList<ResourceType> types) =>
        manager is { Type.Kind: "ReplicaSet", Metadata.Controller: { Kind: "Deployment" } owner } ? Find(owner, manager.Namespace, store, types) : manager;

    private static ApiObject? Find(OwnerReference owner, string @namespace, ObjectStore store, IReadOnlyList<ResourceType> types) =>
        TypeOf(owner, types) is { } type && store.Get(type, type.Namespaced ? @namespace : "", owner.Name) is { } known && known.Metadata.Uid == owner.Uid
            ? known
            : null;

    private static ResourceType? TypeOf(OwnerReference owner, IReadOnlyList<ResourceType> types) =>
        types.FirstOrDefault(type => type.Kind == owner.Kind && type.ApiVersion == owner.ApiVersion);

    private static bool HasScale(ResourceType type) =>
        type is { Group: "apps", Kind: "Deployment" or "ReplicaSet" or "StatefulSet" } or { Group: "", Kind: "ReplicationController" };
}
