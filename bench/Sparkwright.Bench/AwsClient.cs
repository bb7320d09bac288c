using System.Collections.Immutable;
using Sparkwright.World.Aws.Signing;

namespace Sparkwright.Bench;

/// <summary>A client of the AWS API that signs as the administrator.</summary>
internal sealed class AwsClient(Uri address, string keyId, string secret) : IDisposable
{
    private const string Region = "us-west-2";

    private static readonly ImmutableArray<string> SignedHeaders = ["host", "x-amz-content-sha256", "x-amz-date"];

    private readonly HttpClient client = new(new SocketsHttpHandler { MaxConnectionsPerServer = 256 }) { Timeout = Timeout.InfiniteTimeSpan };

    public void Dispose() => client.Dispose();

    /// <summary>Sends a request, and answers its body; anything but success ends the bench.</summary>
    /// <param name="hash">Of the body; null to leave it out of the signature.</param>
    public async Task<HttpResponseMessage> Send(string service, string method, string path, HttpContent? body = null, string? hash = null, string query = "")
    {
        var time = DateTime.UtcNow;
        var (scope, payload) = (new CredentialScope($"{time:yyyyMMdd}", Region, service), hash ?? (body is null ? SigV4.EmptyHash : SignatureClaim.UnsignedPayload));
        (string Name, string Value)[] headers = [("host", address.Authority), ("x-amz-content-sha256", payload), ("x-amz-date", SignatureClaim.Print(time))];
        var signature = SigV4.Signature(new SignedRequest(method, path, SignedRequest.ReadQuery(query), [.. headers]), secret, scope, time, SignedHeaders, payload);
        using var request = new HttpRequestMessage(new HttpMethod(method), new Uri(address, path + (query.Length == 0 ? "" : "?" + query))) { Content = body };
        foreach (var (name, value) in headers.Skip(1))
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        request.Headers.TryAddWithoutValidation("Authorization", $"{SignatureClaim.Algorithm} Credential={keyId}/{scope}, SignedHeaders={string.Join(';', SignedHeaders)}, Signature={signature}");
        var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead).ConfigureAwait(false);
        return response.IsSuccessStatusCode ? response : throw new InvalidOperationException($"{method} {path}: {await response.Content.ReadAsStringAsync().ConfigureAwait(false)}");
    }

    /// <summary>The same for a small body, which is signed; answers the answer's body.</summary>
    public async Task<string> Ask(string service, string method, string path, byte[]? body = null, string query = "")
    {
        using var content = body is null ? null : new ByteArrayContent(body);
        using var response = await Send(service, method, path, content, SigV4.Hash(body ?? []), query).ConfigureAwait(false);
        return await response.Content.ReadAsStringAsync().ConfigureAwait(false);
    }
}
