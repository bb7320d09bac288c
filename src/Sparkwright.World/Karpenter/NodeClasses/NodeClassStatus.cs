using System.Collections.Immutable;
using Sparkwright.Kubernetes.Objects;
using Sparkwright.World.Ec2;
using Sparkwright.World.Karpenter.Cloud;

namespace Sparkwright.World.Karpenter.NodeClasses;

/// <summary>What an EC2NodeClass's status says of the resources that were found for it.</summary>
public static class NodeClassStatus
{
    private const string Validated = "ValidationSucceeded";

    public static TreeMap Of(
        TreeMap status, ImmutableArray<SubnetInfo> subnets, ImmutableArray<ClassSecurityGroup> groups, ImmutableArray<ClassImage> images, string profile, DateTime now)
    {
        var missing = new List<string>();
        status = status
            .With("amis", ListOf(images.Select(image => TreeMap.Of(
                ("id", image.Id),
                ("name", image.Name),
                ("requirements", TreeList.Of(TreeMap.Of(("key", KarpenterLabels.Arch), ("operator", "In"), ("values", TreeList.Of(image.Arch)))))))))
            .With("instanceProfile", profile)
            .With("securityGroups", ListOf(groups.Select(group => TreeMap.Of(("id", group.Id), ("name", group.Name)))))
            .With("subnets", ListOf(subnets.OrderByDescending(subnet => subnet.FreeAddresses).ThenBy(subnet => subnet.Id, StringComparer.Ordinal)
                .Select(subnet => TreeMap.Of(("id", subnet.Id), ("zone", subnet.Zone), ("zoneID", ZoneIds.Of(subnet.Zone))))));
        Say("AMIsReady", !images.IsEmpty, "AMINotFound", "AMISelector did not match any AMIs");
        Say("SubnetsReady", !subnets.IsEmpty, "SubnetsNotFound", "SubnetSelector did not match any Subnets");
        Say("SecurityGroupsReady", !groups.IsEmpty, "SecurityGroupsNotFound", "SecurityGroupSelector did not match any SecurityGroups");
        Say("InstanceProfileReady", true, "", "");
        Say(Validated, missing.Count == 0, "DependenciesNotReady", "Awaiting AMI, Instance Profile, Security Group, and Subnet resolution");
        return Readiness.Summarise(status, missing, now);

        void Say(string type, bool holds, string reason, string message)
        {
            status = Conditions.Set(status, type, holds, holds ? type : reason, holds ? "" : message, now);
            if (!holds)
            {
                missing.Add(type);
            }
        }
    }

    private static TreeList? ListOf(IEnumerable<TreeMap> items) => TreeList.From(items) is { Count: > 0 } list ? list : null;
}
