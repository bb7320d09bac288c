using Sparkwright.Kubernetes.Objects;

namespace Sparkwright.World.Controllers;

/// <summary>The pods of a daemon set on one node; those on their way out left out.</summary>
public sealed record DaemonNode(string Name, IReadOnlyList<ApiObject> Pods);

/// <summary>How fast a daemon set may change its pods.</summary>
/// <param name="MaxUnavailable">Nodes that may be without an available pod.</param>
/// <param name="MaxSurge">Nodes that may have a pod of the new template beside the old one.</param>
public sealed record DaemonPace(long MaxUnavailable, long MaxSurge)
{
    /// <summary>Reads the strategy: percentages of the nodes, rounded up; not both may be zero.</summary>
    public static DaemonPace Of(TreeMap daemonSetSpec, long nodes)
    {
        var rolling = daemonSetSpec.At("updateStrategy", "rollingUpdate");
        var surge = RolloutPace.Resolve(rolling?["maxSurge"], nodes, roundUp: true, absent: "0");
        var unavailable = RolloutPace.Resolve(rolling?["maxUnavailable"], nodes, roundUp: true, absent: "1");
        return new DaemonPace(surge == 0 && unavailable == 0 ? 1 : unavailable, surge);
    }

    /// <summary>Whether a node may ever have two pods of the set.</summary>
    public static bool MaySurge(TreeMap daemonSetSpec) => daemonSetSpec.At("updateStrategy", "type")?.Text != "OnDelete" && Of(daemonSetSpec, 100).MaxSurge > 0;
}

/// <summary>The next step of a daemon set's rolling update.</summary>
/// <param name="Delete">Pods of an old template that go now.</param>
/// <param name="CreateOn">Nodes that get a pod of the new template beside the old one.</param>
public sealed record DaemonRolloutStep(IReadOnlyList<ApiObject> Delete, IReadOnlyList<string> CreateOn);

/// <summary>Decides which daemon pods of an old template make room for new ones.</summary>
public static class DaemonRollout
{
    /// <summary>Bound pods first, then the oldest: the one that stands for a node with several.</summary>
    public static IEnumerable<ApiObject> MainFirst(IEnumerable<ApiObject> pods) => pods
        .OrderByDescending(pod => PodState.NodeName(pod).Length > 0)
        .ThenBy(pod => pod.Metadata.CreationTimestamp)
        .ThenBy(pod => pod.Name, StringComparer.Ordinal);

    public static DaemonRolloutStep Next(IReadOnlyList<DaemonNode> nodes, string revision, DaemonPace pace, Func<ApiObject, bool> isAvailable) =>
        pace.MaxSurge == 0 ? Replace(nodes, revision, pace.MaxUnavailable, isAvailable) : Surge(nodes, revision, pace.MaxSurge, isAvailable);

    /// <summary>
    /// The pods of a node that are too many. Where the set may surge, a new pod that is not available yet and an old one that is ready stay
    /// side by side; else one pod stays.
    /// </summary>
    public static IReadOnlyList<ApiObject> Surplus(IReadOnlyList<ApiObject> active, string revision, bool maySurge, Func<ApiObject, bool> isAvailable)
    {
        if (!maySurge)
        {
            return [.. MainFirst(active).Skip(1)];
        }

        var byAge = MainFirst(active).ToLookup(pod => IsOf(revision, pod));
        var surplus = byAge[true].Skip(1).Concat(byAge[false].Skip(1)).ToList();
        if (byAge[true].FirstOrDefault() is { } young && byAge[false].FirstOrDefault() is { } old && (!PodState.IsReady(old) || isAvailable(young)))
        {
            surplus.Add(old);
        }

        return surplus;
    }

    /// <summary>Old pods that serve nobody go at once, the others as far as nodes may be without a pod.</summary>
    private static DaemonRolloutStep Replace(IReadOnlyList<DaemonNode> nodes, string revision, long maxUnavailable, Func<ApiObject, bool> isAvailable)
    {
        long unavailable = 0;
        var replaced = new List<ApiObject>();
        var candidates = new List<ApiObject>();
        foreach (var node in nodes)
        {
            if (node.Pods is not [var only] || !isAvailable(only))
            {
                unavailable++;
            }

            if (node.Pods is [var old] && !IsOf(revision, old))
            {
                (isAvailable(old) ? candidates : replaced).Add(old);
            }
        }

        replaced.AddRange(candidates.Take((int)Math.Max(0, maxUnavailable - unavailable)));
        return new DaemonRolloutStep(replaced, []);
    }

    /// <summary>Nodes whose old pod serves nobody get a new one at once, the others as far as pods may be too many; an old pod goes once the new one is available.</summary>
    private static DaemonRolloutStep Surge(IReadOnlyList<DaemonNode> nodes, string revision, long maxSurge, Func<ApiObject, bool> isAvailable)
    {
        long surging = 0;
        var deleted = new List<ApiObject>();
        var created = new List<string>();
        var candidates = new List<string>();
        foreach (var node in nodes)
        {
            var young = node.Pods.Where(pod => IsOf(revision, pod)).ToList();
            var old = node.Pods.Where(pod => !IsOf(revision, pod)).ToList();
            switch (young, old)
            {
                case ([_, _, ..], _) or (_, [_, _, ..]):
                    surging++;
                    break;
                case ([], [var alone]):
                    (isAvailable(alone) ? candidates : created).Add(node.Name);
                    break;
                case ([var beside], [var leaving]) when isAvailable(beside):
                    deleted.Add(leaving);
                    break;
                case ([_], [_]):
                    surging++;
                    break;
            }
        }

        created.AddRange(candidates.Take((int)Math.Max(0, maxSurge - surging)));
        return new DaemonRolloutStep(deleted, created);
    }

    private static bool IsOf(string revision, ApiObject pod) => pod.Metadata.Label(DaemonPods.RevisionLabel) == revision;
}
