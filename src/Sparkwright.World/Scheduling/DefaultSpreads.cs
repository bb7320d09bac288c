using System.Collections.Immutable;
using Sparkwright.Kubernetes.Fitting;
using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Selectors;
using Sparkwright.Kubernetes.Store;

namespace Sparkwright.World.Scheduling;

/// <summary>
/// The default spread of pods that declare none: over nodes (maxSkew 3) and zones (maxSkew 5), as a wish. It holds for pods that a Service
/// selects or that a ReplicaSet, StatefulSet or ReplicationController manages, among the pods which all of these select.
/// </summary>
internal static class DefaultSpreads
{
    private static readonly ImmutableArray<SpreadConstraint> Constraints =
    [
        new(TreeMap.Empty, SpreadTopology.Hostname, 3, null, false, true, false),
        new(TreeMap.Empty, "topology.kubernetes.io/zone", 5, null, false, true, false),
    ];

    private static readonly ResourceType ReplicationController = new("", "v1", "ReplicationController", "replicationcontrollers", true, true);

    public static ImmutableArray<SpreadNeed> For(PodQuery query) => [.. Constraints.Select(constraint => new SpreadNeed(constraint, query, true))];

    /// <summary>The pods of the same kind as this one, or null when it is of none.</summary>
    public static PodQuery? QueryOf(ApiObject pod, ObjectStore store)
    {
        var asked = ImmutableArray.CreateBuilder<LabelRequirement>();
        foreach (var service in store.List(CoreTypes.Service, pod.Namespace))
        {
            if (service.Spec["selector"] is TreeMap { Count: > 0 } labels && LabelSelector.Of(labels) is var selector && selector.Matches(pod.Metadata.Labels))
            {
                asked.AddRange(selector.Requirements);
            }
        }

        if (pod.Metadata.Controller is { } owner && TypeOf(owner) is { } type && store.Get(type, pod.Namespace, owner.Name)?.Spec["selector"] is TreeMap own)
        {
            asked.AddRange((type == ReplicationController ? LabelSelector.Of(own) : LabelSelector.From(own)!).Requirements);
        }

        return asked.Count == 0 ? null : new PodQuery([pod.Namespace], null, new LabelSelector([.. asked.DistinctBy(one => (one.Key, one.Operator, string.Join(',', one.Values)))]));
    }

    private static ResourceType? TypeOf(OwnerReference owner) => owner.Kind switch
    {
        "ReplicaSet" => CoreTypes.ReplicaSet,
        "StatefulSet" => CoreTypes.StatefulSet,
        "ReplicationController" => ReplicationController,
        _ => null,
    };
}
