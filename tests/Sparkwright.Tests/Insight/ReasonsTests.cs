using System.Text.Json;
using Sparkwright.Cli.Commands;
using Sparkwright.Cli.Output;

namespace Sparkwright.Tests.Insight;

/// <summary>The reasons of reports, from worlds that are small enough to know them by heart.</summary>
public sealed class ReasonsTests : IDisposable
{
    private const string Pools = """
        apiVersion: karpenter.sh/v1alpha5
        kind: Provisioner
        metadata: {name: small}
        spec:
          limits: {resources: {cpu: "4"}}
          ttlSecondsAfterEmpty: 30
          requirements: [{key: node.kubernetes.io/instance-type, operator: In, values: [c5.large, c5.xlarge]}]
          provider:
            subnetSelector: {karpenter.sh/discovery: sparkwright}
            securityGroupSelector: {karpenter.sh/discovery: sparkwright}
        ---
        apiVersion: karpenter.sh/v1alpha5
        kind: Provisioner
        metadata: {name: tainted}
        spec:
          taints: [{key: team, value: data, effect: NoSchedule}]
          provider:
            subnetSelector: {karpenter.sh/discovery: sparkwright}
            securityGroupSelector: {karpenter.sh/discovery: sparkwright}
        """;

    private readonly string folder = Directory.CreateTempSubdirectory("reasons").FullName;

    public void Dispose() => Directory.Delete(folder, true);

    [Theory]
    [InlineData("{cpu: 1, memory: 64Gi}", "instance types", "none of 2 instance types will do", "2 resources c5.xlarge memory: asked 64Gi, allocatable ")]
    [InlineData("{cpu: 1}, nodeSelector: {no-such: label}", "labels", "label \"no-such\" does not have known values", "")]
    public void A_pod_that_waits_is_told_which_rule_of_each_pool_refused_it(string asks, string rule, string why, string types)
    {
        var wait = Assert.Single(Report(PodOf("p", asks), "1m").GetProperty("waits").EnumerateArray());

        Assert.Equal(("[\"default/p\"]", true), (wait.GetProperty("pods").GetRawText(), wait.GetProperty("stillWaits").GetBoolean()));
        var pools = wait.GetProperty("pools").EnumerateArray().ToDictionary(pool => pool.GetProperty("pool").GetString()!);
        Assert.Equal("taint: the pod does not tolerate team=data:NoSchedule", Say(pools["tainted"]));
        Assert.StartsWith($"{rule}: {why}", Say(pools["small"]));
        Assert.StartsWith(types, string.Join("; ", pools["small"].GetProperty("types").EnumerateArray().Select(type =>
            $"{type.GetProperty("count")} {type.GetProperty("rule")} {type.GetProperty("nearest")} {type.GetProperty("detail")}")));
    }

    [Fact]
    public void An_exhausted_limit_is_named_and_a_pod_that_found_a_node_in_the_end_waits_no_more()
    {
        var steps = PodOf("first", "{cpu: 3}") + ", {advance: 3m}, " + PodOf("second", "{cpu: 3}") + ", {advance: 1m}, {delete: {kind: Pod, name: first}}";
        var still = Assert.Single(Report(steps, "0s").GetProperty("waits").EnumerateArray());
        var later = Assert.Single(Report(steps, "3m").GetProperty("waits").EnumerateArray());

        Assert.Equal("limit: the pool's limits leave cpu 0 (the smallest type has 2)", Say(still.GetProperty("pools")[0]));
        Assert.Equal((true, false), (still.GetProperty("stillWaits").GetBoolean(), later.GetProperty("stillWaits").GetBoolean()));
    }

    [Fact]
    public void A_launch_shows_what_else_could_have_been_bought()
    {
        var launch = Assert.Single(Report(PodOf("p", "{cpu: 1}"), "3m").GetProperty("launches").EnumerateArray());

        Assert.Equal("small c5.large on-demand 0.085 2 of 2", string.Join(' ', launch.GetProperty("pool"), launch.GetProperty("instanceType"), launch.GetProperty("capacityType"),
            launch.GetProperty("usdPerHour"), launch.GetProperty("typesLeft"), "of", launch.GetProperty("typesInPool")));
        Assert.Contains("c5.xlarge 0.17", launch.GetProperty("offers").EnumerateArray().Select(offer => $"{offer.GetProperty("instanceType")} {offer.GetProperty("usdPerHour")}"));
        Assert.Equal("[\"default/p\"]", launch.GetProperty("pods").GetRawText());
    }

    [Theory]
    //          width  columns that are kept: c goes first, then b; a and the last one always stay
    [InlineData(100, "0 1 2 3")]
    [InlineData(55, "0 1 3")]
    [InlineData(40, "0 3")]
    [InlineData(10, "0 3")]
    public void A_narrow_terminal_leaves_out_what_matters_less(int width, string kept) =>
        Assert.Equal(kept, string.Join(' ', ColumnFit.Kept(["a", "b?", "c??", "d"], [[new('a', 14), "[red]" + new string('b', 10) + "[/]", new('c', 10), new('d', 40)]], width)));

    private static string Say(JsonElement pool) => $"{pool.GetProperty("rule")}: {pool.GetProperty("why")}";

    private static string PodOf(string name, string asks) =>
        $"{{apply: {{manifests: [{{apiVersion: v1, kind: Pod, metadata: {{name: {name}}}, spec: {{containers: [{{name: c, image: i, resources: {{requests: {asks.Split('}')[0]}}}}}}}]{asks[(asks.IndexOf('}', StringComparison.Ordinal) + 1)..]}}}}}]}}}}";

    /// <summary>The report after these steps and so much more time.</summary>
    private JsonElement Report(string steps, string then)
    {
        var file = Path.Combine(folder, "s.yaml");
        File.WriteAllText(Path.Combine(folder, "pools.yaml"), Pools);
        File.WriteAllText(file, $"{{apiVersion: sparkwright.dev/v1, kind: Scenario, metadata: {{name: s}}, spec: {{steps: [{{apply: {{files: [pools.yaml]}}}}, {steps}, {{advance: {then}}}]}}}}\n");
        using var output = new MemoryStream();
        using var errors = new StringWriter();
        Assert.Equal((0, ""), (SimulateCommand.Run([file], null, "json", output, errors), errors.ToString()));
        return JsonDocument.Parse(output.ToArray()).RootElement.GetProperty("report");
    }
}
