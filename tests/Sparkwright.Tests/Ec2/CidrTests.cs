using Sparkwright.World.Ec2;

namespace Sparkwright.Tests.Ec2;

public sealed class CidrTests
{
    [Theory]
    [InlineData("10.1.0.0/16", true)]
    [InlineData("10.1.64.0/18", true)]
    [InlineData("0.0.0.0/0", true)]
    [InlineData("10.1.0.1/32", true)]
    [InlineData("10.1.0.1/16", false)]
    [InlineData("10.1.0.0/33", false)]
    [InlineData("10.1.0.0", false)]
    [InlineData("10.1.0/16", false)]
    [InlineData("10.1.0.256/32", false)]
    [InlineData("10.1.0. 1/32", false)]
    [InlineData("10.1.0.0/-1", false)]
    public void Only_whole_blocks_are_read(string text, bool valid)
    {
        Assert.Equal(valid, Cidr.TryParse(text, out var cidr));
        Assert.True(!valid || cidr.ToString() == text);
    }

    [Fact]
    public void A_block_splits_into_smaller_ones()
    {
        Assert.Equal(["10.1.0.0/18", "10.1.64.0/18", "10.1.128.0/18", "10.1.192.0/18"], Block("10.1.0.0/16").Split(18).Select(part => part.ToString()));
        Assert.Empty(Block("10.1.0.0/16").Split(8));
        Assert.Equal([Block("0.0.0.0/0")], Block("0.0.0.0/0").Split(0));
    }

    [Theory]
    [InlineData("10.1.0.0/16", "10.1.64.0/18", true, true)]
    [InlineData("10.1.64.0/18", "10.1.0.0/16", false, true)]
    [InlineData("10.1.0.0/18", "10.1.64.0/18", false, false)]
    [InlineData("0.0.0.0/0", "255.255.255.255/32", true, true)]
    public void Blocks_contain_and_overlap(string one, string other, bool contains, bool overlaps)
    {
        Assert.Equal(contains, Block(one).Contains(Block(other)));
        Assert.Equal(contains, Block(one).Contains(Block(other).First) && Block(one).PrefixLength <= Block(other).PrefixLength);
        Assert.Equal(overlaps, Block(one).Overlaps(Block(other)));
    }

    [Fact]
    public void Addresses_are_counted_and_printed()
    {
        Assert.Equal(16384, Block("10.1.0.0/18").Size);
        Assert.Equal(1L << 32, Block("0.0.0.0/0").Size);
        Assert.Equal("10.1.1.4", Cidr.Print(Block("10.1.0.0/18").At(260)));
    }

    private static Cidr Block(string text) => Cidr.TryParse(text, out var cidr) ? cidr : throw new ArgumentException(text);
}
