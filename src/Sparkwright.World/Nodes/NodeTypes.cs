using System.Collections.Immutable;
using Sparkwright.Kubernetes.Objects;

namespace Sparkwright.World.Nodes;

/// <summary>The internal kinds in which kubelets keep what no Kubernetes object shows.</summary>
public static class NodeTypes
{
    public const string Group = "nodes.sparkwright.dev";

    /// <summary>How far a pod has come on its way to Running; named by the pod's uid.</summary>
    public static ResourceType PodStart { get; } = new(Group, "v1", "PodStart", "podstarts", false, false);

    public static ImmutableArray<ResourceType> All { get; } = [PodStart];
}
