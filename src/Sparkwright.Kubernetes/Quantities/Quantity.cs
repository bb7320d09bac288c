using System.Globalization;
using System.Numerics;

namespace Sparkwright.Kubernetes.Quantities;

/// <summary>
/// A Kubernetes quantity: an exact number with the notation it was written in, printed in Kubernetes' canonical form.
/// Precision ends at one billionth; finer parts are rounded away from zero, as Kubernetes does.
/// </summary>
public readonly struct Quantity : IEquatable<Quantity>, IComparable<Quantity>
{
    /// <summary>What the API server says of text that is no quantity.</summary>
    public const string SyntaxMessage = "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";

    private const long NanosPerUnit = 1_000_000_000;
    private static readonly BigInteger MaxNanos = (BigInteger)long.MaxValue * NanosPerUnit;
    private static readonly string[] DecimalSuffixes = ["n", "u", "m", "", "k", "M", "G", "T", "P", "E"];
    private static readonly string[] BinarySuffixes = ["", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"];

    private readonly BigInteger nanos;
    private readonly Notation notation;

    private Quantity(BigInteger nanos, Notation notation)
    {
        this.nanos = nanos;
        this.notation = notation;
    }

    private enum Notation : byte
    {
        DecimalSuffix,
        BinarySuffix,
        Exponent,
    }

    /// <summary>The value in whole units, rounded away from zero (bytes for memory).</summary>
    public long Value => Scaled(NanosPerUnit);

    /// <summary>The value in thousandths, rounded away from zero (millicores for cpu).</summary>
    public long MilliValue => Scaled(NanosPerUnit / 1000);

    public static Quantity FromMilli(long milli) => new((BigInteger)milli * (NanosPerUnit / 1000), Notation.DecimalSuffix);

    public static Quantity FromUnits(long units) => new((BigInteger)units * NanosPerUnit, Notation.DecimalSuffix);

    /// <summary>A number of bytes, printed with binary suffixes (1073741824 is 1Gi).</summary>
    public static Quantity FromBytes(long bytes) => new((BigInteger)bytes * NanosPerUnit, Notation.BinarySuffix);

    /// <summary>Parses text that is known to be a quantity.</summary>
    /// <exception cref="FormatException">The text is no quantity.</exception>
    public static Quantity Parse(string text) =>
        TryParse(text, out var quantity) ? quantity : throw new FormatException($"'{text}': {SyntaxMessage}");

    public static bool TryParse(ReadOnlySpan<char> text, out Quantity quantity)
    {
        quantity = default;
        var at = 0;
        var negative = false;
        if (at < text.Length && text[at] is '+' or '-')
        {
            negative = text[at] == '-';
            at++;
        }

        var digits = BigInteger.Zero;
        long small = 0;
        var seen = 0;
        var fraction = 0;
        var point = false;
        for (; at < text.Length && (char.IsAsciiDigit(text[at]) || text[at] == '.'); at++)
        {
            if (text[at] == '.')
            {
                if (point)
                {
                    return false;
                }

                point = true;
                continue;
            }

            if (seen < 18)
            {
                small = (small * 10) + (text[at] - '0');
                digits = small;
            }
            else
            {
                digits = (digits * 10) + (text[at] - '0');
            }

            seen++;
            fraction += point ? 1 : 0;
        }

        // Longer numbers carry no meaning here and would only cost time.
        if (seen == 0 || seen > 100 || !TrySuffix(text[at..], out var notation, out var exponent))
        {
            return false;
        }

        var power = (notation == Notation.BinarySuffix ? 0 : exponent) - fraction + 9;
        var value = digits;
        if (notation == Notation.BinarySuffix)
        {
            value *= BigInteger.One << exponent;
        }

        if (power >= 0)
        {
            value *= BigInteger.Pow(10, Math.Min(power, 400));
        }
        else
        {
            value = DivideUp(value, BigInteger.Pow(10, Math.Min(-power, 400)));
        }

        value = BigInteger.Min(value, MaxNanos);
        quantity = new(negative ? -value : value, notation);
        return true;
    }

    public static Quantity operator +(Quantity left, Quantity right) =>
        new(left.nanos + right.nanos, left.nanos.IsZero ? right.notation : left.notation);

    public static Quantity operator -(Quantity left, Quantity right) =>
        new(left.nanos - right.nanos, left.nanos.IsZero ? right.notation : left.notation);

    public static bool operator ==(Quantity left, Quantity right) => left.Equals(right);

    public static bool operator !=(Quantity left, Quantity right) => !left.Equals(right);

    public static bool operator <(Quantity left, Quantity right) => left.nanos < right.nanos;

    public static bool operator >(Quantity left, Quantity right) => left.nanos > right.nanos;

    public int CompareTo(Quantity other) => nanos.CompareTo(other.nanos);

    /// <summary>Equal as numbers; the notation does not matter.</summary>
    public bool Equals(Quantity other) => nanos == other.nanos;

    public override bool Equals(object? obj) => obj is Quantity other && Equals(other);

    public override int GetHashCode() => nanos.GetHashCode();

    /// <summary>The canonical form: no fraction, the largest suffix that allows it (1500m, 1, 100k, 1536Mi, 1e3).</summary>
    public override string ToString()
    {
        if (nanos.IsZero)
        {
            return "0";
        }

        var smallBinary = notation == Notation.BinarySuffix && BigInteger.Abs(nanos) < (BigInteger)1024 * NanosPerUnit;
        if (notation == Notation.BinarySuffix && !smallBinary)
        {
            var units = RoundedUnits();
            var step = 0;
            while (step < BinarySuffixes.Length - 1 && (units % 1024).IsZero)
            {
                units /= 1024;
                step++;
            }

            return units.ToString(CultureInfo.InvariantCulture) + BinarySuffixes[step];
        }

        var mantissa = nanos;
        var thousand = 0;
        while (thousand < DecimalSuffixes.Length - 1 && (mantissa % 1000).IsZero)
        {
            mantissa /= 1000;
            thousand++;
        }

        var exponent = (thousand * 3) - 9;
        return mantissa.ToString(CultureInfo.InvariantCulture) + (notation, exponent) switch
        {
            (Notation.Exponent, 0) => "",
            (Notation.Exponent, _) => "e" + exponent.ToString(CultureInfo.InvariantCulture),
            _ => DecimalSuffixes[thousand],
        };
    }

    private static bool TrySuffix(ReadOnlySpan<char> suffix, out Notation notation, out int exponent)
    {
        notation = Notation.DecimalSuffix;
        exponent = 0;
        if (suffix.Length == 2 && suffix[1] == 'i')
        {
            notation = Notation.BinarySuffix;
            exponent = 10 * ("KMGTPE".IndexOf(suffix[0]) + 1);
            return exponent > 0;
        }

        if (suffix.Length > 1 && suffix[0] is 'e' or 'E')
        {
            notation = Notation.Exponent;
            return int.TryParse(suffix[1..], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out exponent);
        }

        var known = suffix.Length switch
        {
            0 => 3,
            1 => "num kMGTPE".IndexOf(suffix[0] == ' ' ? '?' : suffix[0]),
            _ => -1,
        };
        exponent = (known * 3) - 9;
        return known >= 0;
    }

    private static BigInteger DivideUp(BigInteger value, BigInteger divisor)
    {
        var quotient = BigInteger.DivRem(value, divisor, out var rest);
        return rest.IsZero ? quotient : quotient + rest.Sign;
    }

    private BigInteger RoundedUnits() => DivideUp(nanos, NanosPerUnit);

    private long Scaled(long nanosPerPart)
    {
        var parts = DivideUp(nanos, nanosPerPart);
        return parts > long.MaxValue ? long.MaxValue : parts < long.MinValue ? long.MinValue : (long)parts;
    }
}
