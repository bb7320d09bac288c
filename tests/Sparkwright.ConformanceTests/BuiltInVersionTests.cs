using Sparkwright.Kubernetes.Objects;

namespace Sparkwright.ConformanceTests;

/// <summary>Kinds that are served in two versions are one object in both.</summary>
public class BuiltInVersionTests(RunningPlatform platform)
{
    private const string Older = "/apis/autoscaling/v1/namespaces/default/horizontalpodautoscalers";
    private const string Newer = "/apis/autoscaling/v2/namespaces/default/horizontalpodautoscalers";

    [Fact]
    public async Task An_autoscaler_is_the_same_in_v1_and_v2()
    {
        var admin = platform.As("admin");
        var made = await RunningPlatform.Send(
            admin, "POST", Older, """{"metadata":{"name":"both"},"spec":{"scaleTargetRef":{"kind":"Deployment","name":"web"},"maxReplicas":4,"targetCPUUtilizationPercentage":70}}""");
        Assert.Equal((201, "autoscaling/v1", 70), (made.Code, made.Body["apiVersion"]?.Text, made.Body.At("spec", "targetCPUUtilizationPercentage")?.Integer));
        var newer = (await RunningPlatform.Send(admin, "GET", Newer + "/both")).Body;
        Assert.Equal("""[{"resource":{"name":"cpu","target":{"averageUtilization":70,"type":"Utilization"}},"type":"Resource"}]""", newer.At("spec", "metrics")?.ToString());
        Assert.Equal(made.Body.At("metadata", "uid"), newer.At("metadata", "uid"));

        var memory = """{"spec":{"metrics":[{"type":"Resource","resource":{"name":"memory","target":{"type":"Utilization","averageUtilization":60}}}]}}""";
        await RunningPlatform.Send(admin, "PATCH", Newer + "/both", memory, "application/merge-patch+json");
        var older = (await RunningPlatform.Send(admin, "GET", Older)).Body["items"]!.Items.ToArray().Single(one => one.At("metadata", "name")?.Text == "both");
        Assert.Null(older.At("spec", "targetCPUUtilizationPercentage"));
        Assert.Contains("memory", older.At("metadata", "annotations", "autoscaling.alpha.kubernetes.io/metrics")?.Text, StringComparison.Ordinal);
        await RunningPlatform.Send(admin, "PATCH", Older + "/both", """{"spec":{"maxReplicas":5}}""", "application/merge-patch+json");
        Assert.Equal(
            "5 memory", $"{(newer = (await RunningPlatform.Send(admin, "GET", Newer + "/both")).Body).At("spec", "maxReplicas")} {newer.At("spec", "metrics")!.Items[0].At("resource", "name")?.Text}");
        Assert.Equal(422, (await RunningPlatform.Send(admin, "PATCH", Older + "/both", """{"spec":{"minReplicas":9}}""", "application/merge-patch+json")).Code);
    }

    [Fact]
    public async Task An_event_is_the_same_in_both_groups()
    {
        var admin = platform.As("admin");
        var body = """
            {"metadata":{"name":"said"},"regarding":{"kind":"Pod","name":"p","namespace":"default"},"note":"hello","reason":"Said","type":"Normal","action":"say",
             "reportingController":"me","reportingInstance":"me-0","eventTime":"NOW"}
            """.Replace("NOW", Timestamps.PrintMicro(DateTime.UtcNow), StringComparison.Ordinal);
        Assert.Equal(201, (await RunningPlatform.Send(admin, "POST", "/apis/events.k8s.io/v1/namespaces/default/events", body)).Code);
        var core = (await RunningPlatform.Send(admin, "GET", "/api/v1/namespaces/default/events/said")).Body;
        Assert.Equal(("v1", "hello", "p", "me"), (core["apiVersion"]?.Text, core["message"]?.Text, core.At("involvedObject", "name")?.Text, core["reportingComponent"]?.Text));
        foreach (var path in (string[])["/api/v1/namespaces/default/events?fieldSelector=involvedObject.name=p", "/apis/events.k8s.io/v1/namespaces/default/events?fieldSelector=regarding.name=p"])
        {
            Assert.Equal("said", (await RunningPlatform.Send(admin, "GET", path)).Body["items"]!.Items[0].At("metadata", "name")?.Text);
        }

        await RunningPlatform.Send(admin, "DELETE", "/apis/events.k8s.io/v1/namespaces/default/events/said");
        Assert.Equal(404, (await RunningPlatform.Send(admin, "GET", "/api/v1/namespaces/default/events/said")).Code);
    }
}
