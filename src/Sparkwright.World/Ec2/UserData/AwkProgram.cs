using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace Sparkwright.World.Ec2.UserData;

/// <summary>The few lines of awk with which scripts pick columns: conditions on fields, and print.</summary>
internal sealed class AwkProgram
{
    private readonly string program;
    private readonly SortedDictionary<string, string> variables = new(StringComparer.Ordinal);
    private readonly StringBuilder output = new();
    private string[] fields = [""];
    private int number;
    private int at;
    private bool skipping;
    private bool ended;
    private bool bad;

    private AwkProgram(string program) => this.program = program;

    /// <summary>Runs awk; null when the program is more than this reader knows.</summary>
    public static (string Output, int Status)? Run(List<string> arguments, ShellInput input, Func<string, string?> read)
    {
        string? separator = null;
        var given = new List<(string, string)>();
        var rest = new List<string>();
        for (var at = 0; at < arguments.Count; at++)
        {
            if (arguments[at].StartsWith("-F", StringComparison.Ordinal))
            {
                separator = arguments[at].Length > 2 ? arguments[at][2..] : arguments.ElementAtOrDefault(++at);
            }
            else if (arguments[at] == "-v" && arguments.ElementAtOrDefault(at + 1)?.Split('=', 2) is [var name, var value])
            {
                given.Add((name, value));
                at++;
            }
            else
            {
                rest.Add(arguments[at]);
            }
        }

        // Deep nesting would exhaust the stack; no script that picks a column has any.
        if (rest.Count == 0 || rest[0].Count(sign => sign is '(' or '{' or '!' or '$') > ShellLexer.DeepestNesting)
        {
            return null;
        }

        var awk = new AwkProgram(rest[0]);
        given.ForEach(pair => awk.variables[pair.Item1] = pair.Item2);
        var splitter = separator is null or " " ? null : ShellPattern.Posix(separator.Length == 1 ? Regex.Escape(separator) : separator, extended: true);
        awk.Pass("BEGIN");
        foreach (var line in TextFilters.Lines(rest[1..], input, read))
        {
            awk.number++;
            awk.fields = [line, .. splitter is null ? line.Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries) : splitter.Split(line)];
            if (awk.ended || awk.bad)
            {
                break;
            }

            awk.Pass("");
        }

