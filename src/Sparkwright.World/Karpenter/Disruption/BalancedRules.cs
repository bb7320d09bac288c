using System.Collections.Immutable;
using Sparkwright.World.Karpenter.Apis;

namespace Sparkwright.World.Karpenter.Disruption;

/// <summary>
/// Whether a consolidation is worth its disturbance to pools whose policy is Balanced: the share of a pool's cost that it saves, against the share
/// of the disturbance that emptying the whole pool would be. Pools with another policy have no say.
/// </summary>
public static class BalancedRules
{
    /// <summary>A share of disturbance may be so many times the share of savings; Karpenter's k, which no pool can change.</summary>
    public const int MostForItsSavings = 2;

    /// <summary>How each Balanced pool that would lose nodes sees the move, by name; all must approve.</summary>
    public static ImmutableArray<BalancedScore> ScoresOf(DisruptionSnapshot snapshot, DisruptionCommand command)
    {
        var cost = command.Candidates.Sum(PriceOf);
        var savings = cost - command.Replacements.Sum(replacement => DisruptionCommand.BestPrice(replacement) ?? 0);
        return
        [
            .. command.Candidates
                .GroupBy(candidate => candidate.Pool)
                .Where(pool => pool.First().Policy?.Policy == ConsolidationPolicy.Balanced)
                .OrderBy(pool => pool.Key.Name, StringComparer.Ordinal)
                .Select(pool => new BalancedScore(
                    pool.Key, cost == 0 ? 0 : savings * pool.Sum(PriceOf) / cost, pool.Sum(node => node.MoveCost), snapshot.TotalsOf(pool.Key))),
        ];
    }

    /// <summary>Whether any move of this node alone could be approved: none saves more than to go without a replacement.</summary>
    public static bool CouldApprove(DisruptionSnapshot snapshot, DisruptionNode node) =>
        node.Policy?.Policy != ConsolidationPolicy.Balanced
        || snapshot.TotalsOf(node.Pool).UsdPerHour == 0
        || new BalancedScore(node.Pool, PriceOf(node), node.MoveCost, snapshot.TotalsOf(node.Pool)).IsApproved;

    private static decimal PriceOf(DisruptionNode node) => node.UsdPerHour ?? 0;
}

/// <summary>A move as one pool sees it.</summary>
/// <param name="SavedUsdPerHour">The pool's part of what the move saves.</param>
/// <param name="MoveCost">What moving the pods off the pool's nodes costs, see <see cref="DisruptionCost.OfMove"/>.</param>
/// <param name="Totals">Of all nodes of the pool.</param>
public sealed record BalancedScore(PoolKey Pool, decimal SavedUsdPerHour, decimal MoveCost, PoolTotals Totals)
{
    /// <summary>0 to 1; negative when the move costs money.</summary>
    public decimal SavingsShare => Totals.UsdPerHour == 0 ? 0 : SavedUsdPerHour / Totals.UsdPerHour;

    /// <summary>0 to 1.</summary>
    public decimal DisruptionShare => Totals.MoveCost == 0 ? 0 : MoveCost / Totals.MoveCost;

    /// <summary>Saved share for disturbed share.</summary>
    public decimal Score => SavingsShare <= 0 || DisruptionShare == 0 ? 0 : SavingsShare / DisruptionShare;

    /// <summary>Compared by products, so that rounding decides nothing.</summary>
    public bool IsApproved => SavedUsdPerHour > 0 && Totals.UsdPerHour > 0
        && SavedUsdPerHour * Totals.MoveCost * BalancedRules.MostForItsSavings >= MoveCost * Totals.UsdPerHour;
}
