using Sparkwright.Kubernetes.Objects;
using Sparkwright.World;
using Sparkwright.World.Scenarios;

namespace Sparkwright.Tests.World.Scenarios;

public sealed class ScenarioRunTests
{
    private const string LateNodes = """
        apply:
              manifests:
              - {apiVersion: v1, kind: Node, metadata: {name: n1, annotations: {sparkwright.dev/create-at: 50s}}, status: {allocatable: {cpu: "4", memory: 16Gi, pods: "110"}}}
              - {apiVersion: v1, kind: Node, metadata: {name: n2, annotations: {sparkwright.dev/create-at: 100s}}, status: {allocatable: {cpu: "4", memory: 16Gi, pods: "110"}}}
        """;

    [Theory]
    // quietFor and atMost                     ok      ends at  message
    [InlineData("{}", true, 180, "")]
    [InlineData("{quietFor: 49s}", true, 49, "")]
    [InlineData("{quietFor: 60s}", true, 160, "")]
    [InlineData("{quietFor: 60s, atMost: 160s}", true, 160, "")]
    [InlineData("{quietFor: 60s, atMost: 159s}", false, 159, "not settled after 2m39s")]
    [InlineData("{quietFor: 60s, atMost: 30s}", false, 30, "not settled after 30s")]
    public void Settle_ends_quietFor_after_the_last_change_or_at_most_when_told(string settle, bool ok, int endsAt, string message)
    {
        var isPlain = settle == "{}";
        var run = Run(isPlain ? "advance: 0s" : LateNodes, $"settle: {settle}", "snapshot: {name: s}");

        Assert.Equal((ok, message), (run.Steps[1].Ok, run.Steps[1].Message));
        Assert.Equal(TimeSpan.FromSeconds(endsAt), run.Snapshots[0].At);
        Assert.False(run.ExpectationFailed);
    }

    [Theory]
    [InlineData("delete: {kind: Pod, name: p}", "pods \"p\" not found")]
    [InlineData("delete: {kind: Pod, name: p, namespace: kube-system}", "pods \"p\" not found")]
    [InlineData("delete: {kind: Namespace, name: default}", "namespaces \"default\" is forbidden: this namespace may not be deleted")]
    [InlineData("delete: {kind: Namespace, all: true}", "namespaces \"default\" is forbidden: this namespace may not be deleted; namespaces \"kube-public\" is forbidden: this namespace may not be deleted; namespaces \"kube-system\" is forbidden: this namespace may not be deleted")]
    [InlineData("scale: {kind: Deployment, name: d, replicas: 2}", "deployments.apps \"d\" not found")]
    [InlineData("patch: {kind: Wish, name: w, merge: {}}", "no kind \"Wish\" is served")]
    [InlineData("patch: {apiVersion: apps/v2, kind: Deployment, name: w, merge: {}}", "no kind \"Deployment\" in version \"apps/v2\" is served")]
    [InlineData("patch: {kind: Namespace, name: default, merge: {spec: {finalisers: []}}}", "Namespace in version \"v1\" cannot be handled as a Namespace: strict decoding error: unknown field \"spec.finalisers\"")]
    [InlineData("advance: {to: 1s}", "that time has passed already")]
    [InlineData("restart: {component: kubectl}", "'kubectl' cannot be restarted; allowed: engine")]
    public void A_step_that_cannot_be_done_says_why_and_the_run_goes_on(string step, string message)
    {
        var run = Run("advance: 10s", step, "snapshot: {name: s}");

        Assert.Equal((false, message), (run.Steps[1].Ok, run.Steps[1].Message));
        Assert.True(run.Steps[2].Ok);
        Assert.False(run.ExpectationFailed);
    }

    [Fact]
    public void An_object_for_later_that_is_refused_when_its_time_comes_is_a_finding()
    {
        var run = Run(
            "apply: {manifests: [{apiVersion: v1, kind: Namespace, metadata: {name: team}}, {apiVersion: v1, kind: ConfigMap, metadata: {name: c, namespace: team, annotations: {sparkwright.dev/create-at: 30s}}}]}",
            "delete: {kind: Namespace, name: team}",
            "advance: 1m");

        Assert.Equal([201, 202], run.Steps[0].Documents.Select(document => document.Status));
        Assert.Equal(["ConfigMap c: namespaces \"team\" not found"], run.World.LateRefusals());
    }

    [Theory]
    [InlineData("{apiVersion: v1, kind: ConfigMap, metadata: {name: c}}", "default", 201)]
    [InlineData("{apiVersion: v1, kind: ConfigMap, metadata: {name: c, namespace: kube-system}}", "kube-system", 201)]
    [InlineData("{apiVersion: v1, kind: ConfigMap, metadata: {name: C}}", "default", 422)]
    [InlineData("{apiVersion: v1, kind: ConfigMap, metadata: {name: c}, date: {}}", "default", 400)]
    [InlineData("{apiVersion: v1, kind: Namespace, metadata: {name: ns, namespace: astray}}", "", 201)]
    [InlineData("{apiVersion: v1, kind: Wish, metadata: {name: w}}", "", 404)]
    [InlineData("{apiVersion: v1, kind: ConfigMap, metadata: {name: c, annotations: {sparkwright.dev/create-at: soon}}}", "default", 422)]
    public void A_document_is_named_with_the_namespace_in_which_it_lands(string document, string home, int status)
    {
        var applied = Assert.Single(Run($"apply: {{manifests: [{document}]}}").Steps[0].Documents);

        Assert.Equal((home, status), (applied.Namespace, applied.Status));
    }

    [Fact]
    public void Steps_of_one_instant_come_before_the_first_tick_of_that_instant()
    {
        const string Pod = "apply: {manifests: [{apiVersion: v1, kind: Pod, metadata: {name: p}, spec: {containers: [{name: c, image: i}]}}]}";
        var run = Run(LateNodes.Replace("50s", "0s"), Pod, "snapshot: {name: before}", "advance: 0s", "snapshot: {name: after}");

        var homes = run.Snapshots.Select(snapshot => Tree.ItemsOf(snapshot.Content.At("objects", "pods"))[0].At("spec", "nodeName")?.Text ?? "none");
        Assert.Equal("none n1", string.Join(' ', homes));
    }

    [Fact]
    public void A_word_that_an_expectation_does_not_know_fails_it()
    {
        var run = Run("expect: {noEvents: [{reason: Lost, message: one thing, another}]}");

        Assert.True(run.ExpectationFailed);
        Assert.Contains("'another' is unknown here; allowed: reason, about, kind, message, type", run.Steps[0].Message, StringComparison.Ordinal);
    }

    private static ScenarioRun Run(params string[] steps)
    {
        var text = "apiVersion: sparkwright.dev/v1\nkind: Scenario\nmetadata: {name: t}\nspec:\n  steps:\n" + string.Concat(steps.Select(step => $"  - {step}\n"));
        var scenario = new ScenarioReader("t.yaml", _ => [], _ => []).Read(Yaml.Read(text));
        var run = new ScenarioRun(scenario, WorldBuilder.Build(new WorldSettings()));
        run.RunAll();
        return run;
    }
}
