using System.Collections.Immutable;
using Sparkwright.Kubernetes.Objects;

namespace Sparkwright.Kubernetes.Tables;

/// <summary>How much of each object a table carries beside its cells.</summary>
public enum IncludedObject
{
    None,
    Metadata,
    Object,
}

/// <summary>A column of a table that the server prints.</summary>
/// <param name="Type">string, integer, number, boolean or date.</param>
/// <param name="Format"><c>name</c> for the column that names the object.</param>
/// <param name="Priority">0 for columns that are always shown; higher ones are for wide output.</param>
public sealed record TableColumn(string Name, string Type = "string", string Format = "", string Description = "", long Priority = 0)
{
    private const string NameDescription = "The name of the object, unique among those of its kind in its namespace.";
    private const string AgeDescription = "The time since the object was created.";

    /// <summary>
    /// Reads columns written as <c>Name | Ready | Desired:integer | Node+</c>: the type after a colon, and a plus for columns of wide output only.
    /// </summary>
    internal static ImmutableArray<TableColumn> Read(string columns) => [.. columns.Split('|', StringSplitOptions.TrimEntries).Select(ReadOne)];

    private static TableColumn ReadOne(string text)
    {
        var isWide = text.EndsWith('+');
        var parts = text.TrimEnd('+').Split(':');
        return new TableColumn(
            parts[0],
            parts.Length > 1 ? parts[1] : "string",
            parts[0] == "Name" ? "name" : "",
            parts[0] switch { "Name" => NameDescription, "Age" => AgeDescription, _ => "" },
            isWide ? 1 : 0);
    }

    internal TreeMap ToTree() => TreeMap.Of(("name", Name), ("type", Type), ("format", Format), ("description", Description), ("priority", Priority));
}

/// <summary>The columns of a kind, and how an object fills them.</summary>
/// <param name="Cells">The cells of an object at a time, one for each column.</param>
/// <param name="Conditions">Says of an object that its row is that of something completed; null for kinds that do not complete.</param>
public sealed record TableForm(ImmutableArray<TableColumn> Columns, Func<ApiObject, DateTime, Tree[]> Cells, Func<ApiObject, TreeList?>? Conditions = null)
{
    internal TableForm(string columns, Func<ApiObject, DateTime, Tree[]> cells)
        : this(TableColumn.Read(columns), cells)
    {
    }
}

/// <summary>Prints objects as tables, which is how kubectl shows lists.</summary>
/// <param name="form">Of the objects' kind.</param>
/// <param name="version">Of meta.k8s.io: v1 or v1beta1.</param>
/// <param name="served">An object's document in the version that the client asks for.</param>
public sealed class Table(TableForm form, string version, IncludedObject included, Func<ApiObject, TreeMap> served)
{
    /// <summary>A table of objects.</summary>
    /// <param name="metadata">Of the list: resourceVersion, continue, remainingItemCount.</param>
    /// <param name="now">World time, from which ages are counted.</param>
    /// <param name="hasColumns">Whether to define the columns; in a watch only the first table does.</param>
    public TreeMap Print(IEnumerable<ApiObject> objects, TreeMap metadata, DateTime now, bool hasColumns = true) => TreeMap.Of(
        ("apiVersion", $"meta.k8s.io/{version}"),
        ("columnDefinitions", hasColumns ? TreeList.From(form.Columns.Select(column => column.ToTree())) : TreeNull.Value),
        ("kind", "Table"),
        ("metadata", metadata),
        ("rows", TreeList.From(objects.Select(one => Row(one, now)))));

    private TreeMap Row(ApiObject one, DateTime now) => TreeMap.Of(
        ("cells", TreeList.Of(form.Cells(one, now))),
        ("conditions", form.Conditions?.Invoke(one)),
        ("object", included switch
        {
            IncludedObject.None => null,
            IncludedObject.Object => served(one),
            _ => TreeMap.Of(("apiVersion", $"meta.k8s.io/{version}"), ("kind", "PartialObjectMetadata"), ("metadata", one.Metadata.ToTree())),
        }));
}
