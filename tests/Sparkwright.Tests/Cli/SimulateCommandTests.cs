using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Sparkwright.Cli.Commands;

namespace Sparkwright.Tests.Cli;

public sealed class SimulateCommandTests : IDisposable
{
    private const string Good = "steps: [{expect: {nodes: 0}}]";
    private const string Failing = "steps: [{expect: {nodes: 1}}]";
    private const string Unreadable = "steps: [{wait: 5s}]";

    private readonly string folder = Directory.CreateTempSubdirectory("scenarios").FullName;

    public void Dispose() => Directory.Delete(folder, true);

    [Theory]
    [InlineData(0, Good, Good)]
    [InlineData(1, Good, Failing)]
    [InlineData(1, Failing, Good)]
    [InlineData(2, Unreadable, Good)]
    [InlineData(2, Unreadable, Failing)]
    [InlineData(2, Failing, Unreadable)]
    [InlineData(0, "steps: [{delete: {kind: Pod, name: nobody}}, {apply: {manifests: \"{apiVersion: v1, kind: Wish}\"}}]", Good)]
    public void Only_a_failed_expect_exits_1_and_only_an_unreadable_scenario_exits_2(int exit, string first, string second)
    {
        Write("a.yaml", Scenario("a", first));
        Write("b.yaml", Scenario("b", second));

        Assert.Equal(exit, Run().Exit);
    }

    [Theory]
    [InlineData(Unreadable, "a.yaml: spec.steps[0]: unknown step 'wait'")]
    [InlineData("platform: nowhere.yaml", "a.yaml: spec.platform: 'nowhere.yaml' is neither bare nor a blueprint that can be used: ")]
    [InlineData("model: {nodeRedy: 60s}", "a.yaml: spec.model.nodeRedy: is not a figure of the model; allowed: nodeReady")]
    [InlineData("steps: [{apply: {files: [none.yaml]}}]", "none.yaml: cannot be read: there is no such file")]
    [InlineData("steps: [{apply: {manifests: \"{\"}}]", "a.yaml: ")]
    [InlineData("steps: [", "a.yaml: ")]
    public void One_unreadable_scenario_is_reported_and_does_not_silence_the_others(string spec, string message)
    {
        Write("a.yaml", Scenario("a", spec));
        Write("b.yaml", Scenario("b", Good));

        var (exit, output, errors) = Run();

        Assert.Equal(2, exit);
        Assert.StartsWith("sparkwright: ", errors);
        Assert.Contains(message, errors);
        Assert.Single(errors.TrimEnd().Split('\n'));
        Assert.Equal(["b"], Names(output));
    }

    [Fact]
    public void A_mistake_in_the_second_scenario_of_a_file_does_not_silence_the_first()
    {
        Write("a.yaml", Scenario("one", Good) + "---\n" + Scenario("two", Unreadable));

        var (exit, output, errors) = Run();

        Assert.Equal((2, true), (exit, errors.Contains("unknown step", StringComparison.Ordinal)));
        Assert.Equal(["one"], Names(output));
    }

    [Theory]
    [InlineData("missing.yaml", "missing.yaml: cannot be read: there is no such file")]
    [InlineData("notes.yaml", "notes.yaml: is no scenario: it must begin with apiVersion: sparkwright.dev/v1 and kind: Scenario")]
    [InlineData("empty", "empty: there is no scenario below it")]
    public void What_is_no_scenario_is_told(string path, string message)
    {
        Write("notes.yaml", "kind: Note\n");
        Directory.CreateDirectory(Path.Combine(folder, "empty"));

        var (exit, output, errors) = Run(path);

        Assert.Equal((2, ""), (exit, output));
        Assert.Contains(message, errors);
    }

    [Fact]
    public void A_folder_means_all_scenarios_below_it_in_ordinal_order()
    {
        foreach (var name in new[] { "b.yaml", "B.yml", "a/z.yaml", "a-1.yaml", "10.yaml", "9.yaml" })
        {
            Write(name, Scenario(Path.GetFileNameWithoutExtension(name), Good));
        }

        Write("b.txt", Scenario("text", Good));
        Write("manifest.yaml", "kind: ConfigMap\n---\n" + Scenario("second-document", Good));

        Assert.Equal(["10", "9", "B", "a-1", "z", "b"], Names(Run().Output));
    }

