using System.Text.RegularExpressions;
using Sparkwright.Kubernetes.Objects;

namespace Sparkwright.Kubernetes.Admission;

/// <summary>Names, labels and annotations of any object.</summary>
public static partial class MetadataRules
{
    public const string SubdomainMessage = "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";
    public const string LabelMessage = "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')";
    private const string LabelValueMessage = "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')";
    private const string QualifiedNameMessage = "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";
    private const int LongestAnnotations = 256 * 1024;

    public static IEnumerable<FieldError> Validate(ApiObject candidate, ApiObject? old)
    {
        if (old is null)
        {
            foreach (var error in Name(candidate.Type, candidate.Name))
            {
                yield return error;
            }
        }

        foreach (var (key, value) in candidate.Metadata.Labels.Members())
        {
            foreach (var error in Key(key, "metadata.labels").Concat(LabelValue(value.Text ?? "", "metadata.labels")))
            {
                yield return error;
            }
        }

        foreach (var (key, _) in candidate.Metadata.Annotations.Members())
        {
            foreach (var error in Key(key.ToLowerInvariant(), "metadata.annotations"))
            {
                yield return error;
            }
        }

        if (candidate.Metadata.Annotations.Members().Sum(member => member.Key.Length + (member.Value.Text?.Length ?? 0)) > LongestAnnotations)
        {
            yield return new FieldError("metadata.annotations", $"Too long: may not be more than {LongestAnnotations} bytes");
        }
    }

    /// <summary>Whether text is a label key: an optional DNS prefix, a slash, and a name of at most 63 characters.</summary>
    public static IEnumerable<FieldError> Key(string key, string path)
    {
        var slash = key.IndexOf('/', StringComparison.Ordinal);
        var name = key[(slash + 1)..];
        if (slash == 0 || (slash > 0 && (!Subdomain().IsMatch(key[..slash]) || slash > 253)))
        {
            yield return FieldError.Invalid(path, key, $"prefix part {SubdomainMessage}");
        }

        if (name.Length is 0 or > 63)
        {
            yield return FieldError.Invalid(path, key, name.Length == 0 ? "name part must be non-empty" : "name part must be no more than 63 characters");
        }
        else if (!QualifiedName().IsMatch(name))
        {
            yield return FieldError.Invalid(path, key, QualifiedNameMessage);
        }
    }

    public static IEnumerable<FieldError> LabelValue(string value, string path)
    {
        if (value.Length > 63)
        {
            yield return FieldError.Invalid(path, value, "must be no more than 63 characters");
        }
        else if (value.Length > 0 && !QualifiedName().IsMatch(value))
        {
            yield return FieldError.Invalid(path, value, LabelValueMessage);
        }
    }

    public static bool IsSubdomain(string text) => text.Length is > 0 and <= 253 && Subdomain().IsMatch(text);

    public static bool IsLabel(string text) => text.Length is > 0 and <= 63 && Label().IsMatch(text);

    private static IEnumerable<FieldError> Name(ResourceType type, string name)
    {
        // Roles may have any name that can stand in a path; our internal kinds carry names that AWS allows.
        if (type.Group == "rbac.authorization.k8s.io" || type.Group.EndsWith("sparkwright.dev", StringComparison.Ordinal))
        {
            yield break;
        }

        if (type is { Group: "", Kind: "Namespace" or "Service" })
        {
            if (!IsLabel(name))
            {
                yield return FieldError.Invalid("metadata.name", name, name.Length > 63 ? "must be no more than 63 characters" : LabelMessage);
            }
        }
        else if (!IsSubdomain(name))
        {
            yield return FieldError.Invalid("metadata.name", name, name.Length > 253 ? "must be no more than 253 characters" : SubdomainMessage);
        }
    }

    [GeneratedRegex(@"^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$")]
    private static partial Regex Subdomain();

    [GeneratedRegex("^[a-z0-9]([-a-z0-9]*[a-z0-9])?$")]
    private static partial Regex Label();

    [GeneratedRegex("^([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]$")]
    private static partial Regex QualifiedName();
}
