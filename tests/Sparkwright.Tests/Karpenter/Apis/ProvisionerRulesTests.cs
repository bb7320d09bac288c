using System.Text.RegularExpressions;
using Sparkwright.Kubernetes.Objects;
using Sparkwright.World.Karpenter.Apis;

namespace Sparkwright.Tests.Karpenter.Apis;

public sealed class ProvisionerRulesTests
{
    private const string Linux = "kubernetes.io/os In linux";
    private const string Amd = "kubernetes.io/arch In amd64";
    private const string OnDemand = "karpenter.sh/capacity-type In on-demand";
    private const string Cmr = "karpenter.k8s.aws/instance-category In c,m,r; karpenter.k8s.aws/instance-generation Gt 2";

    [Theory]
    [InlineData("{}", $"{Linux}; {Amd}; {OnDemand}; {Cmr}")]
    [InlineData("{requirements: [{key: kubernetes.io/arch, operator: In, values: [arm64]}]}", $"kubernetes.io/arch In arm64; {Linux}; {OnDemand}; {Cmr}")]
    [InlineData("{requirements: [{key: beta.kubernetes.io/arch, operator: In, values: [arm64]}]}", $"beta.kubernetes.io/arch In arm64; {Linux}; {OnDemand}; {Cmr}")]
    [InlineData("{requirements: [{key: karpenter.sh/capacity-type, operator: Exists}]}", $"karpenter.sh/capacity-type Exists ; {Linux}; {Amd}; {Cmr}")]
    [InlineData("{requirements: [{key: node.kubernetes.io/instance-type, operator: In, values: [t3.small]}]}", $"node.kubernetes.io/instance-type In t3.small; {Linux}; {Amd}; {OnDemand}")]
    [InlineData("{requirements: [{key: karpenter.k8s.aws/instance-family, operator: In, values: [t3]}]}", $"karpenter.k8s.aws/instance-family In t3; {Linux}; {Amd}; {OnDemand}")]
    [InlineData("{requirements: [{key: karpenter.k8s.aws/instance-generation, operator: Gt, values: ['4']}]}", $"karpenter.k8s.aws/instance-generation Gt 4; {Linux}; {Amd}; {OnDemand}")]
    [InlineData("{labels: {kubernetes.io/arch: arm64}}", $"{Linux}; {OnDemand}; {Cmr}")]
    [InlineData("{labels: {beta.kubernetes.io/arch: arm64}}", $"{Linux}; {OnDemand}; {Cmr}")]
    public void Defaults_are_filled_in_where_nothing_is_asked(string spec, string requirements)
    {
        var filled = new ProvisionerRules().Default(Object(spec));
        Assert.Equal(requirements, string.Join("; ", Tree.ItemsOf(filled.Spec["requirements"]).ToArray()
            .Select(one => $"{one["key"]?.Text} {one["operator"]?.Text} {string.Join(',', Tree.ItemsOf(one["values"]).ToArray().Select(value => value.Text))}")));
        Assert.Equal(filled.Spec.ToString(), new ProvisionerRules().Default(filled).Spec.ToString());
    }

