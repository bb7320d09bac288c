using System.Collections.Immutable;
using Sparkwright.Kubernetes.Fitting;
using Sparkwright.Kubernetes.Objects;
using Sparkwright.World.Karpenter.InstanceTypes;
using Sparkwright.World.Karpenter.Requirements;

namespace Sparkwright.World.Karpenter.Solver;

/// <summary>
/// What many plans of one moment have in common, worked out once: they differ only in nodes that go, pods that need a place, and what limits
/// still allow. Nothing in it depends on these, so a plan is the same whatever was planned on the same ground before.
/// </summary>
public sealed class SolverGround
{
    private readonly ImmutableArray<SolverNode> nodes;
    private readonly bool ignoresPreferences;
    private readonly Dictionary<PodSpecView, PodClass> bySpec = new(ReferenceEqualityComparer.Instance);
    private readonly Dictionary<TreeMap, PodClass> byKey = [];
    private readonly Dictionary<PodShape, HostBits> refused = [];
    private readonly Dictionary<string, int> numbers = new(StringComparer.Ordinal);
    private BoundGroups? bound;

    /// <param name="round">Its nodes and pools are those of every plan on this ground.</param>
    public SolverGround(SolverInput round)
    {
        nodes = round.Nodes;
        ignoresPreferences = round.IgnoresPreferences;
        Axes = new ResourceAxes(round.Pods.Select(pod => pod.Spec.Requests).Concat(round.Pools.Select(pool => pool.Daemons.Total)));
        Pools = [.. round.Pools.Select(pool => new PoolGround(pool, Axes))];
        for (var at = 0; at < nodes.Length; at++)
        {
            numbers[nodes[at].Name] = at;
        }
    }

    internal ResourceAxes Axes { get; }

    /// <summary>In the order of the round's pools.</summary>
    internal ImmutableArray<PoolGround> Pools { get; }

    internal ImmutableArray<SolverNode> Nodes => nodes;

    /// <summary>Whether a plan for this input may use what was worked out here.</summary>
    internal bool Serves(SolverInput input) => nodes == input.Nodes && input.Pods.All(pod => Axes.Cover(pod.Spec.Requests));

    internal PodClass ClassOf(SolverPod pod)
    {
        // Where volumes are is the pod's own matter, not the template's.
        if (pod.VolumeTopologies.IsEmpty && bySpec.TryGetValue(pod.Spec, out var known))
        {
            return known;
        }

        var key = PodClass.KeyOf(pod);
        if (!byKey.TryGetValue(key, out known))
        {
            byKey.Add(key, known = new PodClass(pod.Spec, pod.VolumeTopologies, Axes, ignoresPreferences));
        }

        if (pod.VolumeTopologies.IsEmpty)
        {
            bySpec.Add(pod.Spec, known);
        }

        return known;
    }

    /// <summary>The place of a node among the nodes; null for one that is not among them.</summary>
    internal int? NumberOf(string node) => numbers.TryGetValue(node, out var at) ? at : null;

    /// <summary>The pods on nodes, those together that rules see alike.</summary>
    internal BoundGroups Group(ImmutableArray<BoundPod> pods) => bound is { } known && known.Pods == pods ? known : bound = new BoundGroups(pods);

    /// <summary>The nodes that are known not to take such a pod even before anything is added to them.</summary>
    internal HostBits RefusedAtFirst(PodShape shape)
    {
        if (!refused.TryGetValue(shape, out var known))
        {
            refused.Add(shape, known = new HostBits());
        }

        return known;
    }
}

/// <summary>One pool as far as it is the same in every plan: what its types have room for, and what requirements leave of them.</summary>
internal sealed class PoolGround
{
    private readonly SolverPool pool;
    private readonly ResourceAxes axes;
    private readonly long[] room;
    private readonly bool[] isMeasured;
    private readonly Dictionary<(RequirementSet, RequirementSet), Combination> combinations = [];
    private readonly Dictionary<PodShape, ImmutableArray<Taint>> untolerated = [];
    private readonly Dictionary<string, ImmutableSortedSet<string>> domains = new(StringComparer.Ordinal);

