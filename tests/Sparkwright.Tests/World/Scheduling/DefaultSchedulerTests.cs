using Sparkwright.Kubernetes.Fitting;
using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Requests;
using Sparkwright.Simulation;
using Sparkwright.World.Scheduling;

namespace Sparkwright.Tests.World.Scheduling;

public sealed class DefaultSchedulerTests
{
    private static (SmallCluster World, DefaultScheduler Scheduler) Begin(long seed = 1)
    {
        var world = new SmallCluster(seed);
        return (world, new DefaultScheduler(world.Loop, world.Api));
    }

    [Fact]
    public void A_bound_pod_has_its_condition_and_event()
    {
        var (world, _) = Begin();
        world.Node("n1");
        world.Pod("p");
        world.RunFor(0);
        Assert.Equal("n1", world.NodeOf("p"));
        Assert.True(Conditions.IsTrue(world.Get("p").Status, "PodScheduled"));
        Assert.Equal(["Scheduled: Successfully assigned default/p to n1"], world.EventsOf("p"));
    }

    [Fact]
    public void Equal_pods_are_spread()
    {
        var (world, _) = Begin();
        world.Node("n1");
        world.Node("n2");
        world.Node("n3");
        foreach (var at in Enumerable.Range(0, 6))
        {
            world.Pod("p" + at);
        }

        world.RunFor(0);
        Assert.All(Enumerable.Range(0, 6).CountBy(at => world.NodeOf("p" + at)), node => Assert.Equal(2, node.Value));
    }

    [Fact]
    public void Ties_are_drawn_by_the_seed()
    {
        string[] chosen = [.. Enumerable.Range(0, 30).Select(seed =>
        {
            var (world, _) = Begin(seed);
            world.Node("n1");
            world.Node("n2");
            world.Pod("p");
            world.RunFor(0);
            return world.NodeOf("p");
        })];
        Assert.Equal(["n1", "n2"], chosen.Distinct().Order(StringComparer.Ordinal));
    }

    [Fact]
    public void The_higher_priority_goes_first_and_then_the_older()
    {
        var (world, _) = Begin();
        world.Pod("old", spec: """{"priority":1}""");
        world.RunFor(1);
        world.Pod("young", spec: """{"priority":1}""");
        world.Pod("urgent", spec: """{"priority":5}""");
        world.RunFor(60);
        world.Node("n1", """{"cpu":"2","memory":"8Gi","pods":"10"}""");
        world.RunFor(11);
        Assert.Equal(["n1", "n1", "-"], new[] { "urgent", "old", "young" }.Select(world.NodeOf));
    }

    [Fact]
    public void A_pod_that_fits_nowhere_says_why_and_is_tried_again_when_a_node_comes()
    {
        var (world, _) = Begin();
        world.Pod("p");
        world.RunFor(0);
        Assert.Equal("no nodes available to schedule pods", Conditions.Find(world.Get("p").Status, "PodScheduled")?["message"]?.Text);
        world.Node("small", """{"cpu":"500m","memory":"8Gi","pods":"10"}""");
        world.Node("tainted", spec: """{"taints":[{"key":"x","value":"true","effect":"NoSchedule"}]}""");
        world.RunFor(5);
        var condition = Conditions.Find(world.Get("p").Status, "PodScheduled");
        Assert.Equal(
            "0/2 nodes are available: 1 Insufficient cpu, 1 node(s) had untolerated taint {x: true}. preemption: 0/2 nodes are available: 2 Preemption is not helpful for scheduling.",
            condition?["message"]?.Text);
        Assert.Equal(("False", "Unschedulable"), (condition?["status"]?.Text, condition?["reason"]?.Text));
        world.Node("big");
        world.RunFor(5);
        Assert.Equal("big", world.NodeOf("p"));
    }

    [Fact]
    public void Back_off_doubles_from_one_second_to_ten()
    {
        // Each new node is large enough, which is what the small one was not; that its taint keeps the pod away is found out by trying.
        var (world, _) = Begin();
        world.Node("small", """{"cpu":"500m","memory":"8Gi","pods":"10"}""");
        world.Pod("p");
        List<double> tries = [];
        world.Store.Watch(CoreTypes.Event, change =>
        {
            if (change.Object.Body["reason"]?.Text == "FailedScheduling")
            {
                tries.Add(world.Clock.Elapsed.TotalSeconds);
            }
        });
        foreach (var at in Enumerable.Range(0, 60))
        {
            world.RunFor(0.5);
            world.Node($"n{at}", spec: """{"taints":[{"key":"x","effect":"NoSchedule"}]}""");
        }

        world.RunFor(0);
        Assert.Equal([0, 1, 3, 7, 15, 25], tries);
    }

