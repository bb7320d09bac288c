using System.Globalization;
using Microsoft.AspNetCore.Http;
using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Requests;
using Sparkwright.Server.Pacing;

namespace Sparkwright.Server.KubernetesApi;

/// <summary>
/// Serves <c>pods/log</c>: what small commands and the containers of Spark jobs write; the log of any other container is there and empty. Who follows
/// a log is answered to its end when the container has ended.
/// </summary>
internal sealed class LogHandler(Engine engine, WatchHub hub)
{
    /// <summary>How long it may take until a line that is due is told.</summary>
    private static readonly TimeSpan LongestDelay = TimeSpan.FromMilliseconds(100);

    /// <summary>How often it is looked whether there is a line of which nothing was known.</summary>
    private static readonly TimeSpan LongestSilence = TimeSpan.FromMilliseconds(500);

    public async Task Handle(HttpContext http, ResourcePath path)
    {
        if (Read(http.Request.Query, path.Name, out var options) is { } wrong)
        {
            await Answers.Write(http, wrong).ConfigureAwait(false);
            return;
        }

        var key = new ObjectKey(path.Namespace, path.Name);
        var (log, refusal) = await engine.Ask(world => Open(world, key, options)).ConfigureAwait(false);
        if (refusal is not null)
        {
            await Answers.Write(http, refusal).ConfigureAwait(false);
            return;
        }

        http.Response.StatusCode = 200;
        http.Response.ContentType = "text/plain";
        if (log is null)
        {
            return;
        }

        await http.Response.StartAsync(http.RequestAborted).ConfigureAwait(false);
        var extract = new LogExtract(log.Since(options));
        await Say(http, extract.Begin([.. log.Lines.Where(line => line.At <= log.AskedAt)])).ConfigureAwait(false);
        if (options.Follow && log.Run.EndedAt is null)
        {
            await Follow(http, log, extract, log.AskedAt).ConfigureAwait(false);
        }
    }

    /// <summary>In the engine: the log that is meant; neither log nor refusal for a pod without a node, which has no kubelet to ask.</summary>
    private static (OpenLog? Log, ApiStatus? Refusal) Open(World.World world, ObjectKey key, LogOptions options)
    {
        if (world.Store.Get(CoreTypes.Pod, key) is not { } pod)
        {
            return (null, ApiStatus.NotFound(CoreTypes.Pod, key.Name));
        }

        var (container, refusal) = ContainerLog.Find(pod, options.Container);
        if (refusal is not null || pod.Spec["nodeName"]?.Text is not { Length: > 0 })
        {
            return (null, refusal);
        }

        return ContainerLog.Missing(pod, container, options.Previous) is { } missing ? (null, missing)
            : ContainerLog.Run(pod, container, options.Previous) is { } run && ContainerLog.ContainerOf(pod, container) is { } one
                ? (new OpenLog(pod, container, run, world.OutputOf(pod, one, run), world.Store.ResourceVersion, world.Clock.Now), null)
                : (null, null);
    }

