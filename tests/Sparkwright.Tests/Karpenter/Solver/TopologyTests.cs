using Sparkwright.Tests.Karpenter.Requirements;
using Sparkwright.World.Karpenter;
using Sparkwright.World.Karpenter.Requirements;
using Sparkwright.World.Karpenter.Solver;
using static Sparkwright.Tests.Karpenter.Solver.Rounds;

namespace Sparkwright.Tests.Karpenter.Solver;

/// <summary>Rules about neighbours: spread, affinity and anti-affinity, by zone and by host.</summary>
public sealed class TopologyTests
{
    private const string Zone = "topology.kubernetes.io/zone";
    private const string Host = "kubernetes.io/hostname";

    [Theory]
    //          pods  zones of the claims with their pods
    [InlineData(1, "us-west-2a: 1")]
    [InlineData(2, "us-west-2a: 1 | us-west-2b: 1")]
    [InlineData(5, "us-west-2a: 3 | us-west-2b: 2")]
    public void A_spread_by_zone_pins_the_least_filled_zone(int pods, string zones) =>
        Assert.Equal(zones, Zones(Solve([Pool()], Pods("w", pods, "{cpu: 100m}", Spread(Zone)))));

    [Theory]
    //          the pod                                                                                        where others of it run    the word for its zone
    [InlineData("{}", "", "flexible 1")]
    [InlineData("{nodeSelector: {topology.kubernetes.io/zone: us-west-2b}}", "", "us-west-2b 1")]
    [InlineData("SPREAD", "", "flexible 1")]
    [InlineData("SPREAD", "us-west-2a", "us-west-2b 1")]
    [InlineData("SPREAD", "us-west-2a us-west-2b", "flexible 1")]
    [InlineData("{nodeSelector: {topology.kubernetes.io/zone: us-west-2a}, SPREAD", "us-west-2b", "us-west-2a 1")]
    [InlineData("{nodeSelector: {topology.kubernetes.io/zone: us-west-2d}, SPREAD", "", "none 1")]
    public void Pods_that_wait_are_counted_by_the_zone_that_is_left_to_them(string pod, string running, string zone)
    {
        var spec = pod == "SPREAD" ? Spread(Zone) : pod.Replace("SPREAD", Spread(Zone)[1..], StringComparison.Ordinal);
        var input = new SolverInput([Pool()], [], [.. Pods("w", 1, "{cpu: 100m}", spec)])
        {
            Bound = [.. running.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select((at, number) => Bound($"n{number}", $"{Zone} In {at}", "{app: w}"))],
        };
        Assert.Equal(zone, string.Join(' ', PackingSolver.Solve(input).PendingByZone.Select(count => $"{count.Key} {count.Value}")));
    }

    [Fact]
    public void Volumes_narrow_the_zones_of_a_pod_that_waits()
    {
        RequirementSet In(string zones) => RequirementSetTests.Set($"{Zone} In {zones}");
        var pods = Pods("w", 4, "{cpu: 100m}").ToArray();
        var plan = PackingSolver.Solve(new SolverInput(
            [Pool()],
            [],
            [
                pods[0] with { VolumeTopologies = [In("us-west-2b")] },
                pods[1] with { VolumeTopologies = [In("us-west-2a"), In("us-west-2b")] },
                pods[2] with { VolumeTopologies = [In("us-west-2a"), RequirementSet.None] },
                Pods("x", 1, "{cpu: 100m}", $"{{nodeSelector: {{{Zone}: us-west-2a}}}}").Single() with { VolumeTopologies = [In("us-west-2b")] },
            ]));
        Assert.Equal(["flexible 2", "none 1", "us-west-2b 1"], plan.PendingByZone.Select(count => $"{count.Key} {count.Value}"));
    }

    [Fact]
    public void Pods_that_run_are_counted_and_others_are_not()
    {
        var input = new SolverInput([Pool()], [], [.. Pods("w", 2, "{cpu: 100m}", Spread(Zone))])
        {
            Bound =
            [
                Bound("n1", $"{Zone} In us-west-2a", "{app: w}"), Bound("n2", $"{Zone} In us-west-2a", "{app: w}"), Bound("n3", $"{Zone} In us-west-2b", "{app: other}"),
            ],
        };
        Assert.Equal("us-west-2b: 2", Zones(PackingSolver.Solve(input)));
    }

    [Fact]
    public void A_zone_that_the_pod_itself_may_not_use_does_not_hold_the_others_back() => Assert.Equal(
        "us-west-2b: 3",
        Zones(Solve([Pool()], Pods("w", 3, "{cpu: 100m}", $"{{nodeSelector: {{{Zone}: us-west-2b}}, {Spread(Zone)[1..]}"))));

    [Fact]
    public void Too_few_domains_count_as_one_that_is_empty() => Assert.Equal(
        "waits: w-2",
        Say(Solve([Pool()], Pods("w", 3, "{cpu: 100m}", Spread(Zone).Replace("maxSkew: 1", "maxSkew: 1, minDomains: 3", StringComparison.Ordinal)))).Split(" | ")[^1]);

