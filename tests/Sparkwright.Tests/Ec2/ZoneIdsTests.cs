using Sparkwright.World.Ec2;

namespace Sparkwright.Tests.Ec2;

public sealed class ZoneIdsTests
{
    [Theory]
    [InlineData("us-west-2a", "usw2-az1")]
    [InlineData("us-east-1f", "use1-az6")]
    [InlineData("eu-central-1b", "euc1-az2")]
    [InlineData("eu-north-1a", "eun1-az1")]
    [InlineData("ap-southeast-2c", "apse2-az3")]
    [InlineData("ap-northeast-1a", "apne1-az1")]
    [InlineData("us-west-2b", "usw2-az2")]
    [InlineData("us-west-2c", "usw2-az3")]
    [InlineData("us-west-2d", "usw2-az4")]
    [InlineData("eu-west-1a", "euw1-az1")]
    [InlineData("eu-south-1a", "eus1-az1")]
    [InlineData("ap-southeast-1b", "apse1-az2")]
    [InlineData("ap-northeast-3c", "apne3-az3")]
    [InlineData("ap-south-1a", "aps1-az1")]
    [InlineData("ca-central-1a", "cac1-az1")]
    [InlineData("sa-east-1c", "sae1-az3")]
    [InlineData("me-south-1a", "mes1-az1")]
    [InlineData("af-south-1b", "afs1-az2")]
    [InlineData("us-gov-west-1a", "usgw1-az1")]
    public void A_zone_has_an_id(string zone, string id) => Assert.Equal(id, ZoneIds.Of(zone));
}
