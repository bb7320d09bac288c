using System.Collections.Immutable;
using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Quantities;
using Sparkwright.Simulation;

namespace Sparkwright.World;

/// <summary>
/// Everything that Sparkwright models rather than knows: durations that a real platform shows and no rule gives, and how unkind EC2 is, which is
/// not at all unless asked for. Durations are drawn evenly between their bounds, keyed by what they are drawn for; all can be fixed by name.
/// </summary>
public sealed record ModelFigures
{
    /// <summary>From the launch of an EC2 instance until its kubelet reports Ready.</summary>
    public Figure NodeReady { get; init; } = new(Seconds(60), Seconds(120), "the tutorial's \"1 to 2 minutes\" for a Karpenter node");

    /// <summary>Share of <see cref="NodeReady"/> that passes before EC2 calls the instance running, in percent.</summary>
    public int RunningSharePercent { get; init; } = 25;

    /// <summary>
    /// Share of <see cref="NodeReady"/> that passes before a kubelet registers its Node, not Ready yet, in percent; nodes that were launched together
    /// are all known to schedulers before the first of them is Ready.
    /// </summary>
    public int RegisteredSharePercent { get; init; } = 50;

    /// <summary>From the order to stop an EC2 instance until it has stopped.</summary>
    public Figure InstanceStop { get; init; } = new(Seconds(20), Seconds(40), "stop times of Linux instances");

    /// <summary>
    /// How often EC2 takes spot instances back, in percent of the frequency that the Spot Advisor publishes for their type; 0 = never,
    /// 100 = as published.
    /// </summary>
    public int SpotInterruptionPercent { get; init; }

    /// <summary>From EC2's rebalance recommendation for a spot instance until the warning that it is taken back.</summary>
    public Figure SpotRebalanceLead { get; init; } = new(Seconds(120), Seconds(600), "AWS names no time, only that it can come ahead of the two-minute warning");

    /// <summary>Share of the spot capacity pools (a type in a zone) that are scarce, in percent.</summary>
    public int ScarceSpotPoolPercent { get; init; }

    /// <summary>Share of the on-demand capacity pools (a type in a zone) that are scarce, in percent.</summary>
    public int ScarceOnDemandPoolPercent { get; init; }

    /// <summary>How many instances a scarce capacity pool has in all.</summary>
    public int ScarcePoolInstances { get; init; } = 1;

    /// <summary>Share of the calls that launch instances which fail with an internal error of EC2, in percent.</summary>
    public int LaunchFailurePercent { get; init; }

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

    /// <summary>From the request to delete a virtual cluster until it is gone (TERMINATING).</summary>
    public Figure VirtualClusterRemoval { get; init; } = new(Seconds(5), Seconds(20), "assumed: a few calls to the cluster");

    /// <summary>From the request for a managed endpoint until it is ACTIVE.</summary>
    public Figure EndpointStart { get; init; } = new(Seconds(120), Seconds(240), "assumed: a pod, its image, and a load balancer");

    /// <summary>From the request to delete a managed endpoint until it is TERMINATED.</summary>
    public Figure EndpointStop { get; init; } = new(Seconds(30), Seconds(60), "assumed: removal of the pod and the load balancer");

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

    /// <summary>From the request to modify an EBS volume until it has its new size.</summary>
    public Figure VolumeExpansion { get; init; } = new(Seconds(3), Seconds(8), "ModifyVolume until the volume is optimizing");

    /// <summary>Attaching an EBS volume to a node.</summary>
    public Figure VolumeAttach { get; init; } = new(Seconds(2), Seconds(5), "AttachVolume until the device is there");

    /// <summary>Detaching an EBS volume from a node.</summary>
    public Figure VolumeDetach { get; init; } = new(Seconds(5), Seconds(10), "DetachVolume until the volume is available");

