using Sparkwright.Kubernetes.Objects;
using Sparkwright.World;
using Sparkwright.World.Nodes;

namespace Sparkwright.Tests.World.Nodes;

public sealed class KubeletTests
{
    private const string OnN1 = """{"nodeName":"n1","restartPolicy":"Never"}""";

    /// <summary>Pull 10 s, sandbox 1 s, start of a container 0.5 s, stop 0.5 s.</summary>
    private static readonly ModelFigures Fixed = ModelFigures.With(new ModelFigures(), SmallCluster.Json(
        """{"imagePull":"10s","podSandbox":"1s","containerStart":"500ms","containerStop":"500ms"}""")).Figures;

    [Fact]
    public void A_pod_goes_through_sandbox_pull_create_start_and_end()
    {
        var world = Begin();
        world.Node("n1");
        world.Pod("p", spec: OnN1, annotations: """{"sparkwright.dev/run-for":"60s","sparkwright.dev/exit-code":"3"}""");
        world.RunFor(11.4);
        Assert.Equal("Pending", world.PhaseOf("p"));
        Assert.Equal("ContainerCreating", Entry(world, "p").At("state", "waiting", "reason")?.Text);
        world.RunFor(0.1);
        Assert.Equal("Running", world.PhaseOf("p"));
        Assert.All(new[] { "PodReadyToStartContainers", "Initialized", "ContainersReady", "Ready" }, type => Assert.True(Conditions.IsTrue(world.Get("p").Status, type)));
        Assert.NotNull(world.Get("p").Status["podIP"]?.Text);
        Assert.Equal(
            [
                "Created: Created container: c", "Pulled: Successfully pulled image \"app\" in 10s (10s including waiting).", "Pulling: Pulling image \"app\"", "Started: Started container c",
            ],
            world.EventsOf("p").Order(StringComparer.Ordinal));
        world.RunFor(60);
        Assert.Equal("Failed", world.PhaseOf("p"));
        Assert.Equal((3, "Error"), ((int)Entry(world, "p").At("state", "terminated", "exitCode")!.Integer!.Value, Entry(world, "p").At("state", "terminated", "reason")?.Text));
        Assert.False(Conditions.IsTrue(world.Get("p").Status, "Ready"));
    }

    [Fact]
    public void An_image_is_pulled_once_for_all_pods_of_a_node()
    {
        var world = Begin();
        world.Node("n1");
        world.Pod("first", spec: OnN1);
        world.RunFor(5);
        world.Pod("second", spec: OnN1);
        world.RunFor(6.5);
        Assert.Equal(["Running", "Running"], new[] { "first", "second" }.Select(world.PhaseOf));
        world.Pod("third", spec: OnN1);
        world.RunFor(1.5);
        Assert.Equal("Running", world.PhaseOf("third"));
        Assert.Contains("Pulled: Container image \"app\" already present on machine", world.EventsOf("third"));
        Assert.Contains("Pulled: Successfully pulled image \"app\" in 5s (5s including waiting).", world.EventsOf("second"));
        Assert.Equal("app", world.Api.Get(CoreTypes.Node, "", "n1")!.Status["images"]!.Items[0]["names"]!.Items[0].Text);
    }

    [Fact]
    public void A_missing_host_directory_holds_the_pod_with_FailedMount()
    {
        var world = Begin(new Directories("/data"));
        world.Node("n1");
        world.Pod("p", spec: """{"nodeName":"n1","volumes":[{"name":"spark","hostPath":{"path":"/local1","type":"Directory"}}]}""");
        world.Pod("q", spec: """{"nodeName":"n1","volumes":[{"name":"spark","hostPath":{"path":"/data","type":"Directory"}}]}""");
        world.RunFor(600);
        Assert.Equal(["Pending", "Running"], new[] { "p", "q" }.Select(world.PhaseOf));
        Assert.Equal(["FailedMount: MountVolume.SetUp failed for volume \"spark\" : hostPath type check failed: /local1 is not a directory"], world.EventsOf("p"));
    }

