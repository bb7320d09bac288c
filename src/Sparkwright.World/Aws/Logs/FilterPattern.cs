using System.Text;
using System.Text.Json;
using Sparkwright.Kubernetes.Objects;
using Sparkwright.World.Aws.Access;

namespace Sparkwright.World.Aws.Logs;

/// <summary>
/// What FilterLogEvents may look for: terms and "phrases" that must all be there, ?terms of which one must be, -terms that must not be,
/// or a condition on a JSON message in braces.
/// </summary>
public abstract class FilterPattern
{
    private FilterPattern()
    {
    }

    /// <summary>Reads a pattern; null with what is wrong when it is none.</summary>
    public static FilterPattern? Read(string text, out string? problem)
    {
        var trimmed = text.Trim();
        problem = null;
        switch (trimmed)
        {
            case ['{', .. var inside, '}']:
                return JsonReader.Read(inside, out problem) is { } condition ? new Json(condition) : null;
            case ['{', ..]:
                problem = "Invalid filter pattern: a JSON pattern ends with }";
                return null;
            case ['[', ..]:
                problem = "Invalid filter pattern: Sparkwright does not simulate space-delimited patterns in brackets; use terms or { $.field = value }";
                return null;
            case ['%', ..]:
                problem = "Invalid filter pattern: Sparkwright does not simulate regular expressions; use terms or { $.field = value }";
                return null;
            default:
                return Terms.Read(trimmed, out problem);
        }
    }

    public abstract bool Matches(string message);

    private sealed class Terms(IReadOnlyList<string> required, IReadOnlyList<string> optional, IReadOnlyList<string> excluded) : FilterPattern
    {
        public override bool Matches(string message) =>
            required.All(term => message.Contains(term, StringComparison.Ordinal))
            && !excluded.Any(term => message.Contains(term, StringComparison.Ordinal))
            // Beside terms that must be there, those of which one may be say nothing.
            && (required.Count > 0 || optional.Count == 0 || optional.Any(term => message.Contains(term, StringComparison.Ordinal)));

        public static new Terms? Read(string text, out string? problem)
        {
            var (required, optional, excluded) = (new List<string>(), new List<string>(), new List<string>());
            for (var at = 0; at < text.Length;)
            {
                if (char.IsWhiteSpace(text[at]))
                {
                    at++;
                    continue;
                }

                var terms = text[at] switch { '?' => optional, '-' => excluded, _ => required };
                at += terms == required ? 0 : 1;
                if (Term(text, ref at, out problem) is not { } term)
                {
                    return null;
                }

                terms.Add(term);
            }

            problem = null;
            return new Terms(required, optional, excluded);
        }

        private static string? Term(string text, ref int at, out string? problem)
        {
            problem = null;
            if (at < text.Length && text[at] == '"')
            {
                if (Quoted(text, ref at) is { } phrase)
                {
                    return phrase;
                }

                problem = "Invalid filter pattern: a quote has no end";
                return null;
            }

            var start = at;
            while (at < text.Length && !char.IsWhiteSpace(text[at]))
            {
                at++;
            }

            var term = text[start..at];
            if (term.Length > 0 && term.All(static character => char.IsLetterOrDigit(character) || character == '_'))
            {
                return term;
            }

            problem = $"Invalid character(s) in term '{term}'";
            return null;
        }
    }

    /// <summary>What stands between quotes, of which the first is next; null when the second is missing.</summary>
    private static string? Quoted(string text, ref int at)
    {
        var phrase = new StringBuilder();
        for (at++; at < text.Length; at++)
        {
            if (text[at] == '"')
            {
                at++;
                return phrase.ToString();
            }

            if (text[at] == '\\' && at + 1 < text.Length && text[at + 1] is '"' or '\\')
            {
                at++;
            }

            phrase.Append(text[at]);
        }

        return null;
    }

    private sealed class Json(Func<Tree, bool> condition) : FilterPattern
    {
        public override bool Matches(string message)
        {
            if (!message.AsSpan().TrimStart().StartsWith("{"))
            {
                return false;
            }

            try
            {
                return condition(TreeJson.Parse(message));
            }
            catch (JsonException)
            {
                return false;
            }
        }
    }

    /// <summary>Reads conditions such as <c>$.level = "ERROR" &amp;&amp; ($.code &gt; 400 || $.user.id NOT EXISTS)</c>.</summary>
    private sealed class JsonReader
    {
        private static readonly string[] Signs = ["&&", "||", "!=", "<=", ">=", "=", "<", ">", "(", ")"];

        private readonly List<string> tokens = [];
        private int at;

