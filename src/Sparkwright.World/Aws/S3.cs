using System.Collections.Immutable;
using System.Globalization;
using System.Security.Cryptography;
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

    /// <summary>A multipart upload that is neither completed nor aborted.</summary>
    public static ResourceType Upload { get; } = new(Group, "v1", "Upload", "uploads", false, false);

    /// <summary>A part of one, named by upload and number.</summary>
    public static ResourceType Part { get; } = new(Group, "v1", "Part", "parts", false, false);

    public static ImmutableArray<ResourceType> All { get; } = [Bucket, Object, Upload, Part];
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

/// <summary>What is known of a body: where it lies and its size.</summary>
/// <param name="Blob">The id under which <see cref="IBlobs"/> has it.</param>
/// <param name="Size">Bytes.</param>
/// <param name="Md5">Lower-case hexadecimal.</param>
public sealed record S3Body(string Blob, long Size, string Md5);

/// <summary>What a client says of an object beside its body.</summary>
/// <param name="ContentType">Null where none was given.</param>
/// <param name="Headers">Cache-Control, Content-Encoding and their like, and x-amz-meta-…, by lower-case name.</param>
public sealed record S3Facts(string? ContentType, TreeMap Headers)
{
    public static S3Facts None { get; } = new(null, TreeMap.Empty);
}

/// <summary>An object of S3, read from the store.</summary>
public sealed class S3Object
{
    private readonly ApiObject from;

    private S3Object(ApiObject from) => this.from = from;

    public string Bucket => from.Spec["bucket"]!.Text!;

    public string Key => from.Spec["key"]!.Text!;

    /// <summary>Bytes.</summary>
    public long Size => from.Spec["size"]!.Integer!.Value;

    /// <summary>Without quotes: the MD5 of the body, or of its parts' MD5s, a hyphen and their number.</summary>
    public string ETag => from.Spec["etag"]!.Text!;

    public DateTime LastModified => Timestamps.TryParse(from.Spec["lastModified"]!.Text!, out var time) ? time : DateTime.UnixEpoch;

    public S3Facts Facts => new(from.Spec["contentType"]?.Text, from.Spec["headers"] as TreeMap ?? TreeMap.Empty);

    /// <summary>The pieces of the body, in order.</summary>
    public IReadOnlyList<(string Blob, long Size)> Pieces =>
        [.. Tree.ItemsOf(from.Spec["pieces"]).ToArray().Select(piece => (piece["blob"]!.Text!, piece["size"]!.Integer!.Value))];

    internal static S3Object Of(ApiObject from) => new(from);

    internal static TreeMap SpecOf(S3Uri uri, IEnumerable<S3Body> pieces, string etag, S3Facts facts, DateTime now)
    {
        var all = pieces.ToList();
        return TreeMap.Of(
            ("bucket", uri.Bucket),
            ("contentType", facts.ContentType),
            ("etag", etag),
            ("headers", facts.Headers.Count == 0 ? null : facts.Headers),
            ("key", uri.Key),
            ("lastModified", Timestamps.Print(now)),
            ("pieces", TreeList.From(all.Select(piece => TreeMap.Of(("blob", piece.Blob), ("size", piece.Size))))),
            ("size", all.Sum(piece => piece.Size)));
    }
}

/// <summary>Simulated S3: what a job reads and where its logs go. The store has what is known of objects; their bodies are blobs.</summary>
public sealed class S3(ApiServer api, IBlobs blobs)
{
    public IEnumerable<ApiObject> Buckets => api.Store.List(S3Types.Bucket);

    public bool HasBucket(string name) => api.Store.Get(S3Types.Bucket, "", name) is not null;

    /// <summary>Makes sure that a bucket is there.</summary>
    public void EnsureBucket(string name)
    {
        if (!HasBucket(name))
        {
            api.Create(new ApiObject(S3Types.Bucket, new ObjectMeta { Name = name }, TreeMap.Empty));
        }
    }

