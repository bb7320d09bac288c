using System.Globalization;
using System.Text;

namespace Sparkwright.World.Ec2.UserData;

/// <summary>The text tools that boot scripts pick devices with.</summary>
internal static class TextFilters
{
    /// <summary>Runs a tool on its input; null when it is none of these or is used in a way that is not known.</summary>
    /// <param name="read">The content of a file, or null when it is not there.</param>
    public static (string Output, int Status)? Run(string name, List<string> arguments, ShellInput input, Func<string, string?> read) => name switch
    {
        "cat" => Cat(arguments, input, read),
        "grep" or "egrep" or "fgrep" => Grep(name, arguments, input, read),
        "awk" or "gawk" or "mawk" => AwkProgram.Run(arguments, input, read),
        "sed" => Sed(arguments, input, read),
        "wc" => Count(arguments, Text(arguments, input, read)),
        "cut" => Cut(arguments, input, read),
        "sort" => Sort(arguments, Lines(arguments, input, read)),
        "uniq" => (Joined(Lines(arguments, input, read).Aggregate(new List<string>(), (kept, line) => kept.Count > 0 && kept[^1] == line ? kept : [.. kept, line])), 0),
        "head" => (Joined(Lines(arguments, input, read, "-n").Take(Amount(arguments))), 0),
        "tail" => Tail(arguments, Lines(arguments, input, read, "-n")),
        "tac" => (Joined(Enumerable.Reverse(Lines(arguments, input, read))), 0),
        "tr" => Translate(arguments, input.ReadAll()),
        "seq" => Sequence(arguments),
        "column" or "xargs-echo" => (input.ReadAll(), 0),
        "paste" => (string.Join(Value(arguments, "-d") ?? " ", input.Lines()) + "\n", 0),
        _ => null,
    };

    public static string Joined(IEnumerable<string> lines) => string.Concat(lines.Select(line => line + "\n"));

    /// <summary>The lines of the files named last, or of the input.</summary>
    public static List<string> Lines(List<string> arguments, ShellInput input, Func<string, string?> read, params ReadOnlySpan<string> withValue)
    {
        var files = new List<string>();
        for (var at = 0; at < arguments.Count; at++)
        {
            if (withValue.Contains(arguments[at]))
            {
                at++;
            }
            else if (!arguments[at].StartsWith('-'))
            {
                files.Add(arguments[at]);
            }
        }

        return files.Count == 0 ? input.Lines() : [.. files.SelectMany(file => new ShellInput(read(file) ?? "").Lines())];
    }

    private static string Text(List<string> arguments, ShellInput input, Func<string, string?> read) =>
        arguments.Find(word => !word.StartsWith('-')) is { } file ? read(file) ?? "" : input.ReadAll();

    private static (string, int) Cat(List<string> arguments, ShellInput input, Func<string, string?> read)
    {
        var files = arguments.Where(word => !word.StartsWith('-') || word == "-").ToList();
        return files.Count == 0 ? (input.ReadAll(), 0) : (string.Concat(files.Select(file => file == "-" ? input.ReadAll() : read(file) ?? "")), 0);
    }

    private static (string, int)? Grep(string name, List<string> arguments, ShellInput input, Func<string, string?> read)
    {
        var flags = "";
        var patterns = new List<string>();
        var files = new List<string>();
        for (var at = 0; at < arguments.Count; at++)
        {
            var word = arguments[at];
            if (word == "-e" && at + 1 < arguments.Count)
            {
                patterns.Add(arguments[++at]);
            }
            else if (word.StartsWith("--", StringComparison.Ordinal) && word.Length > 2)
            {
                flags += word switch { "--invert-match" => "v", "--extended-regexp" => "E", "--ignore-case" => "i", "--quiet" or "--silent" => "q", "--count" => "c", "--only-matching" => "o", _ => "" };
            }
            else if (word.StartsWith('-') && word.Length > 1)
            {
                flags += word[1..];
            }
            else if (patterns.Count == 0)
            {
                patterns.Add(word);
            }
            else
            {
                files.Add(word);
            }
        }

        var plain = name == "fgrep" || flags.Contains('F', StringComparison.Ordinal);
        var extended = name == "egrep" || flags.AsSpan().IndexOfAny('E', 'P') >= 0;
        var wanted = patterns.Select(pattern => ShellPattern.Posix(
            plain ? System.Text.RegularExpressions.Regex.Escape(pattern) : flags.Contains('w', StringComparison.Ordinal) ? $@"\b{pattern}\b" : flags.Contains('x', StringComparison.Ordinal) ? $"^{pattern}$" : pattern,
            extended || plain,
            flags.AsSpan().IndexOfAny('i', 'y') >= 0)).ToList();
        if (wanted.Contains(null) || flags.AsSpan().IndexOfAny('A', 'B') >= 0)
        {
            return null;
        }

        var inverted = flags.Contains('v', StringComparison.Ordinal);
        var lines = files.Count == 0 ? input.Lines() : [.. files.SelectMany(file => new ShellInput(read(file) ?? "").Lines())];
        var kept = lines.Where(line => wanted.Exists(pattern => pattern!.IsMatch(line)) != inverted).ToList();
        var output = flags switch
        {
            _ when flags.Contains('q', StringComparison.Ordinal) => "",
            _ when flags.Contains('c', StringComparison.Ordinal) => kept.Count.ToString(CultureInfo.InvariantCulture) + "\n",
            _ when flags.Contains('o', StringComparison.Ordinal) => Joined(kept.SelectMany(line => wanted[0]!.Matches(line).Select(match => match.Value))),
            _ => Joined(kept),
        };
        return (output, kept.Count > 0 ? 0 : 1);
    }

