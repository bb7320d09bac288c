using System.Collections.Immutable;
using System.Globalization;
using Sparkwright.Kubernetes.Fitting;
using Sparkwright.Kubernetes.Objects;
using Sparkwright.World.Karpenter.Requirements;

namespace Sparkwright.World.Karpenter.Solver;

/// <summary>
/// All rules about neighbours of one round and what they count: pods that are on nodes at first, then every pod that finds a place. Hosts are
/// numbered: existing nodes first, in their order, then nodes that only count, then planned ones.
/// </summary>
internal sealed class Topology
{
    private readonly SolverGround ground;
    private readonly SolverInput input;
    private readonly Dictionary<TopologyKey, TopologyGroup> groups = [];
    private readonly List<TopologyGroup> counting = [];
    private readonly List<TopologyGroup> inverse = [];
    private readonly Dictionary<(PodSpecView Spec, string Namespace, TreeMap? Labels), Declared> declared = [];
    private readonly Dictionary<(Declared Declared, string Namespace, TreeMap Labels), PodRules> rules = [];
    private readonly Dictionary<string, PodRules> rulesByContent = new(StringComparer.Ordinal);
    private readonly Dictionary<TopologyGroup, int> numbers = [];
    private readonly List<string> hostNames = [];

    public Topology(SolverGround ground, SolverInput input)
    {
        this.ground = ground;
        this.input = input;
        hostNames.AddRange(input.Nodes.Select(node => node.Name));
        foreach (var pod in input.Pods)
        {
            Declare(pod.Spec, pod.Key.Namespace, pod.Labels);
        }

        var hermits = input.Bound.IsEmpty ? [] : ground.Group(input.Bound).Hermits;
        var moving = groups.Count > 0 || !hermits.IsEmpty ? input.Pods.Select(pod => pod.Key).ToHashSet() : [];
        hermits = hermits.RemoveAll(pod => moving.Contains(pod.Key));
        foreach (var pod in hermits)
        {
            _ = Inverses(pod.Spec, pod.Key.Namespace, pod.Labels);
        }

        Labels = [.. counting.Concat(inverse).Select(group => group.Key.Label).Where(label => label != KarpenterLabels.Hostname).Distinct(StringComparer.Ordinal)];
        if (groups.Count > 0)
        {
            RegisterDomains();
            CountBound(hermits, moving);
        }
    }

    /// <summary>The labels, other than the host's name, that rules are about.</summary>
    public ImmutableArray<string> Labels { get; }

    /// <summary>The number that the next planned node will have.</summary>
    public int NextHost => hostNames.Count;

    public void AddHost() => hostNames.Add("");

    /// <summary>The rules that matter for a pod.</summary>
    public PodRules RulesOf(SolverPod pod)
    {
        if (groups.Count == 0)
        {
            return PodRules.None;
        }

        var own = Declare(pod.Spec, pod.Key.Namespace, pod.Labels);
        var key = (own, pod.Key.Namespace, pod.Labels);
        if (!rules.TryGetValue(key, out var known))
        {
            rules.Add(key, known = Interned(Resolve(own, pod)));
        }

        return known;
    }

    /// <summary>Whether the first pod of an affinity by host may begin on any host.</summary>
    public bool MayOpen(Constraint constraint, PodNeeds needs)
    {
        var hostname = needs.Shape.Strict.Get(KarpenterLabels.Hostname);
        return ((HostGroup)constraint.Group).MayOpen(constraint.SelectsItself, hostname is null ? null : host => hostname.Has(hostNames[host]));
    }

    /// <summary>
    /// What the rules make of a host's requirements when a pod is added to it. Each rule looks at the host as it is without the others; only among
    /// equally good domains it prefers one that they allow too, where upstream takes any and tries again later.
    /// </summary>
    public Narrowing Narrow(PodNeeds needs, RequirementSet node, int host)
    {
        foreach (var constraint in needs.HostConstraints)
        {
            var group = (HostGroup)constraint.Group;
            if (!group.Allows(host, constraint.SelectsItself, MayOpen(constraint, needs)))
            {
                return new Narrowing(null, new TopologyRefusal(
                    group.Kind, KarpenterLabels.Hostname, CountsOf(group), needs.Shape.Strict.Get(KarpenterLabels.Hostname), Requirement.In(KarpenterLabels.Hostname, NameOf(host))));
            }
        }

        var narrowed = RequirementSet.None;
        foreach (var constraint in needs.DomainConstraints)
        {
            var group = (DomainGroup)constraint.Group;
            var label = group.Key.Label;
            var (pod, at) = (needs.Shape.Strict.Get(label), node.Get(label));
            if (group.Choose(pod, at, constraint.SelectsItself, narrowed.Get(label)) is not { } chosen)
            {
                return new Narrowing(null, new TopologyRefusal(group.Kind, label, group.Counts, pod, at));
            }

            narrowed = narrowed.With(chosen);
        }

        return new Narrowing(narrowed, null);
    }

