using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Patching;
using Sparkwright.Kubernetes.Schema;

namespace Sparkwright.Tests.Kubernetes.Patching;

public sealed class StrategicMergePatchTests
{
    private static readonly KindSchema Pod = ApiSchema.ForKind("", "v1", "Pod")!;
    private static readonly KindSchema Deployment = ApiSchema.ForKind("apps", "v1", "Deployment")!;

    private const string Two = "{spec: {containers: [{name: a, image: x, env: [{name: E, value: '1'}]}, {name: b, image: w}]}}";

    /// <summary>Elements that only the patch has go before those that only the object has, unless an order says otherwise: so does the server.</summary>
    [Theory]
    [InlineData("{spec: {containers: [{name: b, image: z}]}}", "a=x b=z")]
    [InlineData("{spec: {containers: [{name: c, image: z}]}}", "c=z a=x b=w")]
    [InlineData("{spec: {containers: [{name: a, $patch: delete}]}}", "b=w")]
    [InlineData("{spec: {containers: [{$patch: replace}, {name: c, image: z}]}}", "c=z")]
    [InlineData("{spec: {$setElementOrder/containers: [{name: b}, {name: a}]}}", "b=w a=x")]
    [InlineData("{spec: {$setElementOrder/containers: [{name: c}, {name: a}], containers: [{name: c, image: z}]}}", "c=z a=x b=w")]
    [InlineData("{spec: {$setElementOrder/containers: [{name: b}, {name: c}], containers: [{name: c, image: z}]}}", "a=x b=w c=z")]
    [InlineData("{spec: {containers: null}}", "")]
    [InlineData("{spec: {$patch: replace, containers: [{name: q, image: r}]}}", "q=r")]
    [InlineData("{spec: {$patch: delete}}", "")]
    public void Lists_with_a_merge_key_are_merged_by_it(string patch, string containers) => Assert.Equal(containers, Containers(Apply(Pod, Two, patch)));

    [Fact]
    public void Elements_are_merged_deeply()
    {
        var patched = Apply(Pod, Two, "{spec: {containers: [{name: a, env: [{name: F, value: '2'}], image: null}]}}");
        Assert.Equal(
            """{"env":[{"name":"F","value":"2"},{"name":"E","value":"1"}],"name":"a"}""",
            patched["spec"]!["containers"]!.Items[0].ToString());
    }

    [Theory]
    [InlineData("{metadata: {finalizers: [c]}}", """["c","a","b"]""")]
    [InlineData("{metadata: {finalizers: [b, c]}}", """["a","b","c"]""")]
    [InlineData("{metadata: {$deleteFromPrimitiveList/finalizers: [a]}}", """["b"]""")]
    [InlineData("{metadata: {$setElementOrder/finalizers: [b, c, a], finalizers: [c]}}", """["b","c","a"]""")]
    [InlineData("{metadata: {$deleteFromPrimitiveList/finalizers: [a], $setElementOrder/finalizers: [c, b], finalizers: [c]}}", """["c","b"]""")]
    public void Lists_of_plain_values_are_united(string patch, string finalizers) =>
        Assert.Equal(finalizers, Apply(Pod, "{metadata: {finalizers: [a, b]}}", patch).At("metadata", "finalizers")!.ToString());

    [Fact]
    public void Lists_without_a_strategy_are_replaced() =>
        Assert.Equal("""["z"]""", Apply(Pod, "{spec: {containers: [{name: a, command: [x, w]}]}}", "{spec: {containers: [{name: a, command: [z]}]}}")
            ["spec"]!["containers"]!.Items[0]["command"]!.ToString());

    [Theory]
    [InlineData("{spec: {strategy: {$retainKeys: [type], type: Recreate}}}", """{"type":"Recreate"}""")]
    [InlineData("{spec: {strategy: {type: Recreate}}}", """{"rollingUpdate":{"maxSurge":1},"type":"Recreate"}""")]
    public void Retained_keys_drop_the_others(string patch, string strategy) =>
        Assert.Equal(strategy, Apply(Deployment, "{spec: {strategy: {type: RollingUpdate, rollingUpdate: {maxSurge: 1}}}}", patch).At("spec", "strategy")!.ToString());

    [Fact]
    public void What_is_new_comes_without_nulls_and_directives() =>
        Assert.Equal(
            """{"spec":{"containers":[{"image":"w","name":"a"}]}}""",
            Apply(Pod, "{}", "{spec: {$retainKeys: [containers], hostname: null, containers: [{name: a, image: w, command: null}, {name: b, $patch: delete}], $setElementOrder/containers: [{name: a}]}}").ToString());

    [Theory]
    [InlineData("{spec: {containers: [{image: z}]}}", 500, "map: {\"image\":\"z\"} does not contain declared merge key: name")]
    [InlineData("{spec: {$patch: burn}}", 500, "unknown patch type: burn in map: {\"$patch\":\"burn\"}")]
    [InlineData("{spec: {$setElementOrder/containers: [{name: c}], containers: [{name: d, image: z}]}}", 400, "invalid patch format of setElementOrder list")]
    [InlineData("{spec: {strategy: {$retainKeys: [a], type: x}}}", 400, "invalid patch format of retainKeys")]
    public void Bad_patches_are_refused(string patch, int code, string message)
    {
        var refused = Assert.IsType<PatchResult.Refused>(ObjectPatch.Apply(PatchType.Strategic, (TreeMap)Yaml.Read("{spec: {containers: [{name: a}], strategy: {type: w}}}"), Yaml.Read(patch), Pod));
        Assert.Equal((code, message), (refused.Status.Code, refused.Status.Message));
    }

    [Fact]
    public void Custom_kinds_know_no_strategic_merge()
    {
        var pool = ApiSchema.ForKind("karpenter.sh", "v1", "NodePool")!;
        Assert.Equal(415, Assert.IsType<PatchResult.Refused>(ObjectPatch.Apply(PatchType.Strategic, TreeMap.Empty, TreeMap.Empty, pool)).Status.Code);
    }

    private static TreeMap Apply(KindSchema schema, string target, string patch) =>
        Assert.IsType<PatchResult.Patched>(ObjectPatch.Apply(PatchType.Strategic, (TreeMap)Yaml.Read(target), Yaml.Read(patch), schema)).Document;

    private static string Containers(TreeMap pod) =>
        string.Join(' ', Tree.ItemsOf(pod.At("spec", "containers")).ToArray().Select(one => $"{one["name"]?.Text}={one["image"]?.Text}"));
}
