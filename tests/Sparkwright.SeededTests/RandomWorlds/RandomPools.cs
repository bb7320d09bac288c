namespace Sparkwright.SeededTests.RandomWorlds;

/// <summary>Pools of any generation with random rules, as manifests. All names of labels, taints and values are those that workloads ask for.</summary>
internal static class RandomPools
{
    private static readonly string[] Requirements =
    [
        "{key: karpenter.k8s.aws/instance-cpu, operator: Gt, values: ['3']}",
        "{key: karpenter.k8s.aws/instance-cpu, operator: Lt, values: ['17']}",
        "{key: karpenter.k8s.aws/instance-memory, operator: Lt, values: ['70000']}",
        "{key: karpenter.k8s.aws/instance-local-nvme, operator: DoesNotExist}",
        "{key: karpenter.k8s.aws/instance-size, operator: NotIn, values: [large, 24xlarge]}",
        "{key: team, operator: In, values: [red, blue]}",
        "{key: team, operator: In, values: [red]}",
        "{key: tier, operator: Exists}",
    ];

    /// <param name="minValues">Whether minValues may be asked for: v1 has them.</param>
    public static string RequirementsOf(Dice dice, bool minValues) => "[" + string.Join(", ",
    [
        dice.Below(3) switch
        {
            0 => $"{{key: node.kubernetes.io/instance-type, operator: In, values: {dice.Some("c5.large", "c5.xlarge", "c5.2xlarge", "m5.large", "m5.2xlarge", "c5d.4xlarge", "r6gd.xlarge", "t3.medium")}}}",
            1 => $"{{key: karpenter.k8s.aws/instance-family, operator: In, values: {dice.Some("c5", "m5", "r5d", "c6g")}{(minValues && dice.OneIn(4) ? ", minValues: 1" : "")}}}",
            _ => "{key: karpenter.k8s.aws/instance-category, operator: In, values: [c, m, r]}, {key: karpenter.k8s.aws/instance-generation, operator: Gt, values: ['4']}",
        },
        $"{{key: karpenter.sh/capacity-type, operator: In, values: {dice.Some("spot", "on-demand")}}}",
        $"{{key: kubernetes.io/arch, operator: In, values: {dice.Of("[amd64]", "[amd64, arm64]", "[amd64, arm64]")}}}",
        .. dice.Maybe(3, () => $"{{key: topology.kubernetes.io/zone, operator: In, values: {dice.Some("us-west-2a", "us-west-2b", "us-west-2c")}}}"),
        .. dice.Maybe(2, () => dice.Of(Requirements)),
    ]) + "]";

    public static string Limits(Dice dice, bool nodes) => "{" + string.Join(", ",
    [
        .. dice.Maybe(2, () => $"cpu: {dice.Between(4, 60)}"),
        .. dice.Maybe(4, () => $"memory: {dice.Between(10, 300)}Gi"),
        .. nodes ? dice.Maybe(5, () => $"nodes: {dice.Between(1, 6)}") : [],
    ]) + "}";

    /// <summary>The pool and its class, documents separated as in a file.</summary>
    /// <param name="kind">v1alpha5, v1beta1 or v1.</param>
    public static string Of(string kind, string name, Dice dice) => kind == "v1alpha5" ? Provisioner(name, dice) : NodePool(kind, name, dice);

    private static string Provisioner(string name, Dice dice) =>
        $"{{apiVersion: karpenter.sh/v1alpha5, kind: Provisioner, metadata: {{name: {name}}}, spec: {{" + string.Join(", ",
        [
            $"requirements: {RequirementsOf(dice, minValues: false)}",
            $"providerRef: {{name: {name}}}",
            .. dice.Maybe(3, () => $"labels: {{team: {dice.Of("red", "blue")}}}"),
            .. dice.Maybe(2, () => $"limits: {{resources: {Limits(dice, nodes: false)}}}"),
            .. dice.Maybe(3, () => $"weight: {dice.Between(1, 100)}"),
            .. dice.Maybe(3, () => $"taints: {Taints(dice)}"),
            .. dice.Maybe(8, () => "startupTaints: [{key: cni, value: wait, effect: NoSchedule}]"),
            .. dice.Below(3) switch
            {
                0 => ["consolidation: {enabled: true}"],
                1 => [$"ttlSecondsAfterEmpty: {dice.Of(0, 30, 300)}"],
                _ => Array.Empty<string>(),
            },
            .. dice.Maybe(8, () => $"ttlSecondsUntilExpired: {dice.Of(1200, 7200)}"),
        ]) + "}}\n---\n"
        + $"{{apiVersion: karpenter.k8s.aws/v1alpha1, kind: AWSNodeTemplate, metadata: {{name: {name}}}, spec: "
        + "{subnetSelector: {karpenter.sh/discovery: sparkwright}, securityGroupSelector: {karpenter.sh/discovery: sparkwright}}}";

