using Sparkwright.Kubernetes.Objects;

namespace Sparkwright.Tests.Kubernetes.Admission;

public sealed class PodRulesTests
{
    [Fact]
    public void The_smallest_pod_gets_what_a_real_server_gives_it()
    {
        var pod = Admitted.Object(Pod("{containers: [{name: a, image: nginx}]}"));
        Assert.Equal(
            Yaml.Read("""
                containers:
                - {name: a, image: nginx, imagePullPolicy: Always, resources: {}, terminationMessagePath: /dev/termination-log, terminationMessagePolicy: File}
                dnsPolicy: ClusterFirst
                enableServiceLinks: true
                preemptionPolicy: PreemptLowerPriority
                priority: 0
                restartPolicy: Always
                schedulerName: default-scheduler
                securityContext: {}
                serviceAccount: default
                serviceAccountName: default
                terminationGracePeriodSeconds: 30
                tolerations:
                - {effect: NoExecute, key: node.kubernetes.io/not-ready, operator: Exists, tolerationSeconds: 300}
                - {effect: NoExecute, key: node.kubernetes.io/unreachable, operator: Exists, tolerationSeconds: 300}
                """).ToString(),
            pod.Spec.ToString());
        Assert.Equal("BestEffort", pod.Status["qosClass"]?.Text);
        Assert.Equal(pod.Spec, Admitted.Object(Pod("{containers: [{name: a, image: nginx}]}"), pod).Spec);
    }

    [Theory]
    [InlineData("nginx", "Always")]
    [InlineData("nginx:latest", "Always")]
    [InlineData("nginx:1.25", "IfNotPresent")]
    [InlineData("localhost:5000/nginx", "Always")]
    [InlineData("localhost:5000/nginx:1", "IfNotPresent")]
    [InlineData("nginx@sha256:0123", "IfNotPresent")]
    public void Images_are_pulled_by_their_tag(string image, string policy) =>
        Assert.Equal(policy, Container($"{{name: a, image: '{image}'}}")["imagePullPolicy"]?.Text);

    [Theory]
    [InlineData("{limits: {cpu: 2, memory: 1Gi}}", """{"limits":{"cpu":"2","memory":"1Gi"},"requests":{"cpu":"2","memory":"1Gi"}}""", "Guaranteed")]
    [InlineData("{limits: {cpu: 2}, requests: {cpu: 1}}", """{"limits":{"cpu":"2"},"requests":{"cpu":"1"}}""", "Burstable")]
    [InlineData("{requests: {cpu: 1}}", """{"requests":{"cpu":"1"}}""", "Burstable")]
    [InlineData("{requests: {cpu: 0}}", """{"requests":{"cpu":"0"}}""", "BestEffort")]
    [InlineData("{}", "{}", "BestEffort")]
    public void Requests_come_from_limits_and_give_the_quality_of_service(string resources, string whole, string quality)
    {
        var pod = Admitted.Object(Pod($"{{containers: [{{name: a, image: b, resources: {resources}}}]}}"));
        Assert.Equal(whole, pod.Spec["containers"]!.Items[0]["resources"]!.ToString());
        Assert.Equal(quality, pod.Status["qosClass"]?.Text);
    }

    [Theory]
    [InlineData("livenessProbe: {httpGet: {port: 80}}", "livenessProbe", """{"failureThreshold":3,"httpGet":{"path":"/","port":80,"scheme":"HTTP"},"periodSeconds":10,"successThreshold":1,"timeoutSeconds":1}""")]
    [InlineData("ports: [{containerPort: 80}]", "ports", """[{"containerPort":80,"protocol":"TCP"}]""")]
    [InlineData("env: [{name: A, valueFrom: {fieldRef: {fieldPath: metadata.name}}}]", "env", """[{"name":"A","valueFrom":{"fieldRef":{"apiVersion":"v1","fieldPath":"metadata.name"}}}]""")]
    public void Parts_of_containers_are_filled_in(string part, string field, string whole) =>
        Assert.Equal(whole, Container($"{{name: a, image: b, {part}}}")[field]!.ToString());

