using System.Text;
using Sparkwright.Kubernetes.Objects;

namespace Sparkwright.Kubernetes.Schema;

/// <summary>The embedded API facts: a line per type or resource, its key, a tab, its facts as JSON; a line is parsed when it is asked for.</summary>
internal static class SchemaData
{
    public static IEnumerable<SchemaLine> Lines(string file)
    {
        using var stream = typeof(SchemaData).Assembly.GetManifestResourceStream("schema/" + file)
            ?? throw new InvalidOperationException($"the embedded file schema/{file} is missing");
        using var reader = new StreamReader(stream, Encoding.UTF8);
        while (reader.ReadLine() is { } line)
        {
            var tab = line.IndexOf('\t', StringComparison.Ordinal);
            yield return new SchemaLine(line[..tab], line[(tab + 1)..]);
        }
    }
}

/// <param name="Key">A definition id, or <c>group/version/Kind</c>.</param>
internal sealed record SchemaLine(string Key, string Json)
{
    public TreeMap Read() => (TreeMap)TreeJson.Parse(Json);
}
