using Sparkwright.Kubernetes.Fitting;
using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Store;

namespace Sparkwright.World.Scheduling;

/// <summary>Pods that wait for a node on which others were preempted for them (status.nominatedNodeName): less important pods must leave them room.</summary>
internal sealed class Nominations
{
    private readonly SortedDictionary<ObjectKey, ApiObject> waiting = [];
    private readonly Dictionary<string, SortedDictionary<ObjectKey, ApiObject>> byNode = new(StringComparer.Ordinal);

    /// <summary>Takes note of a change of a pod; answers what was and what is nominated.</summary>
    public (ApiObject? Was, ApiObject? Is) Seen(StoreEvent change)
    {
        var pod = change.Object;
        var isNominated = change.Kind != StoreEventKind.Deleted && !pod.Metadata.IsBeingDeleted && NodeOf(pod).Length > 0
            && PodSpecView.Of(pod).NodeName.Length == 0 && pod.Status["phase"]?.Text is null or "Pending";
        if (!isNominated && waiting.Count == 0)
        {
            return (null, null);
        }

        if (waiting.Remove(pod.Key, out var was))
        {
            byNode[NodeOf(was)].Remove(pod.Key);
        }

        if (!isNominated)
        {
            return (was, null);
        }

        waiting.Add(pod.Key, pod);
        if (!byNode.TryGetValue(NodeOf(pod), out var here))
        {
            byNode.Add(NodeOf(pod), here = []);
        }

        here.Add(pod.Key, pod);
        return (was, pod);
    }

    /// <summary>The node for which a pod is nominated; empty for none.</summary>
    public static string NodeOf(ApiObject pod) => pod.Status["nominatedNodeName"]?.Text ?? "";

    public bool IsEmpty => waiting.Count == 0;

    public IEnumerable<ApiObject> On(string node) => byNode.TryGetValue(node, out var here) ? here.Values : [];

    /// <summary>Those for which a certain pod must leave room: as important as it, or more.</summary>
    public IEnumerable<ApiObject> Before(ApiObject pod, string node)
    {
        var priority = PodSpecView.Of(pod).Priority;
        return On(node).Where(known => known.Metadata.Uid != pod.Metadata.Uid && PodSpecView.Of(known).Priority >= priority);
    }
}
