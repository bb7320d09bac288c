using System.Collections.Immutable;
using Sparkwright.Cli.Output;
using Sparkwright.World.Insight;

namespace Sparkwright.Tests.Cli.Output;

public sealed class RunScreenTests
{
    [Fact]
    public void A_file_gets_plain_text()
    {
        var text = RunScreen.Render(Report(), ScreenSettings.Plain);
        Assert.Equal(
            """
            Job run taxi[1] (all times in seconds since the start)
            COMPLETED  id 00000003abc
            JobRun completed successfully. It ran for 100 seconds
            state         at    for
            PENDING      0.0    5.0
            SUBMITTED    5.0  115.3
            RUNNING    120.3   99.8
            COMPLETED  220.0      -

            Nodes
            node         type         zone        capacity   pool              USD/h  created  ready  deleted  pods     USD
            ip-10-1-0-4  m5.xlarge    us-west-2a  on-demand  core-node-group  0.1920      0.0    0.0        -     0  0.0213
            ip-10-1-0-5  c5d.4xlarge  us-west-2a  spot       spark-compute    0.3600     22.0  100.0    382.0     2  0.0360

            Why each node
            ip-10-1-0-5 (c5d.4xlarge): cheapest of 2 types that fit

            Pods
            pod           role      phase        cpu   memory  node         created  waited for
            spark-driver  driver    Succeeded  1000m  14536Mi  ip-10-1-0-5     20.0  node 80.0 s, image 24.0 s
            taxi-exec-1   executor  Succeeded  1000m  14536Mi  ip-10-1-0-5    130.0  -

            Pods over time, 20.0 s to 260.0 s (. waits for a node, - starts, # runs)
            spark-driver  |....................--######################################|
            taxi-exec-1   |                           ....................---##########|

            Cost
            node         type            USD  idle USD  idle share
            ip-10-1-0-5  c5d.4xlarge  0.0360    0.0180        50 %
            all                       0.0360    0.0180        50 %
            spot 0.0360 USD, on demand 0.0000 USD
            The dollars are those of Karpenter's EC2 instances; left out are the EKS control plane (0.10 USD an hour), the core nodes, EBS volumes, the NAT gateway, data transfer, S3 and CloudWatch, and EMR's own charge per vCPU and GB.

            Advice
            info right-size-memory: memory decides
            """ + "\n",
            text);
    }

    [Fact]
    public void A_terminal_gets_lines_and_colours()
    {
        var text = RunScreen.Render(Report(), new ScreenSettings(true, true, 160));
        Assert.Contains("\e[", text);
        Assert.Contains("───", text);
        Assert.Contains("█", text);
        Assert.All(text.Split('\n'), line => Assert.True(line.Length < 400));
    }

    [Fact]
    public void Colours_can_be_turned_off()
    {
        var text = RunScreen.Render(Report(), new ScreenSettings(true, false, 160));
        Assert.DoesNotContain("\e", text);
        Assert.Contains("───", text);
    }

    [Fact]
    public void A_gang_is_told_in_text_and_page_by_the_same_tables()
    {
        var report = Report() with { Gangs = [Gang()] };

        var text = RunScreen.Render(report, ScreenSettings.Plain);
        Assert.Contains(
            """
            Gang taxi[1]: 3 places held for its members
            task group  members    CPU   memory  placeholders  replaced  released
            driver            1  1200m  15360Mi             1         1         0
            executor          2  1200m  15360Mi             2         1         1
            In queue root.test, placeholders are held for 900 s from the first one's place on (the default); style Hard: all or nothing.
            phase             from    to  count  remark
            nodes bought      20.0  21.5      2  1 r5d.4xlarge, 1 r5d.8xlarge in us-west-2b
            surplus released     -     -      0
            Holding the places took 1.25 node-hours, 1.5000 USD (each placeholder's part of its node, from its place to its end); of that 0.25 node-hours, 0.3000 USD for places that nobody took.
            """,
            text);

        var page = RunHtml.Of(report);
        Assert.Contains("<h3>Gang taxi[1]: 3 places held for its members<small>", page);
        Assert.Contains("<th class=\"k\">task group</th><th class=\"n\">members</th><th class=\"n\">CPU</th>", page);
        Assert.Contains("<td class=\"k\" data-h=\"phase\">nodes bought</td><td class=\"n\" data-h=\"from\">0:20</td><td class=\"n\" data-h=\"to\">0:21</td>", page);
        Assert.Contains("for places that nobody took.", page);
    }

