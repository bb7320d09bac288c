using System.Collections.Immutable;
using Sparkwright.Tests.Karpenter.Solver;
using Sparkwright.World.Karpenter;
using Sparkwright.World.Karpenter.Apis;
using Sparkwright.World.Karpenter.Disruption;

namespace Sparkwright.Tests.Karpenter.Disruption;

public sealed class DisruptionDeciderTests
{
    [Theory]
    //          nodes (type: pods)                                 what is done
    [InlineData("a c5.xlarge:", "Emptiness a")]
    [InlineData("a c5.xlarge: | b c5.xlarge: | c c5.large: 1", "Emptiness a b")]
    [InlineData("a c5.xlarge: 3", "nothing")]
    [InlineData("a c5.xlarge: 1", "SingleNode a -> c5.large on-demand")]
    [InlineData("a c5.2xlarge: 3", "SingleNode a -> c5.xlarge on-demand")]
    // Both on one new node would only make a c5.xlarge anew; one of them fits on the other.
    [InlineData("a c5.xlarge: 3 | b c5.xlarge: 500m", "SingleNode a")]
    [InlineData("a c5.xlarge: 800m | b c5.xlarge: 800m", "MultiNode a b -> c5.large on-demand")]
    // The dearest for its pods goes first: all three would make a c5.xlarge anew.
    [InlineData("a c5.xlarge: 500m | b c5.xlarge: 500m | c c5.2xlarge: 1", "MultiNode c a")]
    // Two nodes would have to be bought for these.
    [InlineData("a c5.2xlarge: 7 | b c5.2xlarge: 7", "nothing")]
    public void Nodes_go_when_that_costs_nothing_or_saves_money(string nodes, string done) =>
        Assert.Equal(done, Fleet.Say(DisruptionDecider.Decide(Fleet.World(Parse(nodes))).Command));

    [Theory]
    //          nodes                                                   budgets                                       what is done
    [InlineData("a c5.xlarge: | b c5.xlarge: | c c5.xlarge: 3", "[{nodes: '1'}]", "Emptiness a")]
    [InlineData("a c5.xlarge: | b c5.xlarge: | c c5.xlarge: 3", "[{nodes: 50%}]", "Emptiness a b")]
    [InlineData("a c5.xlarge: | b c5.xlarge: 1", "[{nodes: '0', reasons: [Empty]}]", "SingleNode b")]
    [InlineData("a c5.xlarge: | b c5.large: 1", "[{nodes: '0', reasons: [Empty]}]", "SingleNode b")]
    [InlineData("a c5.xlarge: 500m | b c5.xlarge: 500m | c c5.2xlarge: 1", "[{nodes: '1'}]", "SingleNode c")]
    [InlineData("a c5.xlarge: 1", "[{nodes: '0'}]", "nothing")]
    public void Budgets_bound_what_goes_at_a_time(string nodes, string budgets, string done) =>
        Assert.Equal(done, Fleet.Say(DisruptionDecider.Decide(Fleet.World(Parse(nodes), budgets: budgets)).Command));

    [Fact]
    public void A_budget_of_nothing_is_told_to_the_pool_and_asked_again_when_it_ends()
    {
        var decision = DisruptionDecider.Decide(Fleet.World(Parse("a c5.xlarge:"), budgets: "[{nodes: '0', schedule: '0 12 * * *', duration: 10m}]"));
        Assert.Null(decision.Command);
        Assert.Equal(new PoolKey(Generation.V1, "default"), Assert.Single(decision.BlockedPools));
        Assert.Equal(Fleet.Now.AddMinutes(10), decision.LookAgain);
    }

    [Theory]
    [InlineData("a c5.xlarge: 1", "on-demand", "on-demand,spot", "SingleNode a -> c5.2xlarge c5.large c5.xlarge spot")]
    [InlineData("a c5.xlarge: 1", "spot", "on-demand,spot", "nothing: SpotToSpotConsolidation is disabled, can't replace a spot node with a spot node")]
    [InlineData("a c5.2xlarge: 1", "spot", "on-demand", "SingleNode a -> c5.large on-demand")]
    [InlineData("a c5.large: 1", "on-demand", "on-demand", "nothing: Can't replace with a cheaper node")]
    public void A_replacement_must_be_cheaper_in_the_worst_case(string nodes, string capacityType, string allowed, string done)
    {
        var decision = DisruptionDecider.Decide(Fleet.World(Parse(nodes, capacityType: capacityType), capacityTypes: allowed));
        Assert.Equal(done, Fleet.Say(decision.Command) + string.Concat(decision.Command is null ? decision.Notes.Select(note => $": {note.Text}") : []));
    }

