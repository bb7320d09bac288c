using Sparkwright.Kubernetes.Objects;
using Sparkwright.World.Ec2;

namespace Sparkwright.Tests.Ec2;

public sealed class TagSelectorTests
{
    [Theory]
    [InlineData("Name", "demo-private-us-west-2a", true)]
    [InlineData("Name", "demo-private*", true)]
    [InlineData("Name", "*", true)]
    [InlineData("Name", "*us-west-2?", true)]
    [InlineData("Name", "other, demo-private*", true)]
    [InlineData("Name", "demo-public*", false)]
    [InlineData("Name", "demo-private", false)]
    [InlineData("Missing", "*", false)]
    [InlineData("name", "*", false)]
    [InlineData("aws-ids", "subnet-1,subnet-2", true)]
    [InlineData("aws-ids", "subnet-*", false)]
    [InlineData("aws-ids", "subnet-2", false)]
    public void A_resource_is_meant_when_its_tags_match(string key, string value, bool matches) =>
        Assert.Equal(matches, TagSelector.Matches(TreeMap.Of((key, value)), TreeMap.Of(("Name", "demo-private-us-west-2a")), "subnet-1"));

    [Fact]
    public void All_keys_must_match()
    {
        var tags = TreeMap.Of(("Name", "a"), ("team", "b"));
        Assert.True(TagSelector.Matches(TreeMap.Of(("Name", "a"), ("team", "*")), tags, "id"));
        Assert.False(TagSelector.Matches(TreeMap.Of(("Name", "a"), ("team", "c")), tags, "id"));
        Assert.True(TagSelector.Matches(TreeMap.Empty, tags, "id"));
    }
}
