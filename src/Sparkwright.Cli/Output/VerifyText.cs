using System.Globalization;
using Spectre.Console;
using Tree = Sparkwright.Kubernetes.Objects.Tree;

namespace Sparkwright.Cli.Output;

/// <summary>A check list: what holds, what does not, and how to mend it.</summary>
public static class VerifyText
{
    /// <param name="checks">Each with <c>name</c>, <c>ok</c>, <c>found</c>, and <c>mend</c> where it fails.</param>
    public static string Print(IReadOnlyList<Tree> checks, ScreenSettings settings)
    {
        var screen = new Screen(settings);
        var (holds, fails) = settings.IsTerminal ? ("✓", "✗") : ("ok  ", "FAIL");
        foreach (var check in checks)
        {
            var isOk = check["ok"]?.Boolean == true;
            screen.Line($"{(isOk ? $"[green]{holds}[/]" : $"[red]{fails}[/]")} {Text(check["name"])}: {Text(check["found"])}");
            if (!isOk)
            {
                screen.Line($"{new string(' ', holds.Length)} mend: {Text(check["mend"])}");
            }
        }

        var failed = checks.Count(static check => check["ok"]?.Boolean != true);
        screen.Line(string.Create(CultureInfo.InvariantCulture, $"\n{checks.Count - failed} of {checks.Count} checks hold."));
        return screen.Render();
    }

    private static string Text(Tree? text) => Markup.Escape(text?.Text ?? "");
}
