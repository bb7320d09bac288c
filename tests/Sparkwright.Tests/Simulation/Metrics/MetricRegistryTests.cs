using Sparkwright.Simulation;
using Sparkwright.Simulation.Metrics;

namespace Sparkwright.Tests.Simulation.Metrics;

public sealed class MetricRegistryTests
{
    [Fact]
    public void Metrics_come_by_name_and_series_by_their_labels_and_what_has_no_series_is_left_out()
    {
        var registry = new MetricRegistry();
        var second = registry.Add(new Counter("b_total", "Second.", ["pool", "reason"]));
        var first = registry.Add(new Gauge("a", "First.", []));
        registry.Add(new Counter("empty_total", "Never counted.", ["pool"]));
        second.Increment("z", "drift");
        second.Add(2, "a", "empty");
        second.Increment("z", "drift");
        second.Add(0, "m", "");
        first.Set(1);
        first.Set(7);
        Assert.Equal(
            ["a 7", "b_total pool=\"a\",reason=\"empty\" 2", "b_total pool=\"m\",reason=\"\" 0", "b_total pool=\"z\",reason=\"drift\" 2"],
            registry.Read().SelectMany(family => family.Samples.Select(sample =>
                string.Join(' ', new[] { family.Name, sample.Labels.Text, Show(sample.Value) }.Where(part => part.Length > 0)))));
    }

    [Theory]
    //          observed            bounds 1 2 5, sum, count
    [InlineData("1", "1 1 1 sum 1 count 1")]
    [InlineData("1.5 2 9", "0 2 2 sum 12.5 count 3")]
    [InlineData("0 5 5", "1 1 3 sum 10 count 3")]
    public void A_histogram_counts_what_does_not_pass_each_bound(string observed, string counts)
    {
        var histogram = new Histogram("h", "", [1, 2, 5], []);
        foreach (var amount in Numbers(observed))
        {
            histogram.Observe(amount);
        }

        Assert.Equal(counts, Show(Only(histogram)));
    }

    [Theory]
    //          observed           at 0, 0.5, 0.9, 1
    [InlineData("4", "4 4 4 4 sum 4 count 1")]
    [InlineData("3 1 2", "1 2 3 3 sum 6 count 3")]
    [InlineData("10 9 8 7 6 5 4 3 2 1", "1 5 9 10 sum 55 count 10")]
    public void A_summary_shows_the_observation_at_each_quantile(string observed, string shows)
    {
        var summary = new Summary("s", "", [0, 0.5, 0.9, 1], []);
        foreach (var amount in Numbers(observed))
        {
            summary.Observe(amount);
        }

        Assert.Equal(shows, Show(Only(summary)));
    }

    [Fact]
    public void A_computed_gauge_is_worked_out_at_each_reading()
    {
        var now = 1;
        var registry = new MetricRegistry();
        registry.Add(new ComputedGauge("g", "", () => [(LabelSet.None, now)]));
        now = 5;
        Assert.Equal("5", Show(registry.Read()[0].Samples[0].Value));
    }

    [Fact]
    public void Mistakes_of_ours_are_caught()
    {
        var registry = new MetricRegistry();
        var counter = registry.Add(new Counter("c_total", "", ["pool"]));
        Assert.Throws<InvariantBrokenException>(() => registry.Add(new Gauge("c_total", "", [])));
        Assert.Throws<InvariantBrokenException>(() => counter.Increment());
        Assert.Throws<InvariantBrokenException>(() => counter.Add(-1, "a"));
        Assert.Throws<InvariantBrokenException>(() => new Histogram("h", "", [2, 1], []));
        Assert.Throws<InvariantBrokenException>(() => LabelSet.Of(("a", "1"), ("a", "2")));
    }

    private static IEnumerable<double> Numbers(string text) => text.Split(' ').Select(number => double.Parse(number, System.Globalization.CultureInfo.InvariantCulture));

    private static MetricValue Only(Metric metric)
    {
        var registry = new MetricRegistry();
        registry.Add(metric);
        return registry.Read()[0].Samples[0].Value;
    }

    private static string Show(MetricValue value) => value switch
    {
        MetricValue.Number number => PrometheusText.Number(number.Amount),
        MetricValue.Buckets buckets => $"{string.Join(' ', buckets.Bounds.Select(bound => bound.Count))} sum {PrometheusText.Number(buckets.Sum)} count {buckets.Count}",
        MetricValue.Quantiles quantiles =>
            $"{string.Join(' ', quantiles.Values.Select(one => PrometheusText.Number(one.Value)))} sum {PrometheusText.Number(quantiles.Sum)} count {quantiles.Count}",
        _ => "",
    };
}