    /// <summary>Removes all objects of a bucket.</summary>
    public void Empty(string bucket)
    {
        var all = new S3ListRequest(bucket) { Most = 1000 };
        for (IReadOnlyList<S3Object> page; (page = List(all).Objects).Count > 0;)
        {
            foreach (var known in page)
            {
                Delete(new S3Uri(bucket, known.Key));
            }
        }
    }

    /// <summary>Removes a bucket; false when it still has something.</summary>
    public bool DeleteBucket(string name)
    {
        if (List(new S3ListRequest(name) { Most = 1 }) is { Objects.Count: > 0 })
        {
            return false;
        }

        foreach (var upload in Uploads(name).ToList())
        {
            Abort(upload);
        }

        api.Delete(S3Types.Bucket, new ObjectKey("", name));
        return true;
    }

    /// <summary>Writes an object into a bucket that exists; its metadata changes only after its body is kept.</summary>
    public void Put(S3Uri uri, ReadOnlyMemory<byte> body)
    {
        var blob = $"s3/{(api.Store.ResourceVersion + 1).ToString(CultureInfo.InvariantCulture)}";
        blobs.Put(blob, body);
        Put(uri, new S3Body(blob, body.Length, Md5(body.Span)), S3Facts.None);
    }

    public void Put(S3Uri uri, string text) => Put(uri, Encoding.UTF8.GetBytes(text));

    /// <summary>Makes a body that is kept already an object of a bucket that exists.</summary>
    public S3Object Put(S3Uri uri, S3Body body, S3Facts facts) => Write(uri, S3Object.SpecOf(uri, [body], body.Md5, facts, api.Clock.Now));

    public bool Has(S3Uri uri) => Find(uri) is not null;

    /// <summary>An object; null when there is none of this key.</summary>
    public S3Object? Find(S3Uri uri) => api.Store.Get(S3Types.Object, "", NameOf(uri)) is { } known ? S3Object.Of(known) : null;

    /// <summary>Whether any object lies below a key, as a directory has it.</summary>
    public bool HasBelow(S3Uri uri) => List(new S3ListRequest(uri.Bucket) { Prefix = uri.Key.TrimEnd('/') + "/", Most = 1 }).Objects.Count > 0;

    /// <summary>An object's body as text; null when there is no such object.</summary>
    public string? GetText(S3Uri uri)
    {
        if (Find(uri) is not { } known)
        {
            return null;
        }

        using var whole = new MemoryStream();
        foreach (var (blob, _) in known.Pieces)
        {
            whole.Write((blobs.Get(blob) ?? ReadOnlyMemory<byte>.Empty).Span);
        }

        return Encoding.UTF8.GetString(whole.ToArray());
    }

    /// <summary>Removes an object; nothing happens when there is none.</summary>
    public void Delete(S3Uri uri)
    {
        if (Find(uri) is { } known)
        {
            api.Delete(S3Types.Object, new ObjectKey("", NameOf(uri)));
            Drop(known);
        }
    }

    /// <summary>A page of the objects of a bucket, in the order of their keys; keys that share what stands before the delimiter are one prefix.</summary>
    public S3Page List(S3ListRequest asked)
    {
        var all = api.Store.List(S3Types.Object);
        var prefix = $"{asked.Bucket}/{asked.Prefix}";
        var (objects, prefixes, last) = (new List<S3Object>(), new List<string>(), "");
        var at = SortedNames.FirstAfter(all, prefix, isInclusive: true);
        if (asked.After.Length > 0)
        {
            var after = asked.Delimiter.Length > 0 && asked.After.EndsWith(asked.Delimiter, StringComparison.Ordinal) ? asked.After + char.MaxValue : asked.After;
            at = Math.Max(at, SortedNames.FirstAfter(all, $"{asked.Bucket}/{after}", isInclusive: false));
        }

        while (at < all.Count && all[at].Name.StartsWith(prefix, StringComparison.Ordinal))
        {
            if (objects.Count + prefixes.Count >= asked.Most)
            {
                return new S3Page(objects, prefixes, last);
            }

            var key = all[at].Name[(asked.Bucket.Length + 1)..];
            var end = asked.Delimiter.Length == 0 ? -1 : key.IndexOf(asked.Delimiter, asked.Prefix.Length, StringComparison.Ordinal);
            if (end < 0)
            {
                objects.Add(S3Object.Of(all[at++]));
                last = key;
            }
            else
            {
                last = key[..(end + asked.Delimiter.Length)];
                prefixes.Add(last);
                at = SortedNames.FirstAfter(all, $"{asked.Bucket}/{last}{char.MaxValue}", isInclusive: false);
            }
        }

        return new S3Page(objects, prefixes, null);
    }

