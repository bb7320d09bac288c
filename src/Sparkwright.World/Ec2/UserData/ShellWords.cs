using System.Globalization;
using System.Text;

namespace Sparkwright.World.Ec2.UserData;

/// <summary>Expands the words of a script: braces, variables, substitutions, arithmetic, splitting, file names, quotes.</summary>
internal sealed class ShellWords(ShellRun run)
{
    private int depth;

    /// <summary>What a word of a command becomes: no, one or several arguments.</summary>
    public List<string> Fields(string raw)
    {
        var fields = new List<string>();
        foreach (var word in Braces(raw))
        {
            var sink = new FieldSink(run.Separators);
            Walk(word, false, sink);
            foreach (var (text, pattern, wild) in sink.Fields())
            {
                var found = wild ? run.PathsMatching(pattern) : [];
                fields.AddRange(found.Count > 0 ? found : [text]);
            }
        }

        return fields;
    }

    /// <summary>A word that is neither split nor taken for file names: the value of an assignment, the target of a redirection.</summary>
    public string Text(string raw)
    {
        var sink = new FieldSink("");
        Walk(raw, false, sink);
        return string.Join(' ', sink.Fields().Select(field => field.Text));
    }

    /// <summary>A word as a pattern: what was quoted in it means itself.</summary>
    public string Pattern(string raw)
    {
        var sink = new FieldSink("");
        Walk(raw, false, sink);
        return string.Join(' ', sink.Fields().Select(field => field.Pattern));
    }

    /// <summary>Text in which quotes mean themselves, as in a here-document.</summary>
    public string Document(string text)
    {
        var sink = new FieldSink("");
        Walk(text, true, sink, quotesAreText: true);
        return string.Join(' ', sink.Fields().Select(field => field.Text));
    }

    private static List<string> Braces(string raw)
    {
        var open = -1;
        for (var at = 0; at < raw.Length; at++)
        {
            if (raw[at] is '\'' or '"' or '`' or '$')
            {
                // Words with quotes or substitutions around braces are rare: braces behind them are still found.
                var closing = raw[at] == '$' ? (at + 1 < raw.Length && raw[at + 1] is '{' ? '}' : at + 1 < raw.Length && raw[at + 1] == '(' ? ')' : '\0') : raw[at];
                if (closing != '\0')
                {
                    at = closing is '\'' ? raw.IndexOf('\'', at + 1) : ShellLexer.EndOf(raw, raw[at] == '$' ? at + 1 : at, closing, 0) - 1;
                }
            }
            else if (raw[at] == '\\')
            {
                at++;
            }
            else if (raw[at] == '{')
            {
                open = at;
                break;
            }
        }

        if (open < 0 || raw.IndexOf('}', open) is var close && close < 0)
        {
            return [raw];
        }

        close = ShellLexer.EndOf(raw, open, '}', 0) - 1;
        var items = Items(raw[(open + 1)..close]);
        if (items is null)
        {
            return [raw];
        }

        var expanded = new List<string>();
        foreach (var item in items.SelectMany(Braces))
        {
            expanded.AddRange(Braces(raw[(close + 1)..]).Select(rest => raw[..open] + item + rest));
            if (expanded.Count > ShellRun.MostSteps)
            {
                throw new ShellSyntaxException(0, "braces make too many words");
            }
        }

        return expanded;
    }

    private static List<string>? Items(string inside)
    {
        if (inside.Split("..") is [var from, var to] && int.TryParse(from, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var first)
            && int.TryParse(to, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var last) && Math.Abs((long)last - first) < ShellRun.MostSteps)
        {
            var step = first <= last ? 1 : -1;
            return [.. Enumerable.Range(0, Math.Abs(last - first) + 1).Select(at => (first + (at * step)).ToString(CultureInfo.InvariantCulture))];
        }

        if (inside.Split("..") is [{ Length: 1 } a, { Length: 1 } z] && a[0] <= z[0])
        {
            return [.. Enumerable.Range(a[0], z[0] - a[0] + 1).Select(letter => ((char)letter).ToString())];
        }

        var items = new List<string>();
        var (nesting, start) = (0, 0);
        for (var at = 0; at < inside.Length; at++)
        {
            nesting += inside[at] == '{' ? 1 : inside[at] == '}' ? -1 : 0;
            if (inside[at] == ',' && nesting == 0)
            {
                items.Add(inside[start..at]);
                start = at + 1;
            }
        }

        items.Add(inside[start..]);
        return items.Count == 1 ? null : items;
    }