    [Fact]
    public void A_change_that_cannot_help_wakes_nobody()
    {
        var (world, _) = Begin();
        world.Node("small", """{"cpu":"500m","memory":"8Gi","pods":"10"}""");
        world.Pod("p");
        world.RunFor(20);
        world.Node("small-too", """{"cpu":"500m","memory":"8Gi","pods":"10"}""");
        world.RunFor(20);
        Assert.Equal(1, Assert.Single(world.Store.List(CoreTypes.Event)).Body["count"]?.Integer);
    }

    [Fact]
    public void A_waiting_pod_is_tried_again_at_the_first_look_after_more_than_five_minutes()
    {
        var (world, _) = Begin();
        world.Pod("p");
        world.RunFor(329);
        Assert.Equal(1, Assert.Single(world.Store.List(CoreTypes.Event)).Body["count"]?.Integer);
        world.RunFor(2);
        Assert.Equal(2, Assert.Single(world.Store.List(CoreTypes.Event)).Body["count"]?.Integer);
    }

    [Fact]
    public void Pods_of_one_priority_are_tried_in_the_order_of_their_arrival()
    {
        var (world, _) = Begin();
        world.Node("n1", """{"cpu":"1","memory":"8Gi","pods":"10"}""");
        world.Pod("z");
        world.Pod("a");
        world.RunFor(1);
        Assert.Equal("n1 -", $"{world.NodeOf("z")} {world.NodeOf("a")}");
    }

    [Fact]
    public void Room_that_becomes_free_is_used()
    {
        var (world, _) = Begin();
        world.Node("n1", """{"cpu":"1","memory":"8Gi","pods":"10"}""");
        world.Pod("first");
        world.RunFor(0);
        world.Pod("second");
        world.RunFor(60);
        Assert.Equal("-", world.NodeOf("second"));
        world.Api.ModifyStatus(CoreTypes.Pod, new ObjectKey("default", "first"), status => status.With("phase", "Succeeded"));
        world.RunFor(0);
        Assert.Equal("n1", world.NodeOf("second"));
    }

    [Theory]
    [InlineData("""{"schedulerName":"yunikorn"}""", null)]
    [InlineData("""{"schedulingGates":[{"name":"wait"}]}""", "SchedulingGated")]
    public void Pods_of_others_and_gated_ones_are_left_alone(string spec, string? reason)
    {
        var (world, _) = Begin();
        world.Node("n1");
        world.Pod("p", spec: spec);
        world.RunFor(60);
        Assert.Equal("-", world.NodeOf("p"));
        Assert.Equal(reason, Conditions.Find(world.Get("p").Status, "PodScheduled")?["reason"]?.Text);
    }

    [Fact]
    public void A_gate_that_opens_lets_the_pod_in()
    {
        var (world, _) = Begin();
        world.Node("n1");
        world.Pod("p", spec: """{"schedulingGates":[{"name":"wait"}]}""");
        world.RunFor(60);
        world.Api.Modify(CoreTypes.Pod, new ObjectKey("default", "p"), pod => pod.Set(["spec", "schedulingGates"], null));
        world.RunFor(0);
        Assert.Equal("n1", world.NodeOf("p"));
    }

    [Fact]
    public void A_pod_pinned_by_name_goes_there_or_nowhere()
    {
        const string Pinned = """{"affinity":{"nodeAffinity":{"requiredDuringSchedulingIgnoredDuringExecution":{"nodeSelectorTerms":[{"matchFields":[{"key":"metadata.name","operator":"In","values":["n2"]}]}]}}}}""";
        var (world, _) = Begin();
        world.Node("n1");
        world.Node("n2", """{"cpu":"1","memory":"8Gi","pods":"10"}""");
        world.Node("n3");
        world.Pod("p", spec: Pinned);
        world.Pod("q", spec: Pinned);
        world.RunFor(0);
        Assert.Equal("n2", world.NodeOf("p"));
        Assert.Equal(
            "0/3 nodes are available: 1 Insufficient cpu, 2 node(s) didn't satisfy plugin(s) [NodeAffinity]. "
            + "preemption: 0/3 nodes are available: 1 No preemption victims found for incoming pod, 2 Preemption is not helpful for scheduling.",
            Conditions.Find(world.Get("q").Status, "PodScheduled")?["message"]?.Text);
    }