    [Theory]
    [InlineData("{hostPath: {path: /a}, name: v}", """{"hostPath":{"path":"/a","type":""},"name":"v"}""")]
    [InlineData("{configMap: {name: c}, name: v}", """{"configMap":{"defaultMode":420,"name":"c"},"name":"v"}""")]
    [InlineData("{secret: {secretName: c}, name: v}", """{"name":"v","secret":{"defaultMode":420,"secretName":"c"}}""")]
    [InlineData("{name: v}", """{"emptyDir":{},"name":"v"}""")]
    [InlineData("{name: v, projected: {sources: [{serviceAccountToken: {path: t}}]}}", """{"name":"v","projected":{"defaultMode":420,"sources":[{"serviceAccountToken":{"expirationSeconds":3600,"path":"t"}}]}}""")]
    public void Volumes_are_filled_in(string volume, string whole) =>
        Assert.Equal(whole, Admitted.Object(Pod($"{{containers: [{{name: a, image: b}}], volumes: [{volume}]}}")).Spec["volumes"]!.Items[0].ToString());

    [Theory]
    [InlineData("serviceAccountName: me", "me")]
    [InlineData("serviceAccount: me", "me")]
    [InlineData("serviceAccountName: ''", "default")]
    public void Both_names_of_the_service_account_agree(string field, string account)
    {
        var spec = Admitted.Object(Pod($"{{containers: [{{name: a, image: b}}], {field}}}")).Spec;
        Assert.Equal((account, account), (spec["serviceAccountName"]?.Text, spec["serviceAccount"]?.Text));
    }

    [Fact]
    public void A_toleration_of_everything_needs_no_standard_ones() =>
        Assert.Equal(
            """[{"operator":"Exists"}]""",
            Admitted.Object(Pod("{containers: [{name: a, image: b}], tolerations: [{operator: Exists}]}")).Spec["tolerations"]!.ToString());

    [Theory]
    [InlineData("{}", "spec.containers: Required value")]
    [InlineData("{containers: [{image: b}]}", "spec.containers[0].name: Required value")]
    [InlineData("{containers: [{name: a}]}", "spec.containers[0].image: Required value")]
    [InlineData("{containers: [{name: a, image: ' b'}]}", "spec.containers[0].image: Invalid value: \" b\": must not have leading or trailing whitespace")]
    [InlineData("{containers: [{name: a, image: b}, {name: a, image: c}]}", "spec.containers[1].name: Duplicate value: \"a\"")]
    [InlineData("{containers: [{name: a, image: b}], initContainers: [{name: a, image: c}]}", "spec.initContainers[0].name: Duplicate value: \"a\"")]
    [InlineData("{containers: [{name: A, image: b}]}", "spec.containers[0].name: Invalid value: \"A\": a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')")]
    [InlineData("{containers: [{name: a, image: b}], restartPolicy: Sometimes}", "spec.restartPolicy: Unsupported value: \"Sometimes\": supported values: \"Always\", \"OnFailure\", \"Never\"")]
    [InlineData("{containers: [{name: a, image: b}], dnsPolicy: Cluster}", "spec.dnsPolicy: Unsupported value: \"Cluster\": supported values: \"ClusterFirst\", \"ClusterFirstWithHostNet\", \"Default\", \"None\"")]
    [InlineData("{containers: [{name: a, image: b}], activeDeadlineSeconds: 0}", "spec.activeDeadlineSeconds: Invalid value: 0: must be between 1 and 2147483647, inclusive")]
    [InlineData("{containers: [{name: a, image: b}], terminationGracePeriodSeconds: -1}", "spec.terminationGracePeriodSeconds: Invalid value: -1: must be greater than or equal to 0")]
    [InlineData("{containers: [{name: a, image: b}], nodeSelector: {a: 'b c'}}", "spec.nodeSelector: Invalid value: \"b c\": a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')")]
    public void Faults_of_pods_are_named_as_the_server_names_them(string spec, string fault) => Assert.Equal(fault, Admitted.Faults(Pod(spec)));

