using System.Globalization;
using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Quantities;

namespace Sparkwright.World.Controllers;

/// <summary>What the EBS CSI driver makes of a claim.</summary>
public static class EbsVolumes
{
    public const string Driver = "ebs.csi.aws.com";
    public const string InTree = "kubernetes.io/aws-ebs";
    public const string DriverZone = "topology.ebs.csi.aws.com/zone";
    public const string Zone = "topology.kubernetes.io/zone";
    public const string Attacher = "external-attacher/ebs-csi-aws-com";

    /// <summary>On a volume: the provisioner that made it and will delete it.</summary>
    public const string ProvisionedBy = "pv.kubernetes.io/provisioned-by";

    private const string OldZone = "failure-domain.beta.kubernetes.io/zone";
    private const long GiB = 1L << 30;

    public static bool IsMine(ApiObject volume) =>
        volume.Spec.At("csi", "driver")?.Text == Driver || volume.Spec["awsElasticBlockStore"] is not null;

    /// <summary>The size in whole GiB, rounded up.</summary>
    public static long SizeOf(ApiObject claim)
    {
        var bytes = Quantity.TryParse(claim.Spec.At("resources", "requests", "storage")?.Text ?? "0", out var asked) ? asked.Value : 0;
        return Math.Max(1, ((bytes - 1) / GiB) + 1);
    }

    /// <summary>Why EBS has no volume of this size and type; null when it has. Bounds of Amazon EBS volume types, in GiB.</summary>
    public static string? FaultOf(long size, string type)
    {
        var (least, most) = type switch
        {
            "io1" => (4, 16384),
            "io2" => (4, 65536),
            "st1" or "sc1" => (125, 16384),
            _ => (1, 16384),
        };
        return size < least ? $"Volume of {size}GiB is too small for volume type {type}; minimum is {least}GiB."
            : size > most ? $"Volume of {size}GiB is too large for volume type {type}; maximum is {most}GiB."
            : null;
    }

    /// <summary>The zones that a class allows; null for all.</summary>
    public static IReadOnlyList<string>? AllowedZones(TreeMap storageClass)
    {
        var zones = Tree.ItemsOf(storageClass["allowedTopologies"]).ToArray()
            .SelectMany(term => Tree.ItemsOf(term["matchLabelExpressions"]).ToArray())
            .Where(one => one["key"]?.Text is DriverZone or Zone or OldZone)
            .SelectMany(one => Tree.ItemsOf(one["values"]).ToArray())
            .Select(value => value.Text ?? "")
            .Distinct(StringComparer.Ordinal)
            .ToList();
        return zones.Count == 0 ? null : zones;
    }

    /// <summary>The volume for a claim in a zone. One of an in-tree class looks as the in-tree driver's did, though the CSI driver makes it.</summary>
    public static ApiObject Make(ApiObject claim, ApiObject storageClass, string zone, string region, string volumeId)
    {
        var migrated = storageClass.Body["provisioner"]?.Text == InTree;
        var parameters = storageClass.Body["parameters"];
        var fileSystem = parameters?["csi.storage.k8s.io/fstype"]?.Text ?? parameters?["fsType"]?.Text ?? "ext4";
        var size = SizeOf(claim).ToString(CultureInfo.InvariantCulture) + "Gi";
        var annotations = TreeMap.Of(
            ("pv.kubernetes.io/migrated-to", migrated ? Driver : null),
            (ProvisionedBy, migrated ? InTree : Driver),
            ("volume.kubernetes.io/provisioner-deletion-secret-name", ""),
            ("volume.kubernetes.io/provisioner-deletion-secret-namespace", ""));
        var source = migrated
            ? TreeMap.Of(("awsElasticBlockStore", TreeMap.Of(("fsType", fileSystem), ("volumeID", volumeId))))
            : TreeMap.Of(("csi", TreeMap.Of(("driver", Driver), ("fsType", fileSystem), ("volumeHandle", volumeId))));
        var place = migrated ? TreeList.Of(In(Zone, zone), In("topology.kubernetes.io/region", region)) : TreeList.Of(In(DriverZone, zone));
        return new ApiObject(
            CoreTypes.PersistentVolume,
            new ObjectMeta { Name = "pvc-" + claim.Metadata.Uid, Annotations = annotations },
            TreeMap.Of(("spec", source.Merge(TreeMap.Of(
                ("accessModes", claim.Spec["accessModes"]),
                ("capacity", TreeMap.Of(("storage", size))),
                ("claimRef", ClaimController.ReferenceTo(claim)),
                ("mountOptions", storageClass.Body["mountOptions"]),
                ("nodeAffinity", TreeMap.Of(("required", TreeMap.Of(("nodeSelectorTerms", TreeList.Of(TreeMap.Of(("matchExpressions", place)))))))),
                ("persistentVolumeReclaimPolicy", storageClass.Body["reclaimPolicy"]?.Text ?? "Delete"),
                ("storageClassName", storageClass.Name),
                ("volumeMode", claim.Spec["volumeMode"]?.Text ?? "Filesystem"))))));
    }

    private static TreeMap In(string key, string value) => TreeMap.Of(("key", key), ("operator", "In"), ("values", TreeList.Of(value)));
}
