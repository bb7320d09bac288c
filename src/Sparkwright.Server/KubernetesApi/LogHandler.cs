using System.Globalization;
using Microsoft.AspNetCore.Http;
using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Requests;
using Sparkwright.Kubernetes.Store;
using Sparkwright.Server.Pacing;

namespace Sparkwright.Server.KubernetesApi;

/// <summary>
/// Serves <c>pods/log</c>. Simulated containers write nothing, so a log that is there is empty; who follows it is answered when the container
/// has ended.
/// </summary>
internal sealed class LogHandler(Engine engine, WatchHub hub)
{
    public async Task Handle(HttpContext http, ResourcePath path)
    {
        var query = http.Request.Query;
        if (Wrong(query) is { } wrong)
        {
            await Answers.Write(http, new ApiStatus(422, "Invalid", $"PodLogOptions \"{path.Name}\" is invalid: {wrong}")).ConfigureAwait(false);
            return;
        }

        var (container, previous, follow) = (query["container"].ToString(), ListQuery.IsTrue(query, "previous"), ListQuery.IsTrue(query, "follow"));
        var key = new ObjectKey(path.Namespace, path.Name);
        var (pod, version) = await engine.Ask(world => (world.Store.Get(CoreTypes.Pod, key), world.Store.ResourceVersion)).ConfigureAwait(false);
        var (found, refusal) = pod is null ? ("", ApiStatus.NotFound(CoreTypes.Pod, path.Name)) : ContainerLog.Find(pod, container);

        // A pod without a node has no kubelet to ask, and an empty log.
        if (refusal is null && pod!.Spec["nodeName"]?.Text is { Length: > 0 })
        {
            refusal = ContainerLog.Missing(pod, found, previous);
        }

        if (refusal is not null)
        {
            await Answers.Write(http, refusal).ConfigureAwait(false);
            return;
        }

        http.Response.StatusCode = 200;
        http.Response.ContentType = "text/plain";
        if (follow && !previous && ContainerLog.MayGrow(pod!, found))
        {
            await http.Response.StartAsync(http.RequestAborted).ConfigureAwait(false);
            await http.Response.BodyWriter.FlushAsync(http.RequestAborted).ConfigureAwait(false);
            await End(pod!, found, version, http.RequestAborted).ConfigureAwait(false);
        }
    }

    /// <summary>Waits until a container has ended or its pod is gone.</summary>
    private async Task End(ApiObject pod, string container, long version, CancellationToken cancellation)
    {
        var watcher = hub.Open(CoreTypes.Pod, version);
        try
        {
            // Between the reading of the pod and the opening of the watch it may have changed unseen.
            var now = await engine.Ask(world => world.Store.Get(CoreTypes.Pod, pod.Key)).ConfigureAwait(false);
            if (now?.Metadata.Uid != pod.Metadata.Uid || !ContainerLog.MayGrow(now, container))
            {
                return;
            }

            await foreach (var change in watcher.Changes.ReadAllAsync(cancellation).ConfigureAwait(false))
            {
                if (change.Change.Object.Metadata.Uid == pod.Metadata.Uid
                    && (change.Change.Kind == StoreEventKind.Deleted || !ContainerLog.MayGrow(change.Change.Object, container)))
                {
                    return;
                }
            }
        }
        finally
        {
            hub.Close(watcher);
        }
    }

    private static string? Wrong(IQueryCollection query)
    {
        foreach (var (name, least) in ((string, long)[])[("tailLines", 0), ("sinceSeconds", 1), ("limitBytes", 1)])
        {
            if (query[name].ToString() is { Length: > 0 } text && !(long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) && number >= least))
            {
                return $"{name}: Invalid value: {text}: must be greater than {(least == 0 ? "or equal to 0" : "0")}";
            }
        }

        var since = query["sinceTime"].ToString();
        return since.Length > 0 && query["sinceSeconds"].ToString().Length > 0 ? "sinceTime: Forbidden: at most one of `sinceTime` or `sinceSeconds` may be specified"
            : since.Length > 0 && !Timestamps.TryParse(since, out _) ? $"sinceTime: Invalid value: \"{since}\": must be a time as in RFC 3339"
            : null;
    }
}
