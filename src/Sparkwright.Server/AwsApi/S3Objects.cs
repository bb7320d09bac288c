using System.Globalization;
using System.Text.RegularExpressions;
using Sparkwright.Kubernetes.Objects;
using Sparkwright.Server.Pacing;
using Sparkwright.World.Aws;

namespace Sparkwright.Server.AwsApi;

/// <summary>S3's operations on one object.</summary>
internal sealed partial class S3Objects(Engine engine, S3Lookup lookup, S3Bodies bodies)
{
    private static readonly string[] KeptHeaders = ["cache-control", "content-disposition", "content-encoding", "content-language", "expires"];

    public async Task PutObject(S3Exchange exchange, S3Uri uri)
    {
        await lookup.NeedBucket(uri.Bucket).ConfigureAwait(false);
        var (body, checksums) = await bodies.Receive(exchange).ConfigureAwait(false);
        var facts = FactsOf(exchange, checksums);
        var onlyNew = exchange.Request.Header("If-None-Match") == "*";
        var etag = await engine.Ask(world => !world.S3.HasBucket(uri.Bucket) || (onlyNew && world.S3.Has(uri)) ? null : world.S3.Put(uri, body, facts).ETag).ConfigureAwait(false);
        if (etag is null)
        {
            bodies.Discard(body);
            throw onlyNew ? S3Refusal.Of(412, "PreconditionFailed", "At least one of the pre-conditions you specified did not hold") : S3Refusal.NoBucket();
        }

        exchange.Tell(etag, checksums);
        await exchange.Nothing(200).ConfigureAwait(false);
    }

    public async Task GetObject(S3Exchange exchange, S3Uri uri)
    {
        var known = await lookup.Object(uri).ConfigureAwait(false);
        var response = exchange.Http.Response;
        Describe(exchange, known);
        if (Condition(exchange, known) is { } code)
        {
            if (code == 412)
            {
                throw S3Refusal.Of(412, "PreconditionFailed", "At least one of the pre-conditions you specified did not hold");
            }

            response.StatusCode = code;
            return;
        }

        var (start, length) = (0L, known.Size);
        if (exchange.Request.Header("Range") is { } range && Range(range, known.Size) is { } part)
        {
            (start, length) = part;
            if (length <= 0)
            {
                throw S3Refusal.Of(416, "InvalidRange", "The requested range is not satisfiable");
            }

            response.StatusCode = 206;
            response.Headers.ContentRange = string.Create(CultureInfo.InvariantCulture, $"bytes {start}-{start + length - 1}/{known.Size}");
        }

        response.ContentLength = length;
        if (exchange.Request.Method == "GET")
        {
            await bodies.Send(known, start, length, response.Body, exchange.Http.RequestAborted).ConfigureAwait(false);
        }
    }

    public async Task DeleteObject(S3Exchange exchange, S3Uri uri)
    {
        await lookup.NeedBucket(uri.Bucket).ConfigureAwait(false);
        await engine.Ask(world =>
        {
            world.S3.Delete(uri);
            return true;
        }).ConfigureAwait(false);
        await exchange.Nothing(204).ConfigureAwait(false);
    }

    public async Task CopyObject(S3Exchange exchange, S3Uri uri, string source)
    {
        await lookup.NeedBucket(uri.Bucket).ConfigureAwait(false);
        var known = await lookup.Source(exchange.Caller, SourceOf(source)).ConfigureAwait(false);
        var replaces = string.Equals(exchange.Request.Header("X-Amz-Metadata-Directive"), "REPLACE", StringComparison.OrdinalIgnoreCase);
        if (!replaces && known.Bucket == uri.Bucket && known.Key == uri.Key)
        {
            throw S3Refusal.Of(400, "InvalidRequest", "This copy request is illegal because it is trying to copy an object to itself without changing the object's metadata, storage class, website redirect location or encryption attributes.");
        }

        var body = await bodies.Copy(known, 0, known.Size, exchange.Http.RequestAborted).ConfigureAwait(false);
        var facts = replaces ? FactsOf(exchange, new Dictionary<string, string>()) : known.Facts;
        var copy = await engine.Ask(world => world.S3.Put(uri, body, facts)).ConfigureAwait(false);
        await exchange.Xml("CopyObjectResult", TreeMap.Of(("ETag", $"\"{copy.ETag}\""), ("LastModified", S3Exchange.Stamp(copy.LastModified)))).ConfigureAwait(false);
    }

