using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Requests;

namespace Sparkwright.Kubernetes.Authorization;

/// <summary>
/// The ClusterRoles and bindings that every cluster has from its first start. Those of the control plane's own components are left out: ours ask
/// no API for leave.
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
            ("subjects", TreeList.From(groups.ToArray().Select(group => TreeMap.Of(("apiGroup", Group), ("kind", "Group"), ("name", group)))))));

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
