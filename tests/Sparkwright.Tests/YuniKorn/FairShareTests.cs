using Sparkwright.World.YuniKorn.Queues;

namespace Sparkwright.Tests.YuniKorn;

public sealed class FairShareTests
{
    [Theory]
    //          allocated            guaranteed           fair maximum          share
    [InlineData("vcore:2", "vcore:4", "vcore:10", 1, 2)]
    [InlineData("vcore:1", "", "vcore:5", 1, 5)]
    [InlineData("memory:6 vcore:2", "vcore:4", "memory:8 vcore:10", 3, 4)]
    [InlineData("gpu:1", "", "vcore:10", 0, 1)]
    [InlineData("vcore:1", "vcore:0", "vcore:10", 1, 1)]
    [InlineData("", "vcore:4", "vcore:10", 0, 1)]
    public void A_share_is_the_largest_of_its_types(string allocated, string guaranteed, string fairMax, long used, long whole) =>
        Assert.Equal(0, new Share(used, whole).CompareTo(FairShare.OfQueue(AmountsTests.Read(allocated), AmountsTests.Read(guaranteed), AmountsTests.Read(fairMax))));

    [Fact]
    public void Shares_are_compared_exactly()
    {
        Assert.True(new Share(333_333_333_333_333_333, 1_000_000_000_000_000_000).CompareTo(new Share(1, 3)) < 0);
        Assert.Equal(0, new Share(2, 6).CompareTo(new Share(1, 3)));
    }

    [Theory]
    [InlineData("memory:10 vcore:1", "memory:5 vcore:9", "", 1)]
    [InlineData("memory:10 vcore:1", "memory:10 vcore:9", "", -1)]
    [InlineData("memory:10 vcore:4", "memory:10 vcore:2", "memory:100 vcore:8", 1)]
    [InlineData("", "memory:1", "", -1)]
    [InlineData("memory:1", "memory:1", "", 0)]
    public void Applications_are_compared_from_their_largest_share_down(string left, string right, string guaranteed, int order) =>
        Assert.Equal(order, Math.Sign(FairShare.CompareApplications(AmountsTests.Read(left), AmountsTests.Read(right), AmountsTests.Read(guaranteed))));
}
