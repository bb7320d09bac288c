using Sparkwright.Kubernetes.Requests;

namespace Sparkwright.World.Karpenter.Apis;

/// <summary>One thing that a webhook of Karpenter 0.21 finds wrong with an object, worded as knative's library words it.</summary>
/// <param name="Message">What is wrong.</param>
/// <param name="Path">The field; several fields by a comma, in the order of their names.</param>
/// <param name="Details">More about it, on a line of its own; empty for none.</param>
public sealed record WebhookError(string Message, string Path, string Details = "")
{
    public static WebhookError Missing(string path) => new("missing field(s)", path);

    public static WebhookError GotBoth(string one, string other) => new("expected exactly one, got both", InOrder(one, other));

    public static WebhookError GotNeither(string one, string other) => new("expected exactly one, got neither", InOrder(one, other));

    /// <param name="value">The value, or what is wrong with it.</param>
    public static WebhookError InvalidValue(string value, string path, string details = "") => new($"invalid value: {value}", path, details);

    public static WebhookError InvalidKey(string key, string path, string details = "") => new($"invalid key name \"{key}\"", path, details);

    public static WebhookError OutOfBounds(object value, object least, object most, string path) => new($"expected {least} <= {value} <= {most}", path);

    /// <summary>The value is none of those that there are.</summary>
    public static IEnumerable<WebhookError> UnlessOneOf(string? value, string path, params string[] values) =>
        value is null || values.Contains(value) ? [] : [InvalidValue($"{value} not in {string.Join(", ", values)}", path)];

    /// <summary>The API server's answer when a webhook finds something wrong; null when it finds nothing.</summary>
    public static ApiStatus? Denial(string webhook, IEnumerable<WebhookError> errors)
    {
        var lines = errors
            .GroupBy(error => (error.Message, error.Details))
            .OrderBy(alike => alike.Key.Message, StringComparer.Ordinal)
            .ThenBy(alike => alike.Key.Details, StringComparer.Ordinal)
            .Select(alike => $"{alike.Key.Message}: {InOrder([.. alike.SelectMany(error => error.Path.Split(", ")).Distinct()])}{(alike.Key.Details.Length == 0 ? "" : "\n" + alike.Key.Details)}")
            .ToList();
        return lines.Count == 0 ? null : ApiStatus.BadRequest($"admission webhook \"{webhook}\" denied the request: validation failed: {string.Join('\n', lines)}");
    }

    public override string ToString() => $"{Message}: {Path}{(Details.Length == 0 ? "" : "\n" + Details)}";

    private static string InOrder(params string[] paths) => string.Join(", ", paths.Order(StringComparer.Ordinal));
}
