using System.Text;

namespace Sparkwright.World.Blueprint;

/// <summary>Replaces <c>${name}</c> in manifests; <c>$${name}</c> stands for a literal <c>${name}</c>.</summary>
public static class BlueprintVariables
{
    /// <summary>The text with its variables replaced, or the first unknown one and its line.</summary>
    public static (string Text, string? Unknown, int Line) Replace(string text, IReadOnlyDictionary<string, string> values)
    {
        var result = new StringBuilder(text.Length);
        var line = 1;
        for (var at = 0; at < text.Length; at++)
        {
            if (text.AsSpan(at).StartsWith("$${", StringComparison.Ordinal))
            {
                result.Append("${");
                at += 2;
                continue;
            }

            if (text.AsSpan(at).StartsWith("${", StringComparison.Ordinal) && text.IndexOf('}', at) is var end && end > at)
            {
                var name = text[(at + 2)..end];
                if (!values.TryGetValue(name, out var value))
                {
                    return (text, name, line);
                }

                result.Append(value);
                at = end;
                continue;
            }

            line += text[at] == '\n' ? 1 : 0;
            result.Append(text[at]);
        }

        return (result.ToString(), null, 0);
    }
}
