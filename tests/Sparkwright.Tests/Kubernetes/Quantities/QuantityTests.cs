using FsCheck;
using FsCheck.Fluent;
using Sparkwright.Kubernetes.Quantities;

namespace Sparkwright.Tests.Kubernetes.Quantities;

public sealed class QuantityTests
{
    [Theory]
    [InlineData("0", "0")]
    [InlineData("0m", "0")]
    [InlineData("0Ki", "0")]
    [InlineData("1", "1")]
    [InlineData("0.5", "500m")]
    [InlineData(".5", "500m")]
    [InlineData("1.5", "1500m")]
    [InlineData("1200m", "1200m")]
    [InlineData("1000m", "1")]
    [InlineData("1e3", "1e3")]
    [InlineData("1e4", "10e3")]
    [InlineData("1000", "1k")]
    [InlineData("1234000", "1234k")]
    [InlineData("100000k", "100M")]
    [InlineData("14336Mi", "14Gi")]
    [InlineData("14536Mi", "14536Mi")]
    [InlineData("1024Ki", "1Mi")]
    [InlineData("1.5Gi", "1536Mi")]
    [InlineData("0.5Ki", "512")]
    [InlineData("202656.25Ki", "207520000")]
    [InlineData("207520000", "207520k")]
    [InlineData("1536", "1536")]
    [InlineData("1.1Ki", "1126400m")]
    [InlineData(".001Ki", "1024m")]
    [InlineData(".000001Ki", "1024u")]
    [InlineData(".000000001Ki", "1024n")]
    [InlineData(".000000000001Ki", "2n")]
    [InlineData("0.1n", "1n")]
    [InlineData("-0.1n", "-1n")]
    [InlineData("1e-9", "1e-9")]
    [InlineData("1n", "1n")]
    [InlineData("-1500m", "-1500m")]
    [InlineData("-5Gi", "-5Gi")]
    [InlineData("9Ei", "9223372036854775807")]
    [InlineData("100E", "100E")]
    [InlineData("1000E", "1e21")]
    [InlineData("10G", "10G")]
    [InlineData("1E", "1E")]
    public void A_quantity_is_printed_in_canonical_form(string text, string canonical) => Assert.Equal(canonical, Quantity.Parse(text).ToString());

    /// <summary>Kubernetes' quick test for canonical text lets these pass and prints them as they came.</summary>
    [Theory]
    [InlineData("1.500")]
    [InlineData("1.")]
    [InlineData("12.345")]
    [InlineData("+5")]
    [InlineData("007")]
    [InlineData("1E3")]
    [InlineData("1e0")]
    public void Some_texts_are_kept_as_written(string text)
    {
        Assert.Equal(text, Quantity.Parse(text).ToString());
        Assert.Equal(Quantity.Parse(text), Quantity.Parse(text) + default(Quantity));
        Assert.NotEqual(text, (Quantity.Parse(text) + default(Quantity)).ToString());
    }

    [Theory]
    [InlineData("")]
    [InlineData("10g")]
    [InlineData("10GB")]
    [InlineData("10Gib")]
    [InlineData("1.1.M")]
    [InlineData("1+1.0M")]
    [InlineData("1,5")]
    [InlineData(" 1")]
    [InlineData("1 ")]
    [InlineData("aoeu")]
    [InlineData("0x10")]
    [InlineData("1_000")]
    [InlineData("-3.01e-1x")]
    [InlineData("１")]
    public void What_is_no_quantity_is_refused(string text)
    {
        Assert.False(Quantity.TryParse(text, out _));
        Assert.Equal("quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'", Quantity.FaultOf(text));
    }

    [Theory]
    [InlineData("1i")]
    [InlineData("0.1mi")]
    [InlineData("1e")]
    [InlineData("-3.01e-")]
    [InlineData("1KiM")]
    [InlineData("1K")]
    [InlineData("1ki")]
    public void A_suffix_that_does_not_exist_is_named(string text)
    {
        Assert.False(Quantity.TryParse(text, out _));
        Assert.Equal("unable to parse quantity's suffix", Quantity.FaultOf(text));
    }

