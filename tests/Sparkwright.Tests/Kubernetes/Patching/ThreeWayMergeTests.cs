using FsCheck;
using FsCheck.Fluent;
using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Patching;
using Sparkwright.Kubernetes.Schema;

namespace Sparkwright.Tests.Kubernetes.Patching;

public sealed class ThreeWayMergeTests
{
    private static readonly KindSchema Pod = ApiSchema.ForKind("", "v1", "Pod")!;
    private static readonly KindSchema Deployment = ApiSchema.ForKind("apps", "v1", "Deployment")!;
    private static readonly KindSchema NodePool = ApiSchema.ForKind("karpenter.sh", "v1", "NodePool")!;

    [Theory]
    [InlineData("{spec: {replicas: 2}}", "{spec: {replicas: 3}}", "{spec: {replicas: 2, paused: true}}", """{"spec":{"replicas":3}}""")]
    [InlineData("{spec: {replicas: 2}}", "{spec: {}}", "{spec: {replicas: 5}}", """{"spec":{"replicas":null}}""")]
    [InlineData("{}", "{spec: {replicas: 2}}", "{spec: {replicas: 2}}", "{}")]
    [InlineData(
        "{spec: {template: {spec: {containers: [{name: a, image: v}, {name: b, image: v}]}}}}",
        "{spec: {template: {spec: {containers: [{name: a, image: w}]}}}}",
        "{spec: {template: {spec: {containers: [{name: a, image: v, terminationMessagePath: /x}, {name: b, image: v}, {name: side, image: s}]}}}}",
        """{"spec":{"template":{"spec":{"$setElementOrder/containers":[{"name":"a"}],"containers":[{"image":"w","name":"a"},{"$patch":"delete","name":"b"}]}}}}""")]
    [InlineData(
        "{spec: {strategy: {type: RollingUpdate}}}",
        "{spec: {strategy: {type: Recreate}}}",
        "{spec: {strategy: {type: RollingUpdate, rollingUpdate: {maxSurge: 25%}}}}",
        """{"spec":{"strategy":{"$retainKeys":["type"],"type":"Recreate"}}}""")]
    [InlineData(
        "{metadata: {finalizers: [a, b]}}",
        "{metadata: {finalizers: [a, c]}}",
        "{metadata: {finalizers: [a, b, x]}}",
        """{"metadata":{"$deleteFromPrimitiveList/finalizers":["b"],"$setElementOrder/finalizers":["a","c"],"finalizers":["c"]}}""")]
    public void The_patch_is_the_one_that_kubectl_sends(string last, string wanted, string current, string patch) =>
        Assert.Equal(patch, ThreeWayMerge.Patch(Map(last), Map(wanted), Map(current), Deployment).ToString());

    [Fact]
    public void What_others_set_stays_and_what_the_manifest_no_longer_says_goes()
    {
        var result = Apply(
            Deployment,
            "{metadata: {labels: {a: '1', b: '2'}}, spec: {template: {spec: {containers: [{name: a, image: v, env: [{name: E, value: x}]}, {name: b, image: v}]}}}}",
            "{metadata: {labels: {a: '1'}}, spec: {template: {spec: {containers: [{name: a, image: w, env: [{name: G, value: w}]}]}}}}",
            "{metadata: {labels: {a: '1', b: '2', other: '3'}}, spec: {replicas: 7, template: {spec: {containers: [{name: a, image: v, env: [{name: E, value: x}, {name: F, value: v}]}, {name: b, image: v}, {name: side, image: s}]}}}}");
        Assert.Equal("""{"a":"1","other":"3"}""", result.At("metadata", "labels")!.ToString());
        Assert.Equal("7", result.At("spec", "replicas")!.ToString());
        Assert.Equal(
            """[{"env":[{"name":"G","value":"w"},{"name":"F","value":"v"}],"image":"w","name":"a"},{"image":"s","name":"side"}]""",
            result.At("spec", "template", "spec", "containers")!.ToString());
    }

    [Fact]
    public void Custom_kinds_have_their_lists_replaced()
    {
        var result = Apply(NodePool, "{spec: {weight: 1, limits: {cpu: 1}}}", "{spec: {limits: {memory: 2Gi}, template: {spec: {taints: [{key: a}]}}}}", "{spec: {weight: 1, limits: {cpu: 1, nodes: 3}, template: {spec: {taints: [{key: b}, {key: c}]}}}}");
        Assert.Equal("""{"spec":{"limits":{"memory":"2Gi","nodes":3},"template":{"spec":{"taints":[{"key":"a"}]}}}}""", result.ToString());
    }

    [Fact]
    public void Applying_again_changes_nothing() => Check.QuickThrowOnFailure(Prop.ForAll(Pods(), Pods(), Pods(), (last, wanted, current) =>
    {
        var once = Apply(Pod, last, wanted, current);
        return Apply(Pod, Map(wanted), Map(wanted), once).Equals(once);
    }));

    [Fact]
    public void The_first_apply_over_the_same_object_changes_nothing() => Check.QuickThrowOnFailure(Prop.ForAll(Pods(), pod =>
        ThreeWayMerge.Patch(TreeMap.Empty, Map(pod), Map(pod), Pod).Count == 0));

    [Fact]
    public void The_manifests_elements_stand_in_its_order_and_the_dropped_are_gone() => Check.QuickThrowOnFailure(Prop.ForAll(Pods(), Pods(), Pods(), (last, wanted, current) =>
    {
        var result = Names(Apply(Pod, last, wanted, current));
        var dropped = Names(Map(last)).Except(Names(Map(wanted)));
        var others = Names(Map(current)).Except(Names(Map(last))).Except(Names(Map(wanted)));
        return Names(Map(wanted)).SequenceEqual(result.Where(Names(Map(wanted)).Contains)) && !result.Intersect(dropped).Any() && others.All(result.Contains);
    }));

    private static TreeMap Map(string yaml) => (TreeMap)Yaml.Read(yaml);

    private static TreeMap Apply(KindSchema schema, string last, string wanted, string current) => Apply(schema, Map(last), Map(wanted), Map(current));

    private static TreeMap Apply(KindSchema schema, TreeMap last, TreeMap wanted, TreeMap current) =>
        Assert.IsType<PatchResult.Patched>(ThreeWayMerge.Apply(last, wanted, current, schema)).Document;

    private static List<string> Names(TreeMap pod) => [.. Tree.ItemsOf(pod.At("spec", "containers")).ToArray().Select(one => one["name"]!.Text!)];

    private static Arbitrary<string> Pods() => Arb.From(
        from names in Gen.SubListOf("a", "b", "c", "d")
        from order in Gen.Shuffle<string>([.. names])
        from image in Gen.Elements("i", "j")
        from label in Gen.Elements("{}", "{k: '1'}", "{k: '2', l: '3'}")
        from finalizers in Gen.SubListOf("f", "g", "h")
        select $"{{metadata: {{labels: {label}, finalizers: [{string.Join(',', finalizers)}]}}, spec: {{containers: [{string.Join(',', order.Select(name => $"{{name: {name}, image: {image}}}"))}]}}}}");
}
