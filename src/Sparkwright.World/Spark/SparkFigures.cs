namespace Sparkwright.World.Spark;

/// <summary>
/// What is modelled of Spark, not known: times and rates with their units, each drawn between a least and a most. They stand for a small
/// PySpark application on S3 data and are no measurements of anybody's job.
/// </summary>
public sealed record SparkFigures
{
    /// <summary>From the start of the driver's container until its SparkContext asks for executors. Source: typical of published EMR on EKS driver logs.</summary>
    public (TimeSpan Least, TimeSpan Most) DriverStart { get; init; } = (TimeSpan.FromSeconds(8), TimeSpan.FromSeconds(14));

    /// <summary>From the start of an executor's container until it is registered. Source: JVM start and class loading, as in published executor logs.</summary>
    public (TimeSpan Least, TimeSpan Most) ExecutorRegistration { get; init; } = (TimeSpan.FromSeconds(4), TimeSpan.FromSeconds(8));

    /// <summary>Driver work between two jobs of a program: planning, listing files. Source: assumption.</summary>
    public (TimeSpan Least, TimeSpan Most) DriverGap { get; init; } = (TimeSpan.FromMilliseconds(300), TimeSpan.FromMilliseconds(900));

    /// <summary>Time of a task apart from its bytes. Source: assumption, scheduler delay and deserialisation.</summary>
    public (TimeSpan Least, TimeSpan Most) TaskOverhead { get; init; } = (TimeSpan.FromMilliseconds(200), TimeSpan.FromMilliseconds(600));

    /// <summary>Bytes per second that a task works through. Source: assumption, Parquet from S3 by one core of PySpark SQL.</summary>
    public (long Least, long Most) TaskBytesPerSecond { get; init; } = (8_000_000, 14_000_000);

    /// <summary>From the end of the program until the driver's process ends (executors, service and config maps removed first). Source: assumption.</summary>
    public (TimeSpan Least, TimeSpan Most) DriverStop { get; init; } = (TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(3));
}
