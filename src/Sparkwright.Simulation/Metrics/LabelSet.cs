using System.Collections.Immutable;
using System.Text;

namespace Sparkwright.Simulation.Metrics;

/// <summary>The labels of one series, by name in ordinal order. Two sets with the same names and values are equal.</summary>
public sealed class LabelSet : IEquatable<LabelSet>
{
    private LabelSet(ImmutableArray<KeyValuePair<string, string>> labels)
    {
        Labels = labels;
        Text = Print(labels);
    }

    public static LabelSet None { get; } = new([]);

    public ImmutableArray<KeyValuePair<string, string>> Labels { get; }

    /// <summary>As the text format has them, without braces: <c>a="1",b="2"</c>. Series are ordered by it.</summary>
    public string Text { get; }

    /// <summary>The value of a label; empty when it is not there, which means the same to Prometheus.</summary>
    public string this[string name] => Labels.FirstOrDefault(label => label.Key == name).Value ?? "";

    public static LabelSet Of(params IEnumerable<(string Name, string Value)> labels)
    {
        var sorted = labels
            .Select(label => KeyValuePair.Create(label.Name, label.Value))
            .OrderBy(label => label.Key, StringComparer.Ordinal)
            .ToImmutableArray();
        for (var at = 1; at < sorted.Length; at++)
        {
            Invariant.Holds(sorted[at - 1].Key != sorted[at].Key, "a series has a label once");
        }

        return new LabelSet(sorted);
    }

    /// <summary>The same labels and one more.</summary>
    public LabelSet With(string name, string value) => Of(Labels.Select(label => (label.Key, label.Value)).Append((name, value)));

    public bool Equals(LabelSet? other) => other is not null && Text == other.Text;

    public override bool Equals(object? obj) => Equals(obj as LabelSet);

    public override int GetHashCode() => Text.GetHashCode(StringComparison.Ordinal);

    public override string ToString() => Text;

    private static string Print(ImmutableArray<KeyValuePair<string, string>> labels)
    {
        var text = new StringBuilder();
        foreach (var (name, value) in labels)
        {
            text.Append(text.Length == 0 ? "" : ",").Append(name).Append("=\"");
            foreach (var letter in value)
            {
                _ = letter switch
                {
                    '\\' => text.Append(@"\\"),
                    '"' => text.Append("\\\""),
                    '\n' => text.Append(@"\n"),
                    _ => text.Append(letter),
                };
            }

            text.Append('"');
        }

        return text.ToString();
    }
}