    [Fact]
    public void A_config_map_that_appears_later_lets_the_pod_start()
    {
        var world = Begin();
        world.Node("n1");
        world.Pod("p", spec: """{"nodeName":"n1","volumes":[{"name":"conf","configMap":{"name":"m"}}]}""");
        List<double> tries = [];
        world.Store.Watch(CoreTypes.Event, change => tries.Add(world.Clock.Elapsed.TotalSeconds));
        world.RunFor(10);
        Assert.Equal([0, 0.5, 1.5, 3.5, 7.5], tries);
        Assert.Equal(["FailedMount: MountVolume.SetUp failed for volume \"conf\" : configmap \"m\" not found"], world.EventsOf("p"));
        world.Api.Create(new ApiObject(CoreTypes.ConfigMap, new ObjectMeta { Name = "m", Namespace = "default" }, TreeMap.Empty));
        world.RunFor(30);
        Assert.Equal("Running", world.PhaseOf("p"));
    }

    [Fact]
    public void Init_containers_run_in_order_and_side_cars_keep_running()
    {
        var world = Begin();
        world.Node("n1");
        world.Pod("p", spec:
            """{"nodeName":"n1","initContainers":[{"name":"one","image":"app","command":["sleep","5"]},{"name":"side","image":"app","restartPolicy":"Always"},{"name":"two","image":"app","command":["true"]}]}""");
        world.RunFor(16);
        Assert.NotNull(InitEntry(world, 0).At("state", "running"));
        Assert.Equal("PodInitializing", Entry(world, "p").At("state", "waiting", "reason")?.Text);
        Assert.False(Conditions.IsTrue(world.Get("p").Status, "Initialized"));
        world.RunFor(2);
        Assert.Equal("Running", world.PhaseOf("p"));
        Assert.Equal("Completed", InitEntry(world, 0).At("state", "terminated", "reason")?.Text);
        Assert.NotNull(InitEntry(world, 1).At("state", "running"));
        Assert.Equal("Completed", InitEntry(world, 2).At("state", "terminated", "reason")?.Text);
        Assert.True(Conditions.IsTrue(world.Get("p").Status, "Initialized"));
    }

    [Fact]
    public void A_failed_init_container_ends_a_pod_that_never_restarts()
    {
        var world = Begin();
        world.Node("n1");
        world.Pod("p", spec: """{"nodeName":"n1","restartPolicy":"Never","initContainers":[{"name":"one","image":"app","command":["false"]}]}""");
        world.RunFor(60);
        Assert.Equal("Failed", world.PhaseOf("p"));
        Assert.Empty(world.Store.List(NodeTypes.PodStart));
    }

    [Fact]
    public void A_container_that_keeps_failing_is_restarted_with_a_growing_back_off()
    {
        var world = Begin();
        world.Node("n1");
        world.Pod("p", spec: """{"nodeName":"n1","containers":[{"name":"c","image":"app","command":["false"]}]}""");
        List<(long Restarts, double At)> restarts = [];
        world.Store.Watch(CoreTypes.Pod, change =>
        {
            var count = Tree.ItemsOf(change.Object.Status["containerStatuses"]) is [var entry, ..] ? entry["restartCount"]?.Integer ?? 0 : 0;
            if (restarts.Count < count)
            {
                restarts.Add((count, world.Clock.Elapsed.TotalSeconds));
            }
        });
        world.RunFor(1000);

        // The container ends at once; the first restart follows immediately, the next ones after 10, 20, 40, 80, 160 and 300 s.
        Assert.Equal([10, 20, 40, 80, 160, 300], restarts.Zip(restarts.Skip(1), (one, next) => Math.Round(next.At - one.At)).Take(6));
        Assert.Equal("CrashLoopBackOff", Entry(world, "p").At("state", "waiting", "reason")?.Text);
        Assert.Equal("Running", world.PhaseOf("p"));
        Assert.Contains($"BackOff: Back-off restarting failed container c in pod p_default({world.Get("p").Metadata.Uid})", world.EventsOf("p"));
    }

