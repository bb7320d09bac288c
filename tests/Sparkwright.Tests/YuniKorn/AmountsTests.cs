using Sparkwright.Kubernetes.Objects;
using Sparkwright.World.YuniKorn;
using Sparkwright.World.YuniKorn.Configuration;

namespace Sparkwright.Tests.YuniKorn;

public sealed class AmountsTests
{
    [Theory]
    [InlineData("100G", false, 100_000_000_000)]
    [InlineData("1Ki", false, 1024)]
    [InlineData("2 Gi", false, 2147483648)]
    [InlineData("10", true, 10_000)]
    [InlineData("500m", true, 500)]
    [InlineData("1k", true, 1_000_000)]
    [InlineData("0", false, 0)]
    public void Quantities_are_whole_and_a_vcore_counts_a_thousand(string text, bool isVcore, long amount)
    {
        Assert.True(QuantityText.TryRead(text, isVcore, out var read, out _));
        Assert.Equal(amount, read);
    }

    [Theory]
    [InlineData("", false, "invalid quantity")]
    [InlineData("1.5", false, "invalid quantity")]
    [InlineData("-", false, "invalid quantity")]
    [InlineData("100m", false, "invalid suffix")]
    [InlineData("1Xi", false, "invalid suffix")]
    [InlineData("9223372036854775808", false, "invalid quantity: overflow")]
    [InlineData("10E", false, "invalid quantity: overflow")]
    public void Other_texts_are_refused_in_upstreams_words(string text, bool isVcore, string error)
    {
        Assert.False(QuantityText.TryRead(text, isVcore, out _, out var said));
        Assert.Equal(error, said);
    }

    [Fact]
    public void Negative_amounts_are_refused()
    {
        Assert.False(QuantityText.TryReadAll(TreeMap.Of(("memory", "1G"), ("vcore", "-1")), out _, out var error));
        Assert.Equal("negative resources not permitted: map[memory:1G vcore:-1]", error);
    }

    [Theory]
    //          limit               asked             allows holds
    [InlineData("memory:10 vcore:2", "memory:10", true, true)]
    [InlineData("memory:10", "memory:5 vcore:1", true, false)]
    [InlineData("memory:10", "memory:11", false, false)]
    [InlineData("vcore:-3", "vcore:0", true, true)]
    [InlineData("vcore:-3", "vcore:1", false, false)]
    [InlineData("", "vcore:1", true, false)]
    public void A_limit_leaves_open_what_it_does_not_name_and_a_node_does_not_have_it(string limit, string asked, bool allows, bool holds)
    {
        Assert.Equal(allows, Read(limit).Allows(Read(asked)));
        Assert.Equal(holds, Read(limit).Holds(Read(asked)));
    }

    [Fact]
    public void The_smaller_of_two_keeps_what_only_one_names()
    {
        Assert.Equal("map[memory:4 pods:3 vcore:2]", Amounts.Min(Read("memory:5 vcore:2"), Read("memory:4 pods:3"))!.ToString());
        Assert.Equal("map[vcore:2]", Amounts.Min(null, Read("vcore:2"))!.ToString());
        Assert.Equal("map[memory:1]", Read("memory:5").LessExisting(Read("memory:4 pods:3")).ToString());
        Assert.Equal("map[memory:5 pods:3]", Read("memory:5").WithMissing(Read("memory:4 pods:3")).ToString());
    }

    [Theory]
    [InlineData("memory:1", "memory:1 vcore:0", true)]
    [InlineData("memory:1", "memory:1 vcore:1", false)]
    public void What_is_not_named_equals_zero(string left, string right, bool equal) => Assert.Equal(equal, Read(left).Equals(Read(right)));

    [Fact]
    public void Sums_and_differences()
    {
        Assert.Equal("map[memory:3 vcore:2]", (Read("memory:1 vcore:2") + Read("memory:2")).ToString());
        Assert.Equal("map[memory:-1 vcore:2]", (Read("memory:1 vcore:2") - Read("memory:2")).ToString());
        Assert.True(Read("memory:2 vcore:1").Exceeds(Read("memory:1 vcore:1")));
        Assert.False(Read("memory:2 vcore:1").Exceeds(Read("memory:1 vcore:2")));
    }

    internal static Amounts Read(string text) => Amounts.Of([.. text.Split(' ', StringSplitOptions.RemoveEmptyEntries)
        .Select(part => part.Split(':')).Select(part => (part[0], long.Parse(part[1], System.Globalization.CultureInfo.InvariantCulture)))]);
}
