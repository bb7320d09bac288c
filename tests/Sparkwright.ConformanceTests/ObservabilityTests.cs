using System.Diagnostics;
using Sparkwright.Kubernetes.Objects;

namespace Sparkwright.ConformanceTests;

/// <summary>Metrics and YuniKorn's web service as Prometheus and people with curl read them.</summary>
public sealed class ObservabilityTests(RunningPlatform platform)
{
    /// <summary>promtool's exit code where the text can be read and only names are against its taste; upstream's names are upstream's.</summary>
    private const int MattersOfTaste = 3;

    [Theory]
    [InlineData("/metrics", "karpenter_build_info")]
    [InlineData("/karpenter/metrics", "karpenter_cluster_state_synced 1")]
    [InlineData("/yunikorn/metrics", "yunikorn_queue_resource{queue=\"root.dev\"")]
    [InlineData("/kube-scheduler/metrics", "scheduler_pending_pods{queue=\"unschedulable\"} 0")]
    [InlineData("/kube-state-metrics/metrics", "kube_pod_status_phase{namespace=\"kube-system\",phase=\"Running\"")]
    [InlineData("/kube-apiserver/metrics", "apiserver_storage_objects{resource=\"nodes\"} 3")]
    [InlineData("/sparkwright/metrics", "sparkwright_instance_usd_per_hour{capacity_type=\"on-demand\"")]
    public async Task Prometheus_reads_each_components_metrics(string path, string line)
    {
        using var client = new HttpClient { BaseAddress = platform.Dashboard };
        using var response = await client.GetAsync(new Uri(path, UriKind.Relative), TestContext.Current.CancellationToken);
        Assert.Equal("text/plain; version=0.0.4; charset=utf-8", response.Content.Headers.ContentType?.ToString());
        var text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.Contains("\n" + line, text, StringComparison.Ordinal);
        await Check(text);
    }

    [Fact]
    public async Task YuniKorns_service_answers_where_upstreams_does()
    {
        using var client = new HttpClient { BaseAddress = platform.YuniKorn };
        var queue = await RunningPlatform.Send(client, "GET", "/ws/v1/partition/default/queue/root.default");
        Assert.Equal((200, "root.default"), (queue.Code, queue.Body["queuename"]?.Text));
        Assert.Equal(404, (await RunningPlatform.Send(client, "GET", "/ws/v1/partition/default/queue/root.none")).Code);
        Assert.Equal(405, (await RunningPlatform.Send(client, "PUT", "/ws/v1/config", "")).Code);
        var wrong = await RunningPlatform.Send(client, "POST", "/ws/v1/validate-conf", "partitions: [{name: default, queue: []}]", "text/plain");
        Assert.False(wrong.Body["allowed"]?.Boolean);
        Assert.Contains("yunikorn_queue_app", (await RunningPlatform.Send(client, "GET", "/ws/v1/metrics")).Body.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_stream_tells_an_event_when_it_happens()
    {
        using var client = new HttpClient { BaseAddress = platform.YuniKorn };
        await using var stream = await client.GetStreamAsync(new Uri("/ws/v1/events/stream", UriKind.Relative), TestContext.Current.CancellationToken);
        using var reader = new StreamReader(stream);
        var pod = """{"metadata":{"name":"streamed","labels":{"applicationId":"streamed"}},"spec":{"schedulerName":"yunikorn","containers":[{"name":"a","image":"a"}]}}""";
        Assert.Equal(201, (await RunningPlatform.Send(platform.As("admin"), "POST", "/api/v1/namespaces/default/pods", pod)).Code);
        Tree record;
        do
        {
            record = TreeJson.Parse((await reader.ReadLineAsync(TestContext.Current.CancellationToken).AsTask().WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken))!);
        }
        while (record["objectID"]?.Text != "streamed");
    }

    private static async Task Check(string text)
    {
        if (!(Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Any(folder => File.Exists(Path.Combine(folder, "promtool"))))
        {
            Assert.Skip("promtool is not on the PATH; Debian has it in the package prometheus");
        }

        using var promtool = Process.Start(new ProcessStartInfo("promtool", ["check", "metrics"]) { RedirectStandardInput = true, RedirectStandardError = true })!;
        var complaints = promtool.StandardError.ReadToEndAsync();
        await promtool.StandardInput.WriteAsync(text);
        promtool.StandardInput.Close();
        await promtool.WaitForExitAsync();
        Assert.True(promtool.ExitCode is 0 or MattersOfTaste, await complaints);
    }
}
