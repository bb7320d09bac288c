using Sparkwright.Kubernetes.Fitting;
using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Selectors;
using Sparkwright.Kubernetes.Store;

namespace Sparkwright.World.Scheduling;

/// <summary>What the scheduler reads of claims, volumes and storage classes.</summary>
internal static class Claims
{
    /// <summary>On a claim: the node for which its volume is to be made.</summary>
    public const string SelectedNode = "volume.kubernetes.io/selected-node";

    private const string BindCompleted = "pv.kubernetes.io/bind-completed";
    private const string NoProvisioner = "kubernetes.io/no-provisioner";

    public static ResourceType CsiNode { get; } = new("storage.k8s.io", "v1", "CSINode", "csinodes", false, false);

    /// <summary>The claims that a pod names, and whether each is to be made for it (an ephemeral volume).</summary>
    public static IEnumerable<(string Name, bool IsEphemeral)> Of(ApiObject pod)
    {
        foreach (var volume in Tree.ItemsOf(pod.Spec["volumes"]).ToArray())
        {
            if (volume.At("persistentVolumeClaim", "claimName")?.Text is { } name)
            {
                yield return (name, false);
            }
            else if (volume["ephemeral"] is not null)
            {
                yield return ($"{pod.Name}-{volume["name"]?.Text}", true);
            }
        }
    }

    public static bool IsBound(ApiObject claim) =>
        VolumeOf(claim).Length > 0 && (claim.Metadata.Annotation(BindCompleted) is not null || claim.Status["phase"]?.Text == "Bound");

    public static string VolumeOf(ApiObject claim) => claim.Spec["volumeName"]?.Text ?? "";

    public static ApiObject? ClassOf(ApiObject claim, ObjectStore store) =>
        claim.Spec["storageClassName"]?.Text is { Length: > 0 } name ? store.Get(CoreTypes.StorageClass, "", name) : null;

    /// <summary>Its volume is chosen or made only when a pod that uses it has a node.</summary>
    public static bool WaitsForConsumer(ApiObject claim, ObjectStore store) =>
        VolumeOf(claim).Length == 0 && ClassOf(claim, store)?.Body["volumeBindingMode"]?.Text == "WaitForFirstConsumer";

    /// <summary>Whether the claim's class can make a volume that the node reaches.</summary>
    public static bool CanBeMadeFor(ApiObject claim, NodeView node, ObjectStore store)
    {
        if (ClassOf(claim, store) is not { } known || known.Body["provisioner"]?.Text is null or "" or NoProvisioner)
        {
            return false;
        }

        var topologies = Tree.ItemsOf(known.Body["allowedTopologies"]).ToArray();
        return topologies.Length == 0 || topologies.Any(term => Tree.ItemsOf(term["matchLabelExpressions"]).ToArray()
            .All(one => new LabelRequirement(one["key"]?.Text ?? "", LabelOperator.In, [.. Tree.ItemsOf(one["values"]).ToArray().Select(value => value.Text ?? "")]).Matches(node.Labels)));
    }

    /// <summary>Whether the node reaches a volume.</summary>
    public static bool Reaches(NodeView node, ApiObject volume)
    {
        var required = volume.Spec.At("nodeAffinity", "required");
        return required is null
            || Tree.ItemsOf(required["nodeSelectorTerms"]).ToArray().Any(term => NodeSelectorTerm.From(term).Matches(node.Labels, node.Name));
    }

    /// <summary>The smallest free volume that suits a claim and that the node reaches, or null.</summary>
    public static ApiObject? FreeVolumeFor(ApiObject claim, NodeView node, ObjectStore store, IReadOnlyCollection<string> taken)
    {
        var asked = ResourceList.From(claim.Spec.At("resources", "requests")).Of("storage");
        var selector = claim.Spec["selector"] is null ? LabelSelector.Everything : LabelSelector.From(claim.Spec["selector"])!;
        return store.List(CoreTypes.PersistentVolume)
            .Where(volume => !taken.Contains(volume.Name) && !volume.Metadata.IsBeingDeleted && volume.Status["phase"]?.Text is null or "" or "Pending" or "Available"
                && IsFreeFor(volume, claim)
                && (volume.Spec["storageClassName"]?.Text ?? "") == (claim.Spec["storageClassName"]?.Text ?? "")
                && (volume.Spec["volumeMode"]?.Text ?? "Filesystem") == (claim.Spec["volumeMode"]?.Text ?? "Filesystem")
                && Tree.ItemsOf(claim.Spec["accessModes"]).ToArray().All(mode => Tree.ItemsOf(volume.Spec["accessModes"]).ToArray().Contains(mode))
                && selector.Matches(volume.Metadata.Labels) && CapacityOf(volume) >= asked && Reaches(node, volume))
            .OrderBy(CapacityOf)
            .ThenBy(volume => volume.Name, StringComparer.Ordinal)
            .FirstOrDefault();
    }

    private static long CapacityOf(ApiObject volume) => ResourceList.From(volume.Spec["capacity"]).Of("storage");

    private static bool IsFreeFor(ApiObject volume, ApiObject claim) => volume.Spec["claimRef"] is not { } reference
        || (reference["name"]?.Text == claim.Name && reference["namespace"]?.Text == claim.Namespace && reference["uid"]?.Text is not { Length: > 0 });
}
