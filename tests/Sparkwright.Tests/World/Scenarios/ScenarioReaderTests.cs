using Sparkwright.Kubernetes.Objects;
using Sparkwright.World.Scenarios;

namespace Sparkwright.Tests.World.Scenarios;

public sealed class ScenarioReaderTests
{
    [Theory]
    [InlineData("spec: {stepps: []}", "t.yaml: spec.stepps: is unknown here; allowed: seed, platform, clusterName, components, steps, startTime, model")]
    [InlineData("spec: {seed: many}", "t.yaml: spec.seed: must be a whole number")]
    [InlineData("spec: {platform: 5}", "t.yaml: spec.platform: must be text")]
    [InlineData("spec: {components: [karpenter, volcano]}", "t.yaml: spec.components: 'volcano' is not a component; allowed: karpenter, scheduler, yunikorn")]
    [InlineData("spec: {platform: p.yaml, components: [scheduler]}", "t.yaml: spec.components: is for the bare platform; a blueprint brings its own")]
    [InlineData("spec: {platform: p.yaml, clusterName: c}", "t.yaml: spec.clusterName: is for the bare platform; a blueprint brings its own")]
    [InlineData("spec: {components: karpenter}", "t.yaml: spec.components: must be a list")]
    [InlineData("spec: {startTime: today}", "t.yaml: spec.startTime: must be a time such as 2026-01-01T00:00:00Z")]
    [InlineData("spec: {model: fast}", "t.yaml: spec.model: must be a map")]
    [InlineData("spec: {steps: {}}", "t.yaml: spec.steps: must be a list")]
    [InlineData("spec: 5", "t.yaml: spec: must be a map")]
    [InlineData("status: {}\nspec: {}", "t.yaml: status: is unknown here; allowed: apiVersion, kind, metadata, spec")]
    public void A_bad_scenario_is_told_by_file_field_and_what_is_allowed(string rest, string message) =>
        Assert.Equal(message, Refusal($"apiVersion: sparkwright.dev/v1\nkind: Scenario\nmetadata: {{name: t}}\n{rest}"));

    [Theory]
    [InlineData("wait: 5s", "spec.steps[0]: unknown step 'wait'; a step is one of apply, settle, advance, scale, patch, delete, interrupt, capacity, fail, restart, snapshot, expect")]
    [InlineData("5", "spec.steps[0]: a step is one of apply, settle, advance, scale, patch, delete, interrupt, capacity, fail, restart, snapshot, expect")]
    [InlineData("{advance: 1s, settle: {}}", "spec.steps[0]: a step is one of apply, settle, advance, scale, patch, delete, interrupt, capacity, fail, restart, snapshot, expect")]
    [InlineData("apply: {}", "spec.steps[0].apply: needs files or manifests")]
    [InlineData("apply: {file: a.yaml}", "spec.steps[0].apply.file: is unknown here; allowed: files, manifests")]
    [InlineData("apply: {files: a.yaml}", "spec.steps[0].apply.files: must be a list")]
    [InlineData("apply: {manifests: 5}", "spec.steps[0].apply.manifests: must be YAML text or a list of objects")]
    [InlineData("settle: {quiet: 3m}", "spec.steps[0].settle.quiet: is unknown here; allowed: quietFor, atMost")]
    [InlineData("settle: {quietFor: 3 minutes}", "spec.steps[0].settle.quietFor: \"3 minutes\" is not a duration; write for example 90s, 3m or 1h30m")]
    [InlineData("settle: 3m", "spec.steps[0].settle: must be a map")]
    [InlineData("advance: 90", "spec.steps[0].advance: 90 is not a duration; write for example 90s, 3m or 1h30m")]
    [InlineData("advance: -5s", "spec.steps[0].advance: \"-5s\" is not a duration; write for example 90s, 3m or 1h30m")]
    [InlineData("advance: {}", "spec.steps[0].advance.to: nothing is not a duration; write for example 90s, 3m or 1h30m")]
    [InlineData("scale: {kind: Deployment, name: w}", "spec.steps[0].scale.replicas: is missing")]
    [InlineData("scale: {kind: Deployment, name: w, replicas: two}", "spec.steps[0].scale.replicas: must be a whole number")]
    [InlineData("scale: {name: w, replicas: 2}", "spec.steps[0].scale.kind: is missing")]
    [InlineData("patch: {kind: Pod, name: p}", "spec.steps[0].patch.merge: is missing")]
    [InlineData("patch: {kind: Pod, merge: {}}", "spec.steps[0].patch.name: is missing")]
    [InlineData("patch: {kind: Pod, name: p, json: []}", "spec.steps[0].patch.json: is unknown here; allowed: apiVersion, kind, name, namespace, labels, merge")]
    [InlineData("delete: {kind: Pod}", "spec.steps[0].delete.name: is missing; or say all: true")]
    [InlineData("delete: {kind: Pod, all: many}", "spec.steps[0].delete.all: must be true or false")]
    [InlineData("delete: {kind: Pod, name: p, all: true}", "spec.steps[0].delete: needs either a name or all: true")]
    [InlineData("interrupt: {kind: meteor}", "spec.steps[0].interrupt.kind: 'meteor' is unknown; allowed: spot-warning, rebalance, scheduled-change, stopping, terminated")]
    [InlineData("interrupt: {kind: rebalance, nodes: n}", "spec.steps[0].interrupt.nodes: must be a list")]
    [InlineData("capacity: {instanceType: m5.large}", "spec.steps[0].capacity.available: is missing")]
    [InlineData("capacity: {available: -1}", "spec.steps[0].capacity.available: -1 is too small; 0 is the least")]
    [InlineData("capacity: {available: 1, capacityType: reserved}", "spec.steps[0].capacity.capacityType: 'reserved' is unknown; allowed: spot, on-demand")]
    [InlineData("fail: {call: CreateCar, code: X}", "spec.steps[0].fail.call: 'CreateCar' is unknown; allowed: CreateFleet, CreateLaunchTemplate, ")]
    [InlineData("fail: {call: CreateFleet}", "spec.steps[0].fail.code: is missing")]
    [InlineData("fail: {call: CreateFleet, code: X, times: 0}", "spec.steps[0].fail.times: 0 is too small; 1 is the least")]
    [InlineData("restart: {}", "spec.steps[0].restart.component: is missing")]
    [InlineData("snapshot: after", "spec.steps[0].snapshot: must be a map")]
    [InlineData("snapshot: {}", "spec.steps[0].snapshot.name: is missing")]
    [InlineData("expect: {podss: 1}", "spec.steps[0].expect.podss: is unknown here; allowed: ")]
    public void A_bad_step_is_told_by_its_place(string step, string message) =>
        Assert.StartsWith("t.yaml: " + message, Refusal($"apiVersion: sparkwright.dev/v1\nkind: Scenario\nmetadata: {{name: t}}\nspec:\n  steps:\n  - {step}"));

