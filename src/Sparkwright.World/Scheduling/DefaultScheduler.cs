using Sparkwright.Kubernetes.Fitting;
using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Requests;
using Sparkwright.Kubernetes.Store;
using Sparkwright.Simulation;

namespace Sparkwright.World.Scheduling;

/// <summary>
/// kube-scheduler: binds pending pods one by one, by priority and then by age. A pod that fits nowhere may preempt others, and waits until
/// something changes that may help it, with a back-off of 1 to 10 seconds.
/// </summary>
public sealed class DefaultScheduler : Worker<ObjectKey>
{
    public const string Name = "default-scheduler";

    /// <summary>Pods that waited longer than this without any change are tried again at the next look, every 30 s.</summary>
    private static readonly TimeSpan FlushAfter = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan FlushEvery = TimeSpan.FromSeconds(30);
    private static readonly ObjectKey Queue = new("", "queue");

    /// <summary>Keeps a turn of the loop short; the next turn follows at the same time.</summary>
    private const int PodsPerTurn = 200;

    /// <summary>An event says no more than this many characters.</summary>
    private const int LongestNote = 1024;

    private readonly ApiServer api;
    private readonly EventRecorder events;
    private readonly ClusterPicture cluster;
    private readonly SchedulingQueue queue = new();
    private readonly QueueingHints hints;
    private readonly PodSearch search;
    private readonly VolumeBinder binder;

    public DefaultScheduler(EventLoop loop, ApiServer api)
        : base(loop)
    {
        this.api = api;
        events = new EventRecorder(api, Name);
        cluster = new ClusterPicture(api.Store);
        hints = new QueueingHints(cluster.Neighbours);
        search = new PodSearch(cluster, api);
        binder = new VolumeBinder(api);

        // After a restart: the last that was written of a waiting pod is its creation or what came of its last try.
        foreach (var pod in api.Store.List(CoreTypes.Pod).OrderBy(pod => pod.Metadata.ResourceVersion))
        {
            Enqueue(new StoreEvent(StoreEventKind.Added, pod, null, 0));
        }

        cluster.Changed = Reconsider;
        api.Store.Watch(CoreTypes.Node, cluster.Seen);
        api.Store.Watch(CoreTypes.Pod, change =>
        {
            Enqueue(change);
            cluster.SeenPod(change);
        });
        api.Store.Watch(CoreTypes.Namespace, SeenNamespace);
        foreach (var type in new[] { CoreTypes.PersistentVolumeClaim, CoreTypes.PersistentVolume, CoreTypes.StorageClass, CoreTypes.CsiNode })
        {
            api.Store.Watch(type, SeenStorage);
        }
    }

    /// <summary>Selectors of neighbours evaluated so far: the measure of work in benchmarks.</summary>
    public long SelectorsEvaluated => cluster.Neighbours.Evaluations;

    /// <inheritdoc cref="NodeBook.Asked"/>
    public long NodesAsked => search.NodesAsked;

