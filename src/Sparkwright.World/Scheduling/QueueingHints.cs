using Sparkwright.Kubernetes.Fitting;
using Sparkwright.Kubernetes.Objects;

namespace Sparkwright.World.Scheduling;

/// <summary>Something that happened in the cluster and may let a waiting pod in.</summary>
internal abstract record ClusterChange
{
    private ClusterChange()
    {
    }

    /// <summary>The filters whose refusals such a change can lift; for others it is not looked at closer.</summary>
    public abstract FilterName Concerns { get; }

    /// <summary>A node came, or its labels, taints, cordon or allocatable changed.</summary>
    public sealed record NodeChanged(NodeState Node) : ClusterChange
    {
        public override FilterName Concerns => (FilterName)~0;
    }

    /// <summary>A pod that took room is gone, has ended, or is no longer what it was (labels, or on its way out).</summary>
    public sealed record PodLeft(ApiObject Pod) : ClusterChange
    {
        public override FilterName Concerns =>
            FilterName.NodeResourcesFit | FilterName.NodePorts | FilterName.Volumes | FilterName.PodTopologySpread | FilterName.InterPodAffinity;
    }

    /// <summary>A pod is on a node now, or has other labels there.</summary>
    public sealed record PodPlaced(ApiObject Pod) : ClusterChange
    {
        public override FilterName Concerns => FilterName.PodTopologySpread | FilterName.InterPodAffinity;
    }

    /// <summary>A claim, a volume, a storage class or the drivers of a node changed.</summary>
    public sealed record StorageChanged : ClusterChange
    {
        public override FilterName Concerns => FilterName.Volumes;
    }

    /// <summary>The labels of a namespace changed.</summary>
    public sealed record NamespaceChanged : ClusterChange
    {
        public override FilterName Concerns => FilterName.InterPodAffinity;
    }
}

/// <summary>
/// Whether a change may help a pod that fits nowhere: only then is it tried again. As upstream each filter that refused the pod is asked on
/// its own; one that says yes is enough.
/// </summary>
internal sealed class QueueingHints(NeighbourBook neighbours)
{
    public bool MayHelp(ApiObject pod, FilterName refusedBy, ClusterChange change)
    {
        var concerned = refusedBy & change.Concerns;
        return concerned != FilterName.None && change switch
        {
            ClusterChange.NodeChanged { Node: var node } => MayHelp(pod, concerned, node),
            ClusterChange.PodLeft { Pod: var other } => MayHelpByLeaving(pod, concerned, other),
            ClusterChange.PodPlaced { Pod: var other } => MayHelpByComing(pod, concerned, other),
            _ => true,
        };
    }

    private static bool MayHelp(ApiObject pod, FilterName concerned, NodeState node)
    {
        var spec = PodSpecView.Of(pod);
        return (Has(concerned, FilterName.NodeUnschedulable) && Filters.AcceptsCordon(spec, node.View))
            || (Has(concerned, FilterName.NodeName) && spec.NodeName == node.View.Name)
            || (Has(concerned, FilterName.TaintToleration) && node.View.UntoleratedBy(spec) is null)
            || (Has(concerned, FilterName.NodeAffinity) && spec.Selects(node.View.Labels, node.View.Name))
            || (Has(concerned, FilterName.NodePorts) && !Filters.HasPortConflict(spec, node))
            || (Has(concerned, FilterName.NodeResourcesFit) && spec.Requests.FitsIn(node.View.Allocatable))
            || Has(concerned, FilterName.Volumes)
            || (Has(concerned, FilterName.PodTopologySpread)
                && spec.Spreads.All(spread => !spread.IsHard || node.View.Labels.ContainsKey(spread.TopologyKey)))
            || Has(concerned, FilterName.InterPodAffinity);
    }

    private bool MayHelpByLeaving(ApiObject pod, FilterName concerned, ApiObject other)
    {
        var spec = PodSpecView.Of(pod);
        return Has(concerned, FilterName.NodeResourcesFit)
            || (Has(concerned, FilterName.NodePorts) && !PodSpecView.Of(other).HostPorts.IsEmpty)
            || (Has(concerned, FilterName.Volumes) && other.Spec["volumes"] is not null)
            || (Has(concerned, FilterName.PodTopologySpread) && IsSpreadAmong(pod, spec, other))
            || (Has(concerned, FilterName.InterPodAffinity)
                && (spec.RequiredAntiAffinity.Any(term => Means(term, pod, other)) || PodSpecView.Of(other).RequiredAntiAffinity.Any(term => Means(term, other, pod))));
    }

    private bool MayHelpByComing(ApiObject pod, FilterName concerned, ApiObject other)
    {
        var spec = PodSpecView.Of(pod);
        return (Has(concerned, FilterName.PodTopologySpread) && IsSpreadAmong(pod, spec, other))
            || (Has(concerned, FilterName.InterPodAffinity) && spec.RequiredAffinity.Any(term => Means(term, pod, other)));
    }

    private bool IsSpreadAmong(ApiObject pod, PodSpecView spec, ApiObject other) =>
        spec.Spreads.Any(spread => spread.IsHard && neighbours.Selects(spread.QueryOf(pod.Namespace, pod.Metadata.Labels), other));

    private bool Means(PodAffinityTerm term, ApiObject declarer, ApiObject other) =>
        neighbours.Selects(term.QueryOf(declarer.Namespace, declarer.Metadata.Labels), other);

    private static bool Has(FilterName set, FilterName one) => (set & one) != FilterName.None;
}
