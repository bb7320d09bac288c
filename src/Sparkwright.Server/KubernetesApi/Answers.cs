using System.Buffers;
using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Requests;

namespace Sparkwright.Server.KubernetesApi;

/// <summary>Writes what the API answers.</summary>
internal static class Answers
{
    private const string JsonType = "application/json";

    /// <summary>Items of a list that are written before the buffer goes out.</summary>
    private const int FlushEvery = 500;

    public static byte[] Json(Tree tree)
    {
        var buffer = new ArrayBufferWriter<byte>(512);
        using (var writer = new Utf8JsonWriter(buffer, TreeJson.Compact))
        {
            TreeJson.Write(writer, tree);
        }

        return buffer.WrittenSpan.ToArray();
    }

    public static Task Write(HttpContext http, int code, Tree tree, string mediaType = JsonType)
    {
        http.Response.StatusCode = code;
        http.Response.ContentType = mediaType;
        return http.Response.Body.WriteAsync(Json(tree), http.RequestAborted).AsTask();
    }

    public static Task Write(HttpContext http, ApiStatus status)
    {
        if (status.Code == 429)
        {
            http.Response.Headers.RetryAfter = "10";
        }

        return Write(http, status.Code, status.ToTree());
    }

    public static Task Text(HttpContext http, int code, string text)
    {
        http.Response.StatusCode = code;
        http.Response.ContentType = "text/plain; charset=utf-8";
        return http.Response.WriteAsync(text, http.RequestAborted);
    }

    /// <summary>A warning that kubectl prints: code 299, as the API server sends it.</summary>
    public static void Warn(HttpContext http, IEnumerable<string> warnings)
    {
        foreach (var warning in warnings)
        {
            http.Response.Headers.Append("Warning", $"299 - \"{warning.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\"");
        }
    }

    /// <summary>Writes a list item by item, so that a long one does not stand in memory as text.</summary>
    /// <param name="metadata">With resourceVersion, continue and remainingItemCount.</param>
    public static async Task WriteList(
        HttpContext http, string apiVersion, string kind, TreeMap metadata, IReadOnlyList<ApiObject> items, Func<ApiObject, TreeMap> served)
    {
        http.Response.StatusCode = 200;
        http.Response.ContentType = JsonType;
        var output = http.Response.BodyWriter;
        await using var writer = new Utf8JsonWriter(output, TreeJson.Compact);
        writer.WriteStartObject();
        writer.WriteString("kind", kind);
        writer.WriteString("apiVersion", apiVersion);
        writer.WritePropertyName("metadata");
        TreeJson.Write(writer, metadata);
        writer.WriteStartArray("items");
        for (var at = 0; at < items.Count; at++)
        {
            TreeJson.Write(writer, served(items[at]));
            if (at % FlushEvery == FlushEvery - 1)
            {
                await writer.FlushAsync(http.RequestAborted).ConfigureAwait(false);
                await output.FlushAsync(http.RequestAborted).ConfigureAwait(false);
            }
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
        await writer.FlushAsync(http.RequestAborted).ConfigureAwait(false);
    }

    public static string Version(long resourceVersion) => resourceVersion.ToString(CultureInfo.InvariantCulture);
}
