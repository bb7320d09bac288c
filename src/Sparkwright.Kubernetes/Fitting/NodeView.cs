using System.Collections.Immutable;
using Sparkwright.Kubernetes.Objects;

namespace Sparkwright.Kubernetes.Fitting;

/// <summary>What schedulers read of a node, typed.</summary>
public sealed class NodeView
{
    private NodeView(ApiObject node)
    {
        Name = node.Name;
        Labels = node.Metadata.Labels;
        var spec = node.Spec.View(static spec => new SpecView(spec));
        Taints = spec.Taints;
        IsUnschedulable = spec.IsUnschedulable;
        Allocatable = ResourceList.From(node.Status["allocatable"] ?? node.Status["capacity"]);
        IsReady = Conditions.IsTrue(node.Status, "Ready");
    }

    public string Name { get; }

    public TreeMap Labels { get; }

    public ImmutableArray<Taint> Taints { get; }

    /// <summary>Cordoned.</summary>
    public bool IsUnschedulable { get; }

    public ResourceList Allocatable { get; }

    public bool IsReady { get; }

    public static NodeView Of(ApiObject node) => new(node);

    /// <summary>The first taint that keeps a pod away, or null.</summary>
    public Taint? UntoleratedBy(PodSpecView pod)
    {
        foreach (var taint in Taints)
        {
            if (taint.KeepsPodsAway && !pod.Tolerates(taint))
            {
                return taint;
            }
        }

        return null;
    }

    private sealed class SpecView(TreeMap spec)
    {
        public ImmutableArray<Taint> Taints { get; } = [.. Tree.ItemsOf(spec["taints"]).ToArray().Select(Taint.From)];

        public bool IsUnschedulable { get; } = spec["unschedulable"]?.Boolean ?? false;
    }
}
