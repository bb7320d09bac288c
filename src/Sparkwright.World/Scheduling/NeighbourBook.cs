using System.Collections.Immutable;
using Sparkwright.Kubernetes.Fitting;
using Sparkwright.Kubernetes.Objects;

namespace Sparkwright.World.Scheduling;

/// <summary>
/// Counts, node by node, the pods that rules about neighbours ask for: each binding and each removal is counted once per rule, so that no
/// rule ever walks over all pods.
/// </summary>
/// <param name="namespaceLabels">The labels of a namespace by its name.</param>
internal sealed class NeighbourBook(Func<string, TreeMap> namespaceLabels)
{
    /// <summary>What an existing pod's required affinity adds to the score of nodes beside it (hardPodAffinityWeight).</summary>
    private const long HardAffinityWeight = 1;

    private readonly Dictionary<string, Tally> tallies = new(StringComparer.Ordinal);
    private readonly Dictionary<(PodQuery Query, string Key, long Weight), DeclaredTerm> declared = [];
    private readonly SortedDictionary<long, DeclaredTerm> inOrder = [];
    private long lastId;

    /// <summary>Selectors evaluated: the measure of work in benchmarks.</summary>
    public long Evaluations { get; private set; }

    /// <summary>The count of a conjunction of queries, which is begun when nobody asked for it before; give it back with <see cref="Release"/>.</summary>
    public Tally TallyOf(ImmutableArray<PodQuery> queries, bool skipsLeaving, IReadOnlyList<NodeState> nodes)
    {
        var wording = Tally.WordingOf(queries, skipsLeaving);
        if (!tallies.TryGetValue(wording, out var tally))
        {
            tallies.Add(wording, tally = new Tally(queries, skipsLeaving));
            foreach (var node in nodes)
            {
                foreach (var pod in node.Pods.Values)
                {
                    Count(node, tally, pod, 1);
                }
            }
        }

        tally.Users++;
        return tally;
    }

    public void Release(Tally tally, IReadOnlyList<NodeState> nodes)
    {
        if (--tally.Users == 0)
        {
            tallies.Remove(tally.Wording);
            foreach (var node in nodes)
            {
                node.Forget(tally);
            }
        }
    }

    /// <summary>The terms of pods on nodes that are about this pod, in the order of their declaration.</summary>
    public ImmutableArray<DeclaredTerm> TermsAbout(ApiObject pod)
    {
        if (inOrder.Count == 0)
        {
            return [];
        }

        var about = ImmutableArray.CreateBuilder<DeclaredTerm>();
        foreach (var term in inOrder.Values)
        {
            Evaluations++;
            if (term.Query.Selects(pod.Namespace, pod.Metadata.Labels, namespaceLabels))
            {
                about.Add(term);
            }
        }

        return about.ToImmutable();
    }

    /// <summary>Whether a query means a pod.</summary>
    public bool Selects(PodQuery query, ApiObject pod) => query.Selects(pod.Namespace, pod.Metadata.Labels, namespaceLabels);

    /// <summary>Makes the terms of a pod known, be it on a node or nominated for one.</summary>
    public void Declare(ApiObject pod)
    {
        foreach (var term in TermsOf(pod))
        {
            if (!declared.TryGetValue(term, out var known))
            {
                declared.Add(term, known = new DeclaredTerm(term.Query, term.Key, term.Weight, ++lastId));
                inOrder.Add(known.Id, known);
            }

            known.Users++;
        }
    }

    public void Withdraw(ApiObject pod)
    {
        foreach (var term in TermsOf(pod))
        {
            var known = declared[term];
            if (--known.Users == 0)
            {
                declared.Remove(term);
                inOrder.Remove(known.Id);
            }
        }
    }

    /// <summary>Counts a pod, whose terms are known, on a node (or on a copy of one).</summary>
    /// <param name="sign">1 for a pod that comes, -1 for one that goes.</param>
    public void Count(NodeState node, ApiObject pod, int sign)
    {
        foreach (var tally in tallies.Values)
        {
            Count(node, tally, pod, sign);
        }

        foreach (var term in TermsOf(pod))
        {
            if (declared.TryGetValue(term, out var known))
            {
                node.Count(known, sign);
            }
        }
    }

    private void Count(NodeState node, Tally tally, ApiObject pod, int sign)
    {
        Evaluations++;
        if (tally.Counts(pod, namespaceLabels))
        {
            node.Count(tally, sign);
        }
    }

    private static IEnumerable<(PodQuery Query, string Key, long Weight)> TermsOf(ApiObject pod)
    {
        var spec = PodSpecView.Of(pod);
        return spec.HasPodAffinity ? TermsOf(pod, spec) : [];
    }

    private static IEnumerable<(PodQuery Query, string Key, long Weight)> TermsOf(ApiObject pod, PodSpecView spec)
    {
        foreach (var term in spec.RequiredAntiAffinity)
        {
            yield return (QueryOf(term), term.TopologyKey, 0);
        }

        foreach (var term in spec.RequiredAffinity)
        {
            yield return (QueryOf(term), term.TopologyKey, HardAffinityWeight);
        }

        foreach (var term in spec.PreferredAffinity)
        {
            yield return (QueryOf(term), term.TopologyKey, term.Weight);
        }

        foreach (var term in spec.PreferredAntiAffinity)
        {
            yield return (QueryOf(term), term.TopologyKey, -term.Weight);
        }

        PodQuery QueryOf(PodAffinityTerm term) => term.QueryOf(pod.Namespace, pod.Metadata.Labels);
    }
}
