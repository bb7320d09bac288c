using System.Collections.Immutable;
using Sparkwright.Kubernetes.Objects;
using Sparkwright.Simulation;
using Sparkwright.World.Ec2;
using Sparkwright.World.Karpenter.Apis;

namespace Sparkwright.World.Karpenter.Cloud;

/// <summary>Finds the launch template that a node template names, or makes the one that its settings amount to.</summary>
internal sealed class LaunchTemplates(Ec2Cloud ec2, string clusterName, string? defaultInstanceProfile)
{
    private const string DefaultRootVolume = "20Gi";

    public LaunchTemplateAnswer For(NodeClass nodeClass, string arch, string poolName, NodeRegistration registration)
    {
        if (nodeClass.LaunchTemplate is { } name)
        {
            return ec2.LaunchTemplate(name) is { } given
                ? new LaunchTemplateAnswer.Found(
                    name,
                    given.Spec["imageId"]?.Text,
                    given.Spec["userData"]?.Text,
                    [.. Tree.ItemsOf(given.Spec["securityGroupIds"]).ToArray().Select(id => id.Text ?? "")])
                : new LaunchTemplateAnswer.Wrong("InvalidLaunchTemplateName.NotFoundException", $"the specified launch template, with template name {name}, does not exist");
        }

        if (ec2.Call("DescribeSecurityGroups") is { } failed)
        {
            return new LaunchTemplateAnswer.Wrong(failed.Code, failed.Message);
        }

        ImmutableArray<string> groups =
            [.. nodeClass.SecurityGroups.SelectMany(term => term.Id is { } id ? [id] : ec2.DescribeSecurityGroups(term.Tags)).Distinct(StringComparer.Ordinal)];
        if (groups.IsEmpty)
        {
            return new LaunchTemplateAnswer.Wrong("SecurityGroupsNotFound", "no security groups exist given constraints");
        }

        if ((nodeClass.InstanceProfile ?? defaultInstanceProfile) is not { } profile)
        {
            return new LaunchTemplateAnswer.Wrong("InstanceProfileMissing", "neither spec.instanceProfile nor the setting aws.defaultInstanceProfile is given");
        }

        if (!ec2.HasInstanceProfile(profile))
        {
            return new LaunchTemplateAnswer.Wrong("InvalidParameterValue", $"value ({profile}) for parameter iamInstanceProfile.name is invalid; invalid IAM instance profile name");
        }

        if (ec2.Call("DescribeImages") is { } noImages)
        {
            return new LaunchTemplateAnswer.Wrong(noImages.Code, noImages.Message);
        }

        var family = nodeClass.AmiFamily;
        var image = nodeClass.Spec["amiSelector"] is TreeMap selector
            ? ec2.DescribeImages(selector).FirstOrDefault(candidate => candidate.Spec["arch"]?.Text == arch)?.Name
            : ec2.ImageOf(family, arch);
        if (image is null)
        {
            return new LaunchTemplateAnswer.Wrong("AMINotFound", $"no amis exist given constraints: family {family}, {arch}");
        }

        var userData = UserDataMerge.Of(family, nodeClass.UserData, clusterName, registration);
        var content = TreeMap.Of(
            ("blockDeviceMappings", nodeClass.Spec["blockDeviceMappings"] ?? DefaultDevices(family)),
            ("imageId", image),
            ("instanceProfile", profile),
            ("metadataOptions", DefaultMetadataOptions.Merge(nodeClass.MetadataOptions)),
            ("securityGroupIds", TreeList.OfTexts(groups)),
            ("userData", userData));
        var hash = StableHash.Mix(StableHash.Of(content.ToString()));
        var made = $"Karpenter-{clusterName}-{hash}";
        return ec2.EnsureLaunchTemplate(made, content, TagsFor(nodeClass, poolName)) is { } refused
            ? new LaunchTemplateAnswer.Wrong(refused.Code, refused.Message)
            : new LaunchTemplateAnswer.Found(made, image, userData, groups);
    }

    /// <summary>The tags of instances, volumes and launch templates; the user's win.</summary>
    public TreeMap TagsFor(NodeClass nodeClass, string poolName) => TreeMap.Of(
        ("Name", $"{KarpenterLabels.ProvisionerName}/{poolName}"),
        (KarpenterLabels.ProvisionerName, poolName),
        ($"kubernetes.io/cluster/{clusterName}", "owned")).Merge(nodeClass.Tags);

    private static TreeMap DefaultMetadataOptions { get; } = TreeMap.Of(
        ("httpEndpoint", "enabled"), ("httpProtocolIPv6", "disabled"), ("httpPutResponseHopLimit", 2), ("httpTokens", "required"));

    private static TreeList DefaultDevices(string family) => TreeList.Of(TreeMap.Of(
        ("deviceName", NodeClass.DeviceOf(family)),
        ("ebs", TreeMap.Of(("encrypted", true), ("volumeSize", DefaultRootVolume), ("volumeType", "gp3")))));
}

/// <summary>A launch template to use, or AWS's reason why there is none.</summary>
internal abstract record LaunchTemplateAnswer
{
    private LaunchTemplateAnswer()
    {
    }

    public sealed record Found(string Name, string? ImageId, string? UserData, ImmutableArray<string> SecurityGroupIds) : LaunchTemplateAnswer;

    public sealed record Wrong(string Code, string Message) : LaunchTemplateAnswer;
}
