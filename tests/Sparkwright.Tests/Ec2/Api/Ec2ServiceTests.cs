using Sparkwright.Kubernetes.Objects;
using Sparkwright.Tests.Aws;
using Sparkwright.World;
using Sparkwright.World.Aws.Api;

namespace Sparkwright.Tests.Ec2.Api;

/// <summary>The API ec2 as calls see it, without a wire.</summary>
public sealed class Ec2ServiceTests
{
    private static readonly string Subnets = "{Filter: [{Name: 'tag:karpenter.sh/discovery', Value: [sparkwright]}]}";

    private readonly global::Sparkwright.World.World world = WorldBuilder.Build(new WorldSettings());

    [Theory]
    //          operation                input                                                              list                    member                    values
    [InlineData("DescribeSubnets", "{}", "subnetSet", "cidrBlock", "10.1.0.0/18 10.1.128.0/18 10.1.64.0/18")]
    [InlineData("DescribeSubnets", "{Filter: [{Name: 'tag:Name', Value: ['sparkwright-private-us-west-2?']}]}", "subnetSet", "availabilityZone", "us-west-2a us-west-2b us-west-2c")]
    [InlineData("DescribeSubnets", "{Filter: [{Name: tag-key, Value: [karp*]}, {Name: availability-zone, Value: [us-west-2a, us-west-2b]}]}", "subnetSet", "availabilityZone", "us-west-2a us-west-2b")]
    [InlineData("DescribeSubnets", "{Filter: [{Name: 'tag:Name', Value: [sparkwright]}]}", "subnetSet", "availabilityZone", "")]
    [InlineData("DescribeVpcs", "{}", "vpcSet", "cidrBlock", "10.1.0.0/16")]
    [InlineData("DescribeSecurityGroups", "{GroupName: [sparkwright-node]}", "securityGroupInfo", "groupName", "sparkwright-node")]
    [InlineData("DescribeLaunchTemplates", "{LaunchTemplateName: [sparkwright-spark-compute]}", "launchTemplates", "latestVersionNumber", "1")]
    [InlineData("DescribeLaunchTemplateVersions", "{LaunchTemplateName: sparkwright-spark-compute, LaunchTemplateVersion: [$Latest]}", "launchTemplateVersionSet", "versionNumber", "1")]
    [InlineData("DescribeImages", "{Owner: [amazon], Filter: [{Name: name, Value: ['AL2-*']}]}", "imagesSet", "architecture", "arm64 x86_64")]
    [InlineData("DescribeImages", "{Owner: [self]}", "imagesSet", "name", "")]
    [InlineData("DescribeInstanceTypes", "{InstanceType: [c5d.9xlarge, r6gd.4xlarge]}", "instanceTypeSet", "instanceType", "c5d.9xlarge r6gd.4xlarge")]
    [InlineData("DescribeInstanceTypes", "{Filter: [{Name: vcpu-info.default-vcpus, Value: ['16']}, {Name: instance-type, Value: ['r5d.*']}]}", "instanceTypeSet", "instanceType", "r5d.4xlarge")]
    [InlineData("DescribeInstanceTypeOfferings", "{LocationType: availability-zone, Filter: [{Name: instance-type, Value: [c5d.9xlarge]}]}", "instanceTypeOfferingSet", "location", "us-west-2a us-west-2b us-west-2c us-west-2d")]
    [InlineData("DescribeSpotPriceHistory", "{InstanceType: [c5d.9xlarge], AvailabilityZone: us-west-2a, ProductDescription: [Linux/UNIX]}", "spotPriceHistorySet", "availabilityZoneId", "usw2-az1")]
    [InlineData("DescribeSpotPriceHistory", "{InstanceType: [c5d.9xlarge], ProductDescription: [Windows]}", "spotPriceHistorySet", "availabilityZone", "")]
    [InlineData("DescribeAvailabilityZones", "{Filter: [{Name: zone-id, Value: ['*-az2']}]}", "availabilityZoneInfo", "zoneName", "us-west-2b")]
    [InlineData("DescribeRegions", "{RegionName: [us-east-1]}", "regionInfo", "regionEndpoint", "ec2.us-east-1.amazonaws.com")]
    public void A_description_is_cut_by_names_and_filters(string operation, string input, string list, string member, string values) =>
        Assert.Equal(values, string.Join(' ', Done(operation, input)[list]!.Items.ToArray().Select(one => one[member]!.ToString().Trim('"')).Order(StringComparer.Ordinal)));