    public static S3Uri SourceOf(string source)
    {
        var path = Uri.UnescapeDataString(source.Split('?')[0]).TrimStart('/');
        var slash = path.IndexOf('/', StringComparison.Ordinal);
        return slash <= 0 || slash == path.Length - 1
            ? throw S3Refusal.Of(400, "InvalidArgument", "Copy Source must mention the source bucket and key: sourcebucket/sourcekey")
            : new S3Uri(path[..slash], path[(slash + 1)..]);
    }

    public static S3Facts FactsOf(S3Exchange exchange, IReadOnlyDictionary<string, string> checksums)
    {
        var headers = TreeMap.Empty;
        foreach (var (name, value) in exchange.Request.Headers.Select(header => (header.Name.ToLowerInvariant(), header.Value)))
        {
            if (name.StartsWith("x-amz-meta-", StringComparison.Ordinal) || KeptHeaders.Contains(name))
            {
                var kept = name == "content-encoding" ? string.Join(',', value.Split(',', StringSplitOptions.TrimEntries).Where(part => part != "aws-chunked")) : value;
                headers = kept.Length == 0 ? headers : headers.With(name, kept);
            }
        }

        return new S3Facts(exchange.Request.Header("Content-Type"), checksums.Aggregate(headers, static (map, one) => map.With(one.Key, one.Value)));
    }

    /// <summary>Start and length of a range; the length is not above 0 when the object has nothing there; null for what is no range of bytes.</summary>
    public static (long Start, long Length)? Range(string header, long size)
    {
        if (ByteRange().Match(header) is not { Success: true } match)
        {
            return null;
        }

        var (first, last) = (match.Groups[1].Value, match.Groups[2].Value);
        if (first.Length == 0)
        {
            var tail = Math.Min(size, Whole(last));
            return (size - tail, tail);
        }

        var start = Whole(first);
        var end = last.Length == 0 ? size - 1 : Math.Min(size - 1, Whole(last));
        return (start, end - start + 1);
    }

    private static void Describe(S3Exchange exchange, S3Object known)
    {
        var response = exchange.Http.Response;
        response.Headers.ETag = $"\"{known.ETag}\"";
        response.Headers.LastModified = known.LastModified.ToString("R", CultureInfo.InvariantCulture);
        response.Headers.AcceptRanges = "bytes";
        response.ContentType = exchange.Parameter("response-content-type") ?? known.Facts.ContentType ?? "binary/octet-stream";
        var wantsChecksums = string.Equals(exchange.Request.Header("X-Amz-Checksum-Mode"), "ENABLED", StringComparison.OrdinalIgnoreCase) && exchange.Request.Header("Range") is null;
        foreach (var (name, value) in known.Facts.Headers.Members())
        {
            if (wantsChecksums || !name.StartsWith("x-amz-checksum-", StringComparison.Ordinal))
            {
                response.Headers[name] = exchange.Parameter("response-" + name) ?? value.Text;
            }
        }

        foreach (var name in KeptHeaders)
        {
            if (exchange.Parameter("response-" + name) is { } value)
            {
                response.Headers[name] = value;
            }
        }
    }

    /// <summary>304 or 412 where a condition of the request does not hold.</summary>
    private static int? Condition(S3Exchange exchange, S3Object known)
    {
        bool Names(string header) => exchange.Request.Header(header) is { } tags && (tags == "*" || tags.Split(',', StringSplitOptions.TrimEntries).Any(tag => tag.Trim('"') == known.ETag));
        DateTime? Time(string header) => DateTime.TryParse(
            exchange.Request.Header(header), CultureInfo.InvariantCulture, DateTimeStyles.AdjustToUniversal | DateTimeStyles.AssumeUniversal, out var at) ? at : null;
        var modified = new DateTime(known.LastModified.Ticks - (known.LastModified.Ticks % TimeSpan.TicksPerSecond), DateTimeKind.Utc);
        return exchange.Request.Header("If-Match") is not null ? (Names("If-Match") ? null : 412)
            : exchange.Request.Header("If-None-Match") is not null ? (Names("If-None-Match") ? 304 : null)
            : Time("If-Unmodified-Since") is { } before && modified > before ? 412
            : Time("If-Modified-Since") is { } since && modified <= since ? 304
            : null;
    }

    private static long Whole(string digits) => long.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : long.MaxValue / 2;

    [GeneratedRegex("^bytes=(\\d*)-(\\d*)$")]
    private static partial Regex ByteRange();
}
