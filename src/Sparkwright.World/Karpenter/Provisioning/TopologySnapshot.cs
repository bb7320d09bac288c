using System.Collections.Immutable;
using Sparkwright.Kubernetes.Fitting;
using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Requests;
using Sparkwright.Kubernetes.Store;
using Sparkwright.World.Karpenter.Requirements;
using Sparkwright.World.Karpenter.Solver;

namespace Sparkwright.World.Karpenter.Provisioning;

/// <summary>The pods that rules about neighbours count, and the labels of namespaces; read only for rounds in which somebody has such a rule.</summary>
public sealed class TopologySnapshot(ApiServer api)
{
    private readonly StoreIndex hermits = api.Store.Index(
        CoreTypes.Pod, "required-anti-affinity", static pod => IsCounted(pod) && !PodSpecView.Of(pod).RequiredAntiAffinity.IsEmpty ? "yes" : null);

    /// <summary>The same input with what its rules need.</summary>
    public SolverInput Complete(SolverInput input) => AtPresent()(input);

    /// <summary>Completes several inputs of one moment; what they share is read once, when first needed.</summary>
    public Func<SolverInput, SolverInput> AtPresent()
    {
        var someKeepAway = new Lazy<bool>(hermits.Of("yes").Any);
        var counted = new Lazy<ImmutableArray<BoundPod>>(Counted);
        var namespaces = new Lazy<ImmutableSortedDictionary<string, TreeMap>>(() =>
            api.Store.List(CoreTypes.Namespace).ToImmutableSortedDictionary(one => one.Name, one => one.Metadata.Labels, StringComparer.Ordinal));
        return input => someKeepAway.Value || input.Pods.Any(static pod => HasRules(pod.Spec))
            ? input with { Bound = counted.Value, NamespaceLabels = namespaces.Value }
            : input;
    }

    private ImmutableArray<BoundPod> Counted()
    {
        var nodes = new Dictionary<string, (RequirementSet Labels, ImmutableArray<Taint> Taints)>(StringComparer.Ordinal);
        foreach (var node in api.Store.List(CoreTypes.Node))
        {
            var view = NodeView.Of(node);
            nodes.Add(node.Name, (RequirementSet.OfLabels(view.Labels), view.Taints));
        }

        var bound = ImmutableArray.CreateBuilder<BoundPod>();
        foreach (var pod in api.Store.List(CoreTypes.Pod))
        {
            if (IsCounted(pod) && nodes.TryGetValue(pod.Spec["nodeName"]!.Text!, out var node))
            {
                var spec = PodSpecView.Of(pod);
                bound.Add(new BoundPod(pod.Key, pod.Metadata.Labels, spec, spec.NodeName, node.Labels, node.Taints));
            }
        }

        return bound.ToImmutable();
    }

    private static bool HasRules(PodSpecView spec) =>
        !spec.Spreads.IsEmpty || !spec.RequiredAffinity.IsEmpty || !spec.PreferredAffinity.IsEmpty || !spec.RequiredAntiAffinity.IsEmpty || !spec.PreferredAntiAffinity.IsEmpty;

    private static bool IsCounted(ApiObject pod) =>
        pod.Spec["nodeName"]?.Text is { Length: > 0 } && !pod.Metadata.IsBeingDeleted && pod.Status["phase"]?.Text is not ("Succeeded" or "Failed");
}
