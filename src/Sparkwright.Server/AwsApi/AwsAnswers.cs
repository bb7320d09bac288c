using Microsoft.AspNetCore.Http;
using Sparkwright.Kubernetes.Objects;
using Sparkwright.Server.KubernetesApi;
using Sparkwright.World.Aws.Api;

namespace Sparkwright.Server.AwsApi;

/// <summary>Writes what AWS answers, in the form of each protocol.</summary>
internal static class AwsAnswers
{
    private const string JsonType = "application/json";
    private const string TargetedJsonType = "application/x-amz-json-1.1";
    private const string XmlType = "text/xml;charset=UTF-8";

    public static Task Write(HttpContext http, AwsService service, string operation, TreeMap output)
    {
        var id = Identify(http);
        return service.Protocol switch
        {
            AwsProtocol.RestJson => Body(http, 200, JsonType, Answers.Json(output)),
            AwsProtocol.Json => Body(http, 200, TargetedJsonType, Answers.Json(output)),
            AwsProtocol.Query => Body(http, 200, XmlType, AwsXml.Write(
                operation + "Response",
                service.Namespace,
                TreeMap.Of((operation + "Result", output), ("ResponseMetadata", TreeMap.Of(("RequestId", id)))),
                "member")),
            _ => Body(http, 200, XmlType, AwsXml.Write(operation + "Response", service.Namespace, output.With("requestId", id), "item")),
        };
    }

    /// <param name="protocol">Null for S3.</param>
    public static Task Refuse(HttpContext http, AwsProtocol? protocol, string xmlns, AwsError error)
    {
        var id = Identify(http);
        switch (protocol)
        {
            case AwsProtocol.RestJson or AwsProtocol.Json:
                http.Response.Headers["x-amzn-ErrorType"] = error.Code;
                return protocol == AwsProtocol.RestJson
                    ? Body(http, error.Status, JsonType, Answers.Json(TreeMap.Of(("message", error.Message))))
                    : Body(http, error.Status, TargetedJsonType, Answers.Json(TreeMap.Of(("__type", error.Code), ("message", error.Message))));
            case AwsProtocol.Query:
                return Body(http, error.Status, XmlType, AwsXml.Write(
                    "ErrorResponse",
                    xmlns,
                    TreeMap.Of(
                        ("Error", TreeMap.Of(("Code", error.Code), ("Message", error.Message), ("Type", error.Status < 500 ? "Sender" : "Receiver"))),
                        ("RequestId", id)),
                    "member"));
            case AwsProtocol.Ec2Query:
                return Body(http, error.Status, XmlType, AwsXml.Write(
                    "Response",
                    "",
                    TreeMap.Of(("Errors", TreeMap.Of(("Error", TreeMap.Of(("Code", error.Code), ("Message", error.Message))))), ("RequestID", id)),
                    "item"));
            default:
                return Body(http, error.Status, "application/xml", http.Request.Method == "HEAD" ? [] : AwsXml.Write(
                    "Error",
                    "",
                    TreeMap.Of(("Code", error.Code), ("Message", error.Message), ("RequestId", id), ("Resource", http.Request.Path.Value)),
                    null));
        }
    }

    public static Task Body(HttpContext http, int status, string type, byte[] body)
    {
        http.Response.StatusCode = status;
        if (body.Length > 0 || http.Request.Method != "HEAD")
        {
            http.Response.ContentType = type;
            http.Response.ContentLength = body.Length;
        }

        return body.Length == 0 ? Task.CompletedTask : http.Response.Body.WriteAsync(body, http.RequestAborted).AsTask();
    }

    /// <summary>Each answer has an id of its own, as in AWS' logs.</summary>
    private static string Identify(HttpContext http)
    {
        var id = Guid.NewGuid().ToString();
        http.Response.Headers["x-amzn-RequestId"] = id;
        http.Response.Headers["x-amz-request-id"] = id;
        return id;
    }
}
