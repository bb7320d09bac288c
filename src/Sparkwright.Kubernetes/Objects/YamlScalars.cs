using System.Globalization;
using System.Numerics;
using System.Text;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Sparkwright.Kubernetes.Objects;

/// <summary>
/// What a YAML scalar stands for, by the rules of the parser that kubectl uses (sigs.k8s.io/yaml, so YAML 1.1): yes, no, on, off, y and n
/// are truth values, 0777 and 0o777 are octal, underscores may part digits, dates stay text, and quoted scalars are always text.
/// </summary>
internal static class YamlScalars
{
    private const string TagPrefix = "tag:yaml.org,2002:";

    /// <summary>The typed value; <see cref="YamlException"/> when a tag or the value cannot be kept as JSON.</summary>
    public static Tree Typed(Scalar scalar)
    {
        var tag = scalar.Tag.IsEmpty || scalar.Tag.IsNonSpecific ? "" : scalar.Tag.Value;
        if (tag.Length == 0 && (scalar.Style != ScalarStyle.Plain || !scalar.Tag.IsEmpty))
        {
            return scalar.Value;
        }

        switch (tag)
        {
            case TagPrefix + "binary":
                return Encoding.UTF8.GetString(Bytes(scalar));
            case "" or TagPrefix + "bool" or TagPrefix + "int" or TagPrefix + "float" or TagPrefix + "null" or TagPrefix + "timestamp":
                break;
            default:
                return scalar.Value;
        }

        var typed = Plain(scalar.Value) ?? throw Fault(scalar, $"the number {scalar.Value} cannot be written as JSON");
        return (tag, typed) switch
        {
            ("", _) or (TagPrefix + "bool", TreeBoolean) or (TagPrefix + "int", TreeInteger) or (TagPrefix + "float", TreeInteger or TreeReal)
                or (TagPrefix + "null", TreeNull) or (TagPrefix + "timestamp", TreeText) => typed,
            _ => throw Fault(scalar, $"cannot decode `{scalar.Value}` as a !!{tag[TagPrefix.Length..]}"),
        };
    }

    /// <summary>A key as text: JSON knows no other keys.</summary>
    public static string Key(Scalar scalar) => Typed(scalar) switch
    {
        TreeText text => text.Value,
        TreeNull => throw Fault(scalar, "a key may not be null"),
        var typed => typed.ToString(),
    };

    /// <summary>An untagged plain scalar; null for the numbers that are no JSON (.inf, .nan).</summary>
    private static Tree? Plain(string text)
    {
        switch (text)
        {
            case "" or "~" or "null" or "Null" or "NULL":
                return TreeNull.Value;
            case "true" or "True" or "TRUE" or "yes" or "Yes" or "YES" or "on" or "On" or "ON" or "y" or "Y":
                return TreeBoolean.True;
            case "false" or "False" or "FALSE" or "no" or "No" or "NO" or "off" or "Off" or "OFF" or "n" or "N":
                return TreeBoolean.False;
            case ".inf" or ".Inf" or ".INF" or "+.inf" or "+.Inf" or "+.INF" or "-.inf" or "-.Inf" or "-.INF" or ".nan" or ".NaN" or ".NAN":
                return null;
        }

        return text[0] switch
        {
            '.' => Real(text) ?? text,
            '+' or '-' or (>= '0' and <= '9') => Number(text.Replace("_", "", StringComparison.Ordinal)) ?? text,
            _ => text,
        };
    }

    private static Tree? Number(string text)
    {
        var negative = text[0] == '-';
        var digits = text[0] is '+' or '-' ? text[1..] : text;
        var (start, radix) = digits switch
        {
            ['0', 'x' or 'X', ..] => (2, 16),
            ['0', 'o' or 'O', ..] => (2, 8),
            ['0', 'b' or 'B', ..] => (2, 2),
            ['0', >= '0' and <= '9', ..] => (1, 8),
            _ => (0, 10),
        };
        if (InRadix(digits[start..], radix) is { } whole)
        {
            whole = negative ? -whole : whole;
            return whole >= long.MinValue && whole <= long.MaxValue ? new TreeInteger((long)whole) : new TreeReal((double)whole);
        }

        return start == 2 ? null : Real(text);
    }

    private static BigInteger? InRadix(string digits, int radix)
    {
        var value = BigInteger.Zero;
        foreach (var digit in digits)
        {
            var part = digit switch
            {
                >= '0' and <= '9' => digit - '0',
                >= 'a' and <= 'f' => digit - 'a' + 10,
                >= 'A' and <= 'F' => digit - 'A' + 10,
                _ => radix,
            };
            if (part >= radix)
            {
                return null;
            }

            value = (value * radix) + part;
        }

        return digits.Length == 0 ? null : value;
    }

    /// <summary>A decimal number with a point or an exponent; a whole one becomes an integer, as it does on its way through JSON.</summary>
    private static Tree? Real(string text)
    {
        var exponent = text.IndexOfAny(['e', 'E']);
        var mantissa = exponent < 0 ? text : text[..exponent];
        var unsigned = mantissa.Length > 0 && mantissa[0] is '+' or '-' ? mantissa[1..] : mantissa;
        if (unsigned.Length == 0 || unsigned == "." || unsigned.Count(character => character == '.') > 1
            || !unsigned.All(character => char.IsAsciiDigit(character) || character == '.')
            || !double.TryParse(text, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent, CultureInfo.InvariantCulture, out var real)
            || !double.IsFinite(real))
        {
            return null;
        }

        return real == Math.Truncate(real) && Math.Abs(real) < 1e18 ? new TreeInteger((long)real) : new TreeReal(real);
    }

    private static byte[] Bytes(Scalar scalar)
    {
        var bytes = new byte[scalar.Value.Length];
        return Convert.TryFromBase64String(scalar.Value, bytes, out var length) ? bytes[..length] : throw Fault(scalar, "!!binary value contains invalid base64 data");
    }

    private static YamlException Fault(Scalar scalar, string message) => new(scalar.Start, scalar.End, message);
}
