using Microsoft.AspNetCore.Http;
using Sparkwright.Server.KubernetesApi;
using Sparkwright.Server.Metrics;
using Sparkwright.Server.Pacing;
using Sparkwright.Server.Provisioning;
using Sparkwright.World.Insight;

namespace Sparkwright.Server.Dashboard;

/// <summary>What is served under the dashboard's port: the platform's outputs at <c>/outputs</c>, its changes below <c>/platform/</c>, and the components' metrics.</summary>
internal sealed class DashboardHandler(Engine engine, PlatformHandler platform)
{
    private readonly MetricsHandler metrics = new(engine);

    public async Task Handle(HttpContext http)
    {
        if (http.Request.Path.Value == "/outputs" && http.Request.Method == "GET")
        {
            await Answers.Write(http, 200, await engine.Ask(PlatformOutputs.Of).ConfigureAwait(false)).ConfigureAwait(false);
            return;
        }

        if (http.Request.Path.StartsWithSegments("/platform", StringComparison.Ordinal))
        {
            await platform.Handle(http).ConfigureAwait(false);
            return;
        }

        await metrics.Handle(http).ConfigureAwait(false);
    }
}