    private void Walk(string raw, bool quoted, FieldSink sink, bool quotesAreText = false)
    {
        if (++depth > ShellLexer.DeepestNesting)
        {
            depth = 0;
            throw new ShellSyntaxException(run.Line, "nested too deeply");
        }

        for (var at = 0; at < raw.Length; at++)
        {
            var here = raw[at];
            switch (here)
            {
                case '\\' when at + 1 < raw.Length:
                    at++;
                    if (quoted && raw[at] is not ('$' or '`' or '"' or '\\' or '\n'))
                    {
                        sink.Add("\\", true);
                    }

                    sink.Add(raw[at] == '\n' ? "" : raw[at].ToString(), true);
                    break;
                case '\'' when !quoted:
                    var quote = raw.IndexOf('\'', at + 1);
                    sink.Add(raw[(at + 1)..quote], true);
                    at = quote;
                    break;
                case '"' when !quotesAreText:
                    var end = ShellLexer.EndOf(raw, at, '"', run.Line);
                    sink.Open();
                    Walk(raw[(at + 1)..(end - 1)], true, sink, quotesAreText: true);
                    at = end - 1;
                    break;
                case '`':
                    var tick = ShellLexer.EndOf(raw, at, '`', run.Line);
                    sink.Put(run.Substitute(raw[(at + 1)..(tick - 1)].Replace("\\`", "`", StringComparison.Ordinal)), quoted);
                    at = tick - 1;
                    break;
                case '<' or '>' when !quoted && at + 1 < raw.Length && raw[at + 1] == '(':
                    // A process substitution outside a redirection has a file name that nothing here can open.
                    sink.Add("/dev/fd/63", true);
                    at = ShellLexer.EndOf(raw, at + 1, ')', run.Line) - 1;
                    break;
                case '$' when at + 1 < raw.Length:
                    at = Dollar(raw, at, quoted, sink);
                    break;
                case '~' when !quoted && at == 0 && (raw.Length == 1 || raw[1] == '/'):
                    sink.Add("/root", true);
                    break;
                default:
                    sink.Add(here.ToString(), quoted);
                    break;
            }
        }

        depth--;
    }

    /// <summary>Expands what a dollar starts; answers the index of its last character.</summary>
    private int Dollar(string raw, int at, bool quoted, FieldSink sink)
    {
        var next = raw[at + 1];
        if (next == '(')
        {
            var end = ShellLexer.EndOf(raw, at + 1, ')', run.Line);
            var inside = raw[(at + 2)..(end - 1)];
            if (inside.StartsWith('(') && inside.EndsWith(')'))
            {
                sink.Put(run.Calculate(Document(inside[1..^1])).ToString(CultureInfo.InvariantCulture), quoted);
            }
            else
            {
                sink.Put(run.Substitute(inside), quoted);
            }

            return end - 1;
        }

        if (next == '{')
        {
            var end = ShellLexer.EndOf(raw, at + 1, '}', run.Line);
            Parameter(raw[(at + 2)..(end - 1)], quoted, sink);
            return end - 1;
        }

        if (next == '\'' && !quoted)
        {
            var end = raw.IndexOf('\'', at + 2);
            sink.Add(raw[(at + 2)..end].Replace("\\n", "\n", StringComparison.Ordinal).Replace("\\t", "\t", StringComparison.Ordinal), true);
            return end;
        }

        var stop = at + 1;
        while (stop < raw.Length && (char.IsAsciiLetterOrDigit(raw[stop]) || raw[stop] == '_') && (stop == at + 1 || !char.IsAsciiDigit(next)))
        {
            stop++;
        }

        if (stop > at + 1)
        {
            Values(raw[(at + 1)..stop], quoted, sink);
            return stop - 1;
        }

        if (next is '?' or '#' or '@' or '*' or '$' or '!' or '-')
        {
            Values(next.ToString(), quoted, sink);
            return at + 1;
        }

        sink.Add("$", quoted);
        return at;
    }

