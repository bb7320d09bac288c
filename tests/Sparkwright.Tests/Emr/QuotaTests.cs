using Sparkwright.World.Emr.Api;

namespace Sparkwright.Tests.Emr;

public sealed class QuotaTests
{
    [Theory]
    //          operation             calls at once  a second later
    [InlineData("StartJobRun", 25, 20)]
    [InlineData("DescribeJobRun", 25, 20)]
    [InlineData("ListJobRuns", 25, 5)]
    [InlineData("DescribeVirtualCluster", 25, 5)]
    [InlineData("CancelJobRun", 25, 1)]
    [InlineData("TagResource", 25, 1)]
    public void A_bucket_has_its_burst_and_then_what_time_brings(string operation, int burst, int more)
    {
        var platform = new Platform(quotas: new EmrQuotas(25, 20, 20, 5, 1));
        Assert.Equal(burst, Allowed());
        platform.Pass(TimeSpan.FromSeconds(1));
        Assert.Equal(more, Allowed());
        Assert.Equal("done", platform.Refused("ListSecurityConfigurations", "{}"));

        int Allowed() => Enumerable.Range(0, 1000).TakeWhile(_ => platform.Refused(operation, "{}") != "RequestThrottledException: Rate exceeded").Count();
    }

    [Fact]
    public void Without_quotas_nobody_is_throttled()
    {
        var platform = new Platform();
        Assert.All(Enumerable.Range(0, 100), _ => Assert.Equal("done", platform.Refused("ListVirtualClusters", "{}")));
    }
}
