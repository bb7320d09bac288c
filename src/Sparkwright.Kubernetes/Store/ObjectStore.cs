using Sparkwright.Kubernetes.Objects;
using Sparkwright.Simulation;

namespace Sparkwright.Kubernetes.Store;

/// <summary>
/// Every object of the world, versioned: one counter rises with each write, readers share the same immutable objects, watchers hear of
/// changes in the order of the writes. What is allowed is decided in <see cref="Requests.ApiServer"/>; the store only keeps.
/// </summary>
public sealed class ObjectStore(StoreSettings settings)
{
    private readonly Dictionary<ResourceType, ObjectCollection> collections = [];
    private readonly List<Action<StoreEvent>> observers = [];
    private readonly Interner interner = new();

    public ObjectStore()
        : this(new StoreSettings())
    {
    }

    /// <summary>The resourceVersion of the last write.</summary>
    public long ResourceVersion { get; private set; }

    public ApiObject? Get(ResourceType type, string @namespace, string name) => Of(type).Get(new ObjectKey(@namespace, name));

    public ApiObject? Get(ResourceType type, ObjectKey key) => Of(type).Get(key);

    /// <summary>All objects of a type, by namespace and name in ordinal order.</summary>
    public IReadOnlyList<ApiObject> List(ResourceType type) => Of(type).Sorted;

    /// <summary>The objects of a type in one namespace, by name in ordinal order.</summary>
    public IEnumerable<ApiObject> List(ResourceType type, string @namespace) => Of(type).In(@namespace);

    public int Count(ResourceType type) => Of(type).Count;

    /// <summary>The types of which somebody has written or asked for objects, in no order that means anything.</summary>
    public IEnumerable<ResourceType> Types => collections.Keys;

    /// <summary>Writes an object at the next resourceVersion; the version in its metadata is not looked at.</summary>
    public ApiObject Put(ApiObject candidate)
    {
        var collection = Of(candidate.Type);
        var old = collection.Get(candidate.Key);
        ResourceVersion++;
        var written = interner.Intern(candidate.With(candidate.Metadata with { ResourceVersion = ResourceVersion }));
        collection.Put(written, old);
        Tell(collection, new StoreEvent(old is null ? StoreEventKind.Added : StoreEventKind.Modified, written, old, ResourceVersion));
        return written;
    }

    /// <summary>Takes an object away; the removal too has a resourceVersion, which the last state carries.</summary>
    public ApiObject? Remove(ResourceType type, ObjectKey key)
    {
        var collection = Of(type);
        if (collection.Get(key) is not { } old)
        {
            return null;
        }

        ResourceVersion++;
        collection.Remove(old);
        var last = old.With(old.Metadata with { ResourceVersion = ResourceVersion });
        Tell(collection, new StoreEvent(StoreEventKind.Deleted, last, old, ResourceVersion));
        return last;
    }

    /// <summary>Calls back on each change of a type, inside the write: the callee only notes keys, and never writes.</summary>
    public void Watch(ResourceType type, Action<StoreEvent> observer) => Of(type).Observers.Add(observer);

    /// <summary>Calls back on each change of any type, as journals and histories need.</summary>
    public void WatchAll(Action<StoreEvent> observer) => observers.Add(observer);

    /// <summary>The kept changes of a type after a resourceVersion, or null when some of them are no longer kept (410 Gone).</summary>
    public IReadOnlyList<StoreEvent>? EventsSince(ResourceType type, long resourceVersion) => Of(type).EventsSince(resourceVersion);

    /// <summary>Objects of a type by something read off them; kept up to date with every write.</summary>
    public StoreIndex Index(ResourceType type, string name, Func<ApiObject, string?> read) => Of(type).Index(name, read);

    /// <summary>Every object in the order of its last write: what a journal holds.</summary>
    public IReadOnlyList<ApiObject> InWriteOrder() =>
        [.. collections.Values.SelectMany(collection => collection.Sorted).OrderBy(known => known.Metadata.ResourceVersion)];

    /// <summary>Fills an empty store from a journal; nobody is told, and versions go on after the given one.</summary>
    public void Load(IEnumerable<ApiObject> journal, long resourceVersion)
    {
        Invariant.Holds(ResourceVersion == 0, "a store is loaded before its first write");
        foreach (var known in journal)
        {
            Of(known.Type).Put(interner.Intern(known), null);
        }

        foreach (var collection in collections.Values)
        {
            collection.ForgetEventsBefore(resourceVersion);
        }

        ResourceVersion = resourceVersion;
    }

    private void Tell(ObjectCollection collection, StoreEvent change)
    {
        collection.Remember(change);
        foreach (var observer in collection.Observers)
        {
            observer(change);
        }

        foreach (var observer in observers)
        {
            observer(change);
        }
    }

    private ObjectCollection Of(ResourceType type)
    {
        if (!collections.TryGetValue(type, out var collection))
        {
            collection = new ObjectCollection(settings.WatchWindow);
            collection.ForgetEventsBefore(ResourceVersion);
            collections.Add(type, collection);
        }

        return collection;
    }
}

/// <summary>How much a store keeps.</summary>
/// <param name="WatchWindow">Changes kept for late watchers, per resource type.</param>
public sealed record StoreSettings(int WatchWindow = 10_000);

/// <summary>What happened to an object.</summary>
public enum StoreEventKind
{
    Added,
    Modified,
    Deleted,
}

/// <summary>One write. <paramref name="Object"/> is the state after it (the last one, for a removal), <paramref name="Old"/> that before.</summary>
public sealed record StoreEvent(StoreEventKind Kind, ApiObject Object, ApiObject? Old, long ResourceVersion);
