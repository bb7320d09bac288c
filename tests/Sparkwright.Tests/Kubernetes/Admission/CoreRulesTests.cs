namespace Sparkwright.Tests.Kubernetes.Admission;

public sealed class CoreRulesTests
{
    [Theory]
    [InlineData("v1", "Service", "spec: {ports: [{port: 80}]}", """{"internalTrafficPolicy":"Cluster","ipFamilies":["IPv4"],"ipFamilyPolicy":"SingleStack","ports":[{"port":80,"protocol":"TCP","targetPort":80}],"sessionAffinity":"None","type":"ClusterIP"}""")]
    [InlineData("v1", "Service", "spec: {type: ExternalName, externalName: a.b}", """{"externalName":"a.b","sessionAffinity":"None","type":"ExternalName"}""")]
    [InlineData("v1", "Namespace", "", """{"finalizers":["kubernetes"]}""")]
    [InlineData("v1", "PersistentVolumeClaim", "spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}", """{"accessModes":["ReadWriteOnce"],"resources":{"requests":{"storage":"1Gi"}},"volumeMode":"Filesystem"}""")]
    public void Specs_get_their_defaults(string apiVersion, string kind, string body, string spec) =>
        Assert.Equal(spec, Admitted.Object(Document(apiVersion, kind, body)).Spec.ToString());

    [Theory]
    [InlineData("v1", "Secret", "stringData: {a: hi}", """{"data":{"a":"aGk="},"type":"Opaque"}""")]
    [InlineData("v1", "Secret", "data: {a: eA==}, stringData: {a: hi}", """{"data":{"a":"aGk="},"type":"Opaque"}""")]
    [InlineData("scheduling.k8s.io/v1", "PriorityClass", "value: 5", """{"preemptionPolicy":"PreemptLowerPriority","value":5}""")]
    [InlineData("storage.k8s.io/v1", "StorageClass", "provisioner: p", """{"provisioner":"p","reclaimPolicy":"Delete","volumeBindingMode":"Immediate"}""")]
    [InlineData(
        "rbac.authorization.k8s.io/v1",
        "RoleBinding",
        "roleRef: {kind: Role, name: r}, subjects: [{kind: User, name: u}, {kind: ServiceAccount, name: s, namespace: default}]",
        """{"roleRef":{"apiGroup":"rbac.authorization.k8s.io","kind":"Role","name":"r"},"subjects":[{"apiGroup":"rbac.authorization.k8s.io","kind":"User","name":"u"},{"kind":"ServiceAccount","name":"s","namespace":"default"}]}""")]
    public void Bodies_get_their_defaults(string apiVersion, string kind, string body, string whole) =>
        Assert.Equal(whole, Admitted.Object(Document(apiVersion, kind, body)).Body.ToString());

    [Fact]
    public void A_namespace_is_labelled_with_its_name()
    {
        var home = Admitted.Object(Document("v1", "Namespace", ""));
        Assert.Equal("x", home.Metadata.Label("kubernetes.io/metadata.name"));
        Assert.Equal("Active", home.Status["phase"]?.Text);
    }

    [Theory]
    [InlineData("v1", "Service", "spec: {}", "spec.ports: Required value")]
    [InlineData("v1", "Service", "spec: {clusterIP: None}", "")]
    [InlineData("v1", "Service", "spec: {ports: [{port: 80}, {port: 81, name: b}]}", "spec.ports[0].name: Required value")]
    [InlineData("v1", "Service", "spec: {ports: [{port: 80, name: a}, {port: 80, name: b}]}", "spec.ports[1]: Duplicate value: {\"protocol\":\"TCP\",\"port\":80}")]
    [InlineData("v1", "Service", "spec: {ports: [{port: 0, targetPort: 1}]}", "spec.ports[0].port: Invalid value: 0: must be between 1 and 65535, inclusive")]
    [InlineData("v1", "Service", "spec: {type: Local, ports: [{port: 80}]}", "spec.type: Unsupported value: \"Local\": supported values: \"ClusterIP\", \"ExternalName\", \"LoadBalancer\", \"NodePort\"")]
    [InlineData("v1", "Service", "spec: {ports: [{port: 80, nodePort: 30000}]}", "spec.ports[0].nodePort: Forbidden: may not be used when `type` is 'ClusterIP'")]
    [InlineData("v1", "Service", "spec: {type: ExternalName}", "spec.externalName: Required value")]
    [InlineData("v1", "Node", "spec: {taints: [{key: a, effect: NoSchedule}, {key: a, value: b, effect: NoSchedule}]}", "spec.taints[1]: Duplicate value: {\"effect\":\"NoSchedule\",\"key\":\"a\",\"value\":\"b\"}: taints must be unique by key and effect pair")]
    [InlineData("v1", "Node", "spec: {taints: [{key: a}]}", "spec.taints[0].effect: Required value")]
    [InlineData("v1", "ConfigMap", "data: {'a/b': c}", "data[a/b]: Invalid value: \"a/b\": a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')")]
    [InlineData("v1", "ConfigMap", "data: {a: b}, binaryData: {a: eA==}", "data[a]: Invalid value: \"a\": duplicate of key present in binaryData")]
    [InlineData("v1", "Secret", "type: kubernetes.io/dockerconfigjson", "data[.dockerconfigjson]: Required value")]
    [InlineData("rbac.authorization.k8s.io/v1", "Role", "rules: [{apiGroups: [''], resources: [pods]}]", "rules[0].verbs: Required value: verbs must contain at least one value")]
    [InlineData("rbac.authorization.k8s.io/v1", "Role", "rules: [{verbs: [get], resources: [pods]}]", "rules[0].apiGroups: Required value: resource rules must supply at least one api group")]
    [InlineData("rbac.authorization.k8s.io/v1", "ClusterRole", "rules: [{verbs: [get], nonResourceURLs: [/metrics]}]", "")]
    [InlineData("rbac.authorization.k8s.io/v1", "ClusterRoleBinding", "roleRef: {kind: Role, name: r}", "roleRef.kind: Unsupported value: \"Role\": supported values: \"ClusterRole\"")]
    [InlineData("rbac.authorization.k8s.io/v1", "RoleBinding", "roleRef: {kind: Role, name: r}, subjects: [{kind: ServiceAccount, name: s}]", "subjects[0].namespace: Required value")]
    [InlineData("scheduling.k8s.io/v1", "PriorityClass", "value: 2000000000", "value: Forbidden: maximum allowed value of a user defined priority is 1000000000")]
    public void Faults_are_named_as_the_server_names_them(string apiVersion, string kind, string body, string fault) =>
        Assert.Equal(fault, Admitted.Faults(Document(apiVersion, kind, body)));

