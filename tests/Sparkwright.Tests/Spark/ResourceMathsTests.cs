using Sparkwright.World.Spark;

namespace Sparkwright.Tests.Spark;

public sealed class ResourceMathsTests
{
    [Theory]
    [InlineData("10g", 10240)]
    [InlineData("10G", 10240)]
    [InlineData("1024m", 1024)]
    [InlineData("1048576k", 1024)]
    [InlineData("1073741824b", 1024)]
    [InlineData("512", 512)]
    [InlineData(" 2gb ", 2048)]
    [InlineData("1023k", 0)]
    [InlineData("1t", 1048576)]
    [InlineData("1.5g", null)]
    [InlineData("10Gi", null)]
    [InlineData("ten", null)]
    [InlineData("", null)]
    [InlineData("-1g", null)]
    public void Sizes_are_read_as_Spark_reads_them(string text, int? mebibytes) =>
        Assert.Equal(mebibytes, ConfValues.TrySizeMiB(text, out var size) ? (int?)size : null);

    [Theory]
    [InlineData("1s", 1000)]
    [InlineData("500ms", 500)]
    [InlineData("250", 250)]
    [InlineData("2min", 120000)]
    [InlineData("2m", 120000)]
    [InlineData("1h", 3600000)]
    [InlineData("1w", null)]
    public void Times_are_read_as_Spark_reads_them(string text, int? milliseconds) =>
        Assert.Equal(milliseconds, ConfValues.TryTime(text, TimeSpan.FromMilliseconds(1), out var time) ? (int?)time.TotalMilliseconds : null);

    [Theory]
    //          version  language conf                                                              driver       executor
    [InlineData("3.2.1", "Python", "spark.driver.memory=10g spark.executor.memory=10g", "14336Mi", "14336Mi")]
    [InlineData("3.2.1", "Java", "spark.driver.memory=10g spark.executor.memory=10g", "11264Mi", "11264Mi")]
    [InlineData("3.2.1", "Java", "spark.driver.memory=1g spark.executor.memory=1g", "1408Mi", "1408Mi")]
    [InlineData("3.2.1", "Python", "spark.driver.memory=1g spark.executor.memory=1g", "1433Mi", "1433Mi")]
    [InlineData("3.2.1", "R", "spark.driver.memory=10g", "14336Mi", "1433Mi")]
    [InlineData("3.5.6", "Python", "spark.driver.memory=10g spark.executor.memory=10g", "14336Mi", "14336Mi")]
    [InlineData("3.2.1", "Python", "spark.executor.memory=10g spark.kubernetes.memoryOverheadFactor=0.2", "1408Mi", "12288Mi")]
    [InlineData("3.2.1", "Python", "spark.executor.memory=10g spark.executor.memoryOverheadFactor=0.2", "1433Mi", "14336Mi")]
    [InlineData("3.3.0", "Python", "spark.executor.memory=10g spark.executor.memoryOverheadFactor=0.2", "1433Mi", "12288Mi")]
    [InlineData("3.3.0", "Java", "spark.driver.memory=10g spark.driver.memoryOverheadFactor=0.5 spark.kubernetes.memoryOverheadFactor=0.2", "15360Mi", "1408Mi")]
    [InlineData("3.2.1", "Java", "spark.executor.memory=2g spark.executor.memoryOverhead=1g", "1408Mi", "3072Mi")]
    [InlineData("3.2.1", "Java", "spark.executor.memory=2g spark.executor.memoryOverhead=100", "1408Mi", "2148Mi")]
    [InlineData("3.2.1", "Java", "spark.executor.memory=2g spark.memory.offHeap.enabled=true spark.memory.offHeap.size=1g", "1408Mi", "3456Mi")]
    [InlineData("3.2.1", "Java", "spark.executor.memory=2g spark.memory.offHeap.size=1g", "1408Mi", "2432Mi")]
    [InlineData("3.2.1", "Python", "spark.executor.memory=2g spark.executor.pyspark.memory=1g", "1433Mi", "3891Mi")]
    [InlineData("3.2.1", "Java", "spark.executor.memory=2g spark.executor.pyspark.memory=1g", "1408Mi", "2432Mi")]
    [InlineData("4.0.2", "Java", "spark.executor.memory=1g spark.executor.minMemoryOverhead=100m", "1408Mi", "1126Mi")]
    [InlineData("3.5.6", "Java", "spark.executor.memory=1g spark.executor.minMemoryOverhead=100m", "1408Mi", "1408Mi")]
    public void Pods_ask_for_heap_and_overhead(string version, string language, string conf, string driver, string executor)
    {
        var settings = Read(conf, version, Enum.Parse<ApplicationLanguage>(language), out var problem);
        Assert.Null(problem);
        Assert.Equal((driver, executor), (settings.Driver.Memory.Quantity, settings.Executor.Memory.Quantity));
    }

