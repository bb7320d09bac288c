using System.Collections.Immutable;

namespace Sparkwright.World.Spark.Workloads;

/// <summary>
/// How Spark SQL cuts files into scan tasks: a partition takes files, each counted with the cost of opening it, while the next one still
/// fits into min(maxPartitionBytes, max(openCost, all bytes / cores)). More cores at planning time therefore make more, smaller tasks.
/// </summary>
public static class FileSplits
{
    // Spark never plans for fewer than two cores.
    private const int LeastParallelism = 2;

    /// <summary>The bytes of each scan task, in order.</summary>
    /// <param name="registeredCores">Executor cores registered when the scan is planned.</param>
    public static ImmutableArray<long> Of(WorkloadInput input, FileSplitSettings settings, int registeredCores)
    {
        var parallelism = settings.MinPartitions ?? settings.DefaultParallelism ?? Math.Max(registeredCores, LeastParallelism);
        var largest = LargestSplit(input, settings, parallelism);
        var splits = ImmutableArray.CreateBuilder<long>();
        var (bytes, cost) = (0L, 0L);
        foreach (var piece in Pieces(input, largest))
        {
            if (cost > 0 && cost + piece > largest)
            {
                splits.Add(bytes);
                (bytes, cost) = (0, 0);
            }

            bytes += piece;
            cost += piece + settings.OpenCostBytes;
        }

        if (cost > 0)
        {
            splits.Add(bytes);
        }

        return splits.ToImmutable();
    }

    private static long LargestSplit(WorkloadInput input, FileSplitSettings settings, int parallelism)
    {
        var bytesPerCore = (input.FileBytes + settings.OpenCostBytes) * input.Files / parallelism;
        return Math.Max(1, Math.Min(settings.MaxPartitionBytes, Math.Max(settings.OpenCostBytes, bytesPerCore)));
    }

    /// <summary>Files cut at the largest split, the largest pieces first.</summary>
    private static IEnumerable<long> Pieces(WorkloadInput input, long largest)
    {
        var whole = input.FileBytes / largest;
        for (var at = 0L; at < whole * input.Files; at++)
        {
            yield return largest;
        }

        if (input.FileBytes % largest is var rest && rest > 0)
        {
            for (var file = 0; file < input.Files; file++)
            {
                yield return rest;
            }
        }
    }
}

/// <summary>The settings of <c>spark.sql.files</c> and the parallelism that file scans look at; null parallelism means the registered cores.</summary>
public sealed record FileSplitSettings(long MaxPartitionBytes, long OpenCostBytes, int? MinPartitions, int? DefaultParallelism);
