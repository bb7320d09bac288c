using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Store;
using Sparkwright.Simulation;

namespace Sparkwright.World.Nodes;

/// <summary>
/// What kubelets write again and again: the Lease of their node, and the heartbeats in its conditions. It is worked out when it is read, so that
/// living nodes cost nothing.
/// </summary>
public static class NodeHeartbeats
{
    public const string LeaseNamespace = "kube-node-lease";

    /// <summary>A kubelet's nodeLeaseDurationSeconds; it renews four times as often.</summary>
    private const long LeaseSeconds = 40;

    private static readonly TimeSpan RenewEvery = TimeSpan.FromSeconds(LeaseSeconds / 4.0);

    /// <summary>A kubelet's nodeStatusReportFrequency: a status that does not change is written that often.</summary>
    private static readonly TimeSpan ReportEvery = TimeSpan.FromMinutes(5);

    public static ResourceType LeaseType { get; } = new("coordination.k8s.io", "v1", "Lease", "leases", true, false);

    /// <summary>The node's Lease; null when its kubelet has stopped.</summary>
    public static ApiObject? LeaseOf(ApiObject node, Chance chance, DateTime now) => !IsHeard(node) ? null : new ApiObject(
        LeaseType,
        new ObjectMeta
        {
            Name = node.Name,
            Namespace = LeaseNamespace,
            Uid = chance.For("nodes/lease", node.Metadata.Uid).Uuid(),
            ResourceVersion = node.Metadata.ResourceVersion,
            CreationTimestamp = node.Metadata.CreationTimestamp,
            OwnerReferences = [node.AsOwner(controller: false)],
        },
        TreeMap.Of(("spec", TreeMap.Of(
            ("holderIdentity", node.Name), ("leaseDurationSeconds", LeaseSeconds), ("renewTime", Timestamps.PrintMicro(LastBeat(node, RenewEvery, now)))))));

    /// <summary>The Lease of the node that a key names, where it names one.</summary>
    public static ApiObject? Lease(ResourceType type, ObjectKey key, ObjectStore store, Chance chance, DateTime now) =>
        type == LeaseType && key.Namespace == LeaseNamespace && store.Get(CoreTypes.Node, "", key.Name) is { } node ? LeaseOf(node, chance, now) : null;

    /// <summary>The Leases of all nodes but those that somebody has written himself.</summary>
    public static IEnumerable<ApiObject> LeasesBeside(ObjectStore store, Chance chance, DateTime now) => store.List(CoreTypes.Node)
        .Where(node => store.Get(LeaseType, LeaseNamespace, node.Name) is null)
        .Select(node => LeaseOf(node, chance, now))
        .OfType<ApiObject>();

    /// <summary>A node with the heartbeats that its kubelet would have written by now.</summary>
    public static ApiObject Refreshed(ApiObject node, DateTime now)
    {
        if (!IsHeard(node))
        {
            return node;
        }

        var beat = LastBeat(node, ReportEvery, now);
        return node.WithStatus(node.Status.With("conditions", TreeList.From(Tree.ItemsOf(node.Status["conditions"]).ToArray().Select(condition =>
            condition is TreeMap map
                ? map.With("lastHeartbeatTime", Timestamps.Print(Timestamps.Read(map["lastTransitionTime"]) is { } changed && changed > beat ? changed : beat))
                : condition))));
    }

    /// <summary>Whether the kubelet reports: it says itself whether it is ready.</summary>
    private static bool IsHeard(ApiObject node) => Conditions.Find(node.Status, "Ready")?["status"]?.Text is "True" or "False";

    /// <summary>The last beat until now, counted from the node's creation.</summary>
    private static DateTime LastBeat(ApiObject node, TimeSpan every, DateTime now)
    {
        var since = node.Metadata.CreationTimestamp;
        return now <= since ? since : since + TimeSpan.FromTicks((now - since).Ticks / every.Ticks * every.Ticks);
    }
}