    [Theory]
    [InlineData("imagePullPolicy: Maybe", "imagePullPolicy: Unsupported value: \"Maybe\": supported values: \"Always\", \"IfNotPresent\", \"Never\"")]
    [InlineData("ports: [{containerPort: 0}]", "ports[0].containerPort: Required value")]
    [InlineData("ports: [{containerPort: 70000}]", "ports[0].containerPort: Invalid value: 70000: must be between 1 and 65535, inclusive")]
    [InlineData("ports: [{containerPort: 80, name: a1}, {containerPort: 81, name: a1}]", "ports[1].name: Duplicate value: \"a1\"")]
    [InlineData("ports: [{containerPort: 80, name: a-very-long-name-x}]", "ports[0].name: Invalid value: \"a-very-long-name-x\": must be no more than 15 characters")]
    [InlineData("ports: [{containerPort: 80, protocol: HTTP}]", "ports[0].protocol: Unsupported value: \"HTTP\": supported values: \"SCTP\", \"TCP\", \"UDP\"")]
    [InlineData("ports: [{containerPort: 80, hostPort: 80}, {containerPort: 81, hostPort: 80}]", "ports[1].hostPort: Duplicate value: \"TCP//80\"")]
    [InlineData("env: [{value: a}]", "env[0].name: Required value")]
    [InlineData("env: [{name: 'A=B'}]", "env[0].name: Invalid value: \"A=B\": a valid environment variable name must consist only of printable ASCII characters other than '='")]
    [InlineData("env: [{name: A, value: b, valueFrom: {fieldRef: {fieldPath: metadata.name}}}]", "env[0].valueFrom: Invalid value: \"\": may not be specified when `value` is not empty")]
    [InlineData("env: [{name: A, valueFrom: {fieldRef: {fieldPath: spec.host}}}]", "env[0].valueFrom.fieldRef.fieldPath: Invalid value: \"spec.host\": error converting fieldPath: field label not supported: spec.host")]
    [InlineData("env: [{name: A, valueFrom: {secretKeyRef: {name: s}}}]", "env[0].valueFrom.secretKeyRef.key: Required value")]
    [InlineData("volumeMounts: [{name: v, mountPath: /a}]", "volumeMounts[0].name: Not found: \"v\"")]
    [InlineData("volumeMounts: [{name: ok, mountPath: /a}, {name: ok, mountPath: /a}]", "volumeMounts[1].mountPath: Invalid value: \"/a\": must be unique")]
    [InlineData("volumeMounts: [{name: ok, mountPath: /a, subPath: ../b}]", "volumeMounts[0].subPath: Invalid value: \"../b\": must not contain '..'")]
    [InlineData("volumeMounts: [{name: ok}]", "volumeMounts[0].mountPath: Required value")]
    [InlineData("resources: {requests: {cpu: 2}, limits: {cpu: 1}}", "resources.requests: Invalid value: \"2\": must be less than or equal to cpu limit of 1")]
    [InlineData("resources: {requests: {cpu: -1}}", "resources.requests[cpu]: Invalid value: \"-1\": must be greater than or equal to 0")]
    [InlineData("resources: {limits: {gpu: 1}}", "resources.limits[gpu]: Invalid value: \"gpu\": must be a standard resource for containers")]
    [InlineData("resources: {requests: {nvidia.com/gpu: 1}}", "resources.limits: Required value: Limit must be set for non overcommitable resources")]
    [InlineData("resources: {requests: {nvidia.com/gpu: 1}, limits: {nvidia.com/gpu: 2}}", "resources.requests: Invalid value: \"1\": must be equal to nvidia.com/gpu limit of 2")]
    [InlineData("resources: {limits: {nvidia.com/gpu: 500m}}", "resources.limits[nvidia.com/gpu]: Invalid value: \"500m\": must be an integer")]
    [InlineData("livenessProbe: {periodSeconds: 5}", "livenessProbe: Required value: must specify a handler type")]
    [InlineData("livenessProbe: {tcpSocket: {port: 0}}", "livenessProbe.tcpSocket.port: Invalid value: 0: must be between 1 and 65535, inclusive")]
    [InlineData("livenessProbe: {exec: {command: [a]}, successThreshold: 2}", "livenessProbe.successThreshold: Invalid value: 2: must be 1")]
    [InlineData("restartPolicy: Always", "restartPolicy: Forbidden: may not be set for non-init containers")]
    public void Faults_of_containers_are_named_as_the_server_names_them(string part, string fault)
    {
        var faults = Admitted.Faults(Pod($"{{containers: [{{name: a, image: b, {part}}}], volumes: [{{name: ok, emptyDir: {{}}}}]}}"));
        Assert.Contains($"spec.containers[0].{fault}", faults.Split(", spec.").Select((one, at) => at == 0 ? one.TrimStart('[').TrimEnd(']') : $"spec.{one}".TrimEnd(']')));
    }

