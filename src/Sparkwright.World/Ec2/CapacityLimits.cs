using System.Collections.Immutable;
using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Store;

namespace Sparkwright.World.Ec2;

/// <summary>
/// How much EC2 still has to give. Everything is unlimited but for what the limits in the store say; a limit counts the matching instances
/// launched since it was set that are still alive.
/// </summary>
public sealed class CapacityLimits(ImmutableArray<CapacityLimit> limits, Func<CapacityLimit, long> launchedSince)
{
    public static CapacityLimits None { get; } = new([], _ => 0);

    /// <summary>The limits of a store's world.</summary>
    public static CapacityLimits Of(ObjectStore store) => store.Count(Ec2Types.CapacityLimit) == 0
        ? None
        : new CapacityLimits(
            [.. store.List(Ec2Types.CapacityLimit).Select(CapacityLimit.Of)],
            limit => store.List(Ec2Types.Instance).Select(Instance.Of)
                .LongCount(instance => instance.IsAlive && instance.LaunchedAt >= limit.Since && limit.AppliesTo(instance.TypeName, instance.Zone, instance.CapacityType)));

    /// <summary>How many more can be launched; <see cref="long.MaxValue"/> where nothing limits them.</summary>
    public long Left(string type, string zone, string capacityType)
    {
        var left = long.MaxValue;
        foreach (var limit in limits)
        {
            if (limit.AppliesTo(type, zone, capacityType))
            {
                left = Math.Min(left, Math.Max(0, limit.Available - launchedSince(limit)));
            }
        }

        return left;
    }
}

/// <summary>A limit on what EC2 has.</summary>
/// <param name="InstanceType">A pattern such as <c>c5d.*</c>; null for every type.</param>
/// <param name="Zone">Null for every zone.</param>
/// <param name="CapacityType">spot or on-demand; null for both.</param>
/// <param name="Available">How many could be launched when the limit was set.</param>
/// <param name="Since">When that was.</param>
public sealed record CapacityLimit(string? InstanceType, string? Zone, string? CapacityType, long Available, DateTime Since)
{
    public static CapacityLimit Of(ApiObject from) => new(
        from.Spec["instanceType"]?.Text,
        from.Spec["zone"]?.Text,
        from.Spec["capacityType"]?.Text,
        from.Spec["available"]?.Integer ?? 0,
        from.Metadata.CreationTimestamp);

    public bool AppliesTo(string type, string zone, string capacityType) =>
        (InstanceType is null || TagSelector.Glob(InstanceType, type)) && (Zone is null || Zone == zone) && (CapacityType is null || CapacityType == capacityType);
}
