namespace Sparkwright.SeededTests.RandomWorlds;

/// <summary>Workloads with random wishes, as manifests.</summary>
internal static class RandomWorkloads
{
    /// <summary>What pods may refer to: priorities and storage classes.</summary>
    public const string Surroundings = """
        {apiVersion: scheduling.k8s.io/v1, kind: PriorityClass, metadata: {name: high}, value: 1000}
        ---
        {apiVersion: scheduling.k8s.io/v1, kind: PriorityClass, metadata: {name: low}, value: -10, preemptionPolicy: Never}
        ---
        {apiVersion: storage.k8s.io/v1, kind: StorageClass, metadata: {name: zonal}, provisioner: ebs.csi.aws.com, volumeBindingMode: WaitForFirstConsumer, allowedTopologies: [{matchLabelExpressions: [{key: topology.kubernetes.io/zone, values: [us-west-2a, us-west-2b]}]}]}
        ---
        {apiVersion: storage.k8s.io/v1, kind: StorageClass, metadata: {name: at-once}, provisioner: ebs.csi.aws.com, volumeBindingMode: Immediate}
        """;

    public static string Of(string name, Dice dice) => dice.Below(12) switch
    {
        < 4 => Pod(name, dice),
        < 8 => Deployment(name, dice),
        8 => Job(name, dice),
        9 => StatefulSet(name, dice),
        10 => DaemonSet(name, dice),
        _ => Deployment(name, dice) + "\n---\n" + Budget(name, dice),
    };

    private static string Pod(string name, Dice dice)
    {
        var claim = dice.OneIn(6);
        return (claim ? $"{{apiVersion: v1, kind: PersistentVolumeClaim, metadata: {{name: {name}}}, spec: {ClaimSpec(dice)}}}\n---\n" : "")
            + $"{{apiVersion: v1, kind: Pod, metadata: {Metadata(name, dice, finishes: dice.OneIn(3))}, spec: {PodSpec(name, dice, "restartPolicy: Never", claim ? $"volumes: [{{name: data, persistentVolumeClaim: {{claimName: {name}}}}}]" : "")}}}";
    }

    private static string Deployment(string name, Dice dice) =>
        $"{{apiVersion: apps/v1, kind: Deployment, metadata: {{name: {name}}}, spec: {{replicas: {dice.Between(1, 12)}, selector: {{matchLabels: {{app: {name}}}}}, template: {Template(name, dice)}}}}}";

    private static string Job(string name, Dice dice) =>
        $"{{apiVersion: batch/v1, kind: Job, metadata: {{name: {name}}}, spec: {{parallelism: {dice.Between(1, 4)}, completions: {dice.Between(1, 6)}, template: {{metadata: {Metadata(name, dice, finishes: true)}, spec: {PodSpec(name, dice, "restartPolicy: Never", "")}}}}}}}";

    private static string StatefulSet(string name, Dice dice) =>
        $"{{apiVersion: apps/v1, kind: StatefulSet, metadata: {{name: {name}}}, spec: {{serviceName: {name}, replicas: {dice.Between(1, 4)}, podManagementPolicy: {dice.Of("Parallel", "OrderedReady")}, "
        + "persistentVolumeClaimRetentionPolicy: {whenDeleted: Delete, whenScaled: Retain}, "
        + $"selector: {{matchLabels: {{app: {name}}}}}, template: {Template(name, dice)}"
        + (dice.OneIn(2) ? $", volumeClaimTemplates: [{{metadata: {{name: data}}, spec: {ClaimSpec(dice)}}}]" : "") + "}}";

    private static string DaemonSet(string name, Dice dice) =>
        $"{{apiVersion: apps/v1, kind: DaemonSet, metadata: {{name: {name}}}, spec: {{selector: {{matchLabels: {{app: {name}}}}}, template: {{metadata: {{labels: {{app: {name}}}}}, spec: {{"
        + string.Join(", ", [.. dice.Maybe(2, () => "tolerations: [{operator: Exists}]"), .. dice.Maybe(4, () => "nodeSelector: {kubernetes.io/arch: amd64}"),
            $"containers: [{{name: main, image: agent, resources: {{requests: {{cpu: {dice.Of("50m", "200m")}, memory: 100Mi}}}}}}]"]) + "}}}}";

    private static string Budget(string name, Dice dice) =>
        $"{{apiVersion: policy/v1, kind: PodDisruptionBudget, metadata: {{name: {name}}}, spec: {{selector: {{matchLabels: {{app: {name}}}}}, {dice.Of("maxUnavailable: 1", "minAvailable: 50%", "maxUnavailable: 0")}}}}}";

    private static string Template(string name, Dice dice) => $"{{metadata: {Metadata(name, dice, finishes: false)}, spec: {PodSpec(name, dice, "", "")}}}";