    [Fact]
    public void Paths_run_in_the_order_in_which_they_are_given()
    {
        Write("a.yaml", Scenario("a", Good));
        Write("b.yaml", Scenario("b", Good));

        Assert.Equal(["b", "a"], Names(Run("b.yaml", "a.yaml").Output));
    }

    [Theory]
    [InlineData(null, 7)]
    [InlineData(9L, 9)]
    public void The_seed_of_the_command_line_beats_that_of_the_file(long? given, long used)
    {
        Write("a.yaml", Scenario("a", "seed: 7"));

        Assert.Equal(used, Json(Run(seed: given).Output).GetProperty("seed").GetInt64());
    }

    [Fact]
    public void Manifests_are_found_beside_the_scenario()
    {
        Write("deep/a.yaml", Scenario("a", "steps: [{apply: {files: [../common/m.yaml]}}, {expect: {answers: [201]}}]"));
        Write("common/m.yaml", "{apiVersion: v1, kind: ConfigMap, metadata: {name: c}}\n");

        Assert.Equal(0, Run().Exit);
    }

    [Fact]
    public void The_JSON_has_the_documented_shape()
    {
        Write("a.yaml", Scenario("a", """
            steps:
              - apply: {manifests: "{apiVersion: v1, kind: Pod, metadata: {name: p}, spec: {containers: [{name: c, image: i}]}}"}
              - apply: {manifests: "{apiVersion: v1, kind: Pod, metadata: {name: q}, spec: {containers: [{name: c, imag: i}]}}"}
              - advance: 1500ms
              - snapshot: {name: after}
            """));

        var json = Json(Run().Output);

        Assert.Equal("scenario seed virtualSeconds wallMilliseconds steps snapshots report", Members(json));
        Assert.Equal(1.5m, json.GetProperty("virtualSeconds").GetDecimal());
        Assert.All(json.GetProperty("steps").EnumerateArray(), step => Assert.Equal("index action at ok message documents", Members(step)));
        Assert.Equal("""{"index":3,"action":"snapshot","at":1.5,"ok":true,"message":"","documents":[]}""", json.GetProperty("steps")[3].GetRawText());
        Assert.Equal(
            """{"kind":"Pod","namespace":"default","name":"p","ok":true,"status":201,"message":""}""",
            Assert.Single(json.GetProperty("steps")[0].GetProperty("documents").EnumerateArray()).GetRawText());
        var refused = Assert.Single(json.GetProperty("steps")[1].GetProperty("documents").EnumerateArray());
        Assert.Equal((false, "default", 400), (refused.GetProperty("ok").GetBoolean(), refused.GetProperty("namespace").GetString(), refused.GetProperty("status").GetInt32()));
        Assert.Contains("unknown field \"spec.containers[0].imag\"", refused.GetProperty("message").GetString());
        var after = json.GetProperty("snapshots").GetProperty("after");
        Assert.Equal("at objects yunikorn", Members(after));
        Assert.Equal("deployments events instances machines nodeclaims nodes pods replicasets", Members(after.GetProperty("objects"), sorted: true));
        Assert.Equal("apiVersion kind metadata spec status", Members(after.GetProperty("objects").GetProperty("pods")[0]));
        Assert.Equal("applications queues", Members(after.GetProperty("yunikorn"), sorted: true));
        Assert.Equal("cost disruptions findings gangs kept launches nodes pending pods waits", Members(json.GetProperty("report"), sorted: true));
        Assert.Equal("usd usdIdle usdSpot usdOnDemand", Members(json.GetProperty("report").GetProperty("cost")));
    }

    [Fact]
    public void One_seed_prints_one_text()
    {
        Write("a.yaml", Scenario("a", """
            steps:
              - apply:
                  manifests:
                  - {apiVersion: v1, kind: Node, metadata: {name: n1}, status: {allocatable: {cpu: "4", memory: 16Gi, pods: "110"}}}
                  - {apiVersion: apps/v1, kind: Deployment, metadata: {name: w}, spec: {replicas: 5, selector: {matchLabels: {a: b}}, template: {metadata: {labels: {a: b}}, spec: {containers: [{name: c, image: i}]}}}}
              - settle: {}
              - snapshot: {name: s}
            """));

        Assert.Equal(Timeless(Run().Output), Timeless(Run().Output));
        Assert.NotEqual(Timeless(Run(seed: 1).Output), Timeless(Run(seed: 2).Output).Replace("\"seed\":2", "\"seed\":1", StringComparison.Ordinal));
    }

