namespace Sparkwright.Cli.Output;

/// <summary>How far a series of scenarios is: one line on a terminal, drawn over itself; elsewhere nothing.</summary>
public sealed class ScenarioProgress(TextWriter terminal, ScreenSettings settings, int files) : IDisposable
{
    private const int Cells = 24;

    private bool isDrawn;

    /// <summary>Draws the line for the file that comes next.</summary>
    public void Show(int done, string file)
    {
        if (!settings.IsTerminal)
        {
            return;
        }

        Clear();
        var full = Cells * done / Math.Max(1, files);
        var line = $"[{new string('#', full)}{new string(' ', Cells - full)}] {done}/{files} {file}";
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
