namespace Sparkwright.World.Blueprint;

/// <summary>Finds the name that a misspelt one was meant to be.</summary>
internal static class Spelling
{
    /// <summary>Changes of single characters up to which two names are taken for one.</summary>
    private const int MostChanges = 2;

    /// <summary><c> did you mean 'x'?</c>, or nothing when no allowed name is near.</summary>
    public static string Hint(string name, IEnumerable<string> allowed) =>
        allowed.Select(known => (Known: known, Changes: Changes(name.ToUpperInvariant(), known.ToUpperInvariant())))
            .Where(near => near.Changes <= MostChanges)
            .OrderBy(near => near.Changes).ThenBy(near => near.Known, StringComparer.Ordinal)
            .Select(near => $" did you mean '{near.Known}'?")
            .FirstOrDefault("");

    /// <summary>Insertions, deletions and replacements that lead from one text to the other.</summary>
    private static int Changes(string from, string to)
    {
        var above = Enumerable.Range(0, to.Length + 1).ToArray();
        for (var row = 1; row <= from.Length; row++)
        {
            var here = new int[to.Length + 1];
            here[0] = row;
            for (var column = 1; column <= to.Length; column++)
            {
                var replaced = above[column - 1] + (from[row - 1] == to[column - 1] ? 0 : 1);
                here[column] = Math.Min(replaced, Math.Min(above[column], here[column - 1]) + 1);
            }

            above = here;
        }

        return above[to.Length];
    }
}
