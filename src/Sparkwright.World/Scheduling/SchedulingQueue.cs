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

    public bool HasActive => active.Count > 0;

    public bool Knows(ObjectKey pod) => activeByKey.ContainsKey(pod) || unschedulable.ContainsKey(pod) || backingOff.ContainsKey(pod);

    public void Add(QueuedPod pod)
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

    /// <summary>Puts a pod that fitted nowhere aside.</summary>
    public void PutAside(QueuedPod pod, DateTime now) => unschedulable[pod.Key] = new WaitingPod(pod with { Attempts = pod.Attempts + 1 }, now);

    public void Remove(ObjectKey key)
    {
        if (activeByKey.Remove(key, out var known))
        {
            active.Remove(known);
        }

        unschedulable.Remove(key);
        backingOff.Remove(key);
    }

    /// <summary>Every pod put aside may try again; answers when, by its back-off: 1 s after the first try, doubling to 10 s.</summary>
    public IReadOnlyList<(ObjectKey Key, DateTime At)> MoveAll()
    {
        if (unschedulable.Count == 0)
        {
            return [];
        }

        var moved = unschedulable.Select(known => (known.Key, BackedOff(known.Value))).ToArray();
        foreach (var (key, waiting) in unschedulable)
        {
            backingOff[key] = waiting;
        }

        unschedulable.Clear();
        return moved;
    }

    /// <summary>The same for one pod, which itself has changed; null when it does not wait for a change.</summary>
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

    private sealed record WaitingPod(QueuedPod Pod, DateTime Since);
}

/// <summary>A pod's place in the queue: by priority, then by age.</summary>
internal sealed record QueuedPod(ObjectKey Key, long Priority, DateTime Created, string Uid, int Attempts)
{
    public static IComparer<QueuedPod> Order { get; } = Comparer<QueuedPod>.Create(static (left, right) =>
    {
        var order = right.Priority.CompareTo(left.Priority);
        order = order != 0 ? order : left.Created.CompareTo(right.Created);
        order = order != 0 ? order : left.Key.CompareTo(right.Key);
        return order != 0 ? order : string.CompareOrdinal(left.Uid, right.Uid);
    });
}
