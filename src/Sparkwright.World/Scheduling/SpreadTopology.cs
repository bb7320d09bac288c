using System.Collections.Immutable;
using Sparkwright.Kubernetes.Fitting;

namespace Sparkwright.World.Scheduling;

/// <summary>Topology spread for one class of pods: refuses nodes by the hard constraints and scores them by the soft ones.</summary>
internal sealed class SpreadTopology
{
    public const string Hostname = "kubernetes.io/hostname";

    /// <summary>Weights of domains are logarithms in millionths, so that sums need no floating point.</summary>
    private const long Parts = 1_000_000;

    private static readonly Refusal Uneven = Refusal.ForNow("node(s) didn't match pod topology spread constraints", FilterName.PodTopologySpread);
    private static readonly Refusal NoLabel = Refusal.Final("node(s) didn't match pod topology spread constraints (missing required label)", FilterName.PodTopologySpread);

    private readonly PodSpecView pod;
    private readonly ImmutableArray<(SpreadNeed Need, DomainCounts Counts)> hard;
    private readonly ImmutableArray<(SpreadNeed Need, DomainCounts Counts)> soft;
    private readonly bool softNeedsAllLabels;

    public SpreadTopology(PodSpecView pod, PodNeeds needs, Func<PodQuery, Tally> tallyOf)
    {
        this.pod = pod;
        softNeedsAllLabels = needs.SoftNeedsAllLabels;
        hard = [.. needs.HardSpreads.Select(With)];
        soft = [.. needs.SoftSpreads.Select(With)];

        (SpreadNeed, DomainCounts) With(SpreadNeed need) => (need, new DomainCounts(need.Constraint.TopologyKey, tallyOf(need.Query)));
    }

    public bool IsHard => !hard.IsEmpty;

    public bool IsSoft => !soft.IsEmpty;

    public void Reset(int nodes)
    {
        foreach (var (_, counts) in hard.Concat(soft))
        {
            counts.Reset(nodes);
        }
    }

    public void Enter(NodeState node)
    {
        if (hard.IsEmpty && soft.IsEmpty)
        {
            return;
        }

        Enter(node, hard, true);
        Enter(node, soft, softNeedsAllLabels);
    }

    public void Leave(int rank)
    {
        foreach (var (_, counts) in hard)
        {
            counts.Leave(rank);
        }

        foreach (var (_, counts) in soft)
        {
            counts.Leave(rank);
        }
    }

    /// <summary>Whether the hard constraints refuse a node.</summary>
    /// <param name="trial">The node with other pods, if that is the question.</param>
    public Refusal? Check(int rank, NodeState? trial)
    {
        foreach (var (need, counts) in hard)
        {
            var domain = counts.DomainOf(rank);
            if (domain == DomainCounts.NoDomain)
            {
                return NoLabel;
            }

            var more = trial is null ? 0 : counts.MoreWith(rank, trial);
            var least = counts.Domains < (need.Constraint.MinDomains ?? 1) ? 0 : counts.Least(domain, more);
            if (counts.CountIn(domain) + more + (need.CountsItself ? 1 : 0) - least > need.Constraint.MaxSkew)
            {
                return Uneven;
            }
        }

        return null;
    }

    /// <summary>Scores of 0 to 100 for feasible nodes by the soft constraints, normalised among them.</summary>
    public void Score(List<int> feasible, Span<long> scores)
    {
        Span<long> weights = stackalloc long[soft.Length];
        var ignored = softNeedsAllLabels ? feasible.Count(rank => !HasAll(rank)) : 0;
        for (var at = 0; at < soft.Length; at++)
        {
            weights[at] = Logarithm.OfWhole(DomainsAmong(soft[at], feasible, ignored) + 2);
        }

        var (least, most) = (long.MaxValue, 0L);
        for (var index = 0; index < feasible.Count; index++)
        {
            var rank = feasible[index];
            if (softNeedsAllLabels && !HasAll(rank))
            {
                scores[index] = -1;
                continue;
            }

            var sum = 0L;
            for (var at = 0; at < soft.Length; at++)
            {
                var (need, counts) = soft[at];
                var domain = counts.DomainOf(rank);
                if (domain != DomainCounts.NoDomain)
                {
                    var count = need.Constraint.TopologyKey == Hostname ? counts.CountAt(rank) : counts.CountIn(domain);
                    sum += (count * weights[at]) + ((need.Constraint.MaxSkew - 1) * Parts);
                }
            }

            scores[index] = (sum + (Parts / 2)) / Parts;
            least = Math.Min(least, scores[index]);
            most = Math.Max(most, scores[index]);
        }

        foreach (ref var score in scores[..feasible.Count])
        {
            score = score < 0 ? 0 : most == 0 ? Scores.Best : Scores.Best * (most + least - score) / most;
        }
    }

    /// <summary>How many values of the label the feasible nodes have; nodes without it count as one value more, as upstream.</summary>
    private int DomainsAmong((SpreadNeed Need, DomainCounts Counts) one, List<int> feasible, int ignored)
    {
        if (one.Need.Constraint.TopologyKey == Hostname)
        {
            return feasible.Count - ignored;
        }

        var seen = new bool[one.Counts.Numbers + 1];
        var size = 0;
        foreach (var rank in feasible)
        {
            if (softNeedsAllLabels && !HasAll(rank))
            {
                continue;
            }

            ref var known = ref seen[one.Counts.DomainOf(rank) + 1];
            size += known ? 0 : 1;
            known = true;
        }

        return size;
    }

    private bool HasAll(int rank)
    {
        foreach (var (_, counts) in soft)
        {
            if (counts.DomainOf(rank) == DomainCounts.NoDomain)
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Takes a node into the counts of some constraints: it counts when it has all their labels, and each constraint's policies let it.</summary>
    private void Enter(NodeState node, ImmutableArray<(SpreadNeed Need, DomainCounts Counts)> constraints, bool needsAllLabels)
    {
        var hasAll = true;
        foreach (var (need, _) in constraints)
        {
            hasAll &= !needsAllLabels || node.View.Labels.ContainsKey(need.Constraint.TopologyKey);
        }

        foreach (var (need, counts) in constraints)
        {
            var isMeant = (!need.Constraint.HonoursAffinity || pod.Selects(node.View.Labels, node.View.Name))
                && (!need.Constraint.HonoursTaints || node.View.UntoleratedBy(pod) is null);
            counts.Enter(node, hasAll && isMeant);
        }
    }
}
