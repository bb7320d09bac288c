using System.Text;
using Sparkwright.Kubernetes.Objects;

namespace Sparkwright.Kubernetes.Schema;

/// <summary>
/// The embedded API facts, written by <c>tools/dev.cs kubernetes-data</c>: a line per type or resource, with its key, what it is found by,
/// and its facts as JSON, which are parsed when they are asked for.
/// </summary>
internal static class SchemaData
{
    public static IEnumerable<SchemaLine> Lines(string file)
    {
        using var stream = typeof(SchemaData).Assembly.GetManifestResourceStream("schema/" + file)
            ?? throw new InvalidOperationException($"the embedded file schema/{file} is missing");
        using var reader = new StreamReader(stream, Encoding.UTF8);
        while (reader.ReadLine() is { } line)
        {
            var first = line.IndexOf('\t', StringComparison.Ordinal);
            var second = line.IndexOf('\t', first + 1);
            yield return new SchemaLine(line, first, second < 0 ? line.Length : second);
        }
    }
}

/// <summary>One line of the facts.</summary>
internal sealed record SchemaLine(string Line, int FirstTab, int SecondTab)
{
    /// <summary>A definition id, <c>group/version/Kind</c>, or what sort of line this is.</summary>
    public string Key => Line[..FirstTab];

    /// <summary>types.tsv: the kinds the type is known by; pointers.tsv: the fields; crds.tsv: all but the fields; resources.tsv: group/version/Kind.</summary>
    public ReadOnlySpan<char> Index => Line.AsSpan(FirstTab + 1, SecondTab - FirstTab - 1);

    public TreeMap Read() => (TreeMap)TreeJson.Parse(Line[(SecondTab + 1)..]);

    public TreeMap ReadIndex() => (TreeMap)TreeJson.Parse(Index.ToString());
}
