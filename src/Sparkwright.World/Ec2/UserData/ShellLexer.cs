using System.Text;

namespace Sparkwright.World.Ec2.UserData;

internal enum ShellTokenKind
{
    Word,
    Operator,
    NewLine,
    End,
}

/// <param name="Text">A word as written, quotes included, or an operator; for a here-document operator its text.</param>
/// <param name="Glued">Nothing stands between this token and the one before.</param>
internal sealed record ShellToken(ShellTokenKind Kind, string Text, int Line, bool Glued = false)
{
    /// <summary>The body of a here-document, on its operator.</summary>
    public string? Document { get; set; }

    /// <summary>The here-document's end marker was quoted, so that its text is taken as it is.</summary>
    public bool LiteralDocument { get; set; }

    public bool Is(string text) => Kind != ShellTokenKind.End && Text == text;
}

/// <summary>Cuts a shell script into words, operators and line ends. Quotes and substitutions stay inside their words.</summary>
internal sealed class ShellLexer(string text, int firstLine)
{
    /// <summary>Nesting beyond this is refused, so that no script can exhaust the stack.</summary>
    public const int DeepestNesting = 40;

    private static readonly string[] Operators =
        ["<<<", "<<-", "&>>", ";;&", "&&", "||", ";;", "<<", ">>", ">&", "<&", "&>", "|&", ">|", "<>", ";", "&", "|", "(", ")", "<", ">"];

    private readonly List<(ShellToken Token, string Marker, bool StripTabs)> waitingDocuments = [];
    private int at;
    private int line = firstLine;

    public List<ShellToken> Read()
    {
        var tokens = new List<ShellToken>();
        while (true)
        {
            var before = at;
            SkipBlanks();
            if (at >= text.Length)
            {
                tokens.Add(new ShellToken(ShellTokenKind.End, "", line));
                return tokens;
            }

            var here = text[at];
            if (here == '\n')
            {
                tokens.Add(new ShellToken(ShellTokenKind.NewLine, "\n", line));
                at++;
                line++;
                ReadDocuments();
                continue;
            }

            if (here == '#')
            {
                while (at < text.Length && text[at] != '\n')
                {
                    at++;
                }

                continue;
            }

            var glued = before == at && tokens.Count > 0;
            if (!StartsProcessSubstitution() && Array.Find(Operators, known => string.CompareOrdinal(text, at, known, 0, known.Length) == 0) is { } found)
            {
                var token = new ShellToken(ShellTokenKind.Operator, found, line, glued);
                at += found.Length;
                tokens.Add(token);
                if (found is "<<" or "<<-")
                {
                    SkipBlanks();
                    var marker = Word();
                    var bare = marker.Replace("'", "", StringComparison.Ordinal).Replace("\"", "", StringComparison.Ordinal).Replace("\\", "", StringComparison.Ordinal);
                    token.LiteralDocument = bare.Length != marker.Length;
                    waitingDocuments.Add((token, bare, found == "<<-"));
                }

                continue;
            }

            var start = line;
            tokens.Add(new ShellToken(ShellTokenKind.Word, Word(), start, glued));
        }
    }

    /// <summary>Where a construct that opens at a position ends: the index behind its closing character.</summary>
    public static int EndOf(string text, int open, char closing, int line, int nesting = 0)
    {
        if (nesting > DeepestNesting)
        {
            throw new ShellSyntaxException(line, "nested too deeply");
        }

        var opening = text[open];
        var depth = 0;
        for (var at = open; at < text.Length; at++)
        {
            switch (text[at])
            {
                case '\\':
                    at++;
                    break;
                case '\'' when opening is not ('`' or '"'):
                    at = text.IndexOf('\'', at + 1) is var quote && quote >= 0 ? quote : throw new ShellSyntaxException(line, "a ' is not closed");
                    break;
                case '"' when opening != '"':
                    at = EndOf(text, at, '"', line, nesting + 1) - 1;
                    break;
                case '$' when opening == '"' && at + 1 < text.Length && text[at + 1] is '(' or '{':
                    at = EndOf(text, at + 1, text[at + 1] == '(' ? ')' : '}', line, nesting + 1) - 1;
                    break;
                default:
                    if (text[at] == opening && (opening != closing || at == open))
                    {
                        depth++;
                    }
                    else if (text[at] == closing && --depth == 0)
                    {
                        return at + 1;
                    }

                    break;
            }
        }

        throw new ShellSyntaxException(line, $"a {opening} is not closed");
    }

    private bool StartsProcessSubstitution() => at + 1 < text.Length && text[at] is '<' or '>' && text[at + 1] == '(';

    private void SkipBlanks()
    {
        while (at < text.Length)
        {
            if (text[at] is ' ' or '\t' or '\r')
            {
                at++;
            }
            else if (text[at] == '\\' && at + 1 < text.Length && text[at + 1] == '\n')
            {
                at += 2;
                line++;
            }
            else
            {
                return;
            }
        }
    }

    private string Word()
    {
        var word = new StringBuilder();
        while (at < text.Length)
        {
            var here = text[at];
            if (here is ' ' or '\t' or '\r' or '\n' or ';' or '&' or '|' or ')')
            {
                break;
            }

            if (here is '<' or '>' && !StartsProcessSubstitution())
            {
                break;
            }

            switch (here)
            {
                case '\\' when at + 1 < text.Length && text[at + 1] == '\n':
                    at += 2;
                    line++;
                    break;
                case '\\':
                    Take(word, Math.Min(at + 2, text.Length));
                    break;
                case '\'':
                    var quote = text.IndexOf('\'', at + 1);
                    Take(word, quote >= 0 ? quote + 1 : throw new ShellSyntaxException(line, "a ' is not closed"));
                    break;
                case '"':
                    Take(word, EndOf(text, at, '"', line));
                    break;
                case '`':
                    Take(word, EndOf(text, at, '`', line));
                    break;
                case '$' or '<' or '>' when at + 1 < text.Length && text[at + 1] == '(':
                    Take(word, EndOf(text, at + 1, ')', line));
                    break;
                case '$' when at + 1 < text.Length && text[at + 1] == '{':
                    Take(word, EndOf(text, at + 1, '}', line));
                    break;
                case '(' when word.Length > 0 && word[^1] == '=':
                    // NAME=( … ): the list belongs to the word.
                    Take(word, EndOf(text, at, ')', line));
                    break;
                case '(':
                    return word.ToString();
                default:
                    word.Append(here);
                    at++;
                    break;
            }
        }

        return word.ToString();
    }

    private void Take(StringBuilder word, int end)
    {
        for (; at < end; at++)
        {
            word.Append(text[at]);
            if (text[at] == '\n')
            {
                line++;
            }
        }
    }

    private void ReadDocuments()
    {
        foreach (var (token, marker, stripTabs) in waitingDocuments)
        {
            var document = new StringBuilder();
            while (true)
            {
                if (at >= text.Length)
                {
                    // Bash warns and takes what there is.
                    break;
                }

                var end = text.IndexOf('\n', at) is var next && next >= 0 ? next : text.Length;
                var row = text[at..end];
                at = Math.Min(end + 1, text.Length);
                line++;
                row = stripTabs ? row.TrimStart('\t') : row;
                if (row.TrimEnd('\r') == marker)
                {
                    break;
                }

                document.Append(row).Append('\n');
            }

            token.Document = document.ToString();
        }

        waitingDocuments.Clear();
    }
}