    private void Values(string name, bool quoted, FieldSink sink)
    {
        if (name is "@" or "*")
        {
            Elements(run.Arguments, quoted && name == "@", quoted, sink);
            return;
        }

        sink.Put(run.ValueOf(name) ?? run.Unset(name), quoted);
    }

    private static void Elements(IReadOnlyList<string> elements, bool apart, bool quoted, FieldSink sink)
    {
        if (!apart && quoted)
        {
            sink.Put(string.Join(' ', elements), true);
            return;
        }

        if (apart && elements.Count == 0)
        {
            sink.CloseIfEmpty();
        }

        for (var at = 0; at < elements.Count; at++)
        {
            if (at > 0)
            {
                sink.Break();
            }

            sink.Put(elements[at], quoted);
        }
    }

    /// <summary>Expands the inside of <c>${…}</c>.</summary>
    private void Parameter(string inside, bool quoted, FieldSink sink)
    {
        var length = inside.Length > 1 && inside[0] == '#';
        var body = length ? inside[1..] : inside;
        var end = 0;
        while (end < body.Length && (char.IsAsciiLetterOrDigit(body[end]) || body[end] == '_'))
        {
            end++;
        }

        if (end == 0 && body.Length > 0 && body[0] is '?' or '#' or '@' or '*' or '$')
        {
            end = 1;
        }

        var name = body[..end];
        var rest = body[end..];
        IReadOnlyList<string>? list = name is "@" or "*" ? run.Arguments : null;
        var value = run.ValueOf(name);
        if (rest.StartsWith('[') && rest.IndexOf(']', StringComparison.Ordinal) is var close && close > 0)
        {
            var index = rest[1..close];
            rest = rest[(close + 1)..];
            if (index is "@" or "*")
            {
                list = run.ListOf(name);
            }
            else
            {
                var wanted = run.Calculate(Document(index));
                value = run.ListOf(name) is var items && wanted < 0 && -wanted <= items.Count ? items[(int)(items.Count + wanted)] : items.ElementAtOrDefault((int)wanted);
            }
        }

        if (name.Length == 0)
        {
            run.NotUnderstood($"${{{inside}}} is not read");
            return;
        }

        if (length)
        {
            sink.Put((list?.Count ?? (value ?? run.Unset(name)).Length).ToString(CultureInfo.InvariantCulture), quoted);
            return;
        }

        if (list is not null)
        {
            Elements(rest.Length == 0 ? list : [.. list.Select(item => Edited(item, rest) ?? item)], quoted, quoted, sink);
            return;
        }

        Conditional(name, value, rest, quoted, sink);
    }

    private void Conditional(string name, string? value, string rest, bool quoted, FieldSink sink)
    {
        var colon = rest.StartsWith(':') && rest.Length > 1 && rest[1] is '-' or '=' or '+' or '?';
        var sign = rest.Length == 0 ? '\0' : colon ? rest[1] : rest[0];
        var missing = value is null || (colon && value.Length == 0);
        switch (sign)
        {
            case '\0':
                sink.Put(value ?? run.Unset(name), quoted);
                return;
            case '-' or '=':
                if (!missing)
                {
                    sink.Put(value!, quoted);
                    return;
                }

                var word = rest[(colon ? 2 : 1)..];
                if (sign == '=')
                {
                    run.Assign(name, Text(word));
                    sink.Put(run.ValueOf(name)!, quoted);
                }
                else
                {
                    Walk(word, quoted, sink);
                }

                return;
            case '+':
                if (!missing)
                {
                    Walk(rest[(colon ? 2 : 1)..], quoted, sink);
                }

                return;
            case '?':
                sink.Put(missing ? run.Stop($"{name} has no value") : value!, quoted);
                return;
        }

        if (Edited(value ?? run.Unset(name), rest) is { } edited)
        {
            sink.Put(edited, quoted);
            return;
        }

        run.NotUnderstood($"${{{name}{rest}}} is not read");
    }

