using Sparkwright.Tests.Karpenter.InstanceTypes;
using Sparkwright.World.Karpenter;
using Sparkwright.World.Karpenter.InstanceTypes;
using Sparkwright.World.Karpenter.Solver;
using static Sparkwright.Tests.Karpenter.Solver.Rounds;

namespace Sparkwright.Tests.Karpenter.Solver;

public sealed class PackingSolverTests
{
    [Theory]
    //          pods  cpu     plan
    [InlineData(1, "100m", "default[c5.2xlarge c5.large c5.xlarge]: w-0")]
    [InlineData(2, "1200m", "default[c5.2xlarge c5.xlarge]: w-0 w-1")]
    [InlineData(6, "1200m", "default[c5.2xlarge]: w-0 w-1 w-2 w-3 w-4 w-5")]
    [InlineData(7, "1200m", "default[c5.2xlarge]: w-0 w-1 w-2 w-3 w-4 w-5 | default[c5.2xlarge c5.large c5.xlarge]: w-6")]
    [InlineData(1, "8", "waits: w-0")]
    public void Pods_are_packed_together_as_long_as_one_type_can_carry_them(int pods, string cpu, string plan) =>
        Assert.Equal(plan, Say(Solve([Pool()], Pods("w", pods, $"{{cpu: {cpu}}}"))));

    [Fact]
    public void The_blueprints_driver_and_executors_need_what_the_worked_example_says()
    {
        var pool = Pool(requirements: "node.kubernetes.io/instance-type In c5d.large,c5d.xlarge,c5d.2xlarge,c5d.4xlarge,c5d.9xlarge; topology.kubernetes.io/zone In us-west-2a");
        const string requests = "{cpu: 1, memory: 14536Mi}";
        Assert.Equal("default[c5d.4xlarge c5d.9xlarge]: driver-0", Say(Solve([pool], Pods("driver", 1, requests))));
        Assert.Equal(
            "default[c5d.9xlarge]: exec-0 exec-1 exec-2 exec-3 | default[c5d.9xlarge]: exec-4 exec-5",
            Say(Solve([pool], Pods("exec", 6, requests))));
    }

    [Fact]
    public void The_largest_pods_go_first_and_then_the_oldest() => Assert.Equal(
        "n: b-0 a-0 a-1 | waits: c-0",
        Say(Solve([], [.. Pods("c", 1, "{cpu: 100m, memory: 1Gi}"), .. Pods("a", 2, "{cpu: 1, memory: 1Gi}"), .. Pods("b", 1, "{cpu: 1, memory: 2Gi}")], Node("n", "{cpu: 3, memory: 9Gi, pods: 9}"))));

    [Fact]
    public void Existing_nodes_come_first_in_their_order() => Assert.Equal(
        "n1: w-0 | n2: w-1 w-2 | default[c5.2xlarge c5.large c5.xlarge]: w-3",
        Say(Solve([Pool()], Pods("w", 4, "{cpu: 1}"), Node("n1", "{cpu: 1, pods: 9}"), Node("n2", "{cpu: 2, pods: 9}"))));

    [Theory]
    [InlineData("team In a", "", "{nodeSelector: {team: a}}", true)]
    [InlineData("team In a", "", "{nodeSelector: {team: b}}", false)]
    [InlineData("", "", "{nodeSelector: {topology.kubernetes.io/zone: us-west-2a}}", false)]
    [InlineData("", "spark:NoSchedule", "{}", false)]
    [InlineData("", "spark:NoSchedule", "{tolerations: [{key: spark, operator: Exists}]}", true)]
    [InlineData("", "spark:PreferNoSchedule", "{}", false)]
    public void An_existing_node_takes_a_pod_that_its_labels_and_taints_admit(string labels, string taints, string spec, bool takes) =>
        Assert.Equal(takes ? "n: w-0" : "waits: w-0", Say(Solve([], Pods("w", 1, "{cpu: 1}", spec), Node("n", "{cpu: 9, memory: 9Gi, pods: 9}", labels, taints))));