    /// <summary>Begins a multipart upload into a bucket that exists; answers its id.</summary>
    public string BeginUpload(S3Uri uri, S3Facts facts)
    {
        var id = $"{api.Chance.For("s3/upload", api.Store.ResourceVersion + 1).Bits:x16}{api.Store.ResourceVersion + 1:x16}";
        api.Create(new ApiObject(S3Types.Upload, new ObjectMeta { Name = id }, TreeMap.Of(("spec", TreeMap.Of(
            ("bucket", uri.Bucket), ("contentType", facts.ContentType), ("headers", facts.Headers.Count == 0 ? null : facts.Headers), ("key", uri.Key))))));
        return id;
    }

    /// <summary>An upload that is under way; null when there is none of this id for this key.</summary>
    public S3Upload? FindUpload(S3Uri uri, string id) =>
        api.Store.Get(S3Types.Upload, "", id) is { } known && S3Upload.Of(known) is var upload && upload.Uri == uri ? upload : null;

    /// <summary>The uploads of a bucket that are under way, by key, then by id.</summary>
    public IEnumerable<S3Upload> Uploads(string bucket) => api.Store.List(S3Types.Upload).Select(S3Upload.Of)
        .Where(upload => upload.Uri.Bucket == bucket)
        .OrderBy(upload => upload.Uri.Key, StringComparer.Ordinal).ThenBy(upload => upload.Id, StringComparer.Ordinal);

    /// <summary>Keeps a part of an upload; one of the same number is replaced.</summary>
    public void PutPart(S3Upload upload, int number, S3Body body)
    {
        var name = $"{upload.Id}/{number:d5}";
        var spec = TreeMap.Of(
            ("blob", body.Blob), ("lastModified", Timestamps.Print(api.Clock.Now)), ("md5", body.Md5), ("number", number), ("size", body.Size), ("upload", upload.Id));
        if (api.Store.Get(S3Types.Part, "", name) is { } old)
        {
            api.Update(old.WithSpec(spec));
            blobs.Delete(old.Spec["blob"]!.Text!);
            return;
        }

        api.Create(new ApiObject(S3Types.Part, new ObjectMeta { Name = name }, TreeMap.Of(("spec", spec))));
    }

    /// <summary>The parts of an upload that are kept, by number.</summary>
    public IReadOnlyList<S3Part> Parts(S3Upload upload) => [.. SortedNames.StartingWith(api.Store.List(S3Types.Part), upload.Id + "/").Select(S3Part.Of)];

    /// <summary>Makes the chosen parts of an upload an object; the others are dropped.</summary>
    public S3Object Complete(S3Upload upload, IReadOnlyList<S3Part> chosen)
    {
        var digests = chosen.SelectMany(part => Convert.FromHexString(part.Body.Md5)).ToArray();
        var whole = Write(upload.Uri, S3Object.SpecOf(upload.Uri, chosen.Select(part => part.Body), $"{Md5(digests)}-{chosen.Count}", upload.Facts, api.Clock.Now));
        var used = chosen.Select(part => part.Body.Blob).ToHashSet(StringComparer.Ordinal);
        Forget(upload, part => !used.Contains(part.Body.Blob));
        return whole;
    }

