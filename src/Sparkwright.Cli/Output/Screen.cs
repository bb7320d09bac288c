using Spectre.Console;
using Spectre.Console.Rendering;

namespace Sparkwright.Cli.Output;

/// <summary>Turns pieces of a screen into one text, so that it is printed at once and a test can read it.</summary>
public sealed class Screen(ScreenSettings settings)
{
    private readonly List<IRenderable> pieces = [];

    public ScreenSettings Settings { get; } = settings;

    public void Heading(string text)
    {
        if (pieces.Count > 0)
        {
            pieces.Add(Text.NewLine);
        }

        pieces.Add(new Markup($"[bold]{Markup.Escape(text)}[/]\n"));
    }

    /// <param name="markup">Text with Spectre's styles in brackets; what comes from elsewhere is escaped.</param>
    public void Line(string markup) => pieces.Add(new Markup(markup + "\n"));

    /// <summary>
    /// A table; cells are markup. Columns whose title begins with &gt; are right-aligned; only the last one may wrap. Where a terminal is too narrow,
    /// columns whose title ends with ? are left out, the last one first; a title may end with several, to go before the others.
    /// </summary>
    public void Table(IReadOnlyList<string> titles, IEnumerable<IReadOnlyList<string>> rows)
    {
        var all = rows.ToList();
        var kept = Settings.IsTerminal ? ColumnFit.Kept(titles, all, Settings.Width) : [.. Enumerable.Range(0, titles.Count)];
        Draw([.. kept.Select(at => titles[at].TrimEnd('?').TrimStart('!'))], all.Select(row => kept.Select(at => row[at]).ToList()));
    }

    private void Draw(List<string> titles, IEnumerable<List<string>> rows)
    {
        var table = new Table { Border = Settings.IsTerminal ? TableBorder.Simple : TableBorder.None, ShowHeaders = true };
        for (var at = 0; at < titles.Count; at++)
        {
            var title = Markup.Escape(ReportTable.Plain(titles[at]));
            table.AddColumn(new TableColumn(new Markup(Settings.IsTerminal ? $"[grey]{title}[/]" : title))
            {
                Padding = new Padding(0, 0, at + 1 < titles.Count ? 2 : 0, 0),
                Alignment = titles[at].StartsWith('>') ? Justify.Right : Justify.Left,
                NoWrap = !Settings.IsTerminal || at + 1 < titles.Count,
            });
        }

        foreach (var row in rows)
        {
            table.AddRow(row.Select(cell => new Markup(cell)));
        }

        pieces.Add(table);
    }

    public string Render()
    {
        using var text = new StringWriter { NewLine = "\n" };
        var console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = Settings.Colors ? AnsiSupport.Yes : AnsiSupport.No,
            ColorSystem = Settings.Colors ? ColorSystemSupport.Standard : ColorSystemSupport.NoColors,
            Interactive = InteractionSupport.No,
            Out = new AnsiConsoleOutput(text),
            Enrichment = new ProfileEnrichment { UseDefaultEnrichers = false },
        });
        console.Profile.Width = Settings.Width;
        console.Profile.Capabilities.Unicode = Settings.IsTerminal;
        foreach (var piece in pieces)
        {
            console.Write(piece);
        }

        return string.Join('\n', text.ToString().Split('\n').Select(line => line.TrimEnd()));
    }

    /// <summary>A state in its colour.</summary>
    public static string State(string state) => state switch
    {
        "Running" or "RUNNING" or "Ready" => $"[green]{state}[/]",
        "Succeeded" or "COMPLETED" => $"[blue]{state}[/]",
        "Failed" or "FAILED" or "CANCELLED" or "error" => $"[red]{state}[/]",
        "Pending" or "PENDING" or "SUBMITTED" or "warning" or "Booting" => $"[yellow]{state}[/]",
        _ => Markup.Escape(state),
    };
}
