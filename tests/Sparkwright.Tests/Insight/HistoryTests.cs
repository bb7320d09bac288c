using System.Text;
using System.Text.Json;
using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Store;
using Sparkwright.Simulation;
using Sparkwright.World.Ec2;
using Sparkwright.World.Emr;
using Sparkwright.World.Insight;
using Sparkwright.World.Karpenter.Apis;

namespace Sparkwright.Tests.Insight;

/// <summary>A world written by hand, second by second, and what its history says.</summary>
public sealed class HistoryTests
{
    private readonly History history = new();
    private readonly EventLoop loop = new(new Clock(new DateTime(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc)));
    private ObjectStore store = new();

    public HistoryTests() => history.Attach(store, loop.Clock);

    [Fact]
    public void A_job_on_one_spot_node_is_told_from_launch_to_termination()
    {
        Story();
        var report = Report();
        Assert.Equal(
            """
            {"seed":7,"virtualSeconds":300,"wallMilliseconds":12,"jobRun":{"id":"j1","name":"taxi","state":"COMPLETED","failureReason":null,"stateDetails":"done","history":[{"state":"PENDING","at":5},{"state":"COMPLETED","at":200.5}]},"pods":[{"namespace":"team","name":"exec-1","role":"executor","phase":"Succeeded","node":"ip-10-0-0-4","instanceType":"c5d.4xlarge","cpuMillis":1000,"memoryMi":14536,"createdAt":10,"scheduledAt":90,"runningAt":120.25,"finishedAt":190,"waitedFor":"node 80.0 s (0/3 nodes are available: 3 Insufficient memory), image 24.0 s, start 6.3 s"}],"nodes":[{"name":"ip-10-0-0-4","instanceType":"c5d.4xlarge","zone":"us-west-2a","capacityType":"spot","pool":"spark-compute","usdPerHour":0.36,"createdAt":20,"readyAt":90,"deletedAt":260,"usd":0.024,"pods":["exec-1"],"why":"for exec-1: 2 of the 9 types of spark-compute hold 1000m and 14536Mi; spot c5d.4xlarge at 0.36 USD/h, the cheapest of 2 offers; next c5d.9xlarge at 0.65"}],"cost":{"usd":0.024,"usdIdle":0.019,"usdSpot":0.024,"usdOnDemand":0},"findings":
            """,
            Json(report).Split("[{\"rule\"")[0]);
        Assert.Equal(["right-size-memory", "mostly-idle", "dollars-left-out"], report.Findings.Select(finding => finding.Rule));
    }

    [Fact]
    public void A_history_goes_on_with_a_restarted_engine()
    {
        Story(restartAt: 100);
        var (restarted, text) = (Report(), Json(Report()));
        Assert.Single(restarted.Pods);
        Assert.Contains("\"usd\":0.024,\"usdIdle\":0.019", text);
    }

    [Fact]
    public void A_node_without_an_instance_costs_nothing_and_lives_as_long_as_its_object()
    {
        At(3);
        store.Put(Node("sim", null, true));
        At(8);
        store.Remove(CoreTypes.Node, new ObjectKey("", "sim"));
        var node = Assert.Single(ReportBuilder.Build(history, new ReportRequest()).Nodes);
        Assert.Equal((3, 3, 8, 0m), (node.CreatedAt.TotalSeconds, node.ReadyAt!.Value.TotalSeconds, node.DeletedAt!.Value.TotalSeconds, node.Usd));
    }

    [Fact]
    public void A_name_that_is_used_again_is_another_node()
    {
        store.Put(Instance("i-1", 0));
        At(100);
        store.Put(Instance("i-1", 0, terminatedAt: 100));
        At(150);
        store.Put(Instance("i-2", 150));
        At(160);
        Assert.Equal([100.0, null], ReportBuilder.Build(history, new ReportRequest()).Nodes.Select(node => node.DeletedAt?.TotalSeconds));
    }

