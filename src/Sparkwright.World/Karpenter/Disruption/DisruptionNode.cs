using System.Collections.Immutable;
using Sparkwright.Kubernetes.Fitting;
using Sparkwright.Kubernetes.Objects;
using Sparkwright.World.Karpenter.Apis;
using Sparkwright.World.Karpenter.InstanceTypes;
using Sparkwright.World.Karpenter.Provisioning;
using Sparkwright.World.Karpenter.Termination;

namespace Sparkwright.World.Karpenter.Disruption;

/// <summary>A node of Karpenter's with all that decides whether, when and at what price it may be disrupted.</summary>
public sealed record DisruptionNode
{
    public required ApiObject Node { get; init; }

    /// <summary>Its NodeClaim; null for a Provisioner's node, which has none.</summary>
    public required NodeClaim? Claim { get; init; }

    public required PoolKey Pool { get; init; }

    /// <summary>The pool's wishes; null when the pool is gone.</summary>
    public required DisruptionPolicy? Policy { get; init; }

    /// <summary>The instance type as its pool would run it; null when the pool does not know it.</summary>
    public required NodeShape? Shape { get; init; }

    /// <summary>Every pod that is bound to it, DaemonSets' and finished ones too.</summary>
    public required ImmutableArray<ApiObject> Pods { get; init; }

    /// <summary>Its pool keeps a number of nodes: it is replaced when it has drifted, and never removed to save money.</summary>
    public bool IsOfStaticPool { get; init; }

    public bool IsInitialized { get; init; }

    /// <summary>Being deleted, or marked for it by a command that waits for its replacement.</summary>
    public bool IsLeaving { get; init; }

    /// <summary>Part of a command in progress.</summary>
    public bool IsQueued { get; init; }

    public bool IsReady { get; init; }

    /// <summary>When it will be too old, of a Provisioner's node; null = never.</summary>
    public DateTime? ExpiresAt { get; init; }

    public DateTime? NominatedUntil { get; init; }

    /// <summary>Bought for pods of nodes that have not gone yet.</summary>
    public bool IsAwaitingPods { get; init; }

    /// <summary>Since when it has drifted; null when it has not.</summary>
    public DateTime? DriftedSince { get; init; }

    /// <summary>Quiet for as long as its pool asks.</summary>
    public bool IsConsolidatable { get; init; }

    /// <summary>What moving its pods costs, see <see cref="DisruptionCost"/>.</summary>
    public decimal Cost { get; init; }

    public string Name => Node.Name;

    public string InstanceType => Node.Metadata.Label(KarpenterLabels.InstanceType) ?? "";

    public string CapacityType => Node.Metadata.Label(KarpenterLabels.CapacityType) ?? "";

    public string Zone => Node.Metadata.Label(KarpenterLabels.Zone) ?? "";

    /// <summary>The pods that would need another place.</summary>
    public IEnumerable<ApiObject> PodsToMove => Pods.Where(PodChecks.MovesWithItsNode);

    public bool IsEmpty => !PodsToMove.Any();

    /// <summary>What emptying it costs, see <see cref="DisruptionCost.OfMove"/>.</summary>
    public decimal MoveCost => DisruptionCost.OfMove(PodsToMove);

    /// <summary>The price of its offering now; null when it is no longer known.</summary>
    public decimal? UsdPerHour
    {
        get
        {
            decimal? cheapest = null;
            foreach (var offering in Shape?.Offerings ?? [])
            {
                if (offering.Zone == Zone && offering.CapacityType == CapacityType && !(cheapest <= offering.UsdPerHour))
                {
                    cheapest = offering.UsdPerHour;
                }
            }

            return cheapest;
        }
    }

    /// <summary>
    /// Whether pods have come or gone so lately that the pool wants the node left alone: then it is no place for pods that consolidation moves,
    /// which would begin the wait anew.
    /// </summary>
    public bool IsWithinItsWindow => Policy?.ConsolidateAfter is { Ticks: > 0 } && !IsConsolidatable;

    /// <summary>The mark that a node of its generation carries on its way out.</summary>
    public Taint Disrupted => Pool.Generation == Generation.V1Alpha5 ? Cordoned : DrainPlan.Disrupted;

    private static Taint Cordoned { get; } = new("node.kubernetes.io/unschedulable", "", Taint.NoSchedule);
}
