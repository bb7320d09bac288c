using System.Globalization;

namespace Sparkwright.World.Ec2.UserData;

/// <summary>Works out <c>$(( … ))</c>: whole numbers, variables by their bare names, assignments.</summary>
internal sealed class ShellArithmetic(string text, Func<string, string> read, Action<string, string> write)
{
    private static readonly string[][] Levels = [["||"], ["&&"], ["|"], ["^"], ["&"], ["==", "!="], ["<=", ">=", "<", ">"], ["<<", ">>"], ["+", "-"], ["*", "/", "%"]];

    // So that no expression can exhaust the stack.
    private const int DeepestNesting = 50;

    private int at;
    private int depth;

    /// <summary>The value, or null when this is no expression.</summary>
    public long? Value()
    {
        if (string.IsNullOrWhiteSpace(text))
        {
            return 0;
        }

        var value = Assignment();
        while (value is not null && Take(","))
        {
            value = Assignment();
        }

        SkipBlanks();
        return at == text.Length ? value : null;
    }

    private long? Assignment()
    {
        depth++;
        var value = depth > DeepestNesting ? null : AssignmentOrValue();
        depth--;
        return value;
    }

    private long? AssignmentOrValue()
    {
        var start = at;
        if (Name() is { } name)
        {
            foreach (var sign in (string[])["+=", "-=", "*=", "/=", "%=", "="])
            {
                SkipBlanks();
                if (string.CompareOrdinal(text, at, sign, 0, sign.Length) == 0 && string.CompareOrdinal(text, at, "==", 0, 2) != 0)
                {
                    at += sign.Length;
                    if (Assignment() is not { } right)
                    {
                        return null;
                    }

                    var value = sign == "=" ? right : Apply(sign[..1], Number(read(name)), right);
                    write(name, (value ?? 0).ToString(CultureInfo.InvariantCulture));
                    return value;
                }
            }
        }

        at = start;
        var condition = Binary(0);
        if (condition is null || !Take("?"))
        {
            return condition;
        }

        var yes = Assignment();
        return Take(":") && Assignment() is { } no ? condition != 0 ? yes : no : null;
    }

    private long? Binary(int level)
    {
        if (level == Levels.Length)
        {
            return Unary();
        }

        var left = Binary(level + 1);
        while (left is not null && Array.Find(Levels[level], sign => TakeOperator(sign)) is { } sign)
        {
            left = Binary(level + 1) is { } right ? Apply(sign, left.Value, right) : null;
        }

        return left;
    }

    private long? Unary()
    {
        depth++;
        var value = depth > DeepestNesting ? null : SignedValue();
        depth--;
        return value;
    }

    private long? SignedValue()
    {
        if (Take("!"))
        {
            return Unary() is { } value ? value == 0 ? 1 : 0 : null;
        }

        if (Take("++") || Take("--"))
        {
            var step = text[at - 1] == '+' ? 1 : -1;
            return Name() is { } name ? Step(name, step) + step : null;
        }

        if (Take("-"))
        {
            return -Unary();
        }

        if (Take("+"))
        {
            return Unary();
        }

        if (Take("("))
        {
            var inner = Assignment();
            return Take(")") ? inner : null;
        }

        if (Name() is { } variable)
        {
            return Take("++") ? Step(variable, 1) : Take("--") ? Step(variable, -1) : Number(read(variable));
        }

        SkipBlanks();
        var start = at;
        while (at < text.Length && char.IsAsciiLetterOrDigit(text[at]))
        {
            at++;
        }

        return start == at ? null : Literal(text[start..at]);
    }

    private static long? Literal(string digits) =>
        digits.StartsWith("0x", StringComparison.OrdinalIgnoreCase)
            ? long.TryParse(digits.AsSpan(2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var hex) ? hex : null
            : long.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var value) ? value : null;

    private static long Number(string value) => long.TryParse(value.Trim(), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? number : 0;

    /// <summary>The value before the step.</summary>
    private long Step(string name, int step)
    {
        var value = Number(read(name));
        write(name, (value + step).ToString(CultureInfo.InvariantCulture));
        return value;
    }

    private static long? Apply(string sign, long left, long right) => sign switch
    {
        "||" => left != 0 || right != 0 ? 1 : 0,
        "&&" => left != 0 && right != 0 ? 1 : 0,
        "|" => left | right,
        "^" => left ^ right,
        "&" => left & right,
        "==" => left == right ? 1 : 0,
        "!=" => left != right ? 1 : 0,
        "<=" => left <= right ? 1 : 0,
        ">=" => left >= right ? 1 : 0,
        "<" => left < right ? 1 : 0,
        ">" => left > right ? 1 : 0,
        "<<" => left << (int)right,
        ">>" => left >> (int)right,
        "+" => left + right,
        "-" => left - right,
        "*" => left * right,
        "/" => right == 0 ? null : right == -1 ? unchecked(-left) : left / right,
        "%" => right == 0 ? null : right == -1 ? 0 : left % right,
        _ => null,
    };

    private string? Name()
    {
        SkipBlanks();
        if (at < text.Length && text[at] == '$')
        {
            at++;
        }

        var start = at;
        if (at >= text.Length || !(char.IsAsciiLetter(text[at]) || text[at] == '_'))
        {
            return null;
        }

        while (at < text.Length && (char.IsAsciiLetterOrDigit(text[at]) || text[at] == '_'))
        {
            at++;
        }

        return text[start..at];
    }

    /// <summary>Takes a binary operator, but not the beginning of a longer one.</summary>
    private bool TakeOperator(string sign)
    {
        SkipBlanks();
        var next = at + sign.Length < text.Length ? text[at + sign.Length] : ' ';
        var longer = (sign is "|" or "&" or "<" or ">" && next == sign[0]) || (sign is "<" or ">" && next == '=');
        return !longer && Take(sign);
    }

    private bool Take(string sign)
    {
        SkipBlanks();
        if (string.CompareOrdinal(text, at, sign, 0, sign.Length) != 0)
        {
            return false;
        }

        at += sign.Length;
        return true;
    }

    private void SkipBlanks()
    {
        while (at < text.Length && char.IsWhiteSpace(text[at]))
        {
            at++;
        }
    }
}