    [Fact]
    public void The_planned_node_with_the_fewest_pods_is_asked_first()
    {
        // Ports keep the first two pods apart; the others then alternate.
        var apart = Pods("port", 2, "{cpu: 1100m}", "{containers: [{name: c, ports: [{hostPort: 80}], resources: {requests: {cpu: 1100m}}}]}");
        Assert.Equal(
            "default[c5.2xlarge c5.xlarge]: port-0 w-0 w-2 | default[c5.2xlarge c5.xlarge]: port-1 w-1",
            Say(Solve([Pool()], [.. apart, .. Pods("w", 3, "{cpu: 900m}")])));
    }

    [Theory]
    //          a           b           who serves
    [InlineData("", "", "a")]
    [InlineData("spark:NoSchedule", "", "b")]
    [InlineData("spark:NoSchedule", "spark:NoSchedule", "")]
    public void The_first_pool_that_works_serves(string taintsOfA, string taintsOfB, string serves)
    {
        var plan = Solve([Pool("a", taints: taintsOfA), Pool("b", taints: taintsOfB)], Pods("w", 1, "{cpu: 1}"));
        Assert.Equal(serves, string.Join(' ', plan.Claims.Select(claim => claim.Pool.Name)));
        Assert.Equal(serves == "b" ? 1 : 0, plan.Claims.Sum(claim => claim.Refused.Length));
    }

    [Fact]
    public void A_node_in_planning_is_asked_before_a_heavier_pool_opens_another()
    {
        var heavy = Pool("heavy", taints: "spark:NoSchedule");
        var light = Pool("light");
        const string tolerates = "{tolerations: [{key: spark, operator: Exists}]}";
        Assert.Equal(
            "light[c5.2xlarge c5.xlarge]: a-0 b-0",
            Say(Solve([heavy, light], [.. Pods("a", 1, "{cpu: 1500m}"), .. Pods("b", 1, "{cpu: 1}", tolerates)])));
    }

    [Fact]
    public void Requirements_of_pods_narrow_the_node_for_those_that_follow() => Assert.Equal(
        "default[c5.2xlarge c5.xlarge]: a-0 c-0 | default[c5.2xlarge c5.large c5.xlarge]: b-0",
        Say(Solve([Pool()],
        [
            .. Pods("a", 1, "{cpu: 1200m}", "{nodeSelector: {topology.kubernetes.io/zone: us-west-2a}}"),
            .. Pods("b", 1, "{cpu: 1100m}", "{nodeSelector: {topology.kubernetes.io/zone: us-west-2b}}"),
            .. Pods("c", 1, "{cpu: 1}", "{nodeSelector: {topology.kubernetes.io/zone: us-west-2a}}"),
        ])));

    [Fact]
    public void Daemons_take_their_share_of_every_new_node() => Assert.Equal(
        "default[c5.2xlarge c5.xlarge]: w-0",
        Say(Solve([Pool(daemons: "{cpu: 500m, pods: 2}")], Pods("w", 1, "{cpu: 1500m}"))));

    [Theory]
    //          cpu limit  plan
    [InlineData(1000, "waits: w-0 w-1")]
    [InlineData(2000, "default[c5.large]: w-0 | waits: w-1")]
    [InlineData(4000, "default[c5.large c5.xlarge]: w-0 | waits: w-1")]
    [InlineData(16000, "default[c5.2xlarge c5.large c5.xlarge]: w-0 | default[c5.2xlarge c5.large c5.xlarge]: w-1")]
    public void Limits_leave_types_out_and_count_the_largest_that_a_node_may_become(long cpuMillis, string plan) =>
        Assert.Equal(plan, Say(Solve([Pool(limits: $"cpu={cpuMillis}")], Pods("w", 2, "{cpu: 1}", "{containers: [{name: c, ports: [{hostPort: 80}], resources: {requests: {cpu: 1}}}]}"))));

