using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Requests;
using Sparkwright.World.Karpenter.Apis;

namespace Sparkwright.World.Karpenter.Drift;

/// <summary>
/// Takes NodeClaims over to a new recipe of hashes, so that an upgrade of Karpenter makes no node drift: they get the owner's new hash, as if
/// they had just been made from it. One that has drifted already keeps its old hash, and stays so.
/// </summary>
internal sealed class HashMigration(ApiServer api, string hashKey, string versionKey, string version)
{
    /// <param name="owner">The NodePool or EC2NodeClass as it is before it gets the new hash.</param>
    /// <param name="hash">Its hash by the recipe of now.</param>
    /// <param name="isOf">Which NodeClaims are its.</param>
    public void Run(ApiObject owner, string hash, Predicate<NodeClaim> isOf)
    {
        if (owner.Metadata.Annotation(versionKey) == version)
        {
            return;
        }

        foreach (var claim in api.Store.List(KarpenterTypes.NodeClaim).Where(claim => isOf(NodeClaim.Of(claim)) && claim.Metadata.Annotation(versionKey) != version).ToList())
        {
            var hasDrifted = Conditions.IsTrue(claim.Status, DriftController.Drifted);
            api.Modify(KarpenterTypes.NodeClaim, claim.Key, known => (hasDrifted ? known : known.WithAnnotation(hashKey, hash)).WithAnnotation(versionKey, version));
        }
    }
}
