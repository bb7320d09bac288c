namespace Sparkwright.World.YuniKorn.Queues;

/// <summary>How much of its due somebody has: what fair ordering goes by.</summary>
public static class FairShare
{
    /// <summary>
    /// The share of a queue: of each type that it uses, what it has of its guarantee, or of its fair maximum where nothing is guaranteed; the
    /// largest of these counts. Some use of what may not be used at all is everything.
    /// </summary>
    public static Share OfQueue(Amounts allocated, Amounts guaranteed, Amounts fairMax)
    {
        var largest = Share.Nothing;
        foreach (var name in allocated.Names)
        {
            if (!guaranteed.TryGet(name, out var whole) && !fairMax.TryGet(name, out whole))
            {
                continue;
            }

            var used = Math.Max(0, allocated[name]);
            var share = whole > 0 ? new Share(used, whole) : used == 0 ? Share.Nothing : Share.Everything;
            largest = share.CompareTo(largest) > 0 ? share : largest;
        }

        return largest;
    }

    /// <summary>
    /// Compares two applications of a queue: their shares of its guarantee from the largest down. A type without a guarantee counts with its
    /// plain amount, so that in practice bytes of memory decide.
    /// </summary>
    public static int CompareApplications(Amounts left, Amounts right, Amounts guaranteed)
    {
        var (ours, theirs) = (Descending(left, guaranteed), Descending(right, guaranteed));
        for (var at = 0; at < Math.Max(ours.Count, theirs.Count); at++)
        {
            var order = (at < ours.Count ? ours[at] : Share.Nothing).CompareTo(at < theirs.Count ? theirs[at] : Share.Nothing);
            if (order != 0)
            {
                return order;
            }
        }

        return 0;
    }

    private static List<Share> Descending(Amounts allocated, Amounts guaranteed)
    {
        var shares = allocated.Names
            .Where(name => allocated[name] != 0)
            .Select(name => new Share(allocated[name], guaranteed.TryGet(name, out var whole) && whole > 0 ? whole : 1))
            .ToList();
        shares.Sort(static (left, right) => right.CompareTo(left));
        return shares;
    }
}
