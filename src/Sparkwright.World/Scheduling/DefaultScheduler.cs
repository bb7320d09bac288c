using Sparkwright.Kubernetes.Fitting;
using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Requests;
using Sparkwright.Kubernetes.Store;
using Sparkwright.Simulation;

namespace Sparkwright.World.Scheduling;

/// <summary>
/// kube-scheduler: binds pending pods one by one, by priority and then by age. A pod that fits nowhere waits until something changes that
/// may help it, with a back-off of 1 to 10 seconds.
/// </summary>
public sealed class DefaultScheduler : Worker<ObjectKey>
{
    public const string Name = "default-scheduler";

    private static readonly TimeSpan FirstBackOff = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestBackOff = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan FlushAfter = TimeSpan.FromMinutes(5);
    private static readonly ObjectKey Queue = new("", "queue");

    private readonly ApiServer api;
    private readonly EventRecorder events;
    private readonly SortedDictionary<string, NodeState> nodes = new(StringComparer.Ordinal);
    private readonly SortedSet<QueuedPod> active = new(QueuedPod.Order);
    private readonly Dictionary<ObjectKey, QueuedPod> queued = [];
    private readonly SortedDictionary<ObjectKey, WaitingPod> unschedulable = [];
    private readonly StoreIndex podsByNode;
    private NodeState[]? nodeArray;
    private long nodeVersion;
    private FailedClass? lastFailure;

    public DefaultScheduler(EventLoop loop, ApiServer api)
        : base(loop)
    {
        this.api = api;
        events = new EventRecorder(api, Name);
        podsByNode = api.Store.Index(CoreTypes.Pod, "by-node", static pod => pod.Spec["nodeName"]?.Text);

        // Pods first: a node that appears counts the pods that are on it already.
        foreach (var pod in api.Store.List(CoreTypes.Pod))
        {
            SeenPod(new StoreEvent(StoreEventKind.Added, pod, null, 0));
        }

        foreach (var node in api.Store.List(CoreTypes.Node))
        {
            Seen(new StoreEvent(StoreEventKind.Added, node, null, 0));
        }

        api.Store.Watch(CoreTypes.Node, Seen);
        api.Store.Watch(CoreTypes.Pod, SeenPod);
    }

    protected override void Reconcile(ObjectKey key)
    {
        if (key != Queue)
        {
            if (unschedulable.TryGetValue(key, out var waiting))
            {
                unschedulable.Remove(key);
                Activate(waiting.Pod);
            }

            return;
        }

        while (active.Min is { } next)
        {
            active.Remove(next);
            queued.Remove(next.Key);
            if (api.Store.Get(CoreTypes.Pod, next.Key) is { } pod && Filters.IsPending(pod))
            {
                Schedule(pod, next);
            }
        }
    }

    private void Schedule(ApiObject pod, QueuedPod turn)
    {
        var spec = PodSpecView.Of(pod);

        // Pods of one template fail alike as long as no node has changed.
        if (lastFailure is { } known && known.NodeVersion == nodeVersion && known.Likes(pod.Spec))
        {
            Fail(pod, turn, known.Message);
            return;
        }

        var all = nodeArray ??= [.. nodes.Values];
        var feasible = new List<NodeState>();
        var refusals = new List<IReadOnlyList<string>>();
        if (Filters.PinnedNode(spec) is { } pinned)
        {
            foreach (var node in all)
            {
                Sort(node, node.View.Name == pinned ? Filters.Refusals(spec, node) : [Filters.NodeAffinity]);
            }
        }
        else
        {
            foreach (var node in all)
            {
                Sort(node, Filters.Refusals(spec, node));
            }
        }

        if (feasible.Count == 0)
        {
            var message = Filters.Message(all.Length, refusals);
            lastFailure = new FailedClass(pod.Spec, nodeVersion, message);
            Fail(pod, turn, message);
            return;
        }

        var chosen = feasible.Count == 1 ? feasible[0] : Choose(spec, feasible, pod.Metadata.Uid);
        if (api.Bind(pod.Key, chosen.View.Name).IsAccepted)
        {
            events.Normal(pod, "Scheduled", $"Successfully assigned {pod.Key} to {chosen.View.Name}");
        }

        void Sort(NodeState node, IReadOnlyList<string> reasons)
        {
            if (reasons.Count == 0)
            {
                feasible.Add(node);
            }
            else
            {
                refusals.Add(reasons);
            }
        }
    }

    /// <summary>The best node; among equals the draw keyed by the pod decides, as kube-scheduler draws at random.</summary>
    private NodeState Choose(PodSpecView spec, List<NodeState> feasible, string uid)
    {
        var totals = Scores.Of(spec, feasible);
        var best = totals.Max();
        var equals = Enumerable.Range(0, totals.Length).Where(at => totals[at] == best).ToList();
        return feasible[equals[(int)api.Chance.For("scheduler/tie", uid).Below(equals.Count)]];
    }

