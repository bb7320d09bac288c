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

    private const string SuffixMessage = "unable to parse quantity's suffix";

    /// <summary>Powers of ten beyond this are cut off, so that a short text cannot cost much.</summary>
    private const int MostExponent = 400;

    private const long NanosPerUnit = 1_000_000_000;
    private static readonly BigInteger MaxNanos = (BigInteger)long.MaxValue * NanosPerUnit;
    private static readonly string[] DecimalSuffixes = ["n", "u", "m", "", "k", "M", "G", "T", "P", "E"];
    private static readonly string[] BinarySuffixes = ["", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"];

    private readonly BigInteger nanos;
    private readonly Notation notation;
    private readonly string? asWritten;

    private Quantity(BigInteger nanos, Notation notation, string? asWritten = null)
    {
        this.nanos = nanos;
        this.notation = notation;
        this.asWritten = asWritten;
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
        var (number, suffix) = Split(text);
        if (text.IsEmpty || !IsSuffix(suffix) || !TrySuffix(suffix, out var notation, out var exponent))
        {
            return false;
        }

        var point = number.IndexOf('.');
        var units = (point < 0 ? number : number[..point]).TrimStart("+-").TrimStart('0');
        var fraction = point < 0 ? [] : number[(point + 1)..];

        // Longer numbers carry no meaning here and would only cost time.
        if (units.Length + fraction.Length > 100)
        {
            return false;
        }

        var digits = Digits(units, fraction);
        var power = (notation == Notation.BinarySuffix ? 0 : exponent) - fraction.Length + 9;
        var value = notation == Notation.BinarySuffix ? digits << exponent : digits;
        value = power >= 0 ? value * BigInteger.Pow(10, Math.Min(power, MostExponent)) : DivideUp(value, BigInteger.Pow(10, Math.Min(-power, MostExponent)));
        if (notation == Notation.BinarySuffix)
        {
            value = BigInteger.Min(value, MaxNanos);
        }

        var asWritten = IsKept(units, fraction, notation, exponent, digits) && IsOdd(text) ? text.ToString() : null;
        quantity = new(text[0] == '-' ? -value : value, notation, asWritten);
        return true;
    }

    /// <summary>What the API server says of a text that is no quantity.</summary>
    public static string FaultOf(string text)
    {
        var suffix = Split(text).Suffix;
        return text.Length == 0 || !IsSuffix(suffix) ? SyntaxMessage : SuffixMessage;
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

    /// <summary>
    /// The canonical form: no fraction, the largest suffix that allows it (1500m, 1, 100k, 1536Mi, 1e3); a text that Kubernetes takes for
    /// canonical stays as it was written (1.500, +5, 007).
    /// </summary>
    public override string ToString()
    {
        if (asWritten is not null)
        {
            return asWritten;
        }

        if (nanos.IsZero)
        {
            return "0";
        }

        // Small or fractional binary amounts are printed as decimal ones, so that nothing is lost.
        if (notation == Notation.BinarySuffix && BigInteger.Abs(nanos) >= (BigInteger)1024 * NanosPerUnit && (nanos % NanosPerUnit).IsZero)
        {
            var units = nanos / NanosPerUnit;
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
        while ((mantissa % 1000).IsZero)
        {
            mantissa /= 1000;
            thousand++;
        }

        var exponent = (thousand * 3) - 9;
        return mantissa.ToString(CultureInfo.InvariantCulture) + (exponent switch
        {
            0 => "",
            _ when notation == Notation.Exponent || thousand >= DecimalSuffixes.Length => "e" + exponent.ToString(CultureInfo.InvariantCulture),
            _ => DecimalSuffixes[thousand],
        });
    }

    /// <summary>Parts a text into its number (sign, digits, one point) and what follows; neither need be there.</summary>
    private static Parts Split(ReadOnlySpan<char> text)
    {
        var at = text is ['+' or '-', ..] ? 1 : 0;
        at += DigitsAt(text[at..]);
        if (at < text.Length && text[at] == '.')
        {
            at += 1 + DigitsAt(text[(at + 1)..]);
        }

        return new(text[..at], text[at..]);
    }

    private static int DigitsAt(ReadOnlySpan<char> text) => text.IndexOfAnyExceptInRange('0', '9') is var end && end < 0 ? text.Length : end;

    /// <summary>Whether what follows a number has the shape of a suffix: letters, a sign, digits; all may be absent.</summary>
    private static bool IsSuffix(ReadOnlySpan<char> suffix)
    {
        var exponent = suffix.TrimStart("eEinumkKMGTP");
        return (exponent is ['+' or '-', ..] ? exponent[1..] : exponent).TrimStart("0123456789").IsEmpty;
    }

    private static BigInteger Digits(ReadOnlySpan<char> units, ReadOnlySpan<char> fraction)
    {
        var digits = BigInteger.Zero;
        long small = 0;
        var seen = 0;
        foreach (var part in (ReadOnlySpan<string>)[units.ToString(), fraction.ToString()])
        {
            foreach (var digit in part)
            {
                seen++;
                if (seen <= 18)
                {
                    small = (small * 10) + (digit - '0');
                    digits = small;
                }
                else
                {
                    digits = (digits * 10) + (digit - '0');
                }
            }
        }

        return digits;
    }

    /// <summary>Kubernetes' quick test for canonical text, which lets some other forms through; those it then prints as they were written.</summary>
    private static bool IsKept(ReadOnlySpan<char> units, ReadOnlySpan<char> fraction, Notation notation, int exponent, BigInteger digits)
    {
        var length = Math.Max(units.Length, 1) + fraction.Length;
        if (notation == Notation.BinarySuffix)
        {
            return fraction.IsEmpty && 15 - length - (exponent * 3 / 10) - 1 >= 0 && !(digits & 7).IsZero;
        }

        var scale = exponent - fraction.Length;
        return length <= 18 && scale is >= -9 && scale % 3 == 0 && !units.IsEmpty && !(digits % 1000).IsZero;
    }

    /// <summary>Whether the canonical form may differ from a text that is kept.</summary>
    private static bool IsOdd(ReadOnlySpan<char> text) => text[0] is '+' or '0' or '.' || text is ['-', '0', ..] || text.ContainsAny(".eE");

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

    private long Scaled(long nanosPerPart)
    {
        var parts = DivideUp(nanos, nanosPerPart);
        return parts > long.MaxValue ? long.MaxValue : parts < long.MinValue ? long.MinValue : (long)parts;
    }

    private readonly ref struct Parts(ReadOnlySpan<char> number, ReadOnlySpan<char> suffix)
    {
        public readonly ReadOnlySpan<char> Suffix = suffix;
        private readonly ReadOnlySpan<char> number = number;

        public void Deconstruct(out ReadOnlySpan<char> numberPart, out ReadOnlySpan<char> suffixPart)
        {
            numberPart = number;
            suffixPart = Suffix;
        }
    }
}
