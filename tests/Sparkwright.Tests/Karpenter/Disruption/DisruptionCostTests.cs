using Sparkwright.World.Karpenter.Disruption;

namespace Sparkwright.Tests.Karpenter.Disruption;

public sealed class DisruptionCostTests
{
    [Theory]
    //          deletion cost  priority  cost
    [InlineData(null, null, 1)]
    [InlineData("134217728", null, 2)]
    [InlineData("-134217728", null, 0)]
    [InlineData("not a number", null, 1)]
    [InlineData(null, 33554432, 2)]
    [InlineData("67108864", -33554432, 0.5)]
    [InlineData(null, 1000000000, 10)]
    [InlineData("2147483647", null, 10)]
    [InlineData("-2147483647", null, -10)]
    public void A_pod_costs_one_and_what_its_deletion_cost_and_priority_add(string? deletionCost, int? priority, double cost)
    {
        var annotations = deletionCost is null ? "" : $"controller.kubernetes.io/pod-deletion-cost: '{deletionCost}'";
        var spec = priority is null ? "" : $"priority: {priority}";
        var pod = Fleet.Pod("p", yaml: $"{{metadata: {{annotations: {{{annotations}}}}}, spec: {{{spec}}}}}");
        Assert.Equal((decimal)cost, decimal.Round(DisruptionCost.OfPod(pod), 6));
    }

    [Theory]
    //          age, h  expireAfter, h  cost of three plain pods
    [InlineData(0, null, 3)]
    [InlineData(99, null, 3)]
    [InlineData(0, 10, 3)]
    [InlineData(5, 10, 1.5)]
    [InlineData(12, 10, 0)]
    public void A_node_costs_its_pods_by_the_life_it_has_left(int age, int? expireAfter, double cost) => Assert.Equal(
        (decimal)cost,
        DisruptionCost.OfNode([Fleet.Pod("a"), Fleet.Pod("b"), Fleet.Pod("c")], TimeSpan.FromHours(age), expireAfter is { } hours ? TimeSpan.FromHours(hours) : null));
}
