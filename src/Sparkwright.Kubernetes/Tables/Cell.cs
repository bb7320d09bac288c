using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Selectors;

namespace Sparkwright.Kubernetes.Tables;

/// <summary>Cells that many kinds have.</summary>
internal static class Cell
{
    public const string None = "<none>";
    public const string Unset = "<unset>";

    public static Tree Age(ApiObject one, DateTime now) => HumanDuration.Since(one.Metadata.CreationTimestamp, now);

    public static Tree OrNone(string? text) => text is { Length: > 0 } ? text : None;

    public static Tree OrUnset(string? text) => text is { Length: > 0 } ? text : Unset;

    public static long Number(Tree? number) => number?.Integer ?? 0;

    /// <summary>Texts in a row, or <c>&lt;none&gt;</c>.</summary>
    public static Tree Joined(IEnumerable<string?> texts, string separator = ",") => OrNone(string.Join(separator, texts));

    /// <summary>A few texts, and how many more there are.</summary>
    public static Tree Few(IReadOnlyList<string> texts, string none)
    {
        const int Most = 3;
        return texts.Count == 0 ? none
            : texts.Count <= Most ? string.Join(',', texts)
            : $"{string.Join(',', texts.Take(Most))} + {texts.Count - Most} more...";
    }

    /// <summary>Labels as <c>a=b,c=d</c>.</summary>
    public static Tree Labels(Tree? labels) =>
        Joined(labels is TreeMap map ? map.Members().Select(one => $"{one.Key}={one.Value.Text}") : []);

    public static Tree Selector(Tree? selector) => OrNone(LabelSelector.From(selector)?.ToString());

    public static Tree[] Items(Tree? list) => Tree.ItemsOf(list).ToArray();

    public static IEnumerable<string?> Texts(Tree? list, string member) => Items(list).Select(one => one[member]?.Text);

    public static Tree Containers(Tree? podSpec) => Joined(Texts(podSpec?["containers"], "name"));

    public static Tree Images(Tree? podSpec) => Joined(Texts(podSpec?["containers"], "image"));
}
