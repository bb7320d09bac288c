using System.Globalization;
using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Quantities;
using Sparkwright.Kubernetes.Requests;

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

        return Run(CommandOf(container)) is var (takes, exit) ? new ContainerEnd(startedAt + takes, exit) : null;
    }

    public IReadOnlyList<LogLine> OutputOf(ApiObject pod, TreeMap container, ContainerRun run)
    {
        var output = new List<(TimeSpan After, string Text)>();
        Play(CommandOf(container), name => Variable(pod, container, name), output);
        return [.. output.Select(one => new LogLine(run.StartedAt + one.After, one.Text)).Where(line => run.EndedAt is not { } end || line.At <= end)];
    }

    /// <summary>How long a command takes and how it ends; null for one that is not known, which runs until it is stopped.</summary>
    public static (TimeSpan Takes, int ExitCode)? Run(ReadOnlySpan<string> words) => Play(words, static _ => "", []);

    /// <param name="variable">The value of a variable of the environment.</param>
    /// <param name="output">Gets what the command writes, up to what is not known, and how long after its start.</param>
    private static (TimeSpan Takes, int ExitCode)? Play(ReadOnlySpan<string> words, Func<string, string> variable, List<(TimeSpan After, string Text)> output)
    {
        if (words.Length == 3 && words[0] is "sh" or "/bin/sh" or "bash" or "/bin/bash" && words[1] is "-c" or "-ec")
        {
            return PlayScript(words[2], variable, output);
        }

        return Command(words, TimeSpan.Zero, output);
    }

    private static (TimeSpan Takes, int ExitCode)? Command(ReadOnlySpan<string> words, TimeSpan after, List<(TimeSpan After, string Text)> output)
    {
        if (words.Length == 0)
        {
            return null;
        }

        switch (words[0].StartsWith("/bin/", StringComparison.Ordinal) ? words[0][5..] : words[0])
        {
            case "true":
                return (TimeSpan.Zero, 0);
            case "echo":
                if (Echo(words[1..]) is { } text)
                {
                    output.Add((after, text));
                }

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

    /// <summary>What echo writes; null when it goes into a file or another program.</summary>
    private static string? Echo(ReadOnlySpan<string> words)
    {
        var (end, escapes) = ("\n", false);
        while (words is ["-n" or "-e" or "-ne" or "-en", ..])
        {
            end = words[0].Contains('n', StringComparison.Ordinal) ? "" : end;
            escapes |= words[0].Contains('e', StringComparison.Ordinal);
            words = words[1..];
        }

        if (words is [.., ">&2" or "1>&2"])
        {
            words = words[..^1];
        }

        foreach (var word in words)
        {
            if (word.StartsWith('>') || word.StartsWith("1>", StringComparison.Ordinal) || word == "|")
            {
                return null;
            }
        }

        var text = string.Join(' ', words!);
        return (escapes ? text.Replace("\\n", "\n", StringComparison.Ordinal).Replace("\\t", "\t", StringComparison.Ordinal) : text) + end;
    }

    private static (TimeSpan, int)? PlayScript(string script, Func<string, string> variable, List<(TimeSpan After, string Text)> output)
    {
        var total = TimeSpan.Zero;
        var code = 0;
        foreach (var line in ScriptWords.Read(script, variable))
        {
            foreach (var command in line)
            {
                if (Command(command, total, output) is not var (takes, exit))
                {
                    return null;
                }

                total += takes;
                code = exit;
                if (command[0] == "exit")
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

    private static string[] CommandOf(TreeMap container) => [.. Words(container["command"]), .. Words(container["args"])];

    /// <summary>A variable that the pod itself sets; those that come from elsewhere are empty.</summary>
    private static string Variable(ApiObject pod, TreeMap container, string name)
    {
        foreach (var one in Tree.ItemsOf(container["env"]))
        {
            if (one["name"]?.Text == name)
            {
                return one["value"]?.Text ?? (one.At("valueFrom", "fieldRef", "fieldPath")?.Text switch
                {
                    "metadata.name" => pod.Name,
                    "metadata.namespace" => pod.Namespace,
                    "spec.nodeName" => pod.Spec["nodeName"]?.Text,
                    _ => null,
                }) ?? "";
            }
        }

        return name == "HOSTNAME" ? pod.Name : "";
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
