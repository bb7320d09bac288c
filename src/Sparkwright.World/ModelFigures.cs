using System.Collections.Immutable;
using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Quantities;
using Sparkwright.Simulation;

namespace Sparkwright.World;

/// <summary>
/// Everything that Sparkwright models rather than knows: durations that a real platform shows and no rule gives. Each is drawn evenly between
/// its bounds, keyed by what it is drawn for, and can be fixed by name.
/// </summary>
public sealed record ModelFigures
{
    /// <summary>From the launch of an EC2 instance until its kubelet reports Ready.</summary>
    public Figure NodeReady { get; init; } = new(Seconds(60), Seconds(120), "the tutorial's \"1 to 2 minutes\" for a Karpenter node");

    /// <summary>Share of <see cref="NodeReady"/> that passes before EC2 calls the instance running, in percent.</summary>
    public int RunningSharePercent { get; init; } = 25;

    /// <summary>First pull of an EMR image (about 1 GB compressed) onto a node.</summary>
    public Figure EmrImagePull { get; init; } = new(Seconds(20), Seconds(30), "about 1 GB compressed at 300 to 400 Mbit/s with unpacking");

    /// <summary>First pull of any other image onto a node.</summary>
    public Figure ImagePull { get; init; } = new(Milliseconds(800), Seconds(3), "images of some tens of MB");

    /// <summary>Sandbox, network and volumes of a pod.</summary>
    public Figure PodSandbox { get; init; } = new(Milliseconds(500), Milliseconds(1500), "kubelet pod start latencies without image pull");

    /// <summary>Creating and starting one container whose image is on the node.</summary>
    public Figure ContainerStart { get; init; } = new(Milliseconds(200), Milliseconds(600), "containerd start latencies");

    /// <summary>From the TERM signal until a container has ended.</summary>
    public Figure ContainerStop { get; init; } = new(Milliseconds(300), Milliseconds(900), "processes that end on TERM");

    /// <summary>Accepting a job run and creating its objects in the cluster (PENDING).</summary>
    public Figure JobSubmission { get; init; } = new(Seconds(3), Seconds(6), "PENDING phases of EMR on EKS job runs");

    /// <summary>Validation and spark-submit in the submitter's container, until the driver pod is created.</summary>
    public Figure SparkSubmit { get; init; } = new(Seconds(8), Seconds(14), "start of a JVM, two downloads from S3, one API conversation");

    /// <summary>From the start of the driver's container until the first executor is asked for.</summary>
    public Figure DriverStart { get; init; } = new(Seconds(8), Seconds(14), "start of SparkContext under PySpark");

    /// <summary>From the start of an executor's container until it is registered with the driver.</summary>
    public Figure ExecutorRegistration { get; init; } = new(Seconds(4), Seconds(7), "start of an executor JVM and its registration");

    /// <summary>From the last task until the driver's container has ended.</summary>
    public Figure DriverStop { get; init; } = new(Seconds(1), Seconds(3), "SparkContext.stop with event log upload");

    /// <summary>Start-up of a task beside its work.</summary>
    public Figure TaskOverhead { get; init; } = new(Milliseconds(60), Milliseconds(140), "scheduling, deserialisation and result of a short task");

    /// <summary>
    /// Bytes of compressed Parquet that one core works through in a second: about 250,000 taxi trips, decoded, shuffled or written with all columns.
    /// </summary>
    public long ScanBytesPerSecond { get; init; } = 4_000_000;

    /// <summary>The first task on an executor warms up its JVM and Python worker.</summary>
    public Figure TaskWarmUp { get; init; } = new(Seconds(1), Seconds(2), "first tasks in fresh executors");

    /// <summary>How much the work of equal tasks differs, in percent up and down.</summary>
    public int TaskSpreadPercent { get; init; } = 10;

    /// <summary>Work of the driver's program before each Spark job: planning a query, listing files.</summary>
    public Figure ProgramGap { get; init; } = new(Milliseconds(300), Milliseconds(900), "planning and file listing between the jobs of a small SQL program");

    /// <summary>From the request for an EBS volume until the PersistentVolume is there.</summary>
    public Figure VolumeCreation { get; init; } = new(Seconds(2), Seconds(4), "CreateVolume until the volume is available");

