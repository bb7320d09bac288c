using Sparkwright.Kubernetes.Objects;

namespace Sparkwright.Tests.Kubernetes.Admission;

public sealed class WorkloadRulesTests
{
    private const string Container = "containers: [{name: a, image: 'b:1'}]";

    [Theory]
    [InlineData("Deployment", """{"progressDeadlineSeconds":600,"replicas":1,"revisionHistoryLimit":10,"strategy":{"rollingUpdate":{"maxSurge":"25%","maxUnavailable":"25%"},"type":"RollingUpdate"}}""")]
    [InlineData("ReplicaSet", """{"replicas":1}""")]
    [InlineData("DaemonSet", """{"revisionHistoryLimit":10,"updateStrategy":{"rollingUpdate":{"maxSurge":0,"maxUnavailable":1},"type":"RollingUpdate"}}""")]
    [InlineData("StatefulSet", """{"persistentVolumeClaimRetentionPolicy":{"whenDeleted":"Retain","whenScaled":"Retain"},"podManagementPolicy":"OrderedReady","replicas":1,"revisionHistoryLimit":10,"updateStrategy":{"rollingUpdate":{"partition":0},"type":"RollingUpdate"}}""")]
    public void Workloads_get_their_defaults(string kind, string spec)
    {
        var whole = Admitted.Object(Workload(kind, ""));
        Assert.Equal(spec, whole.Spec.With("selector", null).With("template", null).ToString());
        Assert.Equal(
            Yaml.Read("""
                containers: [{name: a, image: "b:1", imagePullPolicy: IfNotPresent, resources: {}, terminationMessagePath: /dev/termination-log, terminationMessagePolicy: File}]
                dnsPolicy: ClusterFirst
                restartPolicy: Always
                schedulerName: default-scheduler
                securityContext: {}
                terminationGracePeriodSeconds: 30
                """).ToString(),
            whole.Spec.At("template", "spec")!.ToString());
        Assert.Equal(whole.Spec, Admitted.Object(Workload(kind, ""), whole).Spec);
    }

    [Theory]
    [InlineData("Deployment", "replicas: -1", "spec.replicas: Invalid value: -1: must be greater than or equal to 0")]
    [InlineData("Deployment", "strategy: {type: Blue}", "spec.strategy.type: Unsupported value: \"Blue\": supported values: \"Recreate\", \"RollingUpdate\"")]
    [InlineData("Deployment", "strategy: {type: Recreate, rollingUpdate: {maxSurge: 1}}", "spec.strategy.rollingUpdate: Forbidden: may not be specified when strategy `type` is 'Recreate'")]
    [InlineData("Deployment", "strategy: {rollingUpdate: {maxSurge: 0, maxUnavailable: 0%}}", "spec.strategy.rollingUpdate.maxUnavailable: Invalid value: \"0%\": may not be 0 when `maxSurge` is 0")]
    [InlineData("Deployment", "strategy: {rollingUpdate: {maxUnavailable: 101%}}", "spec.strategy.rollingUpdate.maxUnavailable: Invalid value: \"101%\": must not be greater than 100%")]
    [InlineData("Deployment", "strategy: {rollingUpdate: {maxSurge: many}}", "spec.strategy.rollingUpdate.maxSurge: Invalid value: \"many\": a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%',  or '93%', regex used for validation is '[0-9]+%')")]
    [InlineData("Deployment", "progressDeadlineSeconds: 10, minReadySeconds: 10", "spec.progressDeadlineSeconds: Invalid value: 10: must be greater than minReadySeconds")]
    [InlineData("Deployment", "selector: {}", "spec.selector: Invalid value: {}: empty selector is invalid for deployment")]
    [InlineData("DaemonSet", "selector: {}", "spec.selector: Invalid value: {}: empty selector is invalid for daemonset")]
    [InlineData("ReplicaSet", "selector: {matchLabels: {app: other}}", "spec.template.metadata.labels: Invalid value: {\"app\":\"web\"}: `selector` does not match template `labels`")]
    [InlineData("Deployment", "selector: null", "spec.selector: Required value")]
    [InlineData("DaemonSet", "updateStrategy: {rollingUpdate: {maxSurge: 1}}", "spec.updateStrategy.rollingUpdate.maxSurge: Invalid value: 1: may not be set when maxUnavailable is non-zero")]
    [InlineData("StatefulSet", "podManagementPolicy: Fast", "spec.podManagementPolicy: Invalid value: \"Fast\": must be 'OrderedReady' or 'Parallel'")]
    public void Faults_of_workloads_are_named_as_the_server_names_them(string kind, string part, string fault) => Assert.Equal(fault, Admitted.Faults(Workload(kind, part)));

    [Fact]
    public void Templates_of_workloads_restart_always() =>
        Assert.Equal(
            "spec.template.spec.restartPolicy: Unsupported value: \"Never\": supported values: \"Always\"",
            Admitted.Faults(Workload("Deployment", $"template: {{metadata: {{labels: {{app: web}}}}, spec: {{restartPolicy: Never, {Container}}}}}")));

