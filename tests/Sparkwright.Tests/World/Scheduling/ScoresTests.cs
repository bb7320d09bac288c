using Sparkwright.Kubernetes.Fitting;
using Sparkwright.World.Scheduling;

namespace Sparkwright.Tests.World.Scheduling;

public sealed class ScoresTests
{
    [Theory]
    //          used on a node of 4 cpu, 8Gi        asked                                  least  balanced
    [InlineData("""{"cpu":"0","memory":"0"}""", """{"cpu":"1","memory":"2Gi"}""", 75, 100)]
    [InlineData("""{"cpu":"1","memory":"2Gi"}""", """{"cpu":"1","memory":"2Gi"}""", 50, 100)]
    [InlineData("""{"cpu":"0","memory":"0"}""", """{"cpu":"2","memory":"0"}""", 75, 75)]
    [InlineData("""{"cpu":"3","memory":"0"}""", """{"cpu":"1","memory":"4Gi"}""", 25, 75)]
    // A deviation of 0.5 per cent costs a whole point: what is left is cut, not rounded.
    [InlineData("""{"cpu":"0","memory":"0"}""", """{"cpu":"40m","memory":"0"}""", 99, 99)]
    public void Resources_are_scored_in_whole_numbers(string used, string asked, long least, long balanced)
    {
        var node = new NodeState(NodeView.Of(SmallCluster.MakeNode("n")));
        node.Add(SmallCluster.MakePod("there", used));
        var pod = PodSpecView.Of(SmallCluster.MakePod("p", asked));
        Assert.Equal(least, Scores.LeastAllocated(pod, node));
        Assert.Equal(balanced, Scores.BalancedAllocation(pod, node));
    }

    [Theory]
    [InlineData("""{"cpu":"4","pods":"10"}""", 75, 100)]
    [InlineData("""{"pods":"10"}""", 0, 100)]
    public void A_resource_that_a_node_does_not_have_is_left_out(string capacity, long least, long balanced)
    {
        var node = new NodeState(NodeView.Of(SmallCluster.MakeNode("n", capacity)));
        var pod = PodSpecView.Of(SmallCluster.MakePod("p", """{"cpu":"1"}"""));
        Assert.Equal(least, Scores.LeastAllocated(pod, node));
        Assert.Equal(balanced, Scores.BalancedAllocation(pod, node));
    }

    [Fact]
    public void A_pod_that_asks_for_nothing_counts_100m_and_200Mi_in_least_allocated_alone()
    {
        var node = new NodeState(NodeView.Of(SmallCluster.MakeNode("n", """{"cpu":"1","memory":"1000Mi","pods":"10"}""")));
        var pod = PodSpecView.Of(SmallCluster.MakePod("p", "{}"));
        Assert.Equal((90 + 80) / 2, Scores.LeastAllocated(pod, node));
        Assert.Equal(100, Scores.BalancedAllocation(pod, node));
    }

    [Theory]
    [InlineData(50, 100, 0, 0, (2 * 50) + (3 * 100))]
    [InlineData(100, 100, 1, 2, (2 * 100) + (3 * 50))]
    [InlineData(0, 0, 2, 2, 0)]
    public void Wishes_are_scored_against_the_most_any_node_has(long preferred, long mostPreferred, long intolerable, long mostIntolerable, long score) =>
        Assert.Equal(score, Scores.OfWishes(preferred, mostPreferred, intolerable, mostIntolerable));
}
