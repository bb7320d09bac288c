using Sparkwright.Simulation;
using Sparkwright.World;
using Sparkwright.World.Ec2;

namespace Sparkwright.Tests.Ec2;

public sealed class ScarcePoolsTests
{
    private static readonly string[] Zones = ["us-west-2a", "us-west-2b", "us-west-2c"];

    [Theory]
    //       spot  on-demand  scarce spot pools, scarce on-demand pools: percent, about
    [InlineData(0, 0, 0, 0)]
    [InlineData(30, 0, 30, 0)]
    [InlineData(0, 5, 0, 5)]
    [InlineData(100, 100, 100, 100)]
    public void So_many_pools_of_each_market_are_scarce(int spot, int onDemand, int scarceSpot, int scarceOnDemand)
    {
        var figures = new ModelFigures { ScarceSpotPoolPercent = spot, ScarceOnDemandPoolPercent = onDemand, ScarcePoolInstances = 2 };
        Assert.InRange(Share(figures, "spot"), scarceSpot - 4, scarceSpot + 4);
        Assert.InRange(Share(figures, "on-demand"), scarceOnDemand - 4, scarceOnDemand + 4);
    }

    [Fact]
    public void The_same_pool_gets_the_same_answer_and_another_seed_another()
    {
        var figures = new ModelFigures { ScarceSpotPoolPercent = 50 };
        Assert.Equal(Scarce(figures, 1), Scarce(figures, 1));
        Assert.NotEqual(Scarce(figures, 1), Scarce(figures, 2));
    }

    private static int Share(ModelFigures figures, string capacityType)
    {
        var pools = new ScarcePools(figures, new Chance(1));
        var answers = Enumerable.Range(0, 1000).SelectMany(at => Zones.Select(zone => pools.MostOf($"t{at}.large", zone, capacityType))).ToList();
        Assert.All(answers, most => Assert.True(most is null or 2));
        return answers.Count(most => most is not null) * 100 / answers.Count;
    }

    private static string Scarce(ModelFigures figures, long seed)
    {
        var pools = new ScarcePools(figures, new Chance(seed));
        return string.Concat(Enumerable.Range(0, 50).Select(at => pools.MostOf($"t{at}.large", "us-west-2a", "spot") is null ? '-' : 's'));
    }
}
