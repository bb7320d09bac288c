using Sparkwright.World.Spark.Workloads;

namespace Sparkwright.Tests.Spark;

public sealed class FileSplitsTests
{
    private static readonly FileSplitSettings Defaults = new(128L << 20, 4L << 20, null, null);

    [Theory]
    //          files size        cores tasks
    [InlineData(21, 38_000_000, 6, 7)]
    [InlineData(21, 38_000_000, 10, 11)]
    [InlineData(21, 38_000_000, 20, 21)]
    [InlineData(21, 38L << 20, 6, 7)]
    [InlineData(21, 38L << 20, 10, 11)]
    [InlineData(21, 38L << 20, 20, 21)]
    [InlineData(21, 38_000_000, 0, 7)]
    [InlineData(1, 1L << 30, 2, 8)]
    [InlineData(1, 1L << 20, 100, 1)]
    [InlineData(3, 300L << 20, 2, 8)]
    public void Scan_tasks_follow_bytes_and_cores(int files, long size, int cores, int tasks)
    {
        var splits = FileSplits.Of(new WorkloadInput(files, size), Defaults, cores);
        Assert.Equal(tasks, splits.Length);
        Assert.Equal(files * size, splits.Sum());
    }

    [Fact]
    public void A_given_parallelism_beats_the_registered_cores() =>
        Assert.Equal(21, FileSplits.Of(WorkloadInput.Default, Defaults with { DefaultParallelism = 20 }, 6).Length);
}