    [Theory]
    //          operation                input                                              status  code                        message
    [InlineData("DescribeSubnets", "{DryRun: 'true'}", 412, "DryRunOperation", "Request would have succeeded")]
    [InlineData("DescribeSubnets", "{SubnetId: [subnet-0]}", 400, "InvalidSubnetID.NotFound", "The subnet ID 'subnet-0' does not exist")]
    [InlineData("DescribeSubnets", "{Filter: [{Name: colour, Value: [red]}]}", 400, "InvalidParameterValue", "The filter 'colour' is invalid")]
    [InlineData("DescribeSubnets", "{MaxResults: '4'}", 400, "InvalidParameterValue", "maxResults is invalid")]
    [InlineData("DescribeSubnets", "{NextToken: x}", 400, "InvalidParameterValue", "nextToken")]
    [InlineData("DescribeInstances", "{InstanceId: [i-0, i-1]}", 400, "InvalidInstanceID.NotFound", "The instance IDs 'i-0, i-1' do not exist")]
    [InlineData("DescribeInstances", "{InstanceId: [x]}", 400, "InvalidInstanceID.Malformed", "Invalid id: \"x\"")]
    [InlineData("TerminateInstances", "{InstanceId: [i-0]}", 400, "InvalidInstanceID.NotFound", "The instance ID 'i-0' does not exist")]
    [InlineData("TerminateInstances", "{}", 400, "MissingParameter", "InstanceId")]
    [InlineData("DescribeInstanceTypes", "{InstanceType: [m9.huge]}", 400, "InvalidInstanceType", "do not exist: [m9.huge]")]
    [InlineData("DescribeLaunchTemplates", "{LaunchTemplateName: [none]}", 400, "InvalidLaunchTemplateName.NotFoundException", "At least one of the launch templates")]
    [InlineData("DescribeLaunchTemplateVersions", "{LaunchTemplateName: sparkwright-spark-compute, LaunchTemplateVersion: ['2']}", 400, "InvalidLaunchTemplateId.VersionNotFound", "version 2")]
    [InlineData("CreateTags", "{Tag: [{Key: a, Value: b}]}", 400, "MissingParameter", "resourceIdSet")]
    [InlineData("CreateTags", "{ResourceId: [subnet-0]}", 400, "MissingParameter", "tagSet")]
    [InlineData("CreateTags", "{ResourceId: [subnet-0], Tag: [{Key: a, Value: b}]}", 400, "InvalidID", "The ID 'subnet-0' is not valid")]
    public void What_cannot_be_is_refused_in_the_services_words(string operation, string input, int status, string code, string message)
    {
        var error = Assert.IsType<AwsAnswer.Refused>(Call(operation, input)).Error;
        Assert.Equal((status, code), (error.Status, error.Code));
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Tags_are_made_and_removed_where_Karpenter_looks_for_them()
    {
        var subnet = Done("DescribeSubnets", "{}")["subnetSet"]!.Items[0]["subnetId"]!.Text!;
        Done("DeleteTags", $"{{ResourceId: [{subnet}], Tag: [{{Key: karpenter.sh/discovery}}]}}");
        Assert.Equal(2, Done("DescribeSubnets", Subnets)["subnetSet"]!.Items.Length);
        Done("DeleteTags", $"{{ResourceId: [{subnet}], Tag: [{{Key: Name, Value: another}}]}}");
        Done("CreateTags", $"{{ResourceId: [{subnet}], Tag: [{{Key: karpenter.sh/discovery, Value: sparkwright}}]}}");
        Assert.Equal(3, Done("DescribeSubnets", Subnets)["subnetSet"]!.Items.Length);
        Assert.Equal(2, Done("DescribeTags", $"{{Filter: [{{Name: resource-id, Value: [{subnet}]}}, {{Name: resource-type, Value: [subnet]}}]}}")["tagSet"]!.Items.Length);
        Done("DeleteTags", $"{{ResourceId: [{subnet}]}}");
        Assert.Empty(Done("DescribeTags", $"{{Filter: [{{Name: resource-id, Value: [{subnet}]}}]}}")["tagSet"]!.Items.ToArray());
    }

    [Fact]
    public void An_instance_that_is_ended_goes_from_the_descriptions_an_hour_later()
    {
        Assert.True(world.Apply(Yaml.Read("""
            {apiVersion: karpenter.sh/v1alpha5, kind: Provisioner, metadata: {name: default}, spec: {providerRef: {name: default}}}
            """)).IsAccepted);
        Assert.True(world.Apply(Yaml.Read("""
            {apiVersion: karpenter.k8s.aws/v1alpha1, kind: AWSNodeTemplate, metadata: {name: default}, spec: {subnetSelector: {karpenter.sh/discovery: sparkwright}, securityGroupSelector: {karpenter.sh/discovery: sparkwright}}}
            """)).IsAccepted);
        Assert.True(world.Apply(Yaml.Read("{apiVersion: v1, kind: Pod, metadata: {name: a}, spec: {containers: [{name: a, image: a, resources: {requests: {cpu: 3}}}]}}")).IsAccepted);
        world.Loop.RunUntil(world.Clock.Now.AddMinutes(5));
        var instance = Assert.Single(Machines("{Filter: [{Name: instance-state-name, Value: [running]}]}"));
        var id = instance["instanceId"]!.Text!;
        Assert.Equal(("x86_64", "16", "on-demand"), (instance["architecture"]!.Text, instance.At("instanceState", "code")!.ToString(), instance["instanceLifecycle"]?.Text ?? "on-demand"));
        Assert.IsType<AwsAnswer.Refused>(Call("TerminateInstances", $"{{InstanceId: [{id}], DryRun: 'true'}}"));
        Assert.Equal("running", Done("TerminateInstances", $"{{InstanceId: [{id}]}}")["instancesSet"]!.Items[0].At("previousState", "name")!.Text);
        Assert.Equal("terminated", Done("TerminateInstances", $"{{InstanceId: [{id}]}}")["instancesSet"]!.Items[0].At("previousState", "name")!.Text);
        Assert.Equal("terminated", Machines($"{{InstanceId: [{id}]}}").Single().At("instanceState", "name")!.Text);
        world.Loop.RunUntil(world.Clock.Now.AddMinutes(61));
        Assert.IsType<AwsAnswer.Refused>(Call("DescribeInstances", $"{{InstanceId: [{id}]}}"));
    }

    private List<Tree> Machines(string input) => [.. Done("DescribeInstances", input)["reservationSet"]!.Items.ToArray().SelectMany(one => one["instancesSet"]!.Items.ToArray())];

    private TreeMap Done(string operation, string input) => AwsCalls.Done(world, "ec2", operation, input);

    private AwsAnswer Call(string operation, string input) => AwsCalls.Call(world, "ec2", operation, input);
}
