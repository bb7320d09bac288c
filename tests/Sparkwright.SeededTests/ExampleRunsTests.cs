using Sparkwright.Cli.Commands;
using Sparkwright.World;
using Sparkwright.World.Insight;

namespace Sparkwright.SeededTests;

/// <summary>The four examples on both blueprints, with three seeds: what a run of each is about, by facts that no seed changes.</summary>
public sealed class ExampleRunsTests
{
    private const string Ours = "emr-eks-karpenter";
    private const string Published = "as-published";

    public static TheoryData<string, long> PlainExamples => WithSeeds("compute-optimized", "memory-optimized", "graviton");

    public static TheoryData<string, long> Blueprints => WithSeeds(Ours, Published);

    [Theory]
    [MemberData(nameof(PlainExamples))]
    public void Without_a_quota_in_the_way_every_executor_runs(string example, long seed)
    {
        var report = Run(Ours, example, seed);

        Assert.Equal("COMPLETED", report.Job!.State);
        Assert.Equal(ExecutorsOf(example), Executors(report).Count(pod => pod.RunningAt is not null));
        Assert.Equal(NodesOf(example), NodesIn(report));
        Assert.DoesNotContain(report.Findings, finding => finding.Rule.StartsWith("yunikorn", StringComparison.Ordinal));
        Assert.Empty(report.Gangs);
    }

    [Theory]
    [MemberData(nameof(PlainExamples))]
    public void The_published_queue_ends_a_job_at_its_driver_and_five_executors_and_the_report_says_so(string example, long seed)
    {
        var report = Run(Published, example, seed);

        Assert.Equal("COMPLETED", report.Job!.State);
        var executors = Executors(report).ToList();
        Assert.Equal((ExecutorsOf(example), 5), (executors.Count, executors.Count(pod => pod.RunningAt is not null)));
        var held = executors.Where(pod => pod.ScheduledAt is null).ToList();
        Assert.Equal(ExecutorsOf(example) - 5, held.Count);
        Assert.All(held, pod => Assert.StartsWith("queue ", pod.WaitedFor, StringComparison.Ordinal));

        // Nobody asks for nodes for those that the quota holds back, and they are told with the queue.
        Assert.Equal(NodesOf(example, running: 5), NodesIn(report));
        var launched = report.Launches.SelectMany(launch => launch.Pods).ToHashSet(StringComparer.Ordinal);
        Assert.DoesNotContain(held, pod => launched.Contains($"{pod.Namespace}/{pod.Name}"));
        var wait = Assert.Single(report.Waits, wait => wait.Pools[0].Rule == "queue");
        Assert.Equal(held.Select(pod => $"{pod.Namespace}/{pod.Name}").Order(StringComparer.Ordinal), wait.Pods.Order(StringComparer.Ordinal));
        Assert.Equal("root.default may have 100 GB memory and 10 vcore and had 96 GB memory and 9.05 vcore; each pod asks for 15.2 GB memory and 1 vcore", wait.Pools[0].Why);
        var told = Assert.Single(report.Findings, finding => finding.Rule == "yunikorn-queue-full");
        Assert.Equal("warning", told.Severity);
        Assert.Contains("for 1 driver, 5 executors, 1 submitter, and 15 pods of others in amazon-cloudwatch, karpenter, logging, prometheus, vpa", told.Message);
    }

