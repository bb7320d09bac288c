using Sparkwright.Kubernetes.Fitting;
using Sparkwright.Kubernetes.Objects;

namespace Sparkwright.World.Scheduling;

/// <summary>Whether a pod may go to a node, and if not, why: the default scheduler's filters in their order, each with its own words.</summary>
public static class Filters
{
    public const string NodeName = "node(s) didn't match the requested node name";
    public const string Unschedulable = "node(s) were unschedulable";
    public const string NodeAffinity = "node(s) didn't match Pod's node affinity/selector";
    public const string NodePorts = "node(s) didn't have free ports for the requested pod ports";
    public const string TooManyPods = "Too many pods";

    private const string UnschedulableTaint = "node.kubernetes.io/unschedulable";

    /// <summary>The reasons of the first filter that refuses; empty when the pod may go there.</summary>
    public static IReadOnlyList<string> Refusals(PodSpecView pod, NodeState node)
    {
        var view = node.View;
        if (view.IsUnschedulable && !pod.Tolerates(new Taint(UnschedulableTaint, "", Taint.NoSchedule)))
        {
            return [Unschedulable];
        }

        if (pod.NodeName.Length > 0 && pod.NodeName != view.Name)
        {
            return [NodeName];
        }

        if (view.UntoleratedBy(pod) is { } taint)
        {
            return [$"node(s) had untolerated taint {taint}"];
        }

        if (!pod.Selects(view.Labels, view.Name))
        {
            return [NodeAffinity];
        }

        foreach (var port in pod.HostPorts)
        {
            if (node.Ports.Any(port.ConflictsWith))
            {
                return [NodePorts];
            }
        }

        return Insufficient(pod.Requests, node.Free);
    }

    /// <summary>Every resource of which there is too little.</summary>
    private static IReadOnlyList<string> Insufficient(ResourceList requests, ResourceList free) => requests.FitsIn(free)
        ? []
        : [.. requests.Exceeding(free).OrderBy(name => name == ResourceList.PodSlots ? 0 : 1).Select(name => name == ResourceList.PodSlots ? TooManyPods : $"Insufficient {name}")];

    /// <summary>The sentence that the scheduler writes into the pod's condition and event.</summary>
    /// <param name="refusals">The reasons of each node.</param>
    public static string Message(int nodes, IEnumerable<IReadOnlyList<string>> refusals)
    {
        if (nodes == 0)
        {
            return "no nodes available to schedule pods";
        }

        var counts = new SortedDictionary<string, int>(StringComparer.Ordinal);
        foreach (var reason in refusals.SelectMany(reasons => reasons))
        {
            counts[reason] = counts.GetValueOrDefault(reason) + 1;
        }

        var said = counts.Select(reason => $"{reason.Value} {reason.Key}").Order(StringComparer.Ordinal);
        return $"0/{nodes} nodes are available: {string.Join(", ", said)}. preemption: 0/{nodes} nodes are available: {nodes} Preemption is not helpful for scheduling.";
    }

    /// <summary>Labels of a node that a pod of a DaemonSet is bound to by name.</summary>
    internal static string? PinnedNode(PodSpecView pod) =>
        pod.RequiredTerms is [{ Fields: [{ Key: "metadata.name", Values: [var name] }] }] ? name : null;

    internal static bool IsPending(ApiObject pod) =>
        string.IsNullOrEmpty(pod.Spec["nodeName"]?.Text) && !pod.Metadata.IsBeingDeleted && pod.Status["phase"]?.Text is null or "Pending"
        && pod.Spec["schedulingGates"] is not TreeList { Count: > 0 };
}
