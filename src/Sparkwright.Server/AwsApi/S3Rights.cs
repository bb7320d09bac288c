using Sparkwright.World.Aws;
using Sparkwright.World.Aws.Access;
using Sparkwright.World.Aws.Signing;

namespace Sparkwright.Server.AwsApi;

/// <summary>Which right a request of S3 needs: its actions are not named as its operations are.</summary>
internal static class S3Rights
{
    public static AccessRequest ListBuckets { get; } = new("s3:ListAllMyBuckets", "*");

    /// <param name="key">Empty for a bucket.</param>
    /// <param name="sub">The sub-resource that names the operation; null for none.</param>
    /// <returns>Null for a request that no operation answers, or whose keys stand in its body.</returns>
    public static AccessRequest? Of(SignedRequest request, string bucket, string key, string? sub)
    {
        if ((key.Length == 0 ? OfBucket(request.Method, sub) : OfObject(request.Method, sub)) is not { } action)
        {
            return null;
        }

        var right = new AccessRequest(action, key.Length == 0 ? $"arn:aws:s3:::{bucket}" : ArnOf(bucket, key));
        foreach (var name in action == "s3:ListBucket" ? ["prefix", "delimiter", "max-keys"] : Array.Empty<string>())
        {
            right = request.Parameter(name) is { } value ? right.With($"s3:{name}", value) : right;
        }

        return right;
    }

    public static AccessRequest Read(S3Uri uri) => new("s3:GetObject", ArnOf(uri.Bucket, uri.Key));

    public static AccessRequest Delete(S3Uri uri) => new("s3:DeleteObject", ArnOf(uri.Bucket, uri.Key));

    private static string ArnOf(string bucket, string key) => $"arn:aws:s3:::{bucket}/{key}";

    private static string? OfBucket(string method, string? sub) => (method, sub) switch
    {
        ("PUT", null) => "s3:CreateBucket",
        ("DELETE", null) => "s3:DeleteBucket",
        ("GET" or "HEAD", null) => "s3:ListBucket",
        ("GET", "location") => "s3:GetBucketLocation",
        ("GET", "versioning") => "s3:GetBucketVersioning",
        ("GET", "acl") => "s3:GetBucketAcl",
        ("GET", "tagging") => "s3:GetBucketTagging",
        ("GET", "policy") => "s3:GetBucketPolicy",
        ("GET", "lifecycle") => "s3:GetLifecycleConfiguration",
        ("GET", "cors") => "s3:GetBucketCORS",
        ("GET", "website") => "s3:GetBucketWebsite",
        ("GET", "uploads") => "s3:ListBucketMultipartUploads",
        _ => null,
    };

    private static string? OfObject(string method, string? sub) => (method, sub) switch
    {
        ("PUT", null or "uploadId") or ("POST", "uploads" or "uploadId") => "s3:PutObject",
        ("GET" or "HEAD", null) => "s3:GetObject",
        ("DELETE", null) => "s3:DeleteObject",
        ("GET", "acl") => "s3:GetObjectAcl",
        ("GET", "tagging") => "s3:GetObjectTagging",
        ("DELETE", "uploadId") => "s3:AbortMultipartUpload",
        ("GET", "uploadId") => "s3:ListMultipartUploadParts",
        _ => null,
    };
}
