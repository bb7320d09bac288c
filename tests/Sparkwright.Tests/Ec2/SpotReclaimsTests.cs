using Sparkwright.Simulation;
using Sparkwright.World.Ec2;

namespace Sparkwright.Tests.Ec2;

public sealed class SpotReclaimsTests
{
    private static readonly TimeSpan Month = TimeSpan.FromDays(30);

    [Theory]
    //       band  percent  of 10,000 instances taken back within the first month, about
    [InlineData(0, 100, 250)]
    [InlineData(1, 100, 750)]
    [InlineData(2, 100, 1250)]
    [InlineData(3, 100, 1750)]
    [InlineData(4, 100, 2500)]
    [InlineData(4, 200, 5000)]
    [InlineData(0, 10, 25)]
    [InlineData(4, 400, 10000)]
    [InlineData(4, 0, 0)]
    public void The_share_that_the_band_names_is_taken_back_each_month(int band, int percent, int about)
    {
        var taken = Drawn(band, percent).Count(after => after < Month);
        Assert.InRange(taken, about - (about / 10) - 15, about + (about / 10) + 15);
    }

    [Fact]
    public void Those_that_are_left_meet_the_same_risk_in_the_next_month()
    {
        var drawn = Drawn(4, 100).ToList();
        var left = drawn.Count(after => after is null || after >= Month);
        Assert.InRange(drawn.Count(after => after >= Month && after < 2 * Month), left * 22 / 100, left * 28 / 100);
    }

    [Fact]
    public void A_frequency_above_all_of_them_is_a_shorter_life()
    {
        var drawn = Drawn(4, 40_000).ToList();
        Assert.All(drawn, after => Assert.InRange(after!.Value, TimeSpan.Zero, Month / 100));
        Assert.True(drawn.Max() > Month / 110);
    }

    private static IEnumerable<TimeSpan?> Drawn(int band, int percent)
    {
        var chance = new Chance(1);
        return Enumerable.Range(0, 10_000).Select(at => SpotReclaims.After(band, percent, chance.For("test", at)));
    }
}
