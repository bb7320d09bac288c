using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Http;
using Sparkwright.Kubernetes.Objects;
using Sparkwright.Server.Pacing;
using Sparkwright.Server.Storage;
using Sparkwright.World.Aws;
using Sparkwright.World.Aws.Api;
using Sparkwright.World.Aws.Signing;

namespace Sparkwright.Server.AwsApi;

/// <summary>S3's REST interface, with buckets in the path. What is known of objects is in the world; bodies stream between the client and the disk.</summary>
internal sealed partial class S3Handler(Engine engine, DiskBlobs blobs, SignatureCheck signatures, string region, TimeProvider time)
{
    private const string Xmlns = "http://s3.amazonaws.com/doc/2006-03-01/";
    private const int LongestDocument = 4 << 20;
    private const int LongestKey = 1024;
    private const int MostKeys = 1000;
    private const int MostParts = 10_000;

    /// <summary>A part that is not the last of its upload has at least this many bytes.</summary>
    private const int SmallestPart = 5 << 20;

    private static readonly string[] KeptHeaders = ["cache-control", "content-disposition", "content-encoding", "content-language", "expires"];

    /// <summary>Sub-resources that name an operation of their own.</summary>
    private static readonly string[] SubResources =
    [
        "accelerate", "acl", "analytics", "attributes", "cors", "delete", "encryption", "intelligent-tiering", "inventory", "legal-hold", "lifecycle", "location", "logging", "metrics",
        "notification", "object-lock", "ownershipControls", "policy", "policyStatus", "publicAccessBlock", "replication", "requestPayment", "restore", "retention", "select", "tagging",
        "torrent", "uploadId", "uploads", "versioning", "versions", "website",
    ];

    public Task Handle(HttpContext http, SignedRequest request, SignatureClaim claim) => Serve(http, async () =>
    {
        var (key, fault) = await signatures.Check(request, claim, S3Payload.HashOf(request, claim)).ConfigureAwait(false);
        Refuse(fault, claim);
        await Route(new Exchange(http, request, new S3Payload(request, claim, SigV4.SigningKey(key!.Secret, claim.Scope)))).ConfigureAwait(false);
    });

    /// <summary>A URL presigned as before version 4.</summary>
    public Task Handle(HttpContext http, SignedRequest request, PresignedClaim claim) => Serve(http, async () =>
    {
        Refuse(await signatures.Check(request, claim).ConfigureAwait(false), null);
        await Route(new Exchange(http, request, new S3Payload(request, null, []))).ConfigureAwait(false);
    });

    private void Refuse(SignatureFault? fault, SignatureClaim? claim)
    {
        if (fault is { } wrong)
        {
            throw new S3Refusal(SignatureCheck.ErrorOf(wrong, null, claim, time.GetUtcNow().UtcDateTime));
        }
    }

    private static async Task Serve(HttpContext http, Func<Task> serve)
    {
        try
        {
            await serve().ConfigureAwait(false);
        }
        catch (S3Refusal refusal)
        {
            await AwsAnswers.Refuse(http, null, "", refusal.Error).ConfigureAwait(false);
        }
        catch (S3PayloadException mistake)
        {
            await AwsAnswers.Refuse(http, null, "", new AwsError(mistake.Status, mistake.Code, mistake.Message)).ConfigureAwait(false);
        }
    }

    /// <summary>One request with what its parts need.</summary>
    private sealed record Exchange(HttpContext Http, SignedRequest Request, S3Payload Payload)
    {
        public string? Parameter(string name) => Request.Parameter(name);

        public bool Has(string name) => Request.Query.Any(one => one.Name == name);
    }

    private Task Route(Exchange exchange)
    {
        var path = exchange.Request.Path.TrimStart('/');
        var slash = path.IndexOf('/', StringComparison.Ordinal);
        var bucket = Uri.UnescapeDataString(slash < 0 ? path : path[..slash]);
        var key = slash < 0 ? "" : Uri.UnescapeDataString(path[(slash + 1)..]);
        var sub = SubResources.FirstOrDefault(exchange.Has);
        if (bucket.Length == 0)
        {
            return exchange.Request.Method == "GET" ? ListBuckets(exchange) : throw NotAllowed();
        }

        if (Encoding.UTF8.GetByteCount(key) > LongestKey)
        {
            throw Refusal(400, "KeyTooLongError", "Your key is too long");
        }

        return key.Length == 0 ? OfBucket(exchange, bucket, sub) : OfObject(exchange, new S3Uri(bucket, key), sub);
    }

