using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Requests;

namespace Sparkwright.World.Nodes;

/// <summary>
/// What the containers of some pods do. A program is a function of what it is given and of the store, so that a restarted world goes on where
/// it was.
/// </summary>
public interface IPodProgram
{
    /// <summary>Whether this program runs the containers of a pod.</summary>
    bool Runs(ApiObject pod);

    /// <summary>When and how a running container ends; null while that is not known or it runs until it is stopped.</summary>
    ContainerEnd? EndOf(ApiObject pod, TreeMap container, DateTime startedAt);

    /// <summary>All that a run of a container writes, in the order of time, as far as that is known.</summary>
    IReadOnlyList<LogLine> OutputOf(ApiObject pod, TreeMap container, ContainerRun run) => [];
}

/// <summary>The end of a container.</summary>
public sealed record ContainerEnd(DateTime At, int ExitCode);

/// <summary>Which directories a node has.</summary>
public interface INodeFiles
{
    bool HasDirectory(ApiObject node, string path);
}
