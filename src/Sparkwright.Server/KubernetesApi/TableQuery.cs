using Microsoft.AspNetCore.Http;
using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Requests;
using Sparkwright.Kubernetes.Schema;
using Sparkwright.Kubernetes.Tables;

namespace Sparkwright.Server.KubernetesApi;

/// <summary>A client's wish to have objects printed as tables.</summary>
/// <param name="Version">Of meta.k8s.io: v1 or v1beta1.</param>
internal sealed record TableQuery(string Version, IncludedObject Included)
{
    /// <summary>Reads the Accept header, whose first known entry counts, and <c>includeObject</c>; both null when plain objects are wanted.</summary>
    public static (TableQuery? Wanted, ApiStatus? Refusal) Read(HttpRequest request)
    {
        foreach (var entry in request.Headers.Accept.ToString().Split(',', StringSplitOptions.TrimEntries))
        {
            var parameters = entry.Split(';', StringSplitOptions.TrimEntries);
            if (parameters[0] is not ("application/json" or "*/*" or "application/*"))
            {
                continue;
            }

            if (!parameters.Any(one => one.StartsWith("as=", StringComparison.Ordinal)))
            {
                return (null, null);
            }

            var version = parameters.Contains("v=v1") ? "v1" : parameters.Contains("v=v1beta1") ? "v1beta1" : null;
            if (version is not null && parameters.Contains("as=Table") && parameters.Contains("g=meta.k8s.io"))
            {
                return IncludedBy(request.Query["includeObject"].ToString()) is { } included
                    ? (new TableQuery(version, included), null)
                    : (null, ApiStatus.BadRequest($"unrecognized includeObject value: \"{request.Query["includeObject"]}\""));
            }
        }

        return (null, null);
    }

    public Table Of(ServedResource resource, Func<ApiObject, TreeMap> served) => new(TableForms.For(resource, served), Version, Included, served);

    private static IncludedObject? IncludedBy(string text) => text switch
    {
        "" or "Metadata" => IncludedObject.Metadata,
        "None" => IncludedObject.None,
        "Object" => IncludedObject.Object,
        _ => null,
    };
}
