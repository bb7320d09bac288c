using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Requests;
using Sparkwright.Kubernetes.Store;

namespace Sparkwright.Server.KubernetesApi;

/// <summary>
/// Subresources that a simulated cluster cannot have, with the reason: they are refused at once, whatever the protocol that the client would go on with.
/// </summary>
internal static class UnservedParts
{
    /// <summary>Whether a request needs something that runs.</summary>
    public static bool NeedsProcess(ResourcePath path) => path.Subresource is "exec" or "attach" or "portforward" or "proxy";

    /// <summary>The refusal of a request that needs something that runs; what the API server itself would refuse comes first.</summary>
    /// <param name="container">As the query names it; may be empty.</param>
    public static ApiStatus NoProcess(ObjectStore store, ResourceType type, ResourcePath path, string container)
    {
        if (store.Get(type, path.Namespace, path.Subresource == "proxy" ? HostOf(path.Name) : path.Name) is not { } known)
        {
            return ApiStatus.NotFound(type, path.Name);
        }

        if (type == CoreTypes.Pod && known.Spec["nodeName"]?.Text is not { Length: > 0 })
        {
            return ApiStatus.BadRequest($"pod {known.Name} does not have a host assigned");
        }

        return path.Subresource is "exec" or "attach" && ContainerLog.Find(known, container) is (_, { } refusal)
            ? refusal
            : Refusal(path, $"containers are simulated, there is no process behind \"{path.Name}\"");
    }

    /// <summary>Why a subresource takes no writes; null for those that do.</summary>
    public static ApiStatus? OfWrite(ResourcePath path) => path switch
    {
        { Plural: "pods", Subresource: "ephemeralcontainers" } => Refusal(path, "containers are simulated, one more would find nothing to look at"),
        { Plural: "pods", Subresource: "resize" } => Refusal(path, "simulated containers keep the resources that they were made with"),
        { Plural: "namespaces", Subresource: "finalize" } => Refusal(path, "a namespace goes by itself when it is empty"),
        { Plural: "certificatesigningrequests", Subresource: "approval" } => Refusal(path, "nobody signs certificates"),
        _ => null,
    };

    public static ApiStatus Refusal(ResourcePath path, string why) => new(501, "NotImplemented", $"{path.Plural}/{path.Subresource} is not available: {why}");

    /// <summary>The object in a proxy's name, which may have a scheme and a port: <c>https:NAME:8443</c>.</summary>
    private static string HostOf(string name) => name.Split(':') switch
    {
        [_, var host, _] => host,
        [var host, _] => host,
        _ => name,
    };
}
