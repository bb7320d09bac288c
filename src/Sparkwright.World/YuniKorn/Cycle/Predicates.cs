using Sparkwright.Kubernetes.Fitting;
using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Requests;
using Sparkwright.World.Scheduling;

namespace Sparkwright.World.YuniKorn.Cycle;

/// <summary>The default scheduler's filters, as YuniKorn asks them: no scores, and no default spreading.</summary>
internal sealed class Predicates(ApiServer api, ClusterPicture cluster)
{
    private readonly PodClasses classes = new(cluster);

    public void Forget() => classes.Forget();

    public PredicateQuestion Of(ApiObject pod)
    {
        var spec = PodSpecView.Of(pod);
        return new PredicateQuestion(cluster, spec, classes.Of(pod, spec, PodNeeds.Of(pod, cluster.Neighbours, null)), VolumeNeeds.Of(pod, api.Store));
    }
}

/// <summary>One pod before the nodes.</summary>
internal sealed class PredicateQuestion(ClusterPicture cluster, PodSpecView spec, PodClass known, VolumeNeeds? volumes)
{
    public PodSpecView Spec => spec;

    /// <summary>Equal for pods that get equal answers; null when its volumes make it special.</summary>
    public PodClass? Class => volumes is null ? known : null;

    public VolumeNeeds? Volumes => volumes;

    /// <summary>The pod could run there if nothing else did.</summary>
    public bool FitsEmpty(NodeState node) => spec.Requests.FitsIn(node.View.Allocatable);

    public bool FitsFree(NodeState node) => spec.Requests.FitsIn(node.Free);

    /// <summary>Why the node does not take the pod; null when it does.</summary>
    /// <param name="trial">The node with other pods than it has, if that is the question.</param>
    public Refusal? Check(NodeState node, NodeState? trial = null) => volumes?.Problem is { } problem
        ? Refusal.Final(problem, FilterName.Volumes)
        : known.Check(cluster.Nodes, node, trial, volumes is null ? null : volumes.Check);

    /// <summary>The same without what other pods take or are: enough to keep the node free, or to replace a placeholder on it.</summary>
    public bool Suits(NodeState node) => Filters.CheckNode(spec, node.View) is null;
}
