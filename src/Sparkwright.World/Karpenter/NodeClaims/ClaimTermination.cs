using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Requests;
using Sparkwright.Kubernetes.Store;
using Sparkwright.Simulation;
using Sparkwright.World.Karpenter.Apis;
using Sparkwright.World.Karpenter.Cloud;
using Sparkwright.World.Karpenter.Termination;

namespace Sparkwright.World.Karpenter.NodeClaims;

/// <summary>Takes leave of a NodeClaim that is being deleted: its Node is drained first, then its machine ends.</summary>
public sealed class ClaimTermination : Worker<ObjectKey>
{
    private readonly ApiServer api;
    private readonly KarpenterEvents events;
    private readonly InstanceEnding ending;
    private readonly StoreIndex nodes;

    public ClaimTermination(EventLoop loop, ApiServer api, ICloudProvider cloud, KarpenterEvents events)
        : base(loop)
    {
        this.api = api;
        this.events = events;
        ending = new InstanceEnding(api, cloud);
        nodes = ClaimIndex.Nodes(api.Store);
        var claims = ClaimIndex.Of(api.Store);
        foreach (var claim in api.Store.List(KarpenterTypes.NodeClaim).Where(IsLeaving))
        {
            Wake(claim.Key);
        }

        api.Store.Watch(KarpenterTypes.NodeClaim, change =>
        {
            if (change.Kind != StoreEventKind.Deleted && IsLeaving(change.Object))
            {
                Wake(change.Object.Key);
            }
        });
        api.Store.Watch(CoreTypes.Node, change =>
        {
            if (ClaimIndex.ClaimOf(claims, change.Object) is { } claim && IsLeaving(claim))
            {
                Wake(claim.Key);
            }
        });
    }

    protected override void Reconcile(ObjectKey key)
    {
        if (api.Store.Get(KarpenterTypes.NodeClaim, key) is not { } claim || !IsLeaving(claim))
        {
            return;
        }

        claim = WithDeadline(claim);
        var isRegistered = Conditions.IsTrue(claim.Status, ClaimConditions.Registered);
        if (isRegistered && ClaimIndex.NodeOf(nodes, claim) is { } node)
        {
            // Its going wakes this claim again.
            if (!node.Metadata.IsBeingDeleted)
            {
                api.Delete(CoreTypes.Node, node.Key);
            }

            return;
        }

        if (claim.Status["providerID"]?.Text is { Length: > 0 } machine && ending.Ensure(claim, machine) is { } again)
        {
            WakeAt(key, again);
            return;
        }

        if (ClaimIndex.NodeOf(nodes, claim) is { } orphan)
        {
            // It never registered, so nothing of ours holds it; the cloud's controller takes nodes without a machine away.
            api.Delete(CoreTypes.Node, orphan.Key);
        }

        api.Modify(KarpenterTypes.NodeClaim, key, known => known.With(known.Metadata with { Finalizers = known.Metadata.Finalizers.Remove(NodeTermination.Finalizer) }));
    }

    private static bool IsLeaving(ApiObject claim) => claim.Metadata.IsBeingDeleted && claim.Metadata.Finalizers.Contains(NodeTermination.Finalizer);

    private ApiObject WithDeadline(ApiObject claim)
    {
        if (NodeClaim.Of(claim).TerminationGracePeriod is not { } grace || claim.Metadata.Annotation(ClaimDeadline.Annotation) is not null)
        {
            return claim;
        }

        var deadline = Timestamps.Print(claim.Metadata.DeletionTimestamp!.Value + grace);
        events.Warning(claim, "TerminationGracePeriodExpiring", $"All pods will be deleted by {deadline}");
        return api.Modify(KarpenterTypes.NodeClaim, claim.Key, known => known.WithAnnotation(ClaimDeadline.Annotation, deadline)) ?? claim;
    }
}