    [Fact]
    public void Spot_goes_to_spot_only_where_fifteen_types_are_cheaper()
    {
        var node = Parse("a c5.9xlarge: 1", capacityType: "spot");
        var few = DisruptionDecider.Decide(Fleet.World(node, types: "c5.large,c5.xlarge,m5.large", capacityTypes: "spot", spotToSpot: true));
        Assert.Equal("SpotToSpotConsolidation requires 15 cheaper instance type options than the current candidate to consolidate, got 3", Assert.Single(few.Notes).Text);
        var many = DisruptionDecider.Decide(Fleet.World(
            node,
            types: "c5.large,c5.xlarge,c5.2xlarge,c5.4xlarge,m5.large,m5.xlarge,m5.2xlarge,r5.large,r5.xlarge,r5.2xlarge,c5d.large,c5d.xlarge,c5d.2xlarge,m5d.large,m5d.xlarge,r5d.large,r5d.xlarge",
            capacityTypes: "spot",
            spotToSpot: true));
        var types = DisruptionCommand.TypeNames(Assert.Single(many.Command!.Replacements)).ToList();
        Assert.Equal(ReplacementRules.LeastSpotTypes, types.Count);
        Assert.DoesNotContain("c5.4xlarge", types);
    }

    [Fact]
    public void The_older_generation_never_replaces_spot_by_spot_but_deletes_it()
    {
        Assert.Equal("nothing", Fleet.Say(DisruptionDecider.Decide(Fleet.World(Parse("a c5.2xlarge: 1", Generation.V1Alpha5, "spot"), capacityTypes: "spot", spotToSpot: true)).Command));
        Assert.Equal("SingleNode a", Fleet.Say(DisruptionDecider.Decide(Fleet.World(Parse("a c5.large: 1 | b c5.xlarge: 2", Generation.V1Alpha5, "spot"), capacityTypes: "spot")).Command));
    }

    [Fact]
    public void Expired_nodes_go_oldest_first_whether_or_not_their_pods_have_a_place()
    {
        var nodes = Parse("a c5.xlarge: 1 | b c5.xlarge: 100 | c c5.xlarge: 1", Generation.V1Alpha5);
        nodes =
        [
            nodes[0] with { ExpiresAt = Fleet.Now.AddSeconds(-5) }, nodes[1] with { ExpiresAt = Fleet.Now.AddSeconds(-10) }, nodes[2] with { ExpiresAt = Fleet.Now.AddHours(1) },
        ];
        var decision = DisruptionDecider.Decide(Fleet.World(nodes, types: "c5.large"));
        Assert.Equal("Expiration b", Fleet.Say(decision.Command));
        Assert.Equal(Fleet.Now.AddHours(1), decision.LookAgain);
    }

    [Theory]
    //          drifted since (minutes ago)  what is done
    [InlineData("a c5.xlarge: 3 | b c5.xlarge: 3 | c c5.xlarge: 3", "5 9 -", "Drift b -> c5.2xlarge c5.xlarge on-demand")]
    [InlineData("a c5.xlarge: 3 | b c5.xlarge: | c c5.xlarge: 3", "9 5 -", "Drift b")]
    [InlineData("a c5.xlarge: 100 | b c5.xlarge: 3 | c c5.xlarge: 3", "9 5 -", "Drift b -> c5.2xlarge c5.xlarge on-demand")]
    public void Empty_drifted_nodes_go_first_then_those_that_drifted_first(string nodes, string since, string done)
    {
        var parsed = Parse(nodes).Zip(since.Split(' '), (node, minutes) => minutes == "-" ? node : node with
        {
            IsConsolidatable = false, DriftedSince = Fleet.Now.AddMinutes(-int.Parse(minutes, System.Globalization.CultureInfo.InvariantCulture)),
        });
        Assert.Equal(done, Fleet.Say(DisruptionDecider.Decide(Fleet.World(parsed)).Command));
    }

