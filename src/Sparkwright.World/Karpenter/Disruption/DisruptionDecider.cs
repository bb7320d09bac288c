using System.Collections.Immutable;

namespace Sparkwright.World.Karpenter.Disruption;

/// <summary>One pass of the loop as a pure function: the methods in their order, and the first that finds something to do ends it.</summary>
public static class DisruptionDecider
{
    private static readonly ImmutableArray<DisruptionMethod> OfV1Alpha5 =
        [DisruptionMethod.Expiration, DisruptionMethod.Drift, DisruptionMethod.Emptiness, DisruptionMethod.MultiNode, DisruptionMethod.SingleNode];

    private static readonly ImmutableArray<DisruptionMethod> OfV1 =
        [DisruptionMethod.Emptiness, DisruptionMethod.StaticDrift, DisruptionMethod.Drift, DisruptionMethod.MultiNode, DisruptionMethod.SingleNode];

    /// <summary>
    /// When there was nothing to do, the methods rest for so long unless something changes. That the cloud has capacity again is no change that
    /// they would see, so it is found out then.
    /// </summary>
    private static readonly TimeSpan RestsFor = TimeSpan.FromMinutes(5);

    /// <param name="after">Goes on after this method, which has just found out that its command is not valid any more.</param>
    public static DisruptionDecision Decide(DisruptionSnapshot snapshot, DisruptionMethod? after = null)
    {
        var methods = snapshot.Generation == Generation.V1Alpha5 ? OfV1Alpha5 : OfV1;
        var notes = new DisruptionNotes();
        foreach (var method in methods.Skip(after is { } done ? methods.IndexOf(done) + 1 : 0))
        {
            notes.Try(method);
            if (Try(snapshot, method, notes) is { IsEmpty: false } commands)
            {
                return notes.Decision(commands);
            }
        }

        if (snapshot.IsSomethingOut)
        {
            notes.WakeAt(snapshot.Now + RestsFor);
        }

        return notes.Decision([]);
    }

    /// <summary>The nodes that a method may take now.</summary>
    internal static ImmutableArray<DisruptionNode> Candidates(DisruptionSnapshot snapshot, DisruptionMethod method, DisruptionNotes notes)
    {
        var candidates = ImmutableArray.CreateBuilder<DisruptionNode>();
        foreach (var node in snapshot.Nodes)
        {
            if (CandidateRules.Blocks(node, method, snapshot.PodBudgets, snapshot.Now) is { } blocked)
            {
                notes.Block(node, blocked);
            }
            else if (MethodRules.Wants(node, method, snapshot.Now, notes))
            {
                candidates.Add(node);
            }
        }

        return candidates.ToImmutable();
    }

    private static ImmutableArray<DisruptionCommand> Try(DisruptionSnapshot snapshot, DisruptionMethod method, DisruptionNotes notes)
    {
        var candidates = Candidates(snapshot, method, notes);
        if (candidates.IsEmpty)
        {
            return [];
        }

        var budgets = new BudgetLedger(snapshot, method.Reason());
        notes.Take(budgets);
        if (method == DisruptionMethod.StaticDrift)
        {
            return ReplaceStatic(snapshot, candidates, budgets);
        }

        var command = method switch
        {
            DisruptionMethod.Expiration => Expire(snapshot, candidates),
            DisruptionMethod.Drift when snapshot.Generation == Generation.V1Alpha5 => ReplaceOldest(snapshot, candidates),
            DisruptionMethod.Drift => Drift(snapshot, candidates, budgets, notes),
            DisruptionMethod.Emptiness => Empty(snapshot, candidates, budgets),
            DisruptionMethod.MultiNode => Several(snapshot, candidates, budgets, notes),
            _ => One(snapshot, candidates, budgets, notes),
        };
        return command is null ? [] : [command];
    }

    /// <summary>The node that expired first, whether or not all of its pods will find a place.</summary>
    private static DisruptionCommand Expire(DisruptionSnapshot snapshot, ImmutableArray<DisruptionNode> candidates)
    {
        var first = candidates.OrderBy(candidate => candidate.ExpiresAt).ThenBy(candidate => candidate.Name, StringComparer.Ordinal).First();
        var plan = snapshot.Simulation.Plan([first]);
        return new DisruptionCommand(DisruptionMethod.Expiration, [first], plan.Claims, plan);
    }

    /// <summary>The oldest that has drifted, whether or not all of its pods will find a place.</summary>
    private static DisruptionCommand ReplaceOldest(DisruptionSnapshot snapshot, ImmutableArray<DisruptionNode> candidates)
    {
        var first = candidates.OrderBy(candidate => candidate.DriftedSince).ThenBy(candidate => candidate.Name, StringComparer.Ordinal).First();
        var plan = snapshot.Simulation.Plan([first]);
        return new DisruptionCommand(DisruptionMethod.Drift, [first], plan.Claims, plan);
    }

