using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Schema;

namespace Sparkwright.Tests.Kubernetes.Schema;

public sealed class CustomDecodingTests
{
    private const string NotChecked = "<nil>: Invalid value: null: some validation rules were not checked because the object was invalid; correct the existing errors to complete validation";
    private static readonly ResourceTypes Types = new([]);

    [Theory]
    [InlineData("{weight: 0}", "spec.weight: Invalid value: 0: spec.weight in body should be greater than or equal to 1")]
    [InlineData("{weight: 101}", "spec.weight: Invalid value: 101: spec.weight in body should be less than or equal to 100")]
    [InlineData("{weight: '5'}", "spec.weight: Invalid value: \"string\": spec.weight in body must be of type integer: \"string\"")]
    [InlineData("{labels: [a]}", "spec.labels: Invalid value: \"array\": spec.labels in body must be of type object: \"array\"")]
    [InlineData("{labels: {a: 1}}", "spec.labels.a: Invalid value: \"integer\": spec.labels.a in body must be of type string: \"integer\"")]
    [InlineData("{taints: null}", "spec.taints: Invalid value: \"null\": spec.taints in body must be of type array: \"null\"")]
    [InlineData("{requirements: [{key: a}]}", "spec.requirements[0].operator: Required value")]
    [InlineData("{limits: {resources: {cpu: abc}}}", "spec.limits.resources.cpu: Invalid value: \"abc\": spec.limits.resources.cpu in body should match '^(\\+|-)?(([0-9]+(\\.[0-9]*)?)|(\\.[0-9]+))(([KMGTPE]i)|[numkMGTPE]|([eE](\\+|-)?(([0-9]+(\\.[0-9]*)?)|(\\.[0-9]+))))?$'")]
    public void A_Provisioner_is_checked_against_its_schema(string spec, string fault)
    {
        var refused = Assert.IsType<DecodeResult.Refused>(Decode("karpenter.sh/v1alpha5", "Provisioner", spec));
        Assert.Equal((422, "Invalid"), (refused.Status.Code, refused.Status.Reason));
        Assert.Equal($"Provisioner.karpenter.sh \"x\" is invalid: {fault}", refused.Status.Message);
    }

    [Theory]
    [InlineData("{limits: {resources: {cpu: 1000}}}")]
    [InlineData("{limits: {resources: {cpu: '1000', memory: 100Gi}}}")]
    [InlineData("{requirements: [{key: a, operator: In, values: [b, b]}]}")]
    [InlineData("{provider: {anything: {goes: [1, two]}}}")]
    [InlineData("{ttlSecondsAfterEmpty: 120, providerRef: {name: a}}")]
    public void A_Provisioner_keeps_what_was_written(string spec)
    {
        var decoded = Assert.IsType<DecodeResult.Decoded>(Decode("karpenter.sh/v1alpha5", "Provisioner", spec));
        Assert.Equal(Yaml.Read(spec).ToString(), decoded.Document["spec"]!.ToString());
    }

    [Fact]
    public void Fields_that_the_schema_does_not_know_are_refused_or_pruned()
    {
        var refused = Assert.IsType<DecodeResult.Refused>(Decode("karpenter.sh/v1alpha5", "Provisioner", "{weight: 1, wight: 2}"));
        Assert.Equal("Provisioner in version \"v1alpha5\" cannot be handled as a Provisioner: strict decoding error: unknown field \"spec.wight\"", refused.Status.Message);
        var pruned = Assert.IsType<DecodeResult.Decoded>(Decode("karpenter.sh/v1alpha5", "Provisioner", "{weight: 1, wight: 2}", FieldValidation.Warn));
        Assert.Equal("""{"weight":1}""", pruned.Document["spec"]!.ToString());
        Assert.Equal(["unknown field \"spec.wight\""], pruned.Warnings);
    }

    [Fact]
    public void Defaults_are_filled_in_and_the_required_is_asked_for()
    {
        var decoded = Assert.IsType<DecodeResult.Decoded>(Decode(
            "karpenter.sh/v1",
            "NodePool",
            "{template: {spec: {nodeClassRef: {group: g, kind: k, name: abc}, requirements: []}}, disruption: {consolidateAfter: 1m}}"));
        Assert.Equal("WhenEmptyOrUnderutilized", decoded.Document.At("spec", "disruption", "consolidationPolicy")?.Text);
        Assert.Equal("720h", decoded.Document.At("spec", "template", "spec", "expireAfter")?.Text);

        var refused = Assert.IsType<DecodeResult.Refused>(Decode("karpenter.sh/v1", "NodePool", "{template: {spec: {requirements: []}}}"));
        Assert.Equal($"NodePool.karpenter.sh \"x\" is invalid: [spec.template.spec.nodeClassRef: Required value, {NotChecked}]", refused.Status.Message);
    }

    [Theory]
    [InlineData("{operator: Bad, key: a}", "spec.template.spec.requirements[0].operator: Unsupported value: \"Bad\": supported values: \"Gte\", \"Lte\", \"In\", \"NotIn\", \"Exists\", \"DoesNotExist\", \"Gt\", \"Lt\"")]
    [InlineData("{operator: In, key: 'a b'}", "spec.template.spec.requirements[0].key: Invalid value: \"a b\": spec.template.spec.requirements[0].key in body should match '")]
    public void Enums_and_patterns_hold(string requirement, string fault)
    {
        var refused = Assert.IsType<DecodeResult.Refused>(Decode(
            "karpenter.sh/v1",
            "NodePool",
            $"{{template: {{spec: {{nodeClassRef: {{group: g, kind: k, name: abc}}, requirements: [{requirement}]}}}}, disruption: {{consolidateAfter: 1m}}}}"));
        Assert.Contains(fault, refused.Status.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Too_many_elements_are_counted()
    {
        var many = string.Join(',', Enumerable.Range(0, 101).Select(at => $"{{key: k{at}, operator: Exists}}"));
        var refused = Assert.IsType<DecodeResult.Refused>(Decode(
            "karpenter.sh/v1",
            "NodePool",
            $"{{template: {{spec: {{nodeClassRef: {{group: g, kind: k, name: abc}}, requirements: [{many}]}}}}, disruption: {{consolidateAfter: 1m}}}}"));
        Assert.Contains("spec.template.spec.requirements: Too many: 101: must have at most 100 items", refused.Status.Message, StringComparison.Ordinal);
    }

    private static DecodeResult Decode(string apiVersion, string kind, string spec, FieldValidation validation = FieldValidation.Strict)
    {
        var type = Types.Find(apiVersion, kind) ?? throw new InvalidOperationException(kind);
        var document = TreeMap.Of(
            ("apiVersion", apiVersion),
            ("kind", kind),
            ("metadata", TreeMap.Of(("name", "x"), ("namespace", "default"))),
            ("spec", Yaml.Read(spec)));
        return Decoder.Decode(type, document, validation);
    }
}