    [Theory]
    //          created, scheduled, running, finished, bar of ten columns for ten seconds
    [InlineData(0, 4, 6, 9, "....--### ")]
    [InlineData(2, 2, 2, 10, "  ########")]
    [InlineData(5, null, null, null, "     .....")]
    [InlineData(1, 3, null, 8, " ..-----  ")]
    public void A_bar_shows_waiting_starting_and_running(int created, int? scheduled, int? running, int? finished, string bar) =>
        Assert.Equal(bar, PodBars.Bar(
            new PodLine
            {
                Namespace = "n",
                Name = "p",
                Phase = "Running",
                CreatedAt = At(created),
                ScheduledAt = scheduled is { } s ? At(s) : null,
                RunningAt = running is { } r ? At(r) : null,
                FinishedAt = finished is { } f ? At(f) : null,
            },
            At(0),
            At(10),
            10,
            BarMarks.Plain));

    private static GangLine Gang() => new()
    {
        Application = "taxi[1]",
        Queue = "root.test",
        State = "Running",
        IsHard = true,
        Timeout = At(900),
        TimeoutIsDefault = true,
        ReservationTimedOut = false,
        Groups = [Group("driver", 1, 1), Group("executor", 2, 1)],
        Phases = [new("nodes bought", At(20), At(21.5), 2, "1 r5d.4xlarge, 1 r5d.8xlarge in us-west-2b"), new("surplus released", null, null, 0, "")],
        NodeHours = 1.25m,
        Usd = 1.5m,
        UnusedNodeHours = 0.25m,
        UnusedUsd = 0.3m,
    };

    private static GangGroupLine Group(string name, int members, int replaced) => new()
    {
        Name = name, Members = members, CpuMillis = 1200, MemoryMi = 15360, Placeholders = members, Replaced = replaced, Released = members - replaced,
    };

    private static TimeSpan At(double seconds) => TimeSpan.FromSeconds(seconds);

    private static RunReport Report() => new()
    {
        Seed = 1,
        Virtual = At(400),
        Job = new JobLine
        {
            Id = "00000003abc",
            Name = "taxi[1]",
            State = "COMPLETED",
            StateDetails = "JobRun completed successfully. It ran for 100 seconds",
            History = [new("PENDING", At(0)), new("SUBMITTED", At(5)), new("RUNNING", At(120.25)), new("COMPLETED", At(220))],
        },
        Pods =
        [
            Pod("spark-driver", "driver", 20, [new("node", At(80), "0/3 nodes are available"), new("image", At(24), null)]),
            Pod("taxi-exec-1", "executor", 130, []),
        ],
        Nodes =
        [
            new NodeLine
            {
                Name = "ip-10-1-0-4.us-west-2.compute.internal", InstanceType = "m5.xlarge", Zone = "us-west-2a", CapacityType = "on-demand", Pool = "core-node-group",
                UsdPerHour = 0.192m, ReadyAt = At(0), Usd = 0.0213m, Why = "one of the managed node group core-node-group",
            },
            new NodeLine
            {
                Name = "ip-10-1-0-5.us-west-2.compute.internal", InstanceType = "c5d.4xlarge", Zone = "us-west-2a", CapacityType = "spot", Pool = "spark-compute", IsKarpenters = true,
                UsdPerHour = 0.36m, CreatedAt = At(22), ReadyAt = At(99.96), DeletedAt = At(382), Usd = 0.036m, UsdIdle = 0.0180m,
                Pods = ["spark-driver", "taxi-exec-1"], Why = "cheapest of 2 types that fit",
            },
        ],
        Cost = new CostLine(0.036m, 0.018m, 0.036m, 0),
        Findings = [Finding.Info("right-size-memory", "memory decides"), Finding.Info(RunReport.LeftOutRule, RunReport.LeftOut)],
    };

    private static PodLine Pod(string name, string role, double created, ImmutableArray<PodWait> waits) => new()
    {
        Namespace = "team",
        Name = name,
        Role = role,
        Phase = "Succeeded",
        Node = "ip-10-1-0-5.us-west-2.compute.internal",
        InstanceType = "c5d.4xlarge",
        CpuMillis = 1000,
        MemoryMi = 14536,
        CreatedAt = At(created),
        ScheduledAt = At(created + 80),
        RunningAt = At(created + 90),
        FinishedAt = At(260),
        Waits = waits,
    };
}
