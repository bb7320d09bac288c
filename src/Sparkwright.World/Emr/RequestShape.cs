using System.Globalization;
using System.Text.RegularExpressions;
using Sparkwright.Kubernetes.Objects;

namespace Sparkwright.World.Emr;

/// <summary>Reads members of a request and keeps the first thing that is wrong: the member, its value, what is allowed.</summary>
internal sealed class RequestShape
{
    public string? Problem { get; private set; }

    public void Refuse(string where, Tree? value, string allowed) =>
        Problem ??= $"{where}: '{Shorten(value?.Text ?? value?.ToString() ?? "")}' is not allowed; give {allowed}";

    public void Missing(string where, string allowed) => Problem ??= $"{where}: is missing; give {allowed}";

    /// <summary>A map whose members are all known; an empty one when absent or wrong.</summary>
    public TreeMap Map(Tree? tree, string where, params string[] members)
    {
        if (tree is null or TreeNull)
        {
            return TreeMap.Empty;
        }

        if (tree is not TreeMap map)
        {
            Refuse(where, tree, "a map");
            return TreeMap.Empty;
        }

        foreach (var key in map.Keys)
        {
            if (members.Length > 0 && !members.Contains(key))
            {
                Problem ??= $"{Below(where, key)}: is not a member; allowed are {string.Join(", ", members)}";
            }
        }

        return map;
    }

    public Tree[] List(Tree? tree, string where, int most)
    {
        if (tree is null or TreeNull)
        {
            return [];
        }

        if (tree is not TreeList list)
        {
            Refuse(where, tree, "a list");
            return [];
        }

        if (list.Count > most)
        {
            Problem ??= $"{where}: has {list.Count.ToString(CultureInfo.InvariantCulture)} entries; at most {most.ToString(CultureInfo.InvariantCulture)} are allowed";
        }

        return list.Span.ToArray();
    }

    /// <summary>A text of a length and pattern; null when absent.</summary>
    public string? Text(Tree? tree, string where, int most, Regex? pattern = null, string? allowed = null, int least = 1)
    {
        if (tree is null or TreeNull)
        {
            return null;
        }

        // YAML reads what looks like a number as one; a job's argument may well be one.
        var text = tree.Text ?? tree switch
        {
            TreeInteger or TreeBoolean => tree.ToString(),
            _ => null,
        };
        if (text is null || text.Length < least || text.Length > most || (pattern is not null && !pattern.IsMatch(text)))
        {
            Refuse(where, tree, allowed ?? $"a text of {least} to {most.ToString(CultureInfo.InvariantCulture)} characters");
            return null;
        }

        return text;
    }

    public string Required(Tree? tree, string where, int most, Regex? pattern = null, string? allowed = null)
    {
        if (tree is null or TreeNull)
        {
            Missing(where, allowed ?? $"a text of 1 to {most.ToString(CultureInfo.InvariantCulture)} characters");
        }

        return Text(tree, where, most, pattern, allowed) ?? "";
    }

    public static string Below(string where, string member) => where.Length == 0 ? member : $"{where}.{member}";

    private static string Shorten(string text) => text.Length > 80 ? text[..77] + "..." : text;
}
