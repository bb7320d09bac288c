using Sparkwright.Kubernetes.Objects;
using Sparkwright.World.YuniKorn.Applications;
using Sparkwright.World.YuniKorn.Cycle;

namespace Sparkwright.World.YuniKorn.Rest;

/// <summary>What happened to applications, as <c>/ws/v1/events/batch</c> tells it; numbers are those of YuniKorn's scheduler interface.</summary>
public static class EventRecords
{
    private const int ApplicationRecord = 2;
    private const int WasSet = 1;

    /// <summary>Changes of applications' states, oldest first; equal times by application.</summary>
    public static TreeList Of(YuniKornScheduler scheduler) => TreeList.From(scheduler.Finished.Concat(scheduler.Applications)
        .SelectMany(application => application.StateLog.Select((entry, number) => (application, entry, number)))
        .OrderBy(record => record.entry.At)
        .ThenBy(record => record.application.Id, StringComparer.Ordinal)
        .ThenBy(record => record.number)
        .Select(record => TreeMap.Of(
            ("eventChangeDetail", DetailOf(record.entry.State)),
            ("eventChangeType", WasSet),
            ("message", record.entry.State == ApplicationState.Rejected ? record.application.RejectedMessage : null),
            ("objectID", record.application.Id),
            ("timestampNano", ApplicationJson.Nanoseconds(record.entry.At)),
            ("type", ApplicationRecord))));

    /// <summary>A part of the records, as <c>/ws/v1/events/batch</c> answers it: at most <paramref name="count"/> from the number <paramref name="start"/> on.</summary>
    public static TreeMap Batch(YuniKornScheduler scheduler, long start, long count)
    {
        var all = Of(scheduler).Items;
        var known = start >= 0 && start < all.Length;
        return TreeMap.Of(
            ("EventRecords", known ? TreeList.From(all[(int)start..(int)Math.Min(all.Length, start + count)].ToArray()) : null),
            ("HighestID", Math.Max(0, all.Length - 1)),
            ("InstanceUUID", scheduler.InstanceId),
            ("LowestID", 0));
    }

    private static int DetailOf(ApplicationState state) => state switch
    {
        ApplicationState.Rejected => 202,
        ApplicationState.New => 203,
        ApplicationState.Accepted => 204,
        ApplicationState.Running => 206,
        ApplicationState.Completing => 207,
        ApplicationState.Completed => 208,
        ApplicationState.Failing => 209,
        ApplicationState.Failed => 210,
        ApplicationState.Resuming => 211,
        _ => 212,
    };
}
