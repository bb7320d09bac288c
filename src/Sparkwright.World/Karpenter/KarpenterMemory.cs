using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Requests;
using Sparkwright.World.Karpenter.Apis;
using Sparkwright.World.Karpenter.InstanceTypes;

namespace Sparkwright.World.Karpenter;

/// <summary>
/// What Karpenter remembers for a short time: nodes that pods were planned for, and offerings that had no capacity. Kept in one object of
/// the store, so that a restart forgets nothing.
/// </summary>
public sealed class KarpenterMemory(ApiServer api)
{
    /// <summary>A nominated node is safe from disruption for twice the longest batch.</summary>
    private static readonly TimeSpan NominationLasts = TimeSpan.FromSeconds(20);

    /// <summary>How long an offering that had no capacity is left alone.</summary>
    private static readonly TimeSpan UnavailableFor = TimeSpan.FromMinutes(3);

    private const string Name = "karpenter";
    private const string Nominations = "nominations";
    private const string Registrations = "registrations";
    private const string HeldBack = "heldBackPools";
    private const string Offerings = "unavailableOfferings";

    /// <param name="lasts">The usual time unless given.</param>
    public void Nominate(IEnumerable<string> nodes, TimeSpan? lasts = null) => Remember(Nominations, nodes, lasts ?? NominationLasts);

    /// <summary>When a node's nomination ends; null when there is none.</summary>
    public DateTime? NominatedUntil(string node) => Lasting(Nominations, node);

    public void MarkUnavailable(IEnumerable<UnavailableOffering> offerings) =>
        Remember(Offerings, offerings.Select(offering => $"{offering.CapacityType}:{offering.Type}:{offering.Zone}"), UnavailableFor);

    public IEnumerable<UnavailableOffering> Unavailable()
    {
        foreach (var (text, until) in Kept(Offerings).Members())
        {
            if (until.Integer > api.Clock.Now.Ticks && text.Split(':') is [var capacityType, var type, var zone])
            {
                yield return new UnavailableOffering(capacityType, type, zone);
            }
        }
    }

    /// <summary>When the next offering may be asked for again; null when none is out.</summary>
    public DateTime? NextOfferingBack()
    {
        DateTime? next = null;
        foreach (var (_, until) in Kept(Offerings))
        {
            if (until.Integer is { } ticks && ticks > api.Clock.Now.Ticks && (next is null || ticks < next.Value.Ticks))
            {
                next = new DateTime(ticks, DateTimeKind.Utc);
            }
        }

        return next;
    }

    /// <summary>Lets a static pool wait before it tries again to make a node.</summary>
    public void HoldBack(string pool, TimeSpan time) => Remember(HeldBack, [pool], time);

    /// <summary>When a static pool may make nodes again; null = now.</summary>
    public DateTime? HeldBackUntil(string pool) => Lasting(HeldBack, pool);

    /// <summary>How the last nodes of a pool came up, the newest last: + for one that did, - for one that did not.</summary>
    public string Outcomes(string poolUid) => Kept(Registrations).Get(poolUid)?.Text ?? "";

    public void KeepOutcomes(string poolUid, string outcomes) => Write(Registrations, Kept(Registrations).With(poolUid, outcomes));

    private DateTime? Lasting(string what, string key) =>
        Kept(what).Get(key)?.Integer is { } ticks && ticks > api.Clock.Now.Ticks ? new DateTime(ticks, DateTimeKind.Utc) : null;

    private TreeMap Kept(string what) => api.Store.Get(KarpenterTypes.Memory, "", Name)?.Spec[what] as TreeMap ?? TreeMap.Empty;

    private void Remember(string what, IEnumerable<string> keys, TimeSpan time)
    {
        var builder = new SortedDictionary<string, long>(StringComparer.Ordinal);
        foreach (var (key, until) in Kept(what))
        {
            if (until.Integer is { } ticks && ticks > api.Clock.Now.Ticks)
            {
                builder[key] = ticks;
            }
        }

        var changed = false;
        foreach (var key in keys)
        {
            builder[key] = (api.Clock.Now + time).Ticks;
            changed = true;
        }

        if (!changed)
        {
            return;
        }

        var map = new TreeMapBuilder(builder.Count);
        foreach (var (key, ticks) in builder)
        {
            map.Set(key, ticks);
        }

        Write(what, map.Build());
    }

    private void Write(string what, TreeMap map)
    {
        if (api.Store.Get(KarpenterTypes.Memory, "", Name) is { } known)
        {
            api.Update(known.Set(["spec", what], map));
        }
        else
        {
            api.Create(new ApiObject(KarpenterTypes.Memory, new ObjectMeta { Name = Name }, TreeMap.Of(("spec", TreeMap.Of((what, map))))));
        }
    }
}
