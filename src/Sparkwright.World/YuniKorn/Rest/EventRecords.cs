using Sparkwright.Kubernetes.Objects;
using Sparkwright.World.YuniKorn.Cycle;

namespace Sparkwright.World.YuniKorn.Rest;

/// <summary>What happened, as <c>/ws/v1/events/batch</c> tells it; members with an empty value are left out, the resource is always there.</summary>
public static class EventRecords
{
    /// <summary>All records that are kept, oldest first.</summary>
    public static TreeList Of(YuniKornScheduler scheduler) => TreeList.From(scheduler.Events.From(scheduler.Events.LowestId, long.MaxValue).Select(Show));

    /// <summary>A part of the records, as <c>/ws/v1/events/batch</c> answers it: at most <paramref name="count"/> from the id <paramref name="start"/> on.</summary>
    public static TreeMap Batch(YuniKornScheduler scheduler, long start, long count)
    {
        var log = scheduler.Events;
        var found = TreeList.From(log.From(start, count).Select(Show));
        return TreeMap.Of(
            ("EventRecords", found.Count > 0 ? found : null),
            ("HighestID", Math.Max(0, log.Created - 1)),
            ("InstanceUUID", scheduler.InstanceId),
            ("LowestID", log.LowestId));
    }

    /// <summary>The records that are kept from an id on.</summary>
    public static IReadOnlyList<Tree> From(YuniKornScheduler scheduler, long start) => [.. scheduler.Events.From(start, long.MaxValue).Select(Show)];

    private static Tree Show(EventEntry entry) => TreeMap.Of(
        ("eventChangeDetail", entry.Detail == EventDetail.None ? null : (int)entry.Detail),
        ("eventChangeType", entry.Change == EventChange.None ? null : (int)entry.Change),
        ("message", TextOf(entry.Message)),
        ("objectID", TextOf(entry.ObjectId)),
        ("referenceID", TextOf(entry.ReferenceId)),
        ("resource", TreeMap.Of(("resources", entry.Resource.IsEmpty
            ? null
            : TreeMap.Of([.. entry.Resource.Names.Select(name => (name, (Tree?)TreeMap.Of(("value", entry.Resource[name]))))])))),
        ("timestampNano", ApplicationJson.Nanoseconds(entry.At)),
        ("type", (int)entry.Kind));

    private static Tree? TextOf(string text) => text.Length == 0 ? null : text;
}
