using System.Diagnostics;
using System.Text;

namespace Sparkwright.Bench;

/// <summary>The Kubernetes API as clients meet it: TLS, authentication, JSON, the journal on disk; the load comes from the same machine.</summary>
internal static class HttpBench
{
    private const int AtOnce = 32;
    private const int Writes = 20_000;
    private const int Reads = 40_000;
    private const int Watchers = 100;
    private const int WatchedWrites = 500;
    private const int ListedPods = 150_000;
    private const int Nodes = 5_000;
    private const int Pods = 10_000;
    private const string Maps = "/api/v1/namespaces/default/configmaps";
    private const string DefaultPods = "/api/v1/namespaces/default/pods";

    public static IEnumerable<string> Run()
    {
        using (var platform = ServedPlatform.Start("--blueprint", "none"))
        using (var client = platform.Client())
        {
            yield return First(client, platform).GetAwaiter().GetResult();
            yield return Text("creates", ServedPlatform.Rate(Writes, AtOnce, at => Post(client, Maps, $$$$"""{"metadata":{"name":"m{{{{at}}}}"},"data":{"a":"b"}}""")).GetAwaiter().GetResult());
            yield return Text("gets", ServedPlatform.Rate(Reads, AtOnce, at => Get(client, $"{Maps}/m{at % Writes}")).GetAwaiter().GetResult());
            yield return FanOut(client).GetAwaiter().GetResult();
        }

        using (var platform = ServedPlatform.Start("--blueprint", "none"))
        using (var client = platform.Client())
        {
            foreach (var line in List(client, platform).GetAwaiter().GetResult())
            {
                yield return line;
            }
        }

        using (var platform = ServedPlatform.Start("--blueprint", "none"))
        using (var client = platform.Client())
        {
            yield return ToRunning(client).GetAwaiter().GetResult();
        }
    }

    private static string Text(string what, (double PerSecond, string Percentiles) rate) => $"{rate.PerSecond,10:N0} {what}/s by {AtOnce} at once, {rate.Percentiles}";

    private static async Task<string> First(HttpClient client, ServedPlatform platform)
    {
        var clock = Stopwatch.StartNew();
        await Get(client, "/api/v1/nodes").ConfigureAwait(false);
        var first = platform.Started + clock.Elapsed;
        await Task.Delay(TimeSpan.FromSeconds(2)).ConfigureAwait(false);
        return $"{first.TotalMilliseconds,10:N0} ms from exec to the first nodes; {platform.Memory >> 20} MiB resident when idle";
    }

    /// <summary>How long after the answer to a write each of many watchers has its event.</summary>
    private static async Task<string> FanOut(HttpClient client)
    {
        var seen = new long[WatchedWrites * Watchers];
        var count = 0;
        var done = new TaskCompletionSource();
        var ready = new CountdownEvent(Watchers);
        using var stop = new CancellationTokenSource();
        var watches = Enumerable.Range(0, Watchers).Select(watcher => Task.Run(async () =>
        {
            using var own = new HttpRequestMessage(HttpMethod.Get, $"{Maps}?watch=1&labelSelector=watched");
            using var response = await client.SendAsync(own, HttpCompletionOption.ResponseHeadersRead, stop.Token).ConfigureAwait(false);
            using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(stop.Token).ConfigureAwait(false));
            ready.Signal();
            for (var at = 0; at < WatchedWrites && await reader.ReadLineAsync(stop.Token).ConfigureAwait(false) is not null; at++)
            {
                seen[(at * Watchers) + watcher] = Stopwatch.GetTimestamp();
                if (Interlocked.Increment(ref count) == seen.Length)
                {
                    done.SetResult();
                }
            }
        })).ToList();
        ready.Wait();
        var written = new long[WatchedWrites];
        var clock = Stopwatch.StartNew();
        for (var at = 0; at < WatchedWrites; at++)
        {
            written[at] = Stopwatch.GetTimestamp();
            await Post(client, Maps, $$$$"""{"metadata":{"name":"w{{{{at}}}}","labels":{"watched":"yes"}},"data":{"a":"b"}}""").ConfigureAwait(false);
        }