    /// <summary>Tells the lines when they are due, until the run has ended, its pod is gone, or the client has what it wants.</summary>
    private async Task Follow(HttpContext http, OpenLog log, LogExtract extract, DateTime told)
    {
        var watcher = hub.Open(CoreTypes.Pod, log.Version);
        try
        {
            while (!extract.IsFull)
            {
                // What is written later may depend on what happens until then.
                var (lines, now, isOver) = await engine.Ask(world => Look(world, log)).ConfigureAwait(false);
                foreach (var line in lines.Where(line => line.At > told && line.At <= now))
                {
                    await Say(http, extract.Next(line)).ConfigureAwait(false);
                }

                if (isOver)
                {
                    return;
                }

                told = now;
                await NextChange(lines.Any(line => line.At > now) ? LongestDelay : LongestSilence).ConfigureAwait(false);
            }
        }
        finally
        {
            hub.Close(watcher);
        }

        // Until the pod changes, or so long.
        async Task NextChange(TimeSpan atMost)
        {
            using var patience = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted);
            patience.CancelAfter(atMost);
            try
            {
                while (await watcher.Changes.WaitToReadAsync(patience.Token).ConfigureAwait(false))
                {
                    while (watcher.Changes.TryRead(out var change))
                    {
                        if (change.Change.Object.Key == log.Pod.Key)
                        {
                            return;
                        }
                    }
                }
            }
            catch (OperationCanceledException) when (!http.RequestAborted.IsCancellationRequested)
            {
            }
        }
    }

    /// <summary>In the engine: what the run that is followed has written or will write, and whether it is over.</summary>
    private static (IReadOnlyList<LogLine> Lines, DateTime Now, bool IsOver) Look(World.World world, OpenLog log)
    {
        var now = world.Clock.Now;
        var pod = world.Store.Get(CoreTypes.Pod, log.Pod.Key) is { } known && known.Metadata.Uid == log.Pod.Metadata.Uid ? known : null;
        var run = pod is null ? null : ContainerLog.Run(pod, log.Container, previous: false);
        if (run is not null && run.StartedAt != log.Run.StartedAt)
        {
            // It was started again.
            run = ContainerLog.Run(pod!, log.Container, previous: true);
        }

        run = run?.StartedAt == log.Run.StartedAt ? run : log.Run with { EndedAt = now };
        return (world.OutputOf(pod ?? log.Pod, ContainerLog.ContainerOf(log.Pod, log.Container)!, run), now, run.EndedAt is not null);
    }

    private static async Task Say(HttpContext http, byte[] text)
    {
        await http.Response.BodyWriter.WriteAsync(text, http.RequestAborted).ConfigureAwait(false);
        await http.Response.BodyWriter.FlushAsync(http.RequestAborted).ConfigureAwait(false);
    }

    private static ApiStatus? Read(IQueryCollection query, string pod, out LogOptions options)
    {
        options = new LogOptions();
        var numbers = new Dictionary<string, long?>(StringComparer.Ordinal);
        foreach (var (name, least) in ((string, long)[])[("tailLines", 0), ("sinceSeconds", 1), ("limitBytes", 1)])
        {
            numbers[name] = null;
            if (query[name].ToString() is { Length: > 0 } text)
            {
                if (!long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number))
                {
                    return ApiStatus.BadRequest($"strconv.ParseInt: parsing \"{text}\": invalid syntax");
                }

                if (number < least)
                {
                    return Invalid($"{name}: Invalid value: {number}: must be greater than {(least == 0 ? "or equal to 0" : "0")}");
                }

                numbers[name] = number;
            }
        }

        DateTime? since = null;
        if (query["sinceTime"].ToString() is { Length: > 0 } time)
        {
            if (!Timestamps.TryParse(time, out var read))
            {
                return ApiStatus.BadRequest($"parsing time \"{time}\" as \"2006-01-02T15:04:05Z07:00\": cannot parse \"{time}\" as \"2006\"");
            }

            if (numbers["sinceSeconds"] is not null)
            {
                return Invalid(": Forbidden: at most one of `sinceTime` or `sinceSeconds` may be specified");
            }

            since = read;
        }

        options = new LogOptions
        {
            Container = query["container"].ToString(),
            Follow = ListQuery.IsTrue(query, "follow"),
            Previous = ListQuery.IsTrue(query, "previous"),
            Timestamps = ListQuery.IsTrue(query, "timestamps"),
            TailLines = numbers["tailLines"],
            LimitBytes = numbers["limitBytes"],
            Since = since,
            SinceSeconds = numbers["sinceSeconds"],
        };
        return null;

        ApiStatus Invalid(string what) => new(422, "Invalid", $"PodLogOptions \"{pod}\" is invalid: {what}");
    }

    /// <param name="Lines">All of the run, those still to come included.</param>
    /// <param name="AskedAt">World time.</param>
    private sealed record OpenLog(ApiObject Pod, string Container, ContainerRun Run, IReadOnlyList<LogLine> Lines, long Version, DateTime AskedAt)
    {
        /// <summary>The options with their time counted back from the moment of asking.</summary>
        public LogOptions Since(LogOptions options) => options.SinceSeconds is { } seconds ? options with { Since = AskedAt.AddSeconds(-seconds) } : options;
    }
}
