using Sparkwright.Kubernetes.Objects;
using Sparkwright.Tests.Blueprint;
using Sparkwright.World;
using Sparkwright.World.Aws.Api;

namespace Sparkwright.Tests.Nodes;

/// <summary>EKS, Amazon Managed Prometheus and Grafana of the built-in platform, as calls see them.</summary>
public sealed class EksServiceTests
{
    private const string Cluster = "emr-eks-karpenter";

    private static readonly Lazy<global::Sparkwright.World.World> Built = new(() =>
    {
        var world = WorldBuilder.Build(WorldSettings.For(BlueprintReaderTests.Read(BlueprintReaderTests.BuiltInText).Blueprint!, 1));
        world.Loop.RunUntil(world.Clock.Now.AddMinutes(15));
        return world;
    });

    [Theory]
    //          service  operation  input                                                  path in the answer  what is there
    [InlineData("eks", "ListClusters", "{}", "clusters", "[\"emr-eks-karpenter\"]")]
    [InlineData("eks", "DescribeCluster", "{name: C}", "cluster.status", "\"ACTIVE\"")]
    [InlineData("eks", "DescribeCluster", "{name: C}", "cluster.version", "\"1.24\"")]
    [InlineData("eks", "DescribeCluster", "{name: C}", "cluster.arn", "\"arn:aws:eks:us-west-2:111122223333:cluster/emr-eks-karpenter\"")]
    [InlineData("eks", "DescribeCluster", "{name: C}", "cluster.createdAt", "1767225600")]
    [InlineData("eks", "DescribeCluster", "{name: C}", "cluster.resourcesVpcConfig.endpointPublicAccess", "true")]
    [InlineData("eks", "DescribeCluster", "{name: C}", "cluster.kubernetesNetworkConfig.serviceIpv4Cidr", "\"172.20.0.0/16\"")]
    [InlineData("eks", "ListNodegroups", "{name: C}", "nodegroups", "[\"core-node-group\"]")]
    [InlineData("eks", "DescribeNodegroup", "{name: C, nodegroupName: core-node-group}", "nodegroup.scalingConfig", "{\"desiredSize\":3,\"maxSize\":9,\"minSize\":3}")]
    [InlineData("eks", "DescribeNodegroup", "{name: C, nodegroupName: core-node-group}", "nodegroup.instanceTypes", "[\"m5.xlarge\"]")]
    [InlineData("eks", "DescribeNodegroup", "{name: C, nodegroupName: core-node-group}", "nodegroup.amiType", "\"AL2_x86_64\"")]
    [InlineData("eks", "DescribeNodegroup", "{name: C, nodegroupName: core-node-group}", "nodegroup.nodeRole", "\"arn:aws:iam::111122223333:role/emr-eks-karpenter-node\"")]
    [InlineData("eks", "DescribeNodegroup", "{name: C, nodegroupName: core-node-group}", "nodegroup.labels", "{\"NodeGroupType\":\"core\",\"WorkerType\":\"ON_DEMAND\"}")]
    [InlineData("eks", "ListAddons", "{name: C}", "addons", "[\"aws-ebs-csi-driver\",\"coredns\",\"kube-proxy\",\"vpc-cni\"]")]
    [InlineData("eks", "ListAddons", "{name: C, maxResults: '3'}", "addons", "[\"aws-ebs-csi-driver\",\"coredns\",\"kube-proxy\"]")]
    [InlineData("eks", "DescribeAddon", "{name: C, addonName: coredns}", "addon.addonVersion", "\"v1.8.7-eksbuild.1\"")]
    [InlineData("eks", "DescribeAddon", "{name: C, addonName: coredns}", "addon.status", "\"ACTIVE\"")]
    [InlineData("eks", "DescribeAddon", "{name: C, addonName: vpc-cni}", "addon.status", "\"ACTIVE\"")]
    [InlineData("aps", "ListWorkspaces", "{alias: amp-ws}", "workspaces.alias", "[\"amp-ws-emr-eks-karpenter\"]")]
    [InlineData("aps", "ListWorkspaces", "{}", "workspaces.alias", "[\"amp-ws-emr-eks-karpenter\"]")]
    [InlineData("aps", "ListWorkspaces", "{alias: other}", "workspaces", "[]")]
    [InlineData("grafana", "ListWorkspaces", "{}", "workspaces", "[]")]
    public void The_platform_is_described(string service, string operation, string input, string path, string there) =>
        Assert.Equal(there, At(Assert.IsType<AwsAnswer.Done>(Call(service, operation, input)).Output, path).ToString());