    [Fact]
    public void A_deleted_pod_stops_and_is_gone()
    {
        var world = Begin();
        world.Node("n1");
        world.Pod("p", spec: OnN1);
        world.RunFor(60);
        world.Api.Delete(CoreTypes.Pod, new ObjectKey("default", "p"));
        world.RunFor(0.4);
        Assert.NotNull(world.Find("p")?.Metadata.DeletionTimestamp);
        Assert.Contains("Killing: Stopping container c", world.EventsOf("p"));
        world.RunFor(0.1);
        Assert.Null(world.Find("p"));
    }

    [Fact]
    public void A_pod_deleted_while_it_starts_leaves_nothing_behind()
    {
        var world = Begin();
        world.Node("n1");
        world.Pod("p", spec: OnN1);
        world.RunFor(5);
        Assert.Single(world.Store.List(NodeTypes.PodStart));
        world.Api.Delete(CoreTypes.Pod, new ObjectKey("default", "p"));
        world.RunFor(0);
        Assert.Null(world.Find("p"));
        Assert.Empty(world.Store.List(NodeTypes.PodStart));
    }

    [Fact]
    public void Nothing_runs_on_a_node_that_is_not_ready()
    {
        var world = Begin();
        world.Api.Create(SmallCluster.MakeNode("n1").Set(["spec", "providerID"], "aws:///us-west-2a/i-0"));
        world.Pod("p", spec: OnN1);
        world.RunFor(60);
        Assert.Equal("Pending", world.PhaseOf("p"));
        Assert.Null(world.Get("p").Status["startTime"]);
    }

    /// <summary>Whatever the moment of a restart, the pods end up the same at the same times.</summary>
    [Theory]
    [InlineData(0.2)]
    [InlineData(1.2)]
    [InlineData(7)]
    [InlineData(11.2)]
    [InlineData(14)]
    [InlineData(17)]
    [InlineData(40)]
    public void A_restart_loses_no_progress(double at)
    {
        Assert.Equal(History(null), History(at));

        static string[] History(double? restartAt)
        {
            List<string> history = [];
            var world = Begin();
            Listen(world, history);
            world.Node("n1");
            world.Pod("p", spec: """{"nodeName":"n1","restartPolicy":"OnFailure","initContainers":[{"name":"i","image":"app","command":["sleep","5"]}],"containers":[{"name":"c","image":"app","command":["sh","-c","sleep 8; false"]},{"name":"d","image":"other","command":["sleep","70"]}]}""");
            world.Pod("q", spec: OnN1);
            if (restartAt is { } moment)
            {
                world.RunFor(moment);
                world = Begin(restartOf: world);
                Listen(world, history);
            }

            world.RunFor(200 - world.Clock.Elapsed.TotalSeconds);
            return [.. history];
        }

        static void Listen(SmallCluster world, List<string> history) =>
            world.Store.Watch(CoreTypes.Pod, change => history.Add($"{world.Clock.Elapsed} {change.Object.Name} {change.Object.Status}"));
    }

    private static SmallCluster Begin(INodeFiles? files = null, SmallCluster? restartOf = null)
    {
        var world = new SmallCluster(restartOf: restartOf);
        _ = new NodeBoot(world.Loop, world.Api, "1.33", new ModelFigures());
        _ = new Kubelet(world.Loop, world.Api, Fixed, files ?? new Directories(null), [new ShellProgram()]);
        return world;
    }

    private static Tree Entry(SmallCluster world, string pod) => world.Get(pod).Status["containerStatuses"]!.Items[0];

    private static Tree InitEntry(SmallCluster world, int at) => world.Get("p").Status["initContainerStatuses"]!.Items[at];

    /// <summary>Nodes with one directory, or with every one.</summary>
    private sealed class Directories(string? only) : INodeFiles
    {
        public bool HasDirectory(ApiObject node, string path) => only is null || path == only;
    }
}
