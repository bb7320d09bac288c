using Sparkwright.World.Ec2;
using Sparkwright.World.Karpenter.Apis;
using Sparkwright.World.Karpenter.Drift;
using Sparkwright.World.Karpenter.InstanceTypes;

namespace Sparkwright.World.Karpenter.Cloud;

/// <summary>
/// Whether the machine behind a NodeClaim is still what its EC2NodeClass asks for, as the condition Drifted names it. A selector that finds nothing
/// at all says nothing: the class is not ready then.
/// </summary>
public static class CloudDrift
{
    /// <summary>The type that the claim's labels name, or its offering in their zone, is not sold any more; a lack of capacity is no such thing.</summary>
    public const string InstanceTypeNotFound = "InstanceTypeNotFound";

    /// <summary>Settings of the class other than its selectors have changed.</summary>
    public const string NodeClassDrift = "NodeClassDrift";

    public const string AmiDrift = "AMIDrift";

    public const string SecurityGroupDrift = "SecurityGroupDrift";

    public const string SubnetDrift = "SubnetDrift";

    /// <param name="shapes">What the class's nodes could be, offerings without capacity among them.</param>
    internal static string? Reason(NodeClaim claim, Instance machine, NodeClass nodeClass, ShapeTable shapes, ClassResources resources)
    {
        var labels = claim.Object.Metadata;
        var (zone, capacityType) = (labels.Label(KarpenterLabels.Zone), labels.Label(KarpenterLabels.CapacityType));
        var at = shapes.Find(labels.Label(KarpenterLabels.InstanceType) ?? "");
        if (at < 0 || (resources.Subnets(nodeClass).Any(subnet => subnet.Zone == machine.Zone)
            && !shapes.Shapes[at].Offerings.Any(offering => offering.Zone == zone && offering.CapacityType == capacityType)))
        {
            return InstanceTypeNotFound;
        }

        if (IsClassChanged(claim, nodeClass))
        {
            return NodeClassDrift;
        }

        var arch = shapes.Shapes[at].Type.Arch;
        var images = resources.Images(nodeClass).Where(image => image.Arch == arch).ToList();
        if (images.Count > 0 && images.TrueForAll(image => image.Id != claim.ImageId))
        {
            return AmiDrift;
        }

        var groups = resources.SecurityGroups(nodeClass).Select(group => group.Id).ToHashSet(StringComparer.Ordinal);
        if (groups.Count > 0 && !groups.SetEquals(machine.SecurityGroupIds))
        {
            return SecurityGroupDrift;
        }

        var subnets = resources.Subnets(nodeClass);
        return !subnets.IsEmpty && subnets.All(subnet => subnet.Id != machine.SubnetId) ? SubnetDrift : null;
    }

    /// <summary>Hashes of different versions say nothing of each other.</summary>
    private static bool IsClassChanged(NodeClaim claim, NodeClass nodeClass)
    {
        var (mine, wanted) = (claim.Object.Metadata, nodeClass.Object.Metadata);
        return wanted.Annotation(PoolHashes.NodeClassHash) is { } hash && mine.Annotation(PoolHashes.NodeClassHash) is { } known
            && wanted.Annotation(PoolHashes.NodeClassHashVersion) is { } version && version == mine.Annotation(PoolHashes.NodeClassHashVersion)
            && hash != known;
    }
}
