using System.Diagnostics;
using Sparkwright.Kubernetes.Objects;
using Sparkwright.World;
using Sparkwright.World.Spark;

namespace Sparkwright.Bench;

/// <summary>
/// Memory and time of executors that run: thousands of pods are created one by one, brought to Running by kubelets, and left alone until their
/// events have expired. The difference between a smaller and a larger world is what one pod costs, everything of it included.
/// </summary>
internal static class PodBench
{
    private const int Fewer = 20_000;
    private const int More = 40_000;
    private const int PodsPerNode = 100;
    private const long BudgetBytes = 4 << 10;

    public static IEnumerable<string> Run()
    {
        var (few, _) = Measure(Fewer);
        var (many, took) = Measure(More);
        var each = (many - few) / (More - Fewer);
        yield return $"{each,10:N0} bytes per running executor (budget {BudgetBytes:N0}{(each > BudgetBytes ? ": EXCEEDED" : "")})";
        yield return $"{More / took.TotalSeconds,10:N0} pods/s from creation to Running and one hour on";
    }

    private static (long Bytes, TimeSpan Took) Measure(int pods)
    {
        var started = Stopwatch.GetTimestamp();
        var world = WorldBuilder.Build(new WorldSettings { Components = ["scheduler"] });
        var settings = SparkSettings.Read(
            SparkConf.Of(("spark.executor.instances", "100"), ("spark.executor.memory", "10g"), ("spark.executor.cores", "1"), ("spark.kubernetes.container.image", "emr/spark")),
            SparkVersion.Parse("3.2.1"),
            ApplicationLanguage.Python,
            out _);
        var identity = new SparkIdentity
        {
            ApplicationId = "spark-0000", Namespace = "default", ResourcePrefix = "job", DriverPod = "driver", DriverService = "driver-svc", ExecutorPrefix = "taxi",
            DriverConfigMap = "driver-conf", ExecutorConfigMap = "exec-conf",
        };
        world.Api.Create(new ApiObject(CoreTypes.ConfigMap, new ObjectMeta { Name = "exec-conf", Namespace = "default" }, TreeMap.Empty));
        world.Loop.RunUntil(world.Clock.Now.AddSeconds(1));
        for (var node = 0; node < pods / PodsPerNode; node++)
        {
            world.Api.Create(new ApiObject(
                CoreTypes.Node,
                new ObjectMeta { Name = $"node-{node}" },
                TreeMap.Of(("status", TreeMap.Of(("capacity", TreeMap.Of(("cpu", "128"), ("memory", "2000Gi"), ("pods", "110"))))))));
        }

        var driver = new ApiObject(CoreTypes.Pod, new ObjectMeta { Name = "driver", Namespace = "default", Uid = "d" }, TreeMap.Empty);
        for (var number = 1; number <= pods; number++)
        {
            var pod = SparkPods.Executor(settings, identity, TreeMap.Empty, number, driver);
            pod = pod.With(pod.Metadata with { OwnerReferences = [] }).WithSpec(pod.Spec.With("nodeName", $"node-{(number - 1) / PodsPerNode}"));
            if (!world.Api.Create(pod).IsAccepted)
            {
                throw new InvalidOperationException($"refused: {world.Api.Create(pod)}");
            }
        }

        world.Loop.RunUntil(world.Clock.Now.AddHours(1.5));
        var running = world.Store.List(CoreTypes.Pod).Count(pod => pod.Status["phase"]?.Text == "Running");
        if (running != pods)
        {
            throw new InvalidOperationException($"{running} of {pods} pods run: {world.Store.List(CoreTypes.Pod)[0].ToTree()}");
        }

        var took = Stopwatch.GetElapsedTime(started);
        GC.Collect();
        GC.WaitForPendingFinalizers();
        var bytes = GC.GetTotalMemory(true);
        GC.KeepAlive(world);
        return (bytes, took);
    }
}
