using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Store;
using Sparkwright.World.Karpenter.Apis;

namespace Sparkwright.World.Karpenter.NodeClaims;

/// <summary>NodeClaims and Nodes find each other by the machine that both name.</summary>
public static class ClaimIndex
{
    /// <summary>NodeClaims by <c>status.providerID</c>.</summary>
    public static StoreIndex Of(ObjectStore store) => store.Index(KarpenterTypes.NodeClaim, "by-provider", static claim => claim.Status["providerID"]?.Text);

    /// <summary>Nodes by <c>spec.providerID</c>.</summary>
    public static StoreIndex Nodes(ObjectStore store) => store.Index(CoreTypes.Node, "by-provider", static node => node.Spec["providerID"]?.Text);

    /// <summary>The NodeClaim of a Node, from the index of claims; null when there is none.</summary>
    public static ApiObject? ClaimOf(StoreIndex claims, ApiObject node) =>
        node.Spec["providerID"]?.Text is { Length: > 0 } machine ? claims.Of(machine).FirstOrDefault() : null;

    /// <summary>The Node of a NodeClaim, from the index of nodes; null when it has not come yet.</summary>
    public static ApiObject? NodeOf(StoreIndex nodes, ApiObject claim) =>
        claim.Status["providerID"]?.Text is { Length: > 0 } machine ? nodes.Of(machine).FirstOrDefault() : null;
}