    [Theory]
    // Nothing wrong.
    [InlineData("ttlSecondsAfterEmpty: 0", "")]
    [InlineData("weight: 100", "")]
    [InlineData("consolidation: {enabled: true}", "")]
    [InlineData("{ttlSecondsAfterEmpty: 30, consolidation: {enabled: false}}", "")]
    [InlineData("labels: {team: a, node.kubernetes.io/x: y, kops.k8s.io/x: y}", "")]
    [InlineData("taints: [{key: a, value: 'true', effect: NoSchedule}, {key: a, effect: NoExecute}]", "")]
    [InlineData("requirements: [{key: karpenter.k8s.aws/instance-cpu, operator: Gt, values: ['0']}]", "")]
    [InlineData("requirements: [{key: team, operator: In, values: [a, a]}]", "")]
    [InlineData("kubeletConfiguration: {kubeReserved: {cpu: 100m, pid: '10'}, evictionHard: {memory.available: 5%}}", "")]
    [InlineData("kubeletConfiguration: {evictionSoft: {memory.available: 5%}, evictionSoftGracePeriod: {memory.available: 1m}}", "")]
    // Something wrong, and where.
    [InlineData("ttlSecondsAfterEmpty: -1", "invalid value: cannot be negative: spec.ttlSecondsAfterEmpty")]
    [InlineData("ttlSecondsUntilExpired: -1", "invalid value: cannot be negative: spec.ttlSecondsUntilExpired")]
    [InlineData("{ttlSecondsAfterEmpty: 30, consolidation: {enabled: true}}", "expected exactly one, got both: spec.consolidation.enabled, spec.ttlSecondsAfterEmpty")]
    [InlineData("provider: {subnetSelector: {a: b}, securityGroupSelector: {a: b}}", "expected exactly one, got both: spec.provider, spec.providerRef")]
    [InlineData("kubeletConfiguration: {imageGCHighThresholdPercent: 50, imageGCLowThresholdPercent: 60}", "invalid value: must be greater than imageGCLowThresholdPercent: spec.kubeletConfiguration.imageGCHighThresholdPercent | invalid value: must be less than imageGCHighThresholdPercent: spec.kubeletConfiguration.imageGCLowThresholdPercent")]
    [InlineData("providerRef: null", "expected exactly one, got neither: spec.provider, spec.providerRef")]
    [InlineData("labels: {karpenter.sh/provisioner-name: x}", "invalid key name \"karpenter.sh/provisioner-name\": spec.labels\nrestricted")]
    [InlineData("labels: {karpenter.sh/mine: x}", "invalid key name \"karpenter.sh/mine\": spec.labels\nlabel karpenter.sh/mine is restricted; …")]
    [InlineData("labels: {karpenter.k8s.aws/mine: x}", "invalid key name \"karpenter.k8s.aws/mine\": spec.labels\nlabel karpenter.k8s.aws/mine is restricted; …")]
    [InlineData("labels: {kubernetes.io/hostname: x}", "invalid key name \"kubernetes.io/hostname\": spec.labels\nlabel kubernetes.io/hostname is restricted; …")]
    [InlineData("labels: {kubernetes.io/mine: x}", "invalid key name \"kubernetes.io/mine\": spec.labels\nlabel kubernetes.io/mine is restricted; …")]
    [InlineData("labels: {a.k8s.io/mine: x}", "invalid key name \"a.k8s.io/mine\": spec.labels\nlabel a.k8s.io/mine is restricted; …")]
    [InlineData("labels: {team: 'not valid'}", "invalid value: not valid, a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?'): spec.labels[team]")]
    [InlineData("labels: {'bad key': a}", "invalid key name \"bad key\": spec.labels\nname part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')")]
    [InlineData("taints: [{value: a, effect: NoSchedule}]", "invalid value: name part must be non-empty: spec.taints[0] | invalid value: name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]'): spec.taints[0]")]
    [InlineData("taints: [{key: a, effect: Never}]", "invalid value: Never: spec.effect[0]")]
    [InlineData("taints: [{key: a, value: 'b c', effect: NoSchedule}]", "invalid value: name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]'): spec.taints[0]")]
    [InlineData("taints: [{key: a, value: x, effect: NoSchedule}, {key: a, value: y, effect: NoSchedule}]", "duplicate taint Key/Effect pair a=NoSchedule: spec.taints[1]")]
    [InlineData("{taints: [{key: a, effect: NoSchedule}], startupTaints: [{key: a, effect: NoSchedule}]}", "duplicate taint Key/Effect pair a=NoSchedule: spec.taints[0]")]
    [InlineData("requirements: [{key: team, operator: Is, values: [a]}]", "invalid value: key team has an unsupported operator Is not in [In NotIn Exists DoesNotExist Gt Lt]: spec.requirements[0]")]
    [InlineData("requirements: [{key: team, operator: In, values: []}]", "invalid value: key team with operator In must have a value defined: spec.requirements[0]")]
    [InlineData("requirements: [{key: team, operator: Gt, values: ['-1']}]", "invalid value: invalid value -1 for key team, a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?'); key team with operator Gt must have a single positive integer value: spec.requirements[0]")]
    [InlineData("requirements: [{key: team, operator: Lt, values: [x]}]", "invalid value: key team with operator Lt must have a single positive integer value: spec.requirements[0]")]
    [InlineData("requirements: [{key: team, operator: Lt, values: ['1', '2']}]", "invalid value: key team with operator Lt must have a single positive integer value: spec.requirements[0]")]
    [InlineData("requirements: [{key: karpenter.sh/provisioner-name, operator: In, values: [x]}]", "invalid value: karpenter.sh/provisioner-name is restricted: spec.requirements[0]")]
    [InlineData("requirements: [{key: kubernetes.io/hostname, operator: In, values: [x]}]", "invalid value: label kubernetes.io/hostname is restricted; …: spec.requirements[0]")]
    [InlineData("kubeletConfiguration: {systemReserved: {gpu: '1'}}", "invalid key name \"gpu\": spec.kubeletConfiguration.systemReserved")]
    [InlineData("kubeletConfiguration: {kubeReserved: {cpu: -1m}}", "invalid value: -1m: spec.kubeletConfiguration.kubeReserved[\"cpu\"]\nValue cannot be a negative resource quantity")]
    [InlineData("kubeletConfiguration: {evictionHard: {disk.available: 5%}}", "invalid key name \"disk.available\": spec.kubeletConfiguration.evictionHard")]
    [InlineData("kubeletConfiguration: {evictionHard: {memory.available: 101%}}", "invalid value: 101%: spec.kubeletConfiguration.evictionHard[\"memory.available\"]\nPercentage values cannot be greater than 100")]
    [InlineData("kubeletConfiguration: {evictionHard: {memory.available: -5%}}", "invalid value: -5%: spec.kubeletConfiguration.evictionHard[\"memory.available\"]\nPercentage values cannot be negative")]
    [InlineData("kubeletConfiguration: {evictionHard: {memory.available: much}}", "invalid value: much: spec.kubeletConfiguration.evictionHard[\"memory.available\"]\nValue could not be parsed as a resource quantity, quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'")]
    [InlineData("kubeletConfiguration: {evictionSoft: {memory.available: 5%}}", "invalid key name \"memory.available\": spec.kubeletConfiguration.evictionSoft\nKey does not have a matching evictionSoftGracePeriod")]
    [InlineData("kubeletConfiguration: {evictionSoftGracePeriod: {memory.available: 1m}}", "invalid key name \"memory.available\": spec.kubeletConfiguration.evictionSoftGracePeriod\nKey does not have a matching evictionSoft threshold value")]
    public void A_mistake_is_refused_at_its_field(string spec, string field)
    {
        var given = (TreeMap)Yaml.Read(spec);
        var whole = given["providerRef"] is TreeNull ? TreeMap.Empty : given.With("providerRef", Yaml.Read("{name: default}"));
        var errors = string.Join(" | ", ProvisionerRules.Errors(whole));
        Assert.Equal(field, Regex.Replace(errors, @"; specify a well known label: \[.*?\], or a custom label that does not use a restricted domain: \[.*?\]", "; …"));
    }

