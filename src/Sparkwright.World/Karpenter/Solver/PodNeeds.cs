using System.Collections.Immutable;
using Sparkwright.Kubernetes.Fitting;
using Sparkwright.Kubernetes.Objects;
using Sparkwright.World.Karpenter.Requirements;

namespace Sparkwright.World.Karpenter.Solver;

/// <summary>
/// What pods of one class ask for at one stage of relaxation. Preferences are hard until they are given up, one at a time: an alternative of
/// the required node affinity while more than one is left, then the heaviest wish about pods to be beside, the heaviest about pods to be away
/// from, the heaviest about nodes, a soft spread, and at last the dislike of PreferNoSchedule taints.
/// </summary>
internal sealed class PodNeeds
{
    private readonly PodClass podClass;
    private readonly PodRules rules;
    private readonly Stage stage;
    private PodNeeds? relaxed;

    public PodNeeds(PodClass podClass, PodRules rules)
        : this(podClass, rules, default, [])
    {
    }

    private PodNeeds(PodClass podClass, PodRules rules, Stage stage, ImmutableArray<string> givenUp)
    {
        this.podClass = podClass;
        this.rules = rules;
        this.stage = stage;
        GivenUp = givenUp;
        Shape = podClass.ShapeAt(stage.Terms, stage.Nodes, stage.Dislikes);
        Constraints =
        [
            .. rules.Hard, .. rules.SoftAffinity[stage.Affinity..], .. rules.SoftAntiAffinity[stage.AntiAffinity..], .. rules.SoftSpreads[stage.Spreads..],
        ];
        HostConstraints = [.. Constraints.Where(constraint => constraint.Group is HostGroup)];
        DomainConstraints = [.. Constraints.Where(constraint => constraint.Group is DomainGroup).OrderBy(constraint => constraint.Group.Kind switch
        {
            TopologyKind.AntiAffinity => 0,
            TopologyKind.Affinity => constraint.SelectsItself ? 3 : 1,
            _ => 2,
        })];
    }

    /// <summary>What is asked of a host whatever pods are on it.</summary>
    public PodShape Shape { get; }

    /// <summary>What is asked of a host because of other pods.</summary>
    public ImmutableArray<Constraint> Constraints { get; }

    /// <summary>Those about hosts.</summary>
    public ImmutableArray<Constraint> HostConstraints { get; }

    /// <summary>Those about other domains, the ones with the least choice first.</summary>
    public ImmutableArray<Constraint> DomainConstraints { get; }

    /// <summary>The rules that count pods of this class once they have a place.</summary>
    public ImmutableArray<TopologyGroup> CountedBy => rules.CountedBy;

    /// <summary>What was given up so far, in words.</summary>
    public ImmutableArray<string> GivenUp { get; }

    /// <summary>The same pod with one wish less; null when nothing is left to give up.</summary>
    public PodNeeds? Relaxed(bool somePoolHasDislikes) => relaxed ??= Next(somePoolHasDislikes) is var (next, wish)
        ? new PodNeeds(podClass, rules, next, GivenUp.Add(wish))
        : null;

    private (Stage Next, string Wish)? Next(bool somePoolHasDislikes)
    {
        var required = podClass.Required;
        if (stage.Terms < required.Length - 1)
        {
            return (stage with { Terms = stage.Terms + 1 }, $"required node affinity term {RequirementSet.OfTerm(required[stage.Terms])}");
        }

        if (stage.Affinity < rules.SoftAffinity.Length)
        {
            return (stage with { Affinity = stage.Affinity + 1 }, $"preferred pod affinity by {rules.SoftAffinity[stage.Affinity].Group.Key.Label}");
        }

        if (stage.AntiAffinity < rules.SoftAntiAffinity.Length)
        {
            return (stage with { AntiAffinity = stage.AntiAffinity + 1 }, $"preferred pod anti-affinity by {rules.SoftAntiAffinity[stage.AntiAffinity].Group.Key.Label}");
        }

        if (stage.Nodes < podClass.Preferred.Length)
        {
            return (stage with { Nodes = stage.Nodes + 1 }, $"preferred node affinity {RequirementSet.OfTerm(podClass.Preferred[stage.Nodes])}");
        }

        if (stage.Spreads < rules.SoftSpreads.Length)
        {
            return (stage with { Spreads = stage.Spreads + 1 }, $"spread by {rules.SoftSpreads[stage.Spreads].Group.Key.Label}");
        }

        return somePoolHasDislikes && !stage.Dislikes ? (stage with { Dislikes = true }, "PreferNoSchedule taints") : null;
    }

    /// <summary>How many wishes of each kind were given up.</summary>
    private readonly record struct Stage(int Terms, int Affinity, int AntiAffinity, int Nodes, int Spreads, bool Dislikes);
}

/// <summary>A rule that binds a pod.</summary>
/// <param name="SelectsItself">Whether the pod is among those that the rule counts.</param>
internal readonly record struct Constraint(TopologyGroup Group, bool SelectsItself);

