using System.Collections.Immutable;

namespace Sparkwright.World.Karpenter.Interruption;

/// <summary>What a message of the interruption queue is about.</summary>
public enum InterruptionKind
{
    /// <summary>Nothing that Karpenter reacts to: another source, another state, another service.</summary>
    NoOp,

    /// <summary>EC2 takes a spot instance back in two minutes.</summary>
    SpotInterrupted,

    /// <summary>EC2 sees a raised risk that it will take a spot instance back.</summary>
    RebalanceRecommendation,

    /// <summary>AWS Health announces maintenance or the retirement of a host.</summary>
    ScheduledChange,

    /// <summary>An instance is stopping or has stopped.</summary>
    InstanceStopped,

    /// <summary>An instance is shutting down or has been terminated.</summary>
    InstanceTerminated,

    /// <summary>EC2 takes back an instance in a capacity reservation that was lent out (v1 only).</summary>
    CapacityReservationInterrupted,
}

/// <summary>A message of the interruption queue, as far as Karpenter reads it.</summary>
/// <param name="Instances">The ids of all instances that it names, in its order; those of others are among them.</param>
public sealed record InterruptionMessage(InterruptionKind Kind, ImmutableArray<string> Instances)
{
    public static InterruptionMessage NoOp { get; } = new(InterruptionKind.NoOp, []);
}