    /// <summary>Ends an upload without an object.</summary>
    public void Abort(S3Upload upload) => Forget(upload, static _ => true);

    /// <summary>Every blob that an object or a part of an upload needs.</summary>
    public IEnumerable<string> Blobs =>
        api.Store.List(S3Types.Object).SelectMany(known => S3Object.Of(known).Pieces.Select(piece => piece.Blob)).Concat(api.Store.List(S3Types.Part).Select(part => part.Spec["blob"]!.Text!));

    private static string NameOf(S3Uri uri) => $"{uri.Bucket}/{uri.Key}";

    /// <summary>The MD5 of a body in lower-case hexadecimal: S3's ETag, which protects nothing.</summary>
    private static string Md5(ReadOnlySpan<byte> body)
    {
#pragma warning disable CA5351 // S3's protocol demands MD5.
        return Convert.ToHexStringLower(MD5.HashData(body));
#pragma warning restore CA5351
    }

    private S3Object Write(S3Uri uri, TreeMap spec)
    {
        if (api.Store.Get(S3Types.Object, "", NameOf(uri)) is { } old)
        {
            var kept = api.Update(old.WithSpec(spec));
            Drop(S3Object.Of(old));
            return S3Object.Of(kept.Object ?? old);
        }

        return S3Object.Of(api.Create(new ApiObject(S3Types.Object, new ObjectMeta { Name = NameOf(uri) }, TreeMap.Of(("spec", spec)))).Object!);
    }

    private void Forget(S3Upload upload, Func<S3Part, bool> isDropped)
    {
        foreach (var part in Parts(upload))
        {
            api.Delete(S3Types.Part, new ObjectKey("", $"{upload.Id}/{part.Number:d5}"));
            if (isDropped(part))
            {
                blobs.Delete(part.Body.Blob);
            }
        }

        api.Delete(S3Types.Upload, new ObjectKey("", upload.Id));
    }

    private void Drop(S3Object known)
    {
        foreach (var (blob, _) in known.Pieces)
        {
            blobs.Delete(blob);
        }
    }
}

/// <summary>Which objects of a bucket are asked for.</summary>
public sealed record S3ListRequest(string Bucket)
{
    public string Prefix { get; init; } = "";

    /// <summary>Empty for none.</summary>
    public string Delimiter { get; init; } = "";

    /// <summary>A key or prefix after which to begin; empty for the first.</summary>
    public string After { get; init; } = "";

    public int Most { get; init; } = 1000;
}

/// <summary>A page of a listing.</summary>
/// <param name="Prefixes">Each with its delimiter at the end.</param>
/// <param name="Next">The last key or prefix of a page that is not the last; else null.</param>
public sealed record S3Page(IReadOnlyList<S3Object> Objects, IReadOnlyList<string> Prefixes, string? Next);

/// <summary>A multipart upload that is under way.</summary>
public sealed record S3Upload(string Id, S3Uri Uri, S3Facts Facts, DateTime Initiated)
{
    internal static S3Upload Of(ApiObject known) => new(
        known.Name,
        new S3Uri(known.Spec["bucket"]!.Text!, known.Spec["key"]!.Text!),
        new S3Facts(known.Spec["contentType"]?.Text, known.Spec["headers"] as TreeMap ?? TreeMap.Empty),
        known.Metadata.CreationTimestamp);
}

/// <summary>A part of a multipart upload.</summary>
/// <param name="Number">From 1 to 10,000.</param>
public sealed record S3Part(int Number, S3Body Body, DateTime LastModified)
{
    internal static S3Part Of(ApiObject known) => new(
        (int)known.Spec["number"]!.Integer!.Value,
        new S3Body(known.Spec["blob"]!.Text!, known.Spec["size"]!.Integer!.Value, known.Spec["md5"]!.Text!),
        Timestamps.TryParse(known.Spec["lastModified"]!.Text!, out var time) ? time : DateTime.UnixEpoch);
}
