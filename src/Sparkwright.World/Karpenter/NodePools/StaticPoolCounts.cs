using Sparkwright.Kubernetes.Objects;
using Sparkwright.World.Karpenter.Apis;
using Sparkwright.World.Karpenter.NodeClaims;

namespace Sparkwright.World.Karpenter.NodePools;

/// <summary>How a static pool stands against what its spec asks for.</summary>
/// <param name="Replicas">How many nodes it is to keep.</param>
/// <param name="Limit">How many it may have at a time, those that go included; null = any number.</param>
/// <param name="Running">NodeClaims that stay, launched or not.</param>
/// <param name="Replaced">Those that will go once the node that takes their place is ready.</param>
/// <param name="Leaving">Those that are being deleted.</param>
public sealed record StaticPoolCounts(long Replicas, long? Limit, int Running, int Replaced, int Leaving)
{
    /// <summary>How many NodeClaims the limit still allows.</summary>
    public long Room => Limit is { } limit ? Math.Max(0, limit - Running - Replaced - Leaving) : long.MaxValue;

    /// <summary>How many to make now. One that is being replaced counts as there: its replacement is on the way.</summary>
    public long ToMake => Running + Replaced >= Replicas ? 0 : Math.Min(Replicas - Running, Room);

    /// <summary>How many to delete now. Those that are being replaced go anyway.</summary>
    public int ToDelete => (int)Math.Max(0, Running - Replicas);

    /// <summary>Whether a drifted node may be replaced now: not before the pool has shrunk to its size, and only where one more fits below the limit.</summary>
    public bool MayReplace => Running + Replaced <= Replicas && Room > 0;

    /// <summary>Of a pool that has replicas, with all NodeClaims of it.</summary>
    public static StaticPoolCounts Of(Pool pool, IEnumerable<ApiObject> claims)
    {
        var (running, replaced, leaving) = (0, 0, 0);
        foreach (var claim in claims)
        {
            if (claim.Metadata.IsBeingDeleted)
            {
                leaving++;
            }
            else if (Conditions.IsTrue(claim.Status, ClaimConditions.DisruptionReason))
            {
                replaced++;
            }
            else
            {
                running++;
            }
        }

        return new StaticPoolCounts(
            pool.Replicas!.Value, pool.Limits.TryGetValue(Pool.NodesResource, out var limit) ? limit : null, running, replaced, leaving);
    }
}
