using Sparkwright.Kubernetes.Fitting;
using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Requests;
using Sparkwright.Kubernetes.Store;
using Sparkwright.World.Karpenter.Apis;

namespace Sparkwright.World.Karpenter;

/// <summary>The pools of both kinds in the store, read once a version, and the capacity of the nodes of each.</summary>
public sealed class Pools
{
    private static readonly ResourceList OneNode = new() { Others = [new(Pool.NodesResource, 1)] };

    private readonly ApiServer api;
    private readonly Dictionary<PoolKey, Pool> read = [];
    private readonly Dictionary<PoolKey, ResourceList> usage = [];

    public Pools(ApiServer api)
    {
        this.api = api;
        foreach (var type in new[] { CoreTypes.Node, KarpenterTypes.NodeClaim })
        {
            foreach (var known in api.Store.List(type))
            {
                Count(null, known);
            }

            api.Store.Watch(type, change => Count(change.Old, change.Kind == StoreEventKind.Deleted ? null : change.Object));
        }
    }

    /// <summary>
    /// Those that launch nodes for pods, in the order in which they are tried: by weight; of equal weight Provisioners by name, then
    /// NodePools by name backwards, as Karpenter 1.x does. Pools that are being deleted, static pools and NodePools that are not ready are not among them.
    /// </summary>
    public IEnumerable<Pool> InOrder() => All()
        .Where(pool => !pool.Object.Metadata.IsBeingDeleted && pool.Replicas is null && pool.IsReady)
        .Order(PoolOrder.Instance);

    /// <summary>Every pool, Provisioners first, by name.</summary>
    public IEnumerable<Pool> All() => api.Store.List(KarpenterTypes.Provisioner).Concat(api.Store.List(KarpenterTypes.NodePool)).Select(Read);

    public Pool? Find(PoolKey key) => api.Store.Get(key.Type, "", key.Name) is { } known ? Read(known) : null;

    /// <summary>The pool that a Node or NodeClaim belongs to by its labels; null when there is none, or none any more.</summary>
    public Pool? PoolOf(ApiObject node) => PoolKey.Of(node.Metadata) is { } key ? Find(key) : null;

    /// <summary>What a pool's nodes are launched from; null when that is not there.</summary>
    public NodeClass? NodeClassOf(Pool pool) => (pool.Generation, pool.NodeClass) switch
    {
        (Generation.V1Alpha5, null) => NodeClass.OfInlineProvider(pool.Object),
        (Generation.V1Alpha5, { } template) => api.Store.Get(KarpenterTypes.AwsNodeTemplate, "", template.Name) is { } known ? NodeClass.OfTemplate(known) : null,
        (_, { } nodeClass) => Ec2NodeClass(nodeClass.Name),
        _ => null,
    };

    public NodeClass? Ec2NodeClass(string name) => api.Store.Get(KarpenterTypes.Ec2NodeClass, "", name) is { } known ? NodeClass.OfEc2NodeClass(known) : null;

    /// <summary>The capacity of a pool's nodes together; of a NodePool also how many there are, as the resource <c>nodes</c>.</summary>
    public ResourceList UsageOf(PoolKey pool) => usage.GetValueOrDefault(pool, ResourceList.Zero);

    private Pool Read(ApiObject known)
    {
        var key = new PoolKey(known.Type == KarpenterTypes.Provisioner ? Generation.V1Alpha5 : Generation.V1, known.Name);
        if (!read.TryGetValue(key, out var pool) || !ReferenceEquals(pool.Object, known))
        {
            read[key] = pool = Pool.Of(known);
        }

        return pool;
    }

    private void Count(ApiObject? old, ApiObject? now)
    {
        var (before, after) = (Counted(old), Counted(now));
        if (before == after && old is not null && now is not null && ReferenceEquals(old.Status["capacity"], now.Status["capacity"]))
        {
            return;
        }

        if (before is { } left)
        {
            usage[left] = UsageOf(left) - AmountOf(old!);
        }

        if (after is { } joined)
        {
            usage[joined] = UsageOf(joined) + AmountOf(now!);
        }
    }

    private static ResourceList AmountOf(ApiObject counted) =>
        ResourceList.From(counted.Status["capacity"]) + (counted.Type == KarpenterTypes.NodeClaim ? OneNode : ResourceList.Zero);

    /// <summary>A NodePool's capacity is that of its NodeClaims, which come before their Nodes; a Provisioner's that of its Nodes.</summary>
    private static PoolKey? Counted(ApiObject? counted) =>
        counted is not null && PoolKey.Of(counted.Metadata) is { } key && (key.Generation == Generation.V1) == (counted.Type == KarpenterTypes.NodeClaim) ? key : null;
}

/// <summary>The order in which pools are tried; total, so that no two pools are equal.</summary>
internal sealed class PoolOrder : IComparer<Pool>
{
    public static PoolOrder Instance { get; } = new();

    public int Compare(Pool? one, Pool? other)
    {
        var order = other!.Weight.CompareTo(one!.Weight);
        if (order == 0)
        {
            order = one.Generation.CompareTo(other.Generation);
        }

        return order != 0 ? order
            : one.Generation == Generation.V1Alpha5 ? string.CompareOrdinal(one.Name, other.Name)
            : string.CompareOrdinal(other.Name, one.Name);
    }
}
