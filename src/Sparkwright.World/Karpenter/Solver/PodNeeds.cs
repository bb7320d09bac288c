using System.Collections.Immutable;
using Sparkwright.Kubernetes.Fitting;
using Sparkwright.Kubernetes.Objects;
using Sparkwright.World.Karpenter.Requirements;

namespace Sparkwright.World.Karpenter.Solver;

/// <summary>
/// What pods of one class ask for at one stage of relaxation. Preferences are hard until they are given up, one at a time: an alternative of
/// the required node affinity while more than one is left, then the heaviest preference, then the dislike of PreferNoSchedule taints.
/// </summary>
internal sealed class PodNeeds
{
    private readonly ImmutableArray<NodeSelectorTerm> required;
    private readonly ImmutableArray<NodeSelectorTerm> preferred;
    private readonly bool toleratesDislikes;
    private readonly PodSpecView spec;
    private PodNeeds? relaxed;

    private PodNeeds(PodSpecView spec, long[] asked, ImmutableArray<NodeSelectorTerm> required, ImmutableArray<NodeSelectorTerm> preferred, bool toleratesDislikes, ImmutableArray<string> givenUp)
    {
        this.spec = spec;
        this.required = required;
        this.preferred = preferred;
        this.toleratesDislikes = toleratesDislikes;
        Asked = asked;
        GivenUp = givenUp;
        Requirements = RequirementSet.OfLabels(spec.NodeSelector);
        Requirements = required.IsEmpty ? Requirements : Requirements.With(RequirementSet.OfTerm(required[0]));
        Requirements = preferred.IsEmpty ? Requirements : Requirements.With(RequirementSet.OfTerm(preferred[0]));
    }

    public RequirementSet Requirements { get; }

    public ResourceList Requests => spec.Requests;

    /// <summary>The requests along the axes of the round.</summary>
    public long[] Asked { get; }

    public ImmutableArray<HostPort> Ports => spec.HostPorts;

    /// <summary>What was given up so far, in words.</summary>
    public ImmutableArray<string> GivenUp { get; }

    public static PodNeeds Of(PodSpecView spec, ResourceAxes axes) => new(
        spec,
        axes.Along(spec.Requests),
        spec.RequiredTerms ?? [],
        [.. spec.PreferredTerms.OrderByDescending(term => term.Weight).Select(term => term.Term)],
        false,
        []);

    /// <summary>What makes pods alike for the solver; equal keys mean equal needs.</summary>
    public static TreeMap ClassOf(PodSpecView spec) => TreeMap.Of(
        ("affinity", spec.Spec["affinity"]),
        ("nodeSelector", spec.NodeSelector),
        ("ports", spec.HostPorts.IsEmpty ? null : TreeList.OfTexts(spec.HostPorts.Select(port => port.ToString()))),
        ("requests", spec.Requests.ToTree()),
        ("tolerations", spec.Spec["tolerations"]));

    /// <summary>The same pod with one wish less; null when nothing is left to give up.</summary>
    public PodNeeds? Relaxed(bool somePoolHasDislikes)
    {
        if (relaxed is null)
        {
            relaxed = required.Length > 1 ? new PodNeeds(spec, Asked, required.RemoveAt(0), preferred, toleratesDislikes, GivenUp.Add($"required node affinity term {RequirementSet.OfTerm(required[0])}"))
                : !preferred.IsEmpty ? new PodNeeds(spec, Asked, required, preferred.RemoveAt(0), toleratesDislikes, GivenUp.Add($"preferred node affinity {RequirementSet.OfTerm(preferred[0])}"))
                : somePoolHasDislikes && !toleratesDislikes ? new PodNeeds(spec, Asked, required, preferred, true, GivenUp.Add("PreferNoSchedule taints"))
                : null;
        }

        return relaxed;
    }

    /// <summary>The first taint that the pod does not tolerate; PreferNoSchedule counts until that wish is given up.</summary>
    public Taint? Untolerated(ImmutableArray<Taint> taints)
    {
        foreach (var taint in taints)
        {
            if (!spec.Tolerates(taint) && !(toleratesDislikes && taint.Effect == Taint.PreferNoSchedule))
            {
                return taint;
            }
        }

        return null;
    }

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
