using System.Collections.Immutable;
using Sparkwright.Kubernetes.Objects;
using Sparkwright.World.Karpenter.Apis;
using Sparkwright.World.Karpenter.NodePools;
using Sparkwright.World.Karpenter.Provisioning;
using Sparkwright.World.Karpenter.Solver;

namespace Sparkwright.World.Karpenter.Disruption;

/// <summary>All that a decision about one generation's nodes depends on, as it was at one moment.</summary>
public sealed class DisruptionSnapshot
{
    private readonly Lazy<DisruptionSimulation> simulation;
    private readonly Lazy<Dictionary<PoolKey, PoolTotals>> totals;

    /// <param name="nodes">Of the generation, by name.</param>
    /// <param name="world">What pending pods and those of leaving nodes would be planned with; asked for only when something is simulated.</param>
    public DisruptionSnapshot(ImmutableArray<DisruptionNode> nodes, Func<Evacuation> world)
    {
        Nodes = nodes;
        simulation = new(() => new DisruptionSimulation(world(), this));
        totals = new(() => nodes.GroupBy(node => node.Pool).ToDictionary(
            pool => pool.Key, pool => new PoolTotals(pool.Sum(node => node.UsdPerHour ?? 0), pool.Sum(node => node.MoveCost))));
    }

    public required Generation Generation { get; init; }

    public required DateTime Now { get; init; }

    public ImmutableArray<DisruptionNode> Nodes { get; }

    public ImmutableArray<Pool> Pools { get; init; } = [];

    /// <summary>Those of the pools that are static, by pool.</summary>
    public ImmutableDictionary<PoolKey, StaticPoolSnapshot> StaticPools { get; init; } = ImmutableDictionary<PoolKey, StaticPoolSnapshot>.Empty;

    public PodBudgets PodBudgets { get; init; } = new([]);

    /// <summary>Nodes that pods cannot run on yet: a plan that counts on them is not sure enough to disrupt anything.</summary>
    public ImmutableHashSet<string> Uninitialized { get; init; } = [];

    /// <summary>Pods of nodes that are leaving already; where they go was decided when their node was.</summary>
    public ImmutableHashSet<ObjectKey> PodsOfLeavingNodes { get; init; } = [];

    /// <summary>The feature gate SpotToSpotConsolidation.</summary>
    public bool AllowsSpotToSpot { get; init; }

    /// <summary>Whether EC2 lacked capacity for something lately, which will be asked for again when it is forgotten.</summary>
    public bool IsSomethingOut { get; init; }

    public DisruptionSimulation Simulation => simulation.Value;

    /// <summary>Over all nodes of a pool, candidates or not.</summary>
    public PoolTotals TotalsOf(PoolKey pool) => totals.Value.GetValueOrDefault(pool, new PoolTotals(0, 0));
}

/// <summary>What all nodes of a pool cost together, and what emptying all of them would, see <see cref="DisruptionCost.OfMove"/>.</summary>
public sealed record PoolTotals(decimal UsdPerHour, decimal MoveCost);

/// <summary>A static pool at one moment.</summary>
/// <param name="NewNode">What it would launch; null when its class finds no subnet.</param>
public sealed record StaticPoolSnapshot(StaticPoolCounts Counts, PlannedClaim? NewNode);
