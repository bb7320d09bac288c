using Sparkwright.Kubernetes.Admission;
using Sparkwright.Kubernetes.Objects;

namespace Sparkwright.Kubernetes.Requests;

/// <summary>Turns documents of versions that are served but not stored into the version that is. It knows documents, not the store.</summary>
public interface IVersionConversion
{
    /// <summary>The document in the version that is stored; any other document as it is, the same reference.</summary>
    TreeMap ToStored(TreeMap document);

    /// <summary>The apiVersion in which objects of a served kind are kept; null when they are kept as they are served.</summary>
    string? StoredApiVersion(ResourceType served);

    /// <summary>A stored document in the served version of its kind that is not stored.</summary>
    TreeMap FromStored(ResourceType served, TreeMap document);

    /// <summary>What the served version itself forbids, so that a conversion cannot hide it; none for other documents.</summary>
    IEnumerable<FieldError> Faults(TreeMap document);
}
