using System.Collections.Immutable;

namespace Sparkwright.World.Ec2.UserData;

/// <summary>A piece of a shell script, with the line of the userData on which it starts. Words are kept as written; they are expanded when run.</summary>
internal abstract record ShellNode(int Line)
{
    /// <summary>Redirections behind the command.</summary>
    public ImmutableArray<Redirection> Redirections { get; init; } = [];

    /// <summary><c>NAME=value … word word …</c></summary>
    public sealed record Simple(int Line, ImmutableArray<Assignment> Assignments, ImmutableArray<string> Words) : ShellNode(Line);

    /// <summary><c>a | b | c</c>, perhaps behind a <c>!</c>.</summary>
    public sealed record Pipeline(int Line, bool Negated, ImmutableArray<ShellNode> Stages) : ShellNode(Line);

    /// <summary><c>a &amp;&amp; b</c> or <c>a || b</c>.</summary>
    public sealed record Chain(int Line, ShellNode Left, bool And, ShellNode Right) : ShellNode(Line);

    public sealed record Sequence(int Line, ImmutableArray<ShellNode> Commands) : ShellNode(Line);

    public sealed record For(int Line, string Variable, ImmutableArray<string> Words, ShellNode Body) : ShellNode(Line);

    /// <summary><c>for ((a; b; c))</c></summary>
    public sealed record CountingFor(int Line, string First, string Condition, string Step, ShellNode Body) : ShellNode(Line);

    public sealed record While(int Line, bool Until, ShellNode Condition, ShellNode Body) : ShellNode(Line);

    /// <summary>Arms in order; the last one has no condition where there is an <c>else</c>.</summary>
    public sealed record If(int Line, ImmutableArray<(ShellNode? Condition, ShellNode Body)> Arms) : ShellNode(Line);

    public sealed record Case(int Line, string Word, ImmutableArray<(ImmutableArray<string> Patterns, ShellNode Body)> Arms) : ShellNode(Line);

    public sealed record Function(int Line, string Name, ShellNode Body) : ShellNode(Line);

    /// <summary><c>{ … }</c> or <c>( … )</c>.</summary>
    public sealed record Group(int Line, ShellNode Body, bool Subshell) : ShellNode(Line);

    /// <summary><c>[[ … ]]</c>, its words and operators in order.</summary>
    public sealed record Test(int Line, ImmutableArray<string> Words) : ShellNode(Line);

    /// <summary><c>(( … ))</c></summary>
    public sealed record Arithmetic(int Line, string Expression) : ShellNode(Line);
}

/// <param name="Items">The elements of <c>NAME=( … )</c>; otherwise null.</param>
internal sealed record Assignment(string Name, string? Index, bool Append, string Value, ImmutableArray<string>? Items);

/// <param name="Operator"><c>&lt;</c>, <c>&gt;</c>, <c>&gt;&gt;</c>, <c>&lt;&lt;</c> (the target is the text), <c>&lt;&lt;&lt;</c>, <c>&gt;&amp;</c>, <c>&amp;&gt;</c>.</param>
/// <param name="Descriptor">The number before the operator; −1 for none.</param>
/// <param name="Literal">For a here-document: its text is not expanded.</param>
internal sealed record Redirection(string Operator, int Descriptor, string Target, bool Literal = false);

/// <summary>The script cannot be read on from here.</summary>
internal sealed class ShellSyntaxException(int line, string what) : Exception(what)
{
    public int Line { get; } = line;
}