    /// <summary><c>#</c>, <c>%</c>, <c>/</c>, <c>^</c>, <c>,</c> and <c>:from:length</c>; null when it is none of them.</summary>
    private string? Edited(string value, string rest)
    {
        switch (rest[0])
        {
            case '#' or '%':
                var longest = rest.Length > 1 && rest[1] == rest[0];
                var cut = ShellPattern.Compile(Pattern(rest[(longest ? 2 : 1)..]));
                var lengths = Enumerable.Range(0, value.Length + 1);
                foreach (var size in longest ? lengths.Reverse() : lengths)
                {
                    var part = rest[0] == '#' ? value[..size] : value[^size..];
                    if (cut.IsMatch(part))
                    {
                        return rest[0] == '#' ? value[size..] : value[..^size];
                    }
                }

                return value;
            case '/':
                var all = rest.Length > 1 && rest[1] == '/';
                var parts = rest[(all ? 2 : 1)..].Split('/', 2);
                var replacement = parts.Length > 1 ? Text(parts[1]) : "";
                return ShellPattern.Anywhere(Pattern(parts[0])).Replace(value, _ => replacement, all ? -1 : 1);
            case '^':
                return value.Length == 0 ? value : rest == "^^" ? value.ToUpperInvariant() : char.ToUpperInvariant(value[0]) + value[1..];
            case ',':
                return value.Length == 0 ? value : rest == ",," ? value.ToLowerInvariant() : char.ToLowerInvariant(value[0]) + value[1..];
            case ':':
                var range = rest[1..].Split(':', 2);
                var from = run.Calculate(Document(range[0]));
                from = Math.Clamp(from < 0 ? value.Length + from : from, 0, value.Length);
                var length = range.Length > 1 ? run.Calculate(Document(range[1])) : value.Length;
                var to = Math.Clamp(length < 0 ? value.Length + length : from + Math.Min(length, value.Length), from, value.Length);
                return value[(int)from..(int)to];
            default:
                return null;
        }
    }

    /// <summary>Collects expanded text, cutting what was not quoted at the separators.</summary>
    private sealed class FieldSink(string separators)
    {
        private readonly List<(string Text, string Pattern, bool Wild)> done = [];
        private readonly StringBuilder text = new();
        private readonly StringBuilder pattern = new();
        private bool open;
        private bool wild;

        /// <summary>Text of the script itself; it is never split.</summary>
        public void Add(string piece, bool quoted)
        {
            open = true;
            text.Append(piece);
            foreach (var character in piece)
            {
                if (quoted && character is '*' or '?' or '[' or ']' or '\\')
                {
                    pattern.Append('\\');
                }

                pattern.Append(character);
            }

            wild |= !quoted && ShellPattern.HasWildcard(piece);
        }

        /// <summary>Expanded text; without quotes it is split.</summary>
        public void Put(string value, bool quoted)
        {
            if (quoted || separators.Length == 0)
            {
                Add(value, quoted);
                return;
            }

            foreach (var character in value)
            {
                if (separators.Contains(character, StringComparison.Ordinal))
                {
                    Break();
                }
                else
                {
                    Add(character.ToString(), false);
                }
            }
        }

        /// <summary>A quotation begins: even empty it makes an argument.</summary>
        public void Open() => open = true;

        /// <summary>An empty list in quotes makes no argument.</summary>
        public void CloseIfEmpty() => open = text.Length > 0;

        public void Break()
        {
            if (open)
            {
                done.Add((text.ToString(), pattern.ToString(), wild));
            }

            text.Clear();
            pattern.Clear();
            open = wild = false;
        }

        public List<(string Text, string Pattern, bool Wild)> Fields()
        {
            Break();
            return done;
        }
    }
}