    [Theory]
    [InlineData("spark.executor.memory=1.5g", "spark.executor.memory: '1.5g'")]
    [InlineData("spark.executor.instances=many", "spark.executor.instances: 'many'")]
    [InlineData("spark.executor.cores=2 spark.task.cpus=4", "spark.task.cpus: '4'")]
    [InlineData("spark.kubernetes.executor.request.cores=2x", "spark.kubernetes.executor.request.cores: '2x'")]
    [InlineData("spark.dynamicAllocation.enabled=true", "spark.dynamicAllocation.enabled: 'true'")]
    [InlineData("spark.kubernetes.driver.label.spark-role=boss", "spark.kubernetes.driver.label.spark-role: 'boss'")]
    [InlineData("spark.kubernetes.executor.podNamePrefix=Taxi_Data", "spark.kubernetes.executor.podNamePrefix: 'Taxi_Data'")]
    public void A_setting_that_Spark_cannot_use_is_named(string conf, string problem)
    {
        Read(conf, "3.2.1", ApplicationLanguage.Python, out var said);
        Assert.StartsWith(problem, said);
        Assert.Contains("is not allowed", said);
    }

    [Theory]
    //          version  batch  dynamic allocation needs no more than enabled=true
    [InlineData("3.2.1", 5, false)]
    [InlineData("3.3.2", 5, false)]
    [InlineData("3.5.6", 5, true)]
    [InlineData("4.0.2", 10, true)]
    public void Defaults_follow_the_release(string version, int batch, bool tracksShuffles)
    {
        Assert.Equal(batch, Read("", version, ApplicationLanguage.Java, out _).Allocation.BatchSize);
        Read("spark.dynamicAllocation.enabled=true", version, ApplicationLanguage.Java, out var problem);
        Assert.Equal(tracksShuffles, problem is null);
    }

    [Theory]
    //          version  name                 prefix
    [InlineData("3.2.1", "NY Taxi: zones!", "ny-taxi-zones-00aa00aa00aa00aa")]
    [InlineData("3.2.1", "1st job", "1st-job-00aa00aa00aa00aa")]
    [InlineData("3.3.0", "1st job", "xst-job-00aa00aa00aa00aa")]
    [InlineData("3.3.0", "_job", "job-00aa00aa00aa00aa")]
    public void Names_are_cleaned(string version, string name, string prefix) =>
        Assert.Equal(prefix, SparkNames.ResourcePrefix(name, "00aa00aa00aa00aa", SparkVersion.Parse(version)));

    [Fact]
    public void A_long_prefix_is_cut_before_its_id_and_a_service_name_falls_back()
    {
        var prefix = SparkNames.ResourcePrefix("a very long application name that goes on and on", "00aa00aa00aa00aa", SparkVersion.Parse("3.2.1"));
        var executors = SparkNames.ExecutorPrefix(SparkConf.Empty, prefix);
        Assert.Equal("a-very-long-applicati-00aa00aa00aa00aa", executors);
        Assert.Equal("spark-ff-driver-svc", SparkNames.DriverService(prefix, "ff"));
        Assert.Equal("taxidata-exec-7", SparkNames.ExecutorPod("taxidata", 7));
    }

    [Theory]
    //          unfinished waiting seconds  targets one second apart
    [InlineData(100, 100, 6, "1 3 7 15 31 63")]
    [InlineData(5, 5, 5, "1 3 5 5 5")]
    public void Dynamic_allocation_adds_one_two_four_until_what_is_needed(int unfinished, int waiting, int seconds, string targets)
    {
        var settings = Read("spark.dynamicAllocation.enabled=true", "3.5.6", ApplicationLanguage.Java, out _).Dynamic!;
        var state = DynamicAllocationState.Start(settings);
        var now = new DateTime(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc);
        state = state.Step(settings, 1, unfinished, waiting, now);
        Assert.Equal(0, state.Target);
        var seen = new List<int>();
        for (var second = 1; second <= seconds; second++)
        {
            state = state.Step(settings, 1, unfinished, waiting, now.AddSeconds(second));
            seen.Add(state.Target);
        }

        Assert.Equal(targets, string.Join(' ', seen));
    }

    private static SparkSettings Read(string conf, string version, ApplicationLanguage language, out string? problem)
    {
        var settings = SparkConf.Empty;
        foreach (var pair in conf.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            settings = settings.With(pair[..pair.IndexOf('=')], pair[(pair.IndexOf('=') + 1)..]);
        }

        return SparkSettings.Read(settings, SparkVersion.Parse(version), language, out problem);
    }
}
