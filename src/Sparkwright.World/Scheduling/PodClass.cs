using Sparkwright.Kubernetes.Fitting;
using Sparkwright.Simulation;

namespace Sparkwright.World.Scheduling;

/// <summary>
/// Pods with equal specs, and what each node says to them: its refusal or its scores. Only nodes that changed since the last pod of the class
/// are asked again, so that a thousand executors cost little more than one.
/// </summary>
internal sealed class PodClass(PodSpecView pod)
{
    private Refusal?[] refusals = [];
    private int[] resourceScores = [];
    private long[] preferred = [];
    private long[] intolerable = [];
    private RankSet?[] byScore = [];
    private int wishes;
    private int feasible;
    private long layout = -1;
    private int seen;
    private long messageVersion = -1;
    private string message = "";

    /// <summary>The best node, or null; among equals the draw decides, as kube-scheduler draws at random.</summary>
    public NodeState? Best(NodeBook book, Draw tie)
    {
        CatchUp(book);
        if (feasible == 0)
        {
            return null;
        }

        return book.Ranked[wishes == 0 ? BestByResources(tie) : BestOfAll(tie)];
    }

    /// <summary>Why there is none.</summary>
    public string Message(NodeBook book)
    {
        CatchUp(book);
        if (messageVersion != book.Version)
        {
            message = UnschedulableMessage.Of([.. refusals.OfType<Refusal>()], pod.Spec["preemptionPolicy"]?.Text == "Never");
            messageVersion = book.Version;
        }

        return message;
    }

    private int BestByResources(Draw tie)
    {
        for (var score = byScore.Length - 1; ; score--)
        {
            if (byScore[score] is { Count: > 0 } equals)
            {
                return equals.Nth((int)tie.Below(equals.Count));
            }
        }
    }

    /// <summary>Wishes are scored against the most that any feasible node fulfils, so that every node counts.</summary>
    private int BestOfAll(Draw tie)
    {
        var (mostPreferred, mostIntolerable) = (0L, 0L);
        for (var rank = 0; rank < refusals.Length; rank++)
        {
            if (refusals[rank] is null)
            {
                mostPreferred = Math.Max(mostPreferred, preferred[rank]);
                mostIntolerable = Math.Max(mostIntolerable, intolerable[rank]);
            }
        }

        var best = long.MinValue;
        var equals = new List<int>();
        for (var rank = 0; rank < refusals.Length; rank++)
        {
            if (refusals[rank] is not null)
            {
                continue;
            }

            var total = resourceScores[rank] + Scores.OfWishes(preferred[rank], mostPreferred, intolerable[rank], mostIntolerable);
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
        if (layout != book.Layout || book.Changes.Count - seen > nodes.Length)
        {
            refusals = new Refusal?[nodes.Length];
            resourceScores = new int[nodes.Length];
            preferred = new long[nodes.Length];
            intolerable = new long[nodes.Length];
            byScore = new RankSet?[Scores.MostForResources + 1];
            wishes = 0;
            feasible = 0;
            for (var rank = 0; rank < nodes.Length; rank++)
            {
                Enter(rank, nodes[rank]);
            }
        }
        else
        {
            for (; seen < book.Changes.Count; seen++)
            {
                var rank = book.Changes[seen];
                Leave(rank);
                Enter(rank, nodes[rank]);
            }
        }

        layout = book.Layout;
        seen = book.Changes.Count;
    }

    private void Enter(int rank, NodeState node)
    {
        refusals[rank] = Filters.Check(pod, node);
        if (refusals[rank] is not null)
        {
            return;
        }

        var score = Scores.ForResources(pod, node);
        resourceScores[rank] = score;
        (byScore[score] ??= new RankSet(refusals.Length)).Add(rank);
        preferred[rank] = Scores.Preferred(pod, node.View);
        intolerable[rank] = Scores.Intolerable(pod, node.View);
        wishes += preferred[rank] + intolerable[rank] > 0 ? 1 : 0;
        feasible++;
    }

    private void Leave(int rank)
    {
        if (refusals[rank] is not null)
        {
            return;
        }

        byScore[resourceScores[rank]]!.Remove(rank);
        wishes -= preferred[rank] + intolerable[rank] > 0 ? 1 : 0;
        feasible--;
    }
}
