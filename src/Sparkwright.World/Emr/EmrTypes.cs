using System.Collections.Immutable;
using Sparkwright.Kubernetes.Objects;

namespace Sparkwright.World.Emr;

/// <summary>The kinds in which the resources of EMR on EKS lie in the store.</summary>
public static class EmrTypes
{
    public const string Group = "emr.sparkwright.dev";

    public static ResourceType VirtualCluster { get; } = new(Group, "v1", "VirtualCluster", "virtualclusters", false, true);

    public static ResourceType JobRun { get; } = new(Group, "v1", "JobRun", "jobruns", false, true);

    public static ResourceType JobTemplate { get; } = new(Group, "v1", "JobTemplate", "jobtemplates", false, true);

    public static ResourceType ManagedEndpoint { get; } = new(Group, "v1", "ManagedEndpoint", "managedendpoints", false, true);

    public static ResourceType SecurityConfiguration { get; } = new(Group, "v1", "SecurityConfiguration", "securityconfigurations", false, true);

    public static ImmutableArray<ResourceType> All { get; } = [VirtualCluster, JobRun, JobTemplate, ManagedEndpoint, SecurityConfiguration];
}

/// <summary>Where EMR on EKS works.</summary>
public sealed record EmrSettings(string Region, string Account, string ClusterName);