    public PoolGround(SolverPool pool, ResourceAxes axes)
    {
        this.pool = pool;
        this.axes = axes;
        Launchable = pool.Shapes.Matching(pool.Requirements) & pool.Shapes.Offered(pool.Requirements);
        WellKnown = GenerationRules.Of(pool.Generation).WellKnownLabels;
        Scratch = new int[pool.Shapes.Shapes.Length];
        room = new long[pool.Shapes.Shapes.Length * axes.Count];
        isMeasured = new bool[pool.Shapes.Shapes.Length];
    }

    public ResourceAxes Axes => axes;

    /// <summary>The shapes that the pool may launch, limits aside.</summary>
    public ShapeSet Launchable { get; }

    public ImmutableHashSet<string> WellKnown { get; }

    /// <summary>Room for the positions of all shapes; whoever uses it is done with it before the next does.</summary>
    public int[] Scratch { get; }

    /// <summary>What a node of a shape has for pods when its daemons have taken theirs; few shapes are ever asked for, so each is worked out then.</summary>
    public ReadOnlySpan<long> RoomOf(int shape)
    {
        var axis = room.AsSpan(shape * axes.Count, axes.Count);
        if (!isMeasured[shape])
        {
            var known = pool.Shapes.Shapes[shape];
            axes.Along(known.Allocatable - pool.Daemons.On(known), axis);
            isMeasured[shape] = true;
        }

        return axis;
    }

    public ImmutableArray<Taint> Untolerated(PodShape pod)
    {
        if (!untolerated.TryGetValue(pod, out var taints))
        {
            untolerated.Add(pod, taints = pod.Untolerated(pool.Taints));
        }

        return taints;
    }

    /// <summary>What remains of the requirements of a node when a pod's are added.</summary>
    public Combination Combine(RequirementSet node, RequirementSet pod)
    {
        if (!combinations.TryGetValue((node, pod), out var known))
        {
            if (node.Admits(pod, WellKnown))
            {
                var combined = node.With(pod);
                known = new Combination(combined, pool.Shapes.Matching(combined) & pool.Shapes.Offered(combined), true);
            }
            else
            {
                known = new Combination(node, pool.Shapes.Everything, false);
            }

            combinations.Add((node, pod), known);
        }

        return known;
    }

    /// <summary>The values of a label that the pool's nodes may have, limits aside.</summary>
    public ImmutableSortedSet<string> DomainsOf(string label)
    {
        if (domains.TryGetValue(label, out var known))
        {
            return known;
        }

        var values = ImmutableSortedSet.CreateBuilder<string>(StringComparer.Ordinal);
        var asked = pool.Requirements.Get(label);
        if (asked is { IsComplement: false })
        {
            values.UnionWith(asked.Values);
        }

        foreach (var at in pool.Shapes.Matching(pool.Requirements))
        {
            var shape = pool.Shapes.Shapes[at];
            var offered = Offering.HasLabel(label) ? shape.Offerings.Select(offering => offering.ValueOf(label)!)
                : shape.Labels.Get(label) is { IsComplement: false } own ? own.Values
                : Enumerable.Empty<string>();
            values.UnionWith(offered.Where(value => asked?.Has(value) != false));
        }

        domains.Add(label, known = values.ToImmutable());
        return known;
    }
}

/// <summary>Pods on nodes, so arranged that a rule need not look at each of them.</summary>
internal sealed class BoundGroups(ImmutableArray<BoundPod> pods)
{
    public ImmutableArray<BoundPod> Pods => pods;

    /// <summary>By namespace and labels, in the order of the first of each.</summary>
    public ImmutableArray<BoundAlike> Alike { get; } =
        [.. pods.GroupBy(pod => (pod.Key.Namespace, pod.Labels)).Select(alike => new BoundAlike(alike.Key.Namespace, alike.Key.Labels, [.. alike]))];

    /// <summary>Those that keep others away from themselves.</summary>
    public ImmutableArray<BoundPod> Hermits { get; } = [.. pods.Where(pod => !pod.Spec.RequiredAntiAffinity.IsEmpty)];
}

/// <summary>Pods that no selector can tell apart.</summary>
internal sealed record BoundAlike(string Namespace, TreeMap Labels, ImmutableArray<BoundPod> Pods);