    [Theory]
    [InlineData("{name: V, emptyDir: {}}", "volumes[0].name: Invalid value: \"V\": a lowercase RFC 1123 label")]
    [InlineData("{name: v, emptyDir: {}, hostPath: {path: /a}}", "volumes[0].hostPath: Forbidden: may not specify more than 1 volume type")]
    [InlineData("{name: v, hostPath: {path: ''}}", "volumes[0].hostPath.path: Required value")]
    [InlineData("{name: v, hostPath: {path: /a, type: Dir}}", "volumes[0].hostPath.type: Unsupported value: \"Dir\": supported values: \"\", \"BlockDevice\"")]
    [InlineData("{name: v, secret: {}}", "volumes[0].secret.secretName: Required value")]
    [InlineData("{name: v, persistentVolumeClaim: {claimName: ''}}", "volumes[0].persistentVolumeClaim.claimName: Required value")]
    public void Faults_of_volumes_are_named_as_the_server_names_them(string volume, string fault) =>
        Assert.StartsWith($"spec.{fault}", Admitted.Faults(Pod($"{{containers: [{{name: a, image: b}}], volumes: [{volume}]}}")));

    [Theory]
    [InlineData("tolerations: [{value: a}]", "spec.tolerations[0].operator: Invalid value: \"\": operator must be Exists when `key` is empty, which means \"match all values and all keys\"")]
    [InlineData("tolerations: [{key: a, operator: Exists, value: b}]", "spec.tolerations[0].operator: Invalid value: {\"key\":\"a\",\"operator\":\"Exists\",\"value\":\"b\"}: value must be empty when `operator` is 'Exists'")]
    [InlineData("tolerations: [{key: a, operator: Like}]", "spec.tolerations[0].operator: Unsupported value: \"Like\": supported values: \"Equal\", \"Exists\"")]
    [InlineData("tolerations: [{key: a, effect: Nope}]", "spec.tolerations[0].effect: Unsupported value: \"Nope\": supported values: \"NoSchedule\", \"PreferNoSchedule\", \"NoExecute\"")]
    [InlineData("tolerations: [{key: a, effect: NoSchedule, tolerationSeconds: 5}]", "spec.tolerations[0].effect: Invalid value: \"NoSchedule\": effect must be 'NoExecute' when `tolerationSeconds` is set")]
    [InlineData("affinity: {nodeAffinity: {requiredDuringSchedulingIgnoredDuringExecution: {nodeSelectorTerms: []}}}", "spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms: Required value: must have at least one node selector term")]
    [InlineData("affinity: {nodeAffinity: {requiredDuringSchedulingIgnoredDuringExecution: {nodeSelectorTerms: [{matchExpressions: [{key: a, operator: In}]}]}}}", "spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms[0].matchExpressions[0].values: Required value: must be specified when `operator` is 'In' or 'NotIn'")]
    [InlineData("affinity: {nodeAffinity: {preferredDuringSchedulingIgnoredDuringExecution: [{weight: 101, preference: {matchExpressions: [{key: a, operator: Exists}]}}]}}", "spec.affinity.nodeAffinity.preferredDuringSchedulingIgnoredDuringExecution[0].weight: Invalid value: 101: must be in the range 1-100")]
    [InlineData("affinity: {nodeAffinity: {requiredDuringSchedulingIgnoredDuringExecution: {nodeSelectorTerms: [{matchExpressions: [{key: a, operator: Gt, values: ['1', '2']}]}]}}}", "spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms[0].matchExpressions[0].values: Required value: must be specified single value when `operator` is 'Lt' or 'Gt'")]
    [InlineData("affinity: {podAntiAffinity: {requiredDuringSchedulingIgnoredDuringExecution: [{labelSelector: {matchLabels: {a: b}}}]}}", "spec.affinity.podAntiAffinity.requiredDuringSchedulingIgnoredDuringExecution[0].topologyKey: Required value: can not be empty")]
    [InlineData("affinity: {podAffinity: {requiredDuringSchedulingIgnoredDuringExecution: [{topologyKey: z, labelSelector: {matchExpressions: [{key: a, operator: Gt}]}}]}}", "spec.affinity.podAffinity.requiredDuringSchedulingIgnoredDuringExecution[0].labelSelector.matchExpressions[0].operator: Invalid value: \"Gt\": not a valid selector operator")]
    [InlineData("topologySpreadConstraints: [{maxSkew: 0, topologyKey: z, whenUnsatisfiable: DoNotSchedule}]", "spec.topologySpreadConstraints[0].maxSkew: Invalid value: 0: must be greater than zero")]
    [InlineData("topologySpreadConstraints: [{maxSkew: 1, topologyKey: z, whenUnsatisfiable: Never}]", "spec.topologySpreadConstraints[0].whenUnsatisfiable: Unsupported value: \"Never\": supported values: \"DoNotSchedule\", \"ScheduleAnyway\"")]
    [InlineData("topologySpreadConstraints: [{maxSkew: 1, topologyKey: z, whenUnsatisfiable: DoNotSchedule}, {maxSkew: 2, topologyKey: z, whenUnsatisfiable: DoNotSchedule}]", "spec.topologySpreadConstraints[1].{topologyKey, whenUnsatisfiable}: Duplicate value: \"{z, DoNotSchedule}\"")]
    public void Faults_of_scheduling_are_named_as_the_server_names_them(string part, string fault) =>
        Assert.Equal(fault, Admitted.Faults(Pod($"{{containers: [{{name: a, image: b}}], {part}}}")));

