using Sparkwright.Kubernetes.Objects;
using Sparkwright.World;
using Sparkwright.World.Insight;

namespace Sparkwright.Tests.Insight;

/// <summary>What reports tell of gangs and queues, from a node of 4 cores at no price and a gang of one driver and two executors, 1 core and 1Gi each.</summary>
public sealed class GangLinesTests
{
    private readonly global::Sparkwright.World.World world = WorldBuilder.Build(new WorldSettings { Components = ["scheduler", "yunikorn"] });
    private readonly History history;

    public GangLinesTests()
    {
        history = History.Of(world);
        Apply("""
            {"apiVersion": "v1", "kind": "Node", "metadata": {"name": "n1", "labels": {"kubernetes.io/hostname": "n1", "disk": "fast"}}, "status": {"allocatable": {"cpu": "4", "memory": "16Gi", "pods": "110"}, "capacity": {"cpu": "4", "memory": "16Gi", "pods": "110"}}}
            """);
    }

    [Fact]
    public void A_gang_whose_members_all_come_takes_every_place()
    {
        Driver("placeholderTimeoutInSeconds=60");
        After(10);
        Member("e1");
        Member("e2");
        After(20);

        var gang = Gang();
        Assert.Equal("In queue root.default, held 60 s", $"In queue {gang.Queue}, held {gang.Timeout.TotalSeconds} s");
        Assert.Equal(["driver 1: 1 made, 1 replaced, 0 released", "exec 2: 2 made, 2 replaced, 0 released"], gang.Groups.Select(Say));
        Assert.Equal(
            [
                "placeholders created 2 to 2: 3", "nodes bought - to -: 0, the nodes that were there had room", "nodes ready - to -: 0", "placeholders bound 3 to 3: 3",
                "replaced by members 4 to 11: 3", "surplus released - to -: 0, none: every place was taken",
            ],
            gang.Phases.Select(Say));

        // A quarter of the node: the driver's place for 1 s, the executors' for 8 s each.
        Assert.Equal(Math.Round(17m / 4 / 3600, 9), Math.Round(gang.NodeHours, 9));
        Assert.Equal(0, gang.UnusedNodeHours);
        Assert.Empty(Findings());
    }

    [Theory]
    //          parameters, what becomes of the other executor's place
    [InlineData("placeholderTimeoutInSeconds=30", "surplus released 32 to 32: 1, their time ran out", 29)]
    [InlineData("gangSchedulingStyle=Hard", "surplus released 60 to 60: 1, nobody was left to take them", 57)]
    public void A_place_that_nobody_took_is_counted_with_its_hours_and_told(string parameters, string released, int seconds)
    {
        Driver(parameters);
        After(10);
        Member("e1");
        After(60);
        world.Api.Delete(CoreTypes.Pod, new ObjectKey("default", "e1"));
        world.Api.Delete(CoreTypes.Pod, new ObjectKey("default", "driver"));
        After(120);

        var gang = Gang();
        Assert.Equal("exec 2: 2 made, 1 replaced, 1 released", Say(gang.Groups[1]));
        Assert.Equal(released, Say(gang.Phases[^1]));
        Assert.Equal(Math.Round(seconds / 4m / 3600, 4), Math.Round(gang.UnusedNodeHours, 4));
        Assert.Contains("1 place of 3 held for its members was never taken", Assert.Single(Findings(), finding => finding.Rule == "yunikorn-places-not-taken").Message);
    }

    [Theory]
    [InlineData("Hard", "with gangSchedulingStyle Hard its pods fail", "the job fails (Hard)")]
    [InlineData("Soft", "with gangSchedulingStyle Soft it goes on without", "the job goes on without (Soft)")]
    public void A_reservation_that_timed_out_is_an_error_with_what_it_had(string style, string becomes, string remark)
    {
        Driver($"placeholderTimeoutInSeconds=30 gangSchedulingStyle={style}", executors: 5);
        After(60);

        Assert.True(Gang().ReservationTimedOut);
        Assert.Contains(remark, Gang().Phases[^1].Detail);
        var told = Assert.Single(Findings(), finding => finding.Rule == "yunikorn-reservation-timeout");
        Assert.Equal(("error", true), (told.Severity, told.Message.Contains(becomes, StringComparison.Ordinal)));
        Assert.Contains("4 placeholders of 6 had a place when the time for the reservation (30 s from the first place on, at 3.0 s) ran out", told.Message);
    }

