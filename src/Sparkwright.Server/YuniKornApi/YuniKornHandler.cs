using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.Http;
using Sparkwright.Kubernetes.Objects;
using Sparkwright.Server.KubernetesApi;
using Sparkwright.Server.Metrics;
using Sparkwright.Server.Pacing;
using Sparkwright.World.YuniKorn.Rest;

namespace Sparkwright.Server.YuniKornApi;

/// <summary>YuniKorn's web service over HTTP: its reading endpoints, the check of configurations, metrics and the stream of events.</summary>
internal sealed class YuniKornHandler(Engine engine)
{
    /// <summary>A queue configuration lies in a ConfigMap, which may not be larger.</summary>
    private const int LongestConfiguration = 1 << 20;

    private const int MostStreams = 100;

    /// <summary>How often an open stream looks for new events.</summary>
    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(250);

    private int streams;

    public async Task Handle(HttpContext http)
    {
        var path = (http.Request.Path.Value ?? "/").Split('/', StringSplitOptions.RemoveEmptyEntries);
        var method = http.Request.Method;
        switch (path)
        {
            case ["ws", "v1", "validate-conf"]:
                await (method == "POST" ? Validate(http) : Refuse(http, 405, "Method Not Allowed")).ConfigureAwait(false);
                return;
            case not null when method is not ("GET" or "HEAD"):
                await Refuse(http, 405, "Method Not Allowed").ConfigureAwait(false);
                return;
            case ["ws", "v1", "metrics"]:
                await MetricsHandler.Write(http, await engine.Ask(world => world.Metrics("yunikorn")).ConfigureAwait(false)).ConfigureAwait(false);
                return;
            case ["ws", "v1", "events", "stream"]:
                await Stream(http).ConfigureAwait(false);
                return;
            default:
                await Read(http, path!).ConfigureAwait(false);
                return;
        }
    }

    /// <summary>A refusal in the service's form.</summary>
    public static Task Refuse(HttpContext http, int code, string message) => Write(http, RestService.Error(code, message));

    private async Task Read(HttpContext http, string[] path)
    {
        var query = http.Request.Query;
        var answer = await engine.Ask(world => world.YuniKorn is { } scheduler
            ? RestService.Get(scheduler, path, name => query.TryGetValue(name, out var value) ? value.ToString() : null, world.Clock.Now)
            : NoScheduler).ConfigureAwait(false);
        await (answer is null ? Refuse(http, 404, "404 page not found") : Write(http, answer)).ConfigureAwait(false);
    }

    private static RestAnswer NoScheduler { get; } = RestService.Error(404, "this platform has no YuniKorn; its blueprint does not name it among the add-ons");

    private static async Task Validate(HttpContext http)
    {
        using var body = new MemoryStream();
        var buffer = new byte[8192];
        for (int read; (read = await http.Request.Body.ReadAsync(buffer, http.RequestAborted).ConfigureAwait(false)) > 0;)
        {
            body.Write(buffer, 0, read);
            if (body.Length > LongestConfiguration)
            {
                await Refuse(http, 413, "a queue configuration may have at most 1 MiB").ConfigureAwait(false);
                return;
            }
        }

        await Write(http, RestService.Validate(Encoding.UTF8.GetString(body.ToArray()))).ConfigureAwait(false);
    }

    /// <summary>Past events as far as asked for, then new ones as they come, one a line.</summary>
    private async Task Stream(HttpContext http)
    {
        var asked = http.Request.Query["count"].ToString();
        if (!long.TryParse(asked.Length == 0 ? "0" : asked, NumberStyles.None, CultureInfo.InvariantCulture, out var past))
        {
            await Refuse(http, 400, $"problem parsing the \"count\" parameter: {asked} is no number of at least 0").ConfigureAwait(false);
            return;
        }

        if (Interlocked.Increment(ref streams) > MostStreams)
        {
            Interlocked.Decrement(ref streams);
            await Refuse(http, 503, "Too many streaming connections").ConfigureAwait(false);
            return;
        }

        try
        {
            http.Response.ContentType = "application/json";
            var next = await engine.Ask(world => Math.Max(0, (world.YuniKorn?.Events.Created ?? 0) - past)).ConfigureAwait(false);
            await http.Response.Body.FlushAsync(http.RequestAborted).ConfigureAwait(false);
            while (true)
            {
                var start = next;
                var (fresh, end) = await engine.Ask(world => world.YuniKorn is { } scheduler
                    ? (EventRecords.From(scheduler, start), scheduler.Events.Created)
                    : ([], start)).ConfigureAwait(false);
                foreach (var record in fresh)
                {
                    await http.Response.WriteAsync(record + "\n", http.RequestAborted).ConfigureAwait(false);
                }

                next = end;
                await http.Response.Body.FlushAsync(http.RequestAborted).ConfigureAwait(false);
                await Task.Delay(LookEvery, http.RequestAborted).ConfigureAwait(false);
            }
        }
        finally
        {
            Interlocked.Decrement(ref streams);
        }
    }

    private static Task Write(HttpContext http, RestAnswer answer)
    {
        http.Response.Headers.AccessControlAllowOrigin = "*";
        return answer.Body is TreeMap or TreeList ? Answers.Write(http, answer.Code, answer.Body) : Answers.Text(http, answer.Code, answer.Body.Text ?? "");
    }
}
