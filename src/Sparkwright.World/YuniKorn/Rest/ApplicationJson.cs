using Sparkwright.Kubernetes.Objects;
using Sparkwright.World.YuniKorn.Applications;

namespace Sparkwright.World.YuniKorn.Rest;

/// <summary>An application as <c>/ws/v1/partition/default/application/…</c> shows it; optional members without a value are left out.</summary>
public static class ApplicationJson
{
    public static TreeMap Of(Application application) => TreeMap.Of(
        ("allocations", ListOf(application.Tasks.Values.Where(task => task.State is TaskState.Allocated or TaskState.Bound).Select(Allocation))),
        ("applicationID", application.Id),
        ("applicationState", application.State.ToString()),
        ("backoffDeadline", application.BackoffDeadline is { } rests ? Nanoseconds(rests) : null),
        ("finishedTime", application.Finished is { } finished ? Nanoseconds(finished) : null),
        ("groups", application.User.Groups.IsEmpty ? null : TreeList.OfTexts(application.User.Groups)),
        ("hasReserved", application.Asks.Any(ask => ask.ReservedNode.Length > 0)),
        ("maxRequestPriority", application.HighestPriority is { } priority and not 0 ? priority : null),
        ("maxUsedResource", application.MaxAllocated.IsEmpty ? null : application.MaxAllocated.ToTree()),
        ("partition", Names.Partition),
        ("pendingResource", application.Pending.IsEmpty ? null : application.Pending.ToTree()),
        ("placeholderData", ListOf(application.Placeholders.Select(group => TreeMap.Of(
            ("count", group.Value.Count),
            ("minResource", group.Value.MinResource.ToTree()),
            ("replaced", group.Value.Replaced),
            ("taskGroupName", group.Key),
            ("timedout", group.Value.TimedOut))))),
        ("queueName", application.QueuePath),
        ("rejectedMessage", application.RejectedMessage.Length == 0 ? null : application.RejectedMessage),
        ("requests", ListOf(application.Asks.Select(Request))),
        ("reservations", ListOf(application.Asks.Where(ask => ask.ReservedNode.Length > 0).Select(ask => (Tree)ask.Uid))),
        ("startTime", application.Started is { } started ? Nanoseconds(started) : null),
        ("stateLog", ListOf(application.StateLog.Select(entry => TreeMap.Of(("applicationState", entry.State.ToString()), ("time", Nanoseconds(entry.At)))))),
        ("submissionTime", Nanoseconds(application.Submitted)),
        ("usedResource", application.Allocated.IsEmpty ? null : application.Allocated.ToTree()),
        ("user", application.User.Name));

    /// <summary>Nanoseconds since 1970, as YuniKorn counts time.</summary>
    internal static long Nanoseconds(DateTime time) => (time - DateTime.UnixEpoch).Ticks * 100;

    internal static TreeList? ListOf(IEnumerable<Tree> items) => TreeList.From(items) is { Count: > 0 } list ? list : null;

    internal static TreeMap Allocation(PodTask task) => Common(task).Merge(TreeMap.Of(
        ("allocationDelay", task.AllocatedAt is { } at ? Nanoseconds(at) - Nanoseconds(task.Created) : null),
        ("allocationTime", task.AllocatedAt is { } time ? Nanoseconds(time) : null),
        ("nodeId", task.Node),
        ("placeholderUsed", task.UsedPlaceholder ? true : null),
        ("preempted", task.IsPreempted ? true : null),
        ("resource", task.Request.ToTree())));

    internal static TreeMap Tags(ObjectKey pod) => TreeMap.Of(("kubernetes.io/meta/namespace", pod.Namespace), ("kubernetes.io/meta/podName", pod.Name));

    private static TreeMap Request(PodTask task) => Common(task).Merge(TreeMap.Of(
        ("allocationLog", ListOf(task.Refusals.Select(entry => TreeMap.Of(
            ("count", entry.Value.Count), ("lastOccurrence", Nanoseconds(entry.Value.Last)), ("message", entry.Key))))),
        ("allowPreemptOther", task.MayPreempt ? true : null),
        ("pendingResource", task.Request.ToTree()),
        ("requiredNodeId", task.RequiredNode),
        ("schedulingAttempted", task.WasAttempted ? true : null),
        ("triggeredPreemption", task.HasTriggeredPreemption ? true : null),
        ("triggeredScaleUp", task.HasTriggeredScaleUp ? true : null)));

    private static TreeMap Common(PodTask task) => TreeMap.Of(
        ("allocationKey", task.Uid),
        ("allocationTags", Tags(task.Key)),
        ("allowPreemptSelf", task.MayBePreempted ? true : null),
        ("applicationId", task.Application.Id),
        ("originator", task.IsOriginator ? true : null),
        ("partition", Names.Partition),
        ("placeholder", task.IsPlaceholder ? true : null),
        ("priority", task.Priority.ToString(System.Globalization.CultureInfo.InvariantCulture)),
        ("requestTime", Nanoseconds(task.Created)),
        ("taskGroupName", task.Group.Length == 0 ? null : task.Group));
}
