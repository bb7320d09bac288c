using System.Text;
using System.Text.RegularExpressions;
using Sparkwright.Kubernetes.Objects;
using Sparkwright.Server.Pacing;
using Sparkwright.World.Aws;
using Sparkwright.World.Aws.Signing;

namespace Sparkwright.Server.AwsApi;

/// <summary>S3's operations on buckets, and on many objects of one at once.</summary>
internal sealed partial class S3Buckets(Engine engine, S3Lookup lookup, string region)
{
    private const int MostKeys = 1000;

    public static TreeMap Owner { get; } = TreeMap.Of(("DisplayName", "sparkwright"), ("ID", "7370617268777269676874"));

    public async Task ListBuckets(S3Exchange exchange)
    {
        var buckets = await engine.Ask(world => world.S3.Buckets.Select(bucket => TreeMap.Of(
            ("CreationDate", S3Exchange.Stamp(bucket.Metadata.CreationTimestamp)), ("Name", bucket.Name))).ToArray()).ConfigureAwait(false);
        await exchange.Xml("ListAllMyBucketsResult", TreeMap.Of(("Buckets", TreeMap.Of(("Bucket", TreeList.From(buckets)))), ("Owner", Owner))).ConfigureAwait(false);
    }

    public async Task CreateBucket(S3Exchange exchange, string bucket)
    {
        if (!BucketName().IsMatch(bucket) || bucket.Contains("..", StringComparison.Ordinal) || System.Net.IPAddress.TryParse(bucket, out _))
        {
            throw S3Refusal.Of(400, "InvalidBucketName", "The specified bucket is not valid.");
        }

        var document = S3Document.Read(await exchange.Document().ConfigureAwait(false), "CreateBucketConfiguration");
        if (document?.Texts("LocationConstraint").FirstOrDefault() is { Length: > 0 } wanted && wanted != region)
        {
            throw S3Refusal.Of(400, "IllegalLocationConstraintException", $"The {wanted} location constraint is incompatible for the region specific endpoint this request was sent to.");
        }

        var isNew = await engine.Ask(world =>
        {
            var isNew = !world.S3.HasBucket(bucket);
            world.S3.EnsureBucket(bucket);
            return isNew;
        }).ConfigureAwait(false);
        if (!isNew && region != "us-east-1")
        {
            throw S3Refusal.Of(409, "BucketAlreadyOwnedByYou", "Your previous request to create the named bucket succeeded and you already own it.");
        }

        exchange.Http.Response.Headers.Location = "/" + bucket;
        await exchange.Nothing(200).ConfigureAwait(false);
    }

    public Task HeadBucket(S3Exchange exchange, string bucket) => lookup.InBucket(bucket, () =>
    {
        exchange.Http.Response.Headers["x-amz-bucket-region"] = region;
        return exchange.Nothing(200);
    });

    public Task DeleteBucket(S3Exchange exchange, string bucket) => lookup.InBucket(bucket, async () =>
    {
        if (!await engine.Ask(world => world.S3.DeleteBucket(bucket)).ConfigureAwait(false))
        {
            throw S3Refusal.Of(409, "BucketNotEmpty", "The bucket you tried to delete is not empty");
        }

        await exchange.Nothing(204).ConfigureAwait(false);
    });

