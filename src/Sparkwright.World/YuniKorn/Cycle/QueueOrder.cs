using Sparkwright.World.YuniKorn.Queues;

namespace Sparkwright.World.YuniKorn.Cycle;

/// <summary>Which queue goes first among those of a parent.</summary>
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

    private static int ByPending(Amounts left, Amounts right) => left.Exceeds(right) ? -1 : right.Exceeds(left) ? 1 : 0;
}
