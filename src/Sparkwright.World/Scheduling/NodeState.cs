using Sparkwright.Kubernetes.Fitting;

namespace Sparkwright.World.Scheduling;

/// <summary>A node with what its pods have taken of it; kept up to date from the store's changes.</summary>
public sealed class NodeState(NodeView view)
{
    private readonly List<HostPort> ports = [];

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

    /// <summary>Its place among all nodes, by name.</summary>
    internal int Rank { get; set; }

    public void Add(PodSpecView pod)
    {
        Used += pod.Requests;
        UsedForScores += pod.ScoringRequests;
        Free -= pod.Requests;
        ports.AddRange(pod.HostPorts);
    }

    public void Remove(PodSpecView pod)
    {
        Used -= pod.Requests;
        UsedForScores -= pod.ScoringRequests;
        Free += pod.Requests;
        foreach (var port in pod.HostPorts)
        {
            ports.Remove(port);
        }
    }
}