    [Fact]
    public void A_preference_is_hard_until_nothing_can_serve_it()
    {
        const string prefers = """
            {affinity: {nodeAffinity: {preferredDuringSchedulingIgnoredDuringExecution: [
              {weight: 1, preference: {matchExpressions: [{key: topology.kubernetes.io/zone, operator: In, values: [us-west-2b]}]}},
              {weight: 9, preference: {matchExpressions: [{key: topology.kubernetes.io/zone, operator: In, values: [us-west-2z]}]}}]}}}
            """;
        var plan = Solve([Pool()], Pods("w", 1, "{cpu: 1}", prefers));
        Assert.Equal("us-west-2b", Assert.Single(plan.Claims).Requirements.Get(KarpenterLabels.Zone)?.Single);
        Assert.Equal("preferred node affinity topology.kubernetes.io/zone In [us-west-2z]", Assert.Single(Assert.Single(plan.Relaxations).GivenUp));
    }

    [Fact]
    public void Required_terms_are_tried_one_after_another_and_the_last_one_stays()
    {
        static string Terms(params string[] zones) =>
            $"{{affinity: {{nodeAffinity: {{requiredDuringSchedulingIgnoredDuringExecution: {{nodeSelectorTerms: [{string.Join(", ", zones.Select(zone => $"{{matchExpressions: [{{key: topology.kubernetes.io/zone, operator: In, values: [{zone}]}}]}}"))}]}}}}}}}}";
        Assert.Equal("us-west-2b", Assert.Single(Solve([Pool()], Pods("w", 1, "{cpu: 1}", Terms("us-west-2z", "us-west-2b"))).Claims).Requirements.Get(KarpenterLabels.Zone)?.Single);
        Assert.Equal("waits: w-0", Say(Solve([Pool()], Pods("w", 1, "{cpu: 1}", Terms("us-west-2y", "us-west-2z")))));
    }

    [Theory]
    [InlineData(Generation.V1Alpha5)]
    [InlineData(Generation.V1)]
    public void A_dislike_keeps_a_pod_away_only_while_there_is_another_way(Generation generation)
    {
        var disliked = Pool("a", taints: "slow:PreferNoSchedule", generation: generation);
        Assert.Equal(["b"], Solve([disliked, Pool("b", generation: generation)], Pods("w", 1, "{cpu: 1}")).Claims.Select(claim => claim.Pool.Name));
        var only = Solve([disliked], Pods("w", 1, "{cpu: 1}"));
        Assert.Equal("PreferNoSchedule taints", Assert.Single(Assert.Single(only.Relaxations).GivenUp));
    }

    [Fact]
    public void A_custom_label_of_several_values_is_narrowed_by_its_pods()
    {
        var pool = Pool(requirements: "node.kubernetes.io/instance-type In c5.large; team In a,b");
        Assert.Equal("team In [b]", Assert.Single(Solve([pool], Pods("w", 1, "{cpu: 1}", "{nodeSelector: {team: b}}")).Claims).Requirements.Get("team")?.ToString());
        Assert.Equal("waits: w-0", Say(Solve([pool], Pods("w", 1, "{cpu: 1}", "{nodeSelector: {team: c}}"))));
    }

    [Fact]
    public void The_same_round_gives_the_same_plan_in_whatever_order_pods_are_listed()
    {
        var pods = Pods("a", 40, "{cpu: 700m}").Concat(Pods("b", 30, "{cpu: 1300m, memory: 1Gi}", "{nodeSelector: {topology.kubernetes.io/zone: us-west-2a}}")).ToList();
        Assert.Equal(Say(Solve([Pool()], pods)), Say(Solve([Pool()], Enumerable.Reverse(pods))));
    }

    [Fact]
    public void A_plan_never_promises_more_than_each_of_its_types_has()
    {
        var pods = Enumerable.Range(0, 60).SelectMany(size => Pods($"s{size}", 5, $"{{cpu: {100 + (size * 130)}m, memory: {64 + (size * 190)}Mi}}"));
        var plan = Solve([Pool(requirements: "karpenter.k8s.aws/instance-category In c,m,r", daemons: "{cpu: 155m, memory: 120Mi, pods: 3}")], pods);
        Assert.Empty(plan.Unplaced);
        Assert.Equal(300, plan.Claims.Sum(claim => claim.Pods.Length));
        Assert.All(plan.Claims, claim => Assert.All(
            claim.Choices(),
            choice =>
            {
                Assert.True(claim.Requests.FitsIn(choice.Shape.Allocatable), $"{claim.Requests} on {choice.Shape.Name}");
                Assert.NotEmpty(choice.Offerings);
            }));
    }