    private void Fail(ApiObject pod, QueuedPod turn, string message)
    {
        var attempts = turn.Attempts + 1;
        unschedulable[pod.Key] = new WaitingPod(turn with { Attempts = attempts }, Clock.Now);
        WakeAfter(pod.Key, FlushAfter);
        api.UpdateStatus(pod.WithStatus(Conditions.Set(pod.Status, "PodScheduled", false, "Unschedulable", message, Clock.Now)));
        events.Warning(pod, "FailedScheduling", message);
    }

    private void Seen(StoreEvent change)
    {
        var name = change.Object.Name;
        nodeVersion++;
        if (change.Kind == StoreEventKind.Deleted)
        {
            nodes.Remove(name);
            nodeArray = null;
            return;
        }

        var view = NodeView.Of(change.Object);
        if (nodes.TryGetValue(name, out var known))
        {
            var before = known.View;
            known.View = view;
            if (before.Allocatable.Equals(view.Allocatable) && before.Labels.Equals(view.Labels)
                && before.IsUnschedulable == view.IsUnschedulable && before.Taints.SequenceEqual(view.Taints))
            {
                return;
            }
        }
        else
        {
            var state = new NodeState(view);
            foreach (var pod in podsByNode.Of(name).Where(TakesRoom))
            {
                state.Add(PodSpecView.Of(pod));
            }

            nodes.Add(name, state);
            nodeArray = null;
        }

        Reconsider();
    }

    private void SeenPod(StoreEvent change)
    {
        var pod = change.Object;
        var was = change.Old is { } old && TakesRoom(old) ? old : null;
        var now = change.Kind != StoreEventKind.Deleted && TakesRoom(pod) ? pod : null;
        if (!ReferenceEquals(was?.Spec, now?.Spec))
        {
            if (was is not null && nodes.TryGetValue(PodSpecView.Of(was).NodeName, out var left))
            {
                left.Remove(PodSpecView.Of(was));
                nodeVersion++;
            }

            if (now is not null && nodes.TryGetValue(PodSpecView.Of(now).NodeName, out var home))
            {
                home.Add(PodSpecView.Of(now));
                nodeVersion++;
            }

            if (was is not null && now is null)
            {
                Reconsider();
            }
        }

        if (change.Kind == StoreEventKind.Deleted || !Filters.IsPending(pod))
        {
            unschedulable.Remove(pod.Key);
            if (queued.Remove(pod.Key, out var gone))
            {
                active.Remove(gone);
            }
        }
        else if (PodSpecView.Of(pod) is var spec && spec.SchedulerName == Name && !unschedulable.ContainsKey(pod.Key) && !queued.ContainsKey(pod.Key)
            && (change.Old is null || !ReferenceEquals(change.Old.Spec, pod.Spec)))
        {
            Activate(new QueuedPod(pod.Key, spec.Priority, pod.Metadata.CreationTimestamp, pod.Metadata.Uid, 0));
        }
    }

    private static bool TakesRoom(ApiObject pod) =>
        !string.IsNullOrEmpty(pod.Spec["nodeName"]?.Text) && pod.Status["phase"]?.Text is not ("Succeeded" or "Failed");

    /// <summary>Something changed that may help: every waiting pod gets another try when its back-off is over.</summary>
    private void Reconsider()
    {
        foreach (var (key, waiting) in unschedulable)
        {
            var backOff = TimeSpan.FromTicks(Math.Min(LongestBackOff.Ticks, FirstBackOff.Ticks << Math.Min(10, waiting.Pod.Attempts - 1)));
            WakeAt(key, waiting.Since + backOff);
        }
    }

    private void Activate(QueuedPod pod)
    {
        active.Add(pod);
        queued[pod.Key] = pod;
        Wake(Queue);
    }

    private sealed record WaitingPod(QueuedPod Pod, DateTime Since);

    private sealed record FailedClass(TreeMap Spec, long NodeVersion, string Message)
    {
        public bool Likes(TreeMap other) => ReferenceEquals(Spec, other) || Spec.Equals(other);
    }

    private sealed record QueuedPod(ObjectKey Key, long Priority, DateTime Created, string Uid, int Attempts)
    {
        public static IComparer<QueuedPod> Order { get; } = Comparer<QueuedPod>.Create(static (left, right) =>
        {
            var order = right.Priority.CompareTo(left.Priority);
            order = order != 0 ? order : left.Created.CompareTo(right.Created);
            order = order != 0 ? order : left.Key.CompareTo(right.Key);
            return order != 0 ? order : string.CompareOrdinal(left.Uid, right.Uid);
        });
    }
}
