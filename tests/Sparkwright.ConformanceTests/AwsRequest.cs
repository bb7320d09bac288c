using System.Text;
using Sparkwright.World.Aws.Signing;

namespace Sparkwright.ConformanceTests;

/// <summary>One signed request, made by hand where the real clients would not make it: with a wrong key, a changed body, a path of dots.</summary>
internal sealed record AwsRequest(RunningPlatform Platform, string Service, string Method, string Path)
{
    public string Query { get; init; } = "";

    public string Body { get; init; } = "";

    public string? ContentType { get; init; }

    /// <summary>Null for the administrator's.</summary>
    public string? KeyId { get; init; }

    public string? Secret { get; init; }

    /// <summary>How long ago it was signed.</summary>
    public TimeSpan Age { get; init; }

    /// <summary>What is sent in the place of the signed body.</summary>
    public string? BodySent { get; init; }

    /// <summary>What is sent in the place of the signed path.</summary>
    public string? PathSent { get; init; }

    public bool IsSigned { get; init; } = true;

    /// <summary>For how long the URL is presigned; null to sign in a header.</summary>
    public TimeSpan? PresignedFor { get; init; }

    /// <summary>The status, and the error's code where the answer has one.</summary>
    public async Task<(int Status, string? Code, string Body)> Send(HttpClient client)
    {
        using var request = Make();
        using var response = await client.SendAsync(request);
        var body = await response.Content.ReadAsStringAsync();
        var start = body.IndexOf("<Code>", StringComparison.Ordinal);
        var code = response.Headers.TryGetValues("x-amzn-ErrorType", out var types) ? types.First()
            : start < 0 ? null
            : body[(start + 6)..body.IndexOf("</Code>", StringComparison.Ordinal)];
        return ((int)response.StatusCode, code, body);
    }

    private HttpRequestMessage Make()
    {
        var (id, secret) = Platform.AwsKey("admin");
        var time = TimeProvider.System.GetUtcNow().UtcDateTime - Age;
        var scope = new CredentialScope($"{time:yyyyMMdd}", "us-west-2", Service);
        var (hash, stamp) = (PresignedFor is null ? SigV4.Hash(Encoding.UTF8.GetBytes(Body)) : SignatureClaim.UnsignedPayload, SignatureClaim.Print(time));
        var (credential, query) = ($"{KeyId ?? id}/{scope}", Query);
        if (PresignedFor is { } holds)
        {
            query = $"X-Amz-Algorithm={SignatureClaim.Algorithm}&X-Amz-Credential={SigV4.Encode(credential)}&X-Amz-Date={stamp}&X-Amz-Expires={(int)holds.TotalSeconds}&X-Amz-SignedHeaders=host";
        }

        (string Name, string Value)[] signed = PresignedFor is null
            ? [("host", Platform.Aws.Authority), ("x-amz-content-sha256", hash), ("x-amz-date", stamp)]
            : [("host", Platform.Aws.Authority)];
        var names = signed.Select(one => one.Name).ToArray();
        var signature = SigV4.Signature(
            new SignedRequest(Method, Path, SignedRequest.ReadQuery(query), [.. signed]), Secret ?? secret, scope, time, [.. names], hash);
        if (PresignedFor is not null)
        {
            query += $"&X-Amz-Signature={signature}";
        }

        // As it is written: a path of dots is to arrive as one.
        var address = new Uri(
            $"{Platform.Aws.GetLeftPart(UriPartial.Authority)}{PathSent ?? Path}{(query.Length == 0 ? "" : "?" + query)}", new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true });
        var request = new HttpRequestMessage(new HttpMethod(Method), address);
        if (IsSigned && PresignedFor is null)
        {
            foreach (var (name, value) in signed.Skip(1))
            {
                request.Headers.TryAddWithoutValidation(name, value);
            }

            request.Headers.TryAddWithoutValidation(
                "Authorization", $"{SignatureClaim.Algorithm} Credential={credential}, SignedHeaders={string.Join(';', names)}, Signature={signature}");
        }

        if (Method is "POST" or "PUT")
        {
            request.Content = new ByteArrayContent(Encoding.UTF8.GetBytes(BodySent ?? Body));
            if (ContentType is not null)
            {
                request.Content.Headers.TryAddWithoutValidation("Content-Type", ContentType);
            }
        }

        return request;
    }
}
