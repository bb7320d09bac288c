using System.Globalization;
using Sparkwright.Server.Pacing;
using Sparkwright.World.Aws;
using Sparkwright.World.Aws.Api;
using Sparkwright.World.Aws.Signing;

namespace Sparkwright.Server.AwsApi;

/// <summary>What may be wrong with a signature.</summary>
internal enum SignatureFault
{
    Missing,
    Malformed,
    UnknownKey,
    WrongToken,
    EndedToken,
    Mismatch,
    Skewed,
    Expired,
    WrongRegion,
}

/// <summary>Whether a request bears the signature of a key that the platform has handed out.</summary>
internal sealed class SignatureCheck(Engine engine, string region, TimeProvider time)
{
    /// <summary>How far a client's clock may be off.</summary>
    private static readonly TimeSpan Skew = TimeSpan.FromMinutes(5);

    /// <summary>S3 is more patient.</summary>
    private static readonly TimeSpan S3Skew = TimeSpan.FromMinutes(15);

    private const string GlobalRegion = "us-east-1";

    /// <summary>The key and what it stands for, or what is wrong.</summary>
    public async Task<(AccessKey? Key, SignatureFault? Fault)> Check(SignedRequest request, SignatureClaim claim, string payloadHash)
    {
        if (claim.Scope.Region != region && claim.Scope.Region != GlobalRegion)
        {
            return (null, SignatureFault.WrongRegion);
        }

        var now = time.GetUtcNow().UtcDateTime;
        var allowed = claim.Scope.Service == "s3" ? S3Skew : Skew;
        if (claim.Expires is { } holds)
        {
            if (now > claim.Time + holds)
            {
                return (null, SignatureFault.Expired);
            }

            if (claim.Time > now + allowed)
            {
                return (null, SignatureFault.Skewed);
            }
        }
        else if ((now - claim.Time).Duration() > allowed)
        {
            return (null, SignatureFault.Skewed);
        }

        if (await engine.Ask(world => world.Iam.FindKey(claim.AccessKeyId)).ConfigureAwait(false) is not { } key)
        {
            return (null, SignatureFault.UnknownKey);
        }

        var fault = TokenFault(key, claim.SessionToken) ?? (SigV4.Holds(request, claim, key.Secret, payloadHash) ? null : SignatureFault.Mismatch);
        return (fault is null ? key : null, fault);
    }

    /// <summary>The same for a URL that was presigned as before version 4.</summary>
    public async Task<(AccessKey? Key, SignatureFault? Fault)> Check(SignedRequest request, PresignedClaim claim)
    {
        if (time.GetUtcNow().UtcDateTime > claim.Expires)
        {
            return (null, SignatureFault.Expired);
        }

        if (await engine.Ask(world => world.Iam.FindKey(claim.AccessKeyId)).ConfigureAwait(false) is not { } key)
        {
            return (null, SignatureFault.UnknownKey);
        }

        var fault = TokenFault(key, claim.SessionToken) ?? (SigV2.Holds(request, claim, key.Secret) ? null : SignatureFault.Mismatch);
        return (fault is null ? key : null, fault);
    }

    private SignatureFault? TokenFault(AccessKey key, string? token) =>
        !key.Takes(token) ? SignatureFault.WrongToken
        : key.Expires <= time.GetUtcNow().UtcDateTime ? SignatureFault.EndedToken
        : null;

