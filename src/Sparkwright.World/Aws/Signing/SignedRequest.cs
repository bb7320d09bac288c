using System.Collections.Immutable;
using System.Globalization;

namespace Sparkwright.World.Aws.Signing;

/// <summary>The parts of an HTTP request that an AWS signature covers.</summary>
/// <param name="Path">As sent: percent-encoded, without the query.</param>
/// <param name="Query">Names and values, decoded, in any order.</param>
/// <param name="Headers">Names in any case; a name may come several times.</param>
public sealed record SignedRequest(string Method, string Path, ImmutableArray<(string Name, string Value)> Query, ImmutableArray<(string Name, string Value)> Headers)
{
    /// <summary>The query of a URL, without its question mark.</summary>
    public static ImmutableArray<(string Name, string Value)> ReadQuery(string query) =>
    [
        .. query.Split('&', StringSplitOptions.RemoveEmptyEntries).Select(part =>
        {
            var equals = part.IndexOf('=', StringComparison.Ordinal);
            return equals < 0 ? (Uri.UnescapeDataString(part), "") : (Uri.UnescapeDataString(part[..equals]), Uri.UnescapeDataString(part[(equals + 1)..]));
        }),
    ];

    /// <summary>The value of the first header of a name; null for none.</summary>
    public string? Header(string name) => Headers.FirstOrDefault(one => one.Name.Equals(name, StringComparison.OrdinalIgnoreCase)).Value;

    /// <summary>The value of the first query parameter of a name; null for none.</summary>
    public string? Parameter(string name) => Query.FirstOrDefault(one => one.Name == name).Value;
}

/// <summary>For what a signature is good: a day, a region, a service.</summary>
/// <param name="Date">yyyyMMdd.</param>
public sealed record CredentialScope(string Date, string Region, string Service)
{
    public override string ToString() => $"{Date}/{Region}/{Service}/aws4_request";
}

/// <summary>What a request says of its signature, in its Authorization header or, presigned, in its query.</summary>
/// <param name="SignedHeaders">Lower case, in order.</param>
/// <param name="Signature">Lower-case hexadecimal.</param>
/// <param name="Time">When it was signed, UTC.</param>
/// <param name="Expires">How long a presigned request holds; null for one with a header.</param>
/// <param name="SessionToken">That of temporary credentials; null for lasting ones.</param>
public sealed record SignatureClaim(
    string AccessKeyId, CredentialScope Scope, ImmutableArray<string> SignedHeaders, string Signature, DateTime Time, TimeSpan? Expires, string? SessionToken)
{
    public const string Algorithm = "AWS4-HMAC-SHA256";

    /// <summary>What becomes of a payload's hash when the payload is not signed.</summary>
    public const string UnsignedPayload = "UNSIGNED-PAYLOAD";

    private const string TimeForm = "yyyyMMdd'T'HHmmss'Z'";

    public static string Print(DateTime time) => time.ToString(TimeForm, CultureInfo.InvariantCulture);

    /// <summary>Reads the claim; null when there is none or it is not well-formed.</summary>
    public static SignatureClaim? Read(SignedRequest request)
    {
        if (request.Parameter("X-Amz-Algorithm") == Algorithm)
        {
            return long.TryParse(request.Parameter("X-Amz-Expires"), NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) && seconds <= 604_800
                ? Make(
                    request.Parameter("X-Amz-Credential"),
                    request.Parameter("X-Amz-SignedHeaders"),
                    request.Parameter("X-Amz-Signature"),
                    request.Parameter("X-Amz-Date"),
                    TimeSpan.FromSeconds(seconds),
                    request.Parameter("X-Amz-Security-Token"))
                : null;
        }

        if (request.Header("Authorization") is not { } header || !header.StartsWith(Algorithm + " ", StringComparison.Ordinal))
        {
            return null;
        }

        var parts = header[Algorithm.Length..].Split(',', StringSplitOptions.TrimEntries);
        return Make(Part("Credential"), Part("SignedHeaders"), Part("Signature"), request.Header("X-Amz-Date"), null, request.Header("X-Amz-Security-Token"));

        string? Part(string name) => parts.FirstOrDefault(part => part.StartsWith(name + "=", StringComparison.Ordinal))?[(name.Length + 1)..];
    }

    private static SignatureClaim? Make(string? credential, string? headers, string? signature, string? time, TimeSpan? expires, string? sessionToken) =>
        credential?.Split('/') is [var key, var date, var region, var service, "aws4_request"] && headers is { Length: > 0 } && signature is { Length: 64 }
        && DateTime.TryParseExact(
            time, TimeForm, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var at)
        && time!.StartsWith(date, StringComparison.Ordinal)
            ? new SignatureClaim(key, new CredentialScope(date, region, service), [.. headers.Split(';')], signature, at, expires, sessionToken)
            : null;
}
