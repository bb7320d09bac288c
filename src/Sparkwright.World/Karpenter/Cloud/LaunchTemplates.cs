using System.Collections.Immutable;
using Sparkwright.Kubernetes.Objects;
using Sparkwright.Simulation;
using Sparkwright.World.Ec2;
using Sparkwright.World.Karpenter.Apis;

namespace Sparkwright.World.Karpenter.Cloud;

/// <summary>Finds the launch template that a node class names, or makes the one that its settings amount to.</summary>
internal sealed class LaunchTemplates(Ec2Cloud ec2, ClassResources resources, LiveSettings settings)
{
    private const string DefaultVolume = "20Gi";

    /// <summary>Bottlerocket keeps its own system on a small disk of its own.</summary>
    private const string BottlerocketSystemVolume = "4Gi";

    public LaunchTemplateAnswer For(LaunchRequest request, string arch)
    {
        var nodeClass = request.NodeClass;
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

        ImmutableArray<string> groups = [.. resources.SecurityGroups(nodeClass).Select(group => group.Id)];
        if (groups.IsEmpty)
        {
            return new LaunchTemplateAnswer.Wrong("SecurityGroupsNotFound", "no security groups exist given constraints");
        }

        if (ProfileOf(nodeClass) is not { } profile)
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

        if (resources.Images(nodeClass).FirstOrDefault(image => image.Arch == arch) is not { Id: var image })
        {
            return new LaunchTemplateAnswer.Wrong("AMINotFound", $"no amis exist given constraints: family {nodeClass.AmiFamily}, {arch}");
        }

        var boot = new BootSettings
        {
            Family = nodeClass.AmiFamily,
            Settings = settings.Current,
            Registration = request.Registration,
            Kubelet = KubeletArguments.Of(request.Pool, nodeClass),
            UsesInstanceStore = nodeClass.UsesInstanceStore,
            IsLegacy = nodeClass.Generation == Generation.V1Alpha5,
        };
        var userData = UserDataMerge.Of(boot, nodeClass.UserData);
        var content = TreeMap.Of(
            ("blockDeviceMappings", nodeClass.BlockDeviceMappings.Count > 0 ? nodeClass.BlockDeviceMappings : DefaultDevices(nodeClass.AmiFamily)),
            ("imageId", image),
            ("instanceProfile", profile),
            ("metadataOptions", DefaultMetadataOptions.Merge(nodeClass.MetadataOptions)),
            ("securityGroupIds", TreeList.OfTexts(groups)),
            ("userData", userData));
        var hash = StableHash.Mix(StableHash.Of(content.ToString()));
        var made = $"Karpenter-{settings.Current.ClusterName}-{hash}";
        return ec2.EnsureLaunchTemplate(made, content, TagsFor(request with { ClaimName = null })) is { } refused
            ? new LaunchTemplateAnswer.Wrong(refused.Code, refused.Message)
            : new LaunchTemplateAnswer.Found(made, image, userData, groups);
    }

    /// <summary>The tags of instances, volumes and launch templates; the user's win.</summary>
    public TreeMap TagsFor(LaunchRequest request)
    {
        var (nodeClass, pool) = (request.NodeClass, request.Pool.Name);
        var owned = ($"kubernetes.io/cluster/{settings.Current.ClusterName}", (Tree?)"owned");
        return nodeClass.Generation == Generation.V1Alpha5
            ? TreeMap.Of(("Name", $"{KarpenterLabels.ProvisionerName}/{pool}"), (KarpenterLabels.ProvisionerName, pool), owned)
                .Merge(settings.Current.Tags).Merge(nodeClass.Tags)
            : nodeClass.Tags.Merge(settings.Current.Tags).Merge(TreeMap.Of(
                ("eks:eks-cluster-name", settings.Current.ClusterName),
                ("karpenter.k8s.aws/ec2nodeclass", nodeClass.Name),
                ("karpenter.sh/nodeclaim", request.ClaimName),
                (KarpenterLabels.NodePool, pool),
                owned));
    }

    /// <summary>The profile of a role is the one that the class's controller made for it.</summary>
    private string? ProfileOf(NodeClass nodeClass) => nodeClass.Generation == Generation.V1Alpha5
        ? nodeClass.InstanceProfile ?? settings.Current.DefaultInstanceProfile
        : nodeClass.InstanceProfile ?? nodeClass.Object.Status["instanceProfile"]?.Text;

    private static TreeMap DefaultMetadataOptions { get; } = TreeMap.Of(
        ("httpEndpoint", "enabled"), ("httpProtocolIPv6", "disabled"), ("httpPutResponseHopLimit", 2), ("httpTokens", "required"));

    private static TreeList DefaultDevices(string family) => family switch
    {
        "Custom" => TreeList.Empty,
        "Bottlerocket" => TreeList.Of(Device("/dev/xvda", BottlerocketSystemVolume), Device(NodeClass.DeviceOf(family), DefaultVolume)),
        _ => TreeList.Of(Device(NodeClass.DeviceOf(family), DefaultVolume)),
    };

    private static TreeMap Device(string name, string size) => TreeMap.Of(
        ("deviceName", name),
        ("ebs", TreeMap.Of(("encrypted", true), ("volumeSize", size), ("volumeType", "gp3"))));
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
