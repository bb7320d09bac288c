using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Schema;

namespace Sparkwright.Kubernetes.Patching;

/// <summary>What strategic merging must know of the map it stands in: the fields of a struct, or the values of a free map.</summary>
internal readonly record struct PatchShape(TypeSchema? Struct, FieldSchema? Values)
{
    public FieldSchema? Field(string key) => Struct is { } known ? known.Fields.GetValueOrDefault(key) : Values;

    /// <summary>The shape of a field's map, or of the elements of its list.</summary>
    public static PatchShape Of(FieldSchema? field) => field switch
    {
        null => default,
        { Items: { } items } => Of(items),
        { Values: { } values } => new(null, values),
        _ => new(field.Object, null),
    };

    public static bool Merges(FieldSchema? field) => field?.PatchStrategy.Contains("merge", StringComparison.Ordinal) == true;

    public static bool Replaces(FieldSchema? field) => field?.PatchStrategy.Contains("replace", StringComparison.Ordinal) == true;

    public static bool RetainsKeys(FieldSchema? field) => field?.PatchStrategy.Contains("retainKeys", StringComparison.Ordinal) == true;

    /// <summary>What tells an element of a merged list apart: its merge key, or itself.</summary>
    public static Tree? Identity(Tree item, string? mergeKey) => mergeKey is null ? item : item[mergeKey];
}

/// <summary>The directives that a strategic merge patch may hold beside its values.</summary>
internal static class PatchDirectives
{
    public const string Patch = "$patch";
    public const string RetainKeys = "$retainKeys";
    public const string DeleteFromPrimitiveList = "$deleteFromPrimitiveList/";
    public const string SetElementOrder = "$setElementOrder/";
}
