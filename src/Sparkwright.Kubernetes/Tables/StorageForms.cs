using Sparkwright.Kubernetes.Objects;
using static Sparkwright.Kubernetes.Tables.Cell;

namespace Sparkwright.Kubernetes.Tables;

/// <summary>Tables of claims, volumes and their drivers.</summary>
internal static class StorageForms
{
    private const string DefaultClass = "storageclass.kubernetes.io/is-default-class";

    public static TableForm PersistentVolume { get; } = new(
        "Name | Capacity | Access Modes | Reclaim Policy | Status | Claim | StorageClass | VolumeAttributesClass | Reason | Age | VolumeMode+",
        static (one, now) =>
        [
            one.Name,
            one.Spec.At("capacity", "storage")?.Text ?? "",
            AccessModes(one.Spec["accessModes"]),
            one.Spec["persistentVolumeReclaimPolicy"]?.Text ?? "",
            Phase(one),
            one.Spec["claimRef"] is TreeMap claim ? $"{claim["namespace"]?.Text}/{claim["name"]?.Text}" : "",
            one.Spec["storageClassName"]?.Text ?? "",
            OrUnset(one.Spec["volumeAttributesClassName"]?.Text),
            one.Status["reason"]?.Text ?? "",
            Age(one, now),
            OrUnset(one.Spec["volumeMode"]?.Text),
        ]);

    public static TableForm PersistentVolumeClaim { get; } = new(
        "Name | Status | Volume | Capacity | Access Modes | StorageClass | VolumeAttributesClass | Age | VolumeMode+",
        static (one, now) =>
        {
            var isBound = one.Spec["volumeName"]?.Text is { Length: > 0 };
            return
            [
                one.Name,
                Phase(one),
                one.Spec["volumeName"]?.Text ?? "",
                isBound ? one.Status.At("capacity", "storage")?.Text ?? "" : "",
                isBound ? AccessModes(one.Status["accessModes"]) : "",
                one.Spec["storageClassName"]?.Text ?? "",
                OrUnset(one.Spec["volumeAttributesClassName"]?.Text),
                Age(one, now),
                OrUnset(one.Spec["volumeMode"]?.Text),
            ];
        });

    public static TableForm StorageClass { get; } = new(
        "Name | Provisioner | ReclaimPolicy | VolumeBindingMode | AllowVolumeExpansion | Age",
        static (one, now) =>
        [
            one.Metadata.Annotation(DefaultClass) == "true" ? one.Name + " (default)" : one.Name,
            one.Body["provisioner"]?.Text ?? "",
            one.Body["reclaimPolicy"]?.Text ?? "Delete",
            one.Body["volumeBindingMode"]?.Text ?? "Immediate",
            one.Body["allowVolumeExpansion"]?.Boolean ?? false,
            Age(one, now),
        ]);

    public static TableForm CsiNode { get; } = new(
        "Name | Drivers:integer | Age", static (one, now) => [one.Name, Items(one.Spec["drivers"]).LongLength, Age(one, now)]);

    public static TableForm CsiDriver { get; } = new(
        "Name | AttachRequired:boolean | PodInfoOnMount:boolean | StorageCapacity:boolean | TokenRequests | RequiresRepublish:boolean | Modes | Age",
        static (one, now) =>
        [
            one.Name,
            one.Spec["attachRequired"]?.Boolean ?? true,
            one.Spec["podInfoOnMount"]?.Boolean ?? false,
            one.Spec["storageCapacity"]?.Boolean ?? false,
            OrUnset(string.Join(',', Texts(one.Spec["tokenRequests"], "audience"))),
            one.Spec["requiresRepublish"]?.Boolean ?? false,
            Joined(Items(one.Spec["volumeLifecycleModes"]).Select(mode => mode.Text)),
            Age(one, now),
        ]);

    public static TableForm VolumeAttachment { get; } = new(
        "Name | Attacher | PV | Node | Attached:boolean | Age",
        static (one, now) =>
        [
            one.Name,
            one.Spec["attacher"]?.Text ?? "",
            one.Spec.At("source", "persistentVolumeName")?.Text ?? "",
            one.Spec["nodeName"]?.Text ?? "",
            one.Status["attached"]?.Boolean ?? false,
            Age(one, now),
        ]);

    private static string Phase(ApiObject one) => one.Metadata.IsBeingDeleted ? "Terminating" : one.Status["phase"]?.Text ?? "";

    private static string AccessModes(Tree? modes)
    {
        var held = Items(modes).Select(mode => mode.Text).ToHashSet();
        return string.Join(',', new[] { ("ReadWriteOnce", "RWO"), ("ReadOnlyMany", "ROX"), ("ReadWriteMany", "RWX"), ("ReadWriteOncePod", "RWOP") }
            .Where(mode => held.Contains(mode.Item1)).Select(mode => mode.Item2));
    }
}