    [Fact]
    public void A_member_larger_than_its_placeholder_gives_up_the_group_and_is_named()
    {
        Driver("");
        After(10);
        Member("e1", memory: "2Gi");
        After(20);

        Assert.Equal("exec 2: 2 made, 0 replaced, 2 released", Say(Gang().Groups[1]));
        Assert.Equal("a member is larger than its placeholder: all places of its group go", Gang().Phases[^1].Detail);
        Assert.Contains("e1 asks for 1000m and 2048Mi, its placeholders in exec for 1000m and 1024Mi", Assert.Single(Findings(), finding => finding.Rule == "yunikorn-placeholder-too-small").Message);
    }

    [Fact]
    public void Placeholders_that_ask_for_other_nodes_than_their_members_are_told()
    {
        Driver("");
        After(10);
        Member("e1", selector: """{"disk": "fast"}""");
        After(20);

        Assert.Contains(
            "placeholders of exec do not ask for a node with disk=fast",
            Assert.Single(Findings(), finding => finding.Rule == "yunikorn-placeholder-selector").Message);
    }

    [Theory]
    //          word, when the executors come, what is told of it
    [InlineData("placeholderTimeoutSeconds=30", 10, "The default of 15 minutes is in force, from the first placeholder's place on. Had 30 s been in force, the time would have run out at 33.0 s, when every place was taken already.")]
    [InlineData("placeholderTimeoutSeconds=30", 50, "the time would have run out at 33.0 s, when all placeholders had their places but not all members had come (replaced by members until 51.0 s)")]
    [InlineData("gangSchedulingStile=Hard", 10, "Did you mean 'gangSchedulingStyle'?")]
    [InlineData("no-such-word", 10, "has no effect; known are placeholderTimeoutInSeconds and gangSchedulingStyle.")]
    public void A_word_that_means_nothing_is_told_with_what_is_in_force_instead(string word, int executorsAt, string told)
    {
        Driver(word);
        After(executorsAt);
        Member("e1");
        Member("e2");
        After(executorsAt + 10);

        Assert.Contains(told, Assert.Single(Findings(), finding => finding.Rule == "yunikorn-unknown-parameter").Message);
        Assert.True(Gang().TimeoutIsDefault);
    }

    [Fact]
    public void A_misspelt_time_that_would_have_ended_the_reservation_says_so()
    {
        Driver("placeholderTimeoutSeconds=30 gangSchedulingStyle=Hard", executors: 5);
        After(60);
        Apply("""
            {"apiVersion": "v1", "kind": "Node", "metadata": {"name": "n2", "labels": {"kubernetes.io/hostname": "n2"}}, "status": {"allocatable": {"cpu": "4", "memory": "16Gi", "pods": "110"}, "capacity": {"cpu": "4", "memory": "16Gi", "pods": "110"}}}
            """);
        After(70);

        Assert.Contains(
            "before the last placeholder had its place at 60.0 s: the job would have failed (gangSchedulingStyle Hard).",
            Assert.Single(Findings(), finding => finding.Rule == "yunikorn-unknown-parameter").Message);
    }

    [Fact]
    public void A_restart_of_the_engine_or_of_the_scheduler_changes_nothing_that_is_told_of_members()
    {
        Driver("placeholderTimeoutInSeconds=600");
        After(6);
        world.RebuildFromJournal();
        After(10);
        Member("e1");
        After(15);
        world.YuniKorn!.Restart();
        Member("e2");
        After(30);

        Assert.Equal(["driver 1: 1 made, 1 replaced, 0 released", "exec 2: 2 made, 2 replaced, 0 released"], Gang().Groups.Select(Say));
    }

