using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Requests;
using Sparkwright.Kubernetes.Store;

namespace Sparkwright.Kubernetes.Admission;

/// <summary>Gives new claims the default storage class, and new claims and volumes the finalizer that keeps them while they are used.</summary>
public sealed class StorageAdmission(ObjectStore store)
{
    public const string ClaimFinalizer = "kubernetes.io/pvc-protection";
    public const string VolumeFinalizer = "kubernetes.io/pv-protection";

    private const string IsDefault = "storageclass.kubernetes.io/is-default-class";

    public AdmissionVerdict Admit(ApiObject candidate, ApiObject? old)
    {
        if (old is not null)
        {
            return AdmissionVerdict.Accept(candidate);
        }

        return AdmissionVerdict.Accept(candidate.Type switch
        {
            var type when type == CoreTypes.PersistentVolumeClaim => Protected(WithClass(candidate), ClaimFinalizer),
            var type when type == CoreTypes.PersistentVolume => Protected(candidate, VolumeFinalizer),
            _ => candidate,
        });
    }

    /// <summary>The class for claims that name none: the newest of those that say so, then the first by name.</summary>
    public static ApiObject? DefaultClass(ObjectStore store) => store.List(CoreTypes.StorageClass)
        .Where(known => known.Metadata.Annotation(IsDefault) == "true")
        .OrderByDescending(known => known.Metadata.CreationTimestamp)
        .ThenBy(known => known.Name, StringComparer.Ordinal)
        .FirstOrDefault();

    /// <summary>An empty name is an answer too: the claim wants no class.</summary>
    private ApiObject WithClass(ApiObject claim) => claim.Spec["storageClassName"] is null && DefaultClass(store) is { } standard
        ? claim.Set(["spec", "storageClassName"], standard.Name)
        : claim;

    private static ApiObject Protected(ApiObject candidate, string finalizer) => candidate.Metadata.Finalizers.Contains(finalizer)
        ? candidate
        : candidate.With(candidate.Metadata with { Finalizers = candidate.Metadata.Finalizers.Add(finalizer) });
}
