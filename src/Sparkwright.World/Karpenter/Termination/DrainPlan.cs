using System.Collections.Immutable;
using Sparkwright.Kubernetes.Fitting;
using Sparkwright.Kubernetes.Objects;

namespace Sparkwright.World.Karpenter.Termination;

/// <summary>
/// How a node is emptied, decided from its pods alone. Pods go in four tiers, the next when the one before is gone: ordinary ones, then those of
/// DaemonSets, then critical ones, then critical ones of DaemonSets. Static pods, pods that tolerate the mark of a leaving node, and pods
/// that have ended are left where they are.
/// </summary>
public static class DrainPlan
{
    /// <summary>The v1alpha5 annotation with which one pod holds up the drain of its whole node.</summary>
    public const string DoNotEvict = "karpenter.sh/do-not-evict";

    /// <summary>A pod that has not gone this long after its deletion was due is not waited for.</summary>
    public static readonly TimeSpan StuckAfter = TimeSpan.FromMinutes(1);

    /// <summary>The mark of a NodePool's node that leaves.</summary>
    public static readonly Taint Disrupted = new("karpenter.sh/disrupted", "", Taint.NoSchedule);

    /// <summary>The mark of a Provisioner's node that leaves; the taint of a cordoned node.</summary>
    private static readonly Taint Cordoned = new("node.kubernetes.io/unschedulable", "", Taint.NoSchedule);

    /// <param name="pods">All pods of the node.</param>
    /// <param name="deadline">When the node goes whatever its pods say; null = it waits for them.</param>
    public static DrainStep Next(IEnumerable<ApiObject> pods, Generation generation, DateTime now, DateTime? deadline)
    {
        var waiting = pods.Where(pod => IsWaitedFor(pod, generation, now)).ToList();
        if (generation == Generation.V1Alpha5 && waiting.Find(pod => pod.Metadata.Annotation(DoNotEvict) == "true") is { } blocking)
        {
            return new DrainStep.Refused(blocking.Key);
        }

        if (waiting.Count == 0)
        {
            return new DrainStep.Done();
        }

        var tier = waiting.Min(TierOf);
        var evict = ImmutableArray.CreateBuilder<ApiObject>();
        var delete = ImmutableArray.CreateBuilder<ForcedDeletion>();
        DateTime? lookAgain = null;
        foreach (var pod in waiting)
        {
            if (pod.Metadata.DeletionTimestamp is { } due)
            {
                lookAgain = Earlier(lookAgain, due + StuckAfter);
                continue;
            }

            if (deadline is { } end)
            {
                var forcedAt = end - TimeSpan.FromSeconds(PodSpecView.Of(pod).TerminationGracePeriodSeconds);
                if (forcedAt <= now)
                {
                    delete.Add(new ForcedDeletion(pod, Math.Max(0, (long)(end - now).TotalSeconds)));
                    continue;
                }

                lookAgain = Earlier(lookAgain, forcedAt);
            }

            if (generation == Generation.V1 && DoNotDisrupt.Until(pod, now) is { } until)
            {
                lookAgain = Earlier(lookAgain, until);
            }
            else if (TierOf(pod) == tier)
            {
                evict.Add(pod);
            }
        }

        return new DrainStep.Waits(evict.ToImmutable(), delete.ToImmutable(), waiting.Count, lookAgain);
    }

    /// <summary>The order in which a node is emptied.</summary>
    public static int TierOf(ApiObject pod) =>
        (pod.Spec["priorityClassName"]?.Text is "system-cluster-critical" or "system-node-critical" ? 2 : 0) + (pod.Metadata.Controller?.Kind == "DaemonSet" ? 1 : 0);

    /// <summary>Whether a pod is one that a drain moves away: not static, and unwilling to stay on a node that leaves.</summary>
    public static bool IsDrainable(ApiObject pod, Generation generation, DateTime now) =>
        pod.Metadata.Controller?.Kind != "Node"
        && !PodSpecView.Of(pod).Tolerates(generation == Generation.V1 ? Disrupted : Cordoned)
        && !(pod.Metadata.DeletionTimestamp is { } due && due + StuckAfter <= now);

    private static bool IsWaitedFor(ApiObject pod, Generation generation, DateTime now) =>
        pod.Status["phase"]?.Text is not ("Succeeded" or "Failed") && IsDrainable(pod, generation, now);

    private static DateTime? Earlier(DateTime? one, DateTime other) =>
        other == DateTime.MaxValue || one <= other ? one : other;
}

/// <summary>What a drain does next.</summary>
public abstract record DrainStep
{
    private DrainStep()
    {
    }

    /// <summary>Nothing is left that would have to go.</summary>
    public sealed record Done : DrainStep;

    /// <summary>A pod will not have it (v1alpha5): nobody is evicted while it is there.</summary>
    public sealed record Refused(ObjectKey Pod) : DrainStep;

    /// <param name="Evict">To be asked to go; a disruption budget may refuse.</param>
    /// <param name="Delete">To go whatever speaks against it: the node's time is over.</param>
    /// <param name="Left">How many pods must still go, those that are on their way included.</param>
    /// <param name="LookAgainAt">When time alone changes the answer; null = it does not.</param>
    public sealed record Waits(ImmutableArray<ApiObject> Evict, ImmutableArray<ForcedDeletion> Delete, int Left, DateTime? LookAgainAt) : DrainStep;
}

/// <summary>A pod that is deleted past its disruption budget and its annotation.</summary>
/// <param name="GraceSeconds">What its node's deadline leaves it.</param>
public sealed record ForcedDeletion(ApiObject Pod, long GraceSeconds);