    private Task OfBucket(Exchange exchange, string bucket, string? sub) => (exchange.Request.Method, sub) switch
    {
        ("PUT", null) => CreateBucket(exchange, bucket),
        ("HEAD", null) => HeadBucket(exchange, bucket),
        ("DELETE", null) => DeleteBucket(exchange, bucket),
        ("GET", null) => List(exchange, bucket),
        ("GET", "location") => Known(exchange, bucket, () => Xml(exchange, "LocationConstraint", TreeMap.Empty, region == "us-east-1" ? "" : region)),
        ("GET", "versioning") => Known(exchange, bucket, () => Xml(exchange, "VersioningConfiguration", TreeMap.Empty)),
        ("GET", "acl") => Known(exchange, bucket, () => Xml(exchange, "AccessControlPolicy", Acl)),
        ("GET", "tagging") => throw Refusal(404, "NoSuchTagSet", "The TagSet does not exist"),
        ("GET", "policy") => throw Refusal(404, "NoSuchBucketPolicy", "The bucket policy does not exist"),
        ("GET", "lifecycle") => throw Refusal(404, "NoSuchLifecycleConfiguration", "The lifecycle configuration does not exist"),
        ("GET", "cors") => throw Refusal(404, "NoSuchCORSConfiguration", "The CORS configuration does not exist"),
        ("GET", "website") => throw Refusal(404, "NoSuchWebsiteConfiguration", "The specified bucket does not have a website configuration"),
        ("GET", "uploads") => ListUploads(exchange, bucket),
        ("POST", "delete") => DeleteObjects(exchange, bucket),
        _ => throw NotImplemented(),
    };

    private Task OfObject(Exchange exchange, S3Uri uri, string? sub) => (exchange.Request.Method, sub) switch
    {
        ("PUT", null) when exchange.Request.Header("X-Amz-Copy-Source") is { } source => CopyObject(exchange, uri, source),
        ("PUT", null) => PutObject(exchange, uri),
        ("GET" or "HEAD", null) => GetObject(exchange, uri),
        ("DELETE", null) => DeleteObject(exchange, uri),
        ("GET", "acl") => Xml(exchange, "AccessControlPolicy", Acl),
        ("GET", "tagging") => Xml(exchange, "Tagging", TreeMap.Of(("TagSet", TreeMap.Empty))),
        ("POST", "uploads") => BeginUpload(exchange, uri),
        ("PUT", "uploadId") => UploadPart(exchange, uri),
        ("POST", "uploadId") => CompleteUpload(exchange, uri),
        ("DELETE", "uploadId") => AbortUpload(exchange, uri),
        ("GET", "uploadId") => ListParts(exchange, uri),
        _ => throw NotImplemented(),
    };

    private async Task ListBuckets(Exchange exchange)
    {
        var buckets = await engine.Ask(world => world.S3.Buckets.Select(bucket => TreeMap.Of(
            ("CreationDate", Stamp(bucket.Metadata.CreationTimestamp)), ("Name", bucket.Name))).ToArray()).ConfigureAwait(false);
        await Xml(exchange, "ListAllMyBucketsResult", TreeMap.Of(("Buckets", TreeMap.Of(("Bucket", TreeList.From(buckets)))), ("Owner", Owner))).ConfigureAwait(false);
    }

    private async Task CreateBucket(Exchange exchange, string bucket)
    {
        if (!BucketName().IsMatch(bucket) || bucket.Contains("..", StringComparison.Ordinal) || System.Net.IPAddress.TryParse(bucket, out _))
        {
            throw Refusal(400, "InvalidBucketName", "The specified bucket is not valid.");
        }

        var document = S3Document.Read(await Document(exchange).ConfigureAwait(false), "CreateBucketConfiguration");
        if (document?.Texts("LocationConstraint").FirstOrDefault() is { Length: > 0 } wanted && wanted != region)
        {
            throw Refusal(400, "IllegalLocationConstraintException", $"The {wanted} location constraint is incompatible for the region specific endpoint this request was sent to.");
        }

        var isNew = await engine.Ask(world =>
        {
            var isNew = !world.S3.HasBucket(bucket);
            world.S3.EnsureBucket(bucket);
            return isNew;
        }).ConfigureAwait(false);
        if (!isNew && region != "us-east-1")
        {
            throw Refusal(409, "BucketAlreadyOwnedByYou", "Your previous request to create the named bucket succeeded and you already own it.");
        }

        exchange.Http.Response.Headers.Location = "/" + bucket;
        await Nothing(exchange, 200).ConfigureAwait(false);
    }

