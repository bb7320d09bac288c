using System.Globalization;
using Sparkwright.Kubernetes.Objects;
using Sparkwright.Server.Pacing;
using Sparkwright.World.Aws;

namespace Sparkwright.Server.AwsApi;

/// <summary>S3's multipart uploads.</summary>
internal sealed class S3Uploads(Engine engine, S3Lookup lookup, S3Bodies bodies)
{
    private const int MostListed = 1000;
    private const int MostParts = 10_000;

    /// <summary>A part that is not the last of its upload has at least this many bytes.</summary>
    private const int SmallestPart = 5 << 20;

    public async Task BeginUpload(S3Exchange exchange, S3Uri uri)
    {
        await lookup.NeedBucket(uri.Bucket).ConfigureAwait(false);
        var facts = S3Objects.FactsOf(exchange, new Dictionary<string, string>());
        var id = await engine.Ask(world => world.S3.BeginUpload(uri, facts)).ConfigureAwait(false);
        if (exchange.Request.Header("X-Amz-Checksum-Algorithm") is { } algorithm)
        {
            exchange.Http.Response.Headers["x-amz-checksum-algorithm"] = algorithm;
        }

        await exchange.Xml("InitiateMultipartUploadResult", TreeMap.Of(("Bucket", uri.Bucket), ("Key", uri.Key), ("UploadId", id))).ConfigureAwait(false);
    }

    public async Task UploadPart(S3Exchange exchange, S3Uri uri)
    {
        if (!int.TryParse(exchange.Parameter("partNumber"), NumberStyles.None, CultureInfo.InvariantCulture, out var number) || number is < 1 or > MostParts)
        {
            throw S3Refusal.Of(400, "InvalidArgument", "Part number must be an integer between 1 and 10000, inclusive");
        }

        var upload = await lookup.Upload(uri, exchange.Parameter("uploadId")).ConfigureAwait(false);
        IReadOnlyDictionary<string, string> checksums = new Dictionary<string, string>();
        S3Body body;
        if (exchange.Request.Header("X-Amz-Copy-Source") is { } source)
        {
            var known = await lookup.Source(exchange.Caller, S3Objects.SourceOf(source)).ConfigureAwait(false);
            var (start, length) = exchange.Request.Header("X-Amz-Copy-Source-Range") is { } range && S3Objects.Range(range, known.Size) is { } part ? part : (0, known.Size);
            body = await bodies.Copy(known, start, length, exchange.Http.RequestAborted).ConfigureAwait(false);
        }
        else
        {
            (body, checksums) = await bodies.Receive(exchange).ConfigureAwait(false);
        }

        var isKept = await engine.Ask(world =>
        {
            if (world.S3.FindUpload(uri, upload.Id) is null)
            {
                return false;
            }

            world.S3.PutPart(upload, number, body);
            return true;
        }).ConfigureAwait(false);
        if (!isKept)
        {
            bodies.Discard(body);
            throw S3Refusal.NoUpload();
        }

        if (exchange.Request.Header("X-Amz-Copy-Source") is not null)
        {
            await exchange.Xml("CopyPartResult", TreeMap.Of(("ETag", $"\"{body.Md5}\""), ("LastModified", S3Exchange.Stamp(await engine.Ask(world => world.Clock.Now).ConfigureAwait(false))))).ConfigureAwait(false);
            return;
        }

        exchange.Tell(body.Md5, checksums);
        await exchange.Nothing(200).ConfigureAwait(false);
    }