    /// <summary>Both forms of the listing: the first goes on after a marker, the second after a token.</summary>
    public Task List(S3Exchange exchange, string bucket) => lookup.InBucket(bucket, async () =>
    {
        var isSecond = exchange.Parameter("list-type") == "2";
        var after = isSecond
            ? exchange.Parameter("continuation-token") is { Length: > 0 } token ? Opened(token) : exchange.Parameter("start-after")
            : exchange.Parameter("marker");
        var asked = new S3ListRequest(bucket)
        {
            Prefix = exchange.Parameter("prefix") ?? "",
            Delimiter = exchange.Parameter("delimiter") ?? "",
            After = after ?? "",
            Most = exchange.Number("max-keys", MostKeys),
        };
        var page = asked.Most == 0 ? new S3Page([], [], null) : await engine.Ask(world => world.S3.List(asked)).ConfigureAwait(false);
        Func<string, string> written = exchange.Parameter("encoding-type") == "url" ? SigV4.Encode : static text => text;
        var result = TreeMap.Of(
            ("CommonPrefixes", TreeList.From(page.Prefixes.Select(prefix => TreeMap.Of(("Prefix", written(prefix)))))),
            ("Contents", TreeList.From(page.Objects.Select(known => TreeMap.Of(
                ("ETag", $"\"{known.ETag}\""), ("Key", written(known.Key)), ("LastModified", S3Exchange.Stamp(known.LastModified)), ("Size", known.Size), ("StorageClass", "STANDARD"))))),
            ("Delimiter", asked.Delimiter.Length == 0 ? null : written(asked.Delimiter)),
            ("EncodingType", exchange.Parameter("encoding-type")),
            ("IsTruncated", page.Next is not null),
            ("MaxKeys", asked.Most),
            ("Name", bucket),
            ("Prefix", written(asked.Prefix)));
        result = isSecond
            ? result.Merge(TreeMap.Of(
                ("ContinuationToken", exchange.Parameter("continuation-token")),
                ("KeyCount", page.Objects.Count + page.Prefixes.Count),
                ("NextContinuationToken", page.Next is { } next ? Convert.ToBase64String(Encoding.UTF8.GetBytes(next)) : null),
                ("StartAfter", exchange.Parameter("start-after") is { } start ? written(start) : null)))
            : result.Merge(TreeMap.Of(("Marker", written(asked.After)), ("NextMarker", page.Next is { } last ? written(last) : null)));
        await exchange.Xml("ListBucketResult", result).ConfigureAwait(false);
    });

    public Task DeleteObjects(S3Exchange exchange, string bucket) => lookup.InBucket(bucket, async () =>
    {
        var document = S3Document.Read(await exchange.Document().ConfigureAwait(false), "Delete") ?? throw S3Refusal.Malformed();
        var keys = document.Children("Object").Select(one => one.Texts("Key").FirstOrDefault() ?? throw S3Refusal.Malformed()).ToList();
        if (keys.Count is 0 or > MostKeys)
        {
            throw S3Refusal.Malformed();
        }

        var refused = await engine.Ask(world =>
        {
            var refused = keys.Select(key => (Key: key, Refusal: S3Lookup.Refusal(world, exchange.Caller, S3Rights.Delete(new S3Uri(bucket, key))))).Where(one => one.Refusal is not null).ToList();
            foreach (var key in keys.Except(refused.Select(one => one.Key), StringComparer.Ordinal))
            {
                world.S3.Delete(new S3Uri(bucket, key));
            }

            return refused;
        }).ConfigureAwait(false);
        var isQuiet = document.Texts("Quiet").FirstOrDefault() == "true";
        var gone = keys.Except(refused.Select(one => one.Key), StringComparer.Ordinal);
        await exchange.Xml("DeleteResult", TreeMap.Of(
            ("Deleted", isQuiet ? null : TreeList.From(gone.Select(key => TreeMap.Of(("Key", key))))),
            ("Error", TreeList.From(refused.Select(one => TreeMap.Of(("Code", one.Refusal!.Error.Code), ("Key", one.Key), ("Message", one.Refusal.Error.Message))))))).ConfigureAwait(false);
    });

    private static string Opened(string token)
    {
        var bytes = new byte[token.Length];
        return Convert.TryFromBase64String(token, bytes, out var length) ? Encoding.UTF8.GetString(bytes, 0, length) : throw S3Refusal.Of(400, "InvalidArgument", "The continuation token provided is incorrect");
    }

    [GeneratedRegex("^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$")]
    private static partial Regex BucketName();
}
