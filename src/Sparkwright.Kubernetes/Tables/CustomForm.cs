using Sparkwright.Kubernetes.Objects;

namespace Sparkwright.Kubernetes.Tables;

/// <summary>The table of a custom kind, by the printer columns of its CustomResourceDefinition.</summary>
internal static class CustomForm
{
    private static readonly TreeMap AgeColumn = TreeMap.Of(("jsonPath", ".metadata.creationTimestamp"), ("name", "Age"), ("type", "date"));

    /// <param name="columns">Empty for a definition that asks for none: it gets the age.</param>
    /// <param name="served">An object's document in the version that the columns are written for.</param>
    public static TableForm Of(IReadOnlyList<TreeMap> columns, Func<ApiObject, TreeMap> served)
    {
        var (all, name) = (columns.Count == 0 ? [AgeColumn] : columns, TableColumn.Read("Name")[0]);
        return new TableForm(
            [name, .. all.Select(column => new TableColumn(
                column["name"]?.Text ?? "",
                column["type"]?.Text ?? "string",
                column["format"]?.Text ?? "",
                column["description"]?.Text ?? "",
                column["priority"]?.Integer ?? 0))],
            (one, now) =>
            {
                var document = served(one);
                return [one.Name, .. all.Select(column => CellOf(document, column, now))];
            });
    }

    /// <summary>A value as text: strings as they are, all else as JSON.</summary>
    public static string Print(Tree value) => value.Text ?? value.ToString();

    private static Tree CellOf(TreeMap document, TreeMap column, DateTime now)
    {
        var value = ColumnPath.First(document, column["jsonPath"]?.Text ?? "");
        return (column["type"]?.Text, value) switch
        {
            (_, null) => TreeNull.Value,
            ("string", _) => Print(value),
            ("integer", TreeInteger) => value,
            ("integer", TreeReal real) => (long)real.Value,
            ("number", TreeInteger or TreeReal) => value,
            ("boolean", TreeBoolean) => value,
            ("date", TreeText text) => Timestamps.Read(text) is { } time ? HumanDuration.Print(now - time) : "<invalid>",
            _ => TreeNull.Value,
        };
    }
}
