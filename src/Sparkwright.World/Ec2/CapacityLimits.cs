using System.Collections.Immutable;
using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Requests;
using Sparkwright.Kubernetes.Store;
using Sparkwright.World.Aws.Access;

namespace Sparkwright.World.Ec2;

/// <summary>
/// How much EC2 still has to give. The latest limit in the store that applies to an offer decides; it counts the instances that it applies to,
/// were launched since it was set, and are still alive. Where none applies, scarce pools have little and all others any number.
/// </summary>
/// <param name="limits">In the order in which they were set.</param>
public sealed class CapacityLimits(ImmutableArray<CapacityLimit> limits, Func<CapacityLimit, long> launchedSince)
{
    public static CapacityLimits None { get; } = new([], _ => 0);

    /// <summary>What is left (of type, zone, capacity type) where no limit applies.</summary>
    public Func<string, string, string, long> Otherwise { get; init; } = (_, _, _) => long.MaxValue;

    /// <summary>The limits of a store's world.</summary>
    public static CapacityLimits Of(ObjectStore store, ScarcePools pools) => new(
        [.. store.List(Ec2Types.CapacityLimit).Select(CapacityLimit.Of)],
        limit => store.List(Ec2Types.Instance).Select(Instance.Of).LongCount(instance => instance.IsAlive && limit.Counts(instance)))
    {
        Otherwise = (type, zone, capacityType) => pools.Left(store, type, zone, capacityType),
    };

    /// <summary>Says how much there is from now on of what the pattern covers, whatever earlier limits said of that.</summary>
    public static void Set(ApiServer api, CapacityPattern pattern, long? available)
    {
        foreach (var same in api.Store.List(Ec2Types.CapacityLimit).Where(known => CapacityLimit.Of(known).Pattern == pattern).ToList())
        {
            api.Delete(Ec2Types.CapacityLimit, same.Key);
        }

        var atThisInstant = api.Store.List(Ec2Types.Instance).Select(Instance.Of).Where(instance => instance.LaunchedAt == api.Clock.Now).Select(instance => instance.Id);
        api.Create(new ApiObject(
            Ec2Types.CapacityLimit,
            new ObjectMeta { Name = $"{api.Store.ResourceVersion + 1:d12}" },
            TreeMap.Of(("spec", TreeMap.Of(
                ("available", available),
                ("before", TreeList.OfTexts(atThisInstant)),
                ("capacityType", pattern.CapacityType),
                ("instanceType", pattern.InstanceType),
                ("sinceTicks", api.Clock.Now.Ticks),
                ("zone", pattern.Zone))))));
    }

    /// <summary>How many more can be launched; <see cref="long.MaxValue"/> where nothing limits them.</summary>
    public long Left(string type, string zone, string capacityType)
    {
        for (var at = limits.Length - 1; at >= 0; at--)
        {
            if (limits[at].Pattern.Covers(type, zone, capacityType))
            {
                return limits[at].Available is { } available ? Math.Max(0, available - launchedSince(limits[at])) : long.MaxValue;
            }
        }

        return Otherwise(type, zone, capacityType);
    }
}

/// <summary>Which offers a limit is about.</summary>
/// <param name="InstanceType">A pattern such as <c>c5d.*</c>; null for every type.</param>
/// <param name="Zone">Null for every zone.</param>
/// <param name="CapacityType">spot or on-demand; null for both.</param>
public sealed record CapacityPattern(string? InstanceType, string? Zone, string? CapacityType)
{
    public bool Covers(string type, string zone, string capacityType) =>
        (InstanceType is null || Wildcards.Fit(InstanceType, type)) && (Zone is null || Zone == zone) && (CapacityType is null || CapacityType == capacityType);
}

/// <summary>A limit on what EC2 has.</summary>
/// <param name="Available">How many could be launched when the limit was set; null for any number.</param>
/// <param name="Since">When that was.</param>
/// <param name="Before">The instances launched at that very instant, but before.</param>
public sealed record CapacityLimit(CapacityPattern Pattern, long? Available, DateTime Since, ImmutableArray<string> Before)
{
    public static CapacityLimit Of(ApiObject from) => new(
        new CapacityPattern(from.Spec["instanceType"]?.Text, from.Spec["zone"]?.Text, from.Spec["capacityType"]?.Text),
        from.Spec["available"]?.Integer,
        new DateTime(from.Spec["sinceTicks"]?.Integer ?? 0, DateTimeKind.Utc),
        [.. Tree.ItemsOf(from.Spec["before"]).ToArray().Select(id => id.Text ?? "")]);

    /// <summary>Whether an instance takes from what there was when the limit was set.</summary>
    public bool Counts(Instance instance) =>
        instance.LaunchedAt >= Since && Pattern.Covers(instance.TypeName, instance.Zone, instance.CapacityType) && !Before.Contains(instance.Id);
}
