using Sparkwright.World.Karpenter.Apis;
using Sparkwright.World.Karpenter.Disruption;

namespace Sparkwright.Tests.Karpenter.Disruption;

public sealed class BalancedRulesTests
{
    private static readonly DisruptionPolicy Balanced = Fleet.Underutilized with { Policy = ConsolidationPolicy.Balanced };

    [Theory]
    //          the small node a costs a third of the pool: it goes for at most two thirds of the disturbance
    //          pods of a                      underutilized   balanced
    [InlineData("500m 500m", "SingleNode a", "SingleNode a")]
    [InlineData("500m 500m 500m", "SingleNode a", "SingleNode a")]
    [InlineData("400m 400m 400m 300m", "SingleNode a", "nothing")]
    public void A_move_must_save_half_the_share_that_it_disturbs(string pods, string underutilized, string balanced)
    {
        Assert.Equal(underutilized, Decide(Fleet.Underutilized, Fleet.Node("a", "c5.large", pods), Fleet.Node("b", "c5.xlarge", "2300m")));
        Assert.Equal(balanced, Decide(Balanced, Fleet.Node("a", "c5.large", pods), Fleet.Node("b", "c5.xlarge", "2300m")));
    }

    [Theory]
    //          what the pod of a says of its worth                                                  balanced
    [InlineData("{}", "SingleNode a")]
    [InlineData("{spec: {priority: 100000000}}", "nothing")]
    [InlineData("{metadata: {annotations: {controller.kubernetes.io/pod-deletion-cost: '2147483647'}}}", "nothing")]
    [InlineData("{metadata: {annotations: {controller.kubernetes.io/pod-deletion-cost: '-2147483647'}}}", "SingleNode a")]
    public void Pods_that_are_dear_to_move_weigh_more(string pod, string done) => Assert.Equal(
        done, Decide(Balanced, Fleet.Node("a", "c5.large", "500m", podYaml: pod), Fleet.Node("b", "c5.xlarge", "2300m")));

    [Fact]
    public void Several_nodes_go_together_only_where_that_is_worth_it()
    {
        var few = Enumerable.Range(0, 2).Select(at => Fleet.Node($"n{at}", "c5.xlarge", "800m")).ToArray();
        Assert.Equal("MultiNode n0 n1 -> c5.large on-demand", Decide(Balanced, few));

        // The same move beside an expensive quiet node is a small share of the savings, and nearly all of the disturbance.
        var quiet = Fleet.Node("quiet", "c5.4xlarge", "15") with { IsConsolidatable = false };
        var many = few.Select(node => Fleet.Node(node.Name, "c5.xlarge", "100m 100m 100m 100m 100m 100m 100m 100m")).Append(quiet).ToArray();
        Assert.Equal("MultiNode n0 n1 -> c5.large on-demand", Decide(Fleet.Underutilized, many));
        Assert.Equal("nothing", Decide(Balanced, many));
    }

    [Fact]
    public void Each_pool_weighs_its_own_part_of_the_savings()
    {
        var nodes = new[] { Fleet.Node("a", "c5.xlarge", "1", pool: "one"), Fleet.Node("b", "c5.large", "1", pool: "two"), Fleet.Node("c", "c5.large", "1", pool: "three") };
        var world = Fleet.World(nodes.Select(node => node.Pool.Name == "three" ? node : node with { Policy = Balanced }));
        var scores = BalancedRules.ScoresOf(world, new DisruptionCommand(DisruptionMethod.MultiNode, [.. world.Nodes], [], null));
        Assert.Equal(["one 1 1", "two 1 1"], scores.Select(score => $"{score.Pool.Name} {score.SavingsShare:0.##} {score.DisruptionShare:0.##}"));
    }

    [Fact]
    public void Nodes_that_save_most_for_their_pods_go_first_and_the_reason_to_stay_is_kept()
    {
        var decision = DisruptionDecider.Decide(Fleet.World(
            [.. new[] { Fleet.Node("a", "c5.large", "400m 400m 400m 300m"), Fleet.Node("b", "c5.xlarge", "2300m") }.Select(node => node with { Policy = Balanced })]));
        Assert.Contains(decision.Notes, note => note is { Node: "a", Text: "saves too little for the pods that it would move (policy Balanced)" });
    }

    private static string Decide(DisruptionPolicy policy, params DisruptionNode[] nodes) =>
        Fleet.Say(DisruptionDecider.Decide(Fleet.World([.. nodes.Select(node => node with { Policy = policy })])).Command);
}