    /// <summary>Empty nodes first, which can go at no cost; then those that have drifted longest, the first whose pods all find a place.</summary>
    private static DisruptionCommand? Drift(
        DisruptionSnapshot snapshot, ImmutableArray<DisruptionNode> candidates, BudgetLedger budgets, DisruptionNotes notes)
    {
        foreach (var candidate in candidates
            .OrderBy(candidate => candidate.IsEmpty ? 0 : 1)
            .ThenBy(candidate => candidate.DriftedSince)
            .ThenBy(candidate => candidate.Name, StringComparer.Ordinal)
            .Where(candidate => budgets.Left(candidate.Pool) > 0))
        {
            switch (snapshot.Simulation.Move([candidate], sparesQuietNodes: false))
            {
                case SimulatedMove.Placed move:
                    return new DisruptionCommand(DisruptionMethod.Drift, [candidate], move.Plan.Claims, move.Plan);
                case SimulatedMove.NotAllPlaced left:
                    notes.CannotMove(candidate, left.Why);
                    break;
            }
        }

        return null;
    }

    /// <summary>
    /// Nodes of static pools, those that drifted first before others, each by a new one of its pool: nothing is simulated, since the pool keeps
    /// its number of nodes whatever becomes of the pods.
    /// </summary>
    private static ImmutableArray<DisruptionCommand> ReplaceStatic(DisruptionSnapshot snapshot, ImmutableArray<DisruptionNode> candidates, BudgetLedger budgets)
    {
        var commands = ImmutableArray.CreateBuilder<DisruptionCommand>();
        foreach (var pool in candidates.GroupBy(candidate => candidate.Pool).OrderBy(pool => pool.Key.Name, StringComparer.Ordinal))
        {
            if (snapshot.StaticPools.GetValueOrDefault(pool.Key) is not { NewNode: { } planned, Counts: { MayReplace: true } counts })
            {
                continue;
            }

            commands.AddRange(pool
                .OrderBy(candidate => candidate.DriftedSince)
                .ThenBy(candidate => candidate.Name, StringComparer.Ordinal)
                .Take((int)Math.Min(counts.Room, pool.Count()))
                .Where(candidate => budgets.TryTake(candidate.Pool))
                .Select(candidate => new DisruptionCommand(DisruptionMethod.StaticDrift, [candidate], [planned], null)));
        }

        return commands.ToImmutable();
    }

    private static DisruptionCommand? Empty(DisruptionSnapshot snapshot, ImmutableArray<DisruptionNode> candidates, BudgetLedger budgets)
    {
        var empty = InOrder(candidates).Where(candidate => budgets.TryTake(candidate.Pool)).ToImmutableArray();
        return empty.IsEmpty ? null : new DisruptionCommand(DisruptionMethod.Emptiness, empty, [], null);
    }

    /// <summary>An empty node that is still here was kept by a budget for empty nodes, and that budget is not got round.</summary>
    private static DisruptionCommand? Several(
        DisruptionSnapshot snapshot, ImmutableArray<DisruptionNode> candidates, BudgetLedger budgets, DisruptionNotes notes) =>
        Consolidation.LargestTogether(snapshot, [.. InOrder(candidates).Where(candidate => !candidate.IsEmpty && budgets.TryTake(candidate.Pool))], notes);

    private static DisruptionCommand? One(
        DisruptionSnapshot snapshot, ImmutableArray<DisruptionNode> candidates, BudgetLedger budgets, DisruptionNotes notes)
    {
        foreach (var candidate in Interleaved(candidates).Where(candidate => !candidate.IsEmpty && budgets.Left(candidate.Pool) > 0))
        {
            if (!BalancedRules.CouldApprove(snapshot, candidate))
            {
                notes.IsNotWorthIt(candidate);
                continue;
            }

            switch (Consolidation.Consider(snapshot, DisruptionMethod.SingleNode, [candidate]))
            {
                case ConsolidationVerdict.Yes yes:
                    var scores = BalancedRules.ScoresOf(snapshot, yes.Command);
                    notes.Weigh(yes.Command, scores);
                    if (scores.All(score => score.IsApproved))
                    {
                        return yes.Command;
                    }

                    notes.IsNotWorthIt(candidate);
                    break;
                case ConsolidationVerdict.No no:
                    notes.CannotConsolidate(candidate, no.Why);
                    break;
            }
        }

        return null;
    }

    /// <summary>The older generation begins with what costs least to move, v1 with what saves most for it.</summary>
    private static IEnumerable<DisruptionNode> InOrder(IEnumerable<DisruptionNode> candidates) => candidates
        .OrderBy(candidate => candidate.Pool.Generation == Generation.V1Alpha5 ? candidate.Cost : -(candidate.UsdPerHour ?? 0) / candidate.MoveCost)
        .ThenBy(candidate => candidate.Name, StringComparer.Ordinal);

    /// <summary>The first of each pool, then the second of each, so that one large pool does not keep the others waiting.</summary>
    private static IEnumerable<DisruptionNode> Interleaved(ImmutableArray<DisruptionNode> candidates) => candidates
        .GroupBy(candidate => candidate.Pool.Name, StringComparer.Ordinal)
        .SelectMany(pool => InOrder(pool).Select((candidate, rank) => (candidate, rank)))
        .OrderBy(ranked => ranked.rank)
        .ThenBy(ranked => ranked.candidate.Pool.Name, StringComparer.Ordinal)
        .Select(ranked => ranked.candidate);
}
