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

    /// <summary>Upstream moves pods that waited this long without any change.</summary>
    private static readonly TimeSpan FlushAfter = TimeSpan.FromMinutes(5);
    private static readonly ObjectKey Queue = new("", "queue");

    /// <summary>Keeps a turn of the loop short; the next turn follows at the same time.</summary>
    private const int PodsPerTurn = 200;

    /// <summary>Classes remembered at once; forgetting them costs time alone.</summary>
    private const int MostClasses = 64;

    private readonly ApiServer api;
    private readonly EventRecorder events;
    private readonly NodeBook nodes = new();
    private readonly SchedulingQueue queue = new();
    private readonly Dictionary<TreeMap, PodClass> classes = [];
    private readonly StoreIndex podsByNode;

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
            SeenNode(new StoreEvent(StoreEventKind.Added, node, null, 0));
        }

        api.Store.Watch(CoreTypes.Node, SeenNode);
        api.Store.Watch(CoreTypes.Pod, SeenPod);
    }

    protected override void Reconcile(ObjectKey key)
    {
        if (key != Queue)
        {
            if (queue.Activate(key))
            {
                Wake(Queue);
            }

            return;
        }

        for (var turns = 0; turns < PodsPerTurn && queue.TakeNext() is { } next; turns++)
        {
            if (api.Store.Get(CoreTypes.Pod, next.Key) is { } pod && IsMine(pod))
            {
                Schedule(pod, next);
            }
        }

        if (queue.HasActive)
        {
            Wake(Queue);
        }
    }

    private void Schedule(ApiObject pod, QueuedPod turn)
    {
        var (chosen, message) = Decide(pod);
        if (chosen is null)
        {
            queue.PutAside(turn, Clock.Now);
            WakeAfter(pod.Key, FlushAfter);
            api.UpdateStatus(pod.WithStatus(Conditions.Set(pod.Status, "PodScheduled", false, "Unschedulable", message, Clock.Now)));
            events.Warning(pod, "FailedScheduling", message);
        }
        else if (api.Bind(pod.Key, chosen.View.Name).IsAccepted)
        {
            events.Normal(pod, "Scheduled", $"Successfully assigned {pod.Key} to {chosen.View.Name}");
        }
    }

    private (NodeState? Chosen, string Message) Decide(ApiObject pod)
    {
        var spec = PodSpecView.Of(pod);
        if (Filters.PinnedNode(spec) is { } pinned)
        {
            return DecidePinned(spec, pinned);
        }

        if (!classes.TryGetValue(pod.Spec, out var known))
        {
            if (classes.Count >= MostClasses)
            {
                classes.Clear();
            }

            classes.Add(pod.Spec, known = new PodClass(spec));
        }

        return known.Best(nodes, api.Chance.For("scheduler/tie", pod.Metadata.Uid)) is { } best ? (best, "") : (null, known.Message(nodes));
    }

    private (NodeState? Chosen, string Message) DecidePinned(PodSpecView spec, string pinned)
    {
        var home = nodes.Find(pinned);
        if (home is not null && Filters.Check(spec, home) is null)
        {
            return (home, "");
        }

        var refusals = nodes.Ranked.Select(node => node == home ? Filters.Check(spec, node)! : Filters.NotThePinnedNode).ToArray();
        return (null, UnschedulableMessage.Of(refusals, spec.Spec["preemptionPolicy"]?.Text == "Never"));
    }

    private void SeenNode(StoreEvent change)
    {
        var name = change.Object.Name;
        if (change.Kind == StoreEventKind.Deleted)
        {
            nodes.Remove(name);
            return;
        }

        var view = NodeView.Of(change.Object);
        if (nodes.Find(name) is { } known)
        {
            var before = known.View;
            known.View = view;
            if (before.Allocatable.Equals(view.Allocatable) && before.Labels.Equals(view.Labels)
                && before.IsUnschedulable == view.IsUnschedulable && before.Taints.SequenceEqual(view.Taints))
            {
                return;
            }

            nodes.Changed(known);
        }
        else
        {
            var state = new NodeState(view);
            foreach (var pod in podsByNode.Of(name).Where(TakesRoom))
            {
                state.Add(PodSpecView.Of(pod));
            }

            nodes.Add(state);
        }

        Reconsider();
    }

    private void SeenPod(StoreEvent change)
    {
        var pod = change.Object;
        Count(change);
        if (change.Kind == StoreEventKind.Deleted || !IsMine(pod))
        {
            queue.Remove(pod.Key);
        }
        else if (change.Old is null || !ReferenceEquals(change.Old.Spec, pod.Spec) || !queue.Knows(pod.Key))
        {
            if (queue.Move(pod.Key) is { } at)
            {
                WakeAt(pod.Key, at);
            }
            else if (!queue.Knows(pod.Key) && (change.Old is null || !IsMine(change.Old)))
            {
                var spec = PodSpecView.Of(pod);
                queue.Add(new QueuedPod(pod.Key, spec.Priority, pod.Metadata.CreationTimestamp, pod.Metadata.Uid, 0));
                Wake(Queue);
            }
        }
    }

    /// <summary>Moves what a pod takes from where it was to where it is; room that has become free may help others.</summary>
    private void Count(StoreEvent change)
    {
        var was = change.Old is { } old && TakesRoom(old) ? old : null;
        var now = change.Kind != StoreEventKind.Deleted && TakesRoom(change.Object) ? change.Object : null;
        if (ReferenceEquals(was?.Spec, now?.Spec))
        {
            return;
        }

        if (was is not null && nodes.Find(PodSpecView.Of(was).NodeName) is { } left)
        {
            left.Remove(PodSpecView.Of(was));
            nodes.Changed(left);
        }

        if (now is not null && nodes.Find(PodSpecView.Of(now).NodeName) is { } home)
        {
            home.Add(PodSpecView.Of(now));
            nodes.Changed(home);
        }

        if (was is not null && now is null)
        {
            Reconsider();
        }
    }

    private void Reconsider()
    {
        foreach (var (key, at) in queue.MoveAll())
        {
            WakeAt(key, at);
        }
    }

    /// <summary>Pending, not held by a gate, and meant for this scheduler.</summary>
    private static bool IsMine(ApiObject pod) =>
        string.IsNullOrEmpty(pod.Spec["nodeName"]?.Text) && !pod.Metadata.IsBeingDeleted && pod.Status["phase"]?.Text is null or "Pending"
        && pod.Spec["schedulingGates"] is not TreeList { Count: > 0 } && PodSpecView.Of(pod).SchedulerName == Name;

    private static bool TakesRoom(ApiObject pod) =>
        !string.IsNullOrEmpty(pod.Spec["nodeName"]?.Text) && pod.Status["phase"]?.Text is not ("Succeeded" or "Failed");
}
