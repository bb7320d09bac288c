using Sparkwright.Kubernetes.Fitting;
using Sparkwright.Kubernetes.Objects;

namespace Sparkwright.World.Scheduling;

/// <summary>A node with what its pods have taken of it; kept up to date from the store's changes.</summary>
public sealed class NodeState(NodeView view)
{
    private readonly Dictionary<ObjectKey, ApiObject> pods = [];
    private readonly Dictionary<Counter, int> counts = [];
    private readonly List<HostPort> ports = [];
    private long? lowestPriority;

    /// <summary>The node as it is now.</summary>
    public NodeView View
    {
        get;
        set
        {
            field = value;
            Free = value.Allocatable - Used;
        }
    } = view;

    /// <summary>The sum of its pods' requests.</summary>
    public ResourceList Used { get; private set; } = ResourceList.Zero;

    /// <summary>The same with stand-ins for containers that ask for nothing; for scores alone.</summary>
    public ResourceList UsedForScores { get; private set; } = ResourceList.Zero;

    /// <summary>Below zero where more runs than fits.</summary>
    public ResourceList Free { get; private set; } = view.Allocatable;

    public IReadOnlyList<HostPort> Ports => ports;

    /// <summary>The pods that take room on it, in no order.</summary>
    public IReadOnlyDictionary<ObjectKey, ApiObject> Pods => pods;

    /// <summary>The lowest priority of its pods; no pod can be preempted here for one that has no more. long.MaxValue on an empty node.</summary>
    public long LowestPriority => lowestPriority ??= pods.Count == 0 ? long.MaxValue : pods.Values.Min(pod => PodSpecView.Of(pod).Priority);

    /// <summary>Its place among all nodes, by name.</summary>
    internal int Rank { get; set; }

    public void Add(ApiObject pod)
    {
        var spec = PodSpecView.Of(pod);
        pods.Add(pod.Key, pod);
        Used += spec.Requests;
        UsedForScores += spec.ScoringRequests;
        Free -= spec.Requests;
        ports.AddRange(spec.HostPorts);
        lowestPriority = null;
    }

    public void Remove(ApiObject pod)
    {
        var spec = PodSpecView.Of(pod);
        pods.Remove(pod.Key);
        Used -= spec.Requests;
        UsedForScores -= spec.ScoringRequests;
        Free += spec.Requests;
        lowestPriority = null;
        foreach (var port in spec.HostPorts)
        {
            ports.Remove(port);
        }
    }

    /// <summary>A newer state of a pod that takes the same.</summary>
    internal void Renew(ApiObject pod)
    {
        if (pods.ContainsKey(pod.Key))
        {
            pods[pod.Key] = pod;
        }
    }

    /// <summary>A copy to try things on.</summary>
    internal NodeState Copy()
    {
        var copy = new NodeState(View) { Used = Used, UsedForScores = UsedForScores, Free = Free, Rank = Rank };
        copy.ports.AddRange(ports);
        foreach (var (key, pod) in pods)
        {
            copy.pods.Add(key, pod);
        }

        foreach (var (counter, count) in counts)
        {
            copy.counts.Add(counter, count);
        }

        return copy;
    }

    internal int CountOf(Counter counter) => counts.Count == 0 ? 0 : counts.GetValueOrDefault(counter);

    internal void Count(Counter counter, int more)
    {
        var count = counts.GetValueOrDefault(counter) + more;
        if (count == 0)
        {
            counts.Remove(counter);
        }
        else
        {
            counts[counter] = count;
        }
    }

    internal void Forget(Counter counter) => counts.Remove(counter);
}
