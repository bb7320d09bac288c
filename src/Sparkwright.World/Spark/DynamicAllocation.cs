namespace Sparkwright.World.Spark;

/// <summary>When the driver asks for more executors than it has, and when it lets them go.</summary>
public sealed record DynamicAllocationSettings
{
    public required int Min { get; init; }

    public required int Max { get; init; }

    /// <summary>The largest of minExecutors, initialExecutors and spark.executor.instances.</summary>
    public required int Initial { get; init; }

    public required TimeSpan BacklogTimeout { get; init; }

    public required TimeSpan SustainedBacklogTimeout { get; init; }

    public required TimeSpan IdleTimeout { get; init; }

    /// <summary>Executors with shuffle output that a job still needs stay.</summary>
    public required bool ShuffleTracking { get; init; }

    internal static DynamicAllocationSettings? Read(SparkConf.Reader read, SparkVersion version, int instances)
    {
        if (!read.Flag("spark.dynamicAllocation.enabled", false))
        {
            return null;
        }

        var second = TimeSpan.FromSeconds(1);
        var min = read.Count("spark.dynamicAllocation.minExecutors", 0);
        var max = read.Count("spark.dynamicAllocation.maxExecutors", int.MaxValue, 1);
        var given = read.Conf.Has("spark.executor.instances") ? instances : 0;
        var initial = Math.Max(min, Math.Max(read.Count("spark.dynamicAllocation.initialExecutors", min), given));
        var backlog = read.Time("spark.dynamicAllocation.schedulerBacklogTimeout", second, second);
        var tracking = read.Flag("spark.dynamicAllocation.shuffleTracking.enabled", version.Since(3, 4));
        var decommissioning = read.Flag("spark.decommission.enabled", false) && read.Flag("spark.storage.decommission.shuffleBlocks.enabled", false);
        if (min > max)
        {
            read.Refuse($"spark.dynamicAllocation.minExecutors: '{min}' is not allowed; give at most spark.dynamicAllocation.maxExecutors ({max})");
        }

        if (!tracking && !decommissioning)
        {
            read.Refuse(
                "spark.dynamicAllocation.enabled: 'true' is not allowed by itself on Kubernetes; set spark.dynamicAllocation.shuffleTracking.enabled=true, "
                + "or spark.decommission.enabled and spark.storage.decommission.shuffleBlocks.enabled");
        }

        return new DynamicAllocationSettings
        {
            Min = min,
            Max = max,
            Initial = Math.Min(initial, max),
            BacklogTimeout = backlog,
            SustainedBacklogTimeout = read.Time("spark.dynamicAllocation.sustainedSchedulerBacklogTimeout", backlog, second),
            IdleTimeout = read.Time("spark.dynamicAllocation.executorIdleTimeout", TimeSpan.FromSeconds(60), second),
            ShuffleTracking = tracking,
        };
    }
}

/// <summary>Where dynamic allocation stands: how many executors it wants, how many it adds next, and when.</summary>
/// <param name="Target">Executors wanted now.</param>
/// <param name="ToAdd">Executors of the next request: 1, 2, 4, 8, …</param>
/// <param name="AddAt">When the backlog will have lasted long enough for the next request; null without backlog.</param>
public sealed record DynamicAllocationState(int Target, int ToAdd, DateTime? AddAt)
{
    public static DynamicAllocationState Start(DynamicAllocationSettings settings) => new(settings.Initial, 1, null);

    /// <summary>The state after looking at the demand of this moment.</summary>
    /// <param name="unfinishedTasks">Tasks that run or wait.</param>
    /// <param name="waitingTasks">Tasks that wait for a slot.</param>
    public DynamicAllocationState Step(DynamicAllocationSettings settings, int slotsPerExecutor, int unfinishedTasks, int waitingTasks, DateTime now)
    {
        var addAt = waitingTasks == 0 ? (DateTime?)null : AddAt ?? now + settings.BacklogTimeout;
        var toAdd = waitingTasks == 0 ? 1 : ToAdd;
        var needed = (unfinishedTasks + slotsPerExecutor - 1) / slotsPerExecutor;
        if (needed < Target)
        {
            return new(Math.Clamp(needed, settings.Min, Math.Max(settings.Min, Target)), 1, addAt);
        }

        if (addAt is not { } due || due > now)
        {
            return new(Target, toAdd, addAt);
        }

        var wanted = Math.Clamp((int)Math.Min((long)Target + toAdd, needed), settings.Min, settings.Max);
        var added = wanted - Target;
        return new(wanted, added == toAdd ? (int)Math.Min((long)toAdd * 2, int.MaxValue) : 1, now + settings.SustainedBacklogTimeout);
    }
}
