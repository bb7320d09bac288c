using System.Globalization;
using Microsoft.AspNetCore.Http;
using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Requests;
using Sparkwright.Kubernetes.Schema;
using Sparkwright.Kubernetes.Tables;

namespace Sparkwright.Server.KubernetesApi;

/// <summary>How a client wants objects shown: whole, printed as a table, or by their metadata alone.</summary>
internal abstract record AnswerForm
{
    private AnswerForm()
    {
    }

    public sealed record Whole : AnswerForm;

    /// <param name="Version">Of meta.k8s.io: v1 or v1beta1.</param>
    public sealed record Printed(string Version, IncludedObject Included) : AnswerForm
    {
        public Table Of(ServedResource resource, Func<ApiObject, TreeMap> served) => new(TableForms.For(resource, served), Version, Included, served);
    }

    /// <param name="Version">Of meta.k8s.io: v1 or v1beta1.</param>
    public sealed record Metadata(string Version) : AnswerForm
    {
        public string ApiVersion => $"meta.k8s.io/{Version}";

        public TreeMap Of(ApiObject known) => TreeMap.Of(("apiVersion", ApiVersion), ("kind", "PartialObjectMetadata"), ("metadata", known.ToTree()["metadata"]));
    }

    /// <summary>Reads the Accept header as the API server does: of what it lists, the first that can be given counts; nothing listed means JSON.</summary>
    /// <param name="isList">Whether a list is asked for.</param>
    /// <param name="isWatch">Whether the answer is a stream.</param>
    public static (AnswerForm? Wanted, ApiStatus? Refusal) Read(HttpRequest request, bool isList, bool isWatch)
    {
        var header = request.Headers.Accept.ToString();
        if (string.IsNullOrWhiteSpace(header))
        {
            return (new Whole(), null);
        }

        foreach (var clause in header.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Select(AcceptClause.Read).OrderByDescending(one => one.Weight).ThenBy(one => one.Wildcards))
        {
            if (clause.MediaType is not ("application/json" or "*/*" or "application/*"))
            {
                continue;
            }

            switch (clause["as"], clause["g"], clause["v"])
            {
                case (null, _, _):
                    return (new Whole(), null);
                case ("Table", "meta.k8s.io", "v1" or "v1beta1"):
                    return IncludedBy(request.Query["includeObject"].ToString()) is { } included
                        ? (new Printed(clause["v"]!, included), null)
                        : (null, ApiStatus.BadRequest($"unrecognized includeObject value: \"{request.Query["includeObject"]}\""));
                case ("PartialObjectMetadata" or "PartialObjectMetadataList", "meta.k8s.io", "v1" or "v1beta1"):
                    var isForLists = clause["as"]!.EndsWith("List", StringComparison.Ordinal);
                    return isWatch || isForLists == isList
                        ? (new Metadata(clause["v"]!), null)
                        : (null, NotAcceptable($"you requested {clause["as"]}, but the requested object is {(isList ? "a list" : "not a list")}"));
            }
        }

        return (null, NotAcceptable($"only the following media types are accepted: application/json{(isWatch ? ";stream=watch" : "")}"));
    }

    private static ApiStatus NotAcceptable(string message) => new(406, "NotAcceptable", message);

    private static IncludedObject? IncludedBy(string text) => text switch
    {
        "" or "Metadata" => IncludedObject.Metadata,
        "None" => IncludedObject.None,
        "Object" => IncludedObject.Object,
        _ => null,
    };

    /// <summary>One entry of an Accept header.</summary>
    private sealed record AcceptClause(string MediaType, decimal Weight, IReadOnlyDictionary<string, string> Parameters)
    {
        public int Wildcards => MediaType.Count(letter => letter == '*');

        public string? this[string parameter] => Parameters.GetValueOrDefault(parameter);

        public static AcceptClause Read(string text)
        {
            var parts = text.Split(';', StringSplitOptions.TrimEntries);
            var parameters = new Dictionary<string, string>(StringComparer.Ordinal);
            foreach (var part in parts.Skip(1).Select(part => part.Split('=', 2, StringSplitOptions.TrimEntries)).Where(part => part.Length == 2))
            {
                parameters[part[0]] = part[1];
            }

            return new AcceptClause(
                parts[0], parameters.TryGetValue("q", out var weight) && decimal.TryParse(weight, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var given) ? given : 1, parameters);
        }
    }
}