    [Theory]
    //          pool                      limits       pod                                                     message
    [InlineData("spark:NoSchedule", "", "{}", "did not tolerate spark=true:NoSchedule")]
    [InlineData("", "", "{nodeSelector: {topology.kubernetes.io/zone: us-west-2z}}",
        "no instance type satisfied resources {\"cpu\":\"1\",\"pods\":\"1\"} and requirements karpenter.sh/capacity-type In [on-demand], karpenter.sh/provisioner-name In [default], node.kubernetes.io/instance-type In [c5.2xlarge c5.large c5.xlarge], topology.kubernetes.io/zone In [us-west-2z] (no instance type has the required offering)")]
    [InlineData("", "", "{nodeSelector: {karpenter.sh/capacity-type: spot}}",
        "incompatible requirements, key karpenter.sh/capacity-type, karpenter.sh/capacity-type In [spot] not in karpenter.sh/capacity-type In [on-demand]")]
    [InlineData("", "", "{nodeSelector: {topology.kubernetes.io/zne: a}}",
        "incompatible requirements, label \"topology.kubernetes.io/zne\" does not have known values (typo of \"topology.kubernetes.io/zone\"?)")]
    public void A_refusal_names_the_rule_and_both_sides(string taints, string limits, string spec, string message) => Assert.Equal(
        $"incompatible with provisioner \"default\", {message}",
        Assert.Single(Solve([Pool(taints: taints, limits: limits)], Pods("w", 1, "{cpu: 1}", spec)).Unplaced).Message);

    [Fact]
    public void An_exhausted_limit_is_named()
    {
        var rejection = Assert.Single(Assert.Single(Solve([Pool(limits: "cpu=1500,memory=99000000000")], Pods("w", 1, "{cpu: 1}")).Unplaced).Rejections);
        Assert.Equal("all available instance types exceed limits for provisioner: \"default\"", rejection.Message);
        Assert.Equal("limits leave cpu 1500m (the smallest type has 2)", rejection.Cause.ToString());
    }

    [Fact]
    public void A_limit_that_keeps_only_the_large_types_out_is_named_too()
    {
        var rejection = Assert.Single(Assert.Single(Solve([Pool(limits: "cpu=4000")], Pods("w", 1, "{cpu: 5}")).Unplaced).Rejections);
        var search = Assert.IsType<RejectionCause.NoShapeLeft>(rejection.Cause).Search;
        Assert.Equal("cpu 4 (the smallest type has 8)", Assert.Single(search.Limits).ToString());
    }

    [Fact]
    public void Each_type_that_was_turned_down_says_why()
    {
        var table = ShapeTableTests.TableOf("us-west-2a").Without([new UnavailableOffering("on-demand", "m5.2xlarge", "us-west-2a")]);
        var pool = Pool(requirements: "node.kubernetes.io/instance-type In c5.large,m6g.2xlarge,m5.2xlarge,m5.4xlarge; karpenter.sh/capacity-type In on-demand", limits: "cpu=8000", table: table);
        var rejection = Assert.Single(Assert.Single(Solve([pool], Pods("w", 1, "{cpu: 5}", "{nodeSelector: {kubernetes.io/arch: amd64}}")).Unplaced).Rejections);
        Assert.Equal(
            [
                "c5.large: resources, cpu: asked 5, allocatable 1830m",
                "m6g.2xlarge: requirements, kubernetes.io/arch In [amd64] not in kubernetes.io/arch In [arm64]",
            ],
            Assert.IsType<RejectionCause.NoShapeLeft>(rejection.Cause).Search.ByShape().Select(shape => $"{shape.Type}: {shape.Rule}, {shape.Detail}"));
    }

    [Fact]
    public void Without_pools_a_pod_hears_that_there_are_none() =>
        Assert.Equal("no provisioners found", Assert.Single(Solve([], Pods("w", 1, "{cpu: 1}")).Unplaced).Message);
}
