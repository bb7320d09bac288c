using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Requests;
using Sparkwright.Simulation;
using Sparkwright.World.Karpenter.Apis;

namespace Sparkwright.World.Karpenter;

/// <summary>Keeps <c>status.resources</c> of Provisioners: the capacity of their nodes.</summary>
public sealed class ProvisionerStatus : Worker<string>
{
    private static readonly TimeSpan CountsAfter = TimeSpan.FromSeconds(1);

    private readonly ApiServer api;
    private readonly Pools pools;

    public ProvisionerStatus(EventLoop loop, ApiServer api, Pools pools)
        : base(loop)
    {
        this.api = api;
        this.pools = pools;
        foreach (var known in api.Store.List(KarpenterTypes.Provisioner))
        {
            Wake(known.Name);
        }

        api.Store.Watch(CoreTypes.Node, change =>
        {
            if (change.Object.Metadata.Label(KarpenterLabels.ProvisionerName) is { } pool
                && (change.Old is null || change.Kind == Kubernetes.Store.StoreEventKind.Deleted || !Equals(change.Old.Status["capacity"], change.Object.Status["capacity"])))
            {
                WakeAfter(pool, CountsAfter);
            }
        });
    }

    protected override void Reconcile(string key)
    {
        var usage = pools.UsageOf(new PoolKey(Generation.V1Alpha5, key)).ToTree();
        api.ModifyStatus(KarpenterTypes.Provisioner, new ObjectKey("", key), status => status.With("resources", usage.Count == 0 ? null : usage));
    }
}
