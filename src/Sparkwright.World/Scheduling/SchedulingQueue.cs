using Sparkwright.Kubernetes.Objects;

namespace Sparkwright.World.Scheduling;

/// <summary>
/// Pods that wait for the default scheduler: those whose turn comes next, those that fit nowhere and wait for a change, and those for which
/// something has changed but whose back-off is not over.
/// </summary>
internal sealed class SchedulingQueue
{
    private static readonly TimeSpan FirstBackOff = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestBackOff = TimeSpan.FromSeconds(10);

    private readonly SortedSet<QueuedPod> active = new(QueuedPod.Order);
    private readonly Dictionary<ObjectKey, QueuedPod> activeByKey = [];
    private readonly SortedDictionary<ObjectKey, WaitingPod> unschedulable = [];
    private readonly Dictionary<ObjectKey, WaitingPod> backingOff = [];

    private long arrivals;

    /// <summary>All filters that refused a pod which was put aside since there was none.</summary>
    private FilterName refusedByAny;

    public bool HasActive => active.Count > 0;

    public bool Knows(ObjectKey pod) => activeByKey.ContainsKey(pod) || unschedulable.ContainsKey(pod) || backingOff.ContainsKey(pod);

    /// <summary>Takes a pod in behind those of its priority that are here.</summary>
    public void Add(ObjectKey key, long priority) => Add(new QueuedPod(key, priority, ++arrivals, 0));

    private void Add(QueuedPod pod)
    {
        active.Add(pod);
        activeByKey[pod.Key] = pod;
    }

    /// <summary>Takes the pod whose turn it is.</summary>
    public QueuedPod? TakeNext()
    {
        var next = active.Min;
        if (next is not null)
        {
            Remove(next.Key);
        }

        return next;
    }

    /// <summary>Puts a pod that fitted nowhere aside; when it comes back it stands behind those that came or failed before.</summary>
    public void PutAside(QueuedPod pod, DateTime now, FilterName refusedBy)
    {
        unschedulable[pod.Key] = new WaitingPod(pod with { Arrival = ++arrivals, Attempts = pod.Attempts + 1 }, now, refusedBy);
        refusedByAny |= refusedBy;
    }

    public void Remove(ObjectKey key)
    {
        if (activeByKey.Remove(key, out var known))
        {
            active.Remove(known);
        }

        unschedulable.Remove(key);
        backingOff.Remove(key);
    }

    /// <summary>The pods put aside that a change may help try again; answers when, by their back-off: 1 s after the first try, doubling to 10 s.</summary>
    /// <param name="concerns">The filters whose refusals the change can lift.</param>
    /// <param name="mayHelp">Asked for each pod that one of them refused.</param>
    public IReadOnlyList<(ObjectKey Key, DateTime At)> Move(FilterName concerns, Func<ObjectKey, FilterName, bool> mayHelp)
    {
        if (unschedulable.Count == 0 || (refusedByAny & concerns) == FilterName.None)
        {
            return [];
        }

        var helped = unschedulable.Where(known => (known.Value.RefusedBy & concerns) != FilterName.None && mayHelp(known.Key, known.Value.RefusedBy)).ToList();
        foreach (var (key, waiting) in helped)
        {
            unschedulable.Remove(key);
            backingOff[key] = waiting;
        }

        refusedByAny = unschedulable.Count == 0 ? FilterName.None : refusedByAny;
        return [.. helped.Select(known => (known.Key, BackedOff(known.Value)))];
    }

    /// <summary>The same for one pod, for a change of its own; null when it does not wait for a change.</summary>
    public DateTime? Move(ObjectKey key)
    {
        if (!unschedulable.Remove(key, out var waiting))
        {
            return null;
        }

        backingOff[key] = waiting;
        return BackedOff(waiting);
    }

    /// <summary>Gives a waiting pod its turn; false when it does not wait.</summary>
    public bool Activate(ObjectKey key)
    {
        if (!backingOff.TryGetValue(key, out var waiting) && !unschedulable.TryGetValue(key, out waiting))
        {
            return false;
        }

        Remove(key);
        Add(waiting.Pod);
        return true;
    }

    private static DateTime BackedOff(WaitingPod waiting) =>
        waiting.Since + TimeSpan.FromTicks(Math.Min(LongestBackOff.Ticks, FirstBackOff.Ticks << Math.Min(10, waiting.Pod.Attempts - 1)));

    private sealed record WaitingPod(QueuedPod Pod, DateTime Since, FilterName RefusedBy);
}

/// <summary>A pod's place in the queue: by priority, then by when it came or was last tried.</summary>
/// <param name="Arrival">Rises with each pod that comes or is put aside.</param>
/// <param name="Attempts">How often it was tried.</param>
internal sealed record QueuedPod(ObjectKey Key, long Priority, long Arrival, int Attempts)
{
    public static IComparer<QueuedPod> Order { get; } = Comparer<QueuedPod>.Create(static (left, right) =>
    {
        var order = right.Priority.CompareTo(left.Priority);
        return order != 0 ? order : left.Arrival.CompareTo(right.Arrival);
    });
}