    private static readonly ImmutableArray<DurationEntry> Durations =
    [
        new("nodeReady", of => of.NodeReady, (of, figure) => of with { NodeReady = figure }),
        new("instanceStop", of => of.InstanceStop, (of, figure) => of with { InstanceStop = figure }),
        new("spotRebalanceLead", of => of.SpotRebalanceLead, (of, figure) => of with { SpotRebalanceLead = figure }),
        new("emrImagePull", of => of.EmrImagePull, (of, figure) => of with { EmrImagePull = figure }),
        new("imagePull", of => of.ImagePull, (of, figure) => of with { ImagePull = figure }),
        new("podSandbox", of => of.PodSandbox, (of, figure) => of with { PodSandbox = figure }),
        new("containerStart", of => of.ContainerStart, (of, figure) => of with { ContainerStart = figure }),
        new("containerStop", of => of.ContainerStop, (of, figure) => of with { ContainerStop = figure }),
        new("jobSubmission", of => of.JobSubmission, (of, figure) => of with { JobSubmission = figure }),
        new("sparkSubmit", of => of.SparkSubmit, (of, figure) => of with { SparkSubmit = figure }),
        new("driverStart", of => of.DriverStart, (of, figure) => of with { DriverStart = figure }),
        new("executorRegistration", of => of.ExecutorRegistration, (of, figure) => of with { ExecutorRegistration = figure }),
        new("driverStop", of => of.DriverStop, (of, figure) => of with { DriverStop = figure }),
        new("virtualClusterRemoval", of => of.VirtualClusterRemoval, (of, figure) => of with { VirtualClusterRemoval = figure }),
        new("endpointStart", of => of.EndpointStart, (of, figure) => of with { EndpointStart = figure }),
        new("endpointStop", of => of.EndpointStop, (of, figure) => of with { EndpointStop = figure }),
        new("taskOverhead", of => of.TaskOverhead, (of, figure) => of with { TaskOverhead = figure }),
        new("taskWarmUp", of => of.TaskWarmUp, (of, figure) => of with { TaskWarmUp = figure }),
        new("programGap", of => of.ProgramGap, (of, figure) => of with { ProgramGap = figure }),
        new("volumeCreation", of => of.VolumeCreation, (of, figure) => of with { VolumeCreation = figure }),
        new("volumeExpansion", of => of.VolumeExpansion, (of, figure) => of with { VolumeExpansion = figure }),
        new("volumeAttach", of => of.VolumeAttach, (of, figure) => of with { VolumeAttach = figure }),
        new("volumeDetach", of => of.VolumeDetach, (of, figure) => of with { VolumeDetach = figure }),
    ];

    private static readonly ImmutableArray<NumberEntry> Numbers =
    [
        new("runningSharePercent", 0, 100, (of, number) => of with { RunningSharePercent = (int)number }),
        new("spotInterruptionPercent", 0, 1_000_000, (of, number) => of with { SpotInterruptionPercent = (int)number }),
        new("scarceSpotPoolPercent", 0, 100, (of, number) => of with { ScarceSpotPoolPercent = (int)number }),
        new("scarceOnDemandPoolPercent", 0, 100, (of, number) => of with { ScarceOnDemandPoolPercent = (int)number }),
        new("scarcePoolInstances", 0, 1_000_000, (of, number) => of with { ScarcePoolInstances = (int)number }),
        new("launchFailurePercent", 0, 100, (of, number) => of with { LaunchFailurePercent = (int)number }),
        new("registeredSharePercent", 0, 100, (of, number) => of with { RegisteredSharePercent = (int)number }),
        new("scanBytesPerSecond", 1, long.MaxValue, (of, number) => of with { ScanBytesPerSecond = number }),
        new("taskSpreadPercent", 0, 100, (of, number) => of with { TaskSpreadPercent = (int)number }),
    ];

    /// <summary>The names of the durations that can be fixed.</summary>
    public static ImmutableArray<string> Names { get; } = [.. Durations.Select(entry => entry.Name)];

    /// <summary>The names of everything that can be fixed: durations, then numbers.</summary>
    public static ImmutableArray<string> AllNames { get; } = [.. Names, .. Numbers.Select(entry => entry.Name)];