    /// <summary>The words of each kind of service for what is wrong.</summary>
    /// <param name="protocol">Null for S3.</param>
    public static AwsError ErrorOf(SignatureFault fault, AwsProtocol? protocol, SignatureClaim? claim, DateTime now) => (fault, protocol) switch
    {
        (SignatureFault.Missing, null) => new(403, "AccessDenied", "Access Denied"),
        (SignatureFault.Missing, AwsProtocol.RestJson or AwsProtocol.Json) => new(403, "MissingAuthenticationTokenException", "Missing Authentication Token"),
        (SignatureFault.Missing, AwsProtocol.Ec2Query) => new(401, "AuthFailure", "AWS was not able to validate the provided access credentials"),
        (SignatureFault.Missing, _) => new(403, "MissingAuthenticationToken", "Request is missing Authentication Token"),
        (SignatureFault.Malformed, null) => new(400, "AuthorizationHeaderMalformed", "The authorization header that you provided is not valid."),
        (SignatureFault.Malformed, AwsProtocol.RestJson or AwsProtocol.Json) => new(403, "IncompleteSignatureException", "Authorization header requires 'Credential', 'Signature' and 'SignedHeaders' parameters and a date that fits them."),
        (SignatureFault.Malformed, _) => new(400, "IncompleteSignature", "Authorization header requires 'Credential', 'Signature' and 'SignedHeaders' parameters and a date that fits them."),
        (SignatureFault.WrongToken, null) => new(400, "InvalidToken", "The provided token is malformed or otherwise invalid."),
        (SignatureFault.EndedToken, null) => new(400, "ExpiredToken", "The provided token has expired."),
        (SignatureFault.EndedToken, AwsProtocol.RestJson or AwsProtocol.Json) => new(403, "ExpiredTokenException", "The security token included in the request is expired"),
        (SignatureFault.EndedToken, AwsProtocol.Ec2Query) => new(400, "RequestExpired", "Request has expired."),
        (SignatureFault.EndedToken, _) => new(403, "ExpiredToken", "The security token included in the request is expired"),
        (SignatureFault.UnknownKey, null) => new(403, "InvalidAccessKeyId", "The AWS Access Key Id you provided does not exist in our records."),
        (SignatureFault.UnknownKey or SignatureFault.WrongToken, AwsProtocol.RestJson or AwsProtocol.Json) => new(403, "UnrecognizedClientException", "The security token included in the request is invalid."),
        (SignatureFault.UnknownKey or SignatureFault.WrongToken, AwsProtocol.Ec2Query) => new(401, "AuthFailure", "AWS was not able to validate the provided access credentials"),
        (SignatureFault.UnknownKey or SignatureFault.WrongToken, _) => new(403, "InvalidClientTokenId", "The security token included in the request is invalid."),
        (SignatureFault.Skewed, null) => new(403, "RequestTimeTooSkewed", "The difference between the request time and the current time is too large."),
        (SignatureFault.Skewed, AwsProtocol.RestJson or AwsProtocol.Json) => new(403, "InvalidSignatureException", Skewed(claim, now)),
        (SignatureFault.Skewed, AwsProtocol.Ec2Query) => new(400, "RequestExpired", "Request has expired."),
        (SignatureFault.Skewed, _) => new(403, "SignatureDoesNotMatch", Skewed(claim, now)),
        (SignatureFault.Expired, null) => new(403, "AccessDenied", "Request has expired"),
        (SignatureFault.Expired, _) => new(403, "SignatureDoesNotMatch", Skewed(claim, now)),
        (SignatureFault.WrongRegion, null) => new(400, "AuthorizationHeaderMalformed", $"The authorization header is malformed; the region '{claim?.Scope.Region}' is wrong"),
        (SignatureFault.WrongRegion, AwsProtocol.RestJson or AwsProtocol.Json) => new(403, "InvalidSignatureException", "Credential should be scoped to a valid region."),
        (SignatureFault.WrongRegion, _) => new(403, "SignatureDoesNotMatch", "Credential should be scoped to a valid region."),
        (_, null) => new(403, "SignatureDoesNotMatch", "The request signature we calculated does not match the signature you provided. Check your key and signing method."),
        (_, AwsProtocol.RestJson or AwsProtocol.Json) => new(403, "InvalidSignatureException", Mismatch),
        _ => new(403, "SignatureDoesNotMatch", Mismatch),
    };

    private const string Mismatch =
        "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.";

    private static string Skewed(SignatureClaim? claim, DateTime now)
    {
        var (at, limit) = (claim?.Time ?? now, claim?.Time < now ? now - Skew : now + Skew);
        return at < now
            ? string.Create(CultureInfo.InvariantCulture, $"Signature expired: {SignatureClaim.Print(at)} is now earlier than {SignatureClaim.Print(limit)} ({SignatureClaim.Print(now)} - 5 min.)")
            : string.Create(CultureInfo.InvariantCulture, $"Signature not yet current: {SignatureClaim.Print(at)} is still later than {SignatureClaim.Print(limit)} ({SignatureClaim.Print(now)} + 5 min.)");
    }
}
