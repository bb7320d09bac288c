using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Requests;
using Sparkwright.World.Karpenter.Apis;

namespace Sparkwright.World.Karpenter.NodeClaims;

/// <summary>
/// The condition NodeRegistrationHealthy of NodePools: False once half of the last four nodes did not come up, True as soon as one does again.
/// </summary>
public sealed class RegistrationHealth(ApiServer api, KarpenterMemory memory)
{
    private const string Condition = "NodeRegistrationHealthy";

    /// <summary>So many outcomes are looked at…</summary>
    private const int Looked = 4;

    /// <summary>…and so many failures among them are too many.</summary>
    private const int TooMany = 2;

    public void Succeeded(ApiObject claim) => Note(claim, true, Condition, "");

    public void Failed(ApiObject claim, string reason, string message) => Note(claim, false, reason, message);

    private void Note(ApiObject claim, bool success, string reason, string message)
    {
        if (claim.Metadata.Label(KarpenterLabels.NodePool) is not { } name || api.Store.Get(KarpenterTypes.NodePool, "", name) is not { } pool)
        {
            return;
        }

        var outcomes = memory.Outcomes(pool.Metadata.Uid) + (success ? '+' : '-');
        outcomes = outcomes[Math.Max(0, outcomes.Length - Looked)..];
        memory.KeepOutcomes(pool.Metadata.Uid, outcomes);
        if (success)
        {
            api.ModifyStatus(KarpenterTypes.NodePool, pool.Key, status => ClaimConditions.True(pool, status, Condition, api.Clock.Now));
        }
        else if (outcomes.Count(outcome => outcome == '-') >= TooMany)
        {
            api.ModifyStatus(KarpenterTypes.NodePool, pool.Key, status => ClaimConditions.False(pool, status, Condition, reason, message, api.Clock.Now));
        }
    }
}
