using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Requests;

namespace Sparkwright.Kubernetes.Patching;

/// <summary>What became of a patch.</summary>
public abstract record PatchResult
{
    private PatchResult()
    {
    }

    /// <summary>The document after the patch; it still has to be decoded.</summary>
    public sealed record Patched(TreeMap Document) : PatchResult;

    public sealed record Refused(ApiStatus Status) : PatchResult;

    /// <summary>The body is no patch of its kind.</summary>
    internal static Refused Malformed(string message) => new(ApiStatus.BadRequest(message));

    /// <summary>The patch is well formed and does not fit the object. The server keeps its reason to itself; the details have it here.</summary>
    internal static Refused Unfit(string reason) =>
        new(new ApiStatus(422, "Invalid", "the server rejected our request due to an error in our request")
        {
            Details = TreeMap.Of(("causes", TreeList.Of(TreeMap.Of(("message", reason), ("reason", "UnexpectedServerResponse"))))),
        });
}
