using Sparkwright.Kubernetes.Objects;
using Sparkwright.World;
using Sparkwright.World.Aws.Api;

namespace Sparkwright.Tests.Aws;

/// <summary>Every operation of every service is asked with members of wrong types, of wrong lengths and of other operations: it answers or refuses, and never breaks.</summary>
public sealed class ServiceFuzzTests
{
    private const int Rounds = 60;

    private static readonly string[] Members =
    [
        "id", "name", "clientToken", "virtualClusterId", "containerProvider", "executionRoleArn", "releaseLabel", "jobDriver", "configurationOverrides", "tags", "tagKeys", "resourceArn", "states", "types",
        "createdAfter", "createdBefore", "maxResults", "nextToken", "jobTemplateId", "jobTemplateParameters", "jobTemplateData", "retryPolicyConfiguration", "type", "securityConfigurationData", "credentialType",
        "executionRoleArn", "durationInSeconds", "endpointIdentifier", "virtualClusterIdentifier", "containerProviderId", "containerProviderType", "logContext", "templateId", "kmsKeyArn", "securityConfigurationId",
        "nodegroupName", "addonName", "workspaceId", "alias", "logGroupName", "logStreamName", "logGroupNamePrefix", "logStreamNamePrefix", "logEvents", "sequenceToken", "startTime", "endTime", "startFromHead", "limit",
        "filterPattern", "orderBy", "descending", "retentionInDays", "logGroupIdentifier", "logGroupIdentifiers", "RoleName", "AssumeRolePolicyDocument", "PolicyDocument", "PolicyName", "PolicyArn", "Path", "PathPrefix",
        "Description", "MaxSessionDuration", "Tags", "TagKeys", "Marker", "MaxItems", "Scope", "OnlyAttached", "VersionId", "UserName", "Url", "ClientIDList", "ThumbprintList", "OpenIDConnectProviderArn", "PolicySourceArn",
        "ActionNames", "ResourceArns", "ContextEntries", "RoleArn", "RoleSessionName", "DurationSeconds", "Policy", "ExternalId", "WebIdentityToken", "AccessKeyId", "Filter", "InstanceId", "InstanceType", "MaxResults",
        "NextToken", "DryRun", "SubnetId", "VpcId", "GroupId", "GroupName", "LaunchTemplateId", "LaunchTemplateName", "LaunchTemplateVersion", "LocationType", "ProductDescription", "StartTime", "EndTime", "AvailabilityZone",
        "ZoneName", "ZoneId", "RegionName", "ImageId", "Owner", "VolumeId", "ResourceId", "Tag", "experimentTemplateId", "targets", "actions", "roleArn", "stopConditions",
    ];

    private static readonly Tree?[] Values =
    [
        "", "a", "*", "%", "0", "-1", "99999999999999999999", "2026-13-45T99:99:99Z", "2026-01-01T00:00:00Z", "arn:aws:iam::111122223333:role/job", "arn:", "{", "{}", "[]", "${x}", "../..", "\0", "\ud800",
        new string('x', 20_000), 0, -1, long.MaxValue, long.MinValue, true, false, new TreeReal(1.5), TreeNull.Value, TreeList.Empty, TreeMap.Empty, TreeList.Of("a", 1, TreeMap.Empty, TreeNull.Value), TreeMap.Of(("Key", 1), ("Value", TreeList.Empty)),
        TreeMap.Of(("sparkSubmitJobDriver", TreeMap.Of(("entryPoint", 5)))), TreeMap.Of(("a", TreeMap.Of(("b", TreeMap.Of(("c", TreeMap.Empty)))))), TreeList.Of(TreeMap.Of(("Name", "tag:a"), ("Value", TreeList.Of("*", "?")))), TreeList.Of(TreeMap.Of(("timestamp", "x"), ("message", 1))),
    ];

    private readonly global::Sparkwright.World.World world = WorldBuilder.Build(new WorldSettings());

    public static TheoryData<string> Services => [.. WorldBuilder.Build(new WorldSettings()).AwsServices.Select(service => service.SigningName)];

    [Theory]
    [MemberData(nameof(Services))]
    public void Nothing_that_is_asked_breaks_a_service(string name)
    {
        var service = world.AwsServices.First(one => one.SigningName == name);
        var random = new Random(7);
        foreach (var operation in service.Operations)
        {
            var labels = operation.Path.Split('/').Where(part => part.StartsWith('{')).Select(part => part[1..^1]);
            for (var round = 0; round < Rounds; round++)
            {
                var input = labels.Aggregate(TreeMap.Empty, (map, label) => map.With(label, "x"));
                for (var more = random.Next(12); more > 0; more--)
                {
                    input = input.With(Members[random.Next(Members.Length)], Values[random.Next(Values.Length)]);
                }

                try
                {
                    operation.Answer(new AwsCall(operation.Name, input, new AwsCaller("arn:aws:iam::111122223333:user/kim", "AIDA", "AKIA")));
                }
                catch (Exception fault)
                {
                    Assert.Fail($"{name} {operation.Name} {input}: {fault}");
                }
            }
        }
    }
}
