using System.Collections.Immutable;
using Sparkwright.Kubernetes.Fitting;
using Sparkwright.World.Karpenter.Requirements;

namespace Sparkwright.World.Karpenter.Solver;

/// <summary>What a rule about neighbours asks.</summary>
public enum TopologyKind
{
    Spread,
    Affinity,
    AntiAffinity,
}

/// <summary>
/// One rule about neighbours, shared by all pods that declare it in the same words, with the number of pods that it counts in each value of
/// its label. For an inverse rule the counted pods are those that declare it, and the pods it binds are those that it selects.
/// </summary>
internal abstract class TopologyGroup(TopologyKey key, NodeFilter filter)
{
    public TopologyKey Key => key;

    public TopologyKind Kind => key.Kind;

    /// <summary>Which nodes count.</summary>
    public NodeFilter Filter => filter;
}

/// <summary>What makes two rules the same.</summary>
/// <param name="Label">The node label whose values are the domains.</param>
/// <param name="Filter">The wording of the filter of nodes.</param>
internal sealed record TopologyKey(
    TopologyKind Kind, string Label, PodQuery Pods, long MaxSkew = 1, long? MinDomains = null, string Filter = "", bool IsInverse = false)
{
    public bool IsByHost => Label == KarpenterLabels.Hostname;
}

/// <summary>A rule over zones or any other label but the host's name.</summary>
internal sealed class DomainGroup(TopologyKey key, NodeFilter filter) : TopologyGroup(key, filter)
{
    private readonly SortedList<string, int> counts = new(StringComparer.Ordinal);
    private int filled;

    /// <summary>The pods in each domain, as they are now.</summary>
    public ImmutableArray<KeyValuePair<string, int>> Counts => [.. counts];

    public void Register(string domain) => counts.TryAdd(domain, 0);

    public void Count(string domain)
    {
        var before = counts.GetValueOrDefault(domain);
        counts[domain] = before + 1;
        filled += before == 0 ? 1 : 0;
    }

    /// <summary>
    /// Where a pod may go: one domain for a spread or for the first pod of an affinity, else all that are allowed; null for nowhere. Upstream
    /// takes one of several equals at random; here it is the first by name, of those that other rules prefer if there are any.
    /// </summary>
    /// <param name="pod">The values that the pod itself may have; null for any.</param>
    /// <param name="node">The values that the node may have; null for any.</param>
    /// <param name="selectsItself">Whether the pod will be counted.</param>
    /// <param name="preferred">What other rules leave; null for anything.</param>
    public Requirement? Choose(Requirement? pod, Requirement? node, bool selectsItself, Requirement? preferred = null) => Kind switch
    {
        TopologyKind.Spread => LeastFilled(pod, node, selectsItself ? 1 : 0, preferred),
        TopologyKind.AntiAffinity => AllOf(pod, node, static count => count == 0),
        _ => AllOf(pod, node, static count => count > 0) ?? (selectsItself ? FirstOfAll(pod, node, preferred) : null),
    };

    /// <summary>The domains of a spread that a pod could join now.</summary>
    public IEnumerable<string> Allowed(Requirement? pod, bool selectsItself)
    {
        var most = Least(pod) + Key.MaxSkew - (selectsItself ? 1 : 0);
        return counts.Where(one => pod?.Has(one.Key) != false && one.Value <= most).Select(one => one.Key);
    }

    private Requirement? LeastFilled(Requirement? pod, Requirement? node, int more, Requirement? preferred)
    {
        var least = Least(pod);
        var (best, bestCount, bestIsPreferred) = (-1, int.MaxValue, false);
        for (var at = 0; at < counts.Count; at++)
        {
            var count = counts.GetValueAtIndex(at) + more;
            var isPreferred = preferred?.Has(counts.GetKeyAtIndex(at)) != false;
            if ((count < bestCount || (count == bestCount && isPreferred && !bestIsPreferred)) && (long)count - least <= Key.MaxSkew && node?.Has(counts.GetKeyAtIndex(at)) != false)
            {
                (best, bestCount, bestIsPreferred) = (at, count, isPreferred);
            }
        }

        return best < 0 ? null : Requirement.In(Key.Label, counts.GetKeyAtIndex(best));
    }

    /// <summary>How many pods are in the emptiest of the domains that a pod may use; 0 while there are fewer domains than the rule wants.</summary>
    private int Least(Requirement? pod)
    {
        var (least, usable) = (int.MaxValue, 0);
        for (var at = 0; at < counts.Count; at++)
        {
            if (pod?.Has(counts.GetKeyAtIndex(at)) != false)
            {
                usable++;
                least = Math.Min(least, counts.GetValueAtIndex(at));
            }
        }

        return Key.MinDomains is { } wanted && usable < wanted ? 0 : least;
    }

    private Requirement? AllOf(Requirement? pod, Requirement? node, Func<int, bool> isRight)
    {
        var domains = ImmutableArray.CreateBuilder<string>();
        for (var at = 0; at < counts.Count; at++)
        {
            if (isRight(counts.GetValueAtIndex(at)) && MayBe(counts.GetKeyAtIndex(at), pod, node))
            {
                domains.Add(counts.GetKeyAtIndex(at));
            }
        }

        return domains.Count == 0 ? null : Requirement.In(Key.Label, domains);
    }

