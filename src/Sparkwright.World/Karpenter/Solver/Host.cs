using System.Collections.Immutable;
using Sparkwright.Kubernetes.Fitting;
using Sparkwright.World.Karpenter.Requirements;

namespace Sparkwright.World.Karpenter.Solver;

/// <summary>What came of the wish to put a pod on a host.</summary>
internal enum Addition
{
    Added,

    /// <summary>Not for now: other pods, which come and are counted, decide it.</summary>
    Later,

    /// <summary>Not in this round any more, nor any pod that asks the same of a host.</summary>
    Never,
}

/// <summary>A node, there already or planned, that may take pods.</summary>
internal abstract class Host(int number)
{
    /// <summary>Its place among all hosts of the round.</summary>
    public int Number => number;

    public abstract RequirementSet Requirements { get; }

    public abstract ImmutableArray<Taint> Taints { get; }

    /// <summary>The labels that the host may have though its requirements do not speak of them.</summary>
    public abstract ImmutableHashSet<string> WellKnown { get; }

    /// <summary>Takes a pod in if it can.</summary>
    public abstract Addition TryAdd(SolverPod pod, PodNeeds needs);
}

/// <summary>A node that is there, with what is left of it as the round goes on.</summary>
internal sealed class ExistingHost(SolverNode node, int number, Topology topology) : Host(number)
{
    private readonly List<HostPort> ports = [.. node.Ports];
    private readonly HashSet<VolumeUse> volumes = [.. node.Volumes];
    private ResourceList available = node.Available;

    public string Name => node.Name;

    /// <summary>Whether nothing has been added to it yet.</summary>
    public bool IsUntouched { get; private set; } = true;

    public override RequirementSet Requirements => node.Labels;

    public override ImmutableArray<Taint> Taints => node.Taints;

    public override ImmutableHashSet<string> WellKnown => [];

    public override Addition TryAdd(SolverPod pod, PodNeeds needs)
    {
        var shape = needs.Shape;
        if (!shape.Requests.FitsIn(available)
            || !shape.Untolerated(node.Taints).IsEmpty
            || shape.ConflictIn(ports) is not null
            || !node.Labels.Admits(shape.Requirements, [])
            || !shape.VolumeTopologies.Any(one => node.Labels.Admits(one, [])))
        {
            return Addition.Never;
        }

        if ((pod.IsMoved && !node.TakesMovedPods) || !HasRoomFor(pod.Volumes)
            || topology.Narrow(needs, node.Labels, Number).Requirements is not { } narrowed || !node.Labels.Admits(narrowed, []))
        {
            return Addition.Later;
        }

        IsUntouched = false;
        available -= shape.Requests;
        ports.AddRange(shape.Ports);
        volumes.UnionWith(pod.Volumes);
        return Addition.Added;
    }

    private bool HasRoomFor(ImmutableArray<VolumeUse> more)
    {
        if (more.IsEmpty || node.VolumeLimits.IsEmpty)
        {
            return true;
        }

        var together = volumes.Union(more).ToLookup(volume => volume.Driver, StringComparer.Ordinal);
        return node.VolumeLimits.All(limit => together[limit.Key].Count() <= limit.Value || !more.Any(volume => volume.Driver == limit.Key && !volumes.Contains(volume)));
    }
}
