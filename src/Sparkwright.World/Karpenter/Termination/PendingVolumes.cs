using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Requests;

namespace Sparkwright.World.Karpenter.Termination;

/// <summary>The volumes that are still attached to a node because of pods that the drain has moved away.</summary>
public static class PendingVolumes
{
    public static ResourceType VolumeAttachment { get; } = new("storage.k8s.io", "v1", "VolumeAttachment", "volumeattachments", false, true);

    /// <summary>How many attachments the node's machine must wait for; those of pods that stay with the node do not count.</summary>
    public static int CountOf(ApiServer api, string node, IEnumerable<ApiObject> pods, DateTime now)
    {
        var attached = api.Store.List(VolumeAttachment)
            .Where(known => known.Spec["nodeName"]?.Text == node)
            .Select(known => known.Spec.At("source", "persistentVolumeName")?.Text)
            .OfType<string>()
            .ToList();
        if (attached.Count == 0)
        {
            return 0;
        }

        var staying = pods.Where(pod => !DrainPlan.IsDrainable(pod, Generation.V1, now)).SelectMany(pod => VolumesOf(api, pod)).ToHashSet(StringComparer.Ordinal);
        return attached.Count(volume => !staying.Contains(volume));
    }

    private static IEnumerable<string> VolumesOf(ApiServer api, ApiObject pod)
    {
        foreach (var volume in Tree.ItemsOf(pod.Spec["volumes"]).ToArray())
        {
            var claim = volume.At("persistentVolumeClaim", "claimName")?.Text ?? (volume["ephemeral"] is not null ? $"{pod.Name}-{volume["name"]?.Text}" : null);
            if (claim is not null && api.Store.Get(CoreTypes.PersistentVolumeClaim, pod.Namespace, claim)?.Spec["volumeName"]?.Text is { } name)
            {
                yield return name;
            }
        }
    }
}
