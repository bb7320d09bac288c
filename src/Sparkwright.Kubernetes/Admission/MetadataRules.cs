using System.Text;
using Sparkwright.Kubernetes.Objects;

namespace Sparkwright.Kubernetes.Admission;

/// <summary>Names, labels, annotations, finalizers and owners of any object.</summary>
public static class MetadataRules
{
    public const string SubdomainMessage = Formats.SubdomainFault;
    public const string LabelMessage = Formats.LabelFault;

    /// <summary>Bytes that all keys and values of the annotations may have together.</summary>
    private const int MostAnnotationBytes = 256 * 1024;

    public static IEnumerable<FieldError> Validate(ApiObject candidate, ApiObject? old)
    {
        var errors = new List<FieldError>();
        var metadata = candidate.Metadata;
        if (old is null)
        {
            errors.AddRange(NameFaults(candidate.Type, candidate.Name).Select(fault => FieldError.Invalid("metadata.name", candidate.Name, fault)));
        }

        if (!ReferenceEquals(metadata.Labels, old?.Metadata.Labels))
        {
            CheckLabels(metadata.Labels, "metadata.labels", errors);
        }

        if (!ReferenceEquals(metadata.Annotations, old?.Metadata.Annotations))
        {
            CheckAnnotations(metadata.Annotations, "metadata.annotations", errors);
        }

        foreach (var finalizer in metadata.Finalizers)
        {
            errors.AddRange(Formats.QualifiedName(finalizer).Select(fault => FieldError.Invalid("metadata.finalizers", finalizer, fault)));
        }

        CheckOwners(metadata, errors);
        return errors;
    }

    /// <summary>Whether text is a label key: an optional DNS prefix, a slash, and a name of at most 63 characters.</summary>
    public static IEnumerable<FieldError> Key(string key, string path) => Formats.QualifiedName(key).Select(fault => FieldError.Invalid(path, key, fault));

    public static IEnumerable<FieldError> LabelValue(string value, string path) => Formats.LabelValue(value).Select(fault => FieldError.Invalid(path, value, fault));

    internal static IEnumerable<FieldError> Key(string key, FieldPath path) => Formats.QualifiedName(key).Select(fault => FieldError.Invalid(path, key, fault));

    internal static IEnumerable<FieldError> LabelValue(string value, FieldPath path) => Formats.LabelValue(value).Select(fault => FieldError.Invalid(path, value, fault));

    public static bool IsSubdomain(string text) => !Formats.Subdomain(text).Any();

    public static bool IsLabel(string text) => !Formats.Label(text).Any();

    internal static void CheckLabels(Tree? labels, string path, List<FieldError> errors)
    {
        foreach (var (key, value) in labels as TreeMap ?? TreeMap.Empty)
        {
            errors.AddRange(Key(key, path));
            errors.AddRange(LabelValue(value.Text ?? "", path));
        }
    }

    internal static void CheckAnnotations(Tree? annotations, string path, List<FieldError> errors)
    {
        long bytes = 0;
        foreach (var (key, value) in annotations as TreeMap ?? TreeMap.Empty)
        {
            errors.AddRange(Formats.QualifiedName(key.ToLowerInvariant()).Select(fault => FieldError.Invalid(path, key, fault)));
            bytes += Encoding.UTF8.GetByteCount(key) + Encoding.UTF8.GetByteCount(value.Text ?? "");
        }

        if (bytes > MostAnnotationBytes)
        {
            errors.Add(FieldError.TooLong(path, MostAnnotationBytes));
        }
    }

    /// <summary>The metadata of a pod template.</summary>
    internal static void CheckTemplate(Tree? metadata, FieldPath path, List<FieldError> errors)
    {
        CheckLabels(metadata?["labels"], path.Child("labels"), errors);
        CheckAnnotations(metadata?["annotations"], path.Child("annotations"), errors);
    }

    private static void CheckOwners(ObjectMeta metadata, List<FieldError> errors)
    {
        OwnerReference? controller = null;
        for (var at = 0; at < metadata.OwnerReferences.Length; at++)
        {
            var owner = metadata.OwnerReferences[at];
            var path = FieldPath.Root("metadata.ownerReferences").Index(at);
            foreach (var (field, value, detail) in new[]
            {
                ("apiVersion", owner.ApiVersion, "version must not be empty"),
                ("kind", owner.Kind, "must not be empty"),
                ("name", owner.Name, "must not be empty"),
                ("uid", owner.Uid, "must not be empty"),
            })
            {
                if (value.Length == 0)
                {
                    errors.Add(field == "apiVersion" ? FieldError.Invalid(path.Child(field), value, detail) : FieldError.Required(path.Child(field), detail));
                }
            }

            if (owner.IsController && controller is not null)
            {
                errors.Add(FieldError.Invalid(
                    "metadata.ownerReferences",
                    TreeList.From(metadata.OwnerReferences.Select(one => one.ToTree())),
                    $"Only one reference can have Controller set to true. Found \"true\" in references for {controller.Kind}/{controller.Name} and {owner.Kind}/{owner.Name}"));
            }

            controller = owner.IsController ? owner : controller;
        }
    }

    private static IEnumerable<string> NameFaults(ResourceType type, string name) => type switch
    {
        // Our internal kinds carry the names that AWS allows.
        { Group: var group } when group.EndsWith("sparkwright.dev", StringComparison.Ordinal) => [],
        { Group: "rbac.authorization.k8s.io" } => Formats.PathSegment(name),
        { Group: "", Kind: "Namespace" } => Formats.Label(name),
        { Group: "", Kind: "Service" } => Formats.Dns1035Label(name),
        _ => Formats.Subdomain(name),
    };
}
