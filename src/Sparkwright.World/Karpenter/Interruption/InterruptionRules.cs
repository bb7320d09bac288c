namespace Sparkwright.World.Karpenter.Interruption;

/// <summary>What Karpenter does about a message, and what it says of it.</summary>
public static class InterruptionRules
{
    /// <summary>Whether a node is drained and replaced; a rebalance recommendation is only told.</summary>
    public static bool Drains(InterruptionKind kind, Generation generation) => kind switch
    {
        InterruptionKind.NoOp or InterruptionKind.RebalanceRecommendation => false,
        InterruptionKind.CapacityReservationInterrupted => generation == Generation.V1,
        _ => true,
    };

    /// <summary>What metrics call a kind of message.</summary>
    public static string MessageType(InterruptionKind kind, Generation generation) => (generation, kind) switch
    {
        (Generation.V1, InterruptionKind.SpotInterrupted) => "spot_interrupted",
        (Generation.V1, InterruptionKind.RebalanceRecommendation) => "rebalance_recommendation",
        (Generation.V1, InterruptionKind.ScheduledChange) => "scheduled_change",
        (Generation.V1, InterruptionKind.InstanceStopped) => "instance_stopped",
        (Generation.V1, InterruptionKind.InstanceTerminated) => "instance_terminated",
        (Generation.V1, InterruptionKind.CapacityReservationInterrupted) => "capacity_reservation_interrupted",
        (Generation.V1, _) => "no_op",
        (_, InterruptionKind.SpotInterrupted) => "SpotInterruptionKind",
        (_, InterruptionKind.RebalanceRecommendation) => "RebalanceRecommendationKind",
        (_, InterruptionKind.ScheduledChange) => "ScheduledChangeKind",
        (_, InterruptionKind.InstanceStopped or InterruptionKind.InstanceTerminated) => "StateChangeKind",
        _ => "NoOpKind",
    };

    /// <summary>Whether the spot offering counts as unavailable for a while: where one instance is taken back, another will not live long.</summary>
    public static bool TakesOffering(InterruptionKind kind) => kind == InterruptionKind.SpotInterrupted;

    /// <summary>The event about a message; null where Karpenter says nothing.</summary>
    /// <param name="name">Of the Node, which events of the older generation repeat.</param>
    public static InterruptionNotice? NoticeOf(InterruptionKind kind, Generation generation, string name) => (generation, kind) switch
    {
        (Generation.V1, InterruptionKind.SpotInterrupted) => new(true, "SpotInterrupted", "Spot interruption warning was triggered"),
        (Generation.V1, InterruptionKind.RebalanceRecommendation) => new(false, "SpotRebalanceRecommendation", "Spot rebalance recommendation was triggered"),
        (Generation.V1, InterruptionKind.ScheduledChange) => new(true, "InstanceUnhealthy", "An unhealthy warning was triggered for the instance"),
        (Generation.V1, InterruptionKind.InstanceStopped) => new(true, "InstanceStopping", "Instance is stopping"),
        (Generation.V1, InterruptionKind.InstanceTerminated) => new(true, "InstanceTerminating", "Instance is terminating"),
        (Generation.V1, InterruptionKind.CapacityReservationInterrupted) =>
            new(true, "CapacityReservationInstanceInterrupted", "Capacity Reservation Instance Interruption warning was triggered"),
        (Generation.V1Alpha5, InterruptionKind.SpotInterrupted) =>
            new(true, "InstanceSpotInterrupted", $"Node {name} event: A spot interruption warning was triggered for the node"),
        (Generation.V1Alpha5, InterruptionKind.RebalanceRecommendation) =>
            new(false, "InstanceSpotRebalanceRecommendation", $"Node {name} event: A spot rebalance recommendation was triggered for the node"),
        (Generation.V1Alpha5, InterruptionKind.ScheduledChange) => new(true, "InstanceUnhealthy", $"Node {name} event: An unhealthy warning was triggered for the node"),
        (Generation.V1Alpha5, InterruptionKind.InstanceStopped) => new(true, "InstanceStopping", $"Node {name} event: Instance is stopping"),
        (Generation.V1Alpha5, InterruptionKind.InstanceTerminated) => new(true, "InstanceTerminating", $"Node {name} event: Instance is terminating"),
        _ => null,
    };

    /// <summary>The event about an object whose end a message brought.</summary>
    /// <param name="kind">Node or NodeClaim.</param>
    public static InterruptionNotice TerminationOf(Generation generation, string kind, string name) => generation == Generation.V1
        ? new InterruptionNotice(true, "TerminatingOnInterruption", $"Interruption triggered termination for the {kind}")
        : new InterruptionNotice(true, "NodeTerminatingOnInterruption", $"Node {name} event: Interruption triggered termination for the node");
}

/// <summary>An event that Karpenter records.</summary>
/// <param name="IsWarning">Whether its type is Warning; otherwise Normal.</param>
public sealed record InterruptionNotice(bool IsWarning, string Reason, string Message);