    protected override void Reconcile(ObjectKey key)
    {
        if (key != Queue)
        {
            if (binder.IsWaiting(key))
            {
                Continue(key);
            }
            else if (queue.Activate(key))
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
        switch (search.Find(pod))
        {
            case SearchResult.Found { Volumes.Unbound: { IsEmpty: false } } found:
                cluster.Assume(pod, found.Node);
                WakeAt(pod.Key, binder.Begin(pod, found.Node.View, found.Volumes!, turn));
                break;
            case SearchResult.Found found:
                Bind(pod, found.Node.View.Name);
                break;
            case SearchResult.Failed failed:
                Fail(pod, turn, failed.Why);
                break;
        }
    }

    private void Bind(ApiObject pod, string node)
    {
        if (api.Bind(pod.Key, node).IsAccepted)
        {
            events.Normal(pod, "Scheduled", $"Successfully assigned {pod.Key} to {node}");
        }
    }

    /// <summary>Goes on with a pod whose volumes were to be bound.</summary>
    private void Continue(ObjectKey key)
    {
        if (api.Store.Get(CoreTypes.Pod, key) is not { } pod || !IsMine(pod))
        {
            binder.Forget(key);
            cluster.Release(key);
            return;
        }

        switch (binder.Look(pod))
        {
            case BindingProgress.Waits waits:
                WakeAt(key, waits.Until);
                break;
            case BindingProgress.Done done:
                cluster.Release(key);
                Bind(pod, done.Node);
                break;
            case BindingProgress.Failed failed:
                cluster.Release(key);
                PutBack(pod, failed.Turn, $"running PreBind plugin \"VolumeBinding\": binding volumes: {failed.Why}");
                break;
        }
    }

    /// <summary>An error, not a refusal by nodes: tried again as soon as its back-off is over.</summary>
    private void PutBack(ApiObject pod, QueuedPod turn, string message)
    {
        queue.PutAside(turn, Clock.Now, FilterName.None);
        WakeAt(pod.Key, queue.Move(pod.Key)!.Value);
        Tell(pod, "SchedulerError", message, pod.Status["nominatedNodeName"]);
    }

    private void Fail(ApiObject pod, QueuedPod turn, FailedSearch why)
    {
        // Put aside first, so that victims who go at once are heard of.
        queue.PutAside(turn, Clock.Now, why.RefusedBy);
        WakeAt(pod.Key, NextFlush(Clock.Now + FlushAfter));
        if (why.Preemption is { } preemption)
        {
            Preempt(pod, preemption);
        }

        Tree? nominated = why.Preemption?.Node.View.Name ?? (why.KeepsNomination ? Nominations.NodeOf(pod) : null);
        Tell(pod, "Unschedulable", why.Message, nominated);
    }

    private static DateTime NextFlush(DateTime after) => new(((after.Ticks / FlushEvery.Ticks) + 1) * FlushEvery.Ticks, after.Kind);

    private void Tell(ApiObject pod, string reason, string message, Tree? nominated)
    {
        api.ModifyStatus(CoreTypes.Pod, pod.Key, status =>
            Conditions.Set(status, "PodScheduled", false, reason, message, Clock.Now).With("nominatedNodeName", nominated));
        events.Warning(pod, "FailedScheduling", message.Length <= LongestNote ? message : message[..(LongestNote - 4)] + " ...");
    }

    /// <summary>Asks the victims to go, and takes the promise of the node from pods that matter less.</summary>
    private void Preempt(ApiObject pod, PreemptionCandidate choice)
    {
        var node = choice.Node.View.Name;
        foreach (var victim in choice.Victims)
        {
            if (binder.IsWaiting(victim.Key))
            {
                Wake(victim.Key);
            }

            api.ModifyStatus(CoreTypes.Pod, victim.Key, status => Conditions.Set(
                status, "DisruptionTarget", true, "PreemptionByScheduler", $"{Name}: preempting to accommodate a higher priority pod", Clock.Now));
            api.Delete(CoreTypes.Pod, victim.Key, new DeleteOptions { Uid = victim.Metadata.Uid });
            events.Normal(victim, "Preempted", $"Preempted by pod {pod.Metadata.Uid} on node {node}");
        }

        var priority = PodSpecView.Of(pod).Priority;
        foreach (var other in cluster.Nominations.On(node).Where(other => PodSpecView.Of(other).Priority < priority).ToList())
        {
            api.ModifyStatus(CoreTypes.Pod, other.Key, status => status.With("nominatedNodeName", null));
        }
    }

    private void Enqueue(StoreEvent change)
    {
        var pod = change.Object;
        if (change.Kind == StoreEventKind.Deleted || !IsMine(pod))
        {
            queue.Remove(pod.Key);
            if (binder.IsWaiting(pod.Key))
            {
                Wake(pod.Key);
            }
        }
        else if (change.Old is null || !ReferenceEquals(change.Old.Spec, pod.Spec) || !queue.Knows(pod.Key)
            || !ReferenceEquals(change.Old.Metadata.Labels, pod.Metadata.Labels))
        {
            if (queue.Move(pod.Key) is { } at)
            {
                WakeAt(pod.Key, at);
            }
            else if (!queue.Knows(pod.Key) && !binder.IsWaiting(pod.Key) && (change.Old is null || !IsMine(change.Old)))
            {
                queue.Add(pod.Key, PodSpecView.Of(pod).Priority);
                Wake(Queue);
            }
        }
    }

    private void SeenNamespace(StoreEvent change)
    {
        if (change.Old is not null && !change.Old.Metadata.Labels.Equals(change.Object.Metadata.Labels))
        {
            search.Forget();
            Reconsider(new ClusterChange.NamespaceChanged());
        }
    }

    private void SeenStorage(StoreEvent change)
    {
        foreach (var waiting in binder.Waiting)
        {
            Wake(waiting);
        }

        Reconsider(new ClusterChange.StorageChanged());
    }

    private void Reconsider(ClusterChange change)
    {
        var moved = queue.Move(
            change.Concerns,
            (key, refusedBy) => api.Store.Get(CoreTypes.Pod, key) is { } pod && hints.MayHelp(pod, refusedBy, change));
        foreach (var (key, at) in moved)
        {
            WakeAt(key, at);
        }
    }

    /// <summary>Pending, not held by a gate, and meant for this scheduler.</summary>
    private static bool IsMine(ApiObject pod) =>
        string.IsNullOrEmpty(pod.Spec["nodeName"]?.Text) && !pod.Metadata.IsBeingDeleted && pod.Status["phase"]?.Text is null or "Pending"
        && pod.Spec["schedulingGates"] is not TreeList { Count: > 0 } && PodSpecView.Of(pod).SchedulerName == Name;
}