    [Fact]
    public void Pods_that_wait_anyway_do_not_count_but_nodes_that_are_not_ready_do()
    {
        var tooLarge = Rounds.Pods("waits", 1, "{cpu: 64}");
        Assert.Equal("SingleNode a", Fleet.Say(DisruptionDecider.Decide(Fleet.World(Parse("a c5.large: 1 | b c5.xlarge: 2"), pending: tooLarge)).Command));
        Assert.Equal(
            "nothing", Fleet.Say(DisruptionDecider.Decide(Fleet.World(Parse("a c5.large: 1 | b c5.xlarge: 2", Generation.V1Alpha5), pending: tooLarge)).Command));

        var nodes = Parse("a c5.large: 1 | b c5.xlarge: 2");
        var decision = DisruptionDecider.Decide(Fleet.World([nodes[0], nodes[1] with { IsInitialized = false }]));
        Assert.Null(decision.Command);
        Assert.Contains(decision.Notes, note => note.Text == "Not all pods would schedule, default/a-0 => would schedule against uninitialized node/b");
    }

    [Fact]
    public void A_node_within_its_own_window_takes_no_moved_pods()
    {
        var nodes = Parse("a c5.large: 1 | b c5.xlarge: 2");
        var quiet = Fleet.Underutilized with { ConsolidateAfter = TimeSpan.FromMinutes(5) };
        Assert.Equal("SingleNode a", Fleet.Say(DisruptionDecider.Decide(Fleet.World([nodes[0], nodes[1] with { Policy = quiet }])).Command));
        Assert.Null(DisruptionDecider.Decide(Fleet.World([nodes[0], nodes[1] with { Policy = quiet, IsConsolidatable = false }])).Command);
    }

    [Theory]
    [InlineData(ConsolidationPolicy.WhenEmpty, 0, "NodePool \"default\" has non-empty consolidation disabled")]
    [InlineData(ConsolidationPolicy.WhenEmptyOrUnderutilized, null, "NodePool \"default\" has consolidation disabled")]
    public void A_pools_policy_can_forbid_it(ConsolidationPolicy policy, int? after, string why)
    {
        var node = Parse("a c5.2xlarge: 1")[0] with { Policy = new DisruptionPolicy(policy, after is { } seconds ? TimeSpan.FromSeconds(seconds) : null, []) };
        var decision = DisruptionDecider.Decide(Fleet.World([node]));
        Assert.Null(decision.Command);
        Assert.Equal(why, Assert.Single(decision.Notes).Text);
    }

    [Fact]
    public void The_room_of_the_nodes_that_go_counts_below_the_limits() => Assert.Equal(
        "SingleNode a -> c5.large on-demand", Fleet.Say(DisruptionDecider.Decide(Fleet.World(Parse("a c5.xlarge: 1"), limits: "cpu=0")).Command));

    /// <summary>Of the large pool x cannot go and y could; the first of the other pool comes before y, though y would save more.</summary>
    [Fact]
    public void Single_nodes_are_taken_from_the_pools_in_turn()
    {
        var nodes = new[] { Fleet.Node("x", "c5.4xlarge", "15"), Fleet.Node("y", "c5.2xlarge", "3"), Fleet.Node("z", "c5.xlarge", "1", pool: "other") };
        Assert.Equal("SingleNode z", Fleet.Say(DisruptionDecider.Decide(Fleet.World(nodes)).Command));
        Assert.Equal("SingleNode y -> c5.xlarge on-demand", Fleet.Say(DisruptionDecider.Decide(Fleet.World(nodes[..2])).Command));
    }

