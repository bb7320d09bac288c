using System.Net;
using System.Threading.Channels;
using Sparkwright.Kubernetes.Objects;

namespace Sparkwright.ConformanceTests;

/// <summary>
/// The calls that Spark's submitter and driver make, in their order: watch the driver, make it and what belongs to it, then list, watch, make and remove
/// executors. Up to 3.3 Spark writes its objects by POST, and PUT where there is one; from 3.4 on it applies them.
/// </summary>
public class SparkProtocolTests(RunningPlatform platform)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly HttpClient admin = platform.As("admin");

    [Theory]
    [InlineData("3.3", true)]
    [InlineData("3.3", false)]
    [InlineData("3.5", true)]
    [InlineData("3.5", false)]
    public async Task A_job_is_submitted_runs_and_is_cleaned_up(string version, bool overWebSocket)
    {
        var home = $"spark-{version.Replace('.', '-')}-{(overWebSocket ? "socket" : "lines")}";
        Assert.Equal(201, (await Call("POST", "/api/v1/namespaces", $"{{\"metadata\":{{\"name\":\"{home}\"}}}}")).Code);
        var (pods, maps) = ($"/api/v1/namespaces/{home}/pods", $"/api/v1/namespaces/{home}/configmaps");
        const string App = "spark-app-1", Driver = "job-driver";

        // The submitter watches the driver before it makes it, so that it misses nothing.
        using var stop = new CancellationTokenSource(Patience);
        var driverEvents = Watch($"{pods}?fieldSelector=metadata.name%3D{Driver}&allowWatchBookmarks=true&watch=true", overWebSocket, stop.Token);
        var driver = await Call("POST", pods, Pod(Driver, $"\"spark-app-selector\":\"{App}\",\"spark-role\":\"driver\"", "sh\",\"-c\",\"echo driving; sleep 600"));
        Assert.Equal(201, driver.Code);
        var owner = $"\"ownerReferences\":[{{\"apiVersion\":\"v1\",\"kind\":\"Pod\",\"name\":\"{Driver}\",\"uid\":\"{driver.Body.At("metadata", "uid")!.Text}\",\"controller\":true}}]";
        await Write(version, maps, "ConfigMap", "driver-conf", $$$"""{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"driver-conf","labels":{"spark-app-selector":"{{{App}}}"},{{{owner}}}},"immutable":true,"data":{"spark.properties":"a=b"}}""");
        await Write(version, $"/api/v1/namespaces/{home}/services", "Service", "driver-svc", $$$"""{"apiVersion":"v1","kind":"Service","metadata":{"name":"driver-svc","labels":{"spark-app-selector":"{{{App}}}"},{{{owner}}}},"spec":{"clusterIP":"None","ipFamilyPolicy":"SingleStack","ipFamilies":["IPv4"],"selector":{"spark-role":"driver"},"ports":[{"name":"driver-rpc-port","port":7078,"targetPort":7078}]}}""");
        await Until(driverEvents, one => one.At("object", "status", "phase")?.Text == "Running");

        // The driver finds itself, waits until it is ready, and writes the executors' configuration.
        Assert.Equal(200, (await Call("GET", $"{pods}/{Driver}")).Code);
        var listed = await Call("GET", $"{pods}?fieldSelector=metadata.name%3D{Driver}&resourceVersion=0");
        Assert.Equal([Driver], Names(listed.Body));
        await Call("POST", maps, $$$"""{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"exec-conf","labels":{"spark-app-selector":"{{{App}}}","spark-role":"executor"}},"data":{"a":"b"}}""");

        // It lists and watches its executors while it makes them.
        const string Executors = $"labelSelector=spark-app-selector%3D{App}%2Cspark-role%3Dexecutor%2Cspark-exec-inactive%21%3Dtrue";
        var before = await Call("GET", $"{pods}?{Executors}&resourceVersion=0");
        Assert.Empty(Names(before.Body));
        var executorEvents = Watch($"{pods}?{Executors}&resourceVersion={before.Body.At("metadata", "resourceVersion")!.Text}&watch=true&timeoutSeconds=120", overWebSocket, stop.Token);
        for (var number = 1; number <= 3; number++)
        {
            Assert.Equal(201, (await Call("POST", pods, Pod($"job-exec-{number}", $"\"spark-app-selector\":\"{App}\",\"spark-role\":\"executor\",\"spark-exec-id\":\"{number}\"", "sleep\",\"600"))).Code);
            await Until(executorEvents, one => one["type"]?.Text == "ADDED" && one.At("object", "metadata", "name")?.Text == $"job-exec-{number}");
        }

        Assert.Equal(409, (await Call("POST", pods, Pod("job-exec-1", "\"spark-role\":\"executor\"", "sleep\",\"600"))).Code);
        var claim = await Call("POST", $"/api/v1/namespaces/{home}/persistentvolumeclaims", """{"metadata":{"name":"job-exec-1-pvc-0","labels":{"spark-app-selector":"spark-app-1"}},"spec":{"accessModes":["ReadWriteOnce"],"storageClassName":"gp2","resources":{"requests":{"storage":"10Gi"}}}}""");
        Assert.Equal(201, claim.Code);
        var owned = $"{{\"metadata\":{{{owner}}}}}";
        Assert.Equal(200, (await Call("PATCH", $"/api/v1/namespaces/{home}/persistentvolumeclaims/job-exec-1-pvc-0", owned, "application/merge-patch+json")).Code);

        // An executor that is given up is marked, by the patch of the version, and no longer listed.
        foreach (var (executor, patch, mediaType) in ((int, string, string)[])
        [
            (1, "{\"metadata\":{\"labels\":{\"spark-exec-inactive\":\"true\"}}}", "application/strategic-merge-patch+json"),
            (2, "[{\"op\":\"add\",\"path\":\"/metadata/labels/spark-exec-inactive\",\"value\":\"true\"}]", "application/json-patch+json"),
        ])
        {
            Assert.Equal(200, (await Call("PATCH", $"{pods}/job-exec-{executor}", patch, mediaType)).Code);
            await Until(executorEvents, one => one["type"]?.Text == "DELETED" && one.At("object", "metadata", "name")?.Text == $"job-exec-{executor}");
        }

        Assert.Equal(["job-exec-3"], Names((await Call("GET", $"{pods}?{Executors}")).Body));
        var scaledDown = await Call("DELETE", $"{pods}?labelSelector=spark-app-selector%3D{App}%2Cspark-role%3Dexecutor%2Cspark-exec-id%20in%20%281%2C2%29&fieldSelector=status.phase%21%3DSucceeded%2Cstatus.phase%21%3DFailed", "{\"apiVersion\":\"v1\",\"kind\":\"DeleteOptions\",\"gracePeriodSeconds\":0,\"propagationPolicy\":\"Background\"}");
        Assert.Equal((200, "job-exec-1 job-exec-2"), (scaledDown.Code, string.Join(' ', Names(scaledDown.Body))));

        // In the end all that bears the application's label goes, and with the driver what it owns.
        foreach (var plural in (string[])["services", "persistentvolumeclaims", "configmaps", "pods"])
        {
            Assert.Equal(200, (await Call("DELETE", $"/api/v1/namespaces/{home}/{plural}?labelSelector=spark-app-selector%3D{App}", "{\"gracePeriodSeconds\":0}")).Code);
        }

        await Until(driverEvents, one => one["type"]?.Text == "DELETED");
        Assert.Equal(404, (await Call("GET", $"{pods}/{Driver}")).Code);
        Assert.Equal(200, (await Call("DELETE", $"/api/v1/namespaces/{home}")).Code);
    }

    private static string Pod(string name, string labels, string command) => """
        {"apiVersion":"v1","kind":"Pod","metadata":{"name":"NAME","labels":{LABELS}},
         "spec":{"restartPolicy":"Never","terminationGracePeriodSeconds":30,"containers":[{"name":"spark","image":"spark","command":["COMMAND"],"resources":{"requests":{"cpu":"10m","memory":"16Mi"}}}]}}
        """.Replace("NAME", name, StringComparison.Ordinal).Replace("LABELS", labels, StringComparison.Ordinal).Replace("COMMAND", command, StringComparison.Ordinal);

    /// <summary>Makes an object, or brings it to what it should be: twice, as a second submission does.</summary>
    private async Task Write(string version, string collection, string kind, string name, string document)
    {
        for (var round = 0; round < 2; round++)
        {
            if (version == "3.5")
            {
                var applied = await Call("PATCH", $"{collection}/{name}?fieldManager=fabric8&force=true", document, "application/apply-patch+yaml");
                Assert.True(applied.Code == (round == 0 ? 201 : 200) && applied.Body["kind"]?.Text == kind, $"{applied.Code} {applied.Body}");
                continue;
            }

            var made = await Call("POST", collection, document);
            Assert.Equal(round == 0 ? 201 : 409, made.Code);
            if (made.Code == 409)
            {
                var known = (TreeMap)(await Call("GET", $"{collection}/{name}")).Body;
                Assert.Equal(200, (await Call("PUT", $"{collection}/{name}", known.Set(["metadata", "annotations", "again"], "yes").ToString())).Code);
            }
        }
    }

    private Task<(int Code, Tree Body)> Call(string method, string path, string? body = null, string mediaType = "application/json") =>
        RunningPlatform.Send(admin, method, path, body, mediaType);

    private static IEnumerable<string> Names(Tree list) => list["items"]!.Items.ToArray().Select(one => one.At("metadata", "name")!.Text!);

    private static async Task Until(ChannelReader<Tree> events, Func<Tree, bool> wanted)
    {
        var seen = new List<string>();
        try
        {
            while (await events.ReadAsync() is var one && !wanted(one))
            {
                seen.Add($"{one["type"]?.Text} {one.At("object", "metadata", "name")?.Text} {one.At("object", "status", "phase")?.Text}");
            }
        }
        catch (Exception fault) when (fault is ChannelClosedException or OperationCanceledException)
        {
            Assert.Fail($"the watch ended before its event; seen: {string.Join(", ", seen)}; {fault.InnerException?.Message}");
        }
    }

    /// <summary>A watch as fabric8 opens it: with the Upgrade of a WebSocket, or without.</summary>
    private ChannelReader<Tree> Watch(string path, bool overWebSocket, CancellationToken cancellation)
    {
        var events = Channel.CreateUnbounded<Tree>();
        _ = Task.Run(
            async () =>
            {
                try
                {
                    await (overWebSocket ? Frames(path, events.Writer, cancellation) : Lines(path, events.Writer, cancellation));
                    events.Writer.TryComplete();
                }
                catch (Exception fault)
                {
                    events.Writer.TryComplete(fault);
                }
            },
            CancellationToken.None);
        return events.Reader;
    }

    private async Task Lines(string path, ChannelWriter<Tree> events, CancellationToken cancellation)
    {
        using var response = await admin.GetAsync(path, HttpCompletionOption.ResponseHeadersRead, cancellation);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(cancellation));
        while (await reader.ReadLineAsync(cancellation) is { } line)
        {
            events.TryWrite(TreeJson.Parse(line));
        }
    }

    private async Task Frames(string path, ChannelWriter<Tree> events, CancellationToken cancellation)
    {
        using var socket = platform.Socket("admin");
        socket.Options.SetRequestHeader("Origin", platform.Address.ToString().TrimEnd('/'));
        await socket.ConnectAsync(platform.SocketAddress(path), cancellation);
        await foreach (var text in RunningPlatform.Texts(socket, cancellation))
        {
            events.TryWrite(TreeJson.Parse(text));
        }
    }
}
