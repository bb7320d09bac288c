using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Requests;

namespace Sparkwright.Kubernetes.Authorization;

/// <summary>
/// The ClusterRoles and bindings that every cluster has from its first start. Those of single controllers (<c>system:controller:…</c>) are left
/// out: ours ask no API for leave.
/// </summary>
public static class BootstrapRoles
{
    private const string Group = "rbac.authorization.k8s.io";
    private const string AggregationPrefix = "rbac.authorization.k8s.io/aggregate-to-";

    private static readonly string[] Reading = ["get", "list", "watch"];
    private static readonly string[] Writing = ["create", "delete", "deletecollection", "patch", "update"];

    /// <summary>Makes what is missing; what somebody has changed is left as it is.</summary>
    public static void Ensure(ApiServer api)
    {
        foreach (var known in All)
        {
            if (api.Store.Get(known.Type, known.Key) is null)
            {
                api.Create(known);
            }
        }
    }

    /// <summary>Roles first, then bindings.</summary>
    public static IReadOnlyList<ApiObject> All { get; } =
    [
        Role("cluster-admin", [Rule(["*"], ["*"], ["*"]), Paths(["*"], ["*"])]),
        Role("system:discovery", [Paths(
            ["get"], ["/api", "/api/*", "/apis", "/apis/*", "/healthz", "/livez", "/openapi", "/openapi/*", "/readyz", "/version", "/version/"])]),
        Role("system:public-info-viewer", [Paths(["get"], ["/healthz", "/livez", "/readyz", "/version", "/version/"])]),
        Role("system:basic-user",
        [
            Rule(["authorization.k8s.io"], ["selfsubjectaccessreviews", "selfsubjectrulesreviews"], ["create"]),
            Rule(["authentication.k8s.io"], ["selfsubjectreviews"], ["create"]),
        ]),
        Role("system:monitoring", [Paths(["get"], ["/healthz", "/healthz/*", "/livez", "/livez/*", "/metrics", "/metrics/slis", "/readyz", "/readyz/*"])]),
        Role("system:auth-delegator",
        [
            Rule(["authentication.k8s.io"], ["tokenreviews"], ["create"]),
            Rule(["authorization.k8s.io"], ["subjectaccessreviews"], ["create"]),
        ]),
        Role("system:node-proxier",
        [
            Rule([""], ["endpoints", "services"], ["list", "watch"]),
            Rule([""], ["nodes"], Reading),
            Rule(["", "events.k8s.io"], ["events"], ["create", "patch", "update"]),
            Rule(["discovery.k8s.io"], ["endpointslices"], ["list", "watch"]),
        ]),
        Role("system:heapster",
        [
            Rule([""], ["events", "namespaces", "nodes", "pods"], Reading),
            Rule(["extensions"], ["deployments"], Reading),
        ]),
        Role("system:kube-aggregator", [Rule([""], ["endpoints", "services"], Reading)]),
        Role("system:kube-controller-manager",
        [
            Rule(["", "events.k8s.io"], ["events"], ["create", "patch", "update"]),
            Rule(["coordination.k8s.io"], ["leases"], ["create"]),
            Named(["coordination.k8s.io"], ["leases"], ["kube-controller-manager"], ["get", "update"]),
            Rule([""], ["secrets", "serviceaccounts"], ["create"]),
            Rule([""], ["secrets"], ["delete"]),
            Rule([""], ["configmaps", "namespaces", "secrets", "serviceaccounts"], ["get"]),
            Rule([""], ["secrets", "serviceaccounts"], ["update"]),
            Rule(["authentication.k8s.io"], ["tokenreviews"], ["create"]),
            Rule(["authorization.k8s.io"], ["subjectaccessreviews"], ["create"]),
            Rule(["*"], ["*"], ["list", "watch"]),
            Rule([""], ["serviceaccounts/token"], ["create"]),
        ]),
        Role("system:kube-dns", [Rule([""], ["endpoints", "services"], ["list", "watch"])]),
        Role("system:kube-scheduler",
        [
            Rule(["", "events.k8s.io"], ["events"], ["create", "patch", "update"]),
            Rule(["coordination.k8s.io"], ["leases"], ["create", "list", "watch"]),
            Named(["coordination.k8s.io"], ["leases"], ["kube-scheduler"], ["get", "update"]),
            Rule([""], ["nodes"], Reading),
            Rule([""], ["pods"], ["delete", "get", "list", "watch"]),
            Rule([""], ["bindings", "pods/binding"], ["create"]),
            Rule([""], ["pods/status"], ["patch", "update"]),
            Rule([""], ["replicationcontrollers", "services"], Reading),
            Rule(["apps", "extensions"], ["replicasets"], Reading),
            Rule(["apps"], ["statefulsets"], Reading),
            Rule(["policy"], ["poddisruptionbudgets"], Reading),
            Rule([""], ["persistentvolumeclaims", "persistentvolumes"], Reading),
            Rule(["authentication.k8s.io"], ["tokenreviews"], ["create"]),
            Rule(["authorization.k8s.io"], ["subjectaccessreviews"], ["create"]),
            Rule(["storage.k8s.io"], ["csinodes"], Reading),
            Rule([""], ["namespaces"], Reading),
            Rule(["storage.k8s.io"], ["csidrivers"], Reading),
            Rule(["storage.k8s.io"], ["csistoragecapacities"], Reading),
        ]),
        Role("system:kubelet-api-admin",
        [
            Rule([""], ["nodes"], Reading),
            Rule([""], ["nodes"], ["proxy"]),
            Rule([""], ["nodes/log", "nodes/metrics", "nodes/proxy", "nodes/stats"], ["*"]),
        ]),
        Role("system:node",
        [
            Rule(["authentication.k8s.io"], ["tokenreviews"], ["create"]),
            Rule(["authorization.k8s.io"], ["localsubjectaccessreviews", "subjectaccessreviews"], ["create"]),
            Rule([""], ["services"], Reading),
            Rule([""], ["nodes"], ["create", "get", "list", "watch"]),
            Rule([""], ["nodes/status"], ["patch", "update"]),
            Rule([""], ["nodes"], ["patch", "update"]),
            Rule(["", "events.k8s.io"], ["events"], ["create", "patch", "update"]),
            Rule([""], ["pods"], Reading),
            Rule([""], ["pods"], ["create", "delete"]),
            Rule([""], ["pods/status"], ["patch", "update"]),
            Rule([""], ["pods/eviction"], ["create"]),
            Rule([""], ["configmaps", "secrets"], Reading),
            Rule([""], ["persistentvolumeclaims", "persistentvolumes"], ["get"]),
            Rule([""], ["endpoints"], ["get"]),
            Rule(["certificates.k8s.io"], ["certificatesigningrequests"], ["create", "get", "list", "watch"]),
            Rule(["coordination.k8s.io"], ["leases"], ["create", "delete", "get", "patch", "update"]),
            Rule(["storage.k8s.io"], ["volumeattachments"], ["get"]),
            Rule([""], ["serviceaccounts/token"], ["create"]),
            Rule([""], ["persistentvolumeclaims/status"], ["get", "patch", "update"]),
            Rule(["storage.k8s.io"], ["csidrivers"], Reading),
            Rule(["storage.k8s.io"], ["csinodes"], ["create", "delete", "get", "patch", "update"]),
            Rule(["node.k8s.io"], ["runtimeclasses"], Reading),
        ]),
        Role("system:node-bootstrapper", [Rule(["certificates.k8s.io"], ["certificatesigningrequests"], ["create", "get", "list", "watch"])]),
        Role("system:node-problem-detector",
        [
            Rule([""], ["nodes"], ["get"]),
            Rule([""], ["nodes/status"], ["patch"]),
            Rule(["", "events.k8s.io"], ["events"], ["create", "patch", "update"]),
        ]),
        Role("system:persistent-volume-provisioner",
        [
            Rule([""], ["persistentvolumes"], ["create", "delete", "get", "list", "watch"]),
            Rule([""], ["persistentvolumeclaims"], ["get", "list", "update", "watch"]),
            Rule(["storage.k8s.io"], ["storageclasses"], Reading),
            Rule([""], ["events"], ["watch"]),
            Rule(["", "events.k8s.io"], ["events"], ["create", "patch", "update"]),
        ]),
        Role("system:volume-scheduler",
        [
            Rule([""], ["persistentvolumes"], ["get", "list", "patch", "update", "watch"]),
            Rule(["storage.k8s.io"], ["storageclasses"], Reading),
            Rule([""], ["persistentvolumeclaims"], ["get", "list", "patch", "update", "watch"]),
        ]),
        Certificates("certificatesigningrequests:nodeclient", "certificatesigningrequests/nodeclient"),
        Certificates("certificatesigningrequests:selfnodeclient", "certificatesigningrequests/selfnodeclient"),
        Approver("kube-apiserver-client-approver", "kubernetes.io/kube-apiserver-client"),
        Approver("kube-apiserver-client-kubelet-approver", "kubernetes.io/kube-apiserver-client-kubelet"),
        Approver("kubelet-serving-approver", "kubernetes.io/kubelet-serving"),
        Approver("legacy-unknown-approver", "kubernetes.io/legacy-unknown"),
        Role("system:service-account-issuer-discovery", [Paths(["get"], ["/.well-known/openid-configuration", "/.well-known/openid-configuration/", "/openid/v1/jwks", "/openid/v1/jwks/"])]),
        Aggregated("admin", null),
        Aggregated("edit", "admin"),
        Aggregated("view", "edit"),
        Part("system:aggregate-to-admin", "admin",
        [
            Rule(["authorization.k8s.io"], ["localsubjectaccessreviews"], ["create"]),
            Rule([Group], ["rolebindings", "roles"], [.. Writing, .. Reading]),
        ]),
        Part("system:aggregate-to-edit", "edit",
        [
            Rule([""], ["pods/attach", "pods/exec", "pods/portforward", "pods/proxy", "secrets", "services/proxy"], Reading),
            Rule([""], ["serviceaccounts"], ["impersonate"]),
            Rule([""], ["pods", "pods/attach", "pods/exec", "pods/portforward", "pods/proxy"], Writing),
            Rule([""], ["pods/eviction"], ["create"]),
            Rule(
                [""],
                [
                    "configmaps", "events", "persistentvolumeclaims", "replicationcontrollers", "replicationcontrollers/scale", "secrets", "serviceaccounts", "services",
                    "services/proxy",
                ],
                Writing),
            Rule([""], ["serviceaccounts/token"], ["create"]),
            Rule(
                ["apps"],
                [
                    "daemonsets", "deployments", "deployments/rollback", "deployments/scale", "replicasets", "replicasets/scale", "statefulsets", "statefulsets/scale",
                ],
                Writing),
            Rule(["autoscaling"], ["horizontalpodautoscalers"], Writing),
            Rule(["batch"], ["cronjobs", "jobs"], Writing),
            Rule(["policy"], ["poddisruptionbudgets"], Writing),
            Rule(["networking.k8s.io"], ["ingresses", "networkpolicies"], Writing),
            Rule(["coordination.k8s.io"], ["leases"], [.. Writing, .. Reading]),
        ]),
        Part("system:aggregate-to-view", "view",
        [
            Rule(
                [""],
                [
                    "configmaps", "endpoints", "persistentvolumeclaims", "persistentvolumeclaims/status", "pods", "replicationcontrollers", "replicationcontrollers/scale",
                    "serviceaccounts", "services", "services/status",
                ],
                Reading),
            Rule(
                [""],
                [
                    "bindings", "events", "limitranges", "namespaces/status", "pods/log", "pods/status", "replicationcontrollers/status", "resourcequotas",
                    "resourcequotas/status",
                ],
                Reading),
            Rule([""], ["namespaces"], Reading),
            Rule(["discovery.k8s.io"], ["endpointslices"], Reading),
            Rule(
                ["apps"],
                [
                    "controllerrevisions", "daemonsets", "daemonsets/status", "deployments", "deployments/scale", "deployments/status", "replicasets", "replicasets/scale",
                    "replicasets/status", "statefulsets", "statefulsets/scale", "statefulsets/status",
                ],
                Reading),
            Rule(["autoscaling"], ["horizontalpodautoscalers", "horizontalpodautoscalers/status"], Reading),
            Rule(["batch"], ["cronjobs", "cronjobs/status", "jobs", "jobs/status"], Reading),
            Rule(["policy"], ["poddisruptionbudgets", "poddisruptionbudgets/status"], Reading),
            Rule(["networking.k8s.io"], ["ingresses", "ingresses/status", "networkpolicies"], Reading),
        ]),
        Binding("cluster-admin", Identity.MastersGroup),
        Binding("system:discovery", Identity.AuthenticatedGroup),
        Binding("system:basic-user", Identity.AuthenticatedGroup),
        Binding("system:public-info-viewer", Identity.AuthenticatedGroup, Identity.Anonymous.Groups[0]),
        Binding("system:monitoring", "system:monitoring"),
        Binding("system:service-account-issuer-discovery", "system:serviceaccounts"),
        UserBinding("system:kube-controller-manager"),
        UserBinding("system:kube-scheduler"),
        UserBinding("system:volume-scheduler", "system:kube-scheduler"),
        UserBinding("system:node-proxier", "system:kube-proxy"),
        AccountBinding("system:kube-dns", "kube-dns"),

        // Nodes have their own authorizer; the binding is there and names nobody.
        Binding("system:node"),
    ];

