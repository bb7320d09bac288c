using Sparkwright.Simulation.Metrics;
using Sparkwright.World.Karpenter.Apis;
using Sparkwright.World.Karpenter.Disruption;

namespace Sparkwright.World.Karpenter.Metrics;

/// <summary>What may be disrupted at the moment of reading, by the same rules that decide.</summary>
public static class DisruptionGauges
{
    private static readonly DisruptionMethod[] Methods = [DisruptionMethod.Drift, DisruptionMethod.StaticDrift, DisruptionMethod.Emptiness, DisruptionMethod.SingleNode];

    private static readonly DisruptionReason[] Budgeted = [DisruptionReason.Underutilized, DisruptionReason.Empty, DisruptionReason.Drifted];

    public static void Register(MetricRegistry registry, Pools pools, DisruptionSnapshots snapshots)
    {
        Add(registry, "voluntary_disruption_eligible_nodes", "Nodes that could be disrupted, by why.", snapshot => Methods.GroupBy(MetricsObserver.ReasonOf).Select(methods =>
            (LabelSet.Of(("reason", methods.Key)), (double)methods.Sum(method => DisruptionDecider.Candidates(snapshot, method, new DisruptionNotes()).Length))));
        Add(registry, "nodepools_allowed_disruptions", "Nodes of a NodePool that its budgets let go, by why.", snapshot => PerBudget(snapshot, (ledger, pool) => ledger.Left(pool)));
        Add(registry, "nodepools_nodes_consuming_budgets", "Nodes of a NodePool that are going or not ready, which its budgets count.", snapshot =>
            PerBudget(snapshot, (ledger, pool) => ledger.Consumed(pool)));
        Add(registry, "nodepools_cost_total", "What the nodes of a NodePool cost, US dollars an hour.", snapshot => snapshot.Pools.Select(pool =>
            (LabelSet.Of(("nodepool", pool.Name)), (double)snapshot.Nodes.Where(node => node.Pool == pool.Key).Sum(node => node.UsdPerHour ?? 0))));

        void Add(MetricRegistry to, string name, string help, Func<DisruptionSnapshot, IEnumerable<(LabelSet, double)>> compute) => to.Add(new ComputedGauge(
            "karpenter_" + name, help, () => pools.All().Any(pool => pool.Generation == Generation.V1) ? compute(snapshots.Take(Generation.V1)) : []));
    }

    private static IEnumerable<(LabelSet Labels, double Value)> PerBudget(DisruptionSnapshot snapshot, Func<BudgetLedger, PoolKey, int> of) =>
        from reason in Budgeted
        let ledger = new BudgetLedger(snapshot, reason)
        from pool in snapshot.Pools
        select (LabelSet.Of(("nodepool", pool.Name), ("reason", reason.ToString())), (double)of(ledger, pool.Key));
}
