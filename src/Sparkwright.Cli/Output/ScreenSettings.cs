namespace Sparkwright.Cli.Output;

/// <summary>What the place can show to which text is written.</summary>
/// <param name="IsTerminal">Lines and blocks may be drawn; otherwise the text is plain ASCII apart from what names bring.</param>
/// <param name="Colors">Whether states have colours.</param>
/// <param name="Width">Columns; text that goes to a file is not wrapped.</param>
public sealed record ScreenSettings(bool IsTerminal, bool Colors, int Width)
{
    private const int Unwrapped = 4000;
    private const int LeastWidth = 60;

    /// <summary>For files, pipes and tests.</summary>
    public static ScreenSettings Plain { get; } = new(false, false, Unwrapped);

    public static ScreenSettings ForStdout(bool noColor) => For(Console.IsOutputRedirected, noColor);

    public static ScreenSettings ForStderr(bool noColor) => For(Console.IsErrorRedirected, noColor);

    /// <summary>NO_COLOR (any value, as no-color.org says) and TERM=dumb are heeded.</summary>
    private static ScreenSettings For(bool redirected, bool noColor)
    {
        var term = Environment.GetEnvironmentVariable("TERM");
        if (redirected || term == "dumb")
        {
            return Plain;
        }

        var refused = noColor || !string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR"));
        int width;
        try
        {
            width = Console.WindowWidth;
        }
        catch (IOException)
        {
            width = 0;
        }

        return new ScreenSettings(true, !refused, width < LeastWidth ? 120 : width);
    }
}