    [Fact]
    public void The_text_names_what_failed()
    {
        Write("a.yaml", Scenario("a", Failing));

        Assert.Equal("FAILED a (seed 1, 0 virtual seconds)\n       step 0 expect at 0 s: nodes: expected 1, is 0 ()\n", Run(format: "text").Output.ReplaceLineEndings("\n"));
    }

    [Fact]
    public void The_JUnit_XML_has_a_suite_a_folder_and_says_what_failed()
    {
        Write("a/one.yaml", Scenario("one", Good));
        Write("a/two.yaml", Scenario("<two>", Failing));
        Write("b/three.yaml", Scenario("three", Unreadable));

        var (exit, output, _) = Run(format: "junit");

        var suites = System.Xml.Linq.XDocument.Parse(output).Root!;
        Assert.Equal(2, exit);
        Assert.Equal("testsuites 3 1 1", string.Join(' ', suites.Name, suites.Attribute("tests")!.Value, suites.Attribute("failures")!.Value, suites.Attribute("errors")!.Value));
        Assert.Equal(["a: one <two>", "b: three.yaml"], suites.Elements().Select(suite =>
            $"{Path.GetFileName(suite.Attribute("name")!.Value)}: {string.Join(' ', suite.Elements().Select(one => one.Attribute("name")!.Value))}"));
        Assert.Equal("step 0 expect at 0 s: nodes: expected 1, is 0 ()", Assert.Single(suites.Descendants("failure")).Attribute("message")!.Value);
        Assert.EndsWith("two.yaml", Assert.Single(suites.Descendants("failure")).Parent!.Attribute("file")!.Value);
        Assert.Contains("unknown step 'wait'", Assert.Single(suites.Descendants("error")).Attribute("message")!.Value);
    }

    [Fact]
    public void The_HTML_page_needs_nothing_else_and_escapes_what_it_shows()
    {
        Write("a.yaml", Scenario("<b>a</b>", """
            steps:
              - apply:
                  manifests:
                  - {apiVersion: v1, kind: Node, metadata: {name: n1}, status: {allocatable: {cpu: "4", memory: 16Gi, pods: "110"}}}
                  - {apiVersion: v1, kind: Pod, metadata: {name: p}, spec: {containers: [{name: c, image: i}]}}
              - settle: {}
              - snapshot: {name: s}
              - expect: {nodes: 2}
            """));
        Write("b.yaml", Scenario("b", Unreadable));

        var (exit, output, _) = Run(format: "html");

        Assert.Equal(2, exit);
        Assert.Contains("&lt;b&gt;a&lt;/b&gt;", output);
        Assert.DoesNotContain("<b>a</b>", output);
        Assert.Contains("expected 2, is 1 (n1)", output);
        Assert.Contains("class=\"time\"", output);
        Assert.Contains("Snapshot s<small>at 3:0", output);
        Assert.Contains("unknown step", output);
        Assert.DoesNotMatch("(src|href)=|url\\(|@import", output);
    }

    private static string Scenario(string name, string spec) => $"apiVersion: sparkwright.dev/v1\nkind: Scenario\nmetadata: {{name: \"{name}\"}}\nspec:\n  {spec}\n";

    private static string Timeless(string output) => Regex.Replace(output, "\"wallMilliseconds\":[0-9]+", "");

    private static IEnumerable<string?> Names(string output) =>
        output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => Json(line).GetProperty("scenario").GetString());

    private static JsonElement Json(string line) => JsonDocument.Parse(line).RootElement;

    private static string Members(JsonElement of, bool sorted = false)
    {
        var names = of.EnumerateObject().Select(member => member.Name);
        return string.Join(' ', sorted ? names.Order(StringComparer.Ordinal) : names);
    }

    private void Write(string name, string text)
    {
        var path = Path.Combine(folder, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
    }

    private (int Exit, string Output, string Errors) Run(params string[] paths) => Run(null, "json", paths);

    private (int Exit, string Output, string Errors) Run(long? seed = null, string format = "json", params string[] paths)
    {
        using var output = new MemoryStream();
        using var errors = new StringWriter();
        var exit = SimulateCommand.Run(paths.Length == 0 ? [folder] : [.. paths.Select(path => Path.Combine(folder, path))], seed, format, output, errors);
        return (exit, Encoding.UTF8.GetString(output.ToArray()), errors.ToString());
    }
}