    /// <summary>The domain that the first pod of an affinity opens: while nobody it could join is anywhere it may go.</summary>
    private Requirement? FirstOfAll(Requirement? pod, Requirement? node, Requirement? preferred)
    {
        if (filled > 0 && counts.Any(one => one.Value > 0 && pod?.Has(one.Key) != false))
        {
            return null;
        }

        var possible = counts.Keys.Where(domain => MayBe(domain, pod, node)).ToList();
        return (possible.Find(domain => preferred?.Has(domain) != false) ?? possible.FirstOrDefault()) is { } first ? Requirement.In(Key.Label, first) : null;
    }

    private static bool MayBe(string domain, Requirement? pod, Requirement? node) => pod?.Has(domain) != false && node?.Has(domain) != false;
}

/// <summary>A rule over single hosts. A new host is always possible, so that the least filled one is always empty.</summary>
internal sealed class HostGroup(TopologyKey key, NodeFilter filter) : TopologyGroup(key, filter)
{
    private readonly List<int> counts = [];
    private readonly HostBits taken = new();
    private readonly HostBits full = new();
    private readonly HostBits over = new();
    private bool isEmpty = true;

    public int CountOn(int host) => host < counts.Count ? counts[host] : 0;

    public void Count(int host)
    {
        while (counts.Count <= host)
        {
            counts.Add(0);
        }

        var count = ++counts[host];
        isEmpty = false;
        taken.Add(host);
        if (count >= Key.MaxSkew)
        {
            full.Add(host);
        }

        if (count > Key.MaxSkew)
        {
            over.Add(host);
        }
    }

    /// <summary>Of 64 hosts those that a pod may go to.</summary>
    /// <param name="mayOpen">Whether an affinity that found nobody yet may begin anywhere, see <see cref="MayOpen"/>.</param>
    public ulong Allowed(int word, bool selectsItself, bool mayOpen) => Kind switch
    {
        TopologyKind.Spread => ~(selectsItself ? full : over).Word(word),
        TopologyKind.AntiAffinity => ~taken.Word(word),
        _ => mayOpen ? ulong.MaxValue : taken.Word(word),
    };

    public bool Allows(int host, bool selectsItself, bool mayOpen) => (Allowed(host / HostBits.WordBits, selectsItself, mayOpen) >> (host % HostBits.WordBits) & 1) != 0;

    /// <summary>Whether the first pod of an affinity may go to any host: nobody it could join is on a host that it may use itself.</summary>
    /// <param name="mayUse">Null when the pod does not ask for certain hosts.</param>
    public bool MayOpen(bool selectsItself, Func<int, bool>? mayUse)
    {
        if (Kind != TopologyKind.Affinity || !selectsItself)
        {
            return false;
        }

        return isEmpty || (mayUse is not null && !Enumerable.Range(0, counts.Count).Any(host => counts[host] > 0 && mayUse(host)));
    }
}

/// <summary>Which nodes a spread looks at: those that the declaring pod could use itself, as far as its policies say so.</summary>
internal sealed class NodeFilter
{
    private readonly ImmutableArray<RequirementSet> alternatives;
    private readonly PodSpecView? tolerating;

    private NodeFilter(ImmutableArray<RequirementSet> alternatives, PodSpecView? tolerating, string wording)
    {
        this.alternatives = alternatives;
        this.tolerating = tolerating;
        Wording = wording;
    }

    public static NodeFilter All { get; } = new([], null, "");

    /// <summary>Filters of the same wording admit the same nodes.</summary>
    public string Wording { get; }

    public static NodeFilter Of(PodSpecView spec, SpreadConstraint constraint)
    {
        var selector = RequirementSet.OfLabels(spec.NodeSelector);
        ImmutableArray<RequirementSet> alternatives = !constraint.HonoursAffinity ? []
            : spec.RequiredTerms is { } terms ? [.. terms.Select(term => selector.With(RequirementSet.OfTerm(term)))]
            : selector.All.IsEmpty ? [] : [selector];
        var tolerating = constraint.HonoursTaints ? spec : null;
        return alternatives.IsEmpty && tolerating is null
            ? All
            : new(alternatives, tolerating, $"{string.Join(" or ", alternatives.Select(one => one.Content))}|{(tolerating is null ? "" : string.Join(',', tolerating.Tolerations))}");
    }

    public bool Tolerates(ImmutableArray<Taint> taints)
    {
        foreach (var taint in taints)
        {
            if (tolerating is not null && taint.KeepsPodsAway && !tolerating.Tolerates(taint))
            {
                return false;
            }
        }

        return true;
    }

    public bool Admits(RequirementSet node, ImmutableArray<Taint> taints, ImmutableHashSet<string> wellKnown)
    {
        if (!Tolerates(taints))
        {
            return false;
        }

        foreach (var alternative in alternatives)
        {
            if (node.Admits(alternative, wellKnown))
            {
                return true;
            }
        }

        return alternatives.IsEmpty;
    }
}