    [Theory]
    [InlineData("Deployment", "replicas: 5", "")]
    [InlineData("Deployment", "selector: {matchLabels: {app: web, x: y1}}, template: {metadata: {labels: {app: web, x: y1}}, spec: {containers: [{name: a, image: b}]}}", "spec.selector: Invalid value: {\"matchLabels\":{\"app\":\"web\",\"x\":\"y1\"}}: field is immutable")]
    [InlineData("StatefulSet", "serviceName: s", "spec: Forbidden: updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden")]
    public void Selectors_stay_as_they_are(string kind, string part, string fault) =>
        Assert.Equal(fault, Admitted.Faults(Workload(kind, part), Admitted.Object(Workload(kind, ""))));

    [Fact]
    public void A_Job_gets_its_defaults_its_selector_and_its_labels()
    {
        var job = Admitted.Object(Job(""));
        Assert.Equal(
            """{"backoffLimit":6,"completionMode":"NonIndexed","completions":1,"manualSelector":false,"parallelism":1,"podReplacementPolicy":"TerminatingOrFailed","selector":{"matchLabels":{"batch.kubernetes.io/controller-uid":"u1"}},"suspend":false}""",
            job.Spec.With("template", null).ToString());
        const string labels = """{"batch.kubernetes.io/controller-uid":"u1","batch.kubernetes.io/job-name":"x","controller-uid":"u1","job-name":"x"}""";
        Assert.Equal(labels, job.Spec.At("template", "metadata", "labels")!.ToString());
        Assert.Equal(labels, job.Metadata.Labels.ToString());
        Assert.Equal(job.Spec, Admitted.Object(Job(""), job).Spec);
    }

    [Theory]
    [InlineData("template: {spec: {containers: [{name: a, image: b}]}}", "spec.template.spec.restartPolicy: Required value: valid values: \"OnFailure\", \"Never\"")]
    [InlineData("backoffLimit: -1", "spec.backoffLimit: Invalid value: -1: must be greater than or equal to 0")]
    [InlineData("completionMode: Indexed, parallelism: 2", "spec.completions: Required value: when completion mode is Indexed")]
    [InlineData("completionMode: Some", "spec.completionMode: Unsupported value: \"Some\": supported values: \"Indexed\", \"NonIndexed\"")]
    [InlineData("manualSelector: true", "spec.selector: Required value")]
    [InlineData("selector: {matchLabels: {a: b}}", "[spec.selector: Invalid value: {\"matchLabels\":{\"a\":\"b\",\"batch.kubernetes.io/controller-uid\":\"u1\"}}: `selector` not auto-generated, spec.template.metadata.labels: Invalid value: {\"batch.kubernetes.io/controller-uid\":\"u1\",\"batch.kubernetes.io/job-name\":\"x\",\"controller-uid\":\"u1\",\"job-name\":\"x\"}: `selector` does not match template `labels`]")]
    public void Faults_of_Jobs_are_named_as_the_server_names_them(string part, string fault) => Assert.Equal(fault, Admitted.Faults(Job(part)));

    [Theory]
    [InlineData("parallelism: 3, completions: 1", "")]
    [InlineData("completions: 3", "spec.completions: Invalid value: 3: field is immutable")]
    [InlineData("suspend: true", "")]
    public void Little_of_a_Job_may_change(string part, string fault) => Assert.Equal(fault, Admitted.Faults(Job(part), Admitted.Object(Job(""))));

    [Fact]
    public void Only_a_suspended_Job_lets_its_pods_be_directed()
    {
        const string directed = "template: {spec: {restartPolicy: Never, nodeSelector: {a: b}, containers: [{name: a, image: b}]}}";
        Assert.EndsWith("field is immutable", Admitted.Faults(Job(directed), Admitted.Object(Job(""))));
        Assert.Equal("", Admitted.Faults(Job("suspend: true, " + directed), Admitted.Object(Job("suspend: true"))));
    }

    private static string Workload(string kind, string part)
    {
        var spec = TreeMap.Of(("selector", Yaml.Read("{matchLabels: {app: web}}")), ("template", Yaml.Read($"{{metadata: {{labels: {{app: web}}}}, spec: {{{Container}}}}}")));
        return Document("apps/v1", kind, spec.Merge((TreeMap)Yaml.Read($"{{{part}}}")));
    }

    private static string Job(string part)
    {
        var spec = TreeMap.Of(("template", Yaml.Read("{spec: {restartPolicy: Never, containers: [{name: a, image: b}]}}")));
        return Document("batch/v1", "Job", spec.Merge((TreeMap)Yaml.Read($"{{{part}}}")));
    }

    private static string Document(string apiVersion, string kind, TreeMap spec) =>
        $$"""{"apiVersion": "{{apiVersion}}", "kind": "{{kind}}", "metadata": {"name": "x", "namespace": "default", "uid": "u1"}, "spec": {{spec}}}""";
}
