using System.Buffers.Text;
using System.Text;
using Sparkwright.World.Aws.Signing;

namespace Sparkwright.World.Aws.Eks;

/// <summary>
/// A token of <c>aws eks get-token</c>: a presigned STS GetCallerIdentity URL, in whose signature the cluster's name is part. The real
/// authenticator calls that URL; the signature is all that the call would prove, so here it is checked and nobody is called.
/// </summary>
public sealed record ClusterToken(SignedRequest Request, SignatureClaim Claim)
{
    public const string Prefix = "k8s-aws-v1.";

    private const string ClusterHeader = "x-k8s-aws-id";
    private const int LongestToken = 4096;

    /// <summary>A token holds so long after it was signed, whatever its URL says.</summary>
    private static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(15);

    /// <summary>STS takes a signature of a clock that is ahead by so much.</summary>
    private static readonly TimeSpan MostAhead = TimeSpan.FromMinutes(5);

    private static readonly string[] KnownParameters =
    [
        "Action", "Version", "X-Amz-Algorithm", "X-Amz-Credential", "X-Amz-Date", "X-Amz-Expires", "X-Amz-Security-Token", "X-Amz-Signature", "X-Amz-SignedHeaders",
        "x-amz-user-agent",
    ];

    /// <summary>Reads a token, and says what is wrong with its form.</summary>
    public static (ClusterToken? Token, string? Fault) Read(string token)
    {
        if (token.Length > LongestToken)
        {
            return (null, "token is too large");
        }

        if (!token.StartsWith(Prefix, StringComparison.Ordinal))
        {
            return (null, $"token is missing expected \"{Prefix}\" prefix");
        }

        var encoded = token[Prefix.Length..];
        if (!Base64Url.IsValid(encoded) || !Uri.TryCreate(Encoding.UTF8.GetString(Base64Url.DecodeFromChars(encoded)), UriKind.Absolute, out var url))
        {
            return (null, "token is no presigned URL");
        }

        if (!IsSts(url))
        {
            return (null, $"unexpected hostname \"{url.Host}\" in pre-signed URL");
        }

        if (url.AbsolutePath != "/")
        {
            return (null, "unexpected path in pre-signed URL");
        }

        var query = SignedRequest.ReadQuery(url.Query.TrimStart('?'));
        if (query.FirstOrDefault(one => !KnownParameters.Contains(one.Name, StringComparer.OrdinalIgnoreCase)).Name is { } unknown)
        {
            return (null, $"non-whitelisted query parameter \"{unknown}\"");
        }

        if (query.DistinctBy(one => one.Name, StringComparer.OrdinalIgnoreCase).Count() != query.Length)
        {
            return (null, "query parameter with multiple values not supported");
        }

        var request = new SignedRequest("GET", "/", query, [("Host", url.IsDefaultPort ? url.Host : $"{url.Host}:{url.Port}")]);
        if (request.Parameter("Action") != "GetCallerIdentity")
        {
            return (null, "unexpected action parameter in pre-signed URL");
        }

        if (SignatureClaim.Read(request) is not { Scope.Service: "sts" } claim)
        {
            return (null, "the URL is not presigned for STS");
        }

        return claim.SignedHeaders.Contains(ClusterHeader)
            ? (new ClusterToken(request, claim), null)
            : (null, $"client did not sign the {ClusterHeader} header in the pre-signed URL");
    }

    /// <summary>What is wrong with a token of this key for a cluster; null when it holds.</summary>
    /// <param name="now">Wall time, UTC.</param>
    public string? Fault(AccessKey key, string cluster, DateTime now)
    {
        if (now > Claim.Time + Lifetime)
        {
            return $"X-Amz-Date parameter is expired (15 minute expiration) {Claim.Time:yyyy-MM-dd HH:mm:ss} +0000 UTC";
        }

        if (now < Claim.Time - MostAhead)
        {
            return "Signature not yet current";
        }

        if (!key.Takes(Claim.SessionToken) || key.Expires <= now)
        {
            return "The security token included in the request is invalid";
        }

        var asked = Request with { Headers = Request.Headers.Add((ClusterHeader, cluster)) };
        return SigV4.Holds(asked, Claim, key.Secret, SigV4.EmptyHash)
            ? null
            : "The request signature we calculated does not match the signature you provided.";
    }

    /// <summary>The endpoints of STS, and our own on a loopback address, at which a client with AWS_ENDPOINT_URL points its URL.</summary>
    private static bool IsSts(Uri url) => url.IsLoopback
        || (url.Scheme == Uri.UriSchemeHttps && url.Host.StartsWith("sts", StringComparison.Ordinal) && url.Host.EndsWith(".amazonaws.com", StringComparison.Ordinal));
}
