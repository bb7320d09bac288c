using System.Buffers;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Requests;
using Sparkwright.Kubernetes.Schema;

namespace Sparkwright.Server.KubernetesApi;

/// <summary>A document that a client sent, parsed, with the paths of fields that it gave twice.</summary>
internal sealed record RequestBody(Tree Document, IReadOnlyCollection<string> Duplicates)
{
    /// <summary>The API server's own limit of a request body: 3 MiB.</summary>
    private const int MostBytes = 3 * 1024 * 1024;

    /// <summary>The media type of an applied configuration.</summary>
    public const string ApplyType = "application/apply-patch+yaml";

    public static string MediaTypeOf(HttpContext http) => http.Request.ContentType?.Split(';')[0].Trim() ?? "application/json";

    /// <summary>Reads JSON, YAML or, for a built-in kind, protobuf; a refusal when the body is too large or cannot be read.</summary>
    public static async Task<(RequestBody? Body, ApiStatus? Refusal)> Read(HttpContext http, ServedResource resource)
    {
        if (await ReadBytes(http).ConfigureAwait(false) is not { } bytes)
        {
            return (null, new ApiStatus(413, "RequestEntityTooLarge", $"Request entity too large: limit is {MostBytes}"));
        }

        if (bytes.Length == 0)
        {
            return (new RequestBody(TreeMap.Empty, []), null);
        }

        var mediaType = MediaTypeOf(http);
        try
        {
            if (mediaType is "application/yaml" or ApplyType && bytes.AsSpan().TrimStart(" \r\n\t"u8) is not [(byte)'{', ..])
            {
                return YamlReader.Read(Encoding.UTF8.GetString(bytes)) switch
                {
                    { Error: { } error } => (null, ApiStatus.BadRequest($"error converting YAML to JSON: {error}")),
                    { Documents: [var only] } => (new RequestBody(only.Root, []), null),
                    _ => (null, ApiStatus.BadRequest("the body must be one YAML document")),
                };
            }

            if (mediaType == ProtobufBody.MediaType && !resource.IsCustom && !HttpMethods.IsPatch(http.Request.Method))
            {
                return ProtobufBody.Read(bytes, resource.Type) switch
                {
                    ProtobufResult.Document document => (new RequestBody(document.Content, []), null),
                    ProtobufResult.Broken broken => (null, ApiStatus.BadRequest(broken.Message)),
                    _ => (null, UnknownFormat(resource)),
                };
            }

            if (mediaType is not ("application/json" or "application/yaml" or ApplyType or "application/merge-patch+json" or "application/json-patch+json"
                or "application/strategic-merge-patch+json" or "*/*" or ""))
            {
                return (null, UnknownFormat(resource));
            }

            var duplicates = new List<string>();
            return (new RequestBody(TreeJson.Parse(bytes, duplicates), duplicates), null);
        }
        catch (JsonException mistake)
        {
            return (null, ApiStatus.BadRequest($"couldn't parse the body: {mistake.Message}"));
        }
    }

    private static ApiStatus UnknownFormat(ServedResource resource) => new(
        415,
        "UnsupportedMediaType",
        $"the body of the request was in an unknown format - accepted media types include: application/json, application/yaml{(resource.IsCustom ? "" : $", {ProtobufBody.MediaType}")}");

    private static async Task<byte[]?> ReadBytes(HttpContext http)
    {
        if (http.Request.ContentLength > MostBytes)
        {
            return null;
        }

        var reader = http.Request.BodyReader;
        while (true)
        {
            var read = await reader.ReadAsync(http.RequestAborted).ConfigureAwait(false);
            if (read.Buffer.Length > MostBytes)
            {
                return null;
            }

            if (read.IsCompleted)
            {
                var bytes = read.Buffer.ToArray();
                reader.AdvanceTo(read.Buffer.End);
                return bytes;
            }

            reader.AdvanceTo(read.Buffer.Start, read.Buffer.End);
        }
    }
}
