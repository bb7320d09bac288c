using System.Globalization;
using Microsoft.AspNetCore.Http;
using Sparkwright.Kubernetes.Objects;
using Sparkwright.World.Aws.Api;
using Sparkwright.World.Aws.Signing;

namespace Sparkwright.Server.AwsApi;

/// <summary>One request of S3 and its answer.</summary>
internal sealed record S3Exchange(HttpContext Http, SignedRequest Request, S3Payload Payload, AwsCaller Caller)
{
    private const string Xmlns = "http://s3.amazonaws.com/doc/2006-03-01/";
    private const int LongestDocument = 4 << 20;

    /// <summary>No count that a client gives is taken for more.</summary>
    private const int LargestCount = 10_000;

    /// <summary>A time as S3's documents have it.</summary>
    public static string Stamp(DateTime time) => time.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);

    public string? Parameter(string name) => Request.Parameter(name);

    public bool Has(string name) => Request.Query.Any(one => one.Name == name);

    /// <summary>A number of the query.</summary>
    public int Number(string name, int standard) => Parameter(name) is not { Length: > 0 } text ? standard
        : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? Math.Min(number, LargestCount)
        : throw S3Refusal.Of(400, "InvalidArgument", $"Provided {name} not an integer or within integer range");

    /// <summary>The body when it is small, such as an XML document.</summary>
    public async Task<byte[]> Document()
    {
        if (Http.Request.ContentLength > LongestDocument)
        {
            throw S3Refusal.Malformed();
        }

        using var whole = new LimitedBuffer(LongestDocument);
        await Payload.Copy(Http.Request.BodyReader, whole, Http.RequestAborted).ConfigureAwait(false);
        return whole.ToArray();
    }

    /// <summary>Tells the ETag and the checksums of a body that was kept.</summary>
    public void Tell(string etag, IReadOnlyDictionary<string, string> checksums)
    {
        Http.Response.Headers.ETag = $"\"{etag}\"";
        foreach (var (name, value) in checksums)
        {
            Http.Response.Headers[name] = value;
        }
    }

    public Task Nothing(int status)
    {
        Http.Response.StatusCode = status;
        return Task.CompletedTask;
    }

    public Task Xml(string root, TreeMap content, string? text = null) => AwsAnswers.Body(Http, 200, "application/xml", AwsXml.Write(root, Xmlns, content, null, text));

    /// <summary>A body in memory that may not become longer than it should.</summary>
    private sealed class LimitedBuffer(int limit) : MemoryStream
    {
        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (Length + buffer.Length > limit)
            {
                throw S3Refusal.Malformed();
            }

            Write(buffer.Span);
            return ValueTask.CompletedTask;
        }
    }
}
