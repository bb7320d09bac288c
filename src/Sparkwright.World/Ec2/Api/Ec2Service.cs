using System.Globalization;
using System.Text;
using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Requests;
using Sparkwright.World.Aws.Api;

namespace Sparkwright.World.Ec2.Api;

/// <summary>The API ec2 over the world: what there is, described; tags; and the end of instances. Everything that makes something is Karpenter's and EKS's.</summary>
public sealed class Ec2Service(ApiServer api, Ec2Cloud ec2, Interruptions interruptions, AwsPlace place, string clusterName)
{
    /// <summary>The account in which Amazon has its EKS images.</summary>
    private const string ImageOwner = "602401143452";

    private const string LinuxProduct = "Linux/UNIX";

    /// <summary>For so long EC2 tells of instances that are terminated.</summary>
    private static readonly TimeSpan KeepsTerminated = TimeSpan.FromHours(1);

    public AwsService Service()
    {
        var catalogue = new Ec2Offerings(ec2.Catalogue, api.Clock);
        return new("ec2", AwsProtocol.Ec2Query, "http://ec2.amazonaws.com/doc/2016-11-15/",
        [
            new("DescribeInstances", Instances().Answer),
            new("TerminateInstances", TerminateInstances),
            new("DescribeSubnets", Subnets().Answer),
            new("DescribeVpcs", Vpcs().Answer),
            new("DescribeSecurityGroups", SecurityGroups().Answer),
            new("DescribeLaunchTemplates", LaunchTemplates().Answer),
            new("DescribeLaunchTemplateVersions", LaunchTemplateVersions),
            new("DescribeImages", DescribeImages),
            new("DescribeInstanceTypes", catalogue.Types().Answer),
            new("DescribeInstanceTypeOfferings", catalogue.Offerings),
            new("DescribeSpotPriceHistory", catalogue.SpotPrices),
            new("DescribeAvailabilityZones", catalogue.Zones().Answer),
            new("DescribeRegions", Ec2Offerings.Regions().Answer),
            new("DescribeTags", DescribeTags().Answer),
            new("CreateTags", call => call.Input["Tag"] is null
                ? Ec2Refusals.Refuse("MissingParameter", "The request must contain the parameter tagSet")
                : ChangeTags(call, static (tags, key, value) => tags.With(key, value))),
            new("DeleteTags", call => ChangeTags(call, static (tags, key, value) => value.Length == 0 || tags.Get(key)?.Text == value ? tags.With(key, null) : tags)),
        ]);
    }

    private string VpcId => Ec2Vpc.IdOf(api.Chance, clusterName);

    private static TreeMap TagsOf(ApiObject known) => known.Spec["tags"] as TreeMap ?? TreeMap.Empty;

    private static TreeList TagSet(TreeMap tags) => TreeList.From(tags.Members().Select(tag => TreeMap.Of(("key", tag.Key), ("value", tag.Value.Text ?? ""))));