    public async Task CompleteUpload(S3Exchange exchange, S3Uri uri)
    {
        var document = S3Document.Read(await exchange.Document().ConfigureAwait(false), "CompleteMultipartUpload") ?? throw S3Refusal.Malformed();
        var wanted = document.Children("Part").Select(part => (
            Number: int.TryParse(part.Texts("PartNumber").FirstOrDefault(), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : throw S3Refusal.Malformed(),
            ETag: (part.Texts("ETag").FirstOrDefault() ?? throw S3Refusal.Malformed()).Trim('"'))).ToList();
        if (wanted.Count == 0)
        {
            throw S3Refusal.Malformed();
        }

        if (wanted.Zip(wanted.Skip(1)).Any(pair => pair.First.Number >= pair.Second.Number))
        {
            throw S3Refusal.Of(400, "InvalidPartOrder", "The list of parts was not in ascending order. Parts must be ordered by part number.");
        }

        var upload = await lookup.Upload(uri, exchange.Parameter("uploadId")).ConfigureAwait(false);
        var (whole, error) = await engine.Ask(world =>
        {
            if (world.S3.FindUpload(uri, upload.Id) is null)
            {
                return ((S3Object?)null, S3Refusal.NoUpload());
            }

            var kept = world.S3.Parts(upload).ToDictionary(part => part.Number);
            var chosen = wanted.Select(part => kept.GetValueOrDefault(part.Number)).ToList();
            return chosen.Zip(wanted).Any(pair => pair.First?.Body.Md5 != pair.Second.ETag)
                ? (null, S3Refusal.Of(400, "InvalidPart", "One or more of the specified parts could not be found.  The part may not have been uploaded, or the specified entity tag may not match the part's entity tag."))
                : chosen.SkipLast(1).Any(part => part!.Body.Size < SmallestPart)
                    ? (null, S3Refusal.Of(400, "EntityTooSmall", "Your proposed upload is smaller than the minimum allowed size"))
                    : (world.S3.Complete(upload, chosen!), (S3Refusal?)null);
        }).ConfigureAwait(false);
        if (error is not null)
        {
            throw error;
        }

        await exchange.Xml("CompleteMultipartUploadResult", TreeMap.Of(
            ("Bucket", uri.Bucket), ("ETag", $"\"{whole!.ETag}\""), ("Key", uri.Key), ("Location", $"http://{exchange.Http.Request.Host}/{uri.Bucket}/{uri.Key}"))).ConfigureAwait(false);
    }

    public async Task AbortUpload(S3Exchange exchange, S3Uri uri)
    {
        var upload = await lookup.Upload(uri, exchange.Parameter("uploadId")).ConfigureAwait(false);
        await engine.Ask(world =>
        {
            world.S3.Abort(upload);
            return true;
        }).ConfigureAwait(false);
        await exchange.Nothing(204).ConfigureAwait(false);
    }

    public async Task ListParts(S3Exchange exchange, S3Uri uri)
    {
        var upload = await lookup.Upload(uri, exchange.Parameter("uploadId")).ConfigureAwait(false);
        var after = exchange.Number("part-number-marker", 0);
        var most = exchange.Number("max-parts", MostListed);
        var parts = (await engine.Ask(world => world.S3.Parts(upload)).ConfigureAwait(false)).Where(part => part.Number > after).ToList();
        var page = parts.Take(most).ToList();
        await exchange.Xml("ListPartsResult", TreeMap.Of(
            ("Bucket", uri.Bucket),
            ("IsTruncated", parts.Count > page.Count),
            ("Key", uri.Key),
            ("MaxParts", most),
            ("NextPartNumberMarker", page.Count == 0 ? 0 : page[^1].Number),
            ("Part", TreeList.From(page.Select(part => TreeMap.Of(
                ("ETag", $"\"{part.Body.Md5}\""), ("LastModified", S3Exchange.Stamp(part.LastModified)), ("PartNumber", part.Number), ("Size", part.Body.Size))))),
            ("PartNumberMarker", after),
            ("StorageClass", "STANDARD"),
            ("UploadId", upload.Id))).ConfigureAwait(false);
    }

    public Task ListUploads(S3Exchange exchange, string bucket) => lookup.InBucket(bucket, async () =>
    {
        var uploads = await engine.Ask(world => world.S3.Uploads(bucket).ToList()).ConfigureAwait(false);
        await exchange.Xml("ListMultipartUploadsResult", TreeMap.Of(
            ("Bucket", bucket),
            ("IsTruncated", false),
            ("MaxUploads", MostListed),
            ("Upload", TreeList.From(uploads
                .Where(upload => upload.Uri.Key.StartsWith(exchange.Parameter("prefix") ?? "", StringComparison.Ordinal))
                .Select(upload => TreeMap.Of(("Initiated", S3Exchange.Stamp(upload.Initiated)), ("Key", upload.Uri.Key), ("StorageClass", "STANDARD"), ("UploadId", upload.Id))))))).ConfigureAwait(false);
    });
}
