using Sparkwright.Kubernetes.Objects;

namespace Sparkwright.Tests.Emr;

/// <summary>Tags, and security configurations, which have nothing but them and what they were made with.</summary>
public sealed class TagTests
{
    private const string Configuration = """
        {name: tls, clientToken: t, tags: {a: b}, securityConfigurationData: {authorizationConfiguration: {encryptionConfiguration: {inTransitEncryptionConfiguration:
          {tlsCertificateConfiguration: {certificateProviderType: PEM, publicCertificateSecretArn: "arn:aws:secretsmanager:us-west-2:111122223333:secret:x"}}}}}}
        """;

    private readonly Platform platform = new();

    [Theory]
    [InlineData("cluster")]
    [InlineData("run")]
    [InlineData("endpoint")]
    public void Tags_are_added_replaced_and_removed(string what)
    {
        var (operation, input, member) = what switch
        {
            "run" => ("DescribeJobRun", $"{{virtualClusterId: VC, id: {platform.Start(change: request => request + "\ntags: {a: old}")}}}", "jobRun"),
            "endpoint" => ("DescribeManagedEndpoint", $"{{virtualClusterId: VC, id: {platform.Done("CreateManagedEndpoint", EndpointTests.Good)["id"]!.Text}}}", "endpoint"),
            _ => ("DescribeVirtualCluster", "{id: VC}", "virtualCluster"),
        };
        var arn = platform.Done(operation, input).At(member, "arn")!.Text;
        platform.Done("TagResource", $"{{resourceArn: \"{arn}\", tags: {{a: new, c: d, e: ''}}}}");
        platform.Done("UntagResource", $"{{resourceArn: \"{arn}\", tagKeys: [c, none]}}");
        Assert.Equal("""{"a":"new","e":""}""", platform.Done("ListTagsForResource", $"{{resourceArn: \"{arn}\"}}")["tags"]!.ToString());
        Assert.Equal("""{"a":"new","e":""}""", platform.Done(operation, input).At(member, "tags")!.ToString());
        platform.Done("UntagResource", $"{{resourceArn: \"{arn}\", tagKeys: a}}");
        Assert.Equal("""{"e":""}""", platform.Done("ListTagsForResource", $"{{resourceArn: \"{arn}\"}}")["tags"]!.ToString());
        if (what == "run")
        {
            // Changed tags do not make it another request.
            Assert.Equal(platform.Start(change: request => request + "\ntags: {a: old}"), platform.Done(operation, input).At(member, "id")?.Text);
        }
    }

    [Theory]
    //          resource                                       refusal
    [InlineData("arn:aws:emr-containers:us-west-2:111122223333:/virtualclusters/nonenonenone", "ResourceNotFoundException: Resource arn")]
    [InlineData("arn:aws:emr-containers:us-east-1:111122223333:/virtualclusters/VC", "ResourceNotFoundException: Resource arn")]
    [InlineData("arn:aws:emr-containers:us-west-2:111122223333:/jobtemplates/00000000000", "ValidationException: resourceArn")]
    [InlineData("arn:aws:s3:::bucket", "ValidationException: resourceArn")]
    public void Other_ARNs_are_refused(string arn, string refusal)
    {
        foreach (var (operation, more) in new[] { ("ListTagsForResource", ""), ("TagResource", ", tags: {a: b}"), ("UntagResource", ", tagKeys: a") })
        {
            Assert.StartsWith(refusal, platform.Refused(operation, $"{{resourceArn: \"{arn}\"{more}}}"), StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_resource_has_at_most_fifty_tags()
    {
        var arn = $"arn:aws:emr-containers:us-west-2:111122223333:/virtualclusters/{platform.VirtualCluster}";
        platform.Done("TagResource", $"{{resourceArn: \"{arn}\", tags: {{{string.Join(", ", Enumerable.Range(1, 50).Select(at => $"k{at}: v"))}}}}}");
        Assert.Contains("would have 51 tags; at most 50 are allowed", platform.Refused("TagResource", $"{{resourceArn: \"{arn}\", tags: {{more: v}}}}"), StringComparison.Ordinal);
    }

    [Fact]
    public void Security_configurations_are_kept_and_named_by_virtual_clusters()
    {
        var id = platform.Done("CreateSecurityConfiguration", Configuration)["id"]!.Text;
        Assert.Equal(id, platform.Done("CreateSecurityConfiguration", Configuration)["id"]?.Text);
        var known = platform.Done("DescribeSecurityConfiguration", $"{{id: {id}}}")["securityConfiguration"]!;
        Assert.Equal(("tls", "b"), (known["name"]?.Text, known.At("tags", "a")?.Text));
        Assert.Equal(((TreeMap)Yaml.Read(Configuration))["securityConfigurationData"], known["securityConfigurationData"]);
        Assert.Single(platform.Done("ListSecurityConfigurations", "{}")["securityConfigurations"]!.Items.ToArray());
        platform.Done("DeleteVirtualCluster", "{id: VC}");
        platform.Pass(TimeSpan.FromMinutes(1));
        var cluster = platform.Done("CreateVirtualCluster", $"{{name: n, clientToken: u, securityConfigurationId: {id}, containerProvider: {{type: EKS, id: sparkwright, info: {{eksInfo: {{namespace: team-a}}}}}}}}")["id"]!.Text;
        Assert.Equal(id, platform.Done("DescribeVirtualCluster", $"{{id: {cluster}}}").At("virtualCluster", "securityConfigurationId")?.Text);
    }

    [Theory]
    //          replace               by                  refusal
    [InlineData("PEM", "DER", "certificateProviderType: 'DER' is not allowed; give PEM")]
    [InlineData("arn:aws:secretsmanager:us-west-2:111122223333:secret:x", "x", "publicCertificateSecretArn: 'x' is not allowed")]
    [InlineData("encryptionConfiguration:", "encryption:", "securityConfigurationData.authorizationConfiguration.encryption: is not a member")]
    [InlineData("name: tls, ", "", "name: is missing")]
    public void A_security_configuration_of_the_wrong_shape_is_refused(string replace, string by, string refusal) =>
        Assert.Contains(refusal, platform.Refused("CreateSecurityConfiguration", Configuration.Replace(replace, by)), StringComparison.Ordinal);
}
