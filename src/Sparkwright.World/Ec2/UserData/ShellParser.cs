using System.Collections.Immutable;

namespace Sparkwright.World.Ec2.UserData;

/// <summary>Reads the words of a shell script into commands.</summary>
internal sealed class ShellParser
{
    private static readonly string[] Closing = ["then", "else", "elif", "fi", "do", "done", "esac", "}"];

    private readonly List<ShellToken> tokens;
    private int at;
    private int nesting;

    private ShellParser(List<ShellToken> tokens) => this.tokens = tokens;

    private ShellToken Here => tokens[at];

    /// <summary>Reads a whole script, its commands one after another.</summary>
    /// <exception cref="ShellSyntaxException">It is no shell, or more than this reader knows.</exception>
    public static ShellNode.Sequence Parse(string script, int firstLine)
    {
        var parser = new ShellParser(new ShellLexer(script, firstLine).Read());
        var commands = parser.Commands();
        if (parser.Here.Kind != ShellTokenKind.End)
        {
            throw new ShellSyntaxException(parser.Here.Line, $"unexpected {parser.Here.Text}");
        }

        return commands;
    }

    private ShellNode.Sequence Commands()
    {
        var commands = ImmutableArray.CreateBuilder<ShellNode>();
        var line = Here.Line;
        while (true)
        {
            while (Here.Kind == ShellTokenKind.NewLine || Here.Is(";") || Here.Is("&"))
            {
                at++;
            }

            if (Here.Kind == ShellTokenKind.End || Here.Is(")") || Here.Is(";;") || Here.Is(";;&") || (Here.Kind == ShellTokenKind.Word && Closing.Contains(Here.Text)))
            {
                return new ShellNode.Sequence(line, commands.ToImmutable());
            }

            commands.Add(Chain());
        }
    }

    private ShellNode Chain()
    {
        var left = Pipeline();
        while (Here.Is("&&") || Here.Is("||"))
        {
            var and = Here.Text == "&&";
            at++;
            SkipNewLines();
            left = new ShellNode.Chain(left.Line, left, and, Pipeline());
        }

        return left;
    }

    private ShellNode Pipeline()
    {
        var line = Here.Line;
        var negated = false;
        while (Here.Is("!"))
        {
            negated = !negated;
            at++;
        }

        var stages = ImmutableArray.CreateBuilder<ShellNode>();
        stages.Add(Command());
        while (Here.Is("|") || Here.Is("|&"))
        {
            at++;
            SkipNewLines();
            stages.Add(Command());
        }

        return stages.Count == 1 && !negated ? stages[0] : new ShellNode.Pipeline(line, negated, stages.ToImmutable());
    }

    private ShellNode Command()
    {
        if (++nesting > ShellLexer.DeepestNesting)
        {
            throw new ShellSyntaxException(Here.Line, "nested too deeply");
        }

        var command = CommandHere();
        nesting--;
        return command;
    }

    private ShellNode CommandHere()
    {
        var token = Here;
        if (token.Is("("))
        {
            return WithRedirections(tokens[at + 1].Is("(") && tokens[at + 1].Glued ? new ShellNode.Arithmetic(token.Line, ArithmeticText()) : Subshell());
        }

        if (token.Kind != ShellTokenKind.Word && !IsRedirection(token))
        {
            throw new ShellSyntaxException(token.Line, $"unexpected {(token.Kind == ShellTokenKind.Operator ? token.Text : "end of the line")}");
        }

        return token.Text switch
        {
            "for" => WithRedirections(For()),
            "while" or "until" => WithRedirections(While()),
            "if" => WithRedirections(If()),
            "case" => WithRedirections(Case()),
            "{" => WithRedirections(Braces()),
            "[[" => WithRedirections(Test()),
            "function" => NamedFunction(),
            _ when tokens[at + 1].Is("(") && tokens[at + 2].Is(")") && token.Kind == ShellTokenKind.Word => Function(),
            _ => Simple(),
        };
    }

