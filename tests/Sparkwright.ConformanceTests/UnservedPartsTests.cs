using System.Diagnostics;
using System.Net.Http.Headers;
using Sparkwright.Kubernetes.Objects;

namespace Sparkwright.ConformanceTests;

/// <summary>Whatever a simulated cluster cannot do is answered at once, with a reason.</summary>
public class UnservedPartsTests(RunningPlatform platform)
{
    private static readonly TimeSpan AtOnce = TimeSpan.FromSeconds(5);

    [Theory]
    [InlineData("GET", "exec?command=ls", "websocket", "v5.channel.k8s.io")]
    [InlineData("POST", "exec?command=ls", "SPDY/3.1", "v4.channel.k8s.io")]
    [InlineData("GET", "attach", "websocket", "v5.channel.k8s.io")]
    [InlineData("POST", "attach", "SPDY/3.1", "v4.channel.k8s.io")]
    [InlineData("GET", "portforward", "websocket", "SPDY/3.1+portforward.k8s.io")]
    [InlineData("POST", "portforward", "SPDY/3.1", "portforward.k8s.io")]
    [InlineData("GET", "proxy/metrics", "", "")]
    public async Task Streams_into_a_pod_are_refused_before_they_begin(string method, string subresource, string upgrade, string protocol)
    {
        var admin = platform.As("admin");
        var pod = (await RunningPlatform.Send(admin, "GET", "/api/v1/namespaces/kube-system/pods")).Body["items"]!.Items.ToArray()
            .Select(one => one.At("metadata", "name")!.Text!).First(name => name.StartsWith("coredns", StringComparison.Ordinal));
        var (code, body) = await Upgrade($"/api/v1/namespaces/kube-system/pods/{pod}/{subresource}");
        Assert.Equal((501, "Status", "NotImplemented"), (code, body["kind"]?.Text, body["reason"]?.Text));
        Assert.EndsWith($"is not available: containers are simulated, there is no process behind \"{pod}\"", body["message"]?.Text, StringComparison.Ordinal);
        Assert.Equal(404, (await Upgrade($"/api/v1/namespaces/kube-system/pods/none/{subresource}")).Code);

        async Task<(int Code, Tree Body)> Upgrade(string path)
        {
            using var request = new HttpRequestMessage(new HttpMethod(method), path);
            if (upgrade.Length > 0)
            {
                request.Headers.Connection.Add("Upgrade");
                request.Headers.Upgrade.Add(ProductHeaderValue.Parse(upgrade));
                request.Headers.Add("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ==");
                request.Headers.Add("Sec-WebSocket-Version", "13");
                request.Headers.Add(upgrade == "websocket" ? "Sec-WebSocket-Protocol" : "X-Stream-Protocol-Version", protocol);
            }

            using var patience = new CancellationTokenSource(AtOnce);
            using var response = await admin.SendAsync(request, patience.Token);
            return ((int)response.StatusCode, TreeJson.Parse(await response.Content.ReadAsStringAsync(patience.Token)));
        }
    }

    [Fact]
    public async Task Every_verb_of_every_subresource_is_answered_at_once()
    {
        var admin = platform.As("admin");
        var groups = new List<string> { "/api/v1" };
        groups.AddRange((await RunningPlatform.Send(admin, "GET", "/apis")).Body["groups"]!.Items.ToArray()
            .SelectMany(group => group["versions"]!.Items.ToArray()).Select(version => $"/apis/{version["groupVersion"]!.Text}"));
        var asked = 0;
        foreach (var group in groups)
        {
            foreach (var resource in (await RunningPlatform.Send(admin, "GET", group)).Body["resources"]!.Items.ToArray().Where(one => one["name"]!.Text!.Contains('/', StringComparison.Ordinal)))
            {
                var (plural, part) = (resource["name"]!.Text!.Split('/')[0], resource["name"]!.Text!.Split('/')[1]);
                var path = $"{group}{(resource["namespaced"]?.Boolean == true ? "/namespaces/default" : "")}/{plural}/nobody/{part}";
                foreach (var verb in resource["verbs"]!.Items.ToArray())
                {
                    var method = verb.Text switch { "create" => "POST", "update" => "PUT", "patch" => "PATCH", "delete" => "DELETE", _ => "GET" };
                    var watch = Stopwatch.StartNew();
                    var answer = await RunningPlatform.Send(
                        admin, method, path, method == "GET" ? null : "{\"metadata\":{\"name\":\"nobody\"}}", method == "PATCH" ? "application/merge-patch+json" : "application/json");
                    Assert.True(answer.Body["kind"]?.Text == "Status" && answer.Code is 400 or 404 or 422 or 501, $"{method} {path}: {answer.Code} {answer.Body}");
                    Assert.True(watch.Elapsed < AtOnce, $"{method} {path} took {watch.Elapsed}");
                    asked++;
                }
            }
        }

        Assert.InRange(asked, 80, 1000);
    }
}
