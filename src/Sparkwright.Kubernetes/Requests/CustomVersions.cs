using Sparkwright.Kubernetes.Admission;
using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Schema;

namespace Sparkwright.Kubernetes.Requests;

/// <summary>
/// Versions of users' kinds, which differ in nothing but their name (the conversion strategy None), beside those that have a conversion of their own.
/// </summary>
public sealed class CustomVersions(ResourceTypes types, IVersionConversion? others = null) : IVersionConversion
{
    public TreeMap ToStored(TreeMap document) =>
        types.Find(document["apiVersion"]?.Text ?? "", document["kind"]?.Text ?? "") is { } served && types.StoredTypeOf(served) is { } stored
            ? document.With("apiVersion", stored.ApiVersion)
            : others?.ToStored(document) ?? document;

    public string? StoredApiVersion(ResourceType served) =>
        types.StoredTypeOf(served) is { } stored ? stored == served ? null : stored.ApiVersion : others?.StoredApiVersion(served);

    public TreeMap FromStored(ResourceType served, TreeMap document) =>
        types.StoredTypeOf(served) is null && others is not null ? others.FromStored(served, document) : document.With("apiVersion", served.ApiVersion);

    public IEnumerable<FieldError> Faults(TreeMap document) => others?.Faults(document) ?? [];
}
