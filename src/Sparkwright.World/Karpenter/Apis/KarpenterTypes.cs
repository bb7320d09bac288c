using System.Collections.Immutable;
using Sparkwright.Kubernetes.Objects;

namespace Sparkwright.World.Karpenter.Apis;

/// <summary>Karpenter's kinds that code refers to.</summary>
public static class KarpenterTypes
{
    private const string OurGroup = "karpenter.sparkwright.dev";

    public static ResourceType Provisioner { get; } = new("karpenter.sh", "v1alpha5", "Provisioner", "provisioners", false, true);

    public static ResourceType AwsNodeTemplate { get; } = new("karpenter.k8s.aws", "v1alpha1", "AWSNodeTemplate", "awsnodetemplates", false, true);

    public static ResourceType NodePool { get; } = new("karpenter.sh", "v1", "NodePool", "nodepools", false, true);

    public static ResourceType NodeClaim { get; } = new("karpenter.sh", "v1", "NodeClaim", "nodeclaims", false, true);

    public static ResourceType Ec2NodeClass { get; } = new("karpenter.k8s.aws", "v1", "EC2NodeClass", "ec2nodeclasses", false, true);

    /// <summary>Why a node was launched; ours, one for each instance and named like it.</summary>
    public static ResourceType LaunchRecord { get; } = new(OurGroup, "v1", "LaunchRecord", "launchrecords", false, true);

    /// <summary>What Karpenter remembers for a short time; ours, one object.</summary>
    public static ResourceType Memory { get; } = new(OurGroup, "v1", "KarpenterMemory", "karpentermemories", false, true);

    /// <summary>A decision to disrupt nodes, why it was made and how far it has come; ours.</summary>
    public static ResourceType DisruptionRecord { get; } = new(OurGroup, "v1", "DisruptionRecord", "disruptionrecords", false, true);

    /// <summary>The kinds that are ours and not Karpenter's.</summary>
    public static ImmutableArray<ResourceType> Internal { get; } = [LaunchRecord, Memory, DisruptionRecord];
}