    private ShellNode.Simple Simple()
    {
        var line = Here.Line;
        var assignments = ImmutableArray.CreateBuilder<Assignment>();
        var words = ImmutableArray.CreateBuilder<string>();
        var redirections = ImmutableArray.CreateBuilder<Redirection>();
        while (true)
        {
            if (TryRedirection() is { } redirection)
            {
                redirections.Add(redirection);
            }
            else if (Here.Kind != ShellTokenKind.Word)
            {
                return new ShellNode.Simple(line, assignments.ToImmutable(), words.ToImmutable()) { Redirections = redirections.ToImmutable() };
            }
            else if (words.Count == 0 && ReadAssignment(Here.Text, Here.Line) is { } assignment)
            {
                assignments.Add(assignment);
                at++;
            }
            else
            {
                words.Add(Here.Text);
                at++;
            }
        }
    }

    /// <summary>Reads <c>NAME=value</c>, <c>NAME+=value</c>, <c>NAME[i]=value</c> or <c>NAME=( … )</c>; null when the word is none of them.</summary>
    public static Assignment? ReadAssignment(string word, int line)
    {
        var end = 0;
        while (end < word.Length && (char.IsAsciiLetterOrDigit(word[end]) || word[end] == '_'))
        {
            end++;
        }

        if (end == 0 || end == word.Length || char.IsAsciiDigit(word[0]))
        {
            return null;
        }

        var name = word[..end];
        string? index = null;
        if (word[end] == '[' && word.IndexOf(']', end) is var close && close > 0)
        {
            index = word[(end + 1)..close];
            end = close + 1;
        }

        var append = end + 1 < word.Length && word[end] == '+';
        end += append ? 1 : 0;
        if (end >= word.Length || word[end] != '=')
        {
            return null;
        }

        var value = word[(end + 1)..];
        if (!value.StartsWith('('))
        {
            return new Assignment(name, index, append, value, null);
        }

        var items = new ShellLexer(value[1..^1], line).Read().Where(token => token.Kind == ShellTokenKind.Word).Select(token => token.Text);
        return new Assignment(name, index, append, "", [.. items]);
    }

    private bool IsRedirection(ShellToken token) =>
        (token.Kind == ShellTokenKind.Operator && token.Text is "<" or ">" or ">>" or "<<" or "<<-" or "<<<" or ">&" or "<&" or "&>" or "&>>" or ">|" or "<>")
        || (token.Kind == ShellTokenKind.Word && token.Text.Length == 1 && char.IsAsciiDigit(token.Text[0])
            && tokens[at + 1] is { Kind: ShellTokenKind.Operator, Glued: true } next && next.Text[0] is '<' or '>');

    private Redirection? TryRedirection()
    {
        if (!IsRedirection(Here))
        {
            return null;
        }

        var descriptor = -1;
        if (Here.Kind == ShellTokenKind.Word)
        {
            descriptor = Here.Text[0] - '0';
            at++;
        }

        var token = Here;
        at++;
        if (token.Text is "<<" or "<<-")
        {
            return new Redirection("<<", descriptor, token.Document ?? "", token.LiteralDocument);
        }

        if (Here.Kind != ShellTokenKind.Word)
        {
            throw new ShellSyntaxException(token.Line, $"nothing stands behind {token.Text}");
        }

        var target = Here.Text;
        at++;
        return new Redirection(token.Text, descriptor, target);
    }

    private ShellNode WithRedirections(ShellNode node)
    {
        var redirections = ImmutableArray.CreateBuilder<Redirection>();
        while (TryRedirection() is { } redirection)
        {
            redirections.Add(redirection);
        }

        return redirections.Count == 0 ? node : node with { Redirections = redirections.ToImmutable() };
    }

    private ShellNode For()
    {
        var line = Take("for").Line;
        if (Here.Is("("))
        {
            var parts = ArithmeticText().Split(';');
            if (parts.Length != 3)
            {
                throw new ShellSyntaxException(line, "for (( … )) needs three parts");
            }

            return new ShellNode.CountingFor(line, parts[0], parts[1], parts[2], Body());
        }

        var variable = TakeWord();
        SkipNewLines();
        var words = ImmutableArray.CreateBuilder<string>();
        if (Here.Is("in"))
        {
            at++;
            while (Here.Kind == ShellTokenKind.Word)
            {
                words.Add(TakeWord());
            }
        }
        else
        {
            words.Add("\"$@\"");
        }

        return new ShellNode.For(line, variable, words.ToImmutable(), Body());
    }

    private ShellNode.Sequence Body()
    {
        SkipSeparators();
        Take("do");
        var body = Commands();
        Take("done");
        return body;
    }

    private ShellNode.While While()
    {
        var token = Here;
        at++;
        var condition = Commands();
        return new ShellNode.While(token.Line, token.Text == "until", condition, Body());
    }