    [Theory]
    //          cpu of node, memory of node, asked cpu, asked memory, rule
    [InlineData(35740, 65169, 4000, 58144, "right-size-memory")]
    [InlineData(15790, 118212, 12000, 20000, "right-size-cpu")]
    [InlineData(15790, 27281, 8000, 14536, null)]
    [InlineData(15790, 27281, 100, 3000, null)]
    public void Nodes_of_the_wrong_shape_are_named(long cpuOf, long memoryOf, long cpu, long memory, string? rule)
    {
        store.Put(Instance("i-1", 0));
        store.Put(Node("ip-10-0-0-4", "i-1", true, cpuOf, memoryOf));
        store.Put(Pod("Running", "ip-10-0-0-4", cpu: cpu, memory: memory));
        At(100);
        var shape = ReportBuilder.Build(history, new ReportRequest()).Findings.FirstOrDefault(finding => finding.Rule.StartsWith("right-size", StringComparison.Ordinal));
        Assert.Equal(rule, shape?.Rule);
        if (rule == "right-size-memory")
        {
            Assert.Equal(
                "At their fullest the nodes of spark-compute (c5d.4xlarge) had 11 % of their CPU and 89 % of their memory asked for: memory decides."
                + " An executor asks for 14536 Mi a core where these nodes have 1823 Mi a core. On the same nodes each executor could have 31 cores (spark.executor.cores) instead of 4;"
                + " else about 1823 Mi for each core of an executor would fit, or types with more memory per core (the r families).",
                shape!.Message);
        }
    }

    [Fact]
    public void A_volume_that_nobody_made_is_an_error_with_its_instance_type()
    {
        store.Put(Instance("i-1", 0));
        store.Put(Node("ip-10-0-0-4", "i-1", true));
        store.Put(Pod(null, "ip-10-0-0-4"));
        At(1);
        store.Put(Event("FailedMount", "hostPath type check failed: /local1 is not a directory"));
        At(901);
        var report = ReportBuilder.Build(history, new ReportRequest());
        Assert.Contains(
            Finding.Error("failed-mount", "Pod exec-1 could not mount a volume on c5d.4xlarge: hostPath type check failed: /local1 is not a directory"),
            report.Findings);
        Assert.Equal("volume 900.0 s (hostPath type check failed: /local1 is not a directory), start 1.0 s", report.Pods[0].WaitedFor);
    }

    [Theory]
    [InlineData("FAILED", "The driver did not run within 900 seconds (job-start-timeout).", "job-start-timeout")]
    [InlineData("FAILED", "JobRun failed. Exit code 1.", "job-failed")]
    [InlineData("SUBMITTED", null, "job-not-finished")]
    public void A_job_that_did_not_complete_is_an_error(string state, string? details, string rule)
    {
        store.Put(Pod(null, null, "0/3 nodes are available: 3 Insufficient memory.", role: "driver"));
        var report = ReportBuilder.Build(history, new ReportRequest { Job = Job() with { State = state, StateDetails = details } });
        Assert.Equal((rule, "error"), (report.Findings[0].Rule, report.Findings[0].Severity));
        Assert.Equal(
            Finding.Error("job-never-scheduled", "The driver pod exec-1 never had a node: 0/3 nodes are available: 3 Insufficient memory."),
            report.Findings[1]);
    }

    internal static JobFacts Job() => new()
    {
        Id = "j1",
        Namespace = "team",
        Name = "taxi",
        State = "COMPLETED",
        StateDetails = "done",
        History =
        [
            new("PENDING", Time(5)),
            new("COMPLETED", Time(200.5)),
        ],
    };

    private static ApiObject Instance(string id, double launched, double? terminatedAt = null) => Ec2Types.Make(
        Ec2Types.Instance,
        id,
        TreeMap.Of(
            ("instanceType", "c5d.4xlarge"),
            ("zone", "us-west-2a"),
            ("capacityType", "spot"),
            ("privateDnsName", "ip-10-0-0-4"),
            ("usdPerHour", "0.36"),
            ("launchedTicks", Time(launched).Ticks)),
        TreeMap.Empty).WithStatus(TreeMap.Of(
            ("state", terminatedAt is null ? "running" : "terminated"),
            ("terminatedTicks", terminatedAt is { } end ? Time(end).Ticks : null)));

    private static ApiObject Node(string name, string? instance, bool ready, long cpu = 4000, long memoryMi = 29072) => new(
        CoreTypes.Node,
        new ObjectMeta { Name = name, Uid = "node-" + name, Labels = instance is null ? TreeMap.Empty : TreeMap.Of(("karpenter.sh/provisioner-name", "spark-compute")) },
        TreeMap.Of(
            ("spec", TreeMap.Of(("providerID", instance is null ? null : $"aws:///us-west-2a/{instance}"))),
            ("status", TreeMap.Of(
                ("allocatable", TreeMap.Of(("cpu", $"{cpu}m"), ("memory", $"{memoryMi}Mi"))),
                ("conditions", TreeList.Of(TreeMap.Of(("type", "Ready"), ("status", ready ? "True" : "False"))))))));