/// <summary>The rules about neighbours that matter for pods of one class: those that bind them and those that count them.</summary>
/// <param name="Hard">Those that are never given up, inverse ones included.</param>
/// <param name="SoftAffinity">The heaviest first; so are the others.</param>
internal sealed record PodRules(
    ImmutableArray<Constraint> Hard,
    ImmutableArray<Constraint> SoftAffinity,
    ImmutableArray<Constraint> SoftAntiAffinity,
    ImmutableArray<Constraint> SoftSpreads,
    ImmutableArray<TopologyGroup> CountedBy)
{
    public static PodRules None { get; } = new([], [], [], [], []);

    public PodRules WithoutWishes => this with { SoftAffinity = [], SoftAntiAffinity = [], SoftSpreads = [] };
}

/// <summary>Pods that ask for the same as far as they themselves go.</summary>
internal sealed class PodClass
{
    private readonly Dictionary<(int Terms, int Nodes, bool Dislikes), PodShape> shapes = [];
    private readonly long[] asked;
    private readonly ImmutableArray<RequirementSet> volumeTopologies;

    public PodClass(PodSpecView spec, ImmutableArray<RequirementSet> volumeTopologies, ResourceAxes axes, bool ignoresPreferences)
    {
        Spec = spec;
        this.volumeTopologies = volumeTopologies;
        asked = axes.Along(spec.Requests);
        Required = spec.RequiredTerms ?? [];
        Preferred = ignoresPreferences ? [] : [.. spec.PreferredTerms.OrderByDescending(term => term.Weight).Select(term => term.Term)];
    }

    public PodSpecView Spec { get; }

    /// <summary>The alternatives of the required node affinity; the first that is left is in force.</summary>
    public ImmutableArray<NodeSelectorTerm> Required { get; }

    /// <summary>The wishes about nodes; the heaviest that is left is in force.</summary>
    public ImmutableArray<NodeSelectorTerm> Preferred { get; }

    /// <summary>What makes pods alike; equal keys mean equal classes.</summary>
    public static TreeMap KeyOf(SolverPod pod) => TreeMap.Of(
        ("affinity", pod.Spec.Spec["affinity"]),
        ("nodeSelector", pod.Spec.NodeSelector),
        ("ports", pod.Spec.HostPorts.IsEmpty ? null : TreeList.OfTexts(pod.Spec.HostPorts.Select(port => port.ToString()))),
        ("requests", pod.Spec.Requests.ToTree()),
        ("spreads", pod.Spec.Spec["topologySpreadConstraints"]),
        ("tolerations", pod.Spec.Spec["tolerations"]),
        ("volumes", pod.VolumeTopologies.IsEmpty ? null : TreeList.OfTexts(pod.VolumeTopologies.Select(one => one.Content))));

    public PodShape ShapeAt(int terms, int nodes, bool dislikes)
    {
        if (!shapes.TryGetValue((terms, nodes, dislikes), out var shape))
        {
            var strict = RequirementSet.OfLabels(Spec.NodeSelector);
            strict = Required.IsEmpty ? strict : strict.With(RequirementSet.OfTerm(Required[terms]));
            shape = new PodShape(Spec, asked, strict, nodes < Preferred.Length ? strict.With(RequirementSet.OfTerm(Preferred[nodes])) : strict, volumeTopologies, dislikes);
            shapes.Add((terms, nodes, dislikes), shape);
        }

        return shape;
    }
}

/// <summary>What is asked of a host by itself.</summary>
/// <param name="asked">The requests along the axes of the round.</param>
/// <param name="strict">Node selector and required node affinity.</param>
/// <param name="requirements">The same with the wish that is in force.</param>
/// <param name="volumeTopologies">One of these must hold too; none means nothing more is asked.</param>
internal sealed class PodShape(
    PodSpecView spec, long[] asked, RequirementSet strict, RequirementSet requirements, ImmutableArray<RequirementSet> volumeTopologies, bool toleratesDislikes)
{
    public long[] Asked => asked;

    public RequirementSet Strict => strict;

    public RequirementSet Requirements => requirements;

    public ImmutableArray<RequirementSet> VolumeTopologies { get; } = volumeTopologies.IsEmpty ? [RequirementSet.None] : volumeTopologies;

    public ResourceList Requests => spec.Requests;

    public ImmutableArray<HostPort> Ports => spec.HostPorts;

    /// <summary>The taints that the pod does not tolerate; PreferNoSchedule counts until that wish is given up.</summary>
    public ImmutableArray<Taint> Untolerated(ImmutableArray<Taint> taints) =>
        taints.RemoveAll(taint => spec.Tolerates(taint) || (toleratesDislikes && taint.Effect == Taint.PreferNoSchedule));

    /// <summary>A pair of the pod's port and a taken one that collide, or null.</summary>
    public (HostPort Wanted, HostPort Taken)? ConflictIn(List<HostPort> taken)
    {
        foreach (var port in Ports)
        {
            foreach (var other in taken)
            {
                if (port.ConflictsWith(other))
                {
                    return (port, other);
                }
            }
        }

        return null;
    }
}
