using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Requests;
using Sparkwright.World.Karpenter.Apis;
using Sparkwright.World.Karpenter.NodeClaims;
using Sparkwright.World.Karpenter.Termination;

namespace Sparkwright.World.Karpenter.Disruption;

/// <summary>The marks of nodes that are about to go: no new pods come, and everybody can see why. They are taken off again when it comes to nothing.</summary>
public sealed class DisruptionMarks(ApiServer api)
{
    public void Put(DisruptionRecord record)
    {
        foreach (var candidate in record.Candidates)
        {
            var node = new ObjectKey("", candidate.Node);
            if (record.Generation == Generation.V1Alpha5)
            {
                api.Modify(CoreTypes.Node, node, known => known.Set(["spec", "unschedulable"], true));
                continue;
            }

            api.Modify(CoreTypes.Node, node, known => WithTaints(known, WithoutMark(known).Append(DrainPlan.Disrupted.ToTree())));
            if (candidate.NodeClaim is { } name && api.Store.Get(KarpenterTypes.NodeClaim, "", name) is { } claim)
            {
                var reason = record.Method.Reason().ToString();
                api.ModifyStatus(
                    KarpenterTypes.NodeClaim, claim.Key, status => ClaimConditions.True(claim, status, ClaimConditions.DisruptionReason, api.Clock.Now, reason));
            }
        }
    }

    /// <summary>A node that somebody is deleting by now keeps its marks.</summary>
    public void TakeOff(DisruptionRecord record)
    {
        foreach (var candidate in record.Candidates)
        {
            if (api.Store.Get(CoreTypes.Node, "", candidate.Node) is not { Metadata.IsBeingDeleted: false } node)
            {
                continue;
            }

            if (record.Generation == Generation.V1Alpha5)
            {
                api.Modify(CoreTypes.Node, node.Key, known => known.Set(["spec", "unschedulable"], null));
                continue;
            }

            api.Modify(CoreTypes.Node, node.Key, known => WithTaints(known, WithoutMark(known)));
            if (candidate.NodeClaim is { } name)
            {
                api.ModifyStatus(KarpenterTypes.NodeClaim, new ObjectKey("", name), status => Conditions.Without(status, ClaimConditions.DisruptionReason));
            }
        }
    }

    private static IEnumerable<Tree> WithoutMark(ApiObject node) =>
        Tree.ItemsOf(node.Spec["taints"]).ToArray().Where(taint => taint["key"]?.Text != DrainPlan.Disrupted.Key);

    private static ApiObject WithTaints(ApiObject node, IEnumerable<Tree> taints)
    {
        var list = TreeList.From(taints);
        return node.Set(["spec", "taints"], list.Count == 0 ? null : list);
    }
}
