using Sparkwright.Kubernetes.Objects;

namespace Sparkwright.Kubernetes.ManagedFields;

/// <summary>One entry of managedFields: who owns which fields by which way of writing.</summary>
/// <param name="Operation">Apply or Update.</param>
/// <param name="ApiVersion">The version in which the manager wrote.</param>
/// <param name="Subresource">Empty for the object itself.</param>
/// <param name="Time">When the manager's set last changed, as the API prints it; null when that is not known.</param>
internal sealed record ManagerEntry(string Manager, string Operation, string ApiVersion, string Subresource, string? Time, FieldSet Fields)
{
    public const string Apply = "Apply";
    public const string Update = "Update";

    /// <summary>Whether two entries are those of one manager. An applier is the same in every version.</summary>
    public bool IsSameManager(ManagerEntry other) =>
        Manager == other.Manager && Operation == other.Operation && Subresource == other.Subresource && (Operation == Apply || ApiVersion == other.ApiVersion);

    /// <summary>The manager as conflicts name it.</summary>
    public string Shown
    {
        get
        {
            var shown = Schema.GoSyntax.Quote(Manager);
            if (Subresource.Length > 0)
            {
                shown += $" with subresource {Schema.GoSyntax.Quote(Subresource)}";
            }

            return Operation == Update ? $"{shown} using {ApiVersion}" : shown;
        }
    }

    public TreeMap ToTree() => TreeMap.Of(
        ("apiVersion", ApiVersion),
        ("fieldsType", "FieldsV1"),
        ("fieldsV1", Fields.Fields),
        ("manager", Manager),
        ("operation", Operation),
        ("subresource", Subresource.Length == 0 ? null : Subresource),
        ("time", Time));

    /// <summary>The entries of an object's managedFields; null when one of them cannot be read.</summary>
    public static IReadOnlyList<ManagerEntry>? Read(TreeList? entries)
    {
        var read = new List<ManagerEntry>();
        foreach (var entry in Tree.ItemsOf(entries))
        {
            if (entry["operation"]?.Text is not (Apply or Update) || entry["fieldsType"]?.Text is not "FieldsV1")
            {
                return null;
            }

            read.Add(new ManagerEntry(
                entry["manager"]?.Text ?? "",
                entry["operation"]!.Text!,
                entry["apiVersion"]?.Text ?? "",
                entry["subresource"]?.Text ?? "",
                entry["time"]?.Text,
                new FieldSet(entry["fieldsV1"] as TreeMap ?? TreeMap.Empty)));
        }

        return read;
    }

    /// <summary>Entries in the order in which the server writes them.</summary>
    public static TreeList Write(IEnumerable<ManagerEntry> entries) => TreeList.From(entries
        .OrderBy(entry => entry.Operation, StringComparer.Ordinal)
        .ThenBy(entry => entry.Time ?? "", StringComparer.Ordinal)
        .ThenBy(entry => entry.Manager, StringComparer.Ordinal)
        .ThenBy(entry => entry.ApiVersion, StringComparer.Ordinal)
        .ThenBy(entry => entry.Subresource, StringComparer.Ordinal)
        .Select(entry => entry.ToTree()));
}
