using Sparkwright.Kubernetes.Objects;
using Sparkwright.World.Emr;

namespace Sparkwright.Tests.Emr;

public sealed class VirtualClusterTests
{
    private const string Other = "{name: second, clientToken: t2, containerProvider: {type: EKS, id: sparkwright, info: {eksInfo: {namespace: team-a}}}}";
    private readonly Platform platform = new();

    [Theory]
    //          what is taken away     the refusal
    [InlineData("nothing", "done")]
    [InlineData("aws-auth", "Unauthorized to perform read namespace on team-a. EMR on EKS is unauthorized to perform \"read namespace\" on the namespace: kube-system/aws-auth maps arn:aws:iam::111122223333:role/AWSServiceRoleForAmazonEMRContainers to no user of the cluster")]
    [InlineData("binding", "Unauthorized to perform read namespace on team-a. EMR on EKS is unauthorized to perform \"read namespace\" on the namespace: namespaces \"team-a\" is forbidden: User \"emr-containers\" cannot get resource \"namespaces\" in API group \"\" in the namespace \"team-a\"")]
    [InlineData("role", "namespaces \"team-a\" is forbidden")]
    [InlineData("cluster", "EKS cluster other doesn't exist")]
    public void A_virtual_cluster_needs_its_cluster_and_the_right_to_read_its_namespace(string taken, string refusal)
    {
        platform.Done("DeleteVirtualCluster", "{id: VC}");
        platform.Pass(TimeSpan.FromMinutes(1));
        TakeAway(taken);
        var said = platform.Refused("CreateVirtualCluster", taken == "cluster" ? Other.Replace("id: sparkwright", "id: other") : Other);
        Assert.Contains(refusal, said, StringComparison.Ordinal);
        Assert.StartsWith(refusal == "done" ? "done" : "ValidationException: ", said, StringComparison.Ordinal);
    }

    [Fact]
    public void A_namespace_has_one_virtual_cluster_until_that_is_terminated()
    {
        Assert.Contains("A virtual cluster already exists in the given namespace", platform.Refused("CreateVirtualCluster", Other), StringComparison.Ordinal);
        Assert.Equal(platform.VirtualCluster, platform.Done("DeleteVirtualCluster", "{id: VC}")["id"]?.Text);
        Assert.Equal("TERMINATING", State());
        Assert.Contains("A virtual cluster already exists", platform.Refused("CreateVirtualCluster", Other), StringComparison.Ordinal);
        platform.Pass(TimeSpan.FromMinutes(1));
        Assert.Equal("TERMINATED", State());
        Assert.NotNull(platform.World.Store.Get(CoreTypes.Namespace, "", Platform.Namespace));
        var second = platform.Done("CreateVirtualCluster", Other)["id"]?.Text;
        Assert.Equal(second, platform.Done("CreateVirtualCluster", Other)["id"]?.Text);
        Assert.Contains("clientToken: 't2' was used for another request", platform.Refused("CreateVirtualCluster", Other.Replace("second", "third")), StringComparison.Ordinal);
        Assert.Contains("Virtual cluster state TERMINATED is not valid to create resource JobRun.", platform.Refused("StartJobRun", StartJobRunReaderTests.Good.Replace("jk518skp01ys9ka8b0npx9nt0", "VC")), StringComparison.Ordinal);
    }

    [Fact]
    public void A_platform_makes_its_virtual_cluster_again_after_it_was_removed()
    {
        Assert.Null(platform.World.Emr.DeleteVirtualCluster(platform.VirtualCluster));
        platform.Pass(TimeSpan.FromMinutes(1));
        Assert.NotEqual(platform.VirtualCluster, Assert.IsType<EmrResult.Done>(platform.World.Emr.CreateVirtualCluster("vc-team-a", Platform.Namespace)).Id);
    }

