using Spectre.Console;

namespace Sparkwright.Cli.Output;

/// <summary>Which columns of a table a narrow terminal shows: what matters less goes first, and nothing is cut off.</summary>
public static class ColumnFit
{
    // Spaces that the border puts between two columns.
    private const int Gap = 3;

    /// <summary>What is left for the last column, which may wrap.</summary>
    private const int LeastOfLast = 18;

    /// <summary>The columns that are kept, in order.</summary>
    /// <param name="titles">As <see cref="Screen.Table"/> has them.</param>
    public static List<int> Kept(IReadOnlyList<string> titles, IReadOnlyList<IReadOnlyList<string>> rows, int width)
    {
        var kept = Enumerable.Range(0, titles.Count).ToList();
        var widths = kept.ConvertAll(at => rows.Select(row => Markup.Remove(row[at]).Length).Append(ReportTable.Plain(titles[at]).Length).Max());
        while (kept.Sum(at => (at == titles.Count - 1 ? Math.Min(widths[at], LeastOfLast) : widths[at]) + Gap) > width && Least(titles, kept) is { } least)
        {
            kept.Remove(least);
        }

        return kept;
    }

    private static int? Least(IReadOnlyList<string> titles, List<int> kept)
    {
        var optional = kept.Where(at => titles[at].EndsWith('?')).ToList();
        return optional.Count == 0 ? null : optional.MaxBy(at => (titles[at].Length - titles[at].TrimEnd('?').Length, at));
    }
}
