using Sparkwright.Kubernetes.Objects;

namespace Sparkwright.Tests.Emr;

public sealed class EndpointTests
{
    internal const string Good = """
        {name: notebook, virtualClusterId: VC, clientToken: t, type: JUPYTER_ENTERPRISE_GATEWAY, releaseLabel: emr-6.7.0-latest,
         executionRoleArn: "arn:aws:iam::111122223333:role/team-a", tags: {a: b}}
        """;

    private readonly Platform platform = new();

    [Fact]
    public void An_endpoint_is_created_becomes_active_and_goes()
    {
        var id = Create();
        Assert.Equal(id, Create());
        Assert.Equal("CREATING", State(id));
        Assert.Contains("Managed endpoint state CREATING is not valid to get session credentials.", platform.Refused("GetManagedEndpointSessionCredentials", Session(id)), StringComparison.Ordinal);
        platform.Pass(TimeSpan.FromSeconds(100));
        platform.World.RebuildFromJournal();
        platform.Pass(TimeSpan.FromMinutes(4));
        Assert.Equal("ACTIVE", State(id));
        var known = platform.Done("DescribeManagedEndpoint", $"{{virtualClusterId: VC, id: {id}}}")["endpoint"]!;
        Assert.StartsWith("https://", known["serverUrl"]?.Text, StringComparison.Ordinal);
        Assert.Equal(("notebook", "JUPYTER_ENTERPRISE_GATEWAY", 3), (known["name"]?.Text, known["type"]?.Text, known["subnetIds"]!.Items.Length));
        Assert.EndsWith($"/virtualclusters/{platform.VirtualCluster}/endpoints/{id}", known["arn"]?.Text, StringComparison.Ordinal);

        // Ids and ARNs both name it; the same token gets the same credentials.
        var first = platform.Done("GetManagedEndpointSessionCredentials", Session(id));
        Assert.Equal(first.At("credentials", "token"), platform.Done("GetManagedEndpointSessionCredentials", Session(known["arn"]!.Text!)).At("credentials", "token"));
        Assert.NotEqual(first["id"], platform.Done("GetManagedEndpointSessionCredentials", Session(id).Replace("clientToken: c", "clientToken: d"))["id"]);
        Assert.Equal(1, List("{virtualClusterId: VC, states: [ACTIVE], types: [JUPYTER_ENTERPRISE_GATEWAY]}"));
        Assert.Equal(0, List("{virtualClusterId: VC, states: [CREATING]}"));
        Assert.Equal(0, List("{virtualClusterId: VC, types: [OTHER]}"));
        platform.Done("DeleteManagedEndpoint", $"{{virtualClusterId: VC, id: {id}}}");
        Assert.Equal("TERMINATING", State(id));
        platform.Pass(TimeSpan.FromMinutes(2));
        Assert.Equal("TERMINATED", State(id));
    }

    [Fact]
    public void Without_rights_an_endpoint_ends_with_errors()
    {
        platform.Apply(Platform.Role(accounts: "get"));
        var id = Create();
        platform.Pass(TimeSpan.FromMinutes(5));
        var known = platform.Done("DescribeManagedEndpoint", $"{{virtualClusterId: VC, id: {id}}}")["endpoint"]!;
        Assert.Equal(("TERMINATED_WITH_ERRORS", "CLUSTER_UNAVAILABLE"), (known["state"]?.Text, known["failureReason"]?.Text));
        Assert.Contains("serviceaccounts is forbidden", known["stateDetails"]?.Text, StringComparison.Ordinal);
    }

    [Theory]
    //          operation                  input                                      refusal
    [InlineData("CreateManagedEndpoint", "type: SPARK_CONNECT", "ValidationException: type: 'SPARK_CONNECT' is not allowed; give JUPYTER_ENTERPRISE_GATEWAY")]
    [InlineData("CreateManagedEndpoint", "releaseLabel: emr-9.9.9-latest", "ResourceNotFoundException: Release emr-9.9.9-latest doesn't exist.")]
    [InlineData("CreateManagedEndpoint", "virtualClusterId: none", "ResourceNotFoundException: Virtual cluster none doesn't exist.")]
    [InlineData("CreateManagedEndpoint", "certificateArn: x", "ValidationException: certificateArn: 'x' is not allowed")]
    [InlineData("DescribeManagedEndpoint", "id: none", "ResourceNotFoundException: Managed endpoint none doesn't exist.")]
    [InlineData("DeleteManagedEndpoint", "id: none", "ValidationException: Managed endpoint none doesn't exist.")]
    [InlineData("ListManagedEndpoints", "states: [ASLEEP]", "ASLEEP is none of them")]
    [InlineData("ListManagedEndpoints", "virtualClusterId: none", "ValidationException: Virtual cluster none doesn't exist.")]
    [InlineData("GetManagedEndpointSessionCredentials", "credentialType: KEY", "credentialType: 'KEY' is not allowed; give TOKEN")]
    [InlineData("GetManagedEndpointSessionCredentials", "durationInSeconds: 43201", "durationInSeconds: '43201' is not allowed; give a whole number from 1 to 43200")]
    public void What_cannot_be_is_refused(string operation, string member, string refusal)
    {
        var input = (TreeMap)Yaml.Read(operation switch
        {
            "CreateManagedEndpoint" => Good,
            "GetManagedEndpointSessionCredentials" => Session("none"),
            _ => "{virtualClusterId: VC}",
        });
        var whole = input.Merge((TreeMap)Yaml.Read($"{{{member}}}"));
        Assert.Contains(refusal, platform.Refused(operation, whole.ToString()), StringComparison.Ordinal);
    }

    private static string Session(string endpoint) =>
        $"{{virtualClusterIdentifier: VC, endpointIdentifier: \"{endpoint}\", executionRoleArn: \"arn:aws:iam::111122223333:role/team-a\", credentialType: TOKEN, clientToken: c}}";

    private string Create() => platform.Done("CreateManagedEndpoint", Good)["id"]!.Text!;

    private string? State(string id) => platform.Done("DescribeManagedEndpoint", $"{{virtualClusterId: VC, id: {id}}}").At("endpoint", "state")?.Text;

    private int List(string filter) => platform.Done("ListManagedEndpoints", filter)["endpoints"]!.Items.Length;
}