    private static string Metadata(string name, Dice dice, bool finishes)
    {
        var annotations = string.Join(", ",
        [
            .. finishes ? [$"sparkwright.dev/run-for: {dice.Between(5, 600)}s"] : Array.Empty<string>(),
            .. dice.Maybe(10, () => dice.Of("karpenter.sh/do-not-disrupt: 'true'", "karpenter.sh/do-not-evict: 'true'", "karpenter.sh/do-not-disrupt: 10m")),
        ]);
        return $"{{name: {name}, labels: {{app: {name}, group: {dice.Of("one", "two")}}}, annotations: {{{annotations}}}}}";
    }

    private static string ClaimSpec(Dice dice) => "{accessModes: [ReadWriteOnce], resources: {requests: {storage: 5Gi}}"
        + string.Concat(dice.Maybe(2, () => $", storageClassName: {dice.Of("zonal", "gp2", "at-once")}")) + "}";

    private static string PodSpec(string name, Dice dice, params string[] more)
    {
        // The first of two members of one name counts.
        string[] members =
        [
            $"terminationGracePeriodSeconds: {dice.Of(0, 1, 30)}",
            Containers(dice),
            .. dice.Maybe(4, () => $"nodeSelector: {{{dice.Of(
                "team: red", "team: blue", "tier: gold", "topology.kubernetes.io/zone: us-west-2a", "topology.kubernetes.io/zone: us-west-2c",
                "karpenter.sh/capacity-type: on-demand", "kubernetes.io/arch: arm64", "karpenter.k8s.aws/instance-cpu: '4'")}}}"),
            .. dice.Maybe(3, () => "tolerations: [{key: dedicated, operator: Exists}]"),
            .. dice.Maybe(8, () => "tolerations: [{operator: Exists}]"),
            .. dice.Maybe(4, () => $"affinity: {{{Affinity(name, dice)}}}"),
            .. dice.Maybe(5, () => $"topologySpreadConstraints: [{Spread(name, dice)}]"),
            .. dice.Maybe(8, () => $"priorityClassName: {dice.Of("high", "low")}"),
            .. more,
        ];
        return "{" + string.Join(", ", members.Where(member => member.Length > 0).DistinctBy(member => member[..member.IndexOf(':', StringComparison.Ordinal)])) + "}";
    }

    private static string Containers(Dice dice) => "containers: [{name: main, image: app"
        + string.Concat(dice.Maybe(12, () => $", ports: [{{containerPort: 80, hostPort: {dice.Of(8080, 9090)}}}]"))
        + $", resources: {{requests: {{cpu: {dice.Of("100m", "250m", "500m", "900m", "1500m", "3", "7")}, memory: {dice.Of("128Mi", "500Mi", "1Gi", "3Gi", "10Gi")}{(dice.OneIn(8) ? ", ephemeral-storage: 3Gi" : "")}}}}}}}]";

    private static string Affinity(string name, Dice dice) => dice.Below(8) switch
    {
        0 => "nodeAffinity: {requiredDuringSchedulingIgnoredDuringExecution: {nodeSelectorTerms: [{matchExpressions: [{key: topology.kubernetes.io/zone, operator: NotIn, values: [us-west-2a]}]}]}}",
        1 => "nodeAffinity: {requiredDuringSchedulingIgnoredDuringExecution: {nodeSelectorTerms: [{matchExpressions: [{key: team, operator: In, values: [blue]}]}, {matchExpressions: [{key: team, operator: DoesNotExist}]}]}}",
        2 => "nodeAffinity: {preferredDuringSchedulingIgnoredDuringExecution: [{weight: 5, preference: {matchExpressions: [{key: team, operator: In, values: [green]}]}}, {weight: 9, preference: {matchExpressions: [{key: topology.kubernetes.io/zone, operator: In, values: [us-west-2b]}]}}]}",
        3 => $"podAffinity: {{requiredDuringSchedulingIgnoredDuringExecution: [{Term(name, dice, own: true)}]}}",
        4 => $"podAffinity: {{requiredDuringSchedulingIgnoredDuringExecution: [{Term(name, dice, own: false)}]}}",
        5 => $"podAntiAffinity: {{requiredDuringSchedulingIgnoredDuringExecution: [{Term(name, dice, own: true)}]}}",
        6 => $"podAntiAffinity: {{requiredDuringSchedulingIgnoredDuringExecution: [{Term(name, dice, own: false)}]}}",
        _ => $"podAntiAffinity: {{preferredDuringSchedulingIgnoredDuringExecution: [{{weight: 10, podAffinityTerm: {Term(name, dice, own: true)}}}]}}",
    };

    private static string Term(string name, Dice dice, bool own) =>
        $"{{topologyKey: {dice.Of("kubernetes.io/hostname", "topology.kubernetes.io/zone")}, labelSelector: {{matchLabels: {{{(own ? "app: " + name : dice.Of("group: one", "group: two"))}}}}}}}";

    private static string Spread(string name, Dice dice) =>
        $"{{topologyKey: {dice.Of("kubernetes.io/hostname", "topology.kubernetes.io/zone", "karpenter.sh/capacity-type")}, maxSkew: {dice.Between(1, 2)}, whenUnsatisfiable: {dice.Of("DoNotSchedule", "ScheduleAnyway")}, labelSelector: {{matchLabels: {{app: {name}}}}}}}";
}
