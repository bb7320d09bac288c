using System.Collections.Immutable;

namespace Sparkwright.World.Insight;

/// <summary>What a run shows in the end, as values; times count from the world's start.</summary>
public sealed record RunReport
{
    /// <summary>The finding that carries <see cref="LeftOut"/>.</summary>
    public const string LeftOutRule = "dollars-left-out";

    /// <summary>What the dollars of a report leave out.</summary>
    public const string LeftOut =
        "The dollars are those of Karpenter's EC2 instances; left out are the EKS control plane (0.10 USD an hour), the core nodes, EBS volumes, "
        + "the NAT gateway, data transfer, S3 and CloudWatch, and EMR's own charge per vCPU and GB.";

    public long Seed { get; init; }

    public required TimeSpan Virtual { get; init; }

    /// <summary>Real time of the run; the only member that differs between two runs of the same seed.</summary>
    public long WallMilliseconds { get; init; }

    public JobLine? Job { get; init; }

    public ImmutableArray<PodLine> Pods { get; init; } = [];

    public ImmutableArray<NodeLine> Nodes { get; init; } = [];

    /// <summary>Gangs and their reservations, in the order in which they began.</summary>
    public ImmutableArray<GangLine> Gangs { get; init; } = [];

    /// <summary>Pods for which a queue had no room or Karpenter no node, for a time or until the end; those with the same reasons together.</summary>
    public ImmutableArray<WaitLine> Waits { get; init; } = [];

    /// <summary>Pods that YuniKorn has no node for at the end, and everything that stands in their way; those with the same reasons together.</summary>
    public ImmutableArray<PendingLine> Pending { get; init; } = [];

    /// <summary>What Karpenter bought, in the order of launch.</summary>
    public ImmutableArray<LaunchLine> Launches { get; init; } = [];

    /// <summary>What Karpenter decided to disrupt, in the order of time.</summary>
    public ImmutableArray<DisruptionLine> Disruptions { get; init; } = [];

    /// <summary>What kept nodes and pools from disruption.</summary>
    public ImmutableArray<KeptLine> Kept { get; init; } = [];

    public CostLine Cost { get; init; } = new(0, 0, 0, 0);

    public ImmutableArray<Finding> Findings { get; init; } = [];
}

/// <summary>A job run as it ended, or stands.</summary>
public sealed record JobLine
{
    public required string Id { get; init; }

    public string? Name { get; init; }

    public required string State { get; init; }

    public string? FailureReason { get; init; }

    public string? StateDetails { get; init; }

    public ImmutableArray<JobStateLine> History { get; init; } = [];
}

/// <summary>When a job run came into a state.</summary>
public sealed record JobStateLine(string State, TimeSpan At);

/// <summary>A pod's life.</summary>
public sealed record PodLine
{
    public required string Namespace { get; init; }

    public required string Name { get; init; }

    public string? Role { get; init; }

    public required string Phase { get; init; }

    public string? Node { get; init; }

    public string? InstanceType { get; init; }

    public long CpuMillis { get; init; }

    public long MemoryMi { get; init; }

    public TimeSpan CreatedAt { get; init; }

    public TimeSpan? ScheduledAt { get; init; }

    public TimeSpan? RunningAt { get; init; }

    public TimeSpan? FinishedAt { get; init; }

    public ImmutableArray<PodWait> Waits { get; init; } = [];

    public string? WaitedFor => PodWaits.Say(Waits);
}

/// <summary>A node's life.</summary>
public sealed record NodeLine
{
    public required string Name { get; init; }

    public string? InstanceType { get; init; }

    public string? Zone { get; init; }

    public string? CapacityType { get; init; }

    public string? Pool { get; init; }

    /// <summary>Whether Karpenter bought it, so that it counts in <see cref="CostLine"/>.</summary>
    public bool IsKarpenters { get; init; }

    public decimal UsdPerHour { get; init; }

    public TimeSpan CreatedAt { get; init; }

    public TimeSpan? ReadyAt { get; init; }

    public TimeSpan? DeletedAt { get; init; }

    public decimal Usd { get; init; }

    /// <summary>The part of <see cref="Usd"/> that nobody asked for.</summary>
    public decimal UsdIdle { get; init; }

    /// <summary>Names of the report's pods that were on it, in the order of binding.</summary>
    public ImmutableArray<string> Pods { get; init; } = [];

    public string? Why { get; init; }
}

/// <summary>Dollars of Karpenter's nodes.</summary>
public sealed record CostLine(decimal Usd, decimal UsdIdle, decimal UsdSpot, decimal UsdOnDemand);

/// <summary>Something that a reader should know or change.</summary>
/// <param name="Rule">A stable id in kebab case.</param>
/// <param name="Severity">error, warning or info.</param>
public sealed record Finding(string Rule, string Severity, string Message)
{
    public static Finding Error(string rule, string message) => new(rule, "error", message);

    public static Finding Warning(string rule, string message) => new(rule, "warning", message);

    public static Finding Info(string rule, string message) => new(rule, "info", message);
}