    private static ApiObject Role(string name, TreeMap[] rules, params ReadOnlySpan<(string Key, string Value)> labels) => new(
        CoreTypes.ClusterRole, Meta(name, labels), TreeMap.Of(("rules", TreeList.From(rules))));

    /// <summary>A role whose rules are those of others, put together by the aggregation controller.</summary>
    /// <param name="partOf">The role that contains this one; null for none.</param>
    private static ApiObject Aggregated(string name, string? partOf) => new(
        CoreTypes.ClusterRole,
        partOf is null ? Meta(name) : Meta(name, (AggregationPrefix + partOf, "true")),
        TreeMap.Of(
            ("aggregationRule", TreeMap.Of(("clusterRoleSelectors", TreeList.Of(TreeMap.Of(("matchLabels", TreeMap.Of((AggregationPrefix + name, "true")))))))),
            ("rules", TreeList.Empty)));

    private static ApiObject Part(string name, string of, TreeMap[] rules) => Role(name, rules, (AggregationPrefix + of, "true"));

    private static ApiObject Binding(string name, params ReadOnlySpan<string> groups) => new(
        CoreTypes.ClusterRoleBinding,
        Meta(name),
        TreeMap.Of(
            ("roleRef", TreeMap.Of(("apiGroup", Group), ("kind", "ClusterRole"), ("name", name))),
            ("subjects", groups.IsEmpty ? null : TreeList.From(groups.ToArray().Select(group => TreeMap.Of(("apiGroup", Group), ("kind", "Group"), ("name", group)))))));

