using Microsoft.AspNetCore.Http;
using Sparkwright.Server.KubernetesApi;
using Sparkwright.Server.Pacing;
using Sparkwright.Simulation.Metrics;

namespace Sparkwright.Server.Metrics;

/// <summary>The components' metrics for Prometheus: each at <c>/COMPONENT/metrics</c>, all together at <c>/metrics</c>.</summary>
internal sealed class MetricsHandler(Engine engine)
{
    public async Task Handle(HttpContext http)
    {
        var path = (http.Request.Path.Value ?? "/").Split('/', StringSplitOptions.RemoveEmptyEntries);
        if (http.Request.Method is not ("GET" or "HEAD"))
        {
            await Answers.Text(http, 405, "only GET is served here\n").ConfigureAwait(false);
            return;
        }

        var components = World.World.MetricComponents;
        switch (path)
        {
            case ["metrics"]:
                await Write(http, await engine.Ask(world => (IReadOnlyList<MetricFamily>)[.. components.SelectMany(world.Metrics)]).ConfigureAwait(false)).ConfigureAwait(false);
                return;
            case [var component, "metrics"] when components.Contains(component):
                await Write(http, await engine.Ask(world => world.Metrics(component)).ConfigureAwait(false)).ConfigureAwait(false);
                return;
            default:
                await Answers.Text(http, 404, $"nothing is here; there are /metrics and {string.Join(", ", components.Select(name => $"/{name}/metrics"))}\n").ConfigureAwait(false);
                return;
        }
    }

    public static Task Write(HttpContext http, IReadOnlyList<MetricFamily> families)
    {
        http.Response.ContentType = PrometheusText.ContentType;
        return http.Response.WriteAsync(PrometheusText.Print(families), http.RequestAborted);
    }
}
