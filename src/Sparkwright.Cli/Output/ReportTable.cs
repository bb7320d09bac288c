using System.Collections.Immutable;

namespace Sparkwright.Cli.Output;

/// <summary>A table of a report as the text and the page share it; each draws what of the titles' marks it can.</summary>
/// <param name="Heading">Empty for a table that goes on under the one before.</param>
/// <param name="Aside">What the page says beside the heading.</param>
/// <param name="Titles">
/// <c>&gt;</c> before a title: numbers; <c>!</c>: what the page must not break; <c>?</c> after it, once or more: what a narrow terminal leaves out first.
/// </param>
/// <param name="Rows">Cells as plain text.</param>
/// <param name="More">How many rows are not shown.</param>
internal sealed record ReportTable(string Heading, string Aside, ImmutableArray<string> Titles, ImmutableArray<ImmutableArray<string>> Rows, int More)
{
    /// <summary>Describes a table by its columns; none when there is nothing in it.</summary>
    public static IEnumerable<ReportTable> Of<T>(string heading, string aside, ImmutableArray<T> items, TableStyle style, params ImmutableArray<(string Title, Func<T, string> Cell)> columns)
    {
        if (!items.IsEmpty)
        {
            yield return new ReportTable(
                heading,
                aside,
                [.. columns.Select(column => column.Title)],
                [.. items.Take(style.MostRows).Select(item => columns.Select(column => column.Cell(item)).ToImmutableArray())],
                Math.Max(0, items.Length - style.MostRows));
        }
    }

    /// <summary>A title without its marks.</summary>
    public static string Plain(string title) => title.TrimStart('>', '!').TrimEnd('?');
}

/// <summary>What differs between the tables of the text and those of the page.</summary>
/// <param name="Time">How times are written.</param>
/// <param name="Nothing">What stands for what is not there.</param>
/// <param name="MostNamed">Names in one cell.</param>
/// <param name="HasRoom">Whether there is room for explanations.</param>
internal sealed record TableStyle(Func<TimeSpan, string> Time, string Nothing, int MostNamed, int MostRows, bool HasRoom)
{
    public static TableStyle Text { get; } = new(static time => Numbers.Seconds(time), "-", 3, 40, false);

    public static TableStyle Page { get; } = new(HtmlTimeline.Clock, "", 4, 200, true);

    public string When(TimeSpan? time) => time is { } known ? Time(known) : Nothing;
}