    private ShellNode.If If()
    {
        var line = Here.Line;
        var arms = ImmutableArray.CreateBuilder<(ShellNode?, ShellNode)>();
        do
        {
            at++;
            var condition = Commands();
            Take("then");
            arms.Add((condition, Commands()));
        }
        while (Here.Is("elif"));

        if (Here.Is("else"))
        {
            at++;
            arms.Add((null, Commands()));
        }

        Take("fi");
        return new ShellNode.If(line, arms.ToImmutable());
    }

    private ShellNode.Case Case()
    {
        var line = Take("case").Line;
        var word = TakeWord();
        SkipNewLines();
        Take("in");
        SkipNewLines();
        var arms = ImmutableArray.CreateBuilder<(ImmutableArray<string>, ShellNode)>();
        while (!Here.Is("esac"))
        {
            if (Here.Is("("))
            {
                at++;
            }

            var patterns = ImmutableArray.CreateBuilder<string>();
            patterns.Add(TakeWord());
            while (Here.Is("|"))
            {
                at++;
                patterns.Add(TakeWord());
            }

            Take(")");
            arms.Add((patterns.ToImmutable(), Commands()));
            if (Here.Is(";;") || Here.Is(";;&"))
            {
                at++;
            }

            SkipNewLines();
        }

        Take("esac");
        return new ShellNode.Case(line, word, arms.ToImmutable());
    }

    private ShellNode.Group Braces()
    {
        var line = Take("{").Line;
        var body = Commands();
        Take("}");
        return new ShellNode.Group(line, body, false);
    }

    private ShellNode.Group Subshell()
    {
        var line = Take("(").Line;
        var body = Commands();
        Take(")");
        return new ShellNode.Group(line, body, true);
    }

    private ShellNode.Function NamedFunction()
    {
        Take("function");
        return Function();
    }

    private ShellNode.Function Function()
    {
        var line = Here.Line;
        var name = TakeWord();
        if (Here.Is("("))
        {
            at += 2;
        }

        SkipNewLines();
        return new ShellNode.Function(line, name, Command());
    }

    private ShellNode.Test Test()
    {
        var line = Take("[[").Line;
        var words = ImmutableArray.CreateBuilder<string>();
        while (!Here.Is("]]"))
        {
            switch (Here.Kind)
            {
                case ShellTokenKind.End:
                    throw new ShellSyntaxException(line, "a [[ is not closed");
                case ShellTokenKind.NewLine:
                    break;

                // A regular expression is cut at its brackets and bars by the lexer: what is glued together belongs together.
                case var _ when Here.Glued && words.Count > 1 && (words[^1] is not ("(" or ")" or "&&" or "||") || words[^2] == "=~"):
                    words[^1] += Here.Text;
                    break;
                default:
                    words.Add(Here.Text);
                    break;
            }

            at++;
        }

        Take("]]");
        return new ShellNode.Test(line, words.ToImmutable());
    }

    /// <summary>The text between <c>((</c> and <c>))</c>, put together again from its tokens.</summary>
    private string ArithmeticText()
    {
        var line = Here.Line;
        var text = new System.Text.StringBuilder();
        var depth = 0;
        do
        {
            if (Here.Kind == ShellTokenKind.End)
            {
                throw new ShellSyntaxException(line, "a (( is not closed");
            }

            depth += Here.Is("(") ? 1 : Here.Is(")") ? -1 : 0;
            text.Append(Here.Glued ? "" : " ").Append(Here.Text);
            at++;
        }
        while (depth > 0);

        return text.ToString().Trim()[2..^2];
    }

    private ShellToken Take(string text)
    {
        var token = Here;
        if (!token.Is(text))
        {
            throw new ShellSyntaxException(token.Line, $"{text} is missing");
        }

        at++;
        return token;
    }

    private string TakeWord()
    {
        var token = Here;
        if (token.Kind != ShellTokenKind.Word)
        {
            throw new ShellSyntaxException(token.Line, "a word is missing");
        }

        at++;
        return token.Text;
    }

    private void SkipNewLines()
    {
        while (Here.Kind == ShellTokenKind.NewLine)
        {
            at++;
        }
    }

    private void SkipSeparators()
    {
        while (Here.Kind == ShellTokenKind.NewLine || Here.Is(";"))
        {
            at++;
        }
    }
}
