using System.Text;
using System.Text.RegularExpressions;

namespace Sparkwright.World.Ec2.UserData;

/// <summary>Shell patterns and POSIX regular expressions as .NET ones that cannot run away.</summary>
internal static class ShellPattern
{
    // Without backtracking no expression of a user can take more than linear time.
    private const RegexOptions Safe = RegexOptions.NonBacktracking | RegexOptions.CultureInvariant | RegexOptions.Singleline;

    public static Regex Compile(string pattern, bool withinPart = false) => Anchored("^", pattern, "$", withinPart);

    /// <summary>The pattern at any place of a text.</summary>
    public static Regex Anywhere(string pattern) => Anchored("", pattern, "", false);

    public static bool Matches(string pattern, string text) => Compile(pattern).IsMatch(text);

    public static bool HasWildcard(string pattern) => pattern.AsSpan().IndexOfAny('*', '?', '[') >= 0;

    /// <summary>A pattern that is none (a range the wrong way round) means its own characters.</summary>
    private static Regex Anchored(string before, string pattern, string behind, bool withinPart) =>
        Expression(before + Translate(pattern, withinPart) + behind, Safe) ?? new Regex(before + Regex.Escape(pattern) + behind, RegexOptions.CultureInvariant);

    private static Regex? Expression(string text, RegexOptions options)
    {
        try
        {
            return new Regex(text, options);
        }
        catch (Exception refused) when (refused is ArgumentException or NotSupportedException)
        {
            return null;
        }
    }

    private static string Translate(string pattern, bool withinPart)
    {
        var text = new StringBuilder();
        for (var at = 0; at < pattern.Length; at++)
        {
            switch (pattern[at])
            {
                case '*':
                    text.Append(withinPart ? "[^/]*" : ".*");
                    break;
                case '?':
                    text.Append(withinPart ? "[^/]" : ".");
                    break;
                case '[' when pattern.IndexOf(']', at + 1) is var close && close > at + 1:
                    var set = pattern[(at + 1)..close].Replace(@"\", @"\\", StringComparison.Ordinal).Replace("[", @"\[", StringComparison.Ordinal);
                    text.Append('[').Append(set[0] == '!' ? "^" + set[1..] : set).Append(']');
                    at = close;
                    break;
                case '\\' when at + 1 < pattern.Length:
                    text.Append(Regex.Escape(pattern[++at].ToString()));
                    break;
                default:
                    text.Append(Regex.Escape(pattern[at].ToString()));
                    break;
            }
        }

        return text.ToString();
    }

    /// <summary>A POSIX expression; null when it is none.</summary>
    /// <param name="extended">In a basic one <c>\(</c>, <c>\|</c>, <c>\+</c>, <c>\{</c> are the operators and the bare characters mean themselves.</param>
    public static Regex? Posix(string expression, bool extended, bool ignoreCase = false)
    {
        var text = extended ? expression : FromBasic(expression);
        text = text.Replace("[[:space:]]", @"\s", StringComparison.Ordinal).Replace("[[:digit:]]", "[0-9]", StringComparison.Ordinal)
            .Replace("[:space:]", @"\s", StringComparison.Ordinal).Replace("[:digit:]", "0-9", StringComparison.Ordinal)
            .Replace("[:alnum:]", "a-zA-Z0-9", StringComparison.Ordinal).Replace("[:alpha:]", "a-zA-Z", StringComparison.Ordinal)
            .Replace("[:blank:]", @" \t", StringComparison.Ordinal).Replace(@"\<", @"\b", StringComparison.Ordinal).Replace(@"\>", @"\b", StringComparison.Ordinal);
        return Expression(text, Safe | (ignoreCase ? RegexOptions.IgnoreCase : RegexOptions.None));
    }

    private static string FromBasic(string expression)
    {
        const string Operators = "(){}+?|";
        var text = new StringBuilder();
        for (var at = 0; at < expression.Length; at++)
        {
            if (expression[at] == '\\' && at + 1 < expression.Length)
            {
                at++;
                text.Append(Operators.Contains(expression[at], StringComparison.Ordinal) ? "" : "\\").Append(expression[at]);
            }
            else
            {
                text.Append(Operators.Contains(expression[at], StringComparison.Ordinal) ? "\\" : "").Append(expression[at]);
            }
        }

        return text.ToString();
    }
}
