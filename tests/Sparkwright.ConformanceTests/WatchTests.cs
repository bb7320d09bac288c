using System.Net;
using System.Net.WebSockets;
using Sparkwright.Kubernetes.Objects;

namespace Sparkwright.ConformanceTests;

/// <summary>Watches over both protocols: the events are the same.</summary>
public class WatchTests(RunningPlatform platform)
{
    private const string Maps = "/api/v1/namespaces/default/configmaps";

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_watch_tells_what_there_is_and_what_changes_until_its_time_is_over(bool overWebSocket)
    {
        var admin = platform.As("admin");
        var name = $"watched-{overWebSocket}".ToLowerInvariant();
        await RunningPlatform.Send(admin, "POST", Maps, $"{{\"metadata\":{{\"name\":\"{name}\"}}}}");
        var path = $"{Maps}?watch=true&fieldSelector=metadata.name={name}&timeoutSeconds=2";
        var events = overWebSocket ? Frames(path) : Lines(path);
        var told = new List<string>();
        await foreach (var one in events)
        {
            told.Add($"{one["type"]?.Text} {one.At("object", "metadata", "name")?.Text}");
            switch (told.Count)
            {
                case 1:
                    await RunningPlatform.Send(admin, "PATCH", $"{Maps}/{name}", "{\"data\":{\"a\":\"b\"}}", "application/merge-patch+json");
                    break;
                case 2:
                    await RunningPlatform.Send(admin, "DELETE", $"{Maps}/{name}");
                    break;
            }
        }

        Assert.Equal([$"ADDED {name}", $"MODIFIED {name}", $"DELETED {name}"], told);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_version_that_is_too_old_is_an_event(bool overWebSocket)
    {
        var path = $"{Maps}?watch=1&resourceVersion=1";
        var only = await (overWebSocket ? Frames(path) : Lines(path)).SingleAsync();
        Assert.Equal(("ERROR", "Status", 410, "Expired"), (only["type"]?.Text, only.At("object", "kind")?.Text, only.At("object", "code")?.Integer, only.At("object", "reason")?.Text));
    }

    [Theory]
    [InlineData("v1", "v1")]
    [InlineData("base64url.bearer.authorization.k8s.io.dG9rZW4,v2", "v2")]
    [InlineData("", null)]
    public async Task A_sub_protocol_that_is_offered_is_spoken(string offered, string? spoken)
    {
        using var socket = platform.Socket("admin");
        foreach (var protocol in offered.Split(',', StringSplitOptions.RemoveEmptyEntries))
        {
            socket.Options.AddSubProtocol(protocol);
        }

        await socket.ConnectAsync(platform.SocketAddress($"{Maps}?watch=true&timeoutSeconds=30"), CancellationToken.None);
        Assert.Equal(spoken, socket.SubProtocol);
        await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, null, CancellationToken.None);
        Assert.Equal(WebSocketCloseStatus.NormalClosure, socket.CloseStatus);
    }

    [Fact]
    public async Task A_socket_that_may_not_be_opened_is_refused_by_code()
    {
        using var socket = platform.Socket(platform.Team);
        await Assert.ThrowsAsync<WebSocketException>(() => socket.ConnectAsync(platform.SocketAddress("/api/v1/namespaces/default/pods?watch=true"), CancellationToken.None));
        Assert.Equal(HttpStatusCode.Forbidden, socket.HttpStatusCode);
    }

    [Theory]
    [InlineData("/api/v1/nodes", "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1", 200, "PartialObjectMetadataList")]
    [InlineData("/api/v1/nodes", "application/vnd.kubernetes.protobuf;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,application/json", 200, "PartialObjectMetadataList")]
    [InlineData("/api/v1/namespaces/default", "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1", 200, "PartialObjectMetadata")]
    [InlineData("/apis/karpenter.sh/v1/nodepools", "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1", 200, "PartialObjectMetadataList")]
    [InlineData("/api/v1/namespaces/default", "application/vnd.kubernetes.protobuf, application/json;q=0.5", 200, "Namespace")]
    [InlineData("/api/v1/namespaces/default", "application/json;as=Table;g=meta.k8s.io;v=v9,*/*", 200, "Namespace")]
    [InlineData("/api/v1/namespaces/default", "text/html,application/xhtml+xml,*/*;q=0.8", 200, "Namespace")]
    [InlineData("/api/v1/namespaces/default", "", 200, "Namespace")]
    [InlineData("/api/v1/namespaces/default", "application/json;q=0.1, application/json;as=Table;g=meta.k8s.io;v=v1", 200, "Table")]
    [InlineData("/api/v1/namespaces/default", "text/html", 406, "Status")]
    [InlineData("/api/v1/namespaces/default", "application/vnd.kubernetes.protobuf", 406, "Status")]
    [InlineData("/api/v1/nodes", "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1", 406, "Status")]
    [InlineData("/api/v1/nodes?watch=1", "text/html", 406, "Status")]
    public async Task The_first_form_that_can_be_given_is_given(string path, string accept, int code, string kind)
    {
        var answer = await RunningPlatform.Send(platform.As("admin"), "GET", path, accept: accept);
        Assert.Equal((code, kind), (answer.Code, answer.Body["kind"]?.Text));
        if (kind == "PartialObjectMetadataList")
        {
            Assert.All(answer.Body["items"]!.Items.ToArray(), item => Assert.Equal(("meta.k8s.io/v1", "PartialObjectMetadata", null), (item["apiVersion"]?.Text, item["kind"]?.Text, item["spec"])));
        }
    }

    [Fact]
    public async Task A_watch_of_metadata_has_nothing_else()
    {
        var first = await Lines("/api/v1/nodes?watch=1&timeoutSeconds=5", "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1,application/json").FirstAsync();
        Assert.Equal(["apiVersion", "kind", "metadata"], ((TreeMap)first["object"]!).Keys.ToArray());
    }

    private async IAsyncEnumerable<Tree> Lines(string path, string accept = "application/json")
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.TryAddWithoutValidation("Accept", accept);
        using var response = await platform.As("admin").SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync());
        while (await reader.ReadLineAsync() is { } line)
        {
            yield return TreeJson.Parse(line);
        }
    }

    private async IAsyncEnumerable<Tree> Frames(string path)
    {
        using var socket = platform.Socket("admin");
        await socket.ConnectAsync(platform.SocketAddress(path), CancellationToken.None);
        await foreach (var text in RunningPlatform.Texts(socket, CancellationToken.None))
        {
            yield return TreeJson.Parse(text);
        }

        Assert.Equal(WebSocketCloseStatus.NormalClosure, socket.CloseStatus);
    }
}
