using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Requests;
using Sparkwright.Kubernetes.Store;
using Sparkwright.Simulation;

namespace Sparkwright.World.Controllers;

/// <summary>An object of any type.</summary>
public readonly record struct ObjectId(ResourceType Type, ObjectKey Key) : IComparable<ObjectId>
{
    public int CompareTo(ObjectId other)
    {
        var order = string.CompareOrdinal(Type.Group, other.Type.Group);
        order = order != 0 ? order : string.CompareOrdinal(Type.Plural, other.Type.Plural);
        return order != 0 ? order : Key.CompareTo(other.Key);
    }
}

/// <summary>
/// Follows owner references through all types: what has lost its last owner is deleted; an owner deleted with the finalizer
/// <c>orphan</c> leaves its dependents behind, one with <c>foregroundDeletion</c> waits for them.
/// </summary>
public sealed class GarbageCollector : Worker<ObjectId>
{
    private readonly ApiServer api;
    private readonly IReadOnlyList<ResourceType> types;
    private readonly Dictionary<(string Group, string Kind), ResourceType> kinds = [];
    private readonly Dictionary<string, SortedSet<ObjectId>> dependents = [];

    /// <param name="types">All resource types, internal ones too; the list may grow as CRDs come.</param>
    public GarbageCollector(EventLoop loop, ApiServer api, IReadOnlyList<ResourceType> types)
        : base(loop)
    {
        this.api = api;
        this.types = types;
        foreach (var known in api.Store.InWriteOrder())
        {
            Note(null, known);
            if (NeedsLook(null, known))
            {
                Wake(IdOf(known));
            }
        }

        api.Store.WatchAll(Observe);
    }

    protected override void Reconcile(ObjectId id)
    {
        if (api.Store.Get(id.Type, id.Key) is not { } known)
        {
            return;
        }

        if (known.Metadata.IsBeingDeleted)
        {
            Release(known);
            return;
        }

        var owners = known.Metadata.OwnerReferences.Select(owner => (Reference: owner, State: StateOf(known, owner))).ToList();
        if (owners.All(owner => owner.State == OwnerState.Alive))
        {
            return;
        }

        if (owners.Any(owner => owner.State == OwnerState.Alive))
        {
            // Another owner keeps it; the references to those that go are taken away so that they need not wait for it.
            api.Modify(id.Type, id.Key, current => current.With(current.Metadata with
            {
                OwnerReferences = [.. owners.Where(owner => owner.State == OwnerState.Alive).Select(owner => owner.Reference)],
            }));
            return;
        }

        var waitedFor = owners.Any(owner => owner.State == OwnerState.Waits) && DependentsOf(known).Count > 0;
        var propagation = known.Metadata.Finalizers.Contains(ApiServer.OrphanFinalizer) ? PropagationPolicy.Orphan
            : waitedFor || known.Metadata.Finalizers.Contains(ApiServer.ForegroundFinalizer) ? PropagationPolicy.Foreground
            : PropagationPolicy.Background;
        api.Delete(id.Type, id.Key, new DeleteOptions { Propagation = propagation, Uid = known.Metadata.Uid });
    }

    private enum OwnerState
    {
        Alive,

        /// <summary>Being deleted, and waiting until its dependents are gone.</summary>
        Waits,
        Gone,
    }

    /// <summary>Serves the two finalizers of an owner that is being deleted.</summary>
    private void Release(ApiObject owner)
    {
        var mine = DependentsOf(owner);
        if (owner.Metadata.Finalizers.Contains(ApiServer.OrphanFinalizer))
        {
            foreach (var dependent in mine)
            {
                api.Modify(dependent.Type, dependent.Key, current => current.With(current.Metadata with
                {
                    OwnerReferences = [.. current.Metadata.OwnerReferences.Where(reference => reference.Uid != owner.Metadata.Uid)],
                }));
            }

            RemoveFinalizer(owner, ApiServer.OrphanFinalizer);
        }
        else if (owner.Metadata.Finalizers.Contains(ApiServer.ForegroundFinalizer))
        {
            foreach (var dependent in mine)
            {
                Wake(dependent);
            }

            if (!mine.Any(dependent => Blocks(dependent, owner.Metadata.Uid)))
            {
                RemoveFinalizer(owner, ApiServer.ForegroundFinalizer);
            }
        }
    }

