using System.Collections.Immutable;
using Sparkwright.World.Karpenter.Apis;

namespace Sparkwright.World.Karpenter.Disruption;

/// <summary>What a pass finds out on its way: why nodes stay, and when it is worth looking again.</summary>
public sealed class DisruptionNotes
{
    private readonly ImmutableArray<DisruptionNote>.Builder notes = ImmutableArray.CreateBuilder<DisruptionNote>();
    private readonly HashSet<DisruptionNote> known = [];
    private readonly List<PoolKey> blockedPools = [];
    private readonly ImmutableArray<DisruptionMethod>.Builder tried = ImmutableArray.CreateBuilder<DisruptionMethod>();
    private readonly ImmutableArray<WeighedMove>.Builder moves = ImmutableArray.CreateBuilder<WeighedMove>();
    private DateTime? lookAgain;

    public void Block(DisruptionNode node, BlockReason reason)
    {
        Add(new DisruptionNote.Blocked(node.Name, reason));
        if (reason is BlockReason.Nominated { Until: { } nominated })
        {
            WakeAt(nominated);
        }
        else if (reason is BlockReason.PodAnnotation { Until: { } until })
        {
            WakeAt(until);
        }
    }

    /// <summary>A node that must go, but whose pods have no place.</summary>
    public void CannotMove(DisruptionNode node, string why) => Add(new DisruptionNote.CannotMove(node.Name, why));

    public void CannotConsolidate(DisruptionNode node, string why) => Add(new DisruptionNote.Unconsolidatable(node.Name, why));

    public void Try(DisruptionMethod method) => tried.Add(method);

    /// <summary>A consolidation that is possible, and what each pool that would lose nodes makes of it.</summary>
    /// <param name="scores">Of the pools with the policy Balanced.</param>
    public void Weigh(DisruptionCommand command, ImmutableArray<BalancedScore> scores)
    {
        var isApproved = scores.All(score => score.IsApproved);
        foreach (var pool in command.Candidates.GroupBy(candidate => candidate.Pool).OrderBy(pool => pool.Key.Name, StringComparer.Ordinal))
        {
            moves.Add(new WeighedMove(pool.Key, pool.First().Policy?.Policy, isApproved, scores.FirstOrDefault(score => score.Pool == pool.Key)));
        }
    }

    /// <summary>The policy Balanced finds that moving its pods saves too little.</summary>
    public void IsNotWorthIt(DisruptionNode node) => Add(new DisruptionNote.NotWorthIt(node.Name));

    /// <summary>Time alone changes what is possible: the next pass is due then at the latest.</summary>
    public void WakeAt(DateTime time) => lookAgain = lookAgain <= time ? lookAgain : time;

    internal void Take(BudgetLedger budgets)
    {
        blockedPools.AddRange(budgets.Blocked.Except(blockedPools).ToList());
        if (budgets.NextChange is { } change)
        {
            WakeAt(change);
        }
    }

    internal DisruptionDecision Decision(ImmutableArray<DisruptionCommand> commands) => 
        new(commands, notes.ToImmutable(), [.. blockedPools], lookAgain) { Tried = tried.ToImmutable(), Moves = moves.ToImmutable() };

    private void Add(DisruptionNote note)
    {
        if (known.Add(note))
        {
            notes.Add(note);
        }
    }
}

/// <summary>Why one node stays.</summary>
public abstract record DisruptionNote(string Node)
{
    /// <summary>It is no candidate at all.</summary>
    public sealed record Blocked(string OfNode, BlockReason Reason) : DisruptionNote(OfNode);

    /// <summary>It has drifted, but its pods have no place to go.</summary>
    public sealed record CannotMove(string OfNode, string Why) : DisruptionNote(OfNode);

    /// <summary>Removing or replacing it is not possible, or saves nothing.</summary>
    public sealed record Unconsolidatable(string OfNode, string Why) : DisruptionNote(OfNode);

    /// <summary>Its pool's policy Balanced weighs the pods that would move heavier than what is saved; Karpenter tells that to nobody.</summary>
    public sealed record NotWorthIt(string OfNode) : DisruptionNote(OfNode);

    public string Text => this switch
    {
        Blocked blocked => blocked.Reason.ToString() ?? "",
        CannotMove cannot => cannot.Why,
        Unconsolidatable cannot => cannot.Why,
        NotWorthIt => "saves too little for the pods that it would move (policy Balanced)",
        _ => throw new System.Diagnostics.UnreachableException(),
    };
}

/// <summary>What a pass decided.</summary>
/// <param name="Commands">What to do, all of one method; none = nothing. More than one only where static pools have drifted.</param>
/// <param name="BlockedPools">Pools whose budgets allow nothing for a reason that there were candidates for.</param>
/// <param name="LookAgain">When time alone may change the answer; null = never.</param>
public sealed record DisruptionDecision(
    ImmutableArray<DisruptionCommand> Commands, ImmutableArray<DisruptionNote> Notes, ImmutableArray<PoolKey> BlockedPools, DateTime? LookAgain)
{
    /// <summary>The first thing to do; null = nothing.</summary>
    public DisruptionCommand? Command => Commands.FirstOrDefault();

    /// <summary>The methods that were tried, the last of which found something or there was none left.</summary>
    public ImmutableArray<DisruptionMethod> Tried { get; init; } = [];

    /// <summary>The consolidations that were possible.</summary>
    public ImmutableArray<WeighedMove> Moves { get; init; } = [];
}

/// <summary>A consolidation that was possible, as one of the pools sees it that would lose nodes.</summary>
/// <param name="Policy">The pool's; null when the pool is gone.</param>
/// <param name="IsApproved">Whether all pools approve.</param>
/// <param name="Score">Null unless the policy is Balanced.</param>
public sealed record WeighedMove(PoolKey Pool, ConsolidationPolicy? Policy, bool IsApproved, BalancedScore? Score);
