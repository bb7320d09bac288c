using System.Collections.Immutable;
using Sparkwright.Kubernetes.Fitting;
using Sparkwright.Kubernetes.Objects;

namespace Sparkwright.World.Scheduling;

/// <summary>Something that is counted on every node; compared by reference.</summary>
internal abstract class Counter
{
    /// <summary>How many classes or pods need the count; without any it is no longer kept.</summary>
    public int Users { get; set; }
}

/// <summary>How many pods of a node are meant by all of some queries.</summary>
internal sealed class Tally(ImmutableArray<PodQuery> queries, bool skipsLeaving) : Counter
{
    public string Wording { get; } = WordingOf(queries, skipsLeaving);

    public static string WordingOf(ImmutableArray<PodQuery> queries, bool skipsLeaving) => $"{skipsLeaving}:{string.Join('^', queries)}";

    /// <param name="namespaceLabels">The labels of a namespace by its name.</param>
    public bool Counts(ApiObject pod, Func<string, TreeMap> namespaceLabels)
    {
        if (skipsLeaving && pod.Metadata.IsBeingDeleted)
        {
            return false;
        }

        foreach (var query in queries)
        {
            if (!query.Selects(pod.Namespace, pod.Metadata.Labels, namespaceLabels))
            {
                return false;
            }
        }

        return true;
    }
}

/// <summary>How many pods of a node declare a term that is about other pods, those that are yet to come among them.</summary>
/// <param name="weight">0 for required anti-affinity, which keeps the pods of the query away; otherwise what the term adds to a score.</param>
internal sealed class DeclaredTerm(PodQuery query, string topologyKey, long weight, long id) : Counter
{
    public PodQuery Query { get; } = query;

    public string TopologyKey { get; } = topologyKey;

    public long Weight { get; } = weight;

    /// <summary>Never used twice; the order of declaration.</summary>
    public long Id { get; } = id;

    public bool Repels => Weight == 0;
}
