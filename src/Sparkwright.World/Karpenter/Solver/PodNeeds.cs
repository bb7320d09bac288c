using System.Collections.Immutable;
using Sparkwright.Kubernetes.Fitting;
using Sparkwright.Kubernetes.Objects;
using Sparkwright.World.Karpenter.Requirements;

namespace Sparkwright.World.Karpenter.Solver;

/// <summary>
/// What a pod asks for at one stage of relaxation. Preferences are hard until they are given up, one at a time: an alternative of the required
/// node affinity while more than one is left, then the heaviest preference, then the dislike of PreferNoSchedule taints.
/// </summary>
internal sealed class PodNeeds
{
    private readonly ImmutableArray<NodeSelectorTerm> required;
    private readonly ImmutableArray<NodeSelectorTerm> preferred;
    private readonly bool toleratesDislikes;
    private readonly PodSpecView spec;
    private PodNeeds? relaxed;

    private PodNeeds(PodSpecView spec, ImmutableArray<NodeSelectorTerm> required, ImmutableArray<NodeSelectorTerm> preferred, bool toleratesDislikes)
    {
        this.spec = spec;
        this.required = required;
        this.preferred = preferred;
        this.toleratesDislikes = toleratesDislikes;
        Requirements = RequirementSet.OfPod(spec.NodeSelector, required.IsEmpty ? null : required[0], preferred.IsEmpty ? null : preferred[0]);
    }

    public RequirementSet Requirements { get; }

    public ResourceList Requests => spec.Requests;

    public ImmutableArray<HostPort> Ports => spec.HostPorts;

    public static PodNeeds Of(PodSpecView spec) => new(
        spec,
        spec.RequiredTerms ?? [],
        [.. spec.PreferredTerms.OrderByDescending(term => term.Weight).Select(term => term.Term)],
        false);

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
            relaxed = required.Length > 1 ? new PodNeeds(spec, required.RemoveAt(0), preferred, toleratesDislikes)
                : !preferred.IsEmpty ? new PodNeeds(spec, required, preferred.RemoveAt(0), toleratesDislikes)
                : somePoolHasDislikes && !toleratesDislikes ? new PodNeeds(spec, required, preferred, true)
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

    public bool ConflictsWith(IEnumerable<HostPort> taken)
    {
        if (Ports.IsEmpty)
        {
            return false;
        }

        return taken.Any(port => Ports.Any(port.ConflictsWith));
    }
}
