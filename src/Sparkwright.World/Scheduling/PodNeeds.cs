using System.Collections.Immutable;
using Sparkwright.Kubernetes.Fitting;
using Sparkwright.Kubernetes.Objects;

namespace Sparkwright.World.Scheduling;

/// <summary>A spread constraint as one pod means it.</summary>
/// <param name="CountsItself">Whether the pod will itself be counted where it lands.</param>
internal sealed record SpreadNeed(SpreadConstraint Constraint, PodQuery Query, bool CountsItself);

/// <summary>A term about neighbours as one pod means it.</summary>
/// <param name="Weight">Of a wish; negative for one to be away.</param>
internal sealed record NeighbourNeed(string TopologyKey, PodQuery Query, long Weight);

/// <summary>
/// What a pod asks of its neighbours and they of it. Pods with equal specs and equal needs get equal answers from every node, whatever else
/// their labels say.
/// </summary>
internal sealed record PodNeeds
{
    public static PodNeeds None { get; } = new();

    /// <summary>DoNotSchedule.</summary>
    public ImmutableArray<SpreadNeed> HardSpreads { get; init; } = [];

    /// <summary>ScheduleAnyway.</summary>
    public ImmutableArray<SpreadNeed> SoftSpreads { get; init; } = [];

    /// <summary>The soft ones are the pod's own: then nodes without one of their labels are neither counted nor liked.</summary>
    public bool SoftNeedsAllLabels { get; init; }

    public ImmutableArray<NeighbourNeed> Affinity { get; init; } = [];

    /// <summary>The pod is one of those that all its affinity terms ask for, so that it may be the first.</summary>
    public bool SuitsItself { get; init; }

    public ImmutableArray<NeighbourNeed> AntiAffinity { get; init; } = [];

    public ImmutableArray<NeighbourNeed> Wishes { get; init; } = [];

    /// <summary>Terms of pods on nodes that are about this pod.</summary>
    public ImmutableArray<DeclaredTerm> OfOthers { get; init; } = [];

    /// <summary>Equal for needs that get equal answers; empty for none.</summary>
    public string Signature { get; private init; } = "";

    public bool IsNone => Signature.Length == 0;

    /// <summary>Whether a node can be refused because of them.</summary>
    public bool CanRefuse => !HardSpreads.IsEmpty || !Affinity.IsEmpty || !AntiAffinity.IsEmpty || OfOthers.Any(term => term.Repels);

    /// <param name="defaultSpread">The pods that count as this one's kind under the cluster's default constraints; null when it is of no kind.</param>
    public static PodNeeds Of(ApiObject pod, NeighbourBook neighbours, PodQuery? defaultSpread)
    {
        var spec = PodSpecView.Of(pod);
        var others = neighbours.TermsAbout(pod);
        if (spec.Spreads.IsEmpty && !spec.HasPodAffinity && others.IsEmpty && defaultSpread is null)
        {
            return None;
        }

        var affinity = Meant(pod, spec.RequiredAffinity, 1);
        var needs = new PodNeeds
        {
            HardSpreads = Meant(pod, neighbours, spec.Spreads, true),
            SoftSpreads = spec.Spreads.IsEmpty && defaultSpread is not null ? DefaultSpreads.For(defaultSpread) : Meant(pod, neighbours, spec.Spreads, false),
            SoftNeedsAllLabels = !spec.Spreads.IsEmpty,
            Affinity = affinity,
            SuitsItself = affinity.All(term => neighbours.Selects(term.Query, pod)),
            AntiAffinity = Meant(pod, spec.RequiredAntiAffinity, 1),
            Wishes = [.. Meant(pod, spec.PreferredAffinity, 1), .. Meant(pod, spec.PreferredAntiAffinity, -1)],
            OfOthers = others,
        };
        return needs with { Signature = needs.Say() };
    }

    private static ImmutableArray<SpreadNeed> Meant(ApiObject pod, NeighbourBook neighbours, ImmutableArray<SpreadConstraint> spreads, bool hard) =>
    [
        .. spreads.Where(spread => spread.IsHard == hard).Select(spread =>
        {
            var query = spread.QueryOf(pod.Namespace, pod.Metadata.Labels);
            return new SpreadNeed(spread, query, neighbours.Selects(query, pod));
        }),
    ];

    private static ImmutableArray<NeighbourNeed> Meant(ApiObject pod, ImmutableArray<PodAffinityTerm> terms, long sign) =>
        [.. terms.Select(term => new NeighbourNeed(term.TopologyKey, term.QueryOf(pod.Namespace, pod.Metadata.Labels), sign * term.Weight))];

    /// <summary>What the spec (which is compared too) leaves open.</summary>
    private string Say() => string.Join(
        '\n',
        HardSpreads.Concat(SoftSpreads).Select(spread => $"{spread.Query} {spread.CountsItself}")
            .Concat(Affinity.Concat(AntiAffinity).Concat(Wishes).Select(term => term.Query.ToString()))
            .Append(SuitsItself ? "suits itself" : "")
            .Concat(OfOthers.Select(term => $"#{term.Id}"))) is { Length: > 0 } said ? said : "none";
}
