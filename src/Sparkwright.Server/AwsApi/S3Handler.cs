using System.Text;
using Microsoft.AspNetCore.Http;
using Sparkwright.Kubernetes.Objects;
using Sparkwright.Server.Pacing;
using Sparkwright.Server.Storage;
using Sparkwright.World.Aws;
using Sparkwright.World.Aws.Api;
using Sparkwright.World.Aws.Signing;

namespace Sparkwright.Server.AwsApi;

/// <summary>S3's REST interface, with buckets in the path: checks who asks and finds the operation.</summary>
internal sealed class S3Handler(
    S3Lookup lookup, S3Buckets buckets, S3Objects objects, S3Uploads uploads, SignatureCheck signatures, string region, TimeProvider time)
{
    private const int LongestKey = 1024;

    /// <summary>Sub-resources that name an operation of their own.</summary>
    private static readonly string[] SubResources =
    [
        "accelerate", "acl", "analytics", "attributes", "cors", "delete", "encryption", "intelligent-tiering", "inventory", "legal-hold", "lifecycle", "location", "logging", "metrics",
        "notification", "object-lock", "ownershipControls", "policy", "policyStatus", "publicAccessBlock", "replication", "requestPayment", "restore", "retention", "select", "tagging",
        "torrent", "uploadId", "uploads", "versioning", "versions", "website",
    ];

    public static S3Handler Create(Engine engine, DiskBlobs blobs, SignatureCheck signatures, string region, TimeProvider time)
    {
        var (lookup, bodies) = (new S3Lookup(engine), new S3Bodies(blobs));
        return new S3Handler(
            lookup, new S3Buckets(engine, lookup, region), new S3Objects(engine, lookup, bodies), new S3Uploads(engine, lookup, bodies), signatures, region, time);
    }

    public Task Handle(HttpContext http, SignedRequest request, SignatureClaim claim) => Serve(http, async () =>
    {
        var (key, fault) = await signatures.Check(request, claim, S3Payload.HashOf(request, claim)).ConfigureAwait(false);
        Refuse(fault, claim);
        await Route(new S3Exchange(http, request, new S3Payload(request, claim, SigV4.SigningKey(key!.Secret, claim.Scope)), CallerOf(key))).ConfigureAwait(false);
    });

    /// <summary>A URL presigned as before version 4.</summary>
    public Task Handle(HttpContext http, SignedRequest request, PresignedClaim claim) => Serve(http, async () =>
    {
        var (key, fault) = await signatures.Check(request, claim).ConfigureAwait(false);
        Refuse(fault, null);
        await Route(new S3Exchange(http, request, new S3Payload(request, null, []), CallerOf(key!))).ConfigureAwait(false);
    });

    private static AwsCaller CallerOf(AccessKey key) => new(key.Arn, key.PrincipalId, key.Id);

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
    }

    private async Task Route(S3Exchange exchange)
    {
        var path = exchange.Request.Path.TrimStart('/');
        var slash = path.IndexOf('/', StringComparison.Ordinal);
        var bucket = Uri.UnescapeDataString(slash < 0 ? path : path[..slash]);
        var key = slash < 0 ? "" : Uri.UnescapeDataString(path[(slash + 1)..]);
        var sub = SubResources.FirstOrDefault(exchange.Has);
        if (bucket.Length == 0)
        {
            await lookup.NeedRight(exchange.Caller, S3Rights.ListBuckets).ConfigureAwait(false);
            await (exchange.Request.Method == "GET" ? buckets.ListBuckets(exchange) : throw S3Refusal.NotAllowed()).ConfigureAwait(false);
            return;
        }

        if (Encoding.UTF8.GetByteCount(key) > LongestKey)
        {
            throw S3Refusal.Of(400, "KeyTooLongError", "Your key is too long");
        }

        if (S3Rights.Of(exchange.Request, bucket, key, sub) is { } right)
        {
            await lookup.NeedRight(exchange.Caller, right).ConfigureAwait(false);
        }

        await (key.Length == 0 ? OfBucket(exchange, bucket, sub) : OfObject(exchange, new S3Uri(bucket, key), sub)).ConfigureAwait(false);
    }

    private Task OfBucket(S3Exchange exchange, string bucket, string? sub) => (exchange.Request.Method, sub) switch
    {
        ("PUT", null) => buckets.CreateBucket(exchange, bucket),
        ("HEAD", null) => buckets.HeadBucket(exchange, bucket),
        ("DELETE", null) => buckets.DeleteBucket(exchange, bucket),
        ("GET", null) => buckets.List(exchange, bucket),
        ("GET", "location") => lookup.InBucket(bucket, () => exchange.Xml("LocationConstraint", TreeMap.Empty, region == "us-east-1" ? "" : region)),
        ("GET", "versioning") => lookup.InBucket(bucket, () => exchange.Xml("VersioningConfiguration", TreeMap.Empty)),
        ("GET", "acl") => lookup.InBucket(bucket, () => exchange.Xml("AccessControlPolicy", Acl)),
        ("GET", "tagging") => throw S3Refusal.Of(404, "NoSuchTagSet", "The TagSet does not exist"),
        ("GET", "policy") => throw S3Refusal.Of(404, "NoSuchBucketPolicy", "The bucket policy does not exist"),
        ("GET", "lifecycle") => throw S3Refusal.Of(404, "NoSuchLifecycleConfiguration", "The lifecycle configuration does not exist"),
        ("GET", "cors") => throw S3Refusal.Of(404, "NoSuchCORSConfiguration", "The CORS configuration does not exist"),
        ("GET", "website") => throw S3Refusal.Of(404, "NoSuchWebsiteConfiguration", "The specified bucket does not have a website configuration"),
        ("GET", "uploads") => uploads.ListUploads(exchange, bucket),
        ("POST", "delete") => buckets.DeleteObjects(exchange, bucket),
        _ => throw S3Refusal.NotImplemented(),
    };

    private Task OfObject(S3Exchange exchange, S3Uri uri, string? sub) => (exchange.Request.Method, sub) switch
    {
        ("PUT", null) when exchange.Request.Header("X-Amz-Copy-Source") is { } source => objects.CopyObject(exchange, uri, source),
        ("PUT", null) => objects.PutObject(exchange, uri),
        ("GET" or "HEAD", null) => objects.GetObject(exchange, uri),
        ("DELETE", null) => objects.DeleteObject(exchange, uri),
        ("GET", "acl") => exchange.Xml("AccessControlPolicy", Acl),
        ("GET", "tagging") => exchange.Xml("Tagging", TreeMap.Of(("TagSet", TreeMap.Empty))),
        ("POST", "uploads") => uploads.BeginUpload(exchange, uri),
        ("PUT", "uploadId") => uploads.UploadPart(exchange, uri),
        ("POST", "uploadId") => uploads.CompleteUpload(exchange, uri),
        ("DELETE", "uploadId") => uploads.AbortUpload(exchange, uri),
        ("GET", "uploadId") => uploads.ListParts(exchange, uri),
        _ => throw S3Refusal.NotImplemented(),
    };

    private static TreeMap Acl { get; } = TreeMap.Of(("AccessControlList", TreeMap.Of(("Grant", TreeMap.Of(("Grantee", S3Buckets.Owner), ("Permission", "FULL_CONTROL"))))), ("Owner", S3Buckets.Owner));
}
