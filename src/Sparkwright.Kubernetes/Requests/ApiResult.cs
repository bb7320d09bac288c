using Sparkwright.Kubernetes.Objects;

namespace Sparkwright.Kubernetes.Requests;

/// <summary>What the API answers: the object as it is now, or a refusal with its HTTP status.</summary>
public abstract record ApiResult
{
    private ApiResult()
    {
    }

    public bool IsAccepted => this is Accepted;

    /// <summary>The object, or null when the request was refused.</summary>
    public ApiObject? Object => (this as Accepted)?.Current;

    /// <summary>The HTTP status code.</summary>
    public int Code => this switch
    {
        Accepted accepted => accepted.Status,
        Refused refused => refused.Status.Code,
        _ => 500,
    };

    /// <param name="Current">The object after the request (its last state, for a removal).</param>
    /// <param name="Status">200, 201 or 202.</param>
    public sealed record Accepted(ApiObject Current, int Status = 200) : ApiResult
    {
        public IReadOnlyList<string> Warnings { get; init; } = [];
    }

    public sealed record Refused(ApiStatus Status) : ApiResult;
}

/// <summary>A refusal as the API words it.</summary>
/// <param name="Code">HTTP status code.</param>
/// <param name="Reason">The machine-readable reason: NotFound, AlreadyExists, Conflict, Invalid, Forbidden, BadRequest, …</param>
public sealed record ApiStatus(int Code, string Reason, string Message)
{
    /// <summary>The <c>details</c> of a Status object, when there are any.</summary>
    public TreeMap? Details { get; init; }

    public static ApiStatus NotFound(ResourceType type, string name) =>
        new(404, "NotFound", $"{type.QualifiedPlural} \"{name}\" not found") { Details = DetailsOf(type, name) };

    public static ApiStatus AlreadyExists(ResourceType type, string name) =>
        new(409, "AlreadyExists", $"{type.QualifiedPlural} \"{name}\" already exists") { Details = DetailsOf(type, name) };

    public static ApiStatus Conflict(ResourceType type, string name, string why) =>
        new(409, "Conflict", $"Operation cannot be fulfilled on {type.QualifiedPlural} \"{name}\": {why}") { Details = DetailsOf(type, name) };

    public static ApiStatus Forbidden(ResourceType type, string name, string why) =>
        new(403, "Forbidden", $"{type.QualifiedPlural} \"{name}\" is forbidden: {why}") { Details = DetailsOf(type, name) };

    public static ApiStatus BadRequest(string message) => new(400, "BadRequest", message);

    /// <summary>The Status object that a client gets.</summary>
    public TreeMap ToTree() => TreeMap.Of(
        ("apiVersion", "v1"),
        ("code", Code),
        ("details", Details),
        ("kind", "Status"),
        ("message", Message),
        ("metadata", TreeMap.Empty),
        ("reason", Reason),
        ("status", "Failure"));

    private static TreeMap DetailsOf(ResourceType type, string name) =>
        TreeMap.Of(("group", type.Group.Length == 0 ? null : type.Group), ("kind", type.Plural), ("name", name));
}
