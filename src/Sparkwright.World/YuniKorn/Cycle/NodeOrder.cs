using Sparkwright.Kubernetes.Fitting;
using Sparkwright.World.Scheduling;
using Sparkwright.World.YuniKorn.Configuration;

namespace Sparkwright.World.YuniKorn.Cycle;

/// <summary>
/// Nodes in the order in which they are tried: the least used first, or the most used for bin packing; equals by name. For each size of pod it
/// also keeps those that have room for it, so that bin packing need not walk past all full nodes.
/// </summary>
internal sealed class NodeOrder
{
    /// <summary>Sizes of pods for which the nodes with room are kept; beyond, all are found anew.</summary>
    private const int MostSizes = 512;

    private static readonly KeyValuePair<string, decimal>[] EqualWeights = [new(Amounts.Memory, 1), new(Amounts.Vcore, 1)];

    private static readonly IComparer<Entry> ByScore = Comparer<Entry>.Create(static (left, right) =>
        left.Score.CompareTo(right.Score) is var order && order != 0 ? order : string.CompareOrdinal(left.Node.View.Name, right.Node.View.Name));

    private readonly SortedSet<Entry> order = new(ByScore);
    private readonly Dictionary<string, Entry> entries = new(StringComparer.Ordinal);
    private readonly Dictionary<ResourceList, Roomy> roomy = [];
    private readonly List<(Entry? Before, Entry? After)> moves = [];
    private readonly SortedSet<string> stale = new(StringComparer.Ordinal);
    private NodeSortSettings settings = new();

    public void Configure(NodeSortSettings now)
    {
        settings = now;
        stale.UnionWith(entries.Keys);
    }

    /// <summary>A node may have changed.</summary>
    public void Touch(string node) => stale.Add(node);

    /// <summary>All nodes in order; not to be changed while they are walked.</summary>
    public IEnumerable<NodeState> Of(NodeBook book)
    {
        CatchUp(book);
        return order.Select(static entry => entry.Node);
    }

    /// <summary>The nodes in order that take new pods and have room for this much; not to be changed while they are walked.</summary>
    public IEnumerable<NodeState> WithRoom(NodeBook book, ResourceList size)
    {
        CatchUp(book);
        if (!roomy.TryGetValue(size, out var known))
        {
            if (roomy.Count == MostSizes)
            {
                roomy.Clear();
            }

            roomy.Add(size, known = new Roomy(size));
        }

        known.CatchUp(order, moves);
        return known.Nodes.Select(static entry => entry.Node);
    }

    /// <summary>The weighted mean of the used parts; the same part gives the same number, whatever the size of the node.</summary>
    public static decimal Score(NodeState node, NodeSortSettings settings)
    {
        var (used, has) = (node.Used, node.View.Allocatable);
        var (sum, weights) = (0m, 0m);
        foreach (var (name, weight) in settings.Weights.IsEmpty ? EqualWeights : settings.Weights.AsEnumerable())
        {
            var resource = name == Amounts.Vcore ? ResourceList.Cpu : name;
            if (has.Of(resource) is > 0 and var whole)
            {
                sum += weight * used.Of(resource) / whole;
                weights += weight;
            }
        }

        var score = weights == 0 ? 0 : sum / weights;
        return settings.IsBinPacking ? -score : score;
    }

    private void CatchUp(NodeBook book)
    {
        foreach (var name in stale)
        {
            Entry? before = entries.Remove(name, out var known) ? known : null;
            Entry? after = book.Find(name) is { } node ? new Entry(Score(node, settings), node) : null;
            if (before is not null)
            {
                order.Remove(known);
            }

            if (after is { } entry)
            {
                entries.Add(name, entry);
                order.Add(entry);
            }

            moves.Add((before, after));
        }

        stale.Clear();
        if (moves.Count > (4 * order.Count) + 1024)
        {
            moves.Clear();
            roomy.Clear();
        }
    }

    private readonly record struct Entry(decimal Score, NodeState Node);

    /// <summary>The nodes with room for one size of pod, as of some move of the nodes.</summary>
    private sealed class Roomy(ResourceList size)
    {
        private int seen = -1;

        public SortedSet<Entry> Nodes { get; private set; } = new(ByScore);

        public void CatchUp(SortedSet<Entry> order, List<(Entry? Before, Entry? After)> moves)
        {
            if (seen < 0 || moves.Count - seen > order.Count)
            {
                Nodes = new SortedSet<Entry>(order.Where(entry => HasRoom(entry.Node)), ByScore);
                seen = moves.Count;
            }

            for (; seen < moves.Count; seen++)
            {
                var (before, after) = moves[seen];
                if (before is { } left)
                {
                    Nodes.Remove(left);
                }

                if (after is { } come && HasRoom(come.Node))
                {
                    Nodes.Add(come);
                }
            }
        }

        private bool HasRoom(NodeState node) => !node.View.IsUnschedulable && size.FitsIn(node.Free);
    }
}
