using System.Collections.Immutable;
using Sparkwright.World.Karpenter.Apis;

namespace Sparkwright.World.Karpenter.Disruption;

/// <summary>What the budgets of all pools leave for one reason, and how a command uses it up.</summary>
public sealed class BudgetLedger
{
    private readonly Dictionary<PoolKey, int> left = [];
    private readonly Dictionary<PoolKey, int> consumed = [];

    public BudgetLedger(DisruptionSnapshot snapshot, DisruptionReason reason)
    {
        foreach (var pool in snapshot.Pools)
        {
            var key = new PoolKey(pool.Generation, pool.Name);
            var nodes = snapshot.Nodes.Where(node => node.Pool == key && node.IsInitialized && node.Claim?.Is("InstanceTerminating") != true).ToList();
            var unavailable = nodes.Count(node => !node.IsReady || node.IsLeaving);
            consumed.Add(key, unavailable);
            var allowance = BudgetRules.Allowed(pool.Disruption.Budgets, reason, nodes.Count, unavailable, snapshot.Now);
            left.Add(key, allowance.Left);
            if (allowance.Budgeted == 0)
            {
                Blocked.Add(key);
            }

            if (BudgetRules.NextChange(pool.Disruption.Budgets, snapshot.Now) is { } change && !(NextChange <= change))
            {
                NextChange = change;
            }
        }
    }

    /// <summary>The pools whose budgets allow nothing at all now.</summary>
    public List<PoolKey> Blocked { get; } = [];

    /// <summary>When a budget next begins or ends to hold.</summary>
    public DateTime? NextChange { get; }

    public int Left(PoolKey pool) => left.GetValueOrDefault(pool);

    /// <summary>Nodes that are going or not ready, which use the budgets up before anything is decided.</summary>
    public int Consumed(PoolKey pool) => consumed.GetValueOrDefault(pool);

    /// <summary>Uses one up; false when there is none left.</summary>
    public bool TryTake(PoolKey pool)
    {
        if (Left(pool) <= 0)
        {
            return false;
        }

        left[pool]--;
        return true;
    }
}
