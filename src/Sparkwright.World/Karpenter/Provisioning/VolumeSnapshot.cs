using System.Collections.Immutable;
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
        foreach (var (claim, className) in ClaimsOf(pod))
        {
            var volume = claim?.Spec["volumeName"]?.Text is { Length: > 0 } name ? api.Store.Get(CoreTypes.PersistentVolume, "", name) : null;
            var storageClass = className is null ? null : api.Store.Get(CoreTypes.StorageClass, "", className);
            var alternatives = volume is not null ? PlacesOf(volume) : PlacesAllowedBy(storageClass);
            if (alternatives.Length > 0)
            {
                // Each volume has alternatives of its own; together they may be any combination.
                places = [.. places.SelectMany(place => alternatives.Select(place.With))];
            }

            if (DriverOf(volume, storageClass) is { } driver)
            {
                uses.Add(new VolumeUse(driver, volume?.Name ?? claim?.Key.ToString() ?? $"{pod.Key}/{uses.Count}"));
            }
        }

        return pod with { VolumeTopologies = places is [{ All.IsEmpty: true }] ? [] : places, Volumes = uses.ToImmutable() };
    }

    /// <summary>The newest default class; null when there is none.</summary>
    public ApiObject? DefaultClass() => api.Store.List(CoreTypes.StorageClass)
        .Where(one => one.Metadata.Annotations.Get("storageclass.kubernetes.io/is-default-class")?.Text == "true")
        .OrderByDescending(one => one.Metadata.CreationTimestamp)
        .ThenBy(one => one.Name, StringComparer.Ordinal)
        .FirstOrDefault();

    private IEnumerable<(ApiObject? Claim, string? Class)> ClaimsOf(SolverPod pod)
    {
        foreach (var volume in Tree.ItemsOf(pod.Spec.Spec["volumes"]).ToArray())
        {
            if (volume.At("persistentVolumeClaim", "claimName")?.Text is { } name)
            {
                var claim = api.Store.Get(CoreTypes.PersistentVolumeClaim, pod.Key.Namespace, name);
                yield return (claim, ClassOf(claim?.Spec));
            }
            else if (volume.At("ephemeral", "volumeClaimTemplate", "spec") is TreeMap template)
            {
                var claim = api.Store.Get(CoreTypes.PersistentVolumeClaim, pod.Key.Namespace, $"{pod.Key.Name}-{volume["name"]?.Text}");
                yield return (claim, ClassOf(claim?.Spec ?? template));
            }
        }
    }

    private string? ClassOf(TreeMap? claim) => claim is null ? null : claim["storageClassName"]?.Text ?? DefaultClass()?.Name;

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
