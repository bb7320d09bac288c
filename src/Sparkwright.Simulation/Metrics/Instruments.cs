using System.Collections.Immutable;

namespace Sparkwright.Simulation.Metrics;

/// <summary>A metric that a <see cref="MetricRegistry"/> reads.</summary>
public abstract class Metric(string name, string help, MetricKind kind)
{
    public string Name { get; } = name;

    internal MetricFamily Read() => new(
        Name, help, kind, [.. Samples().OrderBy(sample => sample.Labels.Text, StringComparer.Ordinal)]);

    private protected abstract IEnumerable<MetricSample> Samples();
}

/// <summary>A metric whose series are told apart by fixed labels and appear with the first value.</summary>
/// <typeparam name="TState">What is kept for each series.</typeparam>
public abstract class LabelledMetric<TState>(string name, string help, MetricKind kind, ImmutableArray<string> labels) : Metric(name, help, kind)
    where TState : class
{
    private readonly Dictionary<LabelSet, TState> series = [];

    private protected TState Of(ReadOnlySpan<string> values)
    {
        Invariant.Holds(values.Length == labels.Length, "a series has a value for each label of its metric");
        var named = new (string, string)[values.Length];
        for (var at = 0; at < values.Length; at++)
        {
            named[at] = (labels[at], values[at]);
        }

        var key = LabelSet.Of(named);
        if (!series.TryGetValue(key, out var state))
        {
            series.Add(key, state = New());
        }

        return state;
    }

    private protected abstract TState New();

    private protected abstract MetricValue Show(TState state);

    private protected override IEnumerable<MetricSample> Samples() => series.Select(known => new MetricSample(known.Key, Show(known.Value)));
}

/// <summary>One number that can be changed.</summary>
public sealed class Cell
{
    internal double Amount { get; set; }
}

/// <summary>Counts what happened since the start.</summary>
public sealed class Counter(string name, string help, ImmutableArray<string> labels) : LabelledMetric<Cell>(name, help, MetricKind.Counter, labels)
{
    /// <summary>Counts one.</summary>
    /// <param name="values">Of the labels, in their order.</param>
    public void Increment(params ReadOnlySpan<string> values) => Add(1, values);

    /// <summary>Counts so many; 0 makes the series appear.</summary>
    public void Add(double amount, params ReadOnlySpan<string> values)
    {
        Invariant.Holds(amount >= 0, "a counter never falls");
        Of(values).Amount += amount;
    }

    private protected override Cell New() => new();

    private protected override MetricValue Show(Cell state) => new MetricValue.Number(state.Amount);
}

/// <summary>Shows the last value that it was set to.</summary>
public sealed class Gauge(string name, string help, ImmutableArray<string> labels) : LabelledMetric<Cell>(name, help, MetricKind.Gauge, labels)
{
    public void Set(double amount, params ReadOnlySpan<string> values) => Of(values).Amount = amount;

    private protected override Cell New() => new();

    private protected override MetricValue Show(Cell state) => new MetricValue.Number(state.Amount);
}

/// <summary>A gauge whose series are worked out when it is read; labels may differ from series to series.</summary>
public sealed class ComputedGauge(string name, string help, Func<IEnumerable<(LabelSet Labels, double Value)>> compute) : Metric(name, help, MetricKind.Gauge)
{
    private protected override IEnumerable<MetricSample> Samples() =>
        compute().Select(one => new MetricSample(one.Labels, new MetricValue.Number(one.Value)));
}

/// <summary>Counts observations by upper bounds.</summary>
public sealed class Histogram : LabelledMetric<Histogram.State>
{
    private readonly ImmutableArray<double> bounds;

    /// <param name="bounds">Rising; a last bucket without a bound comes by itself.</param>
    public Histogram(string name, string help, ImmutableArray<double> bounds, ImmutableArray<string> labels)
        : base(name, help, MetricKind.Histogram, labels)
    {
        for (var at = 1; at < bounds.Length; at++)
        {
            Invariant.Holds(bounds[at - 1] < bounds[at], "bounds of a histogram rise");
        }

        this.bounds = bounds;
    }

    public void Observe(double amount, params ReadOnlySpan<string> values)
    {
        var state = Of(values);
        state.Sum += amount;
        state.Count++;
        for (var at = 0; at < bounds.Length; at++)
        {
            if (amount <= bounds[at])
            {
                state.UpTo[at]++;
            }
        }
    }

    private protected override State New() => new(bounds.Length);

    private protected override MetricValue Show(State state) =>
        new MetricValue.Buckets([.. bounds.Select((bound, at) => (bound, state.UpTo[at]))], state.Sum, state.Count);

    /// <summary>The counts of one series.</summary>
    public sealed class State(int buckets)
    {
        internal long[] UpTo { get; } = new long[buckets];

        internal double Sum { get; set; }

        internal long Count { get; set; }
    }
}

/// <summary>Keeps every observation, and shows those at some quantiles: exact, and over the whole time since the start.</summary>
public sealed class Summary(string name, string help, ImmutableArray<double> quantiles, ImmutableArray<string> labels)
    : LabelledMetric<List<double>>(name, help, MetricKind.Summary, labels)
{
    public void Observe(double amount, params ReadOnlySpan<string> values) => Of(values).Add(amount);

    private protected override List<double> New() => [];

    private protected override MetricValue Show(List<double> state)
    {
        var sorted = state.Order().ToArray();
        return new MetricValue.Quantiles(
            [.. quantiles.Select(quantile => (quantile, sorted[Math.Max(0, (int)Math.Ceiling(quantile * sorted.Length) - 1)]))], state.Sum(), state.Count);
    }
}
