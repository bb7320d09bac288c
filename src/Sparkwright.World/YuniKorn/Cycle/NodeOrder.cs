using Sparkwright.World.Scheduling;
using Sparkwright.World.YuniKorn.Configuration;

namespace Sparkwright.World.YuniKorn.Cycle;

/// <summary>Nodes in the order in which they are tried: the least used first, or the most used for bin packing; equals by name.</summary>
internal sealed class NodeOrder
{
    private static readonly KeyValuePair<string, decimal>[] EqualWeights = [new(Amounts.Memory, 1), new(Amounts.Vcore, 1)];

    private readonly SortedSet<(decimal Score, string Name)> order = new(Comparer<(decimal Score, string Name)>.Create(static (left, right) =>
        left.Score.CompareTo(right.Score) is var order && order != 0 ? order : string.CompareOrdinal(left.Name, right.Name)));

    private readonly Dictionary<string, decimal> scores = new(StringComparer.Ordinal);
    private readonly SortedSet<string> stale = new(StringComparer.Ordinal);
    private NodeSortSettings settings = new();

    public void Configure(NodeSortSettings now)
    {
        settings = now;
        stale.UnionWith(scores.Keys);
    }

    /// <summary>A node may have changed.</summary>
    public void Touch(string node) => stale.Add(node);

    /// <summary>The nodes in order; not to be changed while they are walked.</summary>
    public IEnumerable<string> Of(NodeBook book)
    {
        foreach (var name in stale)
        {
            if (scores.Remove(name, out var old))
            {
                order.Remove((old, name));
            }

            if (book.Find(name) is { } node)
            {
                var score = Score(node, settings);
                scores.Add(name, score);
                order.Add((score, name));
            }
        }

        stale.Clear();
        return order.Select(static entry => entry.Name);
    }

    /// <summary>The weighted mean of the used parts; the same part gives the same number, whatever the size of the node.</summary>
    public static decimal Score(NodeState node, NodeSortSettings settings)
    {
        var (used, has) = (Amounts.From(node.Used), Amounts.From(node.View.Allocatable));
        var (sum, weights) = (0m, 0m);
        foreach (var (name, weight) in settings.Weights.IsEmpty ? EqualWeights : settings.Weights.AsEnumerable())
        {
            if (has.TryGet(name, out var whole) && whole > 0)
            {
                sum += weight * used[name] / whole;
                weights += weight;
            }
        }

        var score = weights == 0 ? 0 : sum / weights;
        return settings.IsBinPacking ? -score : score;
    }
}
