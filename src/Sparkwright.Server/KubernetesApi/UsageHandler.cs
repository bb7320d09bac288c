using Microsoft.AspNetCore.Http;
using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Requests;
using Sparkwright.Server.Pacing;
using Sparkwright.World.Nodes;

namespace Sparkwright.Server.KubernetesApi;

/// <summary>Serves metrics.k8s.io, which <c>kubectl top</c> reads: nothing of it is kept.</summary>
internal sealed class UsageHandler(Engine engine)
{
    public async Task Handle(HttpContext http, ResourceType type, ResourcePath path, ListQuery query)
    {
        var metrics = await engine.Ask(world =>
        {
            var measured = path.Plural == "nodes" ? CoreTypes.Node : CoreTypes.Pod;
            var all = path.Name.Length > 0
                ? world.Store.Get(measured, path.Namespace, path.Name) is { } one ? [one] : []
                : path.Namespace.Length > 0 ? world.Store.List(measured, path.Namespace) : world.Store.List(measured);
            return all.Where(known => path.Name.Length > 0 || query.Matches(known))
                .Select(known => measured == CoreTypes.Node ? UsageMetrics.OfNode(known, world.Store, world.Clock.Now) : UsageMetrics.OfPod(known, world.Clock.Now))
                .OfType<TreeMap>()
                .ToList();
        }).ConfigureAwait(false);
        await (path.Name.Length == 0
            ? Answers.Write(http, 200, TreeMap.Of(
                ("apiVersion", type.ApiVersion), ("items", TreeList.From(metrics)), ("kind", type.Kind + "List"), ("metadata", TreeMap.Empty)))
            : metrics.Count == 0
                ? Answers.Write(http, ApiStatus.NotFound(type, path.Name))
                : Answers.Write(http, 200, metrics[0])).ConfigureAwait(false);
    }
}