    [Theory]
    //          Provisioners' nodes go by what moving their pods costs, NodePools' by what they cost for it
    [InlineData("a c5.large: 500m | b c5.xlarge: 500m 500m", Generation.V1Alpha5, "SingleNode a")]
    [InlineData("a c5.large: 500m | b c5.2xlarge: 500m 500m", Generation.V1, "SingleNode b")]
    public void Candidates_have_the_order_of_their_generation(string nodes, Generation generation, string done)
    {
        var parsed = Parse(nodes, generation);
        Assert.Equal(done, Fleet.Say(DisruptionDecider.Decide(Fleet.World(parsed, budgets: "[{nodes: '1'}]"), after: DisruptionMethod.MultiNode).Command));
    }

    [Fact]
    public void No_more_than_a_hundred_nodes_go_together()
    {
        var nodes = Enumerable.Range(0, 105).Select(at => Fleet.Node($"n{at:000}", "c5.large", "10m")).Append(Fleet.Node("room", "c5.9xlarge", "1") with { IsConsolidatable = false });
        Assert.Equal(100, DisruptionDecider.Decide(Fleet.World(nodes)).Command!.Candidates.Length);
    }

    [Fact]
    public void Nodes_of_static_pools_are_left_to_their_own_method()
    {
        var nodes = Parse("a c5.2xlarge: | b c5.2xlarge: 1").Select(node => node with { IsOfStaticPool = true, DriftedSince = Fleet.Now }).ToImmutableArray();
        var decision = DisruptionDecider.Decide(Fleet.World(nodes));
        Assert.Empty(decision.Commands);
        Assert.Empty(decision.Notes);
    }

    private static ImmutableArray<DisruptionNode> Parse(string nodes, Generation generation = Generation.V1, string capacityType = "on-demand") =>
    [
        .. nodes.Split('|', StringSplitOptions.TrimEntries).Select(node => node.Split([' ', ':'], 3, StringSplitOptions.TrimEntries))
            .Select(parts => Fleet.Node(parts[0], parts[1], parts[2], capacityType, generation)),
    ];

    [Theory]
    //          policy                       what is weighed                                 methods tried
    [InlineData("WhenEmptyOrUnderutilized", "WhenEmptyOrUnderutilized approved", "Emptiness StaticDrift Drift MultiNode SingleNode")]
    [InlineData("Balanced", "Balanced approved 1.5", "Emptiness StaticDrift Drift MultiNode SingleNode")]
    public void A_possible_consolidation_is_weighed_by_its_pools(string policy, string weighed, string tried)
    {
        // The move of a saves half of the cost and disturbs a third of the pool: 1 and its pod, of 2 and four pods.
        var nodes = new[] { Fleet.Node("a", pods: "1"), Fleet.Node("b", pods: "1 500m 500m") }
            .Select(node => node with { Policy = Fleet.Underutilized with { Policy = Enum.Parse<ConsolidationPolicy>(policy) } });
        var decision = DisruptionDecider.Decide(Fleet.World(nodes, types: "c5.xlarge"));
        Assert.Equal("SingleNode a", Fleet.Say(decision.Command));
        Assert.Equal(tried, string.Join(' ', decision.Tried));
        Assert.Equal([weighed], decision.Moves.Select(move => $"{move.Policy} {(move.IsApproved ? "approved" : "rejected")}{(move.Score is { } score ? $" {score.Score:0.0}" : "")}"));
    }

    [Fact]
    public void Several_nodes_that_are_not_worth_it_together_are_weighed_once()
    {
        // Both for one c5.large save 0.255 of 0.68 USD for 20 of 22 of the disturbance; a on b saves 0.17 for 10 of 22.
        const string Small = "100m 100m 100m 100m 100m 100m 100m 100m 100m";
        var nodes = new[] { Fleet.Node("a", pods: Small), Fleet.Node("b", pods: Small), Fleet.Node("c", "c5.2xlarge", "7500m") with { IsConsolidatable = false } }
            .Select(node => node with { Policy = Fleet.Underutilized with { Policy = ConsolidationPolicy.Balanced } });
        var decision = DisruptionDecider.Decide(Fleet.World(nodes, types: "c5.large,c5.xlarge,c5.2xlarge"));
        Assert.Equal("SingleNode a", Fleet.Say(decision.Command));
        Assert.Equal(["False 0.41", "True 0.55"], decision.Moves.Select(move => $"{move.IsApproved} {move.Score!.Score:0.00}"));
    }
}
