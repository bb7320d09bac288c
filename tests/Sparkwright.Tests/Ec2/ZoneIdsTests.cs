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
    [InlineData("us-gov-west-1a", "usgw1-az1")]
    public void A_zone_has_an_id(string zone, string id) => Assert.Equal(id, ZoneIds.Of(zone));
}
