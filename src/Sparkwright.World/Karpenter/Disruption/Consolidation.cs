using System.Collections.Immutable;

namespace Sparkwright.World.Karpenter.Disruption;

/// <summary>Whether some nodes can go for less money: their pods fit elsewhere, or on one cheaper node.</summary>
public static class Consolidation
{
    /// <summary>No more candidates are looked at together.</summary>
    public const int MostTogether = 100;

    public static ConsolidationVerdict Consider(DisruptionSnapshot snapshot, DisruptionMethod method, ImmutableArray<DisruptionNode> candidates)
    {
        var isLegacy = snapshot.Generation == Generation.V1Alpha5;
        switch (snapshot.Simulation.Move(candidates, sparesQuietNodes: !isLegacy))
        {
            case SimulatedMove.NotAllPlaced left:
                return new ConsolidationVerdict.No(left.Why);
            case SimulatedMove.Placed { Plan: { Claims: [] } plan }:
                return new ConsolidationVerdict.Yes(new DisruptionCommand(method, candidates, [], plan));
            case SimulatedMove.Placed { Plan: { Claims: [var planned] } plan }:
                return ReplacementRules.Judge(planned, candidates, snapshot.AllowsSpotToSpot) switch
                {
                    ReplacementVerdict.Replaced replaced => new ConsolidationVerdict.Yes(new DisruptionCommand(method, candidates, [replaced.Claim], plan)),
                    ReplacementVerdict.Refused refused => new ConsolidationVerdict.No(refused.Why),
                    _ => throw new System.Diagnostics.UnreachableException(),
                };
            case SimulatedMove.Placed { Plan.Claims.Length: var count }:
                return new ConsolidationVerdict.No(isLegacy ? $"can't remove without creating {count} nodes" : $"Can't remove without creating {count} candidates");
            default:
                throw new System.Diagnostics.UnreachableException();
        }
    }

    /// <summary>
    /// The longest run of candidates from the first on, two at least, that can go together; found by halving, as if what goes for many went for
    /// fewer too.
    /// </summary>
    public static DisruptionCommand? LargestTogether(DisruptionSnapshot snapshot, ImmutableArray<DisruptionNode> candidates, DisruptionNotes notes)
    {
        DisruptionCommand? best = null;
        DisruptionCommand? notWorthIt = null;
        var (least, most) = (2, Math.Min(candidates.Length, MostTogether));
        while (least <= most)
        {
            var count = (least + most) / 2;
            var command = Together(snapshot, candidates[..count]);
            if (command is not null && BalancedRules.ScoresOf(snapshot, command).All(score => score.IsApproved))
            {
                best = command;
                least = count + 1;
            }
            else
            {
                notWorthIt = command ?? notWorthIt;
                most = count - 1;
            }
        }

        // The search as a whole counts as one move.
        if ((best ?? notWorthIt) is { } move)
        {
            notes.Weigh(move, BalancedRules.ScoresOf(snapshot, move));
        }

        return best;
    }

    private static DisruptionCommand? Together(DisruptionSnapshot snapshot, ImmutableArray<DisruptionNode> candidates)
    {
        if (Consider(snapshot, DisruptionMethod.MultiNode, candidates) is not ConsolidationVerdict.Yes { Command: var command })
        {
            return null;
        }

        return command.Replacements is not [var replacement] ? command
            : ReplacementRules.WithoutSameTypes(replacement, candidates) is { } left ? command with { Replacements = [left] }
            : null;
    }
}

/// <summary>What came of considering some nodes.</summary>
public abstract record ConsolidationVerdict
{
    private ConsolidationVerdict()
    {
    }

    public sealed record Yes(DisruptionCommand Command) : ConsolidationVerdict;

    public sealed record No(string Why) : ConsolidationVerdict;
}