    [Theory]
    [MemberData(nameof(Blueprints))]
    public void The_gang_holds_21_places_and_every_one_is_taken(string blueprint, long seed)
    {
        var report = Run(blueprint, "gang-scheduling", seed);

        Assert.Equal("COMPLETED", report.Job!.State);
        Assert.Equal(["r5d.4xlarge us-west-2b", "r5d.8xlarge us-west-2b"], NodesIn(report));
        var placeholders = report.Pods.Where(pod => pod.Role == "placeholder").ToList();
        Assert.Equal(21, placeholders.Count);
        Assert.All(placeholders, pod => Assert.StartsWith("tg-", pod.Name, StringComparison.Ordinal));
        Assert.All(placeholders, pod => Assert.Equal((1200L, 15360L), (pod.CpuMillis, pod.MemoryMi)));
        Assert.Equal(20, Executors(report).Count(pod => pod.RunningAt is not null));

        var gang = Assert.Single(report.Gangs);
        Assert.Equal(("root.test", true, false), (gang.Queue, gang.IsHard, gang.ReservationTimedOut));
        Assert.Equal(["spark-driver 1 1 1 0", "spark-executor 20 20 20 0"], gang.Groups.Select(group => $"{group.Name} {group.Members} {group.Placeholders} {group.Replaced} {group.Released}"));
        Assert.Equal(
            ["placeholders created 21", "nodes bought 2", "nodes ready 2", "placeholders bound 21", "replaced by driver 1", "replaced by executors 20", "surplus released 0"],
            gang.Phases.Select(phase => $"{phase.Phase} {phase.Count}"));

        // Phases follow each other; the driver starts nowhere before the last place is held, whatever was free.
        GangPhaseLine Phase(string name) => gang.FindPhase(name)!;
        var driver = Assert.Single(report.Pods, pod => pod.Role == "driver");
        InOrder(driver.CreatedAt, Phase("placeholders created").From, Phase("nodes bought").From, Phase("nodes ready").From, Phase("placeholders bound").From, Phase("placeholders bound").To,
            Phase("replaced by driver").From, Phase("replaced by executors").From);
        Assert.Equal(driver.ScheduledAt, Phase("replaced by driver").To);
        Assert.StartsWith("reservation ", driver.WaitedFor, StringComparison.Ordinal);

        // Placeholders come a second or two after the driver, the nodes for them a few seconds later, and all of them at once.
        Within(1, 3, Phase("placeholders created").To - driver.CreatedAt);
        Within(1, 5, Phase("nodes bought").To - Phase("placeholders created").From);
        Within(60, 121, Phase("nodes ready").To - Phase("nodes bought").To);
        Within(0, 2, Phase("placeholders bound").To - Phase("nodes ready").To);
        Within(0, 2, Phase("replaced by driver").To - Phase("placeholders bound").To);

        // Each place is a part of its node: 15360Mi of 239454Mi or of 118212Mi, for as long as it was held.
        var hours = placeholders.Sum(pod => 15360m / (pod.InstanceType == "r5d.8xlarge" ? 239454 : 118212) * (pod.FinishedAt - pod.ScheduledAt)!.Value.Ticks / TimeSpan.TicksPerHour);
        Assert.Equal(Math.Round(hours, 3), Math.Round(gang.NodeHours, 3));
        Assert.InRange(gang.Usd, 0.001m, report.Cost.Usd - report.Cost.UsdIdle);
        Assert.Equal(0, gang.UnusedUsd);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void The_published_annotation_means_15_minutes_and_the_report_says_what_30_seconds_would_have_done(long seed)
    {
        var report = Run(Published, "gang-scheduling", seed);

        var gang = Assert.Single(report.Gangs);
        Assert.Equal(("ny-taxi-yunikorn", TimeSpan.FromMinutes(15), true), (gang.Application, gang.Timeout, gang.TimeoutIsDefault));
        var told = Assert.Single(report.Findings, finding => finding.Rule == "yunikorn-unknown-parameter").Message;
        Assert.Contains("`placeholderTimeoutSeconds=30` means nothing to YuniKorn and has no effect", told);
        Assert.Contains("Did you mean 'placeholderTimeoutInSeconds'? The default of 15 minutes is in force", told);
        var apart = (gang.FindPhase("placeholders bound")!.To - gang.FindPhase("placeholders bound")!.From)!.Value;
        Assert.Contains(apart.TotalSeconds > 30 ? "the job would have failed" : "not all members had come (replaced by executors until ", told);
        Assert.Contains(report.Findings, finding => finding.Rule == "yunikorn-fixed-application-id");
        Assert.Contains("spark-driver and spark-executor do not ask for a node with topology.kubernetes.io/zone=us-west-2b", Assert.Single(report.Findings, finding => finding.Rule == "yunikorn-placeholder-selector").Message);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Our_gang_has_names_that_YuniKorn_knows_and_nothing_to_be_told(long seed)
    {
        var report = Run(Ours, "gang-scheduling", seed);

        var gang = Assert.Single(report.Gangs);
        Assert.Equal((TimeSpan.FromMinutes(10), false), (gang.Timeout, gang.TimeoutIsDefault));
        Assert.DoesNotContain(report.Findings, finding => finding.Rule.StartsWith("yunikorn", StringComparison.Ordinal));
    }

    private static int ExecutorsOf(string example) => example == "memory-optimized" ? 10 : 6;

    /// <summary>What Karpenter buys for a driver and its executors as they come.</summary>
    private static string[] NodesOf(string example, int? running = null) => example switch
    {
        "compute-optimized" => ["c5d.4xlarge us-west-2a", running is 5 ? "c5d.4xlarge us-west-2a" : "c5d.9xlarge us-west-2a", "c5d.9xlarge us-west-2a"],
        "memory-optimized" when running is null => ["r5d.4xlarge us-west-2b", "r5d.4xlarge us-west-2b"],
        "memory-optimized" => ["r5d.4xlarge us-west-2b"],
        _ => ["r6gd.4xlarge us-west-2b"],
    };

    private static IEnumerable<PodLine> Executors(RunReport report) => report.Pods.Where(pod => pod.Role == "executor");

    private static string[] NodesIn(RunReport report) => [.. report.Nodes.Where(node => node.IsKarpenters).Select(node => $"{node.InstanceType} {node.Zone}").Order(StringComparer.Ordinal)];

    private static void InOrder(params ReadOnlySpan<TimeSpan?> times)
    {
        for (var at = 1; at < times.Length; at++)
        {
            Assert.True(times[at - 1] <= times[at], $"phase {at} at {times[at]} comes before {times[at - 1]}");
        }
    }

    private static void Within(double least, double most, TimeSpan? passed) => Assert.InRange(passed!.Value.TotalSeconds, least, most);

    private static RunReport Run(string blueprint, string example, long seed)
    {
        var job = JobFolder.Read(Path.Combine(ScenarioTests.Root, "blueprints", blueprint, "examples", example));
        var session = new JobSession(BlueprintFiles.Load(null, job.Path), seed);
        foreach (var (key, body) in job.Files)
        {
            session.Upload(JobFolder.Bucket, key, body);
        }

        Assert.Null(session.Submit(job.Request, static () => { }));
        session.Follow(static () => { });
        Assert.Empty(WorldInvariants.Broken(session.World));
        return session.Report(0);
    }

    private static TheoryData<string, long> WithSeeds(params string[] names)
    {
        var data = new TheoryData<string, long>();
        foreach (var name in names)
        {
            foreach (var seed in new long[] { 1, 2, 3 })
            {
                data.Add(name, seed);
            }
        }

        return data;
    }
}