    private static string NodePool(string version, string name, Dice dice) =>
        $"{{apiVersion: karpenter.sh/{version}, kind: NodePool, metadata: {{name: {name}}}, spec: {{" + string.Join(", ",
        [
            $"disruption: {{{Disruption(version, dice)}}}",
            .. dice.Maybe(2, () => $"limits: {Limits(dice, nodes: version == "v1")}"),
            .. dice.Maybe(3, () => $"weight: {dice.Between(1, 100)}"),
            $"template: {{{Template(version, name, dice)}}}",
        ]) + "}}\n---\n"
        + $"{{apiVersion: karpenter.k8s.aws/v1, kind: EC2NodeClass, metadata: {{name: {name}}}, spec: {{role: KarpenterNodeRole-sparkwright, "
        + $"amiSelectorTerms: [{{alias: {dice.Of("al2023@latest", "al2@latest", "bottlerocket@latest")}}}], "
        + "subnetSelectorTerms: [{tags: {karpenter.sh/discovery: sparkwright}}], securityGroupSelectorTerms: [{tags: {karpenter.sh/discovery: sparkwright}}]}}";

    private static string Disruption(string version, Dice dice) => string.Join(", ",
    [
        version == "v1"
            ? $"consolidationPolicy: {dice.Of("WhenEmpty", "WhenEmptyOrUnderutilized", "WhenEmptyOrUnderutilized")}, consolidateAfter: {dice.Of("0s", "30s", "5m", "Never")}"
            : dice.OneIn(2) ? "consolidationPolicy: WhenUnderutilized" : $"consolidationPolicy: WhenEmpty, consolidateAfter: {dice.Of("0s", "30s", "5m")}",
        .. version == "v1beta1" ? dice.Maybe(6, () => "expireAfter: 1h") : [],
        .. dice.Maybe(2, () => $"budgets: [{dice.Of(
            "{nodes: 100%}", "{nodes: '1'}", "{nodes: 50%}", "{nodes: '0', schedule: '0 * * * *', duration: 10m}, {nodes: 100%}", "{nodes: '0'}")}]"),
    ]);

    private static string Template(string version, string name, Dice dice) => string.Join(", ",
    [
        .. dice.Maybe(3, () => $"metadata: {{labels: {{team: {dice.Of("red", "blue")}}}}}"),
        "spec: {" + string.Join(", ",
        [
            $"nodeClassRef: {{{(version == "v1" ? "group: karpenter.k8s.aws" : "apiVersion: karpenter.k8s.aws/v1beta1")}, kind: EC2NodeClass, name: {name}}}",
            $"requirements: {RequirementsOf(dice, minValues: version == "v1")}",
            .. dice.Maybe(3, () => $"taints: {Taints(dice)}"),
            .. dice.Maybe(8, () => "startupTaints: [{key: cni, value: wait, effect: NoSchedule}]"),
            .. version == "v1" ? dice.Maybe(6, () => $"expireAfter: {dice.Of("20m", "1h")}") : [],
            .. version == "v1" ? dice.Maybe(5, () => $"terminationGracePeriod: {dice.Of("30s", "10m")}") : [],
        ]) + "}",
    ]);

    private static string Taints(Dice dice) => dice.Of(
        "[{key: dedicated, value: spark, effect: NoSchedule}]",
        "[{key: dedicated, value: spark, effect: NoExecute}]",
        "[{key: soft, value: wish, effect: PreferNoSchedule}]");
}
