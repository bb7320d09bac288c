using System.Security.Cryptography;
using Microsoft.AspNetCore.Http;
using Sparkwright.Kubernetes.Authorization;
using Sparkwright.Kubernetes.Requests;
using Sparkwright.Kubernetes.Schema;
using Sparkwright.Server.Metrics;
using Sparkwright.Server.Pacing;

namespace Sparkwright.Server.KubernetesApi;

/// <summary>One request of the Kubernetes API from its path to its answer: who asks, whether he may, and what is served there.</summary>
internal sealed class KubernetesHandler(Engine engine, ResourceTypes types, Func<string> version, Authentication authentication, ResourceHandler resources)
{
    private readonly OpenApiHandler openApi = new(types, version);

    /// <summary>Whoever looks whether the server lives needs no right.</summary>
    private static readonly string[] OpenPaths = ["/healthz", "/livez", "/readyz"];

    public async Task Handle(HttpContext http)
    {
        var path = http.Request.Path.Value ?? "/";
        if (await authentication.Identify(http).ConfigureAwait(false) is not { } known)
        {
            await Answers.Write(http, new ApiStatus(401, "Unauthorized", "Unauthorized")).ConfigureAwait(false);
            return;
        }

        var (who, refusal) = await Impersonate(http, known).ConfigureAwait(false);
        if (refusal is not null)
        {
            await Answers.Write(http, refusal).ConfigureAwait(false);
            return;
        }

        if (ResourcePath.TryParse(path, out var named))
        {
            await resources.Handle(http, who, named).ConfigureAwait(false);
            return;
        }

        var asked = new AccessRequest(VerbOf(http.Request.Method)) { Path = path };
        if (!OpenPaths.Contains(path) && !await engine.Ask(world => new Rbac(world.Store).Allows(who, asked)).ConfigureAwait(false))
        {
            await Answers.Write(http, new ApiStatus(403, "Forbidden", asked.Refusal(who))).ConfigureAwait(false);
            return;
        }

        await Serve(http, path).ConfigureAwait(false);
    }

    /// <summary>Who asks in the end, when somebody asks as another.</summary>
    private async Task<(Identity Who, ApiStatus? Refusal)> Impersonate(HttpContext http, Identity known)
    {
        if (Impersonations.Read(http.Request.Headers, out var wish) is { } wrong)
        {
            return (known, wrong);
        }

        if (wish is null)
        {
            return (known, null);
        }

        var refused = await engine.Ask(world =>
        {
            var rbac = new Rbac(world.Store);
            return wish.Needed().FirstOrDefault(needed => !rbac.Allows(known, needed));
        }).ConfigureAwait(false);
        return refused is null ? (wish.Who, null) : (known, new ApiStatus(403, "Forbidden", refused.Refusal(known)));
    }

    private Task Serve(HttpContext http, string path)
    {
        var parts = path.Split('/', StringSplitOptions.RemoveEmptyEntries);
        switch (parts)
        {
            case ["healthz" or "livez" or "readyz", ..]:
                return Answers.Text(http, 200, "ok");
            case ["metrics"]:
                return Metrics(http);
            case ["version"]:
                return Answers.Write(http, 200, ServerVersion.Of(version()));
            case ["api"] or ["apis"] when Aggregation(http) is { } form:
                return Aggregated(http, Discovery.Aggregated(types, parts[0] == "api", form), form);
            case ["api"]:
                return Answers.Write(http, 200, Discovery.ApiVersions($"{http.Request.Host}"));
            case ["apis"]:
                return Answers.Write(http, 200, Discovery.GroupList(types));
            case ["api", var core] when Discovery.ResourceList(types, "", core) is { } list:
                return Answers.Write(http, 200, list);
            case ["apis", var group] when Discovery.GroupOf(types, group) is { } found:
                return Answers.Write(http, 200, found);
            case ["apis", var group, var its] when Discovery.ResourceList(types, group, its) is { } list:
                return Answers.Write(http, 200, list);
            case [".well-known", "openid-configuration"]:
                return Answers.Write(http, 200, authentication.Discovery($"{http.Request.Host}"));
            case ["openid", "v1", "jwks"]:
                return Answers.Write(http, 200, authentication.KeySet, "application/jwk-set+json");
            case ["openapi", ..]:
                return openApi.Handle(http, string.Join('/', parts[1..]));
            case []:
                return Answers.Write(http, 200, Paths());
            default:
                return Answers.Text(http, 404, "404 page not found\n");
        }
    }

    private async Task Metrics(HttpContext http) =>
        await MetricsHandler.Write(http, await engine.Ask(world => world.Metrics("kube-apiserver")).ConfigureAwait(false)).ConfigureAwait(false);

    /// <summary>The version of aggregated discovery that the client asks for first; null when it wants the plain form.</summary>
    private static string? Aggregation(HttpContext http)
    {
        foreach (var one in http.Request.Headers.Accept.ToString().Split(',', StringSplitOptions.TrimEntries))
        {
            if (one.Contains("as=APIGroupDiscoveryList", StringComparison.Ordinal))
            {
                return one.Contains("v=v2beta1", StringComparison.Ordinal) ? "v2beta1" : "v2";
            }

            if (one is "application/json" or "*/*")
            {
                return null;
            }
        }

        return null;
    }

    private static Task Aggregated(HttpContext http, Sparkwright.Kubernetes.Objects.TreeMap document, string form)
    {
        var body = Answers.Json(document);
        var tag = $"\"{Convert.ToHexString(SHA512.HashData(body))}\"";
        http.Response.Headers.ETag = tag;
        http.Response.Headers.Vary = "Accept";
        http.Response.Headers.CacheControl = "public";
        if (http.Request.Headers.IfNoneMatch.ToString() == tag)
        {
            http.Response.StatusCode = 304;
            return Task.CompletedTask;
        }

        http.Response.ContentType = $"application/json;g=apidiscovery.k8s.io;v={form};as=APIGroupDiscoveryList";
        return http.Response.Body.WriteAsync(body, http.RequestAborted).AsTask();
    }

    private Sparkwright.Kubernetes.Objects.TreeMap Paths() => Sparkwright.Kubernetes.Objects.TreeMap.Of(("paths", Sparkwright.Kubernetes.Objects.TreeList.OfTexts(
    [
        "/api", "/api/v1", "/apis",
        .. types.Served.Where(resource => resource.Type.Group.Length > 0 && !resource.IsInternal)
            .SelectMany(resource => new[] { $"/apis/{resource.Type.Group}", $"/apis/{resource.Type.ApiVersion}" }).Distinct(StringComparer.Ordinal),
        "/.well-known/openid-configuration", "/healthz", "/livez", "/metrics", "/openapi/v2", "/openapi/v3", "/openid/v1/jwks", "/readyz", "/version",
    ])));

    private static string VerbOf(string method)
    {
#pragma warning disable CA1308 // Verbs of paths are lower case.
        return method.ToLowerInvariant();
#pragma warning restore CA1308
    }
}
