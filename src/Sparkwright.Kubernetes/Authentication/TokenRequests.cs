using Sparkwright.Kubernetes.Admission;
using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Requests;
using Sparkwright.Kubernetes.Schema;
using Sparkwright.Kubernetes.Store;

namespace Sparkwright.Kubernetes.Authentication;

/// <summary>What becomes of a request for a token: its claims and the answer that will hold the signed token, or a refusal.</summary>
public abstract record TokenGrant
{
    private TokenGrant()
    {
    }

    /// <param name="Warning">What the client is to be told beside; null for nothing.</param>
    public sealed record Given(TreeMap Request, TreeMap Claims, string? Warning) : TokenGrant
    {
        /// <summary>The request with its token.</summary>
        public TreeMap Signed(SigningKey key) => Request.Set(["status", "token"], key.Sign(Claims));
    }

    public sealed record Refused(ApiStatus Status) : TokenGrant;
}

/// <summary>Decides on <c>POST …/serviceaccounts/NAME/token</c>.</summary>
public static class TokenRequests
{
    /// <summary>What a token lasts when nothing is said, in seconds.</summary>
    private const long UsualSeconds = 3600;

    private const long LeastSeconds = 600;

    /// <summary>No token of EKS lasts longer than a day.</summary>
    private const long MostSeconds = 86_400;

    private static readonly ResourceType Type = new("authentication.k8s.io", "v1", "TokenRequest", "tokenrequests", true, true);

    /// <param name="issuer">What the token names as its issuer; on EKS the URL of the cluster's OIDC provider.</param>
    /// <param name="wall">Wall time.</param>
    /// <param name="id">Names the token.</param>
    public static TokenGrant Decide(
        ObjectStore store, string issuer, ObjectKey key, TreeMap request, DateTimeOffset wall, string id)
    {
        if (store.Get(CoreTypes.ServiceAccount, key) is not { } account)
        {
            return new TokenGrant.Refused(ApiStatus.NotFound(CoreTypes.ServiceAccount, key.Name));
        }

        var spec = request["spec"] as TreeMap ?? TreeMap.Empty;
        var asked = spec["expirationSeconds"]?.Integer ?? UsualSeconds;
        if (Fault(asked) is { } fault)
        {
            return new TokenGrant.Refused(FieldError.Refusal(Type, key.Name, [fault]));
        }

        var (bound, refusal) = Bound(store, account, spec["boundObjectRef"]);
        if (refusal is not null)
        {
            return new TokenGrant.Refused(refusal);
        }

        var seconds = Math.Min(asked, MostSeconds);
        var audiences = spec["audiences"] is TreeList { Count: > 0 } named ? named : TreeList.Of(ClusterTrust.ApiAudience);
        var node = bound?.Type == CoreTypes.Pod && bound.Spec["nodeName"]?.Text is { Length: > 0 } name ? store.Get(CoreTypes.Node, "", name) : null;
        var claims = ServiceAccountTokens.Claims(account, issuer, audiences.Span.ToArray().Select(one => one.Text ?? ""), bound, node, wall, seconds, id);
        var end = DateTimeOffset.FromUnixTimeSeconds(claims["exp"]!.Integer!.Value).UtcDateTime;
        return new TokenGrant.Given(
            TreeMap.Of(
                ("apiVersion", Type.ApiVersion),
                ("kind", Type.Kind),
                ("metadata", TreeMap.Of(("creationTimestamp", Timestamps.Print(wall.UtcDateTime)), ("name", key.Name), ("namespace", key.Namespace))),
                ("spec", TreeMap.Of(("audiences", audiences), ("boundObjectRef", spec["boundObjectRef"]), ("expirationSeconds", seconds))),
                ("status", TreeMap.Of(("expirationTimestamp", Timestamps.Print(end))))),
            claims,
            seconds < asked ? $"requested expiration of {asked} seconds shortened to {seconds} seconds" : null);
    }

    private static FieldError? Fault(long seconds) =>
        seconds < LeastSeconds ? FieldError.Invalid("spec.expirationSeconds", seconds, "may not specify a duration less than 10 minutes")
        : seconds > 1L << 32 ? FieldError.Invalid("spec.expirationSeconds", seconds, "may not specify a duration larger than 2^32 seconds")
        : null;

    /// <summary>The object to which the token is to be bound.</summary>
    private static (ApiObject? Bound, ApiStatus? Refusal) Bound(ObjectStore store, ApiObject account, Tree? reference)
    {
        if (reference is not TreeMap)
        {
            return (null, null);
        }

        var (version, kind, name, uid) = (reference["apiVersion"]?.Text ?? "", reference["kind"]?.Text ?? "", reference["name"]?.Text ?? "", reference["uid"]?.Text ?? "");
        var type = (version, kind) switch
        {
            ("v1", "Pod") => CoreTypes.Pod,
            ("v1", "Secret") => CoreTypes.Secret,
            ("v1", "Node") => CoreTypes.Node,
            _ => null,
        };
        if (type is null)
        {
            return (null, ApiStatus.BadRequest($"cannot bind token for serviceaccount to a {(version.Contains('/', StringComparison.Ordinal) ? version : $"/{version}")}, Kind={kind}"));
        }

        if (store.Get(type, type.Namespaced ? account.Namespace : "", name) is not { } bound)
        {
            return (null, ApiStatus.NotFound(type, name));
        }

        if (type == CoreTypes.Pod && bound.Spec["serviceAccountName"]?.Text != account.Name)
        {
            return (null, ApiStatus.BadRequest($"cannot bind token for serviceaccount {GoSyntax.Quote(account.Name)} to pod running with different serviceaccount name."));
        }

        return uid.Length > 0 && uid != bound.Metadata.Uid
            ? (null, new ApiStatus(409, "Conflict", $"Operation cannot be fulfilled on {kind} \"{name}\": the UID in the bound object reference ({uid}) does not match the UID in record. The object might have been deleted and then recreated"))
            : (bound, null);
    }
}