        await done.Task.ConfigureAwait(false);
        var rate = seen.Length / clock.Elapsed.TotalSeconds;
        await stop.CancelAsync().ConfigureAwait(false);
        await Task.WhenAll(watches).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        var late = seen.Select((at, place) => Stopwatch.GetElapsedTime(written[place / Watchers], at).TotalMilliseconds).ToArray();
        return $"{rate,10:N0} watch events/s to {Watchers} watchers, from write to event {ServedPlatform.Percentiles(late)}";
    }

    private static async Task<List<string>> List(HttpClient client, ServedPlatform platform)
    {
        // Gated, so that nothing but the API works on them.
        var rate = await ServedPlatform.Rate(ListedPods, AtOnce, at => Post(client, DefaultPods, Pod(at, """, "schedulingGates":[{"name":"bench/held"}]"""))).ConfigureAwait(false);
        var clock = Stopwatch.StartNew();
        using var response = await client.GetAsync(new Uri(DefaultPods, UriKind.Relative), HttpCompletionOption.ResponseHeadersRead).ConfigureAwait(false);
        var first = clock.Elapsed;
        var size = 0L;
        var buffer = new byte[1 << 16];
        using var body = await response.Content.ReadAsStreamAsync().ConfigureAwait(false);
        for (int read; (read = await body.ReadAsync(buffer).ConfigureAwait(false)) > 0;)
        {
            size += read;
        }

        return
        [
            Text("pod creates", rate),
            $"{clock.Elapsed.TotalMilliseconds,10:N0} ms to LIST {ListedPods:N0} pods ({size >> 20} MiB; first byte after {first.TotalMilliseconds:N0} ms); {platform.Memory >> 20} MiB resident",
        ];
    }

    private static async Task<string> ToRunning(HttpClient client)
    {
        var clock = Stopwatch.StartNew();
        var nodes = await ServedPlatform.Rate(Nodes, AtOnce, at => Post(client, "/api/v1/nodes", $$$$"""
            {"metadata":{"name":"n{{{{at}}}}"},"status":{"allocatable":{"cpu":"8","memory":"32Gi","pods":"110"},"capacity":{"cpu":"8","memory":"32Gi","pods":"110"}}}
            """)).ConfigureAwait(false);
        var pods = await ServedPlatform.Rate(Pods, AtOnce, at => Post(client, DefaultPods, Pod(at, ""))).ConfigureAwait(false);
        var written = clock.Elapsed;
        while (await Remaining(client).ConfigureAwait(false) is > 0)
        {
            await Task.Delay(50).ConfigureAwait(false);
        }

        return $"{clock.Elapsed.TotalMilliseconds,10:N0} ms for {Nodes:N0} nodes and {Pods:N0} pods to Running (written after {written.TotalMilliseconds:N0} ms; nodes {nodes.PerSecond:N0}/s, {nodes.Percentiles}; pods {pods.PerSecond:N0}/s, {pods.Percentiles})";
    }

    /// <summary>How many pods do not run.</summary>
    private static async Task<int> Remaining(HttpClient client)
    {
        var text = await client.GetStringAsync(new Uri($"{DefaultPods}?fieldSelector=status.phase!=Running&limit=1", UriKind.Relative)).ConfigureAwait(false);
        return text.Contains("\"items\":[]", StringComparison.Ordinal) ? 0 : 1;
    }

    private static string Pod(int number, string more) =>
        $$$$"""{"metadata":{"name":"p{{{{number}}}}"},"spec":{"containers":[{"name":"main","image":"bench","resources":{"requests":{"cpu":"500m","memory":"1Gi"}}}]{{{{more}}}}}}""";

    private static async Task Post(HttpClient client, string path, string body)
    {
        using var content = new StringContent(body, Encoding.UTF8, "application/json");
        using var response = await client.PostAsync(new Uri(path, UriKind.Relative), content).ConfigureAwait(false);
        if (!response.IsSuccessStatusCode)
        {
            throw new InvalidOperationException($"POST {path}: {(int)response.StatusCode} {await response.Content.ReadAsStringAsync().ConfigureAwait(false)}");
        }
    }

    private static async Task Get(HttpClient client, string path)
    {
        using var response = await client.GetAsync(new Uri(path, UriKind.Relative)).ConfigureAwait(false);
        response.EnsureSuccessStatusCode();
        await response.Content.ReadAsByteArrayAsync().ConfigureAwait(false);
    }
}
