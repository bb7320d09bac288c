using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Quantities;
using Sparkwright.World.YuniKorn.Configuration;
using Sparkwright.World.YuniKorn.Queues;

namespace Sparkwright.World.YuniKorn.Rest;

/// <summary>A queue as <c>/ws/v1/partition/default/queue/…</c> shows it; optional members without a value are left out.</summary>
public static class QueueJson
{
    /// <summary>Every queue, parents first, without the queues below them.</summary>
    public static TreeList Flat(Queue root) => TreeList.From(root.Downwards().Select(queue => Of(queue)));

    /// <summary>A queue with all queues below it.</summary>
    public static TreeMap Whole(Queue queue) => queue.IsLeaf ? Of(queue) : Of(queue).With("children", TreeList.From(queue.Children.Values.Select(Whole)));

    public static TreeMap Of(Queue queue) => TreeMap.Of(
        ("absUsedCapacity", Nullable(UsedPercent(queue))),
        ("allocatedResource", Nullable(queue.Allocated)),
        ("allocatingAcceptedApps", ApplicationJson.ListOf(queue.Applications.Values.Where(application => application.CountsAsRunning).Select(application => (Tree)application.Id))),
        ("childNames", ApplicationJson.ListOf(queue.Children.Values.Select(child => (Tree)child.Path))),
        ("currentPriority", queue.Priority() is { } priority and not 0 ? priority : null),
        ("guaranteedResource", Nullable(queue.Guaranteed)),
        ("headroom", Nullable(queue.HeadRoom())),
        ("isLeaf", queue.IsLeaf),
        ("isManaged", queue.IsManaged),
        ("isPreemptionFence", queue.Properties.Preemption == PreemptionPolicy.Fence),
        ("isPriorityFence", queue.Properties.FencesPriority),
        ("maxResource", Nullable(queue.Max)),
        ("maxRunningApps", queue.MaxApplications == 0 ? null : queue.MaxApplications),
        ("parent", queue.Parent?.Path),
        ("partition", Names.Partition),
        ("pendingResource", Nullable(queue.Pending)),
        ("preemptingResource", Nullable(queue.Preempting)),
        ("preemptionDelay", GoDuration.Print(queue.Properties.PreemptionDelay)),
        ("preemptionEnabled", queue.Properties.Preemption != PreemptionPolicy.Disabled),
        ("priorityOffset", queue.Properties.PriorityOffset == 0 ? null : queue.Properties.PriorityOffset),
        ("prioritySorting", queue.Properties.SortsByPriority),
        ("properties", queue.Properties.All.IsEmpty ? null : TreeMap.OfTexts(queue.Properties.All)),
        ("queuename", queue.Path),
        ("quotaPreemptionDelay", GoDuration.Print(queue.Properties.QuotaPreemptionDelay)),
        ("runningApps", queue.RunningApplications == 0 ? null : queue.RunningApplications),
        ("sortingPolicy", queue.IsLeaf && !queue.Properties.IsFair ? "fifo" : "fair"),
        ("status", queue.IsDraining ? "Draining" : "Active"),
        ("template", queue.IsLeaf || queue.Template.IsEmpty ? null : TemplateOf(queue.Template)));

    /// <summary>What is used of each type, in whole percent of the queue's own maximum; a type without one is not among them.</summary>
    private static Amounts UsedPercent(Queue queue)
    {
        var whole = queue.Max ?? Amounts.None;
        return Amounts.Of([.. queue.Allocated.Names.Where(name => whole[name] > 0).Select(name => (name, (long)((Int128)queue.Allocated[name] * 100 / whole[name])))]);
    }

    private static TreeMap TemplateOf(ChildTemplateSettings template) => TreeMap.Of(
        ("guaranteedResource", QuantityText.TryReadAll(template.Guaranteed, out var guaranteed, out _) ? Nullable(guaranteed) : null),
        ("maxApplications", template.MaxApplications == 0 ? null : template.MaxApplications),
        ("maxResource", QuantityText.TryReadAll(template.Max, out var max, out _) ? Nullable(max) : null),
        ("properties", template.Properties.IsEmpty ? null : TreeMap.OfTexts(template.Properties)));

    private static TreeMap? Nullable(Amounts? amounts) => amounts is null || amounts.IsEmpty ? null : amounts.ToTree();
}