    [Theory]
    [InlineData("{containers: [{name: a, image: c}]}", "")]
    [InlineData("{containers: [{name: a, image: b}], nodeName: node-1}", "")]
    [InlineData("{containers: [{name: a, image: b}], activeDeadlineSeconds: 60}", "")]
    [InlineData("{containers: [{name: a, image: b}], tolerations: [{key: k, operator: Exists}, {key: l, operator: Exists}]}", "")]
    [InlineData("{containers: [{name: a, image: b}], tolerations: []}", "spec.tolerations: Forbidden: existing toleration can not be modified except its tolerationSeconds")]
    [InlineData("{containers: [{name: a, image: ''}]}", "spec.containers[0].image: Required value")]
    [InlineData("{containers: [{name: a, image: b, command: [x]}]}", "spec: Forbidden: pod updates may not change fields other than `spec.containers[*].image`")]
    [InlineData("{containers: [{name: a, image: b}], hostNetwork: true}", "spec: Forbidden: pod updates may not change fields other than")]
    public void Few_fields_of_a_pod_may_change(string spec, string fault)
    {
        var old = Admitted.Object(Pod("{containers: [{name: a, image: b}], tolerations: [{key: k, operator: Exists}]}"));
        var whole = spec.Contains("tolerations", StringComparison.Ordinal) ? spec : spec[..^1] + ", tolerations: [{key: k, operator: Exists}]}";
        var faults = Admitted.Faults(Pod(whole), old);
        Assert.Equal(fault.Length == 0, faults.Length == 0);
        Assert.StartsWith(fault, faults);
    }

    [Fact]
    public void A_binding_cannot_be_changed()
    {
        var old = Admitted.Object(Pod("{containers: [{name: a, image: b}], nodeName: node-1}"));
        var faults = Admitted.Faults(Pod("{containers: [{name: a, image: b}], nodeName: node-2}"), old);
        Assert.Contains("-  nodeName: \"node-1\"\n+  nodeName: \"node-2\"", faults, StringComparison.Ordinal);
    }

    [Fact]
    public void Several_faults_make_a_list_with_causes()
    {
        var status = Admitted.Refusal(Pod("{containers: [{name: a}, {image: b}]}"))!;
        Assert.Equal("Pod \"x\" is invalid: [spec.containers[0].image: Required value, spec.containers[1].name: Required value]", status.Message);
        Assert.Equal(
            """{"causes":[{"field":"spec.containers[0].image","message":"Required value","reason":"FieldValueRequired"},{"field":"spec.containers[1].name","message":"Required value","reason":"FieldValueRequired"}],"kind":"Pod","name":"x"}""",
            status.Details!.ToString());
    }

    private static string Pod(string spec) => $"{{apiVersion: v1, kind: Pod, metadata: {{name: x, namespace: default}}, spec: {spec}}}";

    private static Tree Container(string container) => Admitted.Object(Pod($"{{containers: [{container}]}}")).Spec["containers"]!.Items[0];
}
