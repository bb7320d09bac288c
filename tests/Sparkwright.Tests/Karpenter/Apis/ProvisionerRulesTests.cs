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
    [InlineData("ttlSecondsAfterEmpty: -1", "spec.ttlSecondsAfterEmpty")]
    [InlineData("ttlSecondsUntilExpired: -1", "spec.ttlSecondsUntilExpired")]
    [InlineData("{ttlSecondsAfterEmpty: 30, consolidation: {enabled: true}}", "spec.ttlSecondsAfterEmpty")]
    [InlineData("weight: 0", "spec.weight")]
    [InlineData("weight: 101", "spec.weight")]
    [InlineData("provider: {subnetSelector: {a: b}, securityGroupSelector: {a: b}}", "spec.provider")]
    [InlineData("providerRef: null", "spec.providerRef")]
    [InlineData("labels: {karpenter.sh/provisioner-name: x}", "spec.labels[karpenter.sh/provisioner-name]")]
    [InlineData("labels: {karpenter.sh/mine: x}", "spec.labels[karpenter.sh/mine]")]
    [InlineData("labels: {karpenter.k8s.aws/mine: x}", "spec.labels[karpenter.k8s.aws/mine]")]
    [InlineData("labels: {kubernetes.io/hostname: x}", "spec.labels[kubernetes.io/hostname]")]
    [InlineData("labels: {kubernetes.io/mine: x}", "spec.labels[kubernetes.io/mine]")]
    [InlineData("labels: {a.k8s.io/mine: x}", "spec.labels[a.k8s.io/mine]")]
    [InlineData("labels: {team: 'not valid'}", "spec.labels[team]")]
    [InlineData("labels: {'bad key': a}", "spec.labels[bad key]")]
    [InlineData("taints: [{value: a, effect: NoSchedule}]", "spec.taints[0].key")]
    [InlineData("taints: [{key: a, effect: Never}]", "spec.taints[0].effect")]
    [InlineData("taints: [{key: a, value: 'b c', effect: NoSchedule}]", "spec.taints[0].value")]
    [InlineData("taints: [{key: a, value: x, effect: NoSchedule}, {key: a, value: y, effect: NoSchedule}]", "spec.taints[1]")]
    [InlineData("{taints: [{key: a, effect: NoSchedule}], startupTaints: [{key: a, effect: NoSchedule}]}", "spec.startupTaints[0]")]
    [InlineData("requirements: [{key: team, operator: Is, values: [a]}]", "spec.requirements[0].operator")]
    [InlineData("requirements: [{key: team, operator: In, values: []}]", "spec.requirements[0].values")]
    [InlineData("requirements: [{key: team, operator: Gt, values: ['-1']}]", "spec.requirements[0].values")]
    [InlineData("requirements: [{key: team, operator: Lt, values: [x]}]", "spec.requirements[0].values")]
    [InlineData("requirements: [{key: team, operator: Lt, values: ['1', '2']}]", "spec.requirements[0].values")]
    [InlineData("requirements: [{key: karpenter.sh/provisioner-name, operator: In, values: [x]}]", "spec.requirements[0].key")]
    [InlineData("requirements: [{key: kubernetes.io/hostname, operator: In, values: [x]}]", "spec.requirements[0].key")]
    [InlineData("kubeletConfiguration: {systemReserved: {gpu: '1'}}", "spec.kubeletConfiguration.systemReserved")]
    [InlineData("kubeletConfiguration: {kubeReserved: {cpu: -1m}}", "spec.kubeletConfiguration.kubeReserved[cpu]")]
    [InlineData("kubeletConfiguration: {evictionHard: {disk.available: 5%}}", "spec.kubeletConfiguration.evictionHard")]
    [InlineData("kubeletConfiguration: {evictionHard: {memory.available: 101%}}", "spec.kubeletConfiguration.evictionHard[memory.available]")]
    [InlineData("kubeletConfiguration: {evictionHard: {memory.available: -5%}}", "spec.kubeletConfiguration.evictionHard[memory.available]")]
    [InlineData("kubeletConfiguration: {evictionHard: {memory.available: much}}", "spec.kubeletConfiguration.evictionHard[memory.available]")]
    [InlineData("kubeletConfiguration: {evictionSoft: {memory.available: 5%}}", "spec.kubeletConfiguration.evictionSoftGracePeriod[memory.available]")]
    [InlineData("kubeletConfiguration: {evictionSoftGracePeriod: {memory.available: 1m}}", "spec.kubeletConfiguration.evictionSoft[memory.available]")]
    public void A_mistake_is_refused_at_its_field(string spec, string field)
    {
        var given = (TreeMap)Yaml.Read(spec);
        var whole = given["providerRef"] is TreeNull ? TreeMap.Empty : given.With("providerRef", Yaml.Read("{name: default}"));
        var errors = new ProvisionerRules().Validate(Object(whole.ToString()!), null).Select(error => error.Path);
        Assert.Equal(field, string.Join(" ", errors.Distinct()));
    }

    private static ApiObject Object(string spec) => new(KarpenterTypes.Provisioner, new ObjectMeta { Name = "p" }, TreeMap.Of(("spec", Yaml.Read(spec))));
}
