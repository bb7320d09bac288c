namespace Sparkwright.Cli.Output;

/// <summary>How far a series of things is: one line on a terminal, drawn over itself; elsewhere nothing.</summary>
public sealed class ProgressLine(TextWriter terminal, ScreenSettings settings, int all) : IDisposable
{
    private const int Cells = 24;

    private bool isDrawn;

    /// <summary>Draws the line for the one that comes next.</summary>
    public void Show(int done, string next)
    {
        if (!settings.IsTerminal)
        {
            return;
        }

        Clear();
        var full = Cells * done / Math.Max(1, all);
        var line = $"[{new string('#', full)}{new string(' ', Cells - full)}] {done}/{all} {next}";
        terminal.Write(line.Length < settings.Width ? line : line[..(settings.Width - 1)]);
        terminal.Flush();
        isDrawn = true;
    }

    /// <summary>Takes the line away, so that other text can come.</summary>
    public void Clear()
    {
        if (isDrawn)
        {
            terminal.Write("\r\e[K");
            terminal.Flush();
            isDrawn = false;
        }
    }

    public void Dispose() => Clear();
}