    [Fact]
    public void Pods_that_a_quota_holds_back_are_told_with_the_queue_and_who_fills_it()
    {
        Apply("""
            {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "yunikorn-configs", "namespace": "yunikorn"}, "data": {"queues.yaml": "partitions: [{name: default, queues: [{name: root, submitacl: '*', queues: [{name: default, resources: {max: {memory: 3G, vcore: 2500m}}}]}]}]"}}
            """);
        After(1);
        foreach (var name in new[] { "a", "b", "c", "d" })
        {
            Plain(name);
        }

        After(20);
        var report = Report();
        var wait = Assert.Single(report.Waits);
        Assert.Equal(["default/c", "default/d"], wait.Pods.Order(StringComparer.Ordinal));
        Assert.Equal(("queue", true), (wait.Pools[0].Rule, wait.StillWaits));
        Assert.Equal("root.default may have 3 GB memory and 2.5 vcore and had 2.1 GB memory and 2 vcore; each pod asks for 1.1 GB memory and 1 vcore", wait.Pools[0].Why);
        Assert.Equal(["queue", "queue"], report.Pods.Where(pod => pod.ScheduledAt is null).Select(pod => pod.Waits[0].For));
        Assert.Contains("held 2.1 GB memory and 2 vcore for 2 pods in default", Assert.Single(report.Findings, finding => finding.Rule == "yunikorn-queue-full").Message);
    }

    [Fact]
    public void Pods_that_wait_for_a_node_are_not_told_to_wait_for_a_queue()
    {
        for (var at = 0; at < 6; at++)
        {
            Plain($"p{at}");
        }

        After(20);
        Assert.DoesNotContain(Report().Findings, finding => finding.Rule == "yunikorn-queue-full");
        Assert.Equal(["node", "node"], Report().Pods.Where(pod => pod.ScheduledAt is null).Select(pod => pod.Waits[0].For));
    }

    private RunReport Report() => ReportBuilder.Build(history, new ReportRequest { YuniKorn = world.YuniKorn });

    private GangLine Gang() => Assert.Single(Report().Gangs);

    private List<Finding> Findings() => [.. Report().Findings.Where(finding => finding.Rule.StartsWith("yunikorn", StringComparison.Ordinal))];

    private static string Say(GangGroupLine group) => $"{group.Name} {group.Members}: {group.Placeholders} made, {group.Replaced} replaced, {group.Released} released";

    private static string Say(GangPhaseLine phase) =>
        $"{phase.Phase} {phase.From?.TotalSeconds.ToString("0") ?? "-"} to {phase.To?.TotalSeconds.ToString("0") ?? "-"}: {phase.Count}{(phase.Detail.Length == 0 ? "" : ", " + phase.Detail)}";

    private void After(double seconds) => world.Loop.RunUntil(world.Clock.Start.AddSeconds(seconds));

    private void Driver(string parameters, int executors = 2)
    {
        var groups = $$$$"""[{\"name\": \"driver\", \"minMember\": 1, \"minResource\": {\"cpu\": \"1\", \"memory\": \"1Gi\"}}, {\"name\": \"exec\", \"minMember\": {{{{executors}}}}, \"minResource\": {\"cpu\": \"1\", \"memory\": \"1Gi\"}}]""";
        Apply($$$$"""{"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "driver", "labels": {"applicationId": "gang"}, "annotations": {"yunikorn.apache.org/task-group-name": "driver", "yunikorn.apache.org/schedulingPolicyParameters": "{{{{parameters}}}}", "yunikorn.apache.org/task-groups": "{{{{groups}}}}"}}, "spec": {{{{Spec("1Gi", "{}")}}}}}""");
    }

    private void Member(string name, string memory = "1Gi", string selector = "{}") =>
        Apply($$$$"""{"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "{{{{name}}}}", "labels": {"applicationId": "gang"}, "annotations": {"yunikorn.apache.org/task-group-name": "exec"}}, "spec": {{{{Spec(memory, selector)}}}}}""");

    private void Plain(string name) => Apply($$$$"""{"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "{{{{name}}}}"}, "spec": {{{{Spec("1Gi", "{}")}}}}}""");

    private static string Spec(string memory, string selector) =>
        $$$$"""{"nodeSelector": {{{{selector}}}}, "containers": [{"name": "main", "image": "busybox", "resources": {"requests": {"cpu": "1", "memory": "{{{{memory}}}}"}}}]}""";

    private void Apply(string json)
    {
        var applied = world.Apply(Yaml.Read(json));
        Assert.True(applied.IsAccepted, applied.Message);
    }
}
