using Sparkwright.Tests.Aws;
using Sparkwright.World;

namespace Sparkwright.Tests.Ec2.Api;

public sealed class ImageParametersTests
{
    private readonly global::Sparkwright.World.World world = WorldBuilder.Build(new WorldSettings { Components = [] });

    [Theory]
    //          parameter                                                                   image's name
    [InlineData("/aws/service/eks/optimized-ami/1.33/amazon-linux-2/recommended/image_id", "AL2-amd64-1.33")]
    [InlineData("/aws/service/eks/optimized-ami/1.33/amazon-linux-2-arm64/recommended/image_id", "AL2-arm64-1.33")]
    [InlineData("/aws/service/eks/optimized-ami/1.33/amazon-linux-2023/x86_64/standard/recommended/image_id", "AL2023-amd64-1.33")]
    [InlineData("/aws/service/bottlerocket/aws-k8s-1.33/arm64/latest/image_id", "Bottlerocket-arm64-1.33")]
    public void A_parameter_names_an_image_that_EC2_describes(string name, string image)
    {
        var id = AwsCalls.Done(world, "ssm", "GetParameter", $"{{Name: {name}}}")["Parameter"]!["Value"]!.Text;
        Assert.Equal(image, AwsCalls.Done(world, "ec2", "DescribeImages", $"{{ImageId: [{id}]}}")["imagesSet"]!.Items[0]["name"]!.Text);
    }

    [Fact]
    public void Parameters_that_are_not_there_are_refused_or_listed()
    {
        Assert.Equal("ParameterNotFound", AwsCalls.Refused(world, "ssm", "GetParameter", "{Name: /aws/service/eks/optimized-ami/1.2/amazon-linux-2/recommended/image_id}").Code);
        var answer = AwsCalls.Done(world, "ssm", "GetParameters", "{Names: [/none, /aws/service/bottlerocket/aws-k8s-1.33/x86_64/latest/image_id]}");
        Assert.Equal("[\"/none\"]", answer["InvalidParameters"]!.ToString());
        Assert.Single(answer["Parameters"]!.Items.ToArray());
    }
}