    /// <summary>
    /// Counts a pod where it went. Those that others must keep away from are counted wherever they may still land, others only once their
    /// domain is certain.
    /// </summary>
    public void Record(PodNeeds needs, Host host)
    {
        foreach (var group in needs.CountedBy)
        {
            if (!group.Filter.Admits(host.Requirements, host.Taints, host.WellKnown))
            {
                continue;
            }

            if (group is HostGroup byHost)
            {
                byHost.Count(host.Number);
            }
            else if (host.Requirements.Get(group.Key.Label) is { IsComplement: false } values && (group.Kind == TopologyKind.AntiAffinity || values.Values.Count == 1))
            {
                foreach (var domain in values.Values)
                {
                    ((DomainGroup)group).Count(domain);
                }
            }
        }
    }

    /// <summary>Worked out when somebody reads it.</summary>
    private IEnumerable<KeyValuePair<string, int>> CountsOf(HostGroup group) =>
        Enumerable.Range(0, hostNames.Count).Select(host => KeyValuePair.Create(NameOf(host), group.CountOn(host))).OrderBy(count => count.Key, StringComparer.Ordinal);

    /// <summary>A planned node is named by its number, as upstream does.</summary>
    private string NameOf(int host) => host < hostNames.Count && hostNames[host] is { Length: > 0 } name
        ? name
        : $"hostname-placeholder-{(host + 1).ToString("0000", CultureInfo.InvariantCulture)}";

    private Declared Declare(PodSpecView spec, string podNamespace, TreeMap labels)
    {
        if (spec.RequiredAffinity.IsEmpty && spec.PreferredAffinity.IsEmpty && spec.RequiredAntiAffinity.IsEmpty && spec.PreferredAntiAffinity.IsEmpty && spec.Spreads.IsEmpty)
        {
            return Declared.Nothing;
        }

        var key = (spec, podNamespace, TakesOverLabels(spec) ? labels : null);
        if (!declared.TryGetValue(key, out var known))
        {
            known = new Declared(
                [.. spec.RequiredAffinity.Select(term => Group(TopologyKind.Affinity, term))],
                [.. spec.RequiredAntiAffinity.Select(term => Group(TopologyKind.AntiAffinity, term))],
                [.. spec.Spreads.Where(one => one.IsHard).Select(Spread)],
                [.. spec.PreferredAffinity.OrderByDescending(term => term.Weight).Select(term => Group(TopologyKind.Affinity, term))],
                [.. spec.PreferredAntiAffinity.OrderByDescending(term => term.Weight).Select(term => Group(TopologyKind.AntiAffinity, term))],
                [.. spec.Spreads.Where(one => !one.IsHard).Select(Spread)],
                Inverses(spec, podNamespace, labels));
            declared.Add(key, known);
        }

        return known;

        TopologyGroup Group(TopologyKind kind, PodAffinityTerm term) =>
            GroupOf(new TopologyKey(kind, KarpenterLabels.Normalized(term.TopologyKey), term.QueryOf(podNamespace, labels)), NodeFilter.All);

        TopologyGroup Spread(SpreadConstraint one)
        {
            var filter = NodeFilter.Of(spec, one);
            return GroupOf(
                new TopologyKey(
                    TopologyKind.Spread, KarpenterLabels.Normalized(one.TopologyKey), one.QueryOf(podNamespace, labels), one.MaxSkew, one.MinDomains, filter.Wording),
                filter);
        }
    }

    private ImmutableArray<TopologyGroup> Inverses(PodSpecView spec, string podNamespace, TreeMap labels) =>
    [
        .. spec.RequiredAntiAffinity.Select(term => GroupOf(
            new TopologyKey(TopologyKind.AntiAffinity, KarpenterLabels.Normalized(term.TopologyKey), term.QueryOf(podNamespace, labels), IsInverse: true), NodeFilter.All)),
    ];

