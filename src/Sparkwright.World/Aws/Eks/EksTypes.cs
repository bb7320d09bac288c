using System.Collections.Immutable;
using Sparkwright.Kubernetes.Objects;

namespace Sparkwright.World.Aws.Eks;

/// <summary>The kinds in which EKS's resources lie in the store.</summary>
public static class EksTypes
{
    public const string Group = "eks.sparkwright.dev";

    /// <summary>The cluster; once its API is served, <c>status.endpoint</c>.</summary>
    public static ResourceType Cluster { get; } = new(Group, "v1", "Cluster", "clusters", false, true);

    /// <summary>A node group: <c>spec.instanceType</c>, <c>desiredSize</c>, <c>subnetIds</c>, <c>securityGroupIds</c>, <c>imageId</c>, <c>nodeTemplate</c>.</summary>
    public static ResourceType NodeGroup { get; } = new(Group, "v1", "NodeGroup", "nodegroups", false, true);

    public static ImmutableArray<ResourceType> All { get; } = [Cluster, NodeGroup];
}