    private Task HeadBucket(Exchange exchange, string bucket) => Known(exchange, bucket, () =>
    {
        exchange.Http.Response.Headers["x-amz-bucket-region"] = region;
        return Nothing(exchange, 200);
    });

    private Task DeleteBucket(Exchange exchange, string bucket) => Known(exchange, bucket, async () =>
    {
        if (!await engine.Ask(world => world.S3.DeleteBucket(bucket)).ConfigureAwait(false))
        {
            throw Refusal(409, "BucketNotEmpty", "The bucket you tried to delete is not empty");
        }

        await Nothing(exchange, 204).ConfigureAwait(false);
    });

    /// <summary>Both forms of the listing: the first goes on after a marker, the second after a token.</summary>
    private Task List(Exchange exchange, string bucket) => Known(exchange, bucket, async () =>
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
            Most = Number(exchange, "max-keys", MostKeys),
        };
        var page = asked.Most == 0 ? new S3Page([], [], null) : await engine.Ask(world => world.S3.List(asked)).ConfigureAwait(false);
        Func<string, string> written = exchange.Parameter("encoding-type") == "url" ? SigV4.Encode : static text => text;
        var result = TreeMap.Of(
            ("CommonPrefixes", TreeList.From(page.Prefixes.Select(prefix => TreeMap.Of(("Prefix", written(prefix)))))),
            ("Contents", TreeList.From(page.Objects.Select(known => TreeMap.Of(
                ("ETag", $"\"{known.ETag}\""), ("Key", written(known.Key)), ("LastModified", Stamp(known.LastModified)), ("Size", known.Size), ("StorageClass", "STANDARD"))))),
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
        await Xml(exchange, "ListBucketResult", result).ConfigureAwait(false);
    });

    private Task DeleteObjects(Exchange exchange, string bucket) => Known(exchange, bucket, async () =>
    {
        var document = S3Document.Read(await Document(exchange).ConfigureAwait(false), "Delete") ?? throw Malformed();
        var keys = document.Children("Object").Select(one => one.Texts("Key").FirstOrDefault() ?? throw Malformed()).ToList();
        if (keys.Count is 0 or > MostKeys)
        {
            throw Malformed();
        }

        await engine.Ask(world =>
        {
            keys.ForEach(key => world.S3.Delete(new S3Uri(bucket, key)));
            return true;
        }).ConfigureAwait(false);
        var isQuiet = document.Texts("Quiet").FirstOrDefault() == "true";
        await Xml(exchange, "DeleteResult", TreeMap.Of(("Deleted", isQuiet ? null : TreeList.From(keys.Select(key => TreeMap.Of(("Key", key))))))).ConfigureAwait(false);
    });

    private async Task PutObject(Exchange exchange, S3Uri uri)
    {
        await NeedBucket(uri.Bucket).ConfigureAwait(false);
        var (body, checksums) = await Receive(exchange).ConfigureAwait(false);
        var facts = FactsOf(exchange, checksums);
        var onlyNew = exchange.Request.Header("If-None-Match") == "*";
        var etag = await engine.Ask(world => !world.S3.HasBucket(uri.Bucket) || (onlyNew && world.S3.Has(uri)) ? null : world.S3.Put(uri, body, facts).ETag).ConfigureAwait(false);
        if (etag is null)
        {
            blobs.Discard(body.Blob);
            throw onlyNew ? Refusal(412, "PreconditionFailed", "At least one of the pre-conditions you specified did not hold") : NoBucket();
        }

        Tell(exchange, etag, checksums);
        await Nothing(exchange, 200).ConfigureAwait(false);
    }

    private async Task GetObject(Exchange exchange, S3Uri uri)
    {
        var known = await Object(uri).ConfigureAwait(false);
        var response = exchange.Http.Response;
        Describe(exchange, known);
        if (Condition(exchange, known) is { } code)
        {
            if (code == 412)
            {
                throw Refusal(412, "PreconditionFailed", "At least one of the pre-conditions you specified did not hold");
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
                throw Refusal(416, "InvalidRange", "The requested range is not satisfiable");
            }

            response.StatusCode = 206;
            response.Headers.ContentRange = string.Create(CultureInfo.InvariantCulture, $"bytes {start}-{start + length - 1}/{known.Size}");
        }

        response.ContentLength = length;
        if (exchange.Request.Method == "GET")
        {
            await Send(known, start, length, response.Body, exchange.Http.RequestAborted).ConfigureAwait(false);
        }
    }

    private async Task DeleteObject(Exchange exchange, S3Uri uri)
    {
        await NeedBucket(uri.Bucket).ConfigureAwait(false);
        await engine.Ask(world =>
        {
            world.S3.Delete(uri);
            return true;
        }).ConfigureAwait(false);
        await Nothing(exchange, 204).ConfigureAwait(false);
    }

    private async Task CopyObject(Exchange exchange, S3Uri uri, string source)
    {
        await NeedBucket(uri.Bucket).ConfigureAwait(false);
        var known = await Object(SourceOf(source)).ConfigureAwait(false);
        var replaces = string.Equals(exchange.Request.Header("X-Amz-Metadata-Directive"), "REPLACE", StringComparison.OrdinalIgnoreCase);
        if (!replaces && known.Bucket == uri.Bucket && known.Key == uri.Key)
        {
            throw Refusal(400, "InvalidRequest", "This copy request is illegal because it is trying to copy an object to itself without changing the object's metadata, storage class, website redirect location or encryption attributes.");
        }

        var body = await Copied(known, 0, known.Size, exchange.Http.RequestAborted).ConfigureAwait(false);
        var facts = replaces ? FactsOf(exchange, new Dictionary<string, string>()) : known.Facts;
        var copy = await engine.Ask(world => world.S3.Put(uri, body, facts)).ConfigureAwait(false);
        await Xml(exchange, "CopyObjectResult", TreeMap.Of(("ETag", $"\"{copy.ETag}\""), ("LastModified", Stamp(copy.LastModified)))).ConfigureAwait(false);
    }

    private async Task BeginUpload(Exchange exchange, S3Uri uri)
    {
        await NeedBucket(uri.Bucket).ConfigureAwait(false);
        var facts = FactsOf(exchange, new Dictionary<string, string>());
        var id = await engine.Ask(world => world.S3.BeginUpload(uri, facts)).ConfigureAwait(false);
        if (exchange.Request.Header("X-Amz-Checksum-Algorithm") is { } algorithm)
        {
            exchange.Http.Response.Headers["x-amz-checksum-algorithm"] = algorithm;
        }

        await Xml(exchange, "InitiateMultipartUploadResult", TreeMap.Of(("Bucket", uri.Bucket), ("Key", uri.Key), ("UploadId", id))).ConfigureAwait(false);
    }

    private async Task UploadPart(Exchange exchange, S3Uri uri)
    {
        if (!int.TryParse(exchange.Parameter("partNumber"), NumberStyles.None, CultureInfo.InvariantCulture, out var number) || number is < 1 or > MostParts)
        {
            throw Refusal(400, "InvalidArgument", "Part number must be an integer between 1 and 10000, inclusive");
        }

        var upload = await Upload(exchange, uri).ConfigureAwait(false);
        IReadOnlyDictionary<string, string> checksums = new Dictionary<string, string>();
        S3Body body;
        if (exchange.Request.Header("X-Amz-Copy-Source") is { } source)
        {
            var known = await Object(SourceOf(source)).ConfigureAwait(false);
            var (start, length) = exchange.Request.Header("X-Amz-Copy-Source-Range") is { } range && Range(range, known.Size) is { } part ? part : (0, known.Size);
            body = await Copied(known, start, length, exchange.Http.RequestAborted).ConfigureAwait(false);
        }
        else
        {
            (body, checksums) = await Receive(exchange).ConfigureAwait(false);
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
            blobs.Discard(body.Blob);
            throw NoUpload();
        }

        if (exchange.Request.Header("X-Amz-Copy-Source") is not null)
        {
            await Xml(exchange, "CopyPartResult", TreeMap.Of(("ETag", $"\"{body.Md5}\""), ("LastModified", Stamp(await engine.Ask(world => world.Clock.Now).ConfigureAwait(false))))).ConfigureAwait(false);
            return;
        }

        Tell(exchange, body.Md5, checksums);
        await Nothing(exchange, 200).ConfigureAwait(false);
    }

    private async Task CompleteUpload(Exchange exchange, S3Uri uri)
    {
        var document = S3Document.Read(await Document(exchange).ConfigureAwait(false), "CompleteMultipartUpload") ?? throw Malformed();
        var wanted = document.Children("Part").Select(part => (
            Number: int.TryParse(part.Texts("PartNumber").FirstOrDefault(), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : throw Malformed(),
            ETag: (part.Texts("ETag").FirstOrDefault() ?? throw Malformed()).Trim('"'))).ToList();
        if (wanted.Count == 0)
        {
            throw Malformed();
        }

        if (wanted.Zip(wanted.Skip(1)).Any(pair => pair.First.Number >= pair.Second.Number))
        {
            throw Refusal(400, "InvalidPartOrder", "The list of parts was not in ascending order. Parts must be ordered by part number.");
        }

        var upload = await Upload(exchange, uri).ConfigureAwait(false);
        var (whole, error) = await engine.Ask(world =>
        {
            if (world.S3.FindUpload(uri, upload.Id) is null)
            {
                return ((S3Object?)null, NoUpload());
            }

            var kept = world.S3.Parts(upload).ToDictionary(part => part.Number);
            var chosen = wanted.Select(part => kept.GetValueOrDefault(part.Number)).ToList();
            return chosen.Zip(wanted).Any(pair => pair.First?.Body.Md5 != pair.Second.ETag)
                ? (null, Refusal(400, "InvalidPart", "One or more of the specified parts could not be found.  The part may not have been uploaded, or the specified entity tag may not match the part's entity tag."))
                : chosen.SkipLast(1).Any(part => part!.Body.Size < SmallestPart)
                    ? (null, Refusal(400, "EntityTooSmall", "Your proposed upload is smaller than the minimum allowed size"))
                    : (world.S3.Complete(upload, chosen!), (S3Refusal?)null);
        }).ConfigureAwait(false);
        if (error is not null)
        {
            throw error;
        }

        await Xml(exchange, "CompleteMultipartUploadResult", TreeMap.Of(
            ("Bucket", uri.Bucket), ("ETag", $"\"{whole!.ETag}\""), ("Key", uri.Key), ("Location", $"http://{exchange.Http.Request.Host}/{uri.Bucket}/{uri.Key}"))).ConfigureAwait(false);
    }

    private async Task AbortUpload(Exchange exchange, S3Uri uri)
    {
        var upload = await Upload(exchange, uri).ConfigureAwait(false);
        await engine.Ask(world =>
        {
            world.S3.Abort(upload);
            return true;
        }).ConfigureAwait(false);
        await Nothing(exchange, 204).ConfigureAwait(false);
    }

    private async Task ListParts(Exchange exchange, S3Uri uri)
    {
        var upload = await Upload(exchange, uri).ConfigureAwait(false);
        var after = Number(exchange, "part-number-marker", 0);
        var most = Number(exchange, "max-parts", MostKeys);
        var parts = (await engine.Ask(world => world.S3.Parts(upload)).ConfigureAwait(false)).Where(part => part.Number > after).ToList();
        var page = parts.Take(most).ToList();
        await Xml(exchange, "ListPartsResult", TreeMap.Of(
            ("Bucket", uri.Bucket),
            ("IsTruncated", parts.Count > page.Count),
            ("Key", uri.Key),
            ("MaxParts", most),
            ("NextPartNumberMarker", page.Count == 0 ? 0 : page[^1].Number),
            ("Part", TreeList.From(page.Select(part => TreeMap.Of(
                ("ETag", $"\"{part.Body.Md5}\""), ("LastModified", Stamp(part.LastModified)), ("PartNumber", part.Number), ("Size", part.Body.Size))))),
            ("PartNumberMarker", after),
            ("StorageClass", "STANDARD"),
            ("UploadId", upload.Id))).ConfigureAwait(false);
    }

    private Task ListUploads(Exchange exchange, string bucket) => Known(exchange, bucket, async () =>
    {
        var uploads = await engine.Ask(world => world.S3.Uploads(bucket).ToList()).ConfigureAwait(false);
        await Xml(exchange, "ListMultipartUploadsResult", TreeMap.Of(
            ("Bucket", bucket),
            ("IsTruncated", false),
            ("MaxUploads", MostKeys),
            ("Upload", TreeList.From(uploads
                .Where(upload => upload.Uri.Key.StartsWith(exchange.Parameter("prefix") ?? "", StringComparison.Ordinal))
                .Select(upload => TreeMap.Of(("Initiated", Stamp(upload.Initiated)), ("Key", upload.Uri.Key), ("StorageClass", "STANDARD"), ("UploadId", upload.Id))))))).ConfigureAwait(false);
    });

    /// <summary>Keeps the body of a request as a blob.</summary>
    private async Task<(S3Body Body, IReadOnlyDictionary<string, string> Checksums)> Receive(Exchange exchange)
    {
        var blob = blobs.NewId();
        try
        {
            var file = blobs.Create(blob);
            await using (file.ConfigureAwait(false))
            {
                var read = await exchange.Payload.Copy(exchange.Http.Request.BodyReader, file, exchange.Http.RequestAborted).ConfigureAwait(false);
                return (new S3Body(blob, read.Size, read.Md5), read.Checksums);
            }
        }
        catch
        {
            blobs.Discard(blob);
            throw;
        }
    }

    /// <summary>A small body, such as an XML document.</summary>
    private static async Task<byte[]> Document(Exchange exchange)
    {
        if (exchange.Http.Request.ContentLength > LongestDocument)
        {
            throw Malformed();
        }

        using var whole = new LimitedBuffer(LongestDocument);
        await exchange.Payload.Copy(exchange.Http.Request.BodyReader, whole, exchange.Http.RequestAborted).ConfigureAwait(false);
        return whole.ToArray();
    }

    /// <summary>A blob of its own with a part of an object's body.</summary>
    private async Task<S3Body> Copied(S3Object known, long start, long length, CancellationToken cancellation)
    {
        var blob = blobs.NewId();
        try
        {
            var file = blobs.Create(blob);
            await using (file.ConfigureAwait(false))
            {
                await Send(known, start, length, file, cancellation).ConfigureAwait(false);
            }

            if (start == 0 && length == known.Size && !known.ETag.Contains('-', StringComparison.Ordinal))
            {
                return new S3Body(blob, length, known.ETag);
            }

            using var written = blobs.Open(blob)!;
#pragma warning disable CA5351 // S3's protocol demands MD5.
            return new S3Body(blob, length, Convert.ToHexStringLower(await System.Security.Cryptography.MD5.HashDataAsync(written, cancellation).ConfigureAwait(false)));
#pragma warning restore CA5351
        }
        catch
        {
            blobs.Discard(blob);
            throw;
        }
    }

    private async Task Send(S3Object known, long start, long length, Stream target, CancellationToken cancellation)
    {
        var buffer = new byte[1 << 16];
        foreach (var (blob, size) in known.Pieces)
        {
            if (start >= size)
            {
                start -= size;
                continue;
            }

            using var file = blobs.Open(blob) ?? throw Refusal(500, "InternalError", $"The body of {known.Key} is lost");
            file.Seek(start, SeekOrigin.Begin);
            for (var left = Math.Min(length, size - start); left > 0;)
            {
                var read = await file.ReadAsync(buffer.AsMemory(0, (int)Math.Min(buffer.Length, left)), cancellation).ConfigureAwait(false);
                if (read == 0)
                {
                    throw Refusal(500, "InternalError", $"The body of {known.Key} is shorter than it was");
                }

                await target.WriteAsync(buffer.AsMemory(0, read), cancellation).ConfigureAwait(false);
                (left, length) = (left - read, length - read);
            }

            start = 0;
            if (length == 0)
            {
                return;
            }
        }
    }

    private async Task<S3Object> Object(S3Uri uri)
    {
        var (has, known) = await engine.Ask(world => (world.S3.HasBucket(uri.Bucket), world.S3.Find(uri))).ConfigureAwait(false);
        return !has ? throw NoBucket() : known ?? throw Refusal(404, "NoSuchKey", "The specified key does not exist.");
    }

    private async Task<S3Upload> Upload(Exchange exchange, S3Uri uri)
    {
        await NeedBucket(uri.Bucket).ConfigureAwait(false);
        return await engine.Ask(world => world.S3.FindUpload(uri, exchange.Parameter("uploadId") ?? "")).ConfigureAwait(false) ?? throw NoUpload();
    }

    private async Task NeedBucket(string bucket)
    {
        if (!await engine.Ask(world => world.S3.HasBucket(bucket)).ConfigureAwait(false))
        {
            throw NoBucket();
        }
    }

    private async Task Known(Exchange exchange, string bucket, Func<Task> then)
    {
        _ = exchange;
        await NeedBucket(bucket).ConfigureAwait(false);
        await then().ConfigureAwait(false);
    }

    private static S3Uri SourceOf(string source)
    {
        var path = Uri.UnescapeDataString(source.Split('?')[0]).TrimStart('/');
        var slash = path.IndexOf('/', StringComparison.Ordinal);
        return slash <= 0 || slash == path.Length - 1
            ? throw Refusal(400, "InvalidArgument", "Copy Source must mention the source bucket and key: sourcebucket/sourcekey")
            : new S3Uri(path[..slash], path[(slash + 1)..]);
    }

    private static S3Facts FactsOf(Exchange exchange, IReadOnlyDictionary<string, string> checksums)
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

    private static void Describe(Exchange exchange, S3Object known)
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
    private static int? Condition(Exchange exchange, S3Object known)
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

    /// <summary>Start and length of a range; the length is not above 0 when the object has nothing there; null for what is no range of bytes.</summary>
    private static (long Start, long Length)? Range(string header, long size)
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

    private static long Whole(string digits) => long.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : long.MaxValue / 2;

    private static int Number(Exchange exchange, string name, int standard) => exchange.Parameter(name) is not { Length: > 0 } text ? standard
        : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? Math.Min(number, MostKeys * 10)
        : throw Refusal(400, "InvalidArgument", $"Provided {name} not an integer or within integer range");

    private static string Opened(string token)
    {
        var bytes = new byte[token.Length];
        return Convert.TryFromBase64String(token, bytes, out var length) ? Encoding.UTF8.GetString(bytes, 0, length) : throw Refusal(400, "InvalidArgument", "The continuation token provided is incorrect");
    }

    private static void Tell(Exchange exchange, string etag, IReadOnlyDictionary<string, string> checksums)
    {
        exchange.Http.Response.Headers.ETag = $"\"{etag}\"";
        foreach (var (name, value) in checksums)
        {
            exchange.Http.Response.Headers[name] = value;
        }
    }

    private static Task Nothing(Exchange exchange, int status)
    {
        exchange.Http.Response.StatusCode = status;
        return Task.CompletedTask;
    }

    private static Task Xml(Exchange exchange, string root, TreeMap content, string? text = null) =>
        AwsAnswers.Body(exchange.Http, 200, "application/xml", AwsXml.Write(root, Xmlns, content, null, text));

    private static string Stamp(DateTime time) => time.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);

    private static TreeMap Owner { get; } = TreeMap.Of(("DisplayName", "sparkwright"), ("ID", "7370617268777269676874"));

    private static TreeMap Acl { get; } = TreeMap.Of(("AccessControlList", TreeMap.Of(("Grant", TreeMap.Of(("Grantee", Owner), ("Permission", "FULL_CONTROL"))))), ("Owner", Owner));

    private static S3Refusal Refusal(int status, string code, string message) => new(new AwsError(status, code, message));

    private static S3Refusal NoBucket() => Refusal(404, "NoSuchBucket", "The specified bucket does not exist");

    private static S3Refusal NoUpload() => Refusal(404, "NoSuchUpload", "The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted or completed.");

    private static S3Refusal Malformed() => Refusal(400, "MalformedXML", "The XML you provided was not well-formed or did not validate against our published schema");

    private static S3Refusal NotAllowed() => Refusal(405, "MethodNotAllowed", "The specified method is not allowed against this resource.");

    private static S3Refusal NotImplemented() => Refusal(501, "NotImplemented", "A header or query you provided implies functionality that is not implemented: Sparkwright's S3 has buckets, objects, copies, listings and multipart uploads.");

    [GeneratedRegex("^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$")]
    private static partial Regex BucketName();

    [GeneratedRegex("^bytes=(\\d*)-(\\d*)$")]
    private static partial Regex ByteRange();
}

/// <summary>Carries S3's refusal from where it is found to the answer.</summary>
internal sealed class S3Refusal(AwsError error) : Exception(error.Message)
{
    public AwsError Error { get; } = error;
}

/// <summary>A body in memory that may not become longer than it should.</summary>
internal sealed class LimitedBuffer(int limit) : MemoryStream
{
    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (Length + buffer.Length > limit)
        {
            throw new S3PayloadException("MalformedXML", "The XML you provided was not well-formed or did not validate against our published schema");
        }

        Write(buffer.Span);
        return ValueTask.CompletedTask;
    }
}
