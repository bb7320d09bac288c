using Microsoft.AspNetCore.Http;
using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Requests;
using Sparkwright.Kubernetes.Schema;
using Sparkwright.Kubernetes.Store;
using Sparkwright.Server.Pacing;

namespace Sparkwright.Server.KubernetesApi;

/// <summary>Serves watches, over HTTP or a WebSocket.</summary>
internal sealed class WatchHandler(Engine engine, WatchHub hub)
{
    /// <param name="served">An object's document in the version that the client asks for.</param>
    public async Task Handle(HttpContext http, ServedResource resource, ResourcePath path, ListQuery query, AnswerForm form, Func<ApiObject, TreeMap> served)
    {
        var type = resource.Type;
        var (start, refusal) = await engine.Ask(world => Begin(world, type, path, query)).ConfigureAwait(false);
        if (start is null)
        {
            await Answers.Write(http, refusal!).ConfigureAwait(false);
            return;
        }

        try
        {
            if (http.WebSockets.IsWebSocketRequest)
            {
                var socket = await WebSocketSink.Accept(http).ConfigureAwait(false);
                await using (socket.ConfigureAwait(false))
                {
                    await Run(socket, socket.Gone).ConfigureAwait(false);
                }
            }
            else
            {
                http.Response.StatusCode = 200;
                http.Response.ContentType = "application/json";
                await http.Response.StartAsync(http.RequestAborted).ConfigureAwait(false);
                await Run(new LineSink(http), http.RequestAborted).ConfigureAwait(false);
            }
        }
        finally
        {
            hub.Close(start.Watcher);
        }

        async Task Run(IEventSink sink, CancellationToken gone)
        {
            using var end = CancellationTokenSource.CreateLinkedTokenSource(gone);
            if (query.TimeoutSeconds is { } seconds)
            {
                end.CancelAfter(TimeSpan.FromSeconds(seconds));
            }

            try
            {
                await new WatchStream(query, path, served, RowOf(resource, form, served), sink).Run(start.First, start.Watcher, start.Version, type, end.Token).ConfigureAwait(false);
            }
            catch (OperationCanceledException)
            {
                // The client has gone, or the watch's own time is over: both are its usual end.
            }
            catch (System.Net.WebSockets.WebSocketException)
            {
                // The client has gone while it was told something.
            }
        }
    }

    /// <summary>In the engine: what a watch begins with, and the place from which it is told more.</summary>
    private (WatchStart? Start, ApiStatus? Refusal) Begin(World.World world, ResourceType type, ResourcePath path, ListQuery query)
    {
        var stored = world.Requests.StoredType(type);
        var now = world.Store.ResourceVersion;
        if (query.ResourceVersion > now)
        {
            return (null, ListQuery.TooLarge(query.ResourceVersion.Value, now));
        }

        // A version that is too old is told as an event, as the watch cache does it: clients read its code there.
        var first = query.ResourceVersion is null or 0 || query.SendsInitialEvents
            ? [.. ResourceHandler.All(world, type, path.Namespace).Select(known => new StoreEvent(StoreEventKind.Added, known, null, known.Metadata.ResourceVersion))]
            : world.Store.EventsSince(stored, query.ResourceVersion.Value);
        return (new WatchStart(first, hub.Open(stored, now), now), null);
    }

    /// <summary>How an object is shown when it is not shown whole. Of tables of one row only the first defines the columns.</summary>
    private Func<ApiObject, TreeMap>? RowOf(ServedResource resource, AnswerForm form, Func<ApiObject, TreeMap> served)
    {
        switch (form)
        {
            case AnswerForm.Metadata metadata:
                return metadata.Of;
            case AnswerForm.Printed printed:
                var (table, isFirst) = (printed.Of(resource, served), true);
                return known =>
                {
                    var hasColumns = isFirst;
                    isFirst = false;
                    return table.Print([known], TreeMap.Of(("resourceVersion", Answers.Version(known.Metadata.ResourceVersion))), engine.Now, hasColumns);
                };
            default:
                return null;
        }
    }

    /// <param name="First">Null when the version asked for is too old.</param>
    private sealed record WatchStart(IReadOnlyList<StoreEvent>? First, Watcher Watcher, long Version);
}
