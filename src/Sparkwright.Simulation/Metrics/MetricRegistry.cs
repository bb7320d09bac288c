namespace Sparkwright.Simulation.Metrics;

/// <summary>The metrics of one program. It has no clock and no thread: values are kept, or worked out when they are read.</summary>
public sealed class MetricRegistry
{
    private readonly SortedDictionary<string, Metric> metrics = new(StringComparer.Ordinal);

    /// <summary>Takes a metric in; a name is given once.</summary>
    public TMetric Add<TMetric>(TMetric metric)
        where TMetric : Metric
    {
        Invariant.Holds(metrics.TryAdd(metric.Name, metric), "a metric is registered once");
        return metric;
    }

    /// <summary>All metrics that have a series, by name; within one the series by their labels.</summary>
    public IReadOnlyList<MetricFamily> Read() => [.. metrics.Values.Select(metric => metric.Read()).Where(family => !family.Samples.IsEmpty)];
}
