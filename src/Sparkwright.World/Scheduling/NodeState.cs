using Sparkwright.Kubernetes.Fitting;

namespace Sparkwright.World.Scheduling;

/// <summary>A node with what its pods have taken of it; kept up to date from the store's changes.</summary>
public sealed class NodeState(NodeView view)
{
    private readonly List<HostPort> ports = [];

    /// <summary>The node as it is now.</summary>
    public NodeView View { get; set; } = view;

    /// <summary>The sum of its pods' requests.</summary>
    public ResourceList Used { get; private set; } = ResourceList.Zero;

    /// <summary>The same with stand-ins for containers that ask for nothing; for scores alone.</summary>
    public ResourceList UsedForScores { get; private set; } = ResourceList.Zero;

    public ResourceList Free => View.Allocatable - Used;

    public IReadOnlyList<HostPort> Ports => ports;

    public void Add(PodSpecView pod)
    {
        Used += pod.Requests;
        UsedForScores += pod.ScoringRequests;
        ports.AddRange(pod.HostPorts);
    }

    public void Remove(PodSpecView pod)
    {
        Used -= pod.Requests;
        UsedForScores -= pod.ScoringRequests;
        foreach (var port in pod.HostPorts)
        {
            ports.Remove(port);
        }
    }
}
