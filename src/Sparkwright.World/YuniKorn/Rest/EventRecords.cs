using Sparkwright.Kubernetes.Objects;
using Sparkwright.World.YuniKorn.Applications;
using Sparkwright.World.YuniKorn.Cycle;

namespace Sparkwright.World.YuniKorn.Rest;

/// <summary>What happened to applications, as <c>/ws/v1/events/batch</c> tells it; numbers are those of YuniKorn's scheduler interface.</summary>
public static class EventRecords
{
    private const int RequestRecord = 1;
    private const int ApplicationRecord = 2;
    private const int WasSet = 1;

    /// <summary>Changes of applications' states, and what was said of their asks and placeholders, oldest first; equal times by application, then changes first.</summary>
    public static TreeList Of(YuniKornScheduler scheduler) => TreeList.From(scheduler.Finished.Concat(scheduler.Applications)
        .SelectMany(application => application.StateLog.Select(entry => (entry.At, application.Id, Record: Changed(application, entry)))
            .Concat(application.Remarks.Select(remark => (remark.At, application.Id, Record: Said(application, remark)))))
        .OrderBy(record => record.At)
        .ThenBy(record => record.Id, StringComparer.Ordinal)
        .Select(record => record.Record));

    private static TreeMap Changed(Application application, StateChange entry) => TreeMap.Of(
        ("eventChangeDetail", DetailOf(entry.State)),
        ("eventChangeType", WasSet),
        ("message", entry.State == ApplicationState.Rejected ? application.RejectedMessage : null),
        ("objectID", application.Id),
        ("timestampNano", ApplicationJson.Nanoseconds(entry.At)),
        ("type", ApplicationRecord));

    private static TreeMap Said(Application application, Remark remark) => TreeMap.Of(
        ("message", remark.Message),
        ("objectID", remark.About),
        ("referenceID", application.Id),
        ("resource", TreeMap.Of(("resources", TreeMap.Of([.. remark.Resource.Names.Select(name => (name, (Tree?)TreeMap.Of(("value", remark.Resource[name]))))])))),
        ("timestampNano", ApplicationJson.Nanoseconds(remark.At)),
        ("type", RequestRecord));

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
