using System.Collections.Immutable;
using Sparkwright.Kubernetes.Fitting;
using Sparkwright.World.Karpenter.InstanceTypes;
using Sparkwright.World.Karpenter.Requirements;

namespace Sparkwright.World.Karpenter.Solver;

/// <summary>What DaemonSets will take of a pool's new nodes.</summary>
public sealed class DaemonLoad
{
    private readonly ImmutableArray<(PodSpecView Pod, ImmutableArray<RequirementSet> Alternatives)> daemons;
    private readonly bool isAlikeOnAllTypes;

    private DaemonLoad(ImmutableArray<(PodSpecView Pod, ImmutableArray<RequirementSet> Alternatives)> daemons, bool isAlikeOnAllTypes)
    {
        this.daemons = daemons;
        this.isAlikeOnAllTypes = isAlikeOnAllTypes;
        Total = daemons.Aggregate(ResourceList.Zero, static (sum, daemon) => sum + daemon.Pod.Requests);
        Ports = [.. daemons.SelectMany(daemon => daemon.Pod.HostPorts)];
    }

    public static DaemonLoad None { get; } = new([], true);

    /// <summary>What all of them take together.</summary>
    public ResourceList Total { get; }

    public ImmutableArray<HostPort> Ports { get; }

    /// <summary>
    /// The daemons that will run on a pool's nodes. Preferences do not count, neither a daemon's own nor those of taints; startup taints keep
    /// no daemon away, and of several alternatives any will do.
    /// </summary>
    /// <param name="taints">The pool's, without startup taints.</param>
    public static DaemonLoad Of(IEnumerable<PodSpecView> daemons, Generation generation, RequirementSet pool, ImmutableArray<Taint> taints)
    {
        var rules = GenerationRules.Of(generation);
        var running = daemons
            .Where(daemon => taints.Where(taint => taint.KeepsPodsAway).All(daemon.Tolerates))
            .Select(daemon => (daemon, AlternativesOf(daemon)))
            .Where(daemon => daemon.Item2.Any(one => pool.Admits(one, rules.WellKnownLabels)));
        return new([.. running], !rules.WeighsDaemonsByType);
    }

    /// <summary>What they take of a node of one type: the older generation does not ask which of them would pass it over.</summary>
    public ResourceList On(NodeShape shape) => OnEach([shape]);

    /// <summary>What they take at least, whichever of some types it will be: a claim that asked for more would lose types that will do.</summary>
    public ResourceList OnEach(IReadOnlyCollection<NodeShape> shapes)
    {
        if (isAlikeOnAllTypes)
        {
            return Total;
        }

        var sum = ResourceList.Zero;
        foreach (var (pod, alternatives) in daemons)
        {
            if (shapes.All(shape => alternatives.Any(shape.Labels.Intersects)))
            {
                sum += pod.Requests;
            }
        }

        return sum;
    }

    private static ImmutableArray<RequirementSet> AlternativesOf(PodSpecView daemon)
    {
        var selector = RequirementSet.OfLabels(daemon.NodeSelector);
        return daemon.RequiredTerms is { } terms ? [.. terms.Select(term => selector.With(RequirementSet.OfTerm(term)))] : [selector];
    }
}