    private TopologyGroup GroupOf(TopologyKey key, NodeFilter filter)
    {
        if (!groups.TryGetValue(key, out var group))
        {
            group = key.IsByHost ? new HostGroup(key, filter) : new DomainGroup(key, filter);
            groups.Add(key, group);
            numbers.Add(group, numbers.Count);
            (key.IsInverse ? inverse : counting).Add(group);
        }

        return group;
    }

    private PodRules Resolve(Declared own, SolverPod pod)
    {
        var counted = counting.Where(group => Selects(group, pod.Key.Namespace, pod.Labels)).ToImmutableArray();
        return new PodRules(
            [
                .. Constraints(own.Affinity.Concat(own.AntiAffinity).Concat(own.Spreads)),
                .. inverse.Where(group => Selects(group, pod.Key.Namespace, pod.Labels)).Select(group => new Constraint(group, true)),
            ],
            Constraints(own.SoftAffinity),
            Constraints(own.SoftAntiAffinity),
            Constraints(own.SoftSpreads),
            counted.AddRange(own.Inverses));

        ImmutableArray<Constraint> Constraints(IEnumerable<TopologyGroup> of) => [.. of.Select(group => new Constraint(group, counted.Contains(group)))];
    }

    /// <summary>Rules of the same content are one object, so that pods with labels of their own still form few classes.</summary>
    private PodRules Interned(PodRules rules)
    {
        var content = string.Join(
            '/',
            new[] { rules.Hard, rules.SoftAffinity, rules.SoftAntiAffinity, rules.SoftSpreads }
                .Select(list => string.Join(',', list.Select(one => (numbers[one.Group] * 2) + (one.SelectsItself ? 1 : 0))))
                .Append(string.Join(',', rules.CountedBy.Select(group => numbers[group]))));
        return rulesByContent.TryGetValue(content, out var known) ? known : rulesByContent[content] = rules;
    }

    private bool Selects(TopologyGroup group, string podNamespace, TreeMap labels) =>
        group.Key.Pods.Selects(podNamespace, labels, name => input.NamespaceLabels.GetValueOrDefault(name, TreeMap.Empty));

    private static bool TakesOverLabels(PodSpecView spec) =>
        spec.Spreads.Any(one => one.Source["matchLabelKeys"] is not null)
        || new[] { spec.RequiredAffinity, spec.PreferredAffinity, spec.RequiredAntiAffinity, spec.PreferredAntiAffinity }
            .Any(terms => terms.Any(term => term.Source["matchLabelKeys"] is not null || term.Source["mismatchLabelKeys"] is not null));

    /// <summary>The domains there are: what the pools could launch, and what the nodes have.</summary>
    private void RegisterDomains()
    {
        var byPool = Labels.ToDictionary(
            label => label, label => input.Pools.Select((pool, at) => (pool, Values: ground.Pools[at].DomainsOf(label))).ToArray(), StringComparer.Ordinal);
        foreach (var group in counting.Concat(inverse).OfType<DomainGroup>())
        {
            var label = group.Key.Label;
            foreach (var (_, values) in byPool[label].Where(known => group.Filter.Tolerates(known.pool.Taints)))
            {
                foreach (var value in values)
                {
                    group.Register(value);
                }
            }

            foreach (var node in input.Nodes)
            {
                if (!input.Gone.Contains(node.Name) && node.Labels.Get(label)?.Single is { } value && group.Filter.Admits(node.Labels, node.Taints, []))
                {
                    group.Register(value);
                }
            }
        }
    }

    private void CountBound(ImmutableArray<BoundPod> hermits, HashSet<ObjectKey> moving)
    {
        var others = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var alike in input.Bound.IsEmpty ? [] : ground.Group(input.Bound).Alike)
        {
            var selecting = counting.Where(group => Selects(group, alike.Namespace, alike.Labels)).ToList();
            if (selecting.Count == 0)
            {
                continue;
            }

            foreach (var pod in alike.Pods.Where(pod => !moving.Contains(pod.Key)))
            {
                foreach (var group in selecting.Where(group => group.Filter.Admits(pod.NodeLabels, pod.NodeTaints, [])))
                {
                    Count(group, pod, HostOf(pod.Node, others));
                }
            }
        }