    private static (string, int)? Sed(List<string> arguments, ShellInput input, Func<string, string?> read)
    {
        var flags = arguments.Where(word => word.StartsWith('-')).ToList();
        var operands = arguments.Where(word => !word.StartsWith('-')).ToList();
        if (operands.Count == 0)
        {
            return null;
        }

        var extended = flags.Exists(flag => flag is "-E" or "-r" or "-nE");
        var quiet = flags.Exists(flag => flag.StartsWith("-n", StringComparison.Ordinal));
        var lines = Lines(operands[1..], input, read);
        foreach (var command in operands[0].Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            if (command[0] == 's' && command.Length > 1 && command.Split(command[1]) is [_, var from, var to, var options] && ShellPattern.Posix(from, extended) is { } pattern)
            {
                var replacement = Replacement(to);
                var hits = lines.Select(line => pattern.IsMatch(line)).ToList();
                lines = [.. lines.Select(line => pattern.Replace(line, replacement, options.Contains('g', StringComparison.Ordinal) ? -1 : 1))];
                lines = quiet ? [.. lines.Where((_, at) => hits[at])] : lines;
            }
            else if (command[0] == '/' && command.LastIndexOf('/') is > 0 and var end && ShellPattern.Posix(command[1..end], extended) is { } selected && command[(end + 1)..] is "d" or "p")
            {
                lines = [.. lines.Where(line => selected.IsMatch(line) == command.EndsWith('p'))];
            }
            else if (command.EndsWith('d') && int.TryParse(command[..^1], CultureInfo.InvariantCulture, out var gone))
            {
                lines = [.. lines.Where((_, at) => at != gone - 1)];
            }
            else if (command.EndsWith('p') && quiet && int.TryParse(command[..^1], CultureInfo.InvariantCulture, out var one))
            {
                lines = [.. lines.Where((_, at) => at == one - 1)];
            }
            else
            {
                return null;
            }
        }

        return (Joined(lines), 0);
    }

    /// <summary>A replacement of sed as one of .NET: <c>\1</c> and <c>&amp;</c> name groups, a dollar means itself.</summary>
    private static string Replacement(string text)
    {
        var made = new StringBuilder();
        for (var at = 0; at < text.Length; at++)
        {
            if (text[at] == '\\' && at + 1 < text.Length)
            {
                at++;
                made.Append(char.IsAsciiDigit(text[at]) ? $"${{{text[at]}}}" : text[at] == 'n' ? "\n" : text[at].ToString());
            }
            else
            {
                made.Append(text[at] switch { '&' => "${0}", '$' => "$$", var other => other.ToString() });
            }
        }

        return made.ToString();
    }

    private static (string, int) Count(List<string> arguments, string text)
    {
        var lines = text.Count(character => character == '\n');
        var words = text.Split([' ', '\n', '\t'], StringSplitOptions.RemoveEmptyEntries).Length;
        var counted = arguments.Find(word => word.StartsWith('-')) switch
        {
            "-l" or "--lines" => $"{lines}",
            "-w" or "--words" => $"{words}",
            "-c" or "--bytes" or "-m" => $"{text.Length}",
            _ => $"{lines} {words} {text.Length}",
        };
        return (counted + "\n", 0);
    }

    private static (string, int)? Cut(List<string> arguments, ShellInput input, Func<string, string?> read)
    {
        var separator = Value(arguments, "-d") ?? "\t";
        var by = Value(arguments, "-f") ?? Value(arguments, "-c");
        if (by is null)
        {
            return null;
        }

        var byField = Value(arguments, "-f") is not null;
        var ranges = new List<(int From, int To)>();
        foreach (var range in by.Split(','))
        {
            var ends = range.Split('-');
            if (!int.TryParse(ends[0].Length == 0 ? "1" : ends[0], NumberStyles.None, CultureInfo.InvariantCulture, out var from)
                || !int.TryParse(ends[^1].Length == 0 ? "9999" : ends[^1], NumberStyles.None, CultureInfo.InvariantCulture, out var to))
            {
                return null;
            }

            ranges.Add((from, to));
        }

        bool Kept(int at) => ranges.Exists(range => at + 1 >= range.From && at + 1 <= range.To);
        return (Joined(Lines(arguments, input, read, "-d", "-f", "-c").Select(line => !byField
            ? new string([.. line.Where((_, at) => Kept(at))])
            : line.Contains(separator, StringComparison.Ordinal) ? string.Join(separator, line.Split(separator).Where((_, at) => Kept(at))) : line)), 0);
    }

