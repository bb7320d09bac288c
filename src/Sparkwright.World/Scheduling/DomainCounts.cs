namespace Sparkwright.World.Scheduling;

/// <summary>
/// A count summed over the nodes that share a value of a label: the pods of each zone, of each host. Kept up to date node by node.
/// </summary>
/// <param name="key">The label.</param>
/// <param name="source">What is counted on a node.</param>
internal sealed class DomainCounts(string key, Counter source)
{
    public const int NoDomain = -1;

    private readonly Dictionary<string, int> byValue = new(StringComparer.Ordinal);
    private readonly List<int> counts = [];
    private readonly List<int> members = [];
    private readonly SortedDictionary<int, int> domainsByCount = [];
    private (int Count, int Domains)? lowest;
    private int[] domains = [];
    private int[] given = [];
    private bool[] isMember = [];

    /// <summary>Everything counted, in all domains.</summary>
    public long Total { get; private set; }

    /// <summary>How many domains have a node that counts.</summary>
    public int Domains { get; private set; }

    /// <summary>How many domains were ever seen; their numbers are below it.</summary>
    public int Numbers => counts.Count;

    public void Reset(int nodes)
    {
        byValue.Clear();
        counts.Clear();
        members.Clear();
        domainsByCount.Clear();
        lowest = null;
        (Total, Domains) = (0, 0);
        domains = new int[nodes];
        given = new int[nodes];
        isMember = new bool[nodes];
    }

    /// <summary>Takes a node in.</summary>
    /// <param name="counts">Whether its pods count; if not it only learns its domain.</param>
    public void Enter(NodeState node, bool counts)
    {
        var rank = node.Rank;
        if (node.View.Labels.Get(key)?.Text is not { } value)
        {
            domains[rank] = NoDomain;
            return;
        }

        if (!byValue.TryGetValue(value, out var domain))
        {
            byValue.Add(value, domain = this.counts.Count);
            this.counts.Add(0);
            members.Add(0);
        }

        domains[rank] = domain;
        given[rank] = node.CountOf(source);
        if (counts)
        {
            isMember[rank] = true;
            Change(domain, given[rank], 1);
        }
    }

    public void Leave(int rank)
    {
        if (isMember[rank])
        {
            isMember[rank] = false;
            Change(domains[rank], -given[rank], -1);
        }
    }

    /// <summary>The number of a node's domain, or <see cref="NoDomain"/>.</summary>
    public int DomainOf(int rank) => domains[rank];

    public int CountIn(int domain) => counts[domain];

    /// <summary>What a node that has a domain has of it itself.</summary>
    public int CountAt(int rank) => given[rank];

    /// <summary>What would be more in the node's domain if the node were as its copy is.</summary>
    public int MoreWith(int rank, NodeState copy) => isMember[rank] ? copy.CountOf(source) - given[rank] : 0;

    /// <summary>The lowest count of any domain, if one of them had some more.</summary>
    public int Least(int domain, int more)
    {
        if (domainsByCount.Count == 0)
        {
            return 0;
        }

        lowest ??= (domainsByCount.First().Key, domainsByCount.First().Value);
        var first = lowest.Value;
        if (more == 0 || domain == NoDomain || members[domain] == 0)
        {
            return first.Count;
        }

        var changed = counts[domain] + more;
        var others = counts[domain] == first.Count && first.Domains == 1 ? domainsByCount.Keys.Skip(1).FirstOrDefault(int.MaxValue) : first.Count;
        return Math.Min(changed, others);
    }

    private void Change(int domain, int more, int nodes)
    {
        Drop(domain);
        lowest = null;
        counts[domain] += more;
        members[domain] += nodes;
        Total += more;
        if (members[domain] > 0)
        {
            domainsByCount[counts[domain]] = domainsByCount.GetValueOrDefault(counts[domain]) + 1;
            Domains++;
        }
    }

    private void Drop(int domain)
    {
        if (members[domain] == 0)
        {
            return;
        }

        Domains--;
        var there = domainsByCount[counts[domain]] - 1;
        if (there == 0)
        {
            domainsByCount.Remove(counts[domain]);
        }
        else
        {
            domainsByCount[counts[domain]] = there;
        }
    }
}