    /// <summary>Attaching an EBS volume to a node.</summary>
    public Figure VolumeAttach { get; init; } = new(Seconds(2), Seconds(5), "AttachVolume until the device is there");

    /// <summary>Detaching an EBS volume from a node.</summary>
    public Figure VolumeDetach { get; init; } = new(Seconds(5), Seconds(10), "DetachVolume until the volume is available");

    /// <summary>The names of the figures that can be fixed.</summary>
    public static ImmutableArray<string> Names { get; } =
    [
        "nodeReady", "emrImagePull", "imagePull", "podSandbox", "containerStart", "containerStop", "jobSubmission", "sparkSubmit", "driverStart",
        "executorRegistration", "driverStop", "taskOverhead", "taskWarmUp", "programGap",
        "volumeCreation", "volumeAttach", "volumeDetach",
    ];

    /// <summary>
    /// Fixes figures by name: one duration for all, or a list of durations for the first, second … draw (the last one for all later ones).
    /// Answers what is wrong with the first bad one.
    /// </summary>
    public static (ModelFigures Figures, string? Error) With(ModelFigures figures, TreeMap fixedValues)
    {
        foreach (var (name, value) in fixedValues)
        {
            var items = value is TreeList list ? list.Span.ToArray() : [value];
            var durations = new List<TimeSpan>();
            foreach (var item in items)
            {
                if (item.Text is not { } text || !GoDuration.TryParse(text, out var duration) || duration < TimeSpan.Zero)
                {
                    return (figures, $"{name}: {item} is not a duration; write for example 60s, or a list such as [60s, 110s]");
                }

                durations.Add(duration);
            }

            if (durations.Count == 0)
            {
                return (figures, $"{name}: the list is empty");
            }

            var figure = new Figure(durations.Min(), durations.Max(), "fixed") { Fixed = [.. durations] };
            switch (name)
            {
                case "nodeReady": figures = figures with { NodeReady = figure }; break;
                case "emrImagePull": figures = figures with { EmrImagePull = figure }; break;
                case "imagePull": figures = figures with { ImagePull = figure }; break;
                case "podSandbox": figures = figures with { PodSandbox = figure }; break;
                case "containerStart": figures = figures with { ContainerStart = figure }; break;
                case "containerStop": figures = figures with { ContainerStop = figure }; break;
                case "jobSubmission": figures = figures with { JobSubmission = figure }; break;
                case "sparkSubmit": figures = figures with { SparkSubmit = figure }; break;
                case "driverStart": figures = figures with { DriverStart = figure }; break;
                case "executorRegistration": figures = figures with { ExecutorRegistration = figure }; break;
                case "driverStop": figures = figures with { DriverStop = figure }; break;
                case "taskOverhead": figures = figures with { TaskOverhead = figure }; break;
                case "taskWarmUp": figures = figures with { TaskWarmUp = figure }; break;
                case "programGap": figures = figures with { ProgramGap = figure }; break;
                case "volumeCreation": figures = figures with { VolumeCreation = figure }; break;
                case "volumeAttach": figures = figures with { VolumeAttach = figure }; break;
                case "volumeDetach": figures = figures with { VolumeDetach = figure }; break;
                default: return (figures, $"{name}: is not a figure of the model; allowed: {string.Join(", ", Names)}");
            }
        }

        return (figures, null);
    }

    private static TimeSpan Seconds(int seconds) => TimeSpan.FromSeconds(seconds);

    private static TimeSpan Milliseconds(int milliseconds) => TimeSpan.FromMilliseconds(milliseconds);
}

/// <summary>A duration that is drawn evenly between two bounds, both included.</summary>
/// <param name="Source">Where the bounds come from.</param>
public sealed record Figure(TimeSpan Least, TimeSpan Most, string Source)
{
    /// <summary>Values in the order of the draws, instead of chance; empty for none.</summary>
    public ImmutableArray<TimeSpan> Fixed { get; init; } = [];

    /// <param name="ordinal">Which draw of its kind this is, from 0; it matters only for fixed lists.</param>
    public TimeSpan Draw(Chance chance, string purpose, string key, long ordinal = 0) => Fixed.IsEmpty
        ? chance.For(purpose, key).Between(Least, Most)
        : Fixed[(int)Math.Min(ordinal, Fixed.Length - 1)];
}
