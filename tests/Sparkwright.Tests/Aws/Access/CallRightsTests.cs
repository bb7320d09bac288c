using Sparkwright.Kubernetes.Objects;
using Sparkwright.World.Aws.Access;
using Sparkwright.World.Aws.Api;

namespace Sparkwright.Tests.Aws.Access;

/// <summary>Which resource of emr-containers a call is about, as policies name it.</summary>
public sealed class CallRightsTests
{
    [Theory]
    //          operation             input                              resource
    [InlineData("ListVirtualClusters", "{}", "*")]
    [InlineData("DescribeVirtualCluster", "{id: v}", "/virtualclusters/v")]
    [InlineData("StartJobRun", "{virtualClusterId: v}", "/virtualclusters/v")]
    [InlineData("CancelJobRun", "{virtualClusterId: v, id: j}", "/virtualclusters/v/jobruns/j")]
    [InlineData("DeleteManagedEndpoint", "{virtualClusterId: v, id: e}", "/virtualclusters/v/endpoints/e")]
    [InlineData("DescribeJobTemplate", "{id: t}", "/jobtemplates/t")]
    [InlineData("DescribeSecurityConfiguration", "{id: s}", "/securityconfigurations/s")]
    [InlineData("GetManagedEndpointSessionCredentials", "{virtualClusterIdentifier: v, endpointIdentifier: e}", "/virtualclusters/v/endpoints/e")]
    [InlineData("GetManagedEndpointSessionCredentials", "{virtualClusterIdentifier: 'arn:aws:emr-containers:us-west-2:111122223333:/virtualclusters/v', endpointIdentifier: 'arn:aws:emr-containers:us-west-2:111122223333:/virtualclusters/v/endpoints/e'}", "/virtualclusters/v/endpoints/e")]
    public void A_call_is_about_a_resource(string operation, string input, string resource)
    {
        var service = new AwsService("emr-containers", AwsProtocol.RestJson, "", []);
        var right = new CallRights("us-west-2", "111122223333").Of(service, new AwsCall(operation, (TreeMap)Yaml.Read(input), AwsCaller.Nobody))!;
        Assert.Equal((resource == "*" ? "*" : "arn:aws:emr-containers:us-west-2:111122223333:" + resource, "emr-containers:" + operation), (right.Resource, right.Action));
    }
}