        foreach (var pod in hermits)
        {
            foreach (var group in Inverses(pod.Spec, pod.Key.Namespace, pod.Labels))
            {
                Count(group, pod, HostOf(pod.Node, others));
            }
        }
    }

    /// <summary>The number of a host; a node that takes no part gets one of its own.</summary>
    private int HostOf(string node, Dictionary<string, int> others)
    {
        if (ground.NumberOf(node) is { } known)
        {
            return known;
        }

        if (!others.TryGetValue(node, out var number))
        {
            others.Add(node, number = hostNames.Count);
            hostNames.Add(node);
        }

        return number;
    }

    private static void Count(TopologyGroup group, BoundPod pod, int host)
    {
        if (group is HostGroup byHost)
        {
            byHost.Count(host);
        }
        else if (pod.NodeLabels.Get(group.Key.Label)?.Single is { } domain)
        {
            ((DomainGroup)group).Count(domain);
        }
    }

    /// <summary>The rules that pods of one template declare; the wishes heaviest first.</summary>
    /// <param name="inverses">Required anti-affinity as it binds others.</param>
    private sealed class Declared(
        ImmutableArray<TopologyGroup> affinity,
        ImmutableArray<TopologyGroup> antiAffinity,
        ImmutableArray<TopologyGroup> spreads,
        ImmutableArray<TopologyGroup> softAffinity,
        ImmutableArray<TopologyGroup> softAntiAffinity,
        ImmutableArray<TopologyGroup> softSpreads,
        ImmutableArray<TopologyGroup> inverses)
    {
        public static Declared Nothing { get; } = new([], [], [], [], [], [], []);

        public ImmutableArray<TopologyGroup> Affinity => affinity;

        public ImmutableArray<TopologyGroup> AntiAffinity => antiAffinity;

        public ImmutableArray<TopologyGroup> Spreads => spreads;

        public ImmutableArray<TopologyGroup> SoftAffinity => softAffinity;

        public ImmutableArray<TopologyGroup> SoftAntiAffinity => softAntiAffinity;

        public ImmutableArray<TopologyGroup> SoftSpreads => softSpreads;

        public ImmutableArray<TopologyGroup> Inverses => inverses;
    }
}

/// <summary>What the rules leave of a host for one pod, or which of them refuses it.</summary>
/// <param name="Requirements">What the host must be besides; null when it is refused.</param>
internal readonly record struct Narrowing(RequirementSet? Requirements, TopologyRefusal? Refusal);

/// <summary>A rule about neighbours that no domain satisfies.</summary>
/// <param name="Counts">The pods in each domain, by its name.</param>
/// <param name="Pod">What the pod asks of the label; null for nothing.</param>
/// <param name="Node">What the node has or may have; null for anything.</param>
public sealed record TopologyRefusal(TopologyKind Kind, string Label, IEnumerable<KeyValuePair<string, int>> Counts, Requirement? Pod, Requirement? Node)
{
    /// <summary>Karpenter 1.x shows so many domains.</summary>
    private const int MostShown = 25;

    /// <summary>As Karpenter's message has it. The newer one lists counts in its own way, and forgets the last parenthesis.</summary>
    public string Say(Generation generation) => generation == Generation.V1Alpha5
        ? $"{Start}map[{string.Join(' ', Counts.Select(one => $"{one.Key}:{one.Value}"))}]{End})"
        : $"{Start}{Listed}{End}";

    public override string ToString() => Say(Generation.V1);

    private string Start => $"unsatisfiable topology constraint for {Word}, key={Label} (counts = ";

    private string End => $", podDomains = {Say(Pod)}, nodeDomains = {Say(Node)}";

    private string Listed
    {
        get
        {
            var all = Counts.ToList();
            return string.Join(", ", all.Take(MostShown).Select(one => $"{one.Key}: {one.Value}"))
                + (all.Count > MostShown ? $" and {all.Count - MostShown} other(s)" : "");
        }
    }

    private string Word => Kind switch
    {
        TopologyKind.Spread => "topology spread",
        TopologyKind.Affinity => "pod affinity",
        _ => "pod anti-affinity",
    };

    private string Say(Requirement? requirement) => (requirement ?? Requirement.Exists(Label)).ToString();
}
