using Sparkwright.Tests.Karpenter.InstanceTypes;
using Sparkwright.World.Karpenter.Cloud;
using Sparkwright.World.Karpenter.InstanceTypes;
using Sparkwright.World.Karpenter.Solver;
using static Sparkwright.Tests.Karpenter.Solver.Rounds;

namespace Sparkwright.Tests.Karpenter.Cloud;

public sealed class FleetChoiceTests
{
    private const string Types = "node.kubernetes.io/instance-type In ";

    [Fact]
    public void The_cheapest_offers_come_first_zone_by_zone() => Assert.Equal(
        ["c5.large us-west-2a on-demand", "c5.large us-west-2b on-demand", "m5.large us-west-2a on-demand", "m5.large us-west-2b on-demand"],
        Choose(Types + "m5.large,c5.large; karpenter.sh/capacity-type In on-demand"));

    [Fact]
    public void Spot_is_taken_where_it_is_allowed_and_to_be_had()
    {
        const string both = Types + "c5.large; karpenter.sh/capacity-type In spot,on-demand; topology.kubernetes.io/zone In us-west-2a";
        Assert.Equal(["c5.large us-west-2a spot"], Choose(both));
        Assert.Equal(["c5.large us-west-2a on-demand"], Choose(both, new UnavailableOffering("spot", "c5.large", "us-west-2a")));
    }

    [Fact]
    public void Spot_that_costs_more_than_the_cheapest_on_demand_offer_is_left_out()
    {
        const string types = Types + "c5.large,m5.24xlarge; topology.kubernetes.io/zone In us-west-2a; karpenter.sh/capacity-type In ";
        Assert.Equal(["c5.large us-west-2a spot"], Choose(types + "spot,on-demand"));
        Assert.Equal(["c5.large us-west-2a spot", "m5.24xlarge us-west-2a spot"], Choose(types + "spot"));
    }

    [Theory]
    [InlineData("c5.xlarge,g4dn.xlarge,c5.metal", "c5.xlarge")]
    [InlineData("g4dn.xlarge", "g4dn.xlarge")]
    public void Unusual_machines_are_bought_only_when_no_other_is_left(string types, string chosen) => Assert.Equal(
        [$"{chosen} us-west-2a on-demand"],
        Choose($"{Types}{types}; karpenter.sh/capacity-type In on-demand; topology.kubernetes.io/zone In us-west-2a"));

    [Fact]
    public void At_most_sixty_types_are_asked_for_the_cheapest_ones()
    {
        var offers = Offers("karpenter.sh/capacity-type In on-demand");
        var types = offers.Select(offer => offer.Shape.Name).Distinct().ToList();
        Assert.Equal(60, types.Count);
        Assert.Equal(offers.Select(offer => offer.Offering.UsdPerHour).Order(), offers.Select(offer => offer.Offering.UsdPerHour));
    }

    private static IEnumerable<string> Choose(string requirements, params UnavailableOffering[] unavailable) =>
        Offers(requirements, unavailable).Select(offer => $"{offer.Shape.Name} {offer.Offering.Zone} {offer.Offering.CapacityType}");

    private static IReadOnlyList<LaunchOffer> Offers(string requirements, params UnavailableOffering[] unavailable)
    {
        var table = ShapeTableTests.TableOf("us-west-2a", "us-west-2b").Without(unavailable);
        PlannedClaim claim = Assert.Single(Solve([Pool(requirements: requirements, table: table)], Pods("w", 1, "{cpu: 100m}")).Claims);
        return FleetChoice.Of(LaunchChoice.Of(claim));
    }
}
