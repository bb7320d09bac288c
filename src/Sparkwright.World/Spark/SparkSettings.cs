using Sparkwright.World.Spark.Workloads;

namespace Sparkwright.World.Spark;

/// <summary>What driver, allocation loop and scheduler read of a conf, typed once; a value that Spark could not read is a problem in words.</summary>
public sealed record SparkSettings
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Millisecond = TimeSpan.FromMilliseconds(1);

    public required SparkVersion Version { get; init; }

    public required ApplicationLanguage Language { get; init; }

    public required SparkConf Conf { get; init; }

    public required string ApplicationName { get; init; }

    public required RoleSettings Driver { get; init; }

    public required RoleSettings Executor { get; init; }

    /// <summary>Executors asked for without dynamic allocation (<c>spark.executor.instances</c>, 2 on Kubernetes).</summary>
    public required int Instances { get; init; }

    /// <summary>Tasks that an executor runs at a time: its cores (never its cpu request) by <c>spark.task.cpus</c>.</summary>
    public required int SlotsPerExecutor { get; init; }

    public required AllocationSettings Allocation { get; init; }

    /// <summary>Null when dynamic allocation is off.</summary>
    public required DynamicAllocationSettings? Dynamic { get; init; }

    public required SchedulerSettings Scheduler { get; init; }

    /// <summary>Executors that the driver asks for at its start.</summary>
    public int InitialExecutors => Dynamic?.Initial ?? Instances;

    /// <summary>Reads a conf; <paramref name="problem"/> names the first setting that is wrong, its value and what is allowed.</summary>
    public static SparkSettings Read(SparkConf conf, SparkVersion version, ApplicationLanguage language, out string? problem)
    {
        var read = new SparkConf.Reader(conf);
        var instances = read.Count("spark.executor.instances", 2);
        var cores = read.Count("spark.executor.cores", 1, 1);
        var taskCpus = read.Count("spark.task.cpus", 1, 1);
        if (taskCpus > cores)
        {
            read.Refuse($"spark.task.cpus: '{taskCpus}' is not allowed; give at most spark.executor.cores ({cores}), or no task can run");
        }

        var settings = new SparkSettings
        {
            Version = version,
            Language = language,
            Conf = conf,
            ApplicationName = conf.Get("spark.app.name", "spark"),
            Driver = new RoleSettings
            {
                Role = "driver",
                Cores = read.Count("spark.driver.cores", 1, 1),
                RequestCores = read.Quantity("spark.kubernetes.driver.request.cores"),
                LimitCores = read.Quantity("spark.kubernetes.driver.limit.cores"),
                Memory = PodMemory.OfDriver(read, version, language),
            },
            Executor = new RoleSettings
            {
                Role = "executor",
                Cores = cores,
                RequestCores = read.Quantity("spark.kubernetes.executor.request.cores"),
                LimitCores = read.Quantity("spark.kubernetes.executor.limit.cores"),
                Memory = PodMemory.OfExecutor(read, version, language),
            },
            Instances = instances,
            SlotsPerExecutor = Math.Max(1, cores / taskCpus),
            Allocation = ReadAllocation(read, version),
            Dynamic = DynamicAllocationSettings.Read(read, version, instances),
            Scheduler = ReadScheduler(read, version, instances),
        };
        if (settings.Version.Since(3, 3) ? !SparkNames.IsExecutorPrefix(conf, 47) : !SparkNames.IsExecutorPrefix(conf, 237))
        {
            read.Refuse(
                $"spark.kubernetes.executor.podNamePrefix: '{conf.Get("spark.kubernetes.executor.podNamePrefix")}' is not allowed; give lower-case letters, digits and '-', "
                + $"at most {(settings.Version.Since(3, 3) ? 47 : 237)} characters");
        }

        foreach (var label in SparkNames.ReservedLabels)
        {
            foreach (var key in new[] { $"spark.kubernetes.driver.label.{label}", $"spark.kubernetes.executor.label.{label}" }.Where(conf.Has))
            {
                read.Refuse($"{key}: '{conf.Get(key)}' is not allowed; Spark sets this label itself");
            }
        }

        problem = read.Problem;
        return settings;
    }

    private static AllocationSettings ReadAllocation(SparkConf.Reader read, SparkVersion version) => new()
    {
        BatchSize = read.Count("spark.kubernetes.allocation.batch.size", version.Since(4, 0) ? 10 : 5, 1),
        BatchDelay = read.Time("spark.kubernetes.allocation.batch.delay", Second, Millisecond),
        ExecutorTimeout = read.Time("spark.kubernetes.allocation.executor.timeout", TimeSpan.FromSeconds(600), Millisecond),
        MaxPendingPods = read.Count("spark.kubernetes.allocation.maxPendingPods", int.MaxValue, 1),
        DeleteOnTermination = read.Flag("spark.kubernetes.executor.deleteOnTermination", true),
    };

    private static SchedulerSettings ReadScheduler(SparkConf.Reader read, SparkVersion version, int instances)
    {
        var ratio = read.Factor("spark.scheduler.minRegisteredResourcesRatio") ?? 0.8;
        var failures = version.Since(3, 5)
            ? read.Count("spark.executor.maxNumFailures", Math.Max(2 * Math.Max(instances, read.Count("spark.dynamicAllocation.maxExecutors", 0)), 3))
            : int.MaxValue;
        return new SchedulerSettings
        {
            MinRegisteredPercent = (int)Math.Min(100, ratio * 100),
            MaxRegisteredWait = read.Time("spark.scheduler.maxRegisteredResourcesWaitingTime", TimeSpan.FromSeconds(30), Millisecond),
            MaxTaskFailures = read.Count("spark.task.maxFailures", 4, 1),
            MaxStageAttempts = read.Count("spark.stage.maxConsecutiveAttempts", 4, 1),
            MaxExecutorFailures = failures,
            Splits = new FileSplitSettings(
                read.Bytes("spark.sql.files.maxPartitionBytes", 128L << 20),
                read.Bytes("spark.sql.files.openCostInBytes", 4L << 20),
                read.Conf.Has("spark.sql.files.minPartitionNum") ? read.Count("spark.sql.files.minPartitionNum", 1, 1) : null,
                read.Conf.Has("spark.default.parallelism") ? read.Count("spark.default.parallelism", 1, 1) : null),
        };
    }
}

