using Sparkwright.World.YuniKorn.Applications;

namespace Sparkwright.World.YuniKorn.Queues;

/// <summary>The applications of a leaf that ask for something, kept in the order of their turns: only those that changed are put in their place anew.</summary>
internal sealed class WaitingApplications(Queue leaf)
{
    private readonly List<Application> order = [];
    private readonly HashSet<Application> changed = [];
    private IComparer<Application>? comparer;
    private (QueueProperties Properties, Amounts Guaranteed)? orderedBy;

    /// <summary>Something has changed that may change the place of an application, or whether it waits.</summary>
    public void Changed(Application application) => changed.Add(application);

    /// <summary>By priority, then by age or by fair share, then by id; holds until the next call.</summary>
    public IReadOnlyList<Application> InOrder()
    {
        comparer ??= Comparer<Application>.Create(Compare);
        if (orderedBy is not { } known || !ReferenceEquals(known.Properties, leaf.Properties) || !ReferenceEquals(known.Guaranteed, leaf.Guaranteed))
        {
            orderedBy = (leaf.Properties, leaf.Guaranteed);
            order.Clear();
            order.AddRange(leaf.Applications.Values.Where(application => application.Pending.IsPositive));
            order.Sort(comparer);
            changed.Clear();
            return order;
        }

        if (changed.Count > 0)
        {
            order.RemoveAll(changed.Contains);
            foreach (var application in changed)
            {
                if (application.Queue == leaf && application.Pending.IsPositive)
                {
                    order.Insert(~order.BinarySearch(application, comparer), application);
                }
            }

            changed.Clear();
        }

        return order;
    }

    private int Compare(Application left, Application right)
    {
        var properties = leaf.Properties;
        var priority = (right.HighestPriority ?? 0).CompareTo(left.HighestPriority ?? 0);
        var policy = properties.IsFair
            ? FairShare.CompareApplications(left.Allocated, right.Allocated, leaf.Guaranteed)
            : left.Submitted.CompareTo(right.Submitted);
        var result = properties.SortsByPriority ? priority : policy;
        result = result != 0 ? result : properties.SortsByPriority ? policy : priority;
        result = result != 0 ? result : left.Submitted.CompareTo(right.Submitted);
        return result != 0 ? result : string.CompareOrdinal(left.Id, right.Id);
    }
}
