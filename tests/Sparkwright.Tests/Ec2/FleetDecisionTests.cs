using Sparkwright.World.Ec2;

namespace Sparkwright.Tests.Ec2;

public sealed class FleetDecisionTests
{
    private static readonly Ec2Catalogue Catalogue = Ec2Catalogue.ForRegion("us-west-2");
    private static readonly DateTime Start = new(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc);

    [Theory]
    //          overrides                                    capacity type  bought, refused before
    [InlineData("c5d.4xlarge@b c5d.9xlarge@a c5d.4xlarge@a", "on-demand", "c5d.4xlarge@a")]
    [InlineData("r5d.4xlarge@b m5.large@c c5.large@c", "on-demand", "c5.large@c")]
    [InlineData("c5.xlarge@a c5a.xlarge@a", "on-demand", "c5a.xlarge@a")]
    [InlineData("c5.large@full c5.xlarge@b", "on-demand", "c5.xlarge@b: c5.large@full InsufficientFreeAddressesInSubnet")]
    [InlineData("c5.large@full", "on-demand", "none: c5.large@full InsufficientFreeAddressesInSubnet")]
    [InlineData("c5.large@gone c5.large@a", "on-demand", "c5.large@a")]
    [InlineData("c5.large@gone", "on-demand", "none: c5.large@gone InvalidSubnetID.NotFound")]
    [InlineData("t2.nano@a", "spot", "none: t2.nano@a Unsupported")]
    [InlineData("", "spot", "none")]
    public void The_cheapest_that_can_be_had_is_bought(string overrides, string capacityType, string expected) =>
        Assert.Equal(expected, Say(Decide(overrides, capacityType, CapacityLimits.None)));

    [Fact]
    public void A_price_tie_goes_to_the_type_name_then_the_zone()
    {
        var same = Catalogue.Types.GroupBy(Catalogue.OnDemandUsd).First(group => group.Count() > 1 && group.All(type => Catalogue.IsOffered(type, "us-west-2a") && Catalogue.IsOffered(type, "us-west-2b"))).ToList();
        var overrides = string.Join(' ', Enumerable.Reverse(same).SelectMany(type => new[] { $"{type.Name}@b", $"{type.Name}@a" }));
        Assert.Equal($"{same[0].Name}@a", Say(Decide(overrides, "on-demand", CapacityLimits.None)));
    }

    [Fact]
    public void A_type_is_not_had_in_a_zone_that_does_not_offer_it()
    {
        var absent = Catalogue.Types.First(type => !Catalogue.IsOffered(type, "us-west-2a"));
        Assert.Equal($"none: {absent.Name}@a Unsupported", Say(Decide($"{absent.Name}@a", "on-demand", CapacityLimits.None)));
    }

    [Theory]
    //          limited type  zone    capacity type  left  bought
    [InlineData("c5d.*", null, null, 0, "m5.large@a: c5d.large@a InsufficientInstanceCapacity, c5d.large@b InsufficientInstanceCapacity")]
    [InlineData("c5d.large", "us-west-2a", null, 0, "c5d.large@b: c5d.large@a InsufficientInstanceCapacity")]
    [InlineData(null, null, "spot", 0, "c5d.large@a")]
    [InlineData("c5d.*", null, "on-demand", 1, "c5d.large@a")]
    [InlineData(null, null, null, 0, "none: c5d.large@a InsufficientInstanceCapacity, c5d.large@b InsufficientInstanceCapacity, m5.large@a InsufficientInstanceCapacity")]
    public void Limits_on_capacity_are_refusals_until_they_no_longer_apply(string? type, string? zone, string? capacityType, long left, string expected)
    {
        var limits = new CapacityLimits([new CapacityLimit(new CapacityPattern(type, zone, capacityType), left, Start, [])], _ => 0);
        Assert.Equal(expected, Say(Decide("c5d.large@a c5d.large@b m5.large@a", "on-demand", limits)));
    }

    [Fact]
    public void What_was_launched_since_counts_against_a_limit()
    {
        var limit = new CapacityLimit(new CapacityPattern("c5d.*", null, null), 2, Start, []);
        Assert.Equal(1, new CapacityLimits([limit], _ => 1).Left("c5d.large", "us-west-2a", "spot"));
        Assert.Equal(0, new CapacityLimits([limit], _ => 3).Left("c5d.large", "us-west-2a", "spot"));
        Assert.Equal(long.MaxValue, new CapacityLimits([limit], _ => 3).Left("c5.large", "us-west-2a", "spot"));
    }

    private static FleetPlan Decide(string overrides, string capacityType, CapacityLimits limits)
    {
        var request = new FleetRequest
        {
            CapacityType = capacityType,
            Overrides =
            [
                .. overrides.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(text => text.Split('@'))
                    .Select(parts => new FleetOverride(Catalogue.Find(parts[0])!, "us-west-2" + (parts[1].Length == 1 ? parts[1] : "a"), parts[1])),
            ],
        };
        return FleetDecision.Decide(
            request,
            Catalogue,
            id => id == "gone" ? null : new SubnetInfo(id, "us-west-2" + id, default, id == "full" ? 0 : 10),
            limits);
    }

    private static string Say(FleetPlan plan)
    {
        var bought = plan.Choice is { } choice ? $"{choice.Override.Type.Name}@{choice.Override.SubnetId}" : "none";
        var refused = string.Join(", ", plan.Refused.Select(error => $"{error.Override.Type.Name}@{error.Override.SubnetId} {error.Code}"));
        return refused.Length == 0 ? bought : $"{bought}: {refused}";
    }
}