    /// <summary>
    /// Fixes figures by name. For durations: one for all, or a list for the first, second … draw (the last one for all later ones).
    /// Answers what is wrong with the first bad one.
    /// </summary>
    public static (ModelFigures Figures, string? Error) With(ModelFigures figures, TreeMap fixedValues)
    {
        foreach (var (name, value) in fixedValues)
        {
            string? error;
            if (Durations.FirstOrDefault(entry => entry.Name == name) is { } duration)
            {
                (figures, error) = Fix(figures, duration, value);
            }
            else if (Numbers.FirstOrDefault(entry => entry.Name == name) is { } number)
            {
                (figures, error) = value.Integer is { } given && given >= number.Least && given <= number.Most
                    ? (number.Set(figures, given), null)
                    : (figures, $"{value} is not a whole number from {number.Least}{(number.Most == long.MaxValue ? " on" : $" to {number.Most}")}");
            }
            else
            {
                error = $"is not a figure of the model; allowed: {string.Join(", ", AllNames)}";
            }

            if (error is not null)
            {
                return (figures, $"{name}: {error}");
            }
        }

        return (figures, null);
    }

    /// <summary>The same figures, whose lists are gone through in the order of the draws.</summary>
    /// <param name="orderOf">Which draw of a figure (by name) this is, from 0, for what it is drawn for; the same answer each time.</param>
    public ModelFigures InOrder(Func<string, string, long> orderOf)
    {
        var ordered = this;
        foreach (var entry in Durations)
        {
            var figure = entry.Get(this);
            if (figure.Fixed.Length > 1)
            {
                ordered = entry.Set(ordered, figure with { OrderOf = key => orderOf(entry.Name, key) });
            }
        }

        return ordered;
    }

    private static (ModelFigures Figures, string? Error) Fix(ModelFigures figures, DurationEntry entry, Tree value)
    {
        var durations = new List<TimeSpan>();
        foreach (var item in value is TreeList list ? list.Span.ToArray() : [value])
        {
            if (item.Text is not { } text || !GoDuration.TryParse(text, out var duration) || duration < TimeSpan.Zero)
            {
                return (figures, $"{item} is not a duration; write for example 60s, or a list such as [60s, 110s]");
            }

            durations.Add(duration);
        }

        return durations.Count == 0
            ? (figures, "the list is empty")
            : (entry.Set(figures, new Figure(durations.Min(), durations.Max(), "fixed") { Fixed = [.. durations] }), null);
    }

    private static TimeSpan Seconds(int seconds) => TimeSpan.FromSeconds(seconds);

    private static TimeSpan Milliseconds(int milliseconds) => TimeSpan.FromMilliseconds(milliseconds);

    private sealed record DurationEntry(string Name, Func<ModelFigures, Figure> Get, Func<ModelFigures, Figure, ModelFigures> Set);

    private sealed record NumberEntry(string Name, long Least, long Most, Func<ModelFigures, long, ModelFigures> Set);
}

/// <summary>A duration that is drawn evenly between two bounds, both included.</summary>
/// <param name="Source">Where the bounds come from.</param>
public sealed record Figure(TimeSpan Least, TimeSpan Most, string Source)
{
    /// <summary>Values in the order of the draws, instead of chance; empty for none.</summary>
    public ImmutableArray<TimeSpan> Fixed { get; init; } = [];

    /// <summary>Which draw this is, from 0, for a purpose and key; null where the caller counts.</summary>
    public Func<string, long>? OrderOf { get; init; }

    /// <param name="ordinal">Which draw of its kind this is, from 0; it matters only for fixed lists whose draws nobody counts.</param>
    public TimeSpan Draw(Chance chance, string purpose, string key, long ordinal = 0) => Fixed switch
    {
        [] => chance.For(purpose, key).Between(Least, Most),
        [var only] => only,
        _ => Fixed[(int)Math.Min(OrderOf?.Invoke($"{purpose}/{key}") ?? ordinal, Fixed.Length - 1)],
    };
}
