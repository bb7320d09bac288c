using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Sparkwright.World.Aws.Signing;

/// <summary>The signature before version 4, which S3 still takes in presigned URLs: <c>aws s3 presign</c> makes such.</summary>
public static class SigV2
{
    private static readonly string[] SubResources =
    [
        "acl", "cors", "delete", "lifecycle", "location", "logging", "notification", "partNumber", "policy", "requestPayment", "response-cache-control", "response-content-disposition",
        "response-content-encoding", "response-content-language", "response-content-type", "response-expires", "tagging", "torrent", "uploadId", "uploads", "versionId", "versioning",
        "versions", "website",
    ];

    /// <summary>What a presigned URL says of itself; null when it is none.</summary>
    public static PresignedClaim? Read(SignedRequest request) =>
        request.Parameter("AWSAccessKeyId") is { } key && request.Parameter("Signature") is { } signature
        && long.TryParse(request.Parameter("Expires"), NumberStyles.None, CultureInfo.InvariantCulture, out var expires) && expires <= 253_402_300_799
            ? new PresignedClaim(key, signature, DateTime.UnixEpoch.AddSeconds(expires), request.Query.FirstOrDefault(one => IsAmazon(one.Name) && one.Name.EndsWith("-security-token", StringComparison.OrdinalIgnoreCase)).Value)
            : null;

    public static bool Holds(SignedRequest request, PresignedClaim claim, string secretAccessKey)
    {
#pragma warning disable CA5350 // The protocol demands SHA-1.
        var signature = Convert.ToBase64String(HMACSHA1.HashData(Encoding.UTF8.GetBytes(secretAccessKey), Encoding.UTF8.GetBytes(StringToSign(request))));
#pragma warning restore CA5350
        return CryptographicOperations.FixedTimeEquals(Encoding.ASCII.GetBytes(signature), Encoding.ASCII.GetBytes(claim.Signature));
    }

    private static bool IsAmazon(string name) => name.StartsWith("x-amz-", StringComparison.OrdinalIgnoreCase);

    private static string StringToSign(SignedRequest request)
    {
        var text = new StringBuilder()
            .Append(request.Method).Append('\n')
            .Append(request.Header("Content-MD5")).Append('\n')
            .Append(request.Header("Content-Type")).Append('\n')
            .Append(request.Parameter("Expires")).Append('\n');

        // What was a header when the URL was signed may have become a parameter of it.
        foreach (var group in request.Headers.Concat(request.Query).Where(one => IsAmazon(one.Name))
            .GroupBy(header => header.Name.ToUpperInvariant(), StringComparer.Ordinal).OrderBy(group => group.Key, StringComparer.Ordinal))
        {
            text.Append(group.Key.ToLower(CultureInfo.InvariantCulture)).Append(':').AppendJoin(',', group.Select(header => header.Value.Trim())).Append('\n');
        }

        var named = request.Query.Where(one => SubResources.Contains(one.Name)).OrderBy(one => one.Name, StringComparer.Ordinal)
            .Select(one => one.Value.Length == 0 ? one.Name : $"{one.Name}={one.Value}").ToList();
        return text.Append(request.Path).Append(named.Count == 0 ? "" : "?").AppendJoin('&', named).ToString();
    }
}

/// <summary>What a URL says of its signature.</summary>
/// <param name="Signature">Base 64.</param>
/// <param name="Expires">UTC.</param>
/// <param name="SessionToken">That of temporary credentials; null for lasting ones.</param>
public sealed record PresignedClaim(string AccessKeyId, string Signature, DateTime Expires, string? SessionToken);
