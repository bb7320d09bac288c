using System.Collections.Immutable;
using FsCheck;
using FsCheck.Fluent;
using Sparkwright.World.Ec2;
using Sparkwright.World.Karpenter;
using Sparkwright.World.Karpenter.InstanceTypes;
using Sparkwright.World.Karpenter.Requirements;

namespace Sparkwright.Tests.Karpenter.InstanceTypes;

/// <summary>The bit sets say the same as the algebra asked shape by shape.</summary>
public sealed class ShapeTableTests
{
    private static readonly string[] Zones = ["us-west-2a", "us-west-2b", "us-west-2d"];
    private static readonly ShapeTable Table = TableOf(Zones);

    // Labels with values that some shapes have, and one that no shape has.
    private static readonly (string Key, string[] Values)[] Vocabulary =
    [
        (KarpenterLabels.InstanceType, ["c5.large", "c5.xlarge", "m5.large", "r5d.4xlarge", "nothing.large"]),
        (KarpenterLabels.Arch, ["amd64", "arm64"]),
        (KarpenterLabels.InstancePrefix + "category", ["c", "m", "r", "g"]),
        (KarpenterLabels.InstancePrefix + "cpu", ["2", "4", "8", "96"]),
        (KarpenterLabels.InstancePrefix + "gpu-name", ["t4", "a100"]),
        (KarpenterLabels.InstancePrefix + "local-nvme", ["150", "900"]),
        (KarpenterLabels.Zone, ["us-west-2a", "us-west-2b", "us-west-2c"]),
        (KarpenterLabels.CapacityType, ["spot", "on-demand", "reserved"]),
        ("team", ["a", "b"]),
    ];

    private static readonly Gen<RequirementSet> Sets =
        from requirements in Gen.ListOf(OneRequirement())
        select RequirementSet.Of(requirements.Take(4));

    [Fact]
    public void Bit_sets_say_what_the_algebra_says() =>
        Prop.ForAll(Arb.From(Sets), set => Assert.Equal(
            Table.Shapes.Where(shape => shape.Labels.Intersects(set)).Select(shape => shape.Name),
            Names(Table, Table.Matching(set)))).QuickCheckThrowOnFailure();

    [Fact]
    public void Offerings_are_those_of_the_zones_and_capacity_types_asked_for() =>
        Prop.ForAll(Arb.From(Sets), set =>
        {
            bool Suits(Offering offering) =>
                set.Get(KarpenterLabels.Zone)?.Has(offering.Zone) != false && set.Get(KarpenterLabels.CapacityType)?.Has(offering.CapacityType) != false;
            Assert.Equal(Table.Shapes.Where(shape => shape.Offerings.Any(Suits)).Select(shape => shape.Name), Names(Table, Table.Offered(set)));
            Assert.Equal(Table.Shapes[7].Offerings.Where(Suits), Table.OfferingsOf(7, set));
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void An_offering_without_capacity_is_left_out_and_known_as_such()
    {
        var one = RequirementSet.Of(Requirement.In(KarpenterLabels.Zone, "us-west-2a"), Requirement.In(KarpenterLabels.CapacityType, "spot"));
        var at = Table.Find("c5.large");
        var without = Table.Without([new UnavailableOffering("spot", "c5.large", "us-west-2a"), new UnavailableOffering("spot", "nothing.large", "us-west-2a")]);
        Assert.Equal((true, false), (Table.Offered(one).Contains(at), without.Offered(one).Contains(at)));
        Assert.Equal((false, true), (Table.IsOnlyUnavailable(at, one), without.IsOnlyUnavailable(at, one)));
        Assert.Equal(Table.Offered(one).Count - 1, without.Offered(one).Count);
        Assert.True(without.Offered(RequirementSet.None).Contains(at));
    }

    [Fact]
    public void A_capacity_type_without_any_capacity_is_left_out_of_every_type()
    {
        var without = Table.Without([UnavailableOffering.AllOf("spot")]);
        Assert.Equal(0, without.Offered(RequirementSet.Of(Requirement.In(KarpenterLabels.CapacityType, "spot"))).Count);
        var onDemand = RequirementSet.Of(Requirement.In(KarpenterLabels.CapacityType, "on-demand"));
        Assert.Equal(Table.Offered(onDemand).Count, without.Offered(onDemand).Count);
    }

    [Theory]
    [InlineData(new int[] { }, new[] { 1 })]
    [InlineData(new[] { 0, 63, 64, 130 }, new[] { 63, 65, 130 })]
    [InlineData(new[] { 5, 6, 7 }, new[] { 5, 6, 7 })]
    public void Sets_of_shapes_are_sets(int[] one, int[] other)
    {
        var (left, right) = (ShapeSet.Of(131, one), ShapeSet.Of(131, other));
        Assert.Equal(one.Intersect(other).Order(), Members(left & right));
        Assert.Equal(one.Union(other).Order(), Members(left | right));
        Assert.Equal(one.Length, left.Count);
        Assert.Equal(one.Length == 0, left.IsEmpty);
        Assert.Equal(one.All(other.Contains), left.IsSubsetOf(right));
        Assert.Equal(one.SequenceEqual(other), left == right);
    }

    internal static ShapeTable TableOf(params string[] zones)
    {
        var catalogue = Ec2Catalogue.ForRegion("us-west-2");
        return new ShapeTable(
        [
            .. catalogue.Types.Select(type =>
            {
                var capacity = NodeResources.Capacity(type, new KubeletSettings(), Generation.V1Alpha5);
                var offerings = ImmutableArray.CreateBuilder<Offering>();
                foreach (var zone in zones.Where(zone => catalogue.IsOffered(type, zone)))
                {
                    offerings.Add(new Offering(zone, "on-demand", catalogue.OnDemandUsd(type)));
                    if (catalogue.SpotUsd(type) is { } spot)
                    {
                        offerings.Add(new Offering(zone, "spot", spot));
                    }
                }

                return new NodeShape(
                    type,
                    TypeLabels.Of(type, capacity.Pods, "us-west-2", Generation.V1Alpha5),
                    capacity,
                    NodeResources.Allocatable(type, new KubeletSettings(), Generation.V1Alpha5),
                    offerings.ToImmutable());
            }),
        ]);
    }

    internal static List<string> Names(ShapeTable table, ShapeSet set) => [.. Members(set).Select(at => table.Shapes[at].Name)];

    private static List<int> Members(ShapeSet set)
    {
        var members = new List<int>();
        foreach (var member in set)
        {
            members.Add(member);
        }

        return members;
    }

    private static Gen<Requirement> OneRequirement() =>
        from entry in Gen.Elements(Vocabulary)
        from kind in Gen.Choose(0, 5)
        from values in Gen.SubListOf(entry.Values)
        from bound in Gen.Elements(0, 2, 4, 100)
        select kind switch
        {
            0 or 1 => Requirement.In(entry.Key, values),
            2 => Requirement.NotIn(entry.Key, values),
            3 => Requirement.Exists(entry.Key),
            4 => Requirement.Greater(entry.Key, bound),
            _ => Requirement.Less(entry.Key, bound),
        };
}