    [Theory]
    [InlineData("1500m", 2, 1500)]
    [InlineData("-1500m", -2, -1500)]
    [InlineData("1", 1, 1000)]
    [InlineData("1u", 1, 1)]
    [InlineData("1Gi", 1L << 30, 1000L << 30)]
    [InlineData("100E", long.MaxValue, long.MaxValue)]
    public void Whole_and_milli_values_are_rounded_away_from_zero(string text, long value, long milli)
    {
        Assert.Equal(value, Quantity.Parse(text).Value);
        Assert.Equal(milli, Quantity.Parse(text).MilliValue);
    }

    [Theory]
    [InlineData("1", "1000m", 0)]
    [InlineData("1Ki", "1024", 0)]
    [InlineData("1Gi", "1G", 1)]
    [InlineData("0.1", "100m", 0)]
    [InlineData("-1", "1n", -1)]
    public void Quantities_compare_as_numbers(string left, string right, int order)
    {
        Assert.Equal(order, Math.Sign(Quantity.Parse(left).CompareTo(Quantity.Parse(right))));
        Assert.Equal(order == 0, Quantity.Parse(left) == Quantity.Parse(right));
    }

    /// <summary>The form settles after one reading; a binary amount that has no binary suffix left is read as a decimal one.</summary>
    [Fact]
    public void Printing_and_reading_again_loses_nothing() => Check.QuickThrowOnFailure(Prop.ForAll(Texts(), text =>
    {
        var once = Quantity.Parse(text);
        var again = Quantity.Parse(once.ToString());
        var isDecimalNow = text.EndsWith('i') && !once.ToString().EndsWith('i');
        return again == once && (isDecimalNow || again.ToString() == once.ToString());
    }));

    [Fact]
    public void Adding_and_taking_away_cancel_out() => Check.QuickThrowOnFailure(Prop.ForAll(Texts(), Texts(), (left, right) =>
        Quantity.Parse(left) + Quantity.Parse(right) - Quantity.Parse(right) == Quantity.Parse(left)
        && Quantity.Parse(left) + Quantity.Parse(right) == Quantity.Parse(right) + Quantity.Parse(left)));

    [Fact]
    public void Order_and_milli_values_agree() => Check.QuickThrowOnFailure(Prop.ForAll(Texts(), Texts(), (left, right) =>
        Quantity.Parse(left) > Quantity.Parse(right) || Quantity.Parse(left).MilliValue <= Quantity.Parse(right).MilliValue));

    [Fact]
    public void Every_canonical_text_has_no_fraction_and_the_largest_suffix() => Check.QuickThrowOnFailure(Prop.ForAll(Texts(), text =>
    {
        var canonical = (Quantity.Parse(text) + default(Quantity)).ToString();
        var digits = canonical.TrimStart('-').TakeWhile(char.IsAsciiDigit).ToArray();
        var suffix = canonical.TrimStart('-')[digits.Length..];
        return !canonical.Contains('.', StringComparison.Ordinal)
            && (suffix.EndsWith('i') || suffix == "E" || suffix.StartsWith('e') || canonical == "0" || suffix.Length == 0 || !new string(digits).EndsWith("000", StringComparison.Ordinal));
    }));

    private static Arbitrary<string> Texts() => Arb.From(
        from sign in Gen.Elements("", "", "-", "+")
        from whole in Gen.Choose(0, 2_000_000)
        from fraction in Gen.Elements("", "", ".5", ".25", ".001", ".000000001", ".1000")
        from suffix in Gen.Elements("", "n", "u", "m", "k", "M", "G", "T", "Ki", "Mi", "Gi", "Ti", "e3", "e-3", "E6")
        select $"{sign}{whole}{fraction}{suffix}");
}
