using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Requests;

namespace Sparkwright.World.Aws;

/// <summary>The kinds in which S3's resources lie in the store.</summary>
public static class S3Types
{
    public const string Group = "s3.sparkwright.dev";

    public static ResourceType Bucket { get; } = new(Group, "v1", "Bucket", "buckets", false, false);

    /// <summary>Named by bucket and key: the store's ordinal order of names is S3's order of keys.</summary>
    public static ResourceType Object { get; } = new(Group, "v1", "Object", "objects", false, false);

    public static ImmutableArray<ResourceType> All { get; } = [Bucket, Object];
}

/// <summary>Bucket and key of an object.</summary>
public sealed record S3Uri(string Bucket, string Key)
{
    /// <summary>Reads <c>s3://bucket/key</c> (also s3a and s3n); null when the text is something else.</summary>
    public static S3Uri? Parse(string text)
    {
        foreach (var scheme in new[] { "s3://", "s3a://", "s3n://" })
        {
            if (text.StartsWith(scheme, StringComparison.Ordinal))
            {
                var rest = text[scheme.Length..];
                var slash = rest.IndexOf('/', StringComparison.Ordinal);
                return slash < 0 ? new S3Uri(rest, "") : new S3Uri(rest[..slash], rest[(slash + 1)..]);
            }
        }

        return null;
    }

    public override string ToString() => $"s3://{Bucket}/{Key}";
}

/// <summary>Simulated S3: what a job reads and where its logs go.</summary>
public sealed class S3(ApiServer api, IBlobs blobs)
{
    public bool HasBucket(string name) => api.Store.Get(S3Types.Bucket, "", name) is not null;

    /// <summary>Makes sure that a bucket is there.</summary>
    public void EnsureBucket(string name)
    {
        if (!HasBucket(name))
        {
            api.Create(new ApiObject(S3Types.Bucket, new ObjectMeta { Name = name }, TreeMap.Empty));
        }
    }

    /// <summary>Writes an object into a bucket that exists; its metadata changes only after its body is kept.</summary>
    public void Put(S3Uri uri, ReadOnlyMemory<byte> body)
    {
        var blob = $"s3/{(api.Store.ResourceVersion + 1).ToString(CultureInfo.InvariantCulture)}";
        blobs.Put(blob, body);
        var spec = TreeMap.Of(("blob", blob), ("bucket", uri.Bucket), ("key", uri.Key), ("lastModified", Timestamps.Print(api.Clock.Now)), ("size", (long)body.Length));
        if (Find(uri) is { } old)
        {
            api.Update(old.WithSpec(spec));
            blobs.Delete(old.Spec["blob"]?.Text ?? "");
            return;
        }

        api.Create(new ApiObject(S3Types.Object, new ObjectMeta { Name = NameOf(uri) }, TreeMap.Of(("spec", spec))));
    }

    public void Put(S3Uri uri, string text) => Put(uri, Encoding.UTF8.GetBytes(text));

    public bool Has(S3Uri uri) => Find(uri) is not null;

    /// <summary>Whether any object lies below a key, as a directory has it.</summary>
    public bool HasBelow(S3Uri uri)
    {
        var prefix = NameOf(uri).TrimEnd('/') + "/";
        return api.Store.List(S3Types.Object).Any(known => known.Name.StartsWith(prefix, StringComparison.Ordinal));
    }

    /// <summary>An object's body as text; null when there is no such object.</summary>
    public string? GetText(S3Uri uri) => Find(uri)?.Spec["blob"]?.Text is { } blob && blobs.Get(blob) is { } body ? Encoding.UTF8.GetString(body.Span) : null;

    private static string NameOf(S3Uri uri) => $"{uri.Bucket}/{uri.Key}";

    private ApiObject? Find(S3Uri uri) => api.Store.Get(S3Types.Object, "", NameOf(uri));
}