        private string? Next => at < tokens.Count ? tokens[at] : null;

        public static Func<Tree, bool>? Read(string text, out string? problem)
        {
            var reader = new JsonReader();
            problem = "Invalid filter pattern";
            if (!reader.Cut(text) || reader.Either() is not { } condition || reader.Next is not null)
            {
                return null;
            }

            problem = null;
            return condition;
        }

        private bool Cut(string text)
        {
            for (var place = 0; place < text.Length;)
            {
                if (char.IsWhiteSpace(text[place]))
                {
                    place++;
                }
                else if (Signs.FirstOrDefault(sign => string.CompareOrdinal(text, place, sign, 0, sign.Length) == 0) is { } sign)
                {
                    tokens.Add(sign);
                    place += sign.Length;
                }
                else if (text[place] == '"')
                {
                    if (Quoted(text, ref place) is not { } phrase)
                    {
                        return false;
                    }

                    tokens.Add("\"" + phrase);
                }
                else
                {
                    var start = place;
                    while (place < text.Length && !char.IsWhiteSpace(text[place]) && !"&|!=<>()\"".Contains(text[place], StringComparison.Ordinal))
                    {
                        place++;
                    }

                    if (place == start)
                    {
                        return false;
                    }

                    tokens.Add(text[start..place]);
                }
            }

            return true;
        }

        private Func<Tree, bool>? Either()
        {
            var one = Both();
            while (one is not null && Next == "||")
            {
                at++;
                var (left, right) = (one, Both());
                one = right is null ? null : tree => left(tree) || right(tree);
            }

            return one;
        }

        private Func<Tree, bool>? Both()
        {
            var one = Single();
            while (one is not null && Next == "&&")
            {
                at++;
                var (left, right) = (one, Single());
                one = right is null ? null : tree => left(tree) && right(tree);
            }

            return one;
        }

        private Func<Tree, bool>? Single()
        {
            if (Next == "(")
            {
                at++;
                var inside = Either();
                return inside is not null && Take() == ")" ? inside : null;
            }

            if (Take() is not ['$', '.', .. var path])
            {
                return null;
            }

            switch (Take())
            {
                case "IS":
                    return Take() switch
                    {
                        "NULL" => tree => Find(tree, path) is TreeNull,
                        "TRUE" => tree => Find(tree, path)?.Boolean == true,
                        "FALSE" => tree => Find(tree, path)?.Boolean == false,
                        _ => null,
                    };
                case "NOT" when Take() == "EXISTS":
                    return tree => Find(tree, path) is null;
                case "=" when Take() is { } wanted:
                    return tree => Find(tree, path) is { } found && IsEqual(found, wanted);
                case "!=" when Take() is { } wanted:
                    return tree => Find(tree, path) is { } found && !IsEqual(found, wanted);
                case ("<" or ">" or "<=" or ">=") and var sign when Number(Take()) is { } limit:
                    return tree => Number(Find(tree, path)) is { } number && sign switch
                    {
                        "<" => number < limit,
                        ">" => number > limit,
                        "<=" => number <= limit,
                        _ => number >= limit,
                    };
                default:
                    return null;
            }
        }

        private string? Take() => at < tokens.Count ? tokens[at++] : null;

        /// <summary>The value at a path such as <c>users[0].name</c>; null when there is none.</summary>
        private static Tree? Find(Tree tree, string path)
        {
            Tree? found = tree;
            foreach (var step in path.Split('.'))
            {
                var bracket = step.IndexOf('[', StringComparison.Ordinal);
                found = (found as TreeMap)?.Get(bracket < 0 ? step : step[..bracket]);
                if (bracket >= 0)
                {
                    found = found is TreeList list && step.EndsWith(']') && int.TryParse(step.AsSpan(bracket + 1, step.Length - bracket - 2), out var index) && index >= 0 && index < list.Span.Length
                        ? list.Span[index]
                        : null;
                }
            }

            return found;
        }

        private static bool IsEqual(Tree found, string wanted) => wanted is ['"', .. var phrase]
            ? found.Text is { } text && Wildcards.Fit(phrase, text)
            : Number(wanted) is { } number ? Number(found) == number : found.Text is { } word && Wildcards.Fit(wanted, word);

        private static decimal? Number(Tree? tree) => tree switch
        {
            TreeInteger whole => whole.Value,
            TreeReal real => (decimal)real.Value,
            _ => null,
        };

        private static decimal? Number(string? text) =>
            decimal.TryParse(text, System.Globalization.NumberStyles.Float, System.Globalization.CultureInfo.InvariantCulture, out var number) ? number : null;
    }
}