    private static ApiObject UserBinding(string name, string? user = null) => Bound(name, TreeMap.Of(("apiGroup", Group), ("kind", "User"), ("name", user ?? name)));

    private static ApiObject AccountBinding(string name, string account) =>
        Bound(name, TreeMap.Of(("kind", "ServiceAccount"), ("name", account), ("namespace", "kube-system")));

    private static ApiObject Bound(string name, TreeMap subject) =>
        Binding(name).Set(["subjects"], TreeList.Of(subject));

    private static ApiObject Certificates(string name, string resource) =>
        Role("system:certificates.k8s.io:" + name, [Rule(["certificates.k8s.io"], [resource], ["create"])]);

    private static ApiObject Approver(string name, string signer) => Role(
        "system:certificates.k8s.io:" + name, [Named(["certificates.k8s.io"], ["signers"], [signer], ["approve"])]);

    private static TreeMap Named(string[] groups, string[] resources, string[] names, string[] verbs) => Rule(groups, resources, verbs).With("resourceNames", TreeList.OfTexts(names));

    private static ObjectMeta Meta(string name, params ReadOnlySpan<(string Key, string Value)> labels) => new()
    {
        Name = name,
        Labels = TreeMap.OfTexts([new("kubernetes.io/bootstrapping", "rbac-defaults"), .. labels.ToArray().Select(label => KeyValuePair.Create(label.Key, label.Value))]),
        Annotations = TreeMap.Of(("rbac.authorization.kubernetes.io/autoupdate", "true")),
    };

    private static TreeMap Rule(string[] groups, string[] resources, string[] verbs) => TreeMap.Of(
        ("apiGroups", TreeList.OfTexts(groups)), ("resources", TreeList.OfTexts(resources)), ("verbs", TreeList.OfTexts(verbs)));

    private static TreeMap Paths(string[] verbs, string[] paths) => TreeMap.Of(("nonResourceURLs", TreeList.OfTexts(paths)), ("verbs", TreeList.OfTexts(verbs)));
}
