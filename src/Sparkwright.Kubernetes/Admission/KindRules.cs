using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Requests;

namespace Sparkwright.Kubernetes.Admission;

/// <summary>What the server itself knows of a kind: the values it fills in, and the objects it refuses.</summary>
public abstract class KindRules
{
    /// <summary>The object with its defaults filled in.</summary>
    public virtual ApiObject Default(ApiObject candidate) => candidate;

    /// <summary>What is wrong with an object; <paramref name="old"/> is null on create.</summary>
    public virtual IEnumerable<FieldError> Validate(ApiObject candidate, ApiObject? old) => [];
}

/// <summary>One reason for a refusal, worded as Kubernetes words it.</summary>
/// <param name="Path">The field, such as <c>spec.containers[0].image</c>.</param>
public sealed record FieldError(string Path, string What)
{
    public static FieldError Required(string path, string detail = "") => new(path, "Required value" + (detail.Length == 0 ? "" : ": " + detail));

    public static FieldError Invalid(string path, string value, string detail) => new(path, $"Invalid value: \"{value}\": {detail}");

    public static FieldError Invalid(string path, long value, string detail) => new(path, $"Invalid value: {value}: {detail}");

    /// <summary>A value that is more than text or a number is shown as JSON, without quotes around it.</summary>
    public static FieldError Invalid(string path, Tree value, string detail) => new(path, $"Invalid value: {value}: {detail}");

    public static FieldError Forbidden(string path, string detail) => new(path, $"Forbidden: {detail}");

    public static FieldError Duplicate(string path, string value) => new(path, $"Duplicate value: \"{value}\"");

    public static FieldError Unsupported(string path, string value, params string[] supported) =>
        new(path, $"Unsupported value: \"{value}\": supported values: {string.Join(", ", supported.Select(one => $"\"{one}\""))}");

    public override string ToString() => $"{Path}: {What}";
}

/// <summary>The rules of all kinds, as one admission step.</summary>
public sealed class KindRulesTable
{
    private readonly Dictionary<ResourceType, KindRules> rules = [];

    public void Add(ResourceType type, KindRules of) => rules[type] = of;

    public AdmissionVerdict Admit(ApiObject candidate, ApiObject? old)
    {
        var of = rules.GetValueOrDefault(candidate.Type);
        var whole = of is null ? candidate : of.Default(candidate);
        var errors = MetadataRules.Validate(whole, old).Concat(of?.Validate(whole, old) ?? []).ToList();
        return errors.Count == 0
            ? AdmissionVerdict.Accept(whole)
            : AdmissionVerdict.Refuse(new ApiStatus(422, "Invalid", Message(whole, errors))
            {
                Details = TreeMap.Of(
                    ("causes", TreeList.From(errors.Select(error => TreeMap.Of(("field", error.Path), ("message", error.What))))),
                    ("group", whole.Type.Group.Length == 0 ? null : whole.Type.Group),
                    ("kind", whole.Type.Kind),
                    ("name", whole.Name)),
            });
    }

    private static string Message(ApiObject candidate, List<FieldError> errors) =>
        $"{candidate.Type.QualifiedKind} \"{candidate.Name}\" is invalid: {(errors.Count == 1 ? errors[0] : $"[{string.Join(", ", errors)}]")}";
}
