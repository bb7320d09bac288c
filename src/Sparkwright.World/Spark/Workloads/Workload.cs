using System.Collections.Immutable;

namespace Sparkwright.World.Spark.Workloads;

/// <summary>What a Spark application has to do: its input and its stages, in an order in which parents come first.</summary>
public sealed record Workload(WorkloadInput Input, ImmutableArray<StagePlan> Stages)
{
    /// <summary>The workload of a job without <c>workload.yaml</c>: schema, show, count and a repartitioned write over the input.</summary>
    public static Workload Default(WorkloadInput input) => new(
        input,
        [
            new StagePlan("schema") { Tasks = 1 },
            new StagePlan("show") { Tasks = 1, BytesPerTask = input.FileBytes, After = [0] },
            new StagePlan("count-scan") { After = [1] },
            new StagePlan("count") { Tasks = 1, Parents = [2] },
            new StagePlan("write-scan") { After = [3] },
            new StagePlan("write") { Tasks = 2, BytesPerTask = input.TotalBytes / 2, Parents = [4] },
        ]);
}

/// <summary>Files of one size that a job reads.</summary>
public sealed record WorkloadInput(int Files, long FileBytes)
{
    /// <summary>The tutorial's data set: 21 files of 38 MB.</summary>
    public static WorkloadInput Default { get; } = new(21, 38_000_000);

    public long TotalBytes => Files * FileBytes;
}

/// <summary>One stage: how many tasks, how long each takes, and what must be done before.</summary>
public sealed record StagePlan(string Name)
{
    /// <summary>Null: one task for each split of the input.</summary>
    public int? Tasks { get; init; }

    /// <summary>Bytes that each task works through when it has no given time; a task of a split has those of its split.</summary>
    public long BytesPerTask { get; init; }

    /// <summary>Least and most time of a task; null takes the modelled time for its bytes.</summary>
    public (TimeSpan Least, TimeSpan Most)? TaskTime { get; init; }

    /// <summary>Stages whose shuffle output this one reads, by position.</summary>
    public ImmutableArray<int> Parents { get; init; } = [];

    /// <summary>Stages of earlier jobs of the program, by position: done before this one is planned, their output not read.</summary>
    public ImmutableArray<int> After { get; init; } = [];
}
