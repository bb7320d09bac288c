namespace Sparkwright.World.Spark;

/// <summary>
/// How much memory the main container of a driver or executor asks for, in MiB, and of what it is made.
/// Spark's own arithmetic: overhead is the given one, else factor × memory cut to whole MiB, at least the minimum.
/// </summary>
public sealed record PodMemory(long HeapMiB, long OverheadMiB, long OffHeapMiB, long PythonMiB)
{
    /// <summary>Default of <c>spark.kubernetes.memoryOverheadFactor</c> for applications of the JVM.</summary>
    public const double JvmFactor = 0.1;

    /// <summary>What it becomes when it is not set and the application is Python or R.</summary>
    public const double OtherFactor = 0.4;

    /// <summary>The least overhead; a setting since Spark 4.0.</summary>
    public const long LeastOverheadMiB = 384;

    public long TotalMiB => HeapMiB + OverheadMiB + OffHeapMiB + PythonMiB;

    /// <summary>The total as it stands in the pod: whole MiB, never a larger suffix.</summary>
    public string Quantity => $"{TotalMiB}Mi";

    public static long Overhead(long heapMiB, long? given, double factor, long leastMiB = LeastOverheadMiB) =>
        given ?? Math.Max((long)(factor * heapMiB), leastMiB);

    internal static PodMemory OfDriver(SparkConf.Reader read, SparkVersion version, ApplicationLanguage language)
    {
        var heap = read.SizeMiB("spark.driver.memory", 1024);
        return new PodMemory(heap, OverheadOf("driver", heap, read, version, language), 0, 0);
    }

    internal static PodMemory OfExecutor(SparkConf.Reader read, SparkVersion version, ApplicationLanguage language)
    {
        var heap = read.SizeMiB("spark.executor.memory", 1024);
        var offHeap = read.Flag("spark.memory.offHeap.enabled", false) ? read.Bytes("spark.memory.offHeap.size", 0) >> 20 : 0;
        var python = language == ApplicationLanguage.Python ? read.SizeMiB("spark.executor.pyspark.memory", 0) : 0;
        return new PodMemory(heap, OverheadOf("executor", heap, read, version, language), offHeap, python);
    }

    private static long OverheadOf(string role, long heap, SparkConf.Reader read, SparkVersion version, ApplicationLanguage language)
    {
        var given = read.Conf.Has($"spark.{role}.memoryOverhead") ? read.SizeMiB($"spark.{role}.memoryOverhead", 0) : (long?)null;
        var factor = read.Factor("spark.kubernetes.memoryOverheadFactor") ?? (language == ApplicationLanguage.Java ? JvmFactor : OtherFactor);
        if (version.Since(3, 3))
        {
            factor = read.Factor($"spark.{role}.memoryOverheadFactor") ?? factor;
        }

        var least = version.Since(4, 0) ? read.SizeMiB($"spark.{role}.minMemoryOverhead", LeastOverheadMiB) : LeastOverheadMiB;
        return Overhead(heap, given, factor, least);
    }
}
