using System.Text;
using Microsoft.AspNetCore.Http;
using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Requests;
using Sparkwright.Kubernetes.Store;

namespace Sparkwright.Server.KubernetesApi;

/// <summary>How a watch answers its events: framed JSON lines over HTTP, or messages of a WebSocket.</summary>
internal interface IEventSink
{
    /// <summary>Sends one event.</summary>
    /// <param name="type">ADDED, MODIFIED, DELETED, BOOKMARK or ERROR.</param>
    /// <param name="json">The object as JSON.</param>
    ValueTask Send(string type, ReadOnlyMemory<byte> json, CancellationToken cancellation);

    ValueTask Flush(CancellationToken cancellation);
}

/// <summary>Lines of JSON in a chunked body.</summary>
internal sealed class LineSink(HttpContext http) : IEventSink
{
    public async ValueTask Send(string type, ReadOnlyMemory<byte> json, CancellationToken cancellation)
    {
        var output = http.Response.BodyWriter;
        Encoding.UTF8.GetBytes($"{{\"type\":\"{type}\",\"object\":", output);
        await output.WriteAsync(json, cancellation).ConfigureAwait(false);
        await output.WriteAsync("}\n"u8.ToArray(), cancellation).ConfigureAwait(false);
    }

    public async ValueTask Flush(CancellationToken cancellation) => await http.Response.BodyWriter.FlushAsync(cancellation).ConfigureAwait(false);
}

/// <summary>One watch: what there was at the beginning, then each change as far as it concerns the watcher.</summary>
internal sealed class WatchStream(ListQuery query, ResourcePath path, Func<ApiObject, TreeMap> served, Func<ApiObject, TreeMap>? row, IEventSink sink)
{
    /// <summary>Bookmarks come about as often as from a real server.</summary>
    private static readonly TimeSpan BookmarkEvery = TimeSpan.FromMinutes(1);

    /// <summary>Runs until the client goes, its time is over, or it was too slow.</summary>
    /// <param name="first">What stands at the beginning, as events; null when the watch asks for more than is remembered.</param>
    /// <param name="begunAt">The version that <paramref name="first"/> reaches to.</param>
    public async Task Run(IReadOnlyList<StoreEvent>? first, Watcher watcher, long begunAt, ResourceType type, CancellationToken cancellation)
    {
        var last = begunAt;
        if (first is null)
        {
            await Refuse($"too old resource version: {query.ResourceVersion} ({begunAt})", cancellation).ConfigureAwait(false);
            return;
        }

        foreach (var change in first)
        {
            await Tell(change, null, cancellation).ConfigureAwait(false);
        }

        if (query.SendsInitialEvents)
        {
            await Bookmark(type, last, isEndOfInitial: true, cancellation).ConfigureAwait(false);
        }

        await sink.Flush(cancellation).ConfigureAwait(false);
        while (!cancellation.IsCancellationRequested)
        {
            using var pause = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
            pause.CancelAfter(BookmarkEvery);
            try
            {
                if (!await watcher.Changes.WaitToReadAsync(pause.Token).ConfigureAwait(false))
                {
                    await Refuse("too old resource version: the watcher was too slow", cancellation).ConfigureAwait(false);
                    return;
                }
            }
            catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
            {
                if (query.AllowsBookmarks)
                {
                    await Bookmark(type, last, isEndOfInitial: false, cancellation).ConfigureAwait(false);
                    await sink.Flush(cancellation).ConfigureAwait(false);
                }

                continue;
            }

            while (watcher.Changes.TryRead(out var change))
            {
                last = change.Change.ResourceVersion;
                await Tell(change.Change, change, cancellation).ConfigureAwait(false);
            }

            await sink.Flush(cancellation).ConfigureAwait(false);
        }
    }

    private async ValueTask Refuse(string why, CancellationToken cancellation)
    {
        await sink.Send("ERROR", Answers.Json(Gone(why).ToTree()), cancellation).ConfigureAwait(false);
        await sink.Flush(cancellation).ConfigureAwait(false);
    }

    public static ApiStatus Gone(string message) => new(410, "Expired", message);

    private bool Concerns(ApiObject known) =>
        (path.Namespace.Length == 0 || known.Namespace == path.Namespace) && (path.Name.Length == 0 || known.Name == path.Name) && query.Matches(known);

    /// <summary>An object that begins to match is added for this watcher, one that ceases to is deleted.</summary>
    private ValueTask Tell(StoreEvent change, SharedChange? shared, CancellationToken cancellation)
    {
        var was = change.Old is not null && Concerns(change.Old);
        var isNow = change.Kind != StoreEventKind.Deleted && Concerns(change.Object);
        var type = (was, isNow) switch
        {
            (false, true) => "ADDED",
            (true, true) => "MODIFIED",
            (true, false) => "DELETED",
            _ => null,
        };
        if (type is null)
        {
            return ValueTask.CompletedTask;
        }

        return sink.Send(
            type,
            row is not null ? Answers.Json(row(change.Object)) : shared is not null && ReferenceEquals(served, SameVersion) ? shared.Json : Answers.Json(served(change.Object)),
            cancellation);
    }

    /// <summary>How objects are served that are kept in the version asked for.</summary>
    public static Func<ApiObject, TreeMap> SameVersion { get; } = static known => known.ToTree();

    private ValueTask Bookmark(ResourceType type, long version, bool isEndOfInitial, CancellationToken cancellation) => sink.Send(
        "BOOKMARK",
        Answers.Json(TreeMap.Of(
            ("apiVersion", type.ApiVersion),
            ("kind", type.Kind),
            ("metadata", TreeMap.Of(
                ("annotations", isEndOfInitial ? TreeMap.Of(("k8s.io/initial-events-end", "true")) : null),
                ("creationTimestamp", TreeNull.Value),
                ("resourceVersion", Answers.Version(version)))))),
        cancellation);
}