    [Fact]
    public void A_scenario_needs_a_name() =>
        Assert.Equal("t.yaml: metadata.name: a scenario needs a name", Refusal("apiVersion: sparkwright.dev/v1\nkind: Scenario\nspec: {}"));

    [Fact]
    public void A_later_version_of_the_format_is_not_read_as_this_one() =>
        Assert.Equal("t.yaml: apiVersion: 'sparkwright.dev/v2' is not supported; use sparkwright.dev/v1", Refusal("apiVersion: sparkwright.dev/v2\nkind: Scenario\nmetadata: {name: t}\nspec: {}"));

    [Fact]
    public void What_is_left_out_has_the_documented_values()
    {
        var scenario = Read("apiVersion: sparkwright.dev/v1\nkind: Scenario\nmetadata: {name: t}\nspec:\n  steps:\n  - settle: {}\n  - settle:\n  - delete: {kind: Pod, all: true}");

        Assert.Equal((1, "bare", "sparkwright", null), (scenario.Seed, scenario.Platform, scenario.ClusterName, scenario.StartTime));
        Assert.Equal(["karpenter", "scheduler"], scenario.Components);
        var standard = new ScenarioStep.Settle(TimeSpan.FromMinutes(3), TimeSpan.FromMinutes(20));
        Assert.Equal([standard, standard, new ScenarioStep.Delete(new ObjectTarget(null, "Pod", "", null), true)], scenario.Steps);
    }

    [Fact]
    public void Lists_stand_for_their_items_and_files_come_before_manifests()
    {
        var scenario = Read("""
            apiVersion: sparkwright.dev/v1
            kind: Scenario
            metadata: {name: t}
            spec:
              steps:
              - apply:
                  manifests:
                  - {kind: List, items: [{kind: A}, {kind: List, items: [{kind: B}]}]}
                  files: [c.yaml, d.yaml]
            """);

        var apply = Assert.IsType<ScenarioStep.Apply>(Assert.Single(scenario.Steps));
        Assert.Equal(["c.yaml", "d.yaml", "A", "B"], apply.Documents.Select(document => document["kind"]?.Text));
    }

    private static string Refusal(string text) => Assert.Throws<ScenarioException>(() => Read(text)).Message;

    private static Scenario Read(string text) => new ScenarioReader(
        "t.yaml",
        path => [TreeMap.Of(("kind", path))],
        manifests => [.. YamlReader.Read(manifests).Documents.Select(document => document.Root)]).Read(Yaml.Read(text));
}
