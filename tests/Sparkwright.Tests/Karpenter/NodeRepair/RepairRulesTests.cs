using Sparkwright.Kubernetes.Objects;
using Sparkwright.World.Karpenter.Cloud;
using Sparkwright.World.Karpenter.NodeRepair;

namespace Sparkwright.Tests.Karpenter.NodeRepair;

/// <summary>What counts as broken, for how long, and how many are too many.</summary>
public sealed class RepairRulesTests
{
    [Theory]
    //           conditions, all since minute 0                          what ends it
    [InlineData("Ready=True", "")]
    [InlineData("Ready=False", "Ready 30")]
    [InlineData("Ready=Unknown", "Ready 30")]
    [InlineData("Ready=True AcceleratedHardwareReady=False", "AcceleratedHardwareReady 10")]
    [InlineData("Ready=True AcceleratedHardwareReady=Unknown", "")]
    [InlineData("Ready=True StorageReady=False", "StorageReady 30")]
    [InlineData("Ready=True NetworkingReady=False", "NetworkingReady 30")]
    [InlineData("Ready=True KernelReady=False", "KernelReady 30")]
    [InlineData("Ready=True ContainerRuntimeReady=False", "ContainerRuntimeReady 30")]
    [InlineData("Ready=False AcceleratedHardwareReady=False", "AcceleratedHardwareReady 10")]
    [InlineData("Ready=True MemoryPressure=True", "")]
    public void The_condition_that_ends_a_node_first_counts(string conditions, string expected)
    {
        var start = new DateTime(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc);
        var status = TreeMap.Empty;
        foreach (var condition in conditions.Split(' '))
        {
            status = Conditions.Set(status, condition.Split('=')[0], condition.Split('=')[1], null, null, start);
        }

        var node = new ApiObject(CoreTypes.Node, new ObjectMeta { Name = "n" }, TreeMap.Of(("status", status)));
        var ailment = RepairRules.Of(node, RepairPolicy.OfAws);
        Assert.Equal(expected, ailment is null ? "" : $"{ailment.Condition} {(ailment.End - start).TotalMinutes}");
    }

    [Theory]
    [InlineData(1, 1, true)]
    [InlineData(3, 1, true)]
    [InlineData(5, 1, true)]
    [InlineData(5, 2, false)]
    [InlineData(6, 2, true)]
    [InlineData(10, 2, true)]
    [InlineData(10, 3, false)]
    public void A_fifth_of_the_nodes_rounded_up_may_be_broken(int nodes, int broken, bool mayRepair) =>
        Assert.Equal(mayRepair, RepairRules.MayRepair(nodes, broken));
}
