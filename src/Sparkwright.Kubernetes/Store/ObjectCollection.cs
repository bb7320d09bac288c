using Sparkwright.Kubernetes.Objects;

namespace Sparkwright.Kubernetes.Store;

/// <summary>The objects of one type, with the order, the indexes and the recent changes that readers need.</summary>
internal sealed class ObjectCollection(int watchWindow)
{
    private readonly Dictionary<ObjectKey, ApiObject> objects = [];
    private readonly Dictionary<string, StoreIndex> indexes = [];
    private readonly Queue<StoreEvent> recent = new();
    private ApiObject[]? sorted;
    private bool isSortedShared;
    private long forgottenUpTo;

    public List<Action<StoreEvent>> Observers { get; } = [];

    public int Count => objects.Count;

    public ApiObject[] Sorted
    {
        get
        {
            isSortedShared = true;
            return sorted ??= [.. objects.Values.OrderBy(known => known.Key)];
        }
    }

    public ApiObject? Get(ObjectKey key) => objects.GetValueOrDefault(key);

    public IEnumerable<ApiObject> In(string @namespace)
    {
        var all = Sorted;
        var at = FirstAtOrAfter(all, new ObjectKey(@namespace, ""));
        for (; at < all.Length && all[at].Namespace == @namespace; at++)
        {
            yield return all[at];
        }
    }

    public void Put(ApiObject written, ApiObject? old)
    {
        objects[written.Key] = written;
        if (old is null)
        {
            sorted = null;
        }
        else if (sorted is not null)
        {
            // A reader may still walk the old array, so it is copied before the first change after it was handed out.
            if (isSortedShared)
            {
                sorted = sorted.AsSpan().ToArray();
                isSortedShared = false;
            }

            sorted[FirstAtOrAfter(sorted, written.Key)] = written;
        }

        foreach (var index in indexes.Values)
        {
            index.Change(old, written);
        }
    }

    public void Remove(ApiObject old)
    {
        objects.Remove(old.Key);
        sorted = null;
        foreach (var index in indexes.Values)
        {
            index.Change(old, null);
        }
    }

    public StoreIndex Index(string name, Func<ApiObject, string?> read)
    {
        if (!indexes.TryGetValue(name, out var index))
        {
            index = new StoreIndex(read);
            foreach (var known in Sorted)
            {
                index.Change(null, known);
            }

            indexes.Add(name, index);
        }

        return index;
    }

    public void Remember(StoreEvent change)
    {
        recent.Enqueue(change);
        while (recent.Count > watchWindow)
        {
            forgottenUpTo = recent.Dequeue().ResourceVersion;
        }
    }

    public void ForgetEventsBefore(long resourceVersion) => forgottenUpTo = resourceVersion;

    public IReadOnlyList<StoreEvent>? EventsSince(long resourceVersion) =>
        resourceVersion < forgottenUpTo ? null : [.. recent.Where(change => change.ResourceVersion > resourceVersion)];

    private static int FirstAtOrAfter(ApiObject[] all, ObjectKey key)
    {
        var (low, high) = (0, all.Length);
        while (low < high)
        {
            var middle = (low + high) / 2;
            (low, high) = all[middle].Key.CompareTo(key) < 0 ? (middle + 1, high) : (low, middle);
        }

        return low;
    }
}

/// <summary>Objects by a value read off them, each group in the order of namespace and name.</summary>
public sealed class StoreIndex
{
    private readonly Func<ApiObject, string?> read;
    private readonly Dictionary<string, SortedDictionary<ObjectKey, ApiObject>> groups = [];

    internal StoreIndex(Func<ApiObject, string?> read) => this.read = read;

    public int CountOf(string value) => groups.TryGetValue(value, out var group) ? group.Count : 0;

    /// <summary>The objects with this value. A copy: the caller may write while walking it.</summary>
    public IReadOnlyList<ApiObject> Of(string value) => groups.TryGetValue(value, out var group) ? [.. group.Values] : [];

    internal void Change(ApiObject? old, ApiObject? now)
    {
        var before = old is null ? null : read(old);
        var after = now is null ? null : read(now);
        if (before is not null && before != after && groups.TryGetValue(before, out var left))
        {
            left.Remove(old!.Key);
            if (left.Count == 0)
            {
                groups.Remove(before);
            }
        }

        if (after is null)
        {
            return;
        }

        if (!groups.TryGetValue(after, out var group))
        {
            groups.Add(after, group = []);
        }

        group[now!.Key] = now;
    }
}
