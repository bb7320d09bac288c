using Sparkwright.World.Aws.Api;

namespace Sparkwright.World.Emr.Api;

/// <summary>The API emr-containers: its operations and where they are found.</summary>
internal sealed class EmrService(
    VirtualClusterCalls clusters, JobRunCalls runs, JobTemplateCalls templates, EndpointCalls endpoints, SecurityConfigurationCalls security, TagCalls tags, CallQuotas quotas)
{
    public AwsService Service() => new("emr-containers", AwsProtocol.RestJson, "",
    [
        Operation("CreateVirtualCluster", "POST", "/virtualclusters", clusters.Create),
        Operation("DescribeVirtualCluster", "GET", "/virtualclusters/{id}", clusters.Describe),
        Operation("ListVirtualClusters", "GET", "/virtualclusters", clusters.List),
        Operation("DeleteVirtualCluster", "DELETE", "/virtualclusters/{id}", clusters.Delete),
        Operation("StartJobRun", "POST", "/virtualclusters/{virtualClusterId}/jobruns", runs.Start),
        Operation("DescribeJobRun", "GET", "/virtualclusters/{virtualClusterId}/jobruns/{id}", runs.Describe),
        Operation("ListJobRuns", "GET", "/virtualclusters/{virtualClusterId}/jobruns", runs.List),
        Operation("CancelJobRun", "DELETE", "/virtualclusters/{virtualClusterId}/jobruns/{id}", runs.Cancel),
        Operation("CreateJobTemplate", "POST", "/jobtemplates", templates.Create),
        Operation("DescribeJobTemplate", "GET", "/jobtemplates/{id}", templates.Describe),
        Operation("ListJobTemplates", "GET", "/jobtemplates", templates.List),
        Operation("DeleteJobTemplate", "DELETE", "/jobtemplates/{id}", templates.Delete),
        Operation("CreateManagedEndpoint", "POST", "/virtualclusters/{virtualClusterId}/endpoints", endpoints.Create),
        Operation("DescribeManagedEndpoint", "GET", "/virtualclusters/{virtualClusterId}/endpoints/{id}", endpoints.Describe),
        Operation("ListManagedEndpoints", "GET", "/virtualclusters/{virtualClusterId}/endpoints", endpoints.List),
        Operation("DeleteManagedEndpoint", "DELETE", "/virtualclusters/{virtualClusterId}/endpoints/{id}", endpoints.Delete),
        Operation(
            "GetManagedEndpointSessionCredentials", "POST", "/virtualclusters/{virtualClusterIdentifier}/endpoints/{endpointIdentifier}/credentials", endpoints.Credentials),
        Operation("CreateSecurityConfiguration", "POST", "/securityconfigurations", security.Create),
        Operation("DescribeSecurityConfiguration", "GET", "/securityconfigurations/{id}", security.Describe),
        Operation("ListSecurityConfigurations", "GET", "/securityconfigurations", security.List),
        Operation("ListTagsForResource", "GET", "/tags/{resourceArn}", tags.List),
        Operation("TagResource", "POST", "/tags/{resourceArn}", tags.Tag),
        Operation("UntagResource", "DELETE", "/tags/{resourceArn}", tags.Untag),
    ]);

    private AwsOperation Operation(string name, string method, string path, Func<AwsCall, AwsAnswer> answer) => new(
        name, method, path, call => quotas.Take(name) ? answer(call) : EmrAnswers.Refuse(new EmrRefusal("RequestThrottledException", "Rate exceeded")));
}
