using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;
using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.OpenApi;
using Sparkwright.Kubernetes.Schema;

namespace Sparkwright.Server.KubernetesApi;

/// <summary>
/// Serves what the API says of itself: an index of OpenAPI 3 documents with their hashes, each of them, and the one Swagger 2 document as
/// JSON or protobuf. A document is written when it is first asked for.
/// </summary>
internal sealed class OpenApiHandler(ResourceTypes types, Func<string> version)
{
    private const string Json = "application/json";

    private readonly ConcurrentDictionary<string, (string Hash, byte[] Body)> written = new(StringComparer.Ordinal);

    /// <param name="path">What follows <c>/openapi/</c>.</param>
    public Task Handle(HttpContext http, string path)
    {
        var places = OpenApiDocuments.GroupVersions(types).ToList();
        switch (path)
        {
            case "v2":
                return V2(http, places);
            case "v3":
                return Send(http, Json, Hash(string.Join(' ', places.Select(HashOf))), () => Answers.Json(Index(places)));
            case var _ when path.StartsWith("v3/", StringComparison.Ordinal) && places.Contains(path[3..]):
                return V3(http, path[3..]);
            default:
                return Answers.Text(http, 404, "404 page not found\n");
        }
    }

    private TreeMap Index(IEnumerable<string> places) => TreeMap.Of(("paths", TreeMap.Of([.. places.Select(place => (
        place, (Tree?)TreeMap.Of(("serverRelativeURL", AddressOf(place)))))])));

    private Task V3(HttpContext http, string place)
    {
        var asked = http.Request.Query["hash"].ToString();
        var hash = HashOf(place);
        if (asked.Length > 0 && asked != hash)
        {
            http.Response.Redirect(AddressOf(place), permanent: true);
            return Task.CompletedTask;
        }

        // A document of a known hash never changes, so clients may keep it.
        var lifetime = asked.Length > 0 ? "public, immutable, max-age=31536000" : "no-cache, private";
        return Send(http, Json, hash, () => Cached(place, hash, () => Answers.Json(OpenApiDocuments.V3(OpenApiDocuments.Members(types, place), types, version()))), lifetime);
    }

    private Task V2(HttpContext http, IEnumerable<string> places)
    {
        var accept = http.Request.Headers.Accept.ToString();
        var isProtobuf = accept.Contains("proto-openapi.spec.v2", StringComparison.Ordinal);
        var hash = Hash($"{string.Join(' ', places.Select(HashOf))} {isProtobuf}");
        return Send(http, isProtobuf ? SwaggerProtobuf.MediaType : Json, hash, () => Cached(isProtobuf ? "v2 protobuf" : "v2", hash, () =>
        {
            var document = OpenApiDocuments.V2(types, version());
            return isProtobuf ? SwaggerProtobuf.Encode(document) : Answers.Json(document);
        }));
    }

    private byte[] Cached(string name, string hash, Func<byte[]> write) =>
        written.AddOrUpdate(name, _ => (hash, write()), (_, known) => known.Hash == hash ? known : (hash, write())).Body;

    private static Task Send(HttpContext http, string mediaType, string hash, Func<byte[]> body, string lifetime = "no-cache, private")
    {
        var tag = $"\"{hash}\"";
        http.Response.Headers.ETag = tag;
        http.Response.Headers.Vary = "Accept";
        http.Response.Headers.CacheControl = lifetime;
        if (http.Request.Headers.IfNoneMatch.ToString() == tag)
        {
            http.Response.StatusCode = 304;
            return Task.CompletedTask;
        }

        http.Response.StatusCode = 200;
        http.Response.ContentType = mediaType;
        return http.Response.Body.WriteAsync(body(), http.RequestAborted).AsTask();
    }

    private string AddressOf(string place) => $"/openapi/v3/{place}?hash={HashOf(place)}";

    /// <summary>A document is a function of the embedded table, which a build fixes, and of the kinds that users have defined.</summary>
    private string HashOf(string place)
    {
        var kinds = OpenApiDocuments.Members(types, place).Select(one => $"{one.Type.Kind} {(one.IsCustom ? types.SchemaOf(one.Type)?.Root.Facts.ToString() : "")}");
        return Hash($"{typeof(ApiSchema).Module.ModuleVersionId} {version()} {place} {string.Join(' ', kinds)}");
    }

    private static string Hash(string text) => Convert.ToHexString(SHA512.HashData(Encoding.UTF8.GetBytes(text)));
}
