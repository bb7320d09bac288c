namespace Sparkwright.World.Scheduling;

/// <summary>
/// All nodes in the order of their names, and a log of which of them changed, so that what was found out about each node needs to be looked
/// at again only where something happened.
/// </summary>
internal sealed class NodeBook(NeighbourBook neighbours)
{
    private readonly SortedDictionary<string, NodeState> byName = new(StringComparer.Ordinal);
    private readonly List<int> changes = [];
    private NodeState[]? ranked;

    /// <summary>Counts of pods by the rules that ask for them.</summary>
    public NeighbourBook Neighbours { get; } = neighbours;

    public ImageBook Images { get; } = new();

    /// <summary>How often a node was asked or scored for a pod or a class of pods: the measure of work in benchmarks.</summary>
    public long Asked { get; set; }

    /// <summary>Rises with every change of any node.</summary>
    public long Version { get; private set; }

    /// <summary>Rises when ranks have moved or the log was cut: then nothing known of any rank holds.</summary>
    public long Layout { get; private set; }

    /// <summary>Ranks of changed nodes since the layout began, oldest first.</summary>
    public IReadOnlyList<int> Changes => changes;

    public NodeState[] Ranked
    {
        get
        {
            if (ranked is null)
            {
                ranked = [.. byName.Values];
                for (var rank = 0; rank < ranked.Length; rank++)
                {
                    ranked[rank].Rank = rank;
                }

                Relay();
            }

            return ranked;
        }
    }

    public NodeState? Find(string name) => byName.GetValueOrDefault(name);

    public void Add(NodeState node)
    {
        byName.Add(node.View.Name, node);
        ranked = null;
        Version++;
    }

    public void Remove(string name)
    {
        byName.Remove(name);
        ranked = null;
        Version++;
    }

    public void Changed(NodeState node)
    {
        Version++;
        if (ranked is null)
        {
            return;
        }

        changes.Add(node.Rank);
        if (changes.Count > (4 * ranked.Length) + 1024)
        {
            Relay();
        }
    }

    private void Relay()
    {
        changes.Clear();
        Layout++;
    }
}
