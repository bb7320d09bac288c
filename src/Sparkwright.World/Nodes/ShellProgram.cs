using System.Globalization;
using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Quantities;

namespace Sparkwright.World.Nodes;

/// <summary>
/// The program of every pod that has no other: it runs until it is deleted, unless its command is true, false, echo or sleep (also joined by
/// <c>;</c> and <c>&amp;&amp;</c> in <c>sh -c</c>) or an annotation says how long it takes.
/// </summary>
public sealed class ShellProgram : IPodProgram
{
    public const string RunFor = "sparkwright.dev/run-for";
    public const string ExitCode = "sparkwright.dev/exit-code";

    public bool Runs(ApiObject pod) => true;

    public ContainerEnd? EndOf(ApiObject pod, TreeMap container, DateTime startedAt)
    {
        if (pod.Metadata.Annotation(RunFor) is { } text && GoDuration.TryParse(text, out var duration))
        {
            var code = int.TryParse(pod.Metadata.Annotation(ExitCode), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var given) ? given : 0;
            return new ContainerEnd(startedAt + duration, code);
        }

        string[] words = [.. Words(container["command"]), .. Words(container["args"])];
        return Run(words) is var (takes, exit) ? new ContainerEnd(startedAt + takes, exit) : null;
    }

    /// <summary>How long a command takes and how it ends; null for one that is not known, which runs until it is stopped.</summary>
    public static (TimeSpan Takes, int ExitCode)? Run(ReadOnlySpan<string> words)
    {
        if (words.Length == 3 && words[0] is "sh" or "/bin/sh" or "bash" or "/bin/bash" && words[1] is "-c" or "-ec")
        {
            return RunScript(words[2]);
        }

        if (words.Length == 0)
        {
            return null;
        }

        switch (words[0].StartsWith("/bin/", StringComparison.Ordinal) ? words[0][5..] : words[0])
        {
            case "true":
            case "echo":
                return (TimeSpan.Zero, 0);
            case "false":
                return (TimeSpan.Zero, 1);
            case "exit" when words.Length == 2 && int.TryParse(words[1], NumberStyles.None, CultureInfo.InvariantCulture, out var code):
                return (TimeSpan.Zero, code);
            case "sleep" when words.Length == 2 && Pause(words[1]) is { } pause:
                return (pause, 0);
            default:
                return null;
        }
    }

    private static (TimeSpan, int)? RunScript(string script)
    {
        var total = TimeSpan.Zero;
        var code = 0;
        foreach (var line in script.Split([';', '\n'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            foreach (var command in line.Split("&&", StringSplitOptions.TrimEntries))
            {
                if (Run(command.Split(' ', StringSplitOptions.RemoveEmptyEntries)) is not var (takes, exit))
                {
                    return null;
                }

                total += takes;
                code = exit;
                if (command.StartsWith("exit", StringComparison.Ordinal))
                {
                    return (total, code);
                }

                if (code != 0)
                {
                    break;
                }
            }
        }

        return (total, code);
    }

    private static TimeSpan? Pause(string text)
    {
        if (text == "infinity")
        {
            return null;
        }

        var unit = text[^1] switch { 's' => 1, 'm' => 60, 'h' => 3600, 'd' => 86400, _ => 0 };
        var digits = unit == 0 ? text : text[..^1];
        return decimal.TryParse(digits, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var amount) && amount < 1_000_000_000
            ? TimeSpan.FromTicks((long)(amount * Math.Max(1, unit) * TimeSpan.TicksPerSecond))
            : null;
    }

    private static IEnumerable<string> Words(Tree? list) => Tree.ItemsOf(list).ToArray().Select(word => word.Text ?? "");
}
