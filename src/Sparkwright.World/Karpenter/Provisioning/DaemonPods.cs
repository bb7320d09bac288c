using Sparkwright.Kubernetes.Fitting;
using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Requests;
using Sparkwright.Kubernetes.Store;

namespace Sparkwright.World.Karpenter.Provisioning;

/// <summary>
/// What DaemonSets will run on a new node: the spec of the newest pod of each, as admission left it, but with the affinity of the template, since
/// a daemon's own names its node. Where there is no pod yet the template stands.
/// </summary>
public sealed class DaemonPods(ApiServer api)
{
    private readonly StoreIndex podsBySet = api.Store.Index(
        CoreTypes.Pod, "karpenter-daemons", static pod => pod.Metadata.Controller is { Kind: "DaemonSet" } owner ? owner.Uid : null);

    /// <summary>In the order of the DaemonSets' names.</summary>
    public List<PodSpecView> Specs() => [.. api.Store.List(CoreTypes.DaemonSet).Select(SpecOf).OfType<TreeMap>().Select(PodSpecView.Of)];

    private TreeMap? SpecOf(ApiObject set)
    {
        if (set.Spec.At("template", "spec") is not TreeMap template)
        {
            return null;
        }

        ApiObject? newest = null;
        foreach (var pod in podsBySet.Of(set.Metadata.Uid))
        {
            newest = newest is null || pod.Metadata.CreationTimestamp > newest.Metadata.CreationTimestamp ? pod : newest;
        }

        return newest is null ? template : newest.Spec.With("affinity", template["affinity"]).With("nodeName", null);
    }
}