    [Theory]
    [InlineData("weight: 0", "spec.weight: Invalid value: 0: spec.weight in body should be greater than or equal to 1")]
    [InlineData("weight: 101", "spec.weight: Invalid value: 101: spec.weight in body should be less than or equal to 100")]
    [InlineData("weight: 1", "")]
    public void The_weight_is_the_business_of_the_definition(string spec, string error) =>
        Assert.Equal(error, string.Join(" ", new ProvisionerRules().Validate(Object($"{{{spec}}}"), null)));

    [Fact]
    public void A_denial_names_the_webhook_and_merges_what_is_alike()
    {
        var denial = new ProvisionerRules().Denial(Object("{ttlSecondsUntilExpired: -1, ttlSecondsAfterEmpty: -1, providerRef: {name: default}, taints: [{key: a, effect: Never}]}"));
        Assert.Equal((400, "BadRequest"), (denial!.Code, denial.Reason));
        Assert.Equal(
            "admission webhook \"validation.webhook.karpenter.sh\" denied the request: validation failed: "
            + "invalid value: Never: spec.effect[0]\ninvalid value: cannot be negative: spec.ttlSecondsAfterEmpty, spec.ttlSecondsUntilExpired",
            denial.Message);
    }

    [Fact]
    public void The_provider_within_is_the_business_of_the_other_webhook() => Assert.Equal(
        "admission webhook \"validation.webhook.karpenter.k8s.aws\" denied the request: validation failed: missing field(s): spec.provider.securityGroupSelector, spec.provider.subnetSelector",
        new ProvisionerRules().Denial(Object("{provider: {amiFamily: AL2}}"))!.Message);

    private static ApiObject Object(string spec) => new(KarpenterTypes.Provisioner, new ObjectMeta { Name = "p" }, TreeMap.Of(("spec", Yaml.Read(spec))));
}