    [Theory]
    [InlineData("v1", "ConfigMap", "immutable: true, data: {a: b}", "immutable: true, data: {a: c}", "data: Forbidden: field is immutable when `immutable` is set")]
    [InlineData("v1", "ConfigMap", "immutable: true, data: {a: b}", "data: {a: b}", "immutable: Forbidden: field is immutable when `immutable` is set")]
    [InlineData("v1", "ConfigMap", "data: {a: b}", "immutable: true, data: {a: c}", "")]
    [InlineData("v1", "Secret", "type: a", "type: b", "type: Invalid value: \"b\": field is immutable")]
    [InlineData("scheduling.k8s.io/v1", "PriorityClass", "value: 1", "value: 2", "value: Forbidden: may not be changed in an update.")]
    [InlineData("rbac.authorization.k8s.io/v1", "RoleBinding", "roleRef: {kind: Role, name: r}", "roleRef: {kind: Role, name: s}", "roleRef: Invalid value: {\"apiGroup\":\"rbac.authorization.k8s.io\",\"kind\":\"Role\",\"name\":\"s\"}: cannot change roleRef")]
    public void Some_fields_stay_as_they_are(string apiVersion, string kind, string before, string after, string fault) =>
        Assert.Equal(fault, Admitted.Faults(Document(apiVersion, kind, after), Admitted.Object(Document(apiVersion, kind, before))));

    [Theory]
    [InlineData("v1", "ConfigMap", "Bad_Name", "metadata.name: Invalid value: \"Bad_Name\": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')")]
    [InlineData("v1", "ConfigMap", "a.b-c", "")]
    [InlineData("v1", "Namespace", "a.b", "metadata.name: Invalid value: \"a.b\": a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')")]
    [InlineData("rbac.authorization.k8s.io/v1", "ClusterRole", "system:node", "")]
    [InlineData("rbac.authorization.k8s.io/v1", "ClusterRole", "a/b", "metadata.name: Invalid value: \"a/b\": may not contain '/'")]
    public void Names_are_checked_by_kind(string apiVersion, string kind, string name, string fault) =>
        Assert.Equal(fault, Admitted.Faults(Document(apiVersion, kind, "").Replace("name: x", $"name: '{name}'", StringComparison.Ordinal)));

    [Theory]
    [InlineData("labels: {'a b': c}", "metadata.labels: Invalid value: \"a b\": name part must consist of alphanumeric characters")]
    [InlineData("labels: {'/a': c}", "metadata.labels: Invalid value: \"/a\": prefix part must be non-empty")]
    [InlineData("labels: {'a/b/c': d}", "metadata.labels: Invalid value: \"a/b/c\": a qualified name must consist of alphanumeric characters")]
    [InlineData("labels: {'A.b/c': d}", "metadata.labels: Invalid value: \"A.b/c\": prefix part a lowercase RFC 1123 subdomain must consist of")]
    [InlineData("labels: {a: '-'}", "metadata.labels: Invalid value: \"-\": a valid label must be an empty string or consist of")]
    [InlineData("labels: {a: ''}", "")]
    [InlineData("annotations: {A.b/c: 'anything at all'}", "")]
    [InlineData("annotations: {'a b': c}", "metadata.annotations: Invalid value: \"a b\": name part must consist of")]
    [InlineData("finalizers: ['a b']", "metadata.finalizers: Invalid value: \"a b\": name part must consist of")]
    [InlineData("ownerReferences: [{apiVersion: v1, kind: Pod, name: p}]", "metadata.ownerReferences[0].uid: Required value: must not be empty")]
    public void Metadata_is_checked(string metadata, string fault)
    {
        var faults = Admitted.Faults(Document("v1", "ConfigMap", "").Replace("name: x", $"name: x, {metadata}", StringComparison.Ordinal));
        Assert.Equal(fault.Length == 0, faults.Length == 0);
        Assert.StartsWith(fault, faults);
    }

    [Fact]
    public void Annotations_have_a_limit_together()
    {
        var large = new string('x', 256 * 1024);
        Assert.Equal(
            "metadata.annotations: Too long: may not be more than 262144 bytes",
            Admitted.Faults(Document("v1", "ConfigMap", "").Replace("name: x", $"name: x, annotations: {{a: {large}}}", StringComparison.Ordinal)));
    }

    private static string Document(string apiVersion, string kind, string body) =>
        $"{{apiVersion: {apiVersion}, kind: {kind}, metadata: {{name: x{(kind.StartsWith("Cluster", StringComparison.Ordinal) || kind is "Node" or "Namespace" ? "" : ", namespace: default")}}}{(body.Length == 0 ? "" : ", " + body)}}}";
}
