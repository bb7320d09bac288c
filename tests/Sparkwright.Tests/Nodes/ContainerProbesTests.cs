using Sparkwright.Kubernetes.Fitting;
using Sparkwright.Kubernetes.Objects;
using Sparkwright.World.Nodes;

namespace Sparkwright.Tests.Nodes;

public sealed class ContainerProbesTests
{
    private static readonly DateTime Start = new(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc);

    [Theory]
    //          startup probe                                 readiness probe                                                      started  ready
    [InlineData("", "", 0, 0)]
    [InlineData("", "{}", 0, 10)]
    [InlineData("", "{initialDelaySeconds: 5, periodSeconds: 2}", 0, 7)]
    [InlineData("", "{initialDelaySeconds: 5, periodSeconds: 2, successThreshold: 3}", 0, 11)]
    [InlineData("{initialDelaySeconds: 5, periodSeconds: 20}", "", 25, 25)]
    [InlineData("{periodSeconds: 20}", "{initialDelaySeconds: 5, periodSeconds: 2}", 20, 22)]
    [InlineData("{periodSeconds: 20}", "{initialDelaySeconds: 50, periodSeconds: 2}", 20, 52)]
    public void A_probe_succeeds_one_period_after_its_initial_delay(string startup, string readiness, int started, int ready)
    {
        var container = Map($"{{{(startup.Length == 0 ? "" : $"startupProbe: {startup},")}{(readiness.Length == 0 ? "" : $"readinessProbe: {readiness}")}}}");
        Assert.Equal((Start.AddSeconds(started), Start.AddSeconds(ready)), (ContainerProbes.StartedFrom(container, Start), ContainerProbes.ReadyFrom(container, Start)));
    }

    [Theory]
    //          ready  conditions                       containers                                    pod
    [InlineData("a b", "[]", "", "corresponding condition of pod readiness gate \"x\" does not exist.")]
    [InlineData("a b", "[{type: x, status: \"False\"}]", "", "the status of pod readiness gate \"x\" is not \"True\", but False")]
    [InlineData("a b", "[{type: x, status: \"True\"}]", "", "")]
    [InlineData("a", "[{type: x, status: \"True\"}]", "containers with unready status: [b]", "containers with unready status: [b]")]
    public void A_pod_is_ready_when_its_containers_and_its_gates_are(string ready, string conditions, string containers, string pod)
    {
        var spec = PodSpecView.Of(Map("{containers: [{name: a}, {name: b}], readinessGates: [{conditionType: x}]}"));
        var entries = string.Join(',', ready.Split(' ').Select(name => $"{{name: {name}, ready: true}}"));
        var status = Map($"{{containerStatuses: [{entries}], conditions: {conditions}}}");
        Assert.Equal((containers, pod), (PodReadiness.OfContainers(spec, status).Message ?? "", PodReadiness.OfPod(spec, status).Message ?? ""));
    }

    private static TreeMap Map(string body) => (TreeMap)YamlReader.Read(body).Documents[0].Root;
}
