using Sparkwright.Kubernetes.Fitting;
using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Store;

namespace Sparkwright.World.Scheduling;

/// <summary>What the scheduler sees of the cluster, kept up to date with every write: nodes with what is taken of them, nominated pods, counts.</summary>
internal sealed class ClusterPicture
{
    private readonly StoreIndex podsByNode;
    private readonly SortedDictionary<long, int> priorities = [];
    private readonly Dictionary<ObjectKey, ApiObject> assumed = [];

    public ClusterPicture(ObjectStore store)
    {
        Neighbours = new NeighbourBook(name => store.Get(CoreTypes.Namespace, "", name)?.Metadata.Labels ?? TreeMap.Empty);
        Nodes = new NodeBook(Neighbours);
        podsByNode = store.Index(CoreTypes.Pod, "by-node", static pod => pod.Spec["nodeName"]?.Text);
        foreach (var node in store.List(CoreTypes.Node))
        {
            Seen(new StoreEvent(StoreEventKind.Added, node, null, 0));
        }

        foreach (var pod in store.List(CoreTypes.Pod))
        {
            SeenNomination(new StoreEvent(StoreEventKind.Added, pod, null, 0));
        }
    }

    public NeighbourBook Neighbours { get; }

    public NodeBook Nodes { get; }

    public Nominations Nominations { get; } = new();

    /// <summary>The lowest priority of all pods on nodes; nobody can be preempted for a pod that has no more.</summary>
    public long LowestPriority => priorities.Count == 0 ? long.MaxValue : priorities.First().Key;

    /// <summary>Called for each change that may let a waiting pod in.</summary>
    public Action<ClusterChange> Changed { get; set; } = static _ => { };

    /// <summary>Takes note of a node.</summary>
    public void Seen(StoreEvent change)
    {
        var name = change.Object.Name;
        Nodes.Images.Seen(change.Object, change.Kind == StoreEventKind.Deleted);
        var known = Nodes.Find(name);
        if (change.Kind == StoreEventKind.Deleted)
        {
            foreach (var pod in known!.Pods.Values.ToList())
            {
                Take(known, pod, -1);
            }

            Nodes.Remove(name);
            return;
        }

        var view = NodeView.Of(change.Object);
        if (known is null)
        {
            known = new NodeState(view);
            Nodes.Add(known);
            foreach (var pod in podsByNode.Of(name).Where(TakesRoom).Concat(assumed.Values.Where(pod => PodSpecView.Of(pod).NodeName == name).OrderBy(pod => pod.Key)))
            {
                Take(known, pod, 1);
            }
        }
        else
        {
            var before = known.View;
            known.View = view;
            if (before.Allocatable.Equals(view.Allocatable) && before.Labels.Equals(view.Labels)
                && before.IsUnschedulable == view.IsUnschedulable && before.Taints.SequenceEqual(view.Taints))
            {
                return;
            }

            Nodes.Changed(known);
        }

        Changed(new ClusterChange.NodeChanged(known));
    }

    /// <summary>Takes note of a pod: moves what it takes from where it was to where it is.</summary>
    public void SeenPod(StoreEvent change)
    {
        SeenNomination(change);
        var was = change.Old is { } old && TakesRoom(old) ? old : null;
        var now = change.Kind != StoreEventKind.Deleted && TakesRoom(change.Object) ? change.Object : null;
        if (was is null && now is null)
        {
            return;
        }

        var counts = was is null || now is null || !ReferenceEquals(was.Spec, now.Spec)
            || !ReferenceEquals(was.Metadata.Labels, now.Metadata.Labels) || was.Metadata.IsBeingDeleted != now.Metadata.IsBeingDeleted;
        if (!counts)
        {
            // Its status alone: nothing is counted anew, but preemption reads when it started.
            Nodes.Find(PodSpecView.Of(now!).NodeName)?.Renew(now!);
            return;
        }

        Release(change.Object.Key);
        Move(was, -1);
        Move(now, 1);
        if (was is not null)
        {
            Changed(new ClusterChange.PodLeft(was));
        }

        if (now is not null)
        {
            Changed(new ClusterChange.PodPlaced(now));
        }
    }

    /// <summary>Counts a pod as on a node although it is not bound yet: its volumes are still being made.</summary>
    public void Assume(ApiObject pod, NodeState node)
    {
        var there = pod.Set(["spec", "nodeName"], node.View.Name);
        assumed.Add(pod.Key, there);
        Move(there, 1);
    }

    /// <summary>Ends that.</summary>
    public void Release(ObjectKey pod)
    {
        if (assumed.Remove(pod, out var there))
        {
            Move(there, -1);
        }
    }

    public bool IsAssumed(ObjectKey pod) => assumed.ContainsKey(pod);

    /// <summary>The nominated pods for which another must leave room on a node. One that is assumed somewhere takes its room there and none here.</summary>
    public IReadOnlyList<ApiObject> NominatedBefore(ApiObject pod, string node) =>
        [.. Nominations.Before(pod, node).Where(nominated => !IsAssumed(nominated.Key))];

    /// <summary>Takes a pod off a copy of a node, or puts it there, to see what would be then.</summary>
    public void Move(NodeState trial, ApiObject pod, bool away)
    {
        Neighbours.Count(trial, pod, away ? -1 : 1);
        if (away)
        {
            trial.Remove(pod);
        }
        else
        {
            trial.Add(pod);
        }
    }

    private void Move(ApiObject? pod, int sign)
    {
        if (pod is not null && Nodes.Find(PodSpecView.Of(pod).NodeName) is { } node)
        {
            Take(node, pod, sign);
            Nodes.Changed(node);
        }
    }

    private void Take(NodeState node, ApiObject pod, int sign)
    {
        var priority = PodSpecView.Of(pod).Priority;
        var alike = priorities.GetValueOrDefault(priority) + sign;
        if (alike == 0)
        {
            priorities.Remove(priority);
        }
        else
        {
            priorities[priority] = alike;
        }

        if (sign > 0)
        {
            Neighbours.Declare(pod);
            node.Add(pod);
            Neighbours.Count(node, pod, 1);
        }
        else
        {
            Neighbours.Count(node, pod, -1);
            node.Remove(pod);
            Neighbours.Withdraw(pod);
        }
    }

    private void SeenNomination(StoreEvent change)
    {
        var (was, now) = Nominations.Seen(change);
        if (now is not null)
        {
            Neighbours.Declare(now);
        }

        if (was is not null)
        {
            Neighbours.Withdraw(was);
        }
    }

    private static bool TakesRoom(ApiObject pod) =>
        !string.IsNullOrEmpty(pod.Spec["nodeName"]?.Text) && pod.Status["phase"]?.Text is not ("Succeeded" or "Failed");
}
