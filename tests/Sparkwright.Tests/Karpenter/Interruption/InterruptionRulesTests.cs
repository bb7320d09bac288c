using Sparkwright.World.Karpenter;
using Sparkwright.World.Karpenter.Interruption;

namespace Sparkwright.Tests.Karpenter.Interruption;

public sealed class InterruptionRulesTests
{
    [Theory]
    [InlineData(Generation.V1, InterruptionKind.NoOp, "nothing")]
    [InlineData(Generation.V1, InterruptionKind.SpotInterrupted, "drains, takes the offering, Warning SpotInterrupted: Spot interruption warning was triggered")]
    [InlineData(Generation.V1, InterruptionKind.RebalanceRecommendation, "Normal SpotRebalanceRecommendation: Spot rebalance recommendation was triggered")]
    [InlineData(Generation.V1, InterruptionKind.ScheduledChange, "drains, Warning InstanceUnhealthy: An unhealthy warning was triggered for the instance")]
    [InlineData(Generation.V1, InterruptionKind.InstanceStopped, "drains, Warning InstanceStopping: Instance is stopping")]
    [InlineData(Generation.V1, InterruptionKind.InstanceTerminated, "drains, Warning InstanceTerminating: Instance is terminating")]
    [InlineData(
        Generation.V1, InterruptionKind.CapacityReservationInterrupted, "drains, Warning CapacityReservationInstanceInterrupted: Capacity Reservation Instance Interruption warning was triggered")]
    [InlineData(Generation.V1Alpha5, InterruptionKind.NoOp, "nothing")]
    [InlineData(
        Generation.V1Alpha5, InterruptionKind.SpotInterrupted, "drains, takes the offering, Warning InstanceSpotInterrupted: Node n event: A spot interruption warning was triggered for the node")]
    [InlineData(
        Generation.V1Alpha5, InterruptionKind.RebalanceRecommendation, "Normal InstanceSpotRebalanceRecommendation: Node n event: A spot rebalance recommendation was triggered for the node")]
    [InlineData(Generation.V1Alpha5, InterruptionKind.ScheduledChange, "drains, Warning InstanceUnhealthy: Node n event: An unhealthy warning was triggered for the node")]
    [InlineData(Generation.V1Alpha5, InterruptionKind.InstanceStopped, "drains, Warning InstanceStopping: Node n event: Instance is stopping")]
    [InlineData(Generation.V1Alpha5, InterruptionKind.InstanceTerminated, "drains, Warning InstanceTerminating: Node n event: Instance is terminating")]
    [InlineData(Generation.V1Alpha5, InterruptionKind.CapacityReservationInterrupted, "nothing")]
    public void Each_kind_of_message_has_its_action_and_its_event(Generation generation, InterruptionKind kind, string does)
    {
        var parts = new List<string>();
        if (InterruptionRules.Drains(kind, generation))
        {
            parts.Add("drains");
        }

        if (InterruptionRules.TakesOffering(kind))
        {
            parts.Add("takes the offering");
        }

        if (InterruptionRules.NoticeOf(kind, generation, "n") is { } notice)
        {
            parts.Add($"{(notice.IsWarning ? "Warning" : "Normal")} {notice.Reason}: {notice.Message}");
        }

        Assert.Equal(does, parts.Count == 0 ? "nothing" : string.Join(", ", parts));
    }

    [Theory]
    [InlineData(Generation.V1, "NodeClaim", "TerminatingOnInterruption: Interruption triggered termination for the NodeClaim")]
    [InlineData(Generation.V1, "Node", "TerminatingOnInterruption: Interruption triggered termination for the Node")]
    [InlineData(Generation.V1Alpha5, "Node", "NodeTerminatingOnInterruption: Node n event: Interruption triggered termination for the node")]
    public void The_end_of_an_object_is_told_as_its_generation_tells_it(Generation generation, string kind, string says)
    {
        var notice = InterruptionRules.TerminationOf(generation, kind, "n");
        Assert.True(notice.IsWarning);
        Assert.Equal(says, $"{notice.Reason}: {notice.Message}");
    }
}
