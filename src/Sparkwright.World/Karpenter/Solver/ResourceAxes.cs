using System.Collections.Immutable;
using Sparkwright.Kubernetes.Fitting;

namespace Sparkwright.World.Karpenter.Solver;

/// <summary>The resources that matter in one round, numbered, so that amounts can be compared as plain numbers.</summary>
internal sealed class ResourceAxes
{
    private readonly ImmutableArray<string> names;

    /// <param name="asked">Everything that may be asked for; what nobody asks for need not be compared.</param>
    public ResourceAxes(IEnumerable<ResourceList> asked)
    {
        names =
        [
            ResourceList.Cpu, ResourceList.Memory, ResourceList.EphemeralStorage, ResourceList.PodSlots,
            .. asked.SelectMany(list => list.Others).Select(other => other.Key).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal),
        ];
    }

    public int Count => names.Length;

    /// <summary>Whether every resource that is asked for has an axis.</summary>
    public bool Cover(ResourceList asked)
    {
        foreach (var other in asked.Others)
        {
            if (!names.Contains(other.Key))
            {
                return false;
            }
        }

        return true;
    }

    public long[] Along(ResourceList list)
    {
        var amounts = new long[names.Length];
        Along(list, amounts);
        return amounts;
    }

    public void Along(ResourceList list, Span<long> into)
    {
        for (var at = 0; at < names.Length; at++)
        {
            into[at] = list.Of(names[at]);
        }
    }

    /// <summary>Whether asked plus more stays within room on every axis.</summary>
    public static bool Fits(ReadOnlySpan<long> asked, ReadOnlySpan<long> more, ReadOnlySpan<long> room)
    {
        for (var at = 0; at < room.Length; at++)
        {
            if (asked[at] + more[at] > room[at])
            {
                return false;
            }
        }

        return true;
    }
}
