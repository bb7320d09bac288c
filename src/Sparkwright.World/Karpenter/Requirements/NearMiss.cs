namespace Sparkwright.World.Karpenter.Requirements;

/// <summary>Finds the label that a mistyped one probably meant.</summary>
internal static class NearMiss
{
    /// <summary>
    /// The nearest label that contains the key or differs from it in less than a fifth of its characters (upper or lower case is no
    /// difference), else one with the same last part (<c>zone</c> of <c>my.domain/zone</c>); null when nothing is near.
    /// </summary>
    public static string? Of(string key, IEnumerable<string> wellKnown, IEnumerable<string> present)
    {
        var candidates = wellKnown.Concat(present).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).ToList();
        return candidates.Select(candidate => (candidate, distance: Distance(key, candidate)))
            .Where(near => near.distance < near.candidate.Length / 5 || (key.Length > 3 && near.candidate.Contains(key, StringComparison.OrdinalIgnoreCase)))
            .OrderBy(near => near.distance)
            .Select(near => near.candidate)
            .FirstOrDefault()
            ?? candidates.Find(candidate => key.Contains('/', StringComparison.Ordinal) && LastPart(candidate) == LastPart(key));
    }

    private static string LastPart(string key) => key[(key.LastIndexOf('/') + 1)..];

    /// <summary>Levenshtein's distance.</summary>
    private static int Distance(string one, string other)
    {
        var row = Enumerable.Range(0, other.Length + 1).ToArray();
        for (var at = 1; at <= one.Length; at++)
        {
            var diagonal = row[0];
            row[0] = at;
            for (var to = 1; to <= other.Length; to++)
            {
                var cost = Math.Min(Math.Min(row[to], row[to - 1]) + 1, diagonal + (char.ToLowerInvariant(one[at - 1]) == char.ToLowerInvariant(other[to - 1]) ? 0 : 1));
                diagonal = row[to];
                row[to] = cost;
            }
        }

        return row[other.Length];
    }
}