    [Fact]
    public void A_spread_over_an_unknown_label_leaves_the_pod_pending()
    {
        var plan = Solve([Pool()], Pods("w", 1, "{cpu: 100m}", Spread("rack")));
        Assert.Contains(
            "unsatisfiable topology constraint for topology spread, key=rack (counts = map[], podDomains = rack Exists, nodeDomains = rack Exists)",
            plan.Unplaced[0].Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_wish_for_spread_is_hard_until_it_is_given_up()
    {
        var plan = Solve([Pool()], Pods("w", 1, "{cpu: 100m}", Spread("rack").Replace("DoNotSchedule", "ScheduleAnyway", StringComparison.Ordinal)));
        Assert.Equal("spread by rack", plan.Relaxations.Single().GivenUp.Single());
        Assert.Empty(plan.Unplaced);
    }

    [Theory]
    [InlineData(1, 4)]
    [InlineData(2, 2)]
    public void A_spread_by_host_always_may_open_a_new_one(int maxSkew, int nodes) =>
        Assert.Equal(nodes, Solve([Pool()], Pods("w", 4, "{cpu: 100m}", Spread(Host).Replace("maxSkew: 1", $"maxSkew: {maxSkew}", StringComparison.Ordinal))).Claims.Length);

    [Fact]
    public void Pods_that_want_to_be_together_open_one_zone_and_follow_into_it() => Assert.Equal(
        "us-west-2a: 7",
        Zones(Solve([Pool()], Pods("w", 7, "{cpu: 1500m}", Affinity("podAffinity", Zone))), together: true));

    [Fact]
    public void Once_its_host_is_full_an_affinity_by_host_leaves_pods_pending() => Assert.Equal(
        "default[c5.2xlarge]: w-0 w-1 w-2 w-3 w-4 | waits: w-5 w-6",
        Say(Solve([Pool()], Pods("w", 7, "{cpu: 1500m}", Affinity("podAffinity", Host)))));

    [Fact]
    public void A_pod_may_wait_for_one_that_is_placed_after_it() => Assert.Equal(
        "default[c5.2xlarge c5.xlarge]: leader-0 follower-0",
        Say(Solve([Pool()], [.. Pods("follower", 1, "{cpu: 2}", Affinity("podAffinity", Host, "leader")), .. Pods("leader", 1, "{cpu: 1}")])));

    [Fact]
    public void Affinity_to_nobody_is_not_opened_by_pods_that_it_does_not_select() =>
        Assert.Equal("waits: w-0", Say(Solve([Pool()], Pods("w", 1, "{cpu: 1}", Affinity("podAffinity", Zone, "nobody")))));

    [Fact]
    public void Pods_that_want_to_be_apart_get_a_host_each() =>
        Assert.Equal(3, Solve([Pool()], Pods("w", 3, "{cpu: 100m}", Affinity("podAntiAffinity", Host))).Claims.Length);

    [Fact]
    public void Without_a_certain_zone_a_pod_blocks_every_zone_it_may_still_land_in() =>
        Assert.Equal("default[c5.2xlarge c5.large c5.xlarge]: w-0 | waits: w-1", Say(Solve([Pool()], Pods("w", 2, "{cpu: 100m}", Affinity("podAntiAffinity", Zone)))));

    [Fact]
    public void Anti_affinity_binds_the_others_too()
    {
        var input = new SolverInput([Pool()], [Node("n1", "{cpu: 4, pods: 9}", $"{Zone} In us-west-2a; {Host} In n1")], [.. Pods("w", 1, "{cpu: 100m}")])
        {
            Bound = [Bound("n1", $"{Zone} In us-west-2a; {Host} In n1", "{app: hermit}", Affinity("podAntiAffinity", Zone, "w"))],
        };
        Assert.Equal("us-west-2b: 1", Zones(PackingSolver.Solve(input)));
    }

    [Theory]
    [InlineData("default", "waits: w-0")]
    [InlineData("elsewhere", "default[c5.2xlarge c5.large c5.xlarge]: w-0")]
    public void A_rule_means_the_pods_of_its_own_namespace_unless_it_names_others(string named, string plan)
    {
        var spec = Affinity("podAntiAffinity", Zone, "busy").Replace("topologyKey", $"namespaces: [{named}], topologyKey", StringComparison.Ordinal);
        var input = new SolverInput([Pool()], [], [.. Pods("w", 1, "{cpu: 100m}", spec)])
        {
            Bound = [Bound("n1", $"{Zone} In us-west-2a", "{app: busy}"), Bound("n2", $"{Zone} In us-west-2b", "{app: busy}")],
        };
        Assert.Equal(plan, Say(PackingSolver.Solve(input)));
    }

    [Fact]
    public void A_preferred_anti_affinity_really_opens_a_second_node()
    {
        var spec = "{affinity: {podAntiAffinity: {preferredDuringSchedulingIgnoredDuringExecution: [{weight: 1, podAffinityTerm: {topologyKey: kubernetes.io/hostname, labelSelector: {matchLabels: {app: w}}}}]}}}";
        Assert.Equal(2, Solve([Pool()], Pods("w", 2, "{cpu: 100m}", spec)).Claims.Length);
    }

    [Fact]
    public void The_pods_of_one_revision_alone_are_counted_where_label_keys_say_so()
    {
        var spec = Spread(Zone).Replace("maxSkew: 1", "maxSkew: 1, matchLabelKeys: [rev]", StringComparison.Ordinal).Replace("app: w", "kind: x", StringComparison.Ordinal);
        var plan = Solve([Pool()], [.. Pods("a", 1, "{cpu: 200m}", spec, "{kind: x, rev: a}"), .. Pods("b", 1, "{cpu: 100m}", spec, "{kind: x, rev: b}")]);
        Assert.Equal("us-west-2a: 2", Zones(plan, together: true));
    }

    [Fact]
    public void Volumes_narrow_the_zone_by_one_of_their_alternatives()
    {
        var pod = Pods("w", 1, "{cpu: 100m}").Single() with
        {
            VolumeTopologies = [RequirementSetTests.Set($"{Zone} In us-west-2z"), RequirementSetTests.Set($"{Zone} In us-west-2b")],
        };
        Assert.Equal("us-west-2b: 1", Zones(Solve([Pool()], [pod])));
    }

    [Theory]
    [InlineData(1, "n: w-0")]
    [InlineData(0, "waits: w-0")]
    public void A_node_attaches_only_so_many_volumes(int limit, string plan)
    {
        var pod = Pods("w", 1, "{cpu: 100m}").Single() with { Volumes = [new VolumeUse("ebs.csi.aws.com", "default/data")] };
        var node = Node("n", "{cpu: 1, pods: 9}");
        Assert.Equal(plan, Say(Solve([], [pod], node with { VolumeLimits = node.VolumeLimits.Add("ebs.csi.aws.com", limit) })));
    }

    [Fact]
    public void A_node_in_its_quiet_time_takes_no_pods_that_are_moved()
    {
        var node = Node("n", "{cpu: 1, pods: 9}") with { TakesMovedPods = false };
        Assert.Equal("n: w-0", Say(Solve([], Pods("w", 1, "{cpu: 100m}"), node)));
        Assert.Equal("waits: w-0", Say(Solve([], Pods("w", 1, "{cpu: 100m}").Select(pod => pod with { IsMoved = true }), node)));
    }

    [Theory]
    [InlineData(Generation.V1, "default[c5.2xlarge c5.large c5.xlarge]: w-0")]
    [InlineData(Generation.V1Alpha5, "default[c5.2xlarge c5.xlarge]: w-0")]
    public void A_daemon_burdens_only_the_types_that_it_runs_on_in_the_newer_generation(Generation generation, string plan) => Assert.Equal(
        plan,
        Say(Solve(
            [Pool(daemons: "{cpu: 1}", daemonSpec: "{nodeSelector: {node.kubernetes.io/instance-type: c5.xlarge}}", generation: generation)],
            Pods("w", 1, "{cpu: 1500m}"))));

    [Theory]
    [InlineData(3, "default[c5.2xlarge c5.large c5.xlarge]: w-0 | default[c5.2xlarge c5.large c5.xlarge]: w-1")]
    [InlineData(4, "waits: w-0 w-1")]
    public void A_pool_may_demand_a_variety_of_types(int least, string plan)
    {
        var pool = Pool(generation: Generation.V1);
        pool = pool with { Requirements = Demanding(pool, least) };
        Assert.Equal(plan, Say(Solve([pool], Pods("w", 2, "{cpu: 1200m}"))));
    }

    private static RequirementSet Demanding(SolverPool pool, int least) => RequirementSet.Of(
        pool.Requirements.All.Select(one => one.Key == KarpenterLabels.InstanceType ? one.WithMinValues(least) : one));

    private static string Spread(string key) =>
        $"{{topologySpreadConstraints: [{{maxSkew: 1, topologyKey: {key}, whenUnsatisfiable: DoNotSchedule, labelSelector: {{matchLabels: {{app: w}}}}}}]}}";

    private static string Affinity(string kind, string key, string app = "w") =>
        $"{{affinity: {{{kind}: {{requiredDuringSchedulingIgnoredDuringExecution: [{{topologyKey: {key}, labelSelector: {{matchLabels: {{app: {app}}}}}}}]}}}}}}";

    private static string Zones(SolverPlan plan, bool together = false)
    {
        var zones = plan.Claims.Select(claim => (Zone: claim.Requirements.Get(Zone)?.Single ?? "any", Pods: claim.Pods.Length));
        return string.Join(" | ", together
            ? zones.GroupBy(zone => zone.Zone, StringComparer.Ordinal).Select(zone => $"{zone.Key}: {zone.Sum(one => one.Pods)}")
            : zones.Select(zone => $"{zone.Zone}: {zone.Pods}"));
    }
}
