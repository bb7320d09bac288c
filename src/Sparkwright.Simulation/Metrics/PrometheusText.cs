using System.Globalization;
using System.Text;

namespace Sparkwright.Simulation.Metrics;

/// <summary>Prints metrics in Prometheus' text exposition format 0.0.4.</summary>
public static class PrometheusText
{
    public const string ContentType = "text/plain; version=0.0.4; charset=utf-8";

    private const int LeastPlainPower = -4;
    private const int MostPlainPower = 5;

    public static string Print(IEnumerable<MetricFamily> families)
    {
        var text = new StringBuilder();
        foreach (var family in families)
        {
            var help = family.Help.Replace(@"\", @"\\", StringComparison.Ordinal).Replace("\n", @"\n", StringComparison.Ordinal);
            text.Append("# HELP ").Append(family.Name).Append(' ').Append(help).Append('\n');
            text.Append("# TYPE ").Append(family.Name).Append(' ').Append(WordOf(family.Kind)).Append('\n');
            foreach (var sample in family.Samples)
            {
                Print(text, family.Name, sample);
            }
        }

        return text.ToString();
    }

    /// <summary>A number as Prometheus' own programs print it: the fewest digits that tell it apart, an exponent from a million on and below 0.0001.</summary>
    public static string Number(double value)
    {
        if (!double.IsFinite(value))
        {
            return double.IsNaN(value) ? "NaN" : value > 0 ? "+Inf" : "-Inf";
        }

        if (value == 0)
        {
            return "0";
        }

        // The fewest digits that tell the number apart, with the point after the first.
        var shortest = Math.Abs(value).ToString("R", CultureInfo.InvariantCulture).Split('E');
        var point = shortest[0].IndexOf('.', StringComparison.Ordinal);
        var digits = shortest[0].Replace(".", "", StringComparison.Ordinal);
        var zeros = digits.Length - digits.TrimStart('0').Length;
        var power = (point < 0 ? digits.Length : point) - 1 - zeros + (shortest.Length > 1 ? int.Parse(shortest[1], CultureInfo.InvariantCulture) : 0);
        digits = digits.Trim('0');
        return (value < 0 ? "-" : "") + (power is >= LeastPlainPower and <= MostPlainPower ? Plain(digits, power) : Scientific(digits, power));
    }

    private static string Plain(string digits, int power) =>
        power < 0 ? "0." + new string('0', -power - 1) + digits
        : digits.Length <= power + 1 ? digits.PadRight(power + 1, '0')
        : digits[..(power + 1)] + "." + digits[(power + 1)..];

    private static string Scientific(string digits, int power) =>
        digits[..1] + (digits.Length > 1 ? "." + digits[1..] : "") + (power < 0 ? "e-" : "e+") + Math.Abs(power).ToString("00", CultureInfo.InvariantCulture);

    private static void Print(StringBuilder text, string name, MetricSample sample)
    {
        switch (sample.Value)
        {
            case MetricValue.Number number:
                Line(text, name, sample.Labels.Text, number.Amount);
                break;
            case MetricValue.Buckets buckets:
                foreach (var (bound, count) in buckets.Bounds)
                {
                    Line(text, name + "_bucket", Also(sample.Labels, "le", bound), count);
                }

                Line(text, name + "_bucket", Also(sample.Labels, "le", double.PositiveInfinity), buckets.Count);
                Totals(text, name, sample.Labels, buckets.Sum, buckets.Count);
                break;
            case MetricValue.Quantiles quantiles:
                foreach (var (quantile, value) in quantiles.Values)
                {
                    Line(text, name, Also(sample.Labels, "quantile", quantile), value);
                }

                Totals(text, name, sample.Labels, quantiles.Sum, quantiles.Count);
                break;
        }
    }

    private static void Totals(StringBuilder text, string name, LabelSet labels, double sum, long count)
    {
        Line(text, name + "_sum", labels.Text, sum);
        Line(text, name + "_count", labels.Text, count);
    }

    /// <summary>The labels of a part of a series, the part's own last, as Prometheus' libraries print them.</summary>
    private static string Also(LabelSet labels, string name, double value) =>
        $"{labels.Text}{(labels.Labels.IsEmpty ? "" : ",")}{name}=\"{Number(value)}\"";

    private static void Line(StringBuilder text, string name, string labels, double value) =>
        text.Append(name).Append(labels.Length == 0 ? "" : $"{{{labels}}}").Append(' ').Append(Number(value)).Append('\n');

    private static string WordOf(MetricKind kind) => kind switch
    {
        MetricKind.Counter => "counter",
        MetricKind.Gauge => "gauge",
        MetricKind.Histogram => "histogram",
        _ => "summary",
    };
}