    [Fact]
    public void What_was_made_for_job_runs_goes_with_the_virtual_cluster()
    {
        platform.Finish(platform.Start());
        Assert.Equal(7, Made());
        platform.Done("DeleteVirtualCluster", "{id: VC}");
        platform.Pass(TimeSpan.FromMinutes(1));
        Assert.Equal(0, Made());

        int Made() => new[] { CoreTypes.ServiceAccount, CoreTypes.Role, CoreTypes.RoleBinding }.Sum(type => platform.World.Store.List(type, Platform.Namespace)
            .Count(known => known.Name.StartsWith("emr-containers-", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("binding")]
    [InlineData("aws-auth")]
    [InlineData("accounts")]
    public void Without_the_rights_a_virtual_cluster_is_arrested_until_they_are_back(string taken)
    {
        TakeAway(taken);
        platform.Done("DeleteVirtualCluster", "{id: VC}");
        platform.Pass(TimeSpan.FromMinutes(1));
        Assert.Equal("ARRESTED", State());
        platform.Apply(Platform.AwsAuth);
        platform.Apply(Platform.Role());
        platform.Apply(Platform.Binding);
        platform.Done("DeleteVirtualCluster", "{id: VC}");
        platform.World.RebuildFromJournal();
        platform.Pass(TimeSpan.FromMinutes(1));
        Assert.Equal("TERMINATED", State());
    }

    [Fact]
    public void It_stays_while_job_runs_or_endpoints_live()
    {
        var run = platform.Start();
        Assert.Contains($"has job runs that have not ended, such as {run}", platform.Refused("DeleteVirtualCluster", "{id: VC}"), StringComparison.Ordinal);
        platform.Finish(run);
        var endpoint = platform.Done("CreateManagedEndpoint", EndpointTests.Good)["id"]!.Text;
        Assert.Contains($"has managed endpoints that have not ended, such as {endpoint}", platform.Refused("DeleteVirtualCluster", "{id: VC}"), StringComparison.Ordinal);
        platform.Done("DeleteManagedEndpoint", $"{{virtualClusterId: VC, id: {endpoint}}}");
        platform.Pass(TimeSpan.FromMinutes(2));
        Assert.Equal("done", platform.Refused("DeleteVirtualCluster", "{id: VC}"));
    }

    [Theory]
    //          filter                        found
    [InlineData("{eksAccessEntryIntegrated: 'true'}", 0)]
    [InlineData("{eksAccessEntryIntegrated: 'false'}", 1)]
    [InlineData("{states: [RUNNING, ARRESTED]}", 1)]
    public void Lists_know_how_the_cluster_knows_EMR(string filter, int found) =>
        Assert.Equal(found, platform.Done("ListVirtualClusters", filter)["virtualClusters"]!.Items.Length);

    [Theory]
    //          replace                by                                  the refusal
    [InlineData("type: EKS", "type: ECS", "containerProvider.type: 'ECS' is not allowed; give EKS")]
    [InlineData("namespace: team-a", "namespace: Team", "containerProvider.info.eksInfo.namespace: 'Team' is not allowed")]
    [InlineData("id: sparkwright", "id: _x", "containerProvider.id: '_x' is not allowed")]
    [InlineData("clientToken: t2, ", "", "clientToken: is missing")]
    [InlineData("name: second", "name: a b", "name: 'a b' is not allowed")]
    [InlineData("name: second", "name: second, color: red", "color: is not a member")]
    [InlineData("name: second", "name: second, securityConfigurationId: none", "ResourceNotFoundException: Security configuration none doesn't exist.")]
    public void What_its_shape_shows_to_be_wrong_is_refused(string replace, string by, string refusal)
    {
        platform.Done("DeleteVirtualCluster", "{id: VC}");
        platform.Pass(TimeSpan.FromMinutes(1));
        Assert.Contains(refusal, platform.Refused("CreateVirtualCluster", Other.Replace(replace, by)), StringComparison.Ordinal);
    }

    private string? State() => platform.Done("DescribeVirtualCluster", "{id: VC}").At("virtualCluster", "state")?.Text;

    private void TakeAway(string what)
    {
        switch (what)
        {
            case "aws-auth":
                platform.World.Api.Delete(CoreTypes.ConfigMap, new ObjectKey("kube-system", "aws-auth"));
                break;
            case "binding":
                platform.World.Api.Delete(CoreTypes.RoleBinding, new ObjectKey(Platform.Namespace, "emr-containers"));
                break;
            case "role":
                platform.World.Api.Delete(CoreTypes.Role, new ObjectKey(Platform.Namespace, "emr-containers"));
                break;
            case "accounts":
                platform.Apply(Platform.Role(accounts: "create, get"));
                break;
        }
    }
}
