using System.Globalization;
using System.Text;
using Sparkwright.Kubernetes.Objects;

namespace Sparkwright.Kubernetes.Schema;

/// <summary>Values as Go prints them in the messages of the API server.</summary>
public static class GoSyntax
{
    /// <summary>Text in double quotes with Go's escapes (%q).</summary>
    public static string Quote(string text)
    {
        var quoted = new StringBuilder(text.Length + 2).Append('"');
        foreach (var character in text)
        {
            _ = character switch
            {
                '"' => quoted.Append("\\\""),
                '\\' => quoted.Append("\\\\"),
                '\n' => quoted.Append("\\n"),
                '\r' => quoted.Append("\\r"),
                '\t' => quoted.Append("\\t"),
                < ' ' or '\x7f' => quoted.Append("\\x").Append(((int)character).ToString("x2", CultureInfo.InvariantCulture)),
                _ => quoted.Append(character),
            };
        }

        return quoted.Append('"').ToString();
    }

    /// <summary>A value as Go's %+v prints what JSON made of it: <c>map[spec:map[replicas:2]]</c>.</summary>
    public static string Plain(Tree tree) => tree switch
    {
        TreeMap map => $"map[{string.Join(' ', map.Members().Select(member => $"{member.Key}:{Plain(member.Value)}"))}]",
        TreeList list => $"[{string.Join(' ', list.Span.ToArray().Select(Plain))}]",
        TreeText text => text.Value,
        TreeNull => "<nil>",
        _ => tree.ToString(),
    };

    /// <summary>A value of any shape as validation messages show it: text quoted, everything else as JSON.</summary>
    public static string Value(Tree? tree) => tree switch
    {
        null => "null",
        TreeText text => Quote(text.Value),
        _ => tree.ToString(),
    };
}