    [Theory]
    [InlineData("eks", "DescribeCluster", "{name: other}", "No cluster found for name: other.")]
    [InlineData("eks", "ListNodegroups", "{name: other}", "No cluster found for name: other.")]
    [InlineData("eks", "DescribeNodegroup", "{name: C, nodegroupName: none}", "No node group found for name: none.")]
    [InlineData("eks", "DescribeAddon", "{name: C, addonName: none}", "No addon: none found in cluster: emr-eks-karpenter")]
    [InlineData("aps", "DescribeWorkspace", "{workspaceId: ws-none}", "Workspace not found")]
    [InlineData("grafana", "DescribeWorkspace", "{workspaceId: g-none}", "Workspace g-none not found")]
    public void What_is_not_there_is_not_found(string service, string operation, string input, string message) =>
        Assert.Equal(new AwsError(404, "ResourceNotFoundException", message), Assert.IsType<AwsAnswer.Refused>(Call(service, operation, input)).Error);

    [Fact]
    public void The_endpoint_is_where_the_API_is_served()
    {
        var world = WorldBuilder.Build(WorldSettings.For(BlueprintReaderTests.Read(BlueprintReaderTests.BuiltInText).Blueprint!, 1));
        var id = world.OidcIssuer[(world.OidcIssuer.LastIndexOf('/') + 1)..];
        Assert.Equal(($"https://{id}.gr7.us-west-2.eks.amazonaws.com", world.OidcIssuer), Described());
        world.Eks.ServeAt(new Uri("https://127.0.0.1:6443/"));
        world.RebuildFromJournal();
        Assert.Equal(("https://127.0.0.1:6443", world.OidcIssuer), Described());
        world.Eks.ServeAt(new Uri("https://127.0.0.1:7443/"));
        Assert.Equal(("https://127.0.0.1:7443", world.OidcIssuer), Described());

        (string?, string?) Described()
        {
            var cluster = Assert.IsType<AwsAnswer.Done>(Call("eks", "DescribeCluster", "{name: C}", world)).Output;
            return (cluster.At("cluster", "endpoint")?.Text, cluster.At("cluster", "identity", "oidc", "issuer")?.Text);
        }
    }

    [Fact]
    public void The_workspace_that_a_list_names_can_be_described()
    {
        var id = At(Assert.IsType<AwsAnswer.Done>(Call("aps", "ListWorkspaces", "{}")).Output, "workspaces.workspaceId").Items[0].Text;
        var workspace = Assert.IsType<AwsAnswer.Done>(Call("aps", "DescribeWorkspace", $"{{workspaceId: {id}}}")).Output["workspace"];
        Assert.Equal(
            ("amp-ws-emr-eks-karpenter", $"https://aps-workspaces.us-west-2.amazonaws.com/workspaces/{id}/"),
            (workspace?["alias"]?.Text, workspace?["prometheusEndpoint"]?.Text));
    }

    /// <summary>What lies at a path; of a list, that of each of its items.</summary>
    private static Tree At(Tree tree, string path) => path.Split('.').Aggregate(
        tree, static (at, name) => at is TreeList list ? TreeList.From(list.Span.ToArray().Select(item => item[name]!)) : at[name]!);

    private static AwsAnswer Call(string service, string operation, string input, global::Sparkwright.World.World? world = null) => (world ?? Built.Value).AwsServices
        .First(one => one.SigningName == service).Operations.First(one => one.Name == operation)
        .Answer(new AwsCall(operation, (TreeMap)Yaml.Read(input.Replace(" C", $" {Cluster}", StringComparison.Ordinal)), AwsCaller.Nobody));
}
