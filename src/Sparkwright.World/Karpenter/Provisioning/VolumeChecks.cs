using Sparkwright.Kubernetes.Admission;
using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Requests;

namespace Sparkwright.World.Karpenter.Provisioning;

/// <summary>Volumes for which no node can be planned: the pod is left alone until they are in order.</summary>
public sealed class VolumeChecks(ApiServer api)
{
    /// <summary>Why a pod's volumes keep it out of planning; null when they do not.</summary>
    public string? Objection(ApiObject pod, Generation generation)
    {
        foreach (var volume in Tree.ItemsOf(pod.Spec["volumes"]).ToArray())
        {
            var ephemeral = volume.At("ephemeral", "volumeClaimTemplate", "spec");
            var name = volume.At("persistentVolumeClaim", "claimName")?.Text ?? (ephemeral is null ? null : $"{pod.Name}-{volume["name"]?.Text}");
            if (name is null)
            {
                continue;
            }

            var claim = api.Store.Get(CoreTypes.PersistentVolumeClaim, pod.Namespace, name);
            var fault = claim is not null ? FaultOf(claim, generation)
                : ephemeral is not null ? FaultOfClass(ephemeral["storageClassName"]?.Text, name)
                : $"persistentvolumeclaim \"{name}\" not found";
            if (fault is not null)
            {
                return fault;
            }
        }

        return null;
    }

    private string? FaultOf(ApiObject claim, Generation generation)
    {
        if (claim.Metadata.IsBeingDeleted)
        {
            return $"persistentvolumeclaim \"{claim.Name}\" is being deleted";
        }

        if (claim.Status["phase"]?.Text == "Lost")
        {
            return $"persistentvolumeclaim \"{claim.Name}\" bound to non-existent persistentvolume \"{claim.Spec["volumeName"]?.Text}\"";
        }

        if (claim.Spec["volumeName"]?.Text is { Length: > 0 } volume)
        {
            return generation == Generation.V1 && claim.Metadata.Annotation("pv.kubernetes.io/bind-completed") is null
                ? $"persistentvolumeclaim \"{claim.Name}\" is not fully bound"
                : api.Store.Get(CoreTypes.PersistentVolume, "", volume) is null ? $"persistentvolume \"{volume}\" not found" : null;
        }

        return FaultOfClass(claim.Spec["storageClassName"]?.Text, claim.Name);
    }

    private string? FaultOfClass(string? given, string claim)
    {
        var name = string.IsNullOrEmpty(given) ? StorageAdmission.DefaultClass(api.Store)?.Name : given;
        if (name is null)
        {
            return $"unbound pvc \"{claim}\" must define a storage class";
        }

        return api.Store.Get(CoreTypes.StorageClass, "", name) is not { } known ? $"storageclass \"{name}\" not found"
            : known.Body["volumeBindingMode"]?.Text != "WaitForFirstConsumer" ? $"pvc \"{claim}\" with immediate volume binding mode must be bound before its pod can be scheduled"
            : null;
    }
}
