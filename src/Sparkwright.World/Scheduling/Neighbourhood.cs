using System.Collections.Immutable;
using Sparkwright.Kubernetes.Fitting;

namespace Sparkwright.World.Scheduling;

/// <summary>Pod affinity and anti-affinity for one class of pods, in both directions: refuses nodes and scores them.</summary>
internal sealed class Neighbourhood
{
    private static readonly Refusal NotBeside = Refusal.Final("node(s) didn't match pod affinity rules", FilterName.InterPodAffinity);
    private static readonly Refusal NotAway = Refusal.ForNow("node(s) didn't match pod anti-affinity rules", FilterName.InterPodAffinity);
    private static readonly Refusal NotWelcome = Refusal.ForNow("node(s) didn't satisfy existing pods anti-affinity rules", FilterName.InterPodAffinity);

    private readonly bool suitsItself;
    private readonly ImmutableArray<DomainCounts> beside;
    private readonly ImmutableArray<DomainCounts> away;
    private readonly ImmutableArray<DomainCounts> repelling;
    private readonly ImmutableArray<(DomainCounts Counts, long Weight)> wishes;
    private readonly ImmutableArray<DomainCounts> all;

    /// <param name="tallyOf">The tally of pods that all of some queries mean.</param>
    public Neighbourhood(PodNeeds needs, Func<ImmutableArray<PodQuery>, Tally> tallyOf)
    {
        suitsItself = needs.SuitsItself;

        // A pod serves required affinity only when every term means it.
        beside = [.. needs.Affinity.Select(term => new DomainCounts(term.TopologyKey, tallyOf([.. needs.Affinity.Select(one => one.Query)])))];
        away = [.. needs.AntiAffinity.Select(term => new DomainCounts(term.TopologyKey, tallyOf([term.Query])))];
        repelling = [.. needs.OfOthers.Where(term => term.Repels).Select(term => new DomainCounts(term.TopologyKey, term))];
        wishes =
        [
            .. needs.Wishes.Select(wish => (new DomainCounts(wish.TopologyKey, tallyOf([wish.Query])), wish.Weight)),
            .. needs.OfOthers.Where(term => !term.Repels).Select(term => (new DomainCounts(term.TopologyKey, term), term.Weight)),
        ];
        all = [.. beside, .. away, .. repelling, .. wishes.Select(wish => wish.Counts)];
    }

    public bool CanRefuse => !beside.IsEmpty || !away.IsEmpty || !repelling.IsEmpty;

    public bool HasWishes => !wishes.IsEmpty;

    public void Reset(int nodes)
    {
        foreach (var counts in all)
        {
            counts.Reset(nodes);
        }
    }

    public void Enter(NodeState node)
    {
        foreach (var counts in all)
        {
            counts.Enter(node, true);
        }
    }

    public void Leave(int rank)
    {
        foreach (var counts in all)
        {
            counts.Leave(rank);
        }
    }

    /// <summary>Whether required terms refuse a node.</summary>
    /// <param name="trial">The node with other pods, if that is the question.</param>
    public Refusal? Check(int rank, NodeState? trial)
    {
        if (!beside.IsEmpty && !IsBeside(rank, trial))
        {
            return NotBeside;
        }

        return HasAny(away, rank, trial) ? NotAway : HasAny(repelling, rank, trial) ? NotWelcome : null;
    }

    /// <summary>Scores of 0 to 100 for feasible nodes by the weights of the terms that hold there, normalised among them.</summary>
    public void Score(List<int> feasible, Span<long> scores)
    {
        var (least, most) = (long.MaxValue, long.MinValue);
        for (var index = 0; index < feasible.Count; index++)
        {
            var sum = 0L;
            foreach (var (counts, weight) in wishes)
            {
                var domain = counts.DomainOf(feasible[index]);
                sum += domain == DomainCounts.NoDomain ? 0 : weight * counts.CountIn(domain);
            }

            scores[index] = sum;
            least = Math.Min(least, sum);
            most = Math.Max(most, sum);
        }

        foreach (ref var score in scores[..feasible.Count])
        {
            // In floating point and cut, as upstream: 29 of 100 parts give 28.
            score = most == least ? 0 : (long)(Scores.Best * ((score - least) / (double)(most - least)));
        }
    }

    /// <summary>Every term holds in the node's domain; or nobody serves any of them anywhere and the pod itself would.</summary>
    private bool IsBeside(int rank, NodeState? trial)
    {
        var everyTerm = true;
        var nobody = true;
        foreach (var counts in beside)
        {
            var domain = counts.DomainOf(rank);
            if (domain == DomainCounts.NoDomain)
            {
                return false;
            }

            var more = trial is null ? 0 : counts.MoreWith(rank, trial);
            everyTerm &= counts.CountIn(domain) + more > 0;
            nobody &= counts.Total + more == 0;
        }

        return everyTerm || (nobody && suitsItself);
    }

    private static bool HasAny(ImmutableArray<DomainCounts> terms, int rank, NodeState? trial)
    {
        foreach (var counts in terms)
        {
            var domain = counts.DomainOf(rank);
            if (domain != DomainCounts.NoDomain && counts.CountIn(domain) + (trial is null ? 0 : counts.MoreWith(rank, trial)) > 0)
            {
                return true;
            }
        }

        return false;
    }
}