    private static ApiObject Pod(string? phase, string? node, string? unschedulable = null, long cpu = 1000, long memory = 14536, string role = "executor") => new(
        CoreTypes.Pod,
        new ObjectMeta
        {
            Name = "exec-1",
            Namespace = "team",
            Uid = "pod-1",
            Labels = TreeMap.Of((JobNames.JobLabel, "j1"), ("spark-role", role)),
        },
        TreeMap.Of(
            ("spec", TreeMap.Of(
                ("nodeName", node),
                ("containers", TreeList.Of(TreeMap.Of(("name", "c"), ("resources", TreeMap.Of(("requests", TreeMap.Of(("cpu", $"{cpu}m"), ("memory", $"{memory}Mi")))))))))),
            ("status", TreeMap.Of(
                ("phase", phase),
                ("conditions", unschedulable is null ? null : TreeList.Of(TreeMap.Of(("type", "PodScheduled"), ("status", "False"), ("message", unschedulable))))))));

    private static ApiObject Event(string reason, string message) => new(
        CoreTypes.Event,
        new ObjectMeta { Name = "e-" + reason, Namespace = "team" },
        TreeMap.Of(("involvedObject", TreeMap.Of(("uid", "pod-1"))), ("reason", reason), ("message", message)));

    private static DateTime Time(double seconds) => new DateTime(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc).AddTicks((long)(seconds * TimeSpan.TicksPerSecond));

    private static string Json(RunReport report)
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer, TreeJson.Compact))
        {
            RunReportJson.Write(writer, report);
        }

        return Encoding.UTF8.GetString(buffer.ToArray());
    }

    private RunReport Report() => ReportBuilder.Build(history, new ReportRequest { Seed = 7, Job = Job() }) with { WallMilliseconds = 12 };

    /// <summary>One executor waits for a node, pulls, runs and is stopped by its driver; half of the node was asked for during 100 of its 240 seconds.</summary>
    private void Story(double? restartAt = null)
    {
        At(10);
        store.Put(Pod(null, null));
        store.Put(Pod(null, null, "0/3 nodes are available: 3 Insufficient memory. preemption: 0/3 nodes are available."));
        At(20);
        store.Put(Instance("i-1", 20));
        store.Put(Node("ip-10-0-0-4", "i-1", false));
        store.Put(new ApiObject(KarpenterTypes.LaunchRecord, new ObjectMeta { Name = "i-1" }, TreeMap.Of(("spec", TreeMap.Of(
            ("capacityType", "spot"),
            ("instanceType", "c5d.4xlarge"),
            ("offers", TreeList.Of(
                TreeMap.Of(("instanceType", "c5d.9xlarge"), ("usdPerHour", "0.65"), ("zone", "us-west-2a")),
                TreeMap.Of(("instanceType", "c5d.4xlarge"), ("usdPerHour", "0.360"), ("zone", "us-west-2a")))),
            ("pods", TreeList.Of("team/exec-1")),
            ("pool", "spark-compute"),
            ("requests", TreeMap.Of(("cpu", "1"), ("memory", "14536Mi"))),
            ("typesInPool", 9),
            ("typesLeft", 2))))));
        At(90);
        store.Put(Node("ip-10-0-0-4", "i-1", true));
        store.Put(Pod(null, "ip-10-0-0-4"));
        At(91);
        store.Put(Event("Pulling", "Pulling image"));
        if (restartAt is { } restart)
        {
            At(restart);
            var reborn = new ObjectStore();
            reborn.Load(store.InWriteOrder(), store.ResourceVersion);
            history.Attach(reborn, loop.Clock);
            store.Put(Pod("Failed", "ip-10-0-0-4"));
            store = reborn;
        }

        At(115);
        store.Put(Event("Pulled", "Successfully pulled image"));
        At(120.25);
        store.Put(Pod("Running", "ip-10-0-0-4"));
        At(190);
        store.Remove(CoreTypes.Pod, new ObjectKey("team", "exec-1"));
        At(260);
        store.Put(Instance("i-1", 20, terminatedAt: 260));
        store.Remove(CoreTypes.Node, new ObjectKey("", "ip-10-0-0-4"));
        At(300);
    }

    private void At(double seconds) => loop.RunUntil(Time(seconds));
}
