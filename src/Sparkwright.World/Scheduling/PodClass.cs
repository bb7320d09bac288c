using System.Collections.Immutable;
using Sparkwright.Kubernetes.Fitting;
using Sparkwright.Simulation;

namespace Sparkwright.World.Scheduling;

/// <summary>
/// Pods with equal specs and needs, and what each node says to them: its refusal or its scores. Only nodes that changed since the last pod of
/// the class are asked again, so that a thousand executors cost little more than one.
/// </summary>
internal sealed class PodClass
{
    private readonly PodSpecView pod;
    private readonly SpreadTopology spread;
    private readonly Neighbourhood neighbours;
    private readonly List<int> candidates = [];
    private Refusal?[] refusals = [];
    private int[] nodeScores = [];
    private long[] preferred = [];
    private long[] intolerable = [];
    private long[] scratch = [];
    private RankSet?[] byScore = [];
    private int wishes;
    private int feasible;
    private long layout = -1;
    private long imageVersion = -1;
    private int seen;

    public PodClass(PodSpecView pod, PodNeeds needs, NodeBook book)
    {
        var kept = ImmutableArray.CreateBuilder<Tally>();
        this.pod = pod;
        spread = new SpreadTopology(pod, needs, query => Keep(book.Neighbours.TallyOf([query], true, book.Ranked)));
        neighbours = new Neighbourhood(needs, queries => Keep(book.Neighbours.TallyOf(queries, false, book.Ranked)));
        Tallies = kept.ToImmutable();

        Tally Keep(Tally tally)
        {
            kept.Add(tally);
            return tally;
        }
    }

    /// <summary>What is counted for the class and must be given back with it.</summary>
    public ImmutableArray<Tally> Tallies { get; }

    /// <summary>When the class was last of use.</summary>
    public long LastUse { get; set; }

    /// <summary>The outcome of the last search that found no node, and the version of the book for which it holds.</summary>
    public (long Version, FailedSearch? Search) Failure { get; set; } = (-1, null);

    /// <summary>The best node, or null; among equals the draw decides, as kube-scheduler draws at random.</summary>
    /// <param name="also">What else a node may refuse this very pod for: its volumes, and pods nominated for the node.</param>
    public NodeState? Best(NodeBook book, Draw tie, Func<NodeState, Refusal?>? also)
    {
        CatchUp(book);
        if (feasible == 0)
        {
            return null;
        }

        if (also is null && wishes == 0 && !spread.IsHard && !spread.IsSoft && !neighbours.CanRefuse && !neighbours.HasWishes)
        {
            return book.Ranked[BestByNode(tie)];
        }

        book.Asked += refusals.Length;
        candidates.Clear();
        for (var rank = 0; rank < refusals.Length; rank++)
        {
            if (refusals[rank] is null && spread.Check(rank, null) is null && neighbours.Check(rank, null) is null && also?.Invoke(book.Ranked[rank]) is null)
            {
                candidates.Add(rank);
            }
        }

        return candidates.Count == 0 ? null : book.Ranked[candidates.Count == 1 ? candidates[0] : BestOf(candidates, tie)];
    }

    /// <summary>What a node says to a pod of the class; null when it takes it.</summary>
    /// <param name="trial">The node with other pods than it has, if that is the question.</param>
    /// <param name="volumes">What the node says to the pod's volumes, which come after resources and before neighbours.</param>
    public Refusal? Check(NodeBook book, NodeState node, NodeState? trial, Func<NodeState, Refusal?>? volumes)
    {
        CatchUp(book);
        return (trial is null ? refusals[node.Rank] : Filters.Check(pod, trial))
            ?? volumes?.Invoke(trial ?? node)
            ?? spread.Check(node.Rank, trial)
            ?? neighbours.Check(node.Rank, trial);
    }

    private int BestByNode(Draw tie)
    {
        for (var score = byScore.Length - 1; ; score--)
        {
            if (byScore[score] is { Count: > 0 } equals)
            {
                return equals.Nth((int)tie.Below(equals.Count));
            }
        }
    }

    /// <summary>Everything but resources and images is scored against what the other feasible nodes have, so that every node counts.</summary>
    private int BestOf(List<int> ranks, Draw tie)
    {
        var (mostPreferred, mostIntolerable) = (0L, 0L);
        foreach (var rank in ranks)
        {
            mostPreferred = Math.Max(mostPreferred, preferred[rank]);
            mostIntolerable = Math.Max(mostIntolerable, intolerable[rank]);
        }

        var spreadScores = scratch.AsSpan(0, ranks.Count);
        var neighbourScores = scratch.AsSpan(refusals.Length, ranks.Count);
        scratch.AsSpan().Clear();
        if (spread.IsSoft)
        {
            spread.Score(ranks, spreadScores);
        }

        if (neighbours.HasWishes)
        {
            neighbours.Score(ranks, neighbourScores);
        }

        var best = long.MinValue;
        var equals = new List<int>();
        for (var at = 0; at < ranks.Count; at++)
        {
            var rank = ranks[at];
            var total = nodeScores[rank] + Scores.OfWishes(preferred[rank], mostPreferred, intolerable[rank], mostIntolerable)
                + (Scores.SpreadWeight * spreadScores[at]) + (Scores.NeighboursWeight * neighbourScores[at]);
            if (total > best)
            {
                best = total;
                equals.Clear();
            }

            if (total == best)
            {
                equals.Add(rank);
            }
        }

        return equals[(int)tie.Below(equals.Count)];
    }

    private void CatchUp(NodeBook book)
    {
        var nodes = book.Ranked;
        if (layout != book.Layout || imageVersion != book.Images.Version || book.Changes.Count - seen > nodes.Length)
        {
            refusals = new Refusal?[nodes.Length];
            nodeScores = new int[nodes.Length];
            preferred = new long[nodes.Length];
            intolerable = new long[nodes.Length];
            scratch = new long[2 * nodes.Length];
            byScore = new RankSet?[Scores.MostForNodes + 1];
            wishes = 0;
            feasible = 0;
            spread.Reset(nodes.Length);
            neighbours.Reset(nodes.Length);
            foreach (var node in nodes)
            {
                Enter(node, book.Images);
            }

            book.Asked += nodes.Length;
        }
        else
        {
            book.Asked += book.Changes.Count - seen;
            for (; seen < book.Changes.Count; seen++)
            {
                var rank = book.Changes[seen];
                Leave(rank);
                Enter(nodes[rank], book.Images);
            }
        }

        layout = book.Layout;
        imageVersion = book.Images.Version;
        seen = book.Changes.Count;
    }

    private void Enter(NodeState node, ImageBook images)
    {
        var rank = node.Rank;
        spread.Enter(node);
        neighbours.Enter(node);
        refusals[rank] = Filters.Check(pod, node);
        if (refusals[rank] is not null)
        {
            return;
        }

        var score = Scores.ForResources(pod, node) + images.Score(pod, node.View.Name);
        nodeScores[rank] = score;
        (byScore[score] ??= new RankSet(refusals.Length)).Add(rank);
        preferred[rank] = Scores.Preferred(pod, node.View);
        intolerable[rank] = Scores.Intolerable(pod, node.View);
        wishes += preferred[rank] + intolerable[rank] > 0 ? 1 : 0;
        feasible++;
    }

    private void Leave(int rank)
    {
        spread.Leave(rank);
        neighbours.Leave(rank);
        if (refusals[rank] is not null)
        {
            return;
        }

        byScore[nodeScores[rank]]!.Remove(rank);
        wishes -= preferred[rank] + intolerable[rank] > 0 ? 1 : 0;
        feasible--;
    }
}
