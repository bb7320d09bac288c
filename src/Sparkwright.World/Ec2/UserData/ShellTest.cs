using System.Globalization;

namespace Sparkwright.World.Ec2.UserData;

/// <summary>Works out <c>[ … ]</c> and <c>[[ … ]]</c>.</summary>
/// <param name="doubled">This is <c>[[</c>: the right side of <c>==</c> is a pattern, <c>&amp;&amp;</c> and <c>||</c> are operators.</param>
internal sealed class ShellTest(List<string> words, bool doubled, Func<string, string> text, Func<string, string> pattern, Func<string, string> normal, ShellRun run)
{
    private static readonly string[] Binary = ["=", "==", "!=", "=~", "-eq", "-ne", "-lt", "-le", "-gt", "-ge", "<", ">", "-nt", "-ot", "-ef"];

    private int at;

    /// <summary>Whether the test holds; null when it is not one that is read.</summary>
    public bool? Value()
    {
        if (words.Count == 0)
        {
            return false;
        }

        var value = Or();
        return at == words.Count ? value : null;
    }

    private bool? Or()
    {
        var left = And();
        while (left is not null && Take(doubled ? "||" : "-o"))
        {
            left = And() is { } right ? left.Value || right : null;
        }

        return left;
    }

    private bool? And()
    {
        var left = Not();
        while (left is not null && Take(doubled ? "&&" : "-a"))
        {
            left = Not() is { } right ? left.Value && right : null;
        }

        return left;
    }

    private bool? Not()
    {
        if (at < words.Count - 1 && Take("!"))
        {
            return !Not();
        }

        if (at + 1 < words.Count && Array.IndexOf(Binary, words[at + 1]) >= 0 && at + 2 < words.Count)
        {
            return Compare();
        }

        if (at < words.Count - 1 && Take("("))
        {
            var inner = Or();
            return Take(")") ? inner : null;
        }

        if (at + 1 < words.Count && words[at] is ['-', var sign])
        {
            var operand = text(words[at + 1]);
            at += 2;
            return Unary(sign, operand);
        }

        return at < words.Count ? text(words[at++]).Length > 0 : null;
    }

    private bool? Compare()
    {
        var left = text(words[at]);
        var sign = words[at + 1];
        var raw = words[at + 2];
        at += 3;
        switch (sign)
        {
            case "=" or "==" or "!=":
                var same = doubled ? ShellPattern.Matches(pattern(raw), left) : left == text(raw);
                return same == (sign != "!=");
            case "=~":
                return ShellPattern.Posix(text(raw), extended: true)?.IsMatch(left);
            case "<" or ">":
                return string.CompareOrdinal(left, text(raw)) is var order && (sign == "<" ? order < 0 : order > 0);
            case "-nt" or "-ot" or "-ef":
                return null;
        }

        return Number(left) is { } a && Number(text(raw)) is { } b
            ? sign switch
            {
                "-eq" => a == b,
                "-ne" => a != b,
                "-lt" => a < b,
                "-le" => a <= b,
                "-gt" => a > b,
                _ => a >= b,
            }
            : null;
    }

    private bool? Unary(char sign, string operand)
    {
        var path = normal(operand);
        return sign switch
        {
            'z' => operand.Length == 0,
            'n' => operand.Length > 0,
            'b' => run.Devices.Find(path) is not null,
            'd' => run.Files.HasDirectory(path),
            'f' or 's' or 'x' => run.Files.HasFile(path),
            'e' or 'r' or 'w' or 'a' => run.Files.HasDirectory(path) || run.Files.HasFile(path) || run.Devices.Find(path) is not null,
            'L' or 'h' => path.StartsWith("/dev/disk/", StringComparison.Ordinal) && run.Devices.Find(path) is not null,
            'v' => run.ValueOf(operand) is not null,
            't' or 'p' or 'S' or 'c' => false,
            _ => null,
        };
    }

    private static long? Number(string value) => value.Trim() is var digits && long.TryParse(digits, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)
        ? number
        : digits.Length == 0 ? 0 : null;

    private bool Take(string word)
    {
        if (at >= words.Count || words[at] != word)
        {
            return false;
        }

        at++;
        return true;
    }
}
