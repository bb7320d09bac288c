using System.Collections.Immutable;
using Sparkwright.Kubernetes.Admission;
using Sparkwright.Kubernetes.Fitting;
using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Requests;
using Sparkwright.World.Karpenter.Requirements;
using Sparkwright.World.Karpenter.Solver;

namespace Sparkwright.World.Karpenter.Provisioning;

/// <summary>Where the volumes of pods are or may be, and which driver attaches them.</summary>
public sealed class VolumeSnapshot(ApiServer api)
{
    private const string EbsDriver = "ebs.csi.aws.com";

    /// <summary>The pod with what its volumes ask of a node.</summary>
    public SolverPod Complete(SolverPod pod)
    {
        if (Tree.ItemsOf(pod.Spec.Spec["volumes"]) is not { Length: > 0 })
        {
            return pod;
        }

        var places = ImmutableArray.Create(RequirementSet.None);
        var uses = ImmutableArray.CreateBuilder<VolumeUse>();
        foreach (var (volume, storageClass, use) in UsedBy(pod.Key, pod.Spec.Spec))
        {
            var alternatives = volume is not null ? PlacesOf(volume) : PlacesAllowedBy(storageClass);
            if (alternatives.Length > 0)
            {
                // Each volume has alternatives of its own; together they may be any combination.
                places = [.. places.SelectMany(place => alternatives.Select(place.With))];
            }

            if (use is not null)
            {
                uses.Add(use);
            }
        }

        return pod with { VolumeTopologies = places is [{ All.IsEmpty: true }] ? [] : places, Volumes = uses.ToImmutable() };
    }

    /// <summary>The volumes that a pod has attached.</summary>
    public IEnumerable<VolumeUse> UsesOf(ApiObject pod) => UsedBy(pod.Key, pod.Spec).Select(used => used.Use).OfType<VolumeUse>();

    /// <summary>How many volumes each driver takes on a node, as its CSINode says; nothing is known before the driver has started there.</summary>
    public ImmutableSortedDictionary<string, long> LimitsOf(string node)
    {
        var limits = ImmutableSortedDictionary.CreateBuilder<string, long>(StringComparer.Ordinal);
        foreach (var driver in Tree.ItemsOf(api.Store.Get(CoreTypes.CsiNode, "", node)?.Spec["drivers"]))
        {
            if (driver.At("allocatable", "count")?.Integer is { } count)
            {
                limits[driver["name"]?.Text ?? ""] = count;
            }
        }

        return limits.ToImmutable();
    }

    private IEnumerable<(ApiObject? Volume, ApiObject? Class, VolumeUse? Use)> UsedBy(ObjectKey pod, TreeMap spec)
    {
        foreach (var (claim, name, className) in ClaimsOf(pod, spec))
        {
            var volume = claim?.Spec["volumeName"]?.Text is { Length: > 0 } bound ? api.Store.Get(CoreTypes.PersistentVolume, "", bound) : null;
            var storageClass = className is null ? null : api.Store.Get(CoreTypes.StorageClass, "", className);
            yield return (volume, storageClass, DriverOf(volume, storageClass) is { } driver ? new VolumeUse(driver, $"{pod.Namespace}/{name}") : null);
        }
    }

    private IEnumerable<(ApiObject? Claim, string Name, string? Class)> ClaimsOf(ObjectKey pod, TreeMap spec)
    {
        foreach (var volume in Tree.ItemsOf(spec["volumes"]).ToArray())
        {
            var template = volume.At("ephemeral", "volumeClaimTemplate", "spec") as TreeMap;
            if ((template is null ? volume.At("persistentVolumeClaim", "claimName")?.Text : $"{pod.Name}-{volume["name"]?.Text}") is { } name)
            {
                var claim = api.Store.Get(CoreTypes.PersistentVolumeClaim, pod.Namespace, name);
                yield return (claim, name, ClassOf(claim?.Spec ?? template));
            }
        }
    }

    private string? ClassOf(TreeMap? claim) => claim is null ? null : claim["storageClassName"]?.Text ?? StorageAdmission.DefaultClass(api.Store)?.Name;

    /// <summary>Where a volume is. A volume on a node's own disk does not hold its pod there once the pod has to move.</summary>
    private static ImmutableArray<RequirementSet> PlacesOf(ApiObject volume)
    {
        var isOnNode = volume.Spec["local"] is not null || volume.Spec["hostPath"] is not null;
        return
        [
            .. Tree.ItemsOf(volume.Spec.At("nodeAffinity", "required", "nodeSelectorTerms")).ToArray()
                .Select(NodeSelectorTerm.From)
                .Select(RequirementSet.OfTerm)
                .Select(place => isOnNode ? RequirementSet.Of(place.All.Where(one => one.Key != KarpenterLabels.Hostname)) : place)
                .Where(place => !place.All.IsEmpty),
        ];
    }

    private static ImmutableArray<RequirementSet> PlacesAllowedBy(ApiObject? storageClass) =>
    [
        .. Tree.ItemsOf(storageClass?.Body["allowedTopologies"]).ToArray()
            .Select(term => RequirementSet.Of(Tree.ItemsOf(term["matchLabelExpressions"]).ToArray()
                .Select(one => Requirement.In(one["key"]?.Text ?? "", Tree.ItemsOf(one["values"]).ToArray().Select(value => value.Text ?? "")))))
            .Where(place => !place.All.IsEmpty),
    ];

    private static string? DriverOf(ApiObject? volume, ApiObject? storageClass)
    {
        var driver = volume is null
            ? storageClass?.Body["provisioner"]?.Text
            : volume.Spec.At("csi", "driver")?.Text ?? (volume.Spec["awsElasticBlockStore"] is null ? null : EbsDriver);
        return driver == "kubernetes.io/aws-ebs" ? EbsDriver : driver;
    }
}
