using System.Collections.Immutable;
using Sparkwright.Kubernetes.Fitting;

namespace Sparkwright.World.Scheduling;

/// <summary>
/// Whether a pod may go to a node, and if not, why: the default scheduler's filters in their order, each with its own words. The first that
/// refuses is the only one heard, as upstream.
/// </summary>
public static class Filters
{
    public static Refusal NodeName { get; } = Refusal.Final("node(s) didn't match the requested node name", FilterName.NodeName);

    public static Refusal Unschedulable { get; } = Refusal.Final("node(s) were unschedulable", FilterName.NodeUnschedulable);

    public static Refusal NodeAffinity { get; } = Refusal.Final("node(s) didn't match Pod's node affinity/selector", FilterName.NodeAffinity);

    /// <summary>For the other nodes, when required affinity names one node by its name (as pods of a DaemonSet do).</summary>
    public static Refusal NotThePinnedNode { get; } = Refusal.Final("node(s) didn't satisfy plugin(s) [NodeAffinity]", FilterName.NodeAffinity);

    public static Refusal NodePorts { get; } = new(["node(s) didn't have free ports for the requested pod ports"], true, FilterName.NodePorts);

    private const string UnschedulableTaint = "node.kubernetes.io/unschedulable";

    /// <summary>Null when the pod may go there.</summary>
    public static Refusal? Check(PodSpecView pod, NodeState node)
    {
        if (CheckNode(pod, node.View) is { } refusal)
        {
            return refusal;
        }

        if (HasPortConflict(pod, node))
        {
            return NodePorts;
        }

        return pod.Requests.FitsIn(node.Free) ? null : Insufficient(pod.Requests, node);
    }

    /// <summary>The same, whatever runs on the node: cordon, name, taints, labels.</summary>
    public static Refusal? CheckNode(PodSpecView pod, NodeView view)
    {
        if (!AcceptsCordon(pod, view))
        {
            return Unschedulable;
        }

        if (pod.NodeName.Length > 0 && pod.NodeName != view.Name)
        {
            return NodeName;
        }

        if (view.UntoleratedBy(pod) is { } taint)
        {
            return Refusal.Final($"node(s) had untolerated taint {taint}", FilterName.TaintToleration);
        }

        return pod.Selects(view.Labels, view.Name) ? null : NodeAffinity;
    }

    /// <summary>Whether the node is not cordoned, or the pod does not mind.</summary>
    internal static bool AcceptsCordon(PodSpecView pod, NodeView node) =>
        !node.IsUnschedulable || pod.Tolerates(new Taint(UnschedulableTaint, "", Taint.NoSchedule));

    internal static bool HasPortConflict(PodSpecView pod, NodeState node)
    {
        foreach (var port in pod.HostPorts)
        {
            foreach (var taken in node.Ports)
            {
                if (port.ConflictsWith(taken))
                {
                    return true;
                }
            }
        }

        return false;
    }

    /// <summary>The node that required affinity names, or null: then every node is looked at.</summary>
    public static string? PinnedNode(PodSpecView pod) =>
        pod.RequiredTerms is [{ Fields: [{ Key: "metadata.name", Values: [var name] }] }] ? name : null;

    /// <summary>Every resource of which there is too little; null when nothing is asked of what is over-committed. What an empty node could not give either, no preemption can.</summary>
    private static Refusal? Insufficient(ResourceList requests, NodeState node)
    {
        var reasons = ImmutableArray.CreateBuilder<string>();
        var beyondNode = false;
        foreach (var name in requests.Exceeding(node.Free))
        {
            var isSlot = name == ResourceList.PodSlots;
            reasons.Add(isSlot ? "Too many pods" : $"Insufficient {name}");
            beyondNode |= !isSlot && requests.Of(name) > node.View.Allocatable.Of(name);
        }

        return reasons.Count == 0 ? null : new Refusal(reasons.ToImmutable(), !beyondNode, FilterName.NodeResourcesFit);
    }
}

/// <summary>Why a node does not take a pod.</summary>
/// <param name="PreemptionMayHelp">False when the node would refuse the pod even if nothing ran on it.</param>
/// <param name="By">The filter that refused.</param>
public sealed record Refusal(ImmutableArray<string> Reasons, bool PreemptionMayHelp, FilterName By)
{
    public static Refusal Final(string reason, FilterName by = FilterName.None) => new([reason], false, by);

    public static Refusal ForNow(string reason, FilterName by) => new([reason], true, by);

    public override string ToString() => string.Join(", ", Reasons);
}

/// <summary>The filters, as a set: what a waiting pod was refused by decides which changes may help it.</summary>
[Flags]
public enum FilterName
{
    None = 0,
    NodeUnschedulable = 1,
    NodeName = 2,
    TaintToleration = 4,
    NodeAffinity = 8,
    NodePorts = 16,
    NodeResourcesFit = 32,
    Volumes = 64,
    PodTopologySpread = 128,
    InterPodAffinity = 256,
}
