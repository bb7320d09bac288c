using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Store;

namespace Sparkwright.World.Nodes;

/// <summary>Whether the volumes of a pod can be mounted on its node.</summary>
public static class PodVolumes
{
    /// <summary>What the kubelet says of the first volume that cannot be mounted; null when all can.</summary>
    public static string? Problem(ApiObject pod, ApiObject node, ObjectStore store, INodeFiles files)
    {
        foreach (var volume in Tree.ItemsOf(pod.Spec["volumes"]))
        {
            var name = volume["name"]?.Text ?? "";
            if (volume["hostPath"] is TreeMap hostPath && hostPath["type"]?.Text == "Directory")
            {
                var path = hostPath["path"]?.Text ?? "";
                if (!files.HasDirectory(node, path))
                {
                    return $"MountVolume.SetUp failed for volume \"{name}\" : hostPath type check failed: {path} is not a directory";
                }
            }

            if (Missing(volume, "secretName", pod, store) is { } missing)
            {
                return $"MountVolume.SetUp failed for volume \"{name}\" : {missing} not found";
            }

            foreach (var source in Tree.ItemsOf(volume.At("projected", "sources")))
            {
                if (Missing(source, "name", pod, store) is { } part)
                {
                    return $"MountVolume.SetUp failed for volume \"{name}\" : {part} not found";
                }
            }
        }

        return null;
    }

    /// <summary>Whether a volume of the pod has still to be attached to the node. That claims have volumes at all is up to the scheduler.</summary>
    public static bool WaitsForAttachment(ApiObject pod, ApiObject node, ObjectStore store) => ClaimNames.Of(pod).Any(name =>
        store.Get(CoreTypes.PersistentVolumeClaim, pod.Namespace, name)?.Spec["volumeName"]?.Text is { } volumeName
        && store.Get(CoreTypes.PersistentVolume, "", volumeName) is { } volume
        && (volume.Spec.At("csi", "driver")?.Text == "ebs.csi.aws.com" || volume.Spec["awsElasticBlockStore"] is not null)
        && !store.List(CoreTypes.VolumeAttachment).Any(known => known.Spec["nodeName"]?.Text == node.Name
            && known.Spec.At("source", "persistentVolumeName")?.Text == volumeName && known.Status["attached"]?.Boolean == true));

    /// <summary>The config map or secret that a volume, or a part of one, needs and that is not there.</summary>
    private static string? Missing(Tree volume, string secretKey, ApiObject pod, ObjectStore store) =>
        Missing(volume["configMap"], "name", CoreTypes.ConfigMap, pod, store) is { } configMap ? $"configmap \"{configMap}\""
        : Missing(volume["secret"], secretKey, CoreTypes.Secret, pod, store) is { } secret ? $"secret \"{secret}\""
        : null;

    private static string? Missing(Tree? source, string nameKey, ResourceType type, ApiObject pod, ObjectStore store) =>
        source?[nameKey]?.Text is { } name && source["optional"]?.Boolean != true && store.Get(type, pod.Namespace, name) is null ? name : null;
}
