using System.Globalization;
using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Requests;
using Sparkwright.Kubernetes.Schema;

namespace Sparkwright.Kubernetes.Admission;

/// <summary>One reason for a refusal, worded as Kubernetes words it.</summary>
/// <param name="Path">The field, such as <c>spec.containers[0].image</c>.</param>
/// <param name="What">The rest of the message: what kind of fault, the value at fault, and details.</param>
public sealed record FieldError(string Path, string What)
{
    /// <summary>What the server adds for kinds with expressions when a fault in the schema keeps it from evaluating them.</summary>
    public static FieldError RulesNotChecked { get; } =
        new("<nil>", "Invalid value: null: some validation rules were not checked because the object was invalid; correct the existing errors to complete validation");

    /// <summary>The machine-readable reason of a status cause.</summary>
    public string Reason => What switch
    {
        _ when What.StartsWith("Required value", StringComparison.Ordinal) => "FieldValueRequired",
        _ when What.StartsWith("Unsupported value", StringComparison.Ordinal) => "FieldValueNotSupported",
        _ when What.StartsWith("Duplicate value", StringComparison.Ordinal) => "FieldValueDuplicate",
        _ when What.StartsWith("Forbidden", StringComparison.Ordinal) => "FieldValueForbidden",
        _ when What.StartsWith("Not found", StringComparison.Ordinal) => "FieldValueNotFound",
        _ when What.StartsWith("Too long", StringComparison.Ordinal) => "FieldValueTooLong",
        _ when What.StartsWith("Too many", StringComparison.Ordinal) => "FieldValueTooMany",
        _ => "FieldValueInvalid",
    };

    public static FieldError Required(string path, string detail = "") => new(path, With("Required value", detail));

    public static FieldError Invalid(string path, string value, string detail) => new(path, With($"Invalid value: {GoSyntax.Quote(value)}", detail));

    public static FieldError Invalid(string path, long value, string detail) =>
        new(path, With($"Invalid value: {value.ToString(CultureInfo.InvariantCulture)}", detail));

    /// <summary>A value of any shape, shown as JSON.</summary>
    public static FieldError Invalid(string path, Tree? value, string detail) => new(path, With($"Invalid value: {GoSyntax.Value(value)}", detail));

    public static FieldError Forbidden(string path, string detail) => new(path, With("Forbidden", detail));

    public static FieldError Duplicate(string path, string value) => new(path, $"Duplicate value: {GoSyntax.Quote(value)}");

    public static FieldError NotFound(string path, string value) => new(path, $"Not found: {GoSyntax.Quote(value)}");

    public static FieldError TooLong(string path, long mostBytes) => new(path, $"Too long: may not be more than {mostBytes} bytes");

    public static FieldError TooMany(string path, long count, long most) => new(path, $"Too many: {count}: must have at most {most} {(most == 1 ? "item" : "items")}");

    public static FieldError Unsupported(string path, string value, params string[] supported) =>
        new(path, $"Unsupported value: {GoSyntax.Quote(value)}: supported values: {string.Join(", ", supported.Select(GoSyntax.Quote))}");

    /// <summary>The 422 that names all faults of an object; a fault found twice is named once.</summary>
    public static ApiStatus Refusal(ResourceType type, string name, IEnumerable<FieldError> faults)
    {
        var errors = faults.Distinct().ToList();
        var message = errors.Count == 1 ? errors[0].ToString() : $"[{string.Join(", ", errors)}]";
        return new ApiStatus(422, "Invalid", $"{type.QualifiedKind} \"{name}\" is invalid: {message}")
        {
            Details = TreeMap.Of(
                ("causes", TreeList.From(errors.Select(error => TreeMap.Of(("field", error.Path), ("message", error.What), ("reason", error.Reason))))),
                ("group", type.Group.Length == 0 ? null : type.Group),
                ("kind", type.Kind),
                ("name", name)),
        };
    }

    public override string ToString() => $"{Path}: {What}";

    private static string With(string kind, string detail) => detail.Length == 0 ? kind : $"{kind}: {detail}";
}
