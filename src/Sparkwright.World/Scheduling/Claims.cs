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
}