/// <summary>Cores and memory of the driver or of an executor of the default resource profile.</summary>
public sealed record RoleSettings
{
    /// <summary><c>driver</c> or <c>executor</c>, as in names of settings.</summary>
    public required string Role { get; init; }

    public required int Cores { get; init; }

    /// <summary>A quantity in place of the cores, as written; null when not set.</summary>
    public required string? RequestCores { get; init; }

    /// <summary>Spark sets no cpu limit without it.</summary>
    public required string? LimitCores { get; init; }

    public required PodMemory Memory { get; init; }

    public string CpuRequest => RequestCores ?? Cores.ToString(System.Globalization.CultureInfo.InvariantCulture);
}

/// <summary>How the driver asks for executor pods.</summary>
public sealed record AllocationSettings
{
    /// <summary>Pods per round.</summary>
    public required int BatchSize { get; init; }

    /// <summary>Time between rounds.</summary>
    public required TimeSpan BatchDelay { get; init; }

    /// <summary>A pod created but never seen for this long is forgotten and deleted.</summary>
    public required TimeSpan ExecutorTimeout { get; init; }

    public required int MaxPendingPods { get; init; }

    public required bool DeleteOnTermination { get; init; }
}

/// <summary>How the driver waits for executors and counts failures.</summary>
public sealed record SchedulerSettings
{
    /// <summary>Share of the asked executors that must be registered before the program runs, in percent.</summary>
    public required int MinRegisteredPercent { get; init; }

    /// <summary>The program runs after this long in any case.</summary>
    public required TimeSpan MaxRegisteredWait { get; init; }

    public required int MaxTaskFailures { get; init; }

    public required int MaxStageAttempts { get; init; }

    /// <summary>Executors lost by their own fault before the application gives up; unlimited before Spark 3.5.</summary>
    public required int MaxExecutorFailures { get; init; }

    public required FileSplitSettings Splits { get; init; }
}
