using Sparkwright.Simulation.Metrics;

namespace Sparkwright.Tests.Simulation.Metrics;

public sealed class PrometheusTextTests
{
    [Fact]
    public void Every_kind_of_metric_has_its_lines()
    {
        var registry = new MetricRegistry();
        var counter = registry.Add(new Counter("c_total", "Counts \\ and\nbreaks.", ["path", "zone"]));
        var histogram = registry.Add(new Histogram("h_seconds", "Takes time.", [0.5, 10], ["pool"]));
        var summary = registry.Add(new Summary("s_seconds", "Takes time too.", [0.5, 1], []));
        counter.Increment("C:\\\"x\"\n", "");
        histogram.Observe(2, "default");
        summary.Observe(3);
        summary.Observe(1);
        Assert.Equal(
            """
            # HELP c_total Counts \\ and\nbreaks.
            # TYPE c_total counter
            c_total{path="C:\\\"x\"\n",zone=""} 1
            # HELP h_seconds Takes time.
            # TYPE h_seconds histogram
            h_seconds_bucket{pool="default",le="0.5"} 0
            h_seconds_bucket{pool="default",le="10"} 1
            h_seconds_bucket{pool="default",le="+Inf"} 1
            h_seconds_sum{pool="default"} 2
            h_seconds_count{pool="default"} 1
            # HELP s_seconds Takes time too.
            # TYPE s_seconds summary
            s_seconds{quantile="0.5"} 1
            s_seconds{quantile="1"} 3
            s_seconds_sum 4
            s_seconds_count 2

            """,
            PrometheusText.Print(registry.Read()));
    }

    [Theory]
    [InlineData(0, "0")]
    [InlineData(-0.0, "0")]
    [InlineData(1, "1")]
    [InlineData(-2.5, "-2.5")]
    [InlineData(0.085, "0.085")]
    [InlineData(0.0001, "0.0001")]
    [InlineData(0.00001, "1e-05")]
    [InlineData(100, "100")]
    [InlineData(999999, "999999")]
    [InlineData(123456.75, "123456.75")]
    [InlineData(1000000, "1e+06")]
    [InlineData(2147483647, "2.147483647e+09")]
    [InlineData(17179869184, "1.7179869184e+10")]
    [InlineData(1.5e300, "1.5e+300")]
    [InlineData(-3e-7, "-3e-07")]
    [InlineData(double.NaN, "NaN")]
    [InlineData(double.PositiveInfinity, "+Inf")]
    [InlineData(double.NegativeInfinity, "-Inf")]
    public void Numbers_are_printed_as_Prometheus_own_programs_do(double value, string text) => Assert.Equal(text, PrometheusText.Number(value));
}
