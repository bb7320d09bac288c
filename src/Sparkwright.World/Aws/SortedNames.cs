using Sparkwright.Kubernetes.Objects;

namespace Sparkwright.World.Aws;

/// <summary>Search in the store's lists, which have the ordinal order of names.</summary>
internal static class SortedNames
{
    /// <summary>Where the first object lies whose name comes after a name, or is that name where it is included.</summary>
    public static int FirstAfter(IReadOnlyList<ApiObject> sorted, string name, bool isInclusive)
    {
        var (low, high) = (0, sorted.Count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            var order = string.CompareOrdinal(sorted[middle].Name, name);
            if (order < 0 || (order == 0 && !isInclusive))
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }

        return low;
    }

    /// <summary>The objects whose names begin with a prefix, in order.</summary>
    public static IEnumerable<ApiObject> StartingWith(IReadOnlyList<ApiObject> sorted, string prefix)
    {
        for (var at = FirstAfter(sorted, prefix, isInclusive: true); at < sorted.Count && sorted[at].Name.StartsWith(prefix, StringComparison.Ordinal); at++)
        {
            yield return sorted[at];
        }
    }
}