    private static (string, int) Sort(List<string> arguments, List<string> lines)
    {
        var flags = string.Concat(arguments.Where(word => word.StartsWith('-')));
        static long Number(string line) => long.TryParse(new string([.. line.Trim().TakeWhile(char.IsAsciiDigit)]), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0;
        var sorted = flags.AsSpan().IndexOfAny('n', 'h') >= 0 ? lines.OrderBy(Number).ThenBy(line => line, StringComparer.Ordinal) : lines.OrderBy(line => line, StringComparer.Ordinal);
        var unique = flags.Contains('u', StringComparison.Ordinal) ? sorted.Distinct() : sorted;
        return (Joined(flags.Contains('r', StringComparison.Ordinal) ? unique.Reverse() : unique), 0);
    }

    private static (string, int) Tail(List<string> arguments, List<string> lines) => (Value(arguments, "-n") is ['+', .. var from]
        ? Joined(lines.Skip(int.TryParse(from, CultureInfo.InvariantCulture, out var first) ? first - 1 : 0))
        : Joined(lines.TakeLast(Amount(arguments))), 0);

    private static int Amount(List<string> arguments)
    {
        var text = Value(arguments, "-n") ?? arguments.Find(word => word.Length > 1 && word[0] == '-' && char.IsAsciiDigit(word[1]))?[1..];
        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var amount) ? amount : 10;
    }

    private static (string, int)? Translate(List<string> arguments, string text)
    {
        static string Characters(string set) => set.Replace("\\n", "\n", StringComparison.Ordinal).Replace("\\t", "\t", StringComparison.Ordinal)
            .Replace("[:space:]", " \n\t", StringComparison.Ordinal).Replace("[:upper:]", "ABCDEFGHIJKLMNOPQRSTUVWXYZ", StringComparison.Ordinal)
            .Replace("[:lower:]", "abcdefghijklmnopqrstuvwxyz", StringComparison.Ordinal).Replace("A-Z", "ABCDEFGHIJKLMNOPQRSTUVWXYZ", StringComparison.Ordinal)
            .Replace("a-z", "abcdefghijklmnopqrstuvwxyz", StringComparison.Ordinal).Replace("0-9", "0123456789", StringComparison.Ordinal);
        switch (arguments)
        {
            case ["-d", var gone]:
                return (string.Concat(text.Where(character => !Characters(gone).Contains(character, StringComparison.Ordinal))), 0);
            case ["-s", var squeezed]:
                return (string.Concat(text.Where((character, at) => at == 0 || text[at - 1] != character || !Characters(squeezed).Contains(character, StringComparison.Ordinal))), 0);
            case [var from, var to] when !from.StartsWith('-'):
                var (a, b) = (Characters(from), Characters(to));
                return b.Length == 0 ? null : (string.Concat(text.Select(character => a.IndexOf(character, StringComparison.Ordinal) is var at && at >= 0 ? b[Math.Min(at, b.Length - 1)] : character)), 0);
            default:
                return null;
        }
    }

    private static (string, int)? Sequence(List<string> arguments)
    {
        var numbers = arguments.Select(word => int.TryParse(word, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? number : (int?)null).ToList();
        var (first, step, last) = numbers switch
        {
            [{ } a] => (1, 1, a),
            [{ } a, { } b] => (a, 1, b),
            [{ } a, { } b, { } c] => (a, b, c),
            _ => (0, 0, 0),
        };
        if (step == 0 || Math.Abs(((long)last - first) / step) > ShellRun.MostSteps)
        {
            return null;
        }

        var count = Math.Max(0, ((last - first) / step) + 1);
        return (Joined(Enumerable.Range(0, count).Select(at => (first + (at * step)).ToString(CultureInfo.InvariantCulture))), 0);
    }

    /// <summary>The value of a one-letter option, glued to it or behind it.</summary>
    private static string? Value(List<string> arguments, string option)
    {
        for (var at = 0; at < arguments.Count; at++)
        {
            if (arguments[at] == option)
            {
                return arguments.ElementAtOrDefault(at + 1);
            }

            if (arguments[at].StartsWith(option, StringComparison.Ordinal))
            {
                return arguments[at][option.Length..];
            }
        }

        return null;
    }
}
