using Sparkwright.Kubernetes.Objects;

namespace Sparkwright.World.Karpenter.Apis;

/// <summary>Karpenter's kinds that code refers to.</summary>
public static class KarpenterTypes
{
    public static ResourceType Provisioner { get; } = new("karpenter.sh", "v1alpha5", "Provisioner", "provisioners", false, true);

    public static ResourceType AwsNodeTemplate { get; } = new("karpenter.k8s.aws", "v1alpha1", "AWSNodeTemplate", "awsnodetemplates", false, true);

    /// <summary>Why a node was launched; ours, one for each node.</summary>
    public static ResourceType LaunchRecord { get; } = new("karpenter.sparkwright.dev", "v1", "LaunchRecord", "launchrecords", false, true);
}