    private static string Time(DateTime time) => time.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);

    private Ec2Listing<ApiObject> Instances() => new(
        "reservationSet",
        () => api.Store.List(Ec2Types.Instance).Where(known => Instance.Of(known).TerminatedAt is not { } end || api.Clock.Now - end < KeepsTerminated),
        known => TreeMap.Of(
            ("groupSet", TreeList.Empty),
            ("instancesSet", TreeList.Of(InstanceXml(Instance.Of(known)))),
            ("ownerId", place.Account),
            ("reservationId", "r-" + known.Name[2..])),
        ("architecture", known => [ArchitectureOf(Instance.Of(known))]),
        ("availability-zone", static known => [Instance.Of(known).Zone]),
        ("dns-name", static _ => [""]),
        ("image-id", static known => [Instance.Of(known).ImageId]),
        ("instance-id", static known => [known.Name]),
        ("instance-lifecycle", static known => [Instance.Of(known).CapacityType == "spot" ? "spot" : null]),
        ("instance-state-code", static known => [StateCode(Instance.Of(known).State).ToString(CultureInfo.InvariantCulture)]),
        ("instance-state-name", static known => [Instance.Of(known).State]),
        ("instance-type", static known => [Instance.Of(known).TypeName]),
        ("instance.group-id", static known => Instance.Of(known).SecurityGroupIds),
        ("instance.group-name", known => Instance.Of(known).SecurityGroupIds.Select(GroupName)),
        ("launch-time", static known => [Time(Instance.Of(known).LaunchedAt)]),
        ("owner-id", _ => [place.Account]),
        ("private-dns-name", static known => [Instance.Of(known).NodeName]),
        ("private-ip-address", static known => [Instance.Of(known).PrivateIp]),
        ("reservation-id", static known => ["r-" + known.Name[2..]]),
        ("subnet-id", static known => [Instance.Of(known).SubnetId]),
        ("vpc-id", _ => [VpcId]))
    {
        LeastPage = 5,
        Names = [new("InstanceId", static known => known.Name, Ec2Refusals.NoInstance)],
        Tags = TagsOf,
    };

    private TreeMap InstanceXml(Instance instance) => TreeMap.Of(
        ("amiLaunchIndex", 0),
        ("architecture", ArchitectureOf(instance)),
        ("blockDeviceMapping", TreeList.Empty),
        ("dnsName", ""),
        ("ebsOptimized", true),
        ("enaSupport", true),
        ("groupSet", TreeList.From(instance.SecurityGroupIds.Select(id => TreeMap.Of(("groupId", id), ("groupName", GroupName(id)))))),
        ("hypervisor", "xen"),
        ("imageId", instance.ImageId),
        ("instanceId", instance.Id),
        ("instanceLifecycle", instance.CapacityType == "spot" ? "spot" : null),
        ("instanceState", State(instance.State)),
        ("instanceType", instance.TypeName),
        ("launchTime", Time(instance.LaunchedAt)),
        ("monitoring", TreeMap.Of(("state", "disabled"))),
        ("placement", TreeMap.Of(("availabilityZone", instance.Zone), ("availabilityZoneId", ZoneIds.Of(instance.Zone)), ("groupName", ""), ("tenancy", "default"))),
        ("privateDnsName", instance.State == "terminated" ? "" : instance.NodeName),
        ("privateIpAddress", instance.State == "terminated" ? null : instance.PrivateIp),
        ("productCodes", TreeList.Empty),
        ("reason", instance.TerminatedAt is { } end ? $"User initiated ({end.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture)} GMT)" : ""),
        ("rootDeviceName", "/dev/xvda"),
        ("rootDeviceType", "ebs"),
        ("subnetId", instance.SubnetId),
        ("tagSet", TagSet(instance.Tags)),
        ("virtualizationType", "hvm"),
        ("vpcId", VpcId));

    private string ArchitectureOf(Instance instance) => ec2.Catalogue.Find(instance.TypeName) is { } type ? Ec2Offerings.Architecture(type.Arch) : "x86_64";

    private string GroupName(string id) => api.Store.Get(Ec2Types.SecurityGroup, "", id)?.Spec["groupName"]?.Text ?? "";

    private static TreeMap State(string name) => TreeMap.Of(("code", StateCode(name)), ("name", name));

    private static int StateCode(string name) => name switch { "pending" => 0, "running" => 16, "terminated" => 48, "stopping" => 64, _ => 80 };

    private AwsAnswer TerminateInstances(AwsCall call)
    {
        var ids = call.Texts("InstanceId");
        var missing = ids.Where(id => ec2.Find(id) is null).ToList();
        if (ids.Count == 0 || missing.Count > 0)
        {
            return ids.Count == 0 ? Ec2Refusals.Refuse("MissingParameter", "The request must contain the parameter InstanceId") : Ec2Refusals.NoInstance(missing);
        }

        if (Ec2Refusals.DryRun(call) is { } dry)
        {
            return dry;
        }

        var changes = new List<Tree>();
        foreach (var id in ids)
        {
            var before = ec2.Find(id)!;
            if (before.Exists)
            {
                interruptions.Terminate(before);
            }

            changes.Add(TreeMap.Of(("currentState", State("terminated")), ("instanceId", id), ("previousState", State(before.State))));
        }

        return AwsAnswer.Ok(("instancesSet", TreeList.From(changes)));
    }

    private Ec2Listing<ApiObject> Subnets() => new(
        "subnetSet",
        () => api.Store.List(Ec2Types.Subnet),
        known =>
        {
            var subnet = ec2.Subnet(known.Name)!;
            return TreeMap.Of(
                ("assignIpv6AddressOnCreation", false),
                ("availabilityZone", subnet.Zone),
                ("availabilityZoneId", ZoneIds.Of(subnet.Zone)),
                ("availableIpAddressCount", subnet.FreeAddresses),
                ("cidrBlock", subnet.Cidr.ToString()),
                ("defaultForAz", false),
                ("ipv6CidrBlockAssociationSet", TreeList.Empty),
                ("mapPublicIpOnLaunch", false),
                ("ownerId", place.Account),
                ("state", "available"),
                ("subnetArn", $"arn:aws:ec2:{place.Region}:{place.Account}:subnet/{known.Name}"),
                ("subnetId", known.Name),
                ("tagSet", TagSet(TagsOf(known))),
                ("vpcId", VpcId));
        },
        ("availability-zone", static known => [known.Spec["zone"]?.Text]),
        ("availability-zone-id", static known => [ZoneIds.Of(known.Spec["zone"]!.Text!)]),
        ("cidr-block", static known => [known.Spec["cidr"]?.Text]),
        ("default-for-az", static _ => ["false"]),
        ("map-public-ip-on-launch", static _ => ["false"]),
        ("owner-id", _ => [place.Account]),
        ("state", static _ => ["available"]),
        ("subnet-id", static known => [known.Name]),
        ("vpc-id", _ => [VpcId]))
    {
        LeastPage = 5,
        Names = [new("SubnetId", static known => known.Name, Ec2Refusals.NotFound("InvalidSubnetID.NotFound", "subnet ID"))],
        Tags = TagsOf,
    };

    private Ec2Listing<string> Vpcs()
    {
        var tags = TreeMap.Of(("Name", clusterName));
        return new(
            "vpcSet",
            () => api.Store.List(Ec2Types.Subnet).Count == 0 ? [] : [VpcId],
            id =>
            {
                var range = Ec2Vpc.RangeOf(api.Store.List(Ec2Types.Subnet)).ToString();
                return TreeMap.Of(
                    ("cidrBlock", range),
                    ("cidrBlockAssociationSet", TreeList.Of(TreeMap.Of(
                        ("associationId", "vpc-cidr-assoc-" + id["vpc-".Length..]), ("cidrBlock", range), ("cidrBlockState", TreeMap.Of(("state", "associated")))))),
                    ("instanceTenancy", "default"),
                    ("isDefault", false),
                    ("ownerId", place.Account),
                    ("state", "available"),
                    ("tagSet", TagSet(tags)),
                    ("vpcId", id));
            },
            ("cidr", _ => [Ec2Vpc.RangeOf(api.Store.List(Ec2Types.Subnet)).ToString()]),
            ("is-default", static _ => ["false"]),
            ("owner-id", _ => [place.Account]),
            ("state", static _ => ["available"]),
            ("vpc-id", static id => [id]))
        {
            LeastPage = 5,
            Names = [new("VpcId", static id => id, Ec2Refusals.NotFound("InvalidVpcID.NotFound", "vpc ID"))],
            Tags = _ => tags,
        };
    }

    /// <summary>Members of a group reach each other and everything outside; other rules are not simulated.</summary>
    private Ec2Listing<ApiObject> SecurityGroups() => new(
        "securityGroupInfo",
        () => api.Store.List(Ec2Types.SecurityGroup),
        known => TreeMap.Of(
            ("groupDescription", known.Spec["groupName"]),
            ("groupId", known.Name),
            ("groupName", known.Spec["groupName"]),
            ("ipPermissions", TreeList.Of(TreeMap.Of(
                ("groups", TreeList.Of(TreeMap.Of(("groupId", known.Name), ("userId", place.Account)))), ("ipProtocol", "-1"), ("ipRanges", TreeList.Empty)))),
            ("ipPermissionsEgress", TreeList.Of(TreeMap.Of(
                ("groups", TreeList.Empty), ("ipProtocol", "-1"), ("ipRanges", TreeList.Of(TreeMap.Of(("cidrIp", "0.0.0.0/0"))))))),
            ("ownerId", place.Account),
            ("securityGroupArn", $"arn:aws:ec2:{place.Region}:{place.Account}:security-group/{known.Name}"),
            ("tagSet", TagSet(TagsOf(known))),
            ("vpcId", VpcId)),
        ("description", static known => [known.Spec["groupName"]?.Text]),
        ("group-id", static known => [known.Name]),
        ("group-name", static known => [known.Spec["groupName"]?.Text]),
        ("owner-id", _ => [place.Account]),
        ("vpc-id", _ => [VpcId]))
    {
        LeastPage = 5,
        Names =
        [
            new("GroupId", static known => known.Name, Ec2Refusals.NotFound("InvalidGroup.NotFound", "security group")),
            new("GroupName", static known => known.Spec["groupName"]?.Text ?? "", Ec2Refusals.NotFound("InvalidGroup.NotFound", "security group")),
        ],
        Tags = TagsOf,
    };

    private Ec2Listing<ApiObject> LaunchTemplates() => new(
        "launchTemplates",
        () => api.Store.List(Ec2Types.LaunchTemplate),
        known => TreeMap.Of(
            ("createdBy", $"arn:aws:iam::{place.Account}:root"),
            ("createTime", Time(known.Metadata.CreationTimestamp)),
            ("defaultVersionNumber", 1),
            ("latestVersionNumber", 1),
            ("launchTemplateId", TemplateId(known)),
            ("launchTemplateName", known.Name),
            ("tagSet", TagSet(TagsOf(known)))),
        ("create-time", static known => [Time(known.Metadata.CreationTimestamp)]),
        ("launch-template-name", static known => [known.Name]))
    {
        Names =
        [
            new("LaunchTemplateId", TemplateId, static missing => Ec2Refusals.Refuse(
                "InvalidLaunchTemplateId.NotFound", $"The specified launch template, with template ID {missing[0]}, does not exist.")),
            new("LaunchTemplateName", static known => known.Name, static _ => Ec2Refusals.Refuse(
                "InvalidLaunchTemplateName.NotFoundException", "At least one of the launch templates specified in the request does not exist.")),
        ],
        Tags = TagsOf,
    };

    private string TemplateId(ApiObject template) => $"lt-{api.Chance.For("ec2/lt", template.Name).Hex(17)}";

    /// <summary>Each template has the one version 1.</summary>
    private AwsAnswer LaunchTemplateVersions(AwsCall call)
    {
        if (Ec2Refusals.DryRun(call) is { } dry)
        {
            return dry;
        }

        var (id, name) = (call.Text("LaunchTemplateId"), call.Text("LaunchTemplateName"));
        var found = api.Store.List(Ec2Types.LaunchTemplate).FirstOrDefault(known => id is not null ? TemplateId(known) == id : known.Name == name);
        if (found is null)
        {
            return id is null && name is null ? Ec2Refusals.Refuse("MissingParameter", "The request must contain LaunchTemplateId or LaunchTemplateName")
                : id is not null ? Ec2Refusals.Refuse("InvalidLaunchTemplateId.NotFound", $"The specified launch template, with template ID {id}, does not exist.")
                : Ec2Refusals.Refuse("InvalidLaunchTemplateName.NotFoundException", $"The specified launch template, with template name {name}, does not exist.");
        }

        var versions = call.Texts("LaunchTemplateVersion");
        if (versions.FirstOrDefault(version => version is not ("1" or "$Latest" or "$Default")) is { } missing)
        {
            return Ec2Refusals.Refuse("InvalidLaunchTemplateId.VersionNotFound", $"Could not find the specified version {missing} for the launch template with ID {TemplateId(found)}.");
        }

        var data = TreeMap.Of(
            ("iamInstanceProfile", found.Spec["instanceProfile"] is { } profile ? TreeMap.Of(("name", profile)) : null),
            ("imageId", found.Spec["imageId"]),
            ("securityGroupIdSet", found.Spec["securityGroupIds"]),
            ("userData", found.Spec["userData"]?.Text is { } text ? Convert.ToBase64String(Encoding.UTF8.GetBytes(text)) : null));
        return AwsAnswer.Ok(("launchTemplateVersionSet", TreeList.Of(TreeMap.Of(
            ("createdBy", $"arn:aws:iam::{place.Account}:root"),
            ("createTime", Time(found.Metadata.CreationTimestamp)),
            ("defaultVersion", true),
            ("launchTemplateData", data),
            ("launchTemplateId", TemplateId(found)),
            ("launchTemplateName", found.Name),
            ("versionNumber", 1)))));
    }

    private AwsAnswer DescribeImages(AwsCall call)
    {
        var owners = call.Texts("Owner");
        return new Ec2Listing<ApiObject>(
            "imagesSet",
            () => api.Store.List(Ec2Types.Image).Where(known => owners.Count == 0 || owners.Contains(OwnerAlias(known) ?? (OwnerOf(known) == place.Account ? "self" : "")) || owners.Contains(OwnerOf(known))),
            known => TreeMap.Of(
                ("architecture", Ec2Offerings.Architecture(known.Spec["arch"]?.Text ?? "")),
                ("blockDeviceMapping", TreeList.Empty),
                ("creationDate", Time(known.Metadata.CreationTimestamp)),
                ("enaSupport", true),
                ("hypervisor", "xen"),
                ("imageId", known.Name),
                ("imageLocation", $"{OwnerAlias(known) ?? OwnerOf(known)}/{ImageName(known)}"),
                ("imageOwnerAlias", OwnerAlias(known)),
                ("imageOwnerId", OwnerOf(known)),
                ("imageState", "available"),
                ("imageType", "machine"),
                ("isPublic", true),
                ("name", ImageName(known)),
                ("platformDetails", LinuxProduct),
                ("rootDeviceName", "/dev/xvda"),
                ("rootDeviceType", "ebs"),
                ("tagSet", TagSet(TagsOf(known))),
                ("virtualizationType", "hvm")),
            ("architecture", static known => [Ec2Offerings.Architecture(known.Spec["arch"]?.Text ?? "")]),
            ("image-id", static known => [known.Name]),
            ("image-type", static _ => ["machine"]),
            ("is-public", static _ => ["true"]),
            ("name", static known => [ImageName(known)]),
            ("owner-alias", static known => [OwnerAlias(known)]),
            ("owner-id", static known => [OwnerOf(known)]),
            ("root-device-type", static _ => ["ebs"]),
            ("state", static _ => ["available"]),
            ("virtualization-type", static _ => ["hvm"]))
        {
            Names = [new("ImageId", static known => known.Name, static missing => Ec2Refusals.Refuse("InvalidAMIID.NotFound", $"The image id '[{string.Join(", ", missing)}]' does not exist"))],
            Tags = TagsOf,
        }.Answer(call);
    }

    private static string ImageName(ApiObject image) => image.Spec["name"]?.Text ?? TagsOf(image).Get("Name")?.Text ?? image.Name;

    /// <summary>Amazon's own images have an alias for their owner; images of an account have its id alone.</summary>
    private static string? OwnerAlias(ApiObject image) => image.Spec["owner"]?.Text is null or "amazon" ? "amazon" : null;

    private static string OwnerOf(ApiObject image) => image.Spec["owner"]?.Text is { } owner and not "amazon" ? owner : ImageOwner;

    private Ec2Listing<(string Id, string Kind, string Key, string Value)> DescribeTags() => new(
        "tagSet",
        () => Tagged().SelectMany(one => TagsOf(one.Known).Members().Select(tag => (one.Id, one.Kind, tag.Key, tag.Value.Text ?? ""))).OrderBy(tag => tag.Id, StringComparer.Ordinal),
        tag => TreeMap.Of(("key", tag.Key), ("resourceId", tag.Id), ("resourceType", tag.Kind), ("value", tag.Value)),
        ("key", static tag => [tag.Key]),
        ("resource-id", static tag => [tag.Id]),
        ("resource-type", static tag => [tag.Kind]),
        ("value", static tag => [tag.Value]))
    {
        LeastPage = 5,
    };

    private IEnumerable<(string Id, string Kind, ApiObject Known)> Tagged() =>
    [
        .. api.Store.List(Ec2Types.Image).Select(known => (known.Name, "image", known)),
        .. api.Store.List(Ec2Types.Instance).Select(known => (known.Name, "instance", known)),
        .. api.Store.List(Ec2Types.LaunchTemplate).Select(known => (TemplateId(known), "launch-template", known)),
        .. api.Store.List(Ec2Types.SecurityGroup).Select(known => (known.Name, "security-group", known)),
        .. api.Store.List(Ec2Types.Subnet).Select(known => (known.Name, "subnet", known)),
    ];

    private AwsAnswer ChangeTags(AwsCall call, Func<TreeMap, string, string, TreeMap> change)
    {
        var known = Tagged().ToDictionary(one => one.Id, one => one.Known, StringComparer.Ordinal);
        var (ids, tags) = (call.Texts("ResourceId"), Tree.ItemsOf(call.Input["Tag"]).ToArray());
        if (ids.Count == 0)
        {
            return Ec2Refusals.Refuse("MissingParameter", "The request must contain the parameter resourceIdSet");
        }

        if (ids.FirstOrDefault(id => !known.ContainsKey(id)) is { } missing)
        {
            return Ec2Refusals.Refuse("InvalidID", $"The ID '{missing}' is not valid");
        }

        if (tags.Select(tag => tag["Key"]?.Text ?? "").FirstOrDefault(key => key.StartsWith("aws:", StringComparison.OrdinalIgnoreCase)) is { } reserved)
        {
            return Ec2Refusals.Refuse("InvalidParameterValue", $"Tag keys starting with 'aws:' are reserved for internal use: {reserved}");
        }

        if (Ec2Refusals.DryRun(call) is { } dry)
        {
            return dry;
        }

        foreach (var id in ids)
        {
            // Only a deletion may name no tags: it means all that are not AWS' own.
            var named = tags.Length > 0 ? tags : [.. TagsOf(known[id]).Keys.ToArray().Where(key => !key.StartsWith("aws:", StringComparison.Ordinal)).Select(key => TreeMap.Of(("Key", key)))];
            var changed = named.Aggregate(TagsOf(known[id]), (all, tag) => change(all, tag["Key"]?.Text ?? "", tag["Value"]?.Text ?? ""));
            api.Modify(known[id].Type, known[id].Key, one => one.Set(["spec", "tags"], changed));
        }

        return AwsAnswer.Ok(("return", true));
    }
}