    [Fact]
    public void Wishes_outweigh_free_room()
    {
        var (world, _) = Begin();
        world.Node("full", labels: """{"disk":"ssd"}""");
        world.Node("soft", spec: """{"taints":[{"key":"x","effect":"PreferNoSchedule"}]}""", labels: """{"disk":"ssd"}""");
        world.Node("empty");
        world.Pod("there", """{"cpu":"2","memory":"4Gi"}""", """{"nodeSelector":{"disk":"ssd"},"tolerations":[{"operator":"Exists"}],"nodeName":"full"}""");
        world.Pod("p", spec: """{"affinity":{"nodeAffinity":{"preferredDuringSchedulingIgnoredDuringExecution":[{"weight":1,"preference":{"matchExpressions":[{"key":"disk","operator":"Exists"}]}}]}}}""");
        world.RunFor(0);
        Assert.Equal("full", world.NodeOf("p"));
    }

    /// <summary>What classes remember must never differ from looking at every node for every pod.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Remembered_answers_equal_fresh_ones(int seed)
    {
        var (world, _) = Begin(seed);
        var chance = new Chance(seed);
        string[] kinds =
        [
            "{}",
            """{"nodeSelector":{"zone":"a"}}""",
            """{"affinity":{"nodeAffinity":{"preferredDuringSchedulingIgnoredDuringExecution":[{"weight":10,"preference":{"matchExpressions":[{"key":"zone","operator":"In","values":["b"]}]}}]}}}""",
            """{"containers":[{"name":"c","ports":[{"containerPort":1,"hostPort":1}]}]}""",
        ];
        for (var round = 0; round < 400; round++)
        {
            var draw = chance.For("test/round", round);
            var node = "n" + draw.Next.Below(12);
            switch (draw.Below(8))
            {
                case 0:
                    world.Api.Create(SmallCluster.MakeNode(node, spec: draw.Next.Next.Below(3) == 0 ? """{"taints":[{"key":"x","effect":"PreferNoSchedule"}]}""" : "{}", labels: draw.Next.Next.Next.Below(2) == 0 ? """{"zone":"a"}""" : """{"zone":"b"}"""));
                    break;
                case 1:
                    world.Api.Modify(CoreTypes.Node, new ObjectKey("", node), known => known.Set(["spec", "unschedulable"], draw.Next.Next.Below(2) == 0));
                    break;
                case 2:
                    if (world.Store.List(CoreTypes.Pod) is { Count: > 0 } pods)
                    {
                        world.Api.Delete(CoreTypes.Pod, pods[(int)draw.Next.Below(pods.Count)].Key, new DeleteOptions { GracePeriodSeconds = 0 });
                    }

                    break;
                default:
                    world.RunFor(0);
                    world.Pod("p" + round, spec: kinds[draw.Next.Next.Below(kinds.Length)]);
                    var pod = world.Get("p" + round);
                    var expected = Fresh(world, pod);
                    world.RunFor(0);
                    Assert.Equal(expected, world.NodeOf("p" + round));
                    break;
            }
        }
    }

    private static string Fresh(SmallCluster world, ApiObject pod)
    {
        var spec = PodSpecView.Of(pod);
        List<NodeState> feasible = [];
        foreach (var node in world.Store.List(CoreTypes.Node))
        {
            var state = new NodeState(NodeView.Of(node));
            foreach (var there in world.Store.List(CoreTypes.Pod).Where(known => known.Spec["nodeName"]?.Text == node.Name))
            {
                state.Add(there);
            }

            if (Filters.Check(spec, state) is null)
            {
                feasible.Add(state);
            }
        }

        if (feasible.Count == 0)
        {
            return "-";
        }

        var scores = Scores.Of(spec, feasible);
        var best = feasible.Where((_, at) => scores[at] == scores.Max()).ToArray();
        return best[(int)world.Api.Chance.For("scheduler/tie", pod.Metadata.Uid).Below(best.Length)].View.Name;
    }
}
