using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Requests;
using Sparkwright.World.Karpenter.Apis;
using Sparkwright.World.Karpenter.Cloud;

namespace Sparkwright.World.Karpenter.NodeClaims;

/// <summary>Ends the machine behind a NodeClaim, and asks the cloud every five seconds whether it is gone.</summary>
public sealed class InstanceEnding(ApiServer api, ICloudProvider cloud)
{
    /// <summary>When a termination that AWS refused is asked for again (modelled).</summary>
    private static readonly TimeSpan AskAgain = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan AskEvery = TimeSpan.FromSeconds(5);

    /// <returns>Null when the machine is gone; otherwise when to ask again.</returns>
    public DateTime? Ensure(ApiObject claim, string providerId)
    {
        var exists = cloud.Exists(providerId);
        if (Conditions.IsTrue(claim.Status, ClaimConditions.InstanceTerminating))
        {
            var askedAt = ClaimConditions.Since(claim.Status, ClaimConditions.InstanceTerminating) ?? api.Clock.Now;
            var next = askedAt + AskEvery;
            return !exists && next <= api.Clock.Now ? null : next > api.Clock.Now ? next : api.Clock.Now + AskEvery;
        }

        if (exists && cloud.Terminate(providerId) is not null)
        {
            return api.Clock.Now + AskAgain;
        }

        api.ModifyStatus(KarpenterTypes.NodeClaim, claim.Key, status => ClaimConditions.True(claim, status, ClaimConditions.InstanceTerminating, api.Clock.Now));
        if (!exists)
        {
            return null;
        }

        return api.Clock.Now + AskEvery;
    }
}
