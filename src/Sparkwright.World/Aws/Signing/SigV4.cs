using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;

namespace Sparkwright.World.Aws.Signing;

/// <summary>Signature Version 4: the canonical form of a request and the signature over it, as AWS publishes them. Pure, for every service.</summary>
public static class SigV4
{
    /// <summary>The service that encodes paths once only, and takes them as they are.</summary>
    private const string S3 = "s3";

    private const string SignatureParameter = "X-Amz-Signature";

    /// <summary>The hash of no bytes at all.</summary>
    public static string EmptyHash { get; } = Hash([]);

    /// <summary>A payload's hash as signatures name it.</summary>
    public static string Hash(ReadOnlySpan<byte> payload) => Convert.ToHexStringLower(SHA256.HashData(payload));

    /// <summary>The canonical request, over which (hashed) the signature goes.</summary>
    /// <param name="payloadHash">In hexadecimal, UNSIGNED-PAYLOAD, or one of the STREAMING- words.</param>
    public static string CanonicalRequest(SignedRequest request, string service, ImmutableArray<string> signedHeaders, string payloadHash)
    {
        var text = new StringBuilder()
            .Append(request.Method).Append('\n')
            .Append(CanonicalPath(request.Path, service)).Append('\n')
            .AppendJoin('&', request.Query
                .Where(one => one.Name != SignatureParameter)
                .Select(one => (Name: Encode(one.Name), Value: Encode(one.Value)))
                .OrderBy(one => one.Name, StringComparer.Ordinal).ThenBy(one => one.Value, StringComparer.Ordinal)
                .Select(one => $"{one.Name}={one.Value}")).Append('\n');
        foreach (var name in signedHeaders)
        {
            var values = request.Headers.Where(one => one.Name.Equals(name, StringComparison.OrdinalIgnoreCase)).Select(one => Collapse(one.Value));
            text.Append(name).Append(':').AppendJoin(',', values).Append('\n');
        }

        return text.Append('\n').AppendJoin(';', signedHeaders).Append('\n').Append(payloadHash).ToString();
    }

    public static string StringToSign(DateTime time, CredentialScope scope, string canonicalRequest) =>
        $"{SignatureClaim.Algorithm}\n{SignatureClaim.Print(time)}\n{scope}\n{Hash(Encoding.UTF8.GetBytes(canonicalRequest))}";

    /// <summary>The key of a day, a region and a service, made from a secret access key.</summary>
    public static byte[] SigningKey(string secretAccessKey, CredentialScope scope)
    {
        var key = Encoding.UTF8.GetBytes("AWS4" + secretAccessKey);
        foreach (var part in new[] { scope.Date, scope.Region, scope.Service, "aws4_request" })
        {
            key = HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(part));
        }

        return key;
    }

    public static string Sign(byte[] signingKey, string stringToSign) => Convert.ToHexStringLower(HMACSHA256.HashData(signingKey, Encoding.UTF8.GetBytes(stringToSign)));

    /// <summary>The signature that a request should bear.</summary>
    public static string Signature(SignedRequest request, string secretAccessKey, CredentialScope scope, DateTime time, ImmutableArray<string> signedHeaders, string payloadHash) =>
        Sign(SigningKey(secretAccessKey, scope), StringToSign(time, scope, CanonicalRequest(request, scope.Service, signedHeaders, payloadHash)));

    /// <summary>Whether a request's signature is that of its access key. Its time and its session token are another question.</summary>
    public static bool Holds(SignedRequest request, SignatureClaim claim, string secretAccessKey, string payloadHash) => CryptographicOperations.FixedTimeEquals(
        Encoding.ASCII.GetBytes(Signature(request, secretAccessKey, claim.Scope, claim.Time, claim.SignedHeaders, payloadHash)),
        Encoding.ASCII.GetBytes(claim.Signature));

    /// <summary>The signature of one chunk of a body that is sent as STREAMING-AWS4-HMAC-SHA256-PAYLOAD.</summary>
    /// <param name="previous">The signature of the chunk before; of the first one, that of the request.</param>
    public static string ChunkSignature(byte[] signingKey, DateTime time, CredentialScope scope, string previous, ReadOnlySpan<byte> chunk) => Sign(
        signingKey, $"{SignatureClaim.Algorithm}-PAYLOAD\n{SignatureClaim.Print(time)}\n{scope}\n{previous}\n{EmptyHash}\n{Hash(chunk)}");

    /// <summary>Percent-encoding as AWS wants it: all but letters, digits and <c>-._~</c>, in upper case.</summary>
    public static string Encode(string text)
    {
        var encoded = new StringBuilder(text.Length);
        foreach (var unit in Encoding.UTF8.GetBytes(text))
        {
            if (char.IsAsciiLetterOrDigit((char)unit) || unit is (byte)'-' or (byte)'.' or (byte)'_' or (byte)'~')
            {
                encoded.Append((char)unit);
            }
            else
            {
                encoded.Append('%').Append(Convert.ToHexString([unit]));
            }
        }

        return encoded.ToString();
    }

    /// <summary>S3 signs the path as it is sent; all others encode it once more, without empty and dotted segments.</summary>
    private static string CanonicalPath(string path, string service)
    {
        if (service == S3)
        {
            return path.Length == 0 ? "/" : path;
        }

        var kept = new List<string>();
        foreach (var segment in path.Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            if (segment == "..")
            {
                kept.RemoveRange(Math.Max(0, kept.Count - 1), Math.Min(1, kept.Count));
            }
            else if (segment != ".")
            {
                kept.Add(Encode(segment));
            }
        }

        return kept.Count == 0 ? "/" : $"/{string.Join('/', kept)}{(path.EndsWith('/') ? "/" : "")}";
    }

    /// <summary>A header's value without spaces around it, and with single ones within.</summary>
    private static string Collapse(string value) => string.Join(' ', value.Split(' ', StringSplitOptions.RemoveEmptyEntries));
}
