using System.Globalization;
using Sparkwright.Kubernetes.Objects;

namespace Sparkwright.World.Karpenter.Disruption;

/// <summary>How much it hurts to move pods, so that the nodes whose pods hurt least go first. A plain pod costs 1.</summary>
public static class DisruptionCost
{
    private const string DeletionCost = "controller.kubernetes.io/pod-deletion-cost";
    private const decimal Least = -10;
    private const decimal Most = 10;

    /// <summary>2^27: the whole range of deletion costs moves a pod by about 16.</summary>
    private const decimal DeletionCostScale = 134_217_728;

    /// <summary>2^25: the highest priority of a user's class (a billion) adds about 30.</summary>
    private const decimal PriorityScale = 33_554_432;

    public static decimal OfPod(ApiObject pod)
    {
        var cost = 1m;
        if (decimal.TryParse(pod.Metadata.Annotation(DeletionCost), NumberStyles.Float, CultureInfo.InvariantCulture, out var deletionCost))
        {
            cost += deletionCost / DeletionCostScale;
        }

        cost += (pod.Spec["priority"]?.Integer ?? 0) / PriorityScale;
        return Math.Clamp(cost, Least, Most);
    }

    /// <summary>All of a node's pods count, those of DaemonSets too; a node near its expiry costs little, since its pods move soon anyway.</summary>
    /// <param name="age">Since the node was asked for.</param>
    /// <param name="expireAfter">How old it may become; null = any age.</param>
    public static decimal OfNode(IEnumerable<ApiObject> pods, TimeSpan age, TimeSpan? expireAfter) => pods.Sum(OfPod) * LifetimeLeft(age, expireAfter);

    /// <summary>
    /// What it costs to empty a node, whatever its age: 1 for the node itself, and its pods that would have to move. A pod that would rather go
    /// makes it no cheaper.
    /// </summary>
    public static decimal OfMove(IEnumerable<ApiObject> podsToMove) => 1 + podsToMove.Sum(pod => Math.Max(0, OfPod(pod)));

    /// <summary>The fraction of its life that a node still has before it, 0 to 1.</summary>
    public static decimal LifetimeLeft(TimeSpan age, TimeSpan? expireAfter) =>
        expireAfter is not { Ticks: > 0 } life ? 1 : Math.Clamp((decimal)(life - age).Ticks / life.Ticks, 0, 1);
}
