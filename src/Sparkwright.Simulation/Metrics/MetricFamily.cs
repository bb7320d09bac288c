using System.Collections.Immutable;

namespace Sparkwright.Simulation.Metrics;

/// <summary>What kind of number a metric is, in Prometheus' words.</summary>
public enum MetricKind
{
    /// <summary>Only rises; starts over with the process.</summary>
    Counter,

    /// <summary>What is now.</summary>
    Gauge,

    /// <summary>Observations counted by bounds.</summary>
    Histogram,

    /// <summary>Observations by quantiles.</summary>
    Summary,
}

/// <summary>A metric as it stood at one moment: its series in the order of their labels.</summary>
/// <param name="Help">One sentence for people.</param>
public sealed record MetricFamily(string Name, string Help, MetricKind Kind, ImmutableArray<MetricSample> Samples);

/// <summary>One series.</summary>
public sealed record MetricSample(LabelSet Labels, MetricValue Value);

/// <summary>What a series shows.</summary>
public abstract record MetricValue
{
    private MetricValue()
    {
    }

    /// <summary>Of counters and gauges.</summary>
    public sealed record Number(double Amount) : MetricValue;

    /// <summary>Of histograms.</summary>
    /// <param name="Bounds">For each upper bound, rising, how many observations did not pass it; the bucket without a bound is <paramref name="Count"/>.</param>
    public sealed record Buckets(ImmutableArray<(double UpTo, long Count)> Bounds, double Sum, long Count) : MetricValue;

    /// <summary>Of summaries.</summary>
    /// <param name="Values">The observation at each quantile.</param>
    public sealed record Quantiles(ImmutableArray<(double Quantile, double Value)> Values, double Sum, long Count) : MetricValue;
}
