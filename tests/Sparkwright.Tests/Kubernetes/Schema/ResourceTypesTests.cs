using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Schema;

namespace Sparkwright.Tests.Kubernetes.Schema;

public sealed class ResourceTypesTests
{
    private static readonly ResourceTypes Types = new([]);

    [Theory]
    [InlineData("v1", "Pod", "pods", true, true)]
    [InlineData("v1", "Node", "nodes", false, true)]
    [InlineData("apps/v1", "Deployment", "deployments", true, true)]
    [InlineData("batch/v1", "Job", "jobs", true, true)]
    [InlineData("rbac.authorization.k8s.io/v1", "ClusterRole", "clusterroles", false, false)]
    [InlineData("karpenter.sh/v1alpha5", "Provisioner", "provisioners", false, true)]
    [InlineData("karpenter.sh/v1beta1", "NodePool", "nodepools", false, true)]
    [InlineData("karpenter.sh/v1", "NodeClaim", "nodeclaims", false, true)]
    [InlineData("karpenter.k8s.aws/v1alpha1", "AWSNodeTemplate", "awsnodetemplates", false, true)]
    [InlineData("karpenter.k8s.aws/v1", "EC2NodeClass", "ec2nodeclasses", false, true)]
    public void Kinds_are_found_by_manifest_and_by_path(string apiVersion, string kind, string plural, bool namespaced, bool hasStatus)
    {
        var type = Types.Find(apiVersion, kind);
        Assert.NotNull(type);
        Assert.Equal((plural, namespaced, hasStatus), (type.Plural, type.Namespaced, type.HasStatus));
        Assert.Equal(type, Types.FindByPlural(type.Group, type.Version, plural)?.Type);
    }

    [Theory]
    [InlineData("po", "pods")]
    [InlineData("Pod", "pods")]
    [InlineData("deploy", "deployments.apps")]
    [InlineData("deployments.apps", "deployments.apps")]
    [InlineData("deployments.v1.apps", "deployments.apps")]
    [InlineData("events", "events")]
    [InlineData("ev.events.k8s.io", "events.events.k8s.io")]
    [InlineData("nodepool", "nodepools.karpenter.sh")]
    [InlineData("ec2nc", "ec2nodeclasses.karpenter.k8s.aws")]
    [InlineData("deployments.batch", null)]
    [InlineData("podz", null)]
    public void A_word_of_the_command_line_names_a_kind(string word, string? resource) => Assert.Equal(resource, Types.FindByWord(word)?.ToString());

    [Fact]
    public void Names_and_verbs_are_those_of_discovery()
    {
        var pods = Types.Resource(CoreTypes.Pod);
        Assert.NotNull(pods);
        Assert.Equal(["po"], pods.ShortNames);
        Assert.Equal(["all"], pods.Categories);
        Assert.Contains("deletecollection", pods.Verbs);
        Assert.Contains(pods.Subresources, one => one["name"]?.Text == "binding");
        Assert.Equal(["status"], Types.Resource(Types.Find("karpenter.sh/v1beta1", "NodePool")!)!.Subresources.Select(one => one["name"]?.Text));
    }

    [Fact]
    public void Alpha_and_beta_versions_are_off_and_reviews_are_not_stored()
    {
        Assert.Null(Types.Find("resource.k8s.io/v1beta1", "ResourceClaim"));
        Assert.Null(Types.Find("authorization.k8s.io/v1", "SubjectAccessReview"));
        Assert.NotNull(Types.FindByPlural("authorization.k8s.io", "v1", "subjectaccessreviews"));
        Assert.Equal("v1", Types.FindByKind("NodePool")?.Version);
    }

    [Fact]
    public void Built_in_kinds_that_code_names_equal_those_of_the_table()
    {
        var named = typeof(CoreTypes).GetProperties().Select(property => (ResourceType)property.GetValue(null)!).ToList();
        Assert.NotEmpty(named);
        Assert.All(named, type => Assert.Equal(type, Types.Find(type.ApiVersion, type.Kind)));
    }

    [Fact]
    public void A_world_adds_kinds_of_its_own_after_the_others()
    {
        var own = new ResourceType("aws.sparkwright.dev", "v1", "Bucket", "buckets", false, true);
        var types = ResourceTypes.With([new ServedResource(own) { ShortNames = ["bu"] }]);
        Assert.Equal(own, types.All[^1]);
        Assert.Equal(own, types.FindByWord("bu"));
        Assert.Equal(own, new ResourceTypes([own]).Find("aws.sparkwright.dev/v1", "Bucket"));
        Assert.Null(ApiSchema.ForKind(own));
    }
}