        awk.ended = false;
        awk.Pass("END");
        return awk.bad ? null : (awk.output.ToString(), 0);
    }

    /// <summary>Reads the whole program once for one line, doing what applies.</summary>
    private void Pass(string phase)
    {
        at = 0;
        while (!bad && !ended)
        {
            Blanks();
            if (at >= program.Length)
            {
                return;
            }

            var wanted = phase.Length == 0;
            if (TakeWord("BEGIN"))
            {
                wanted = phase == "BEGIN";
            }
            else if (TakeWord("END"))
            {
                wanted = phase == "END";
            }
            else if (!Looking("{"))
            {
                skipping = !wanted;
                wanted &= Truth(Condition());
                skipping = false;
            }

            Blanks();
            if (Looking("{"))
            {
                Block(wanted);
            }
            else if (wanted)
            {
                output.Append(fields[0]).Append('\n');
            }

            Blanks();
            while (Take(";"))
            {
                Blanks();
            }
        }
    }

    private void Block(bool runs)
    {
        Take("{");
        var outer = skipping;
        skipping = outer || !runs;
        while (!bad && !Take("}"))
        {
            if (at >= program.Length)
            {
                bad = true;
                break;
            }

            Statement();
            while (Take(";"))
            {
            }
        }

        skipping = outer;
    }

    private void Statement()
    {
        if (Looking("{"))
        {
            Block(true);
        }
        else if (TakeWord("if"))
        {
            bad |= !Take("(");
            var holds = Truth(Condition());
            bad |= !Take(")");
            Guarded(holds);
            while (Take(";"))
            {
            }

            if (TakeWord("else"))
            {
                Guarded(!holds);
            }
        }
        else if (TakeWord("print"))
        {
            var parts = new List<string>();
            Blanks();
            while (!bad && at < program.Length && program[at] is not (';' or '}' or '\n'))
            {
                parts.Add(Concatenation());
                if (!Take(","))
                {
                    break;
                }
            }

            if (!skipping)
            {
                output.AppendJoin(' ', parts.Count == 0 ? [fields[0]] : parts).Append('\n');
            }
        }
        else if (TakeWord("exit"))
        {
            ended |= !skipping;
        }
        else if (TakeWord("next"))
        {
            bad |= !skipping;
        }
        else
        {
            Assignment();
        }
    }

    private void Guarded(bool holds)
    {
        var outer = skipping;
        skipping = outer || !holds;
        Statement();
        skipping = outer;
    }

    private void Assignment()
    {
        var name = Name();
        if (name.Length == 0)
        {
            bad = true;
            return;
        }

        var before = Amount(variables.GetValueOrDefault(name, ""));
        var value = Take("++") ? Print(before + 1) : Take("--") ? Print(before - 1) : Take("+=") ? Print(before + Amount(Concatenation())) : Take("=") ? Concatenation() : null;
        bad |= value is null;
        if (!skipping && value is not null)
        {
            variables[name] = value;
        }
    }

    private string Condition()
    {
        var value = Conjunction();
        while (Take("||"))
        {
            var right = Conjunction();
            value = Truth(value) || Truth(right) ? "1" : "0";
        }

        return value;
    }

    private string Conjunction()
    {
        var value = Comparison();
        while (Take("&&"))
        {
            var right = Comparison();
            value = Truth(value) && Truth(right) ? "1" : "0";
        }

        return value;
    }

    private string Comparison()
    {
        if (Looking("!") && !Looking("!=") && !Looking("!~"))
        {
            Take("!");
            return Truth(Comparison()) ? "0" : "1";
        }

        var left = Concatenation();
        foreach (var sign in (string[])["==", "!=", "<=", ">=", "!~", "~", "<", ">"])
        {
            if (!Take(sign))
            {
                continue;
            }

            if (sign is "~" or "!~")
            {
                Blanks();
                var pattern = Looking("/") ? Pattern() : ShellPattern.Posix(Concatenation(), extended: true);
                bad |= pattern is null;
                return pattern?.IsMatch(left) == (sign == "~") ? "1" : "0";
            }

            var right = Concatenation();
            var order = decimal.TryParse(left, CultureInfo.InvariantCulture, out var a) && decimal.TryParse(right, CultureInfo.InvariantCulture, out var b) ? a.CompareTo(b) : string.CompareOrdinal(left, right);
            var holds = sign switch { "==" => order == 0, "!=" => order != 0, "<=" => order <= 0, ">=" => order >= 0, "<" => order < 0, _ => order > 0 };
            return holds ? "1" : "0";
        }

        return left;
    }

    private string Concatenation()
    {
        var value = Sum();
        while (true)
        {
            Blanks();
            if (at >= program.Length || !(program[at] is '$' or '"' or '(' || char.IsAsciiLetterOrDigit(program[at])))
            {
                return value;
            }

            value += Sum();
        }
    }

    private string Sum()
    {
        var value = Primary();
        while (!bad && !Looking("++") && !Looking("+=") && !Looking("--") && (Looking("+") || Looking("-")))
        {
            var sign = Take("+") ? 1 : Take("-") ? -1 : 0;
            value = Print(Amount(value) + (sign * Amount(Primary())));
        }

        return value;
    }

    private string Primary()
    {
        Blanks();
        if (Take("$"))
        {
            var index = Take("NF") ? fields.Length - 1 : (int)Math.Clamp(Amount(Primary()), 0, ShellRun.MostSteps);
            return fields.ElementAtOrDefault(index) ?? "";
        }

        if (Looking("/"))
        {
            var pattern = Pattern();
            bad |= pattern is null;
            return pattern?.IsMatch(fields[0]) == true ? "1" : "0";
        }

        if (Take("("))
        {
            var inner = Condition();
            bad |= !Take(")");
            return inner;
        }

        if (Take("\""))
        {
            var text = new StringBuilder();
            while (at < program.Length && program[at] != '"')
            {
                if (program[at] == '\\' && at + 1 < program.Length)
                {
                    at++;
                    text.Append(program[at] switch { 'n' => '\n', 't' => '\t', var other => other });
                }
                else
                {
                    text.Append(program[at]);
                }

                at++;
            }

            bad |= at >= program.Length;
            at = Math.Min(at + 1, program.Length);
            return text.ToString();
        }

        var start = at;
        while (at < program.Length && (char.IsAsciiDigit(program[at]) || program[at] == '.'))
        {
            at++;
        }

        if (at > start)
        {
            return program[start..at];
        }

        switch (Name())
        {
            case "":
                bad = true;
                return "";
            case "NR":
                return Print(number);
            case "NF":
                return Print(fields.Length - 1);
            case var name when Looking("("):
                // Functions of awk are beyond this reader.
                bad = true;
                return name;
            case var name:
                return variables.GetValueOrDefault(name, "");
        }
    }

    private Regex? Pattern()
    {
        at++;
        var start = at;
        while (at < program.Length && program[at] != '/')
        {
            at += program[at] == '\\' ? 2 : 1;
        }

        var end = Math.Min(at, program.Length);
        bad |= at >= program.Length;
        at = Math.Min(end + 1, program.Length);
        return ShellPattern.Posix(program[start..end].Replace("\\/", "/", StringComparison.Ordinal), extended: true);
    }

    private string Name()
    {
        Blanks();
        var start = at;
        while (at < program.Length && (char.IsAsciiLetterOrDigit(program[at]) || program[at] == '_'))
        {
            at++;
        }

        return program[start..Math.Min(at, program.Length)];
    }

    private static bool Truth(string value) => value.Length > 0 && value != "0";

    private static long Amount(string value) => decimal.TryParse(value, CultureInfo.InvariantCulture, out var amount) && Math.Abs(amount) < 1_000_000_000_000_000_000m ? (long)amount : 0;

    private static string Print(long value) => value.ToString(CultureInfo.InvariantCulture);

    private bool Looking(string text)
    {
        Blanks();
        return string.CompareOrdinal(program, at, text, 0, text.Length) == 0;
    }

    private bool Take(string text)
    {
        if (!Looking(text))
        {
            return false;
        }

        at += text.Length;
        return true;
    }

    private bool TakeWord(string word)
    {
        if (!Looking(word) || (at + word.Length < program.Length && char.IsAsciiLetterOrDigit(program[at + word.Length])))
        {
            return false;
        }

        at += word.Length;
        return true;
    }

    private void Blanks()
    {
        while (at < program.Length && char.IsWhiteSpace(program[at]))
        {
            at++;
        }
    }
}
