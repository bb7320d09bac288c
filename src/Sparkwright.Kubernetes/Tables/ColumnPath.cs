using System.Globalization;
using Sparkwright.Kubernetes.Objects;

namespace Sparkwright.Kubernetes.Tables;

/// <summary>
/// The JSONPath of a printer column, as far as CustomResourceDefinitions use it: members, members in quotes, indexes, <c>[*]</c> and filters such
/// as <c>[?(@.type=="Ready")]</c>. What it does not know finds nothing.
/// </summary>
internal static class ColumnPath
{
    /// <summary>The first value at a path; null when there is none.</summary>
    public static Tree? First(Tree root, string path)
    {
        IReadOnlyList<Tree> here = [root];
        var at = 0;
        while (at < path.Length && here.Count > 0)
        {
            if (path[at] == '[')
            {
                var end = EndOfBracket(path, at);
                if (end < 0)
                {
                    return null;
                }

                here = Select(here, path[(at + 1)..end]);
                at = end + 1;
            }
            else
            {
                var (name, next) = Member(path, path[at] == '.' ? at + 1 : at);
                here = name == "*" ? [.. here.SelectMany(Children)] : name.Length == 0 ? here : [.. here.Select(one => one[name]).OfType<Tree>()];
                at = next;
            }
        }

        return here is [var first, ..] && first is not TreeNull ? first : null;
    }

    /// <summary>A member's name up to the next dot or bracket; a backslash takes what follows as it is.</summary>
    private static (string Name, int Next) Member(string path, int from)
    {
        var name = new System.Text.StringBuilder();
        var at = from;
        for (; at < path.Length && path[at] is not ('.' or '['); at++)
        {
            if (path[at] == '\\' && at + 1 < path.Length)
            {
                at++;
            }

            name.Append(path[at]);
        }

        return (name.ToString(), at);
    }

    private static int EndOfBracket(string path, int open)
    {
        var quote = '\0';
        for (var at = open + 1; at < path.Length; at++)
        {
            if (quote != '\0')
            {
                quote = path[at] == quote ? '\0' : quote;
            }
            else if (path[at] is '"' or '\'')
            {
                quote = path[at];
            }
            else if (path[at] == ']')
            {
                return at;
            }
        }

        return -1;
    }

    private static IReadOnlyList<Tree> Select(IReadOnlyList<Tree> here, string inside)
    {
        if (inside == "*")
        {
            return [.. here.SelectMany(Children)];
        }

        if (inside.StartsWith("?(@", StringComparison.Ordinal) && inside.EndsWith(')'))
        {
            return Filtered(here, inside[3..^1]);
        }

        if (inside.Length > 1 && inside[0] is '\'' or '"' && inside[^1] == inside[0])
        {
            return [.. here.Select(one => one[inside[1..^1]]).OfType<Tree>()];
        }

        return int.TryParse(inside, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var index)
            ? [.. here.Select(one => ItemAt(one, index)).OfType<Tree>()]
            : [];
    }

    private static IReadOnlyList<Tree> Filtered(IReadOnlyList<Tree> here, string condition)
    {
        var isEqual = condition.IndexOf("==", StringComparison.Ordinal);
        var at = isEqual < 0 ? condition.IndexOf("!=", StringComparison.Ordinal) : isEqual;
        if (at < 0)
        {
            return [.. here.SelectMany(Children).Where(one => First(one, condition.Trim()) is not null)];
        }

        var (path, wanted) = (condition[..at].Trim(), condition[(at + 2)..].Trim().Trim('"', '\''));
        return [.. here.SelectMany(Children).Where(one => First(one, path) is { } found && CustomForm.Print(found) == wanted == isEqual >= 0)];
    }

    private static Tree? ItemAt(Tree list, int index)
    {
        var items = list.Items;
        var place = index < 0 ? items.Length + index : index;
        return place >= 0 && place < items.Length ? items[place] : null;
    }

    private static IEnumerable<Tree> Children(Tree tree) => tree is TreeMap map ? map.Members().Select(member => member.Value) : tree.Items.ToArray();
}
