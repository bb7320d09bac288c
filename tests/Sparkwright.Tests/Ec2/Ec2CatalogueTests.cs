using System.Globalization;
using Sparkwright.World.Ec2;

namespace Sparkwright.Tests.Ec2;

public sealed class Ec2CatalogueTests
{
    [Theory]
    //          type            arch     cpu MiB     GB    disks pods on demand
    [InlineData("c5d.large", "amd64", 2, 4096, 50, 1, 29, "0.096")]
    [InlineData("c5d.9xlarge", "amd64", 36, 73728, 900, 1, 234, "1.728")]
    [InlineData("r5d.4xlarge", "amd64", 16, 131072, 600, 2, 234, "1.152")]
    [InlineData("r6gd.4xlarge", "arm64", 16, 131072, 950, 1, 234, "0.9216")]
    [InlineData("m5.xlarge", "amd64", 4, 16384, 0, 0, 58, "0.192")]
    [InlineData("t3.medium", "amd64", 2, 4096, 0, 0, 17, "0.0416")]
    public void Shapes_and_prices_are_those_of_EC2(string name, string arch, long vcpu, long memoryMib, long nvmeGb, int disks, long pods, string usd)
    {
        var catalogue = Ec2Catalogue.ForRegion("us-west-2");
        var type = catalogue.Find(name)!;
        Assert.Equal((arch, vcpu, memoryMib, nvmeGb, disks, pods), (type.Arch, type.Vcpu, type.MemoryMib, type.LocalNvmeGb, type.LocalNvmeDisks, type.MaxPodsByEni));
        Assert.Equal(decimal.Parse(usd, CultureInfo.InvariantCulture), catalogue.OnDemandUsd(type));
    }

    [Fact]
    public void Every_region_has_sorted_types_with_a_price_and_a_spot_price_no_higher()
    {
        foreach (var region in Ec2Catalogue.Regions)
        {
            var catalogue = Ec2Catalogue.ForRegion(region);
            Assert.True(catalogue.Types.Length > 500, region);
            Assert.Equal(catalogue.Types.Select(type => type.Name).Order(StringComparer.Ordinal), catalogue.Types.Select(type => type.Name));
            Assert.All(catalogue.Types, type =>
            {
                Assert.True(catalogue.OnDemandUsd(type) > 0, type.Name);
                Assert.True(catalogue.SpotUsd(type) is null || catalogue.SpotUsd(type) <= catalogue.OnDemandUsd(type), type.Name);
                Assert.Equal(catalogue.SpotUsd(type) is null, catalogue.InterruptionBand(type) is null);
                Assert.True(type is { Vcpu: > 0, MemoryMib: > 0, MaxPodsByEni: > 0 }, type.Name);
            });
        }
    }

    [Fact]
    public void A_type_without_a_price_in_the_region_is_not_there()
    {
        Assert.NotNull(Ec2Catalogue.ForRegion("us-east-1").Find("c8g.large"));
        Assert.Null(Ec2Catalogue.ForRegion("us-west-1").Find("a1.2xlarge"));
        Assert.Null(Ec2Catalogue.ForRegion("us-west-2").Find("p5e.48xlarge"));
        Assert.Null(Ec2Catalogue.ForRegion("us-west-2").Find("c5d"));
    }

    [Fact]
    public void Zones_are_the_regions_and_not_every_type_is_in_each()
    {
        Assert.Equal(["us-west-2a", "us-west-2b", "us-west-2c", "us-west-2d"], Ec2Catalogue.ZonesOf("us-west-2"));
        Assert.Equal(["ap-south-1a", "ap-south-1b", "ap-south-1c"], Ec2Catalogue.ZonesOf("ap-south-1"));
        Assert.Empty(Ec2Catalogue.ZonesOf("us-west-9"));
        var catalogue = Ec2Catalogue.ForRegion("us-west-2");
        Assert.True(catalogue.IsOffered(catalogue.Find("c5d.4xlarge")!, "us-west-2a"));
        Assert.Contains(catalogue.Types, type => !catalogue.IsOffered(type, "us-west-2d"));
    }
}