    private bool Blocks(ObjectId dependent, string ownerUid) =>
        api.Store.Get(dependent.Type, dependent.Key) is { } known
        && known.Metadata.OwnerReferences.Any(reference => reference.Uid == ownerUid && reference.BlocksDeletion);

    private void RemoveFinalizer(ApiObject from, string finalizer) => api.Modify(from.Type, from.Key, current => current.With(
        current.Metadata with { Finalizers = current.Metadata.Finalizers.Remove(finalizer) }));

    /// <summary>An owner of a kind that nobody serves counts as alive, since it cannot be looked for.</summary>
    private OwnerState StateOf(ApiObject dependent, OwnerReference reference)
    {
        if (KindOf(reference) is not { } type || (type.Namespaced && dependent.Namespace.Length == 0))
        {
            return OwnerState.Alive;
        }

        var owner = api.Store.Get(type, type.Namespaced ? dependent.Namespace : "", reference.Name);
        if (owner is null || owner.Metadata.Uid != reference.Uid)
        {
            return OwnerState.Gone;
        }

        return owner.Metadata.IsBeingDeleted && owner.Metadata.Finalizers.Contains(ApiServer.ForegroundFinalizer) ? OwnerState.Waits : OwnerState.Alive;
    }

    private ResourceType? KindOf(OwnerReference reference)
    {
        if (kinds.Count != types.Count)
        {
            kinds.Clear();
            foreach (var type in types)
            {
                // Objects of a kind are kept in its stable version where it has one.
                if (!kinds.TryGetValue((type.Group, type.Kind), out var known) || IsStable(type) || !IsStable(known))
                {
                    kinds[(type.Group, type.Kind)] = type;
                }
            }
        }

        var slash = reference.ApiVersion.IndexOf('/');
        return kinds.GetValueOrDefault((slash < 0 ? "" : reference.ApiVersion[..slash], reference.Kind));
    }

    private static bool IsStable(ResourceType type) =>
        !type.Version.Contains("alpha", StringComparison.Ordinal) && !type.Version.Contains("beta", StringComparison.Ordinal);

    private void Observe(StoreEvent change)
    {
        Note(change.Old, change.Kind == StoreEventKind.Deleted ? null : change.Object);
        if (change.Kind != StoreEventKind.Deleted)
        {
            if (NeedsLook(change.Old, change.Object))
            {
                Wake(IdOf(change.Object));
            }

            return;
        }

        foreach (var dependent in DependentsOf(change.Object))
        {
            Wake(dependent);
        }

        foreach (var reference in change.Object.Metadata.OwnerReferences)
        {
            if (KindOf(reference) is { } type)
            {
                // The owner may wait for this one's end.
                var owner = api.Store.Get(type, type.Namespaced ? change.Object.Namespace : "", reference.Name);
                if (owner is { Metadata.IsBeingDeleted: true })
                {
                    Wake(IdOf(owner));
                }
            }
        }
    }

    private static bool NeedsLook(ApiObject? old, ApiObject now)
    {
        var (was, metadata) = (old?.Metadata, now.Metadata);
        return metadata.IsBeingDeleted
            ? !metadata.Finalizers.IsEmpty && (was is null || !was.IsBeingDeleted || !was.Finalizers.AsSpan().SequenceEqual(metadata.Finalizers.AsSpan()))
            : !metadata.OwnerReferences.IsEmpty && (was is null || !was.OwnerReferences.AsSpan().SequenceEqual(metadata.OwnerReferences.AsSpan()));
    }

    private IReadOnlyList<ObjectId> DependentsOf(ApiObject owner) => dependents.TryGetValue(owner.Metadata.Uid, out var known) ? [.. known] : [];

    private void Note(ApiObject? old, ApiObject? now)
    {
        if (old is not null && now is not null && old.Metadata.OwnerReferences == now.Metadata.OwnerReferences)
        {
            return;
        }

        foreach (var reference in old?.Metadata.OwnerReferences ?? [])
        {
            if (dependents.TryGetValue(reference.Uid, out var known))
            {
                known.Remove(IdOf(old!));
                if (known.Count == 0)
                {
                    dependents.Remove(reference.Uid);
                }
            }
        }

        foreach (var reference in now?.Metadata.OwnerReferences ?? [])
        {
            if (!dependents.TryGetValue(reference.Uid, out var known))
            {
                dependents.Add(reference.Uid, known = []);
            }

            known.Add(IdOf(now!));
        }
    }

    private static ObjectId IdOf(ApiObject known) => new(known.Type, known.Key);
}
