using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Requests;
using Sparkwright.Kubernetes.Store;

namespace Sparkwright.Kubernetes.Admission;

/// <summary>Lets only claims grow whose storage class says so: the admission plugin PersistentVolumeClaimResize.</summary>
public sealed class ClaimGrowth(ObjectStore store)
{
    public AdmissionVerdict Admit(ApiObject candidate, ApiObject? old) =>
        candidate.Type != CoreTypes.PersistentVolumeClaim || old is null || !(Asked(old) < Asked(candidate)) || MayGrow(candidate, old)
            ? AdmissionVerdict.Accept(candidate)
            : AdmissionVerdict.Refuse(ApiStatus.Forbidden(
                candidate.Type, candidate.Name, "only dynamically provisioned pvc can be resized and the storageclass that provisions the pvc must support resize"));

    private static Quantities.Quantity Asked(ApiObject claim) => AccessModes.SizeOf(claim.Spec.At("resources", "requests", "storage"));

    private bool MayGrow(ApiObject candidate, ApiObject old) =>
        candidate.Spec["storageClassName"]?.Text is { Length: > 0 } name && name == old.Spec["storageClassName"]?.Text
        && store.Get(CoreTypes.StorageClass, "", name)?.Body["allowVolumeExpansion"]?.Boolean == true;
}
