using Sparkwright.World.YuniKorn.Applications;
using Sparkwright.World.YuniKorn.Queues;

namespace Sparkwright.World.YuniKorn.Cycle;

/// <summary>Who goes first: among the queues of a parent, and among the applications of a queue.</summary>
public static class QueueOrder
{
    /// <summary>The queues of a parent in which something waits: by priority and fair share, then the one with more waiting, then by name.</summary>
    public static IReadOnlyList<Queue> Children(Queue parent)
    {
        var waiting = parent.Children.Values.Where(child => child.Pending.IsPositive)
            .Select(child => (Queue: child, Priority: child.Priority() ?? long.MinValue, Share: FairShare.OfQueue(child.Allocated, child.Guaranteed, child.FairMax())))
            .ToList();
        if (waiting.Count < 2)
        {
            return [.. waiting.Select(one => one.Queue)];
        }

        var byPriority = parent.Properties.SortsByPriority;
        waiting.Sort((left, right) =>
        {
            var priority = right.Priority.CompareTo(left.Priority);
            var share = left.Share.CompareTo(right.Share);
            var order = byPriority ? priority : share;
            order = order != 0 ? order : byPriority ? share : priority;
            order = order != 0 ? order : ByPending(left.Queue.Pending, right.Queue.Pending);
            return order != 0 ? order : string.CompareOrdinal(left.Queue.Name, right.Queue.Name);
        });
        return [.. waiting.Select(one => one.Queue)];
    }

    /// <summary>The applications of a leaf in which something waits: by priority, then by age or by fair share, then by id.</summary>
    public static IReadOnlyList<Application> Applications(Queue leaf)
    {
        var waiting = leaf.Applications.Values.Where(application => application.Pending.IsPositive).ToList();
        if (waiting.Count < 2)
        {
            return waiting;
        }

        var properties = leaf.Properties;
        waiting.Sort((left, right) =>
        {
            var priority = (right.HighestPriority ?? 0).CompareTo(left.HighestPriority ?? 0);
            var policy = properties.IsFair
                ? FairShare.CompareApplications(left.Allocated, right.Allocated, leaf.Guaranteed)
                : left.Submitted.CompareTo(right.Submitted);
            var order = properties.SortsByPriority ? priority : policy;
            order = order != 0 ? order : properties.SortsByPriority ? policy : priority;
            order = order != 0 ? order : left.Submitted.CompareTo(right.Submitted);
            return order != 0 ? order : string.CompareOrdinal(left.Id, right.Id);
        });
        return waiting;
    }

    private static int ByPending(Amounts left, Amounts right) => left.Exceeds(right) ? -1 : right.Exceeds(left) ? 1 : 0;
}
