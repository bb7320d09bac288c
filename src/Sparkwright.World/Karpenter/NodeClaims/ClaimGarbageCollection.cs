using Sparkwright.Kubernetes.Fitting;
using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Requests;
using Sparkwright.Kubernetes.Store;
using Sparkwright.Simulation;
using Sparkwright.World.Ec2;
using Sparkwright.World.Karpenter.Apis;
using Sparkwright.World.Karpenter.Cloud;
using Sparkwright.World.Karpenter.Metrics;

namespace Sparkwright.World.Karpenter.NodeClaims;

/// <summary>
/// Every two minutes: NodeClaims whose machine is gone are deleted, unless their kubelet still reports, and machines that were bought for a
/// NodeClaim that is no more are ended.
/// </summary>
public sealed class ClaimGarbageCollection : Worker<string>
{
    private const string Sweep = "sweep";

    private static readonly TimeSpan Every = TimeSpan.FromMinutes(2);

    private readonly ApiServer api;
    private readonly ICloudProvider cloud;
    private readonly KarpenterMetrics metrics;
    private readonly StoreIndex nodes;

    public ClaimGarbageCollection(EventLoop loop, ApiServer api, ICloudProvider cloud, KarpenterMetrics metrics)
        : base(loop)
    {
        this.api = api;
        this.cloud = cloud;
        this.metrics = metrics;
        nodes = ClaimIndex.Nodes(api.Store);
        WakeForSweep();
        api.Store.Watch(Ec2Types.Instance, change =>
        {
            if (change.Old?.Status["state"]?.Text != change.Object.Status["state"]?.Text)
            {
                WakeForSweep();
            }
        });
        api.Store.Watch(KarpenterTypes.NodeClaim, change =>
        {
            if (change.Kind != StoreEventKind.Modified)
            {
                WakeForSweep();
            }
        });
    }

    protected override void Reconcile(string key)
    {
        foreach (var claim in api.Store.List(KarpenterTypes.NodeClaim))
        {
            if (!claim.Metadata.IsBeingDeleted && claim.Status["providerID"]?.Text is { Length: > 0 } machine && !cloud.Exists(machine)
                && !(ClaimIndex.NodeOf(nodes, claim) is { } node && NodeView.Of(node).IsReady))
            {
                metrics.ClaimDisrupted(claim, "garbage_collected");
                api.Delete(KarpenterTypes.NodeClaim, claim.Key);
            }
        }

        foreach (var (machine, name) in cloud.Owned().ToList())
        {
            if (api.Store.Get(KarpenterTypes.NodeClaim, "", name) is null)
            {
                cloud.Terminate(machine.ProviderId);
                if (nodes.Of(machine.ProviderId).FirstOrDefault() is { } node)
                {
                    api.Delete(CoreTypes.Node, node.Key);
                }
            }
        }
    }

    private void WakeForSweep() => WakeAt(Sweep, Clock.NextMultiple(Every));
}
