using System.Globalization;
using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Quantities;

namespace Sparkwright.Kubernetes.Schema;

/// <summary>The value types of the API that are text in JSON: how each is checked, and the one form in which it is kept.</summary>
internal static class ValueForms
{
    private const string TimeLayout = "2006-01-02T15:04:05Z07:00";
    private const string MicroTimeLayout = "2006-01-02T15:04:05.000000Z07:00";

    /// <summary>A quantity in canonical form; null with the server's message when it is none.</summary>
    public static Tree? Amount(string text, out string error)
    {
        error = "";
        if (Quantity.TryParse(text, out var quantity))
        {
            return quantity.ToString();
        }

        error = Quantity.FaultOf(text);
        return null;
    }

    /// <summary>A time in UTC, whole seconds or microseconds.</summary>
    public static Tree? Time(string text, bool micro, out string error)
    {
        error = "";
        if (Timestamps.TryParse(text, out var time))
        {
            return micro ? Timestamps.PrintMicro(time) : Timestamps.Print(time);
        }

        error = $"parsing time {GoSyntax.Quote(text)} as {GoSyntax.Quote(micro ? MicroTimeLayout : TimeLayout)}: cannot parse {GoSyntax.Quote(text)} as \"2006\"";
        return null;
    }

    /// <summary>A duration as Go prints it.</summary>
    public static Tree? Duration(string text, out string error)
    {
        error = "";
        if (GoDuration.TryParse(text, out var duration))
        {
            return GoDuration.Print(duration);
        }

        error = $"time: invalid duration {GoSyntax.Quote(text)}";
        return null;
    }

    /// <summary>Bytes in base64 without line breaks.</summary>
    public static Tree? Bytes(string text, out string error)
    {
        error = "";
        var fault = Base64Fault(text);
        if (fault < 0)
        {
            return text.AsSpan().ContainsAny('\r', '\n') ? text.Replace("\r", "", StringComparison.Ordinal).Replace("\n", "", StringComparison.Ordinal) : text;
        }

        error = $"illegal base64 data at input byte {fault.ToString(CultureInfo.InvariantCulture)}";
        return null;
    }

    /// <summary>Where base64 with padding is broken; -1 when it is whole. Line breaks do not count.</summary>
    private static int Base64Fault(string text)
    {
        var inGroup = 0;
        for (var at = 0; at < text.Length; at++)
        {
            switch (text[at])
            {
                case '\r' or '\n':
                    continue;
                case '=' when inGroup >= 2:
                    var missing = inGroup == 2 ? 1 : 0;
                    for (at++; at < text.Length; at++)
                    {
                        if (text[at] is '\r' or '\n')
                        {
                            continue;
                        }

                        if (text[at] != '=' || missing-- == 0)
                        {
                            return at;
                        }
                    }

                    return missing > 0 ? text.Length : -1;
                case (>= 'A' and <= 'Z') or (>= 'a' and <= 'z') or (>= '0' and <= '9') or '+' or '/':
                    inGroup = (inGroup + 1) % 4;
                    break;
                default:
                    return at;
            }
        }

        return inGroup == 0 ? -1 : text.Length - inGroup;
    }
}
