using System.Collections.Immutable;
using Sparkwright.Kubernetes.Objects;

namespace Sparkwright.World.Blueprint;

/// <summary>The Kubernetes objects of a blueprint, in the order in which they have to be made.</summary>
public static class BlueprintObjects
{
    /// <summary>The user as whom EMR on EKS comes to the cluster.</summary>
    public const string EmrUser = "emr-containers";

    public static ImmutableArray<TreeMap> Build(PlatformBlueprint blueprint, string account) =>
    [
        .. Namespaces(blueprint),
        AwsAuth(account, blueprint.Teams),
        .. blueprint.Teams.SelectMany(Access),
        .. blueprint.Addons.SelectMany(Addon),
        .. blueprint.Manifests.OfType<TreeMap>(),
        .. blueprint.Teams.Select(TeamAccess),
    ];

    private static IEnumerable<TreeMap> Namespaces(PlatformBlueprint blueprint)
    {
        var teams = blueprint.Teams.Select(team => team.Name).ToHashSet(StringComparer.Ordinal);
        foreach (var name in blueprint.Teams.Select(team => team.Name).Concat(blueprint.Addons.Select(addon => addon.Namespace)).Distinct(StringComparer.Ordinal))
        {
            yield return Make("v1", "Namespace", name, null, ("metadata", TreeMap.Of(
                ("labels", teams.Contains(name) ? TreeMap.Of(("job-type", "spark")) : null),
                ("name", name))));
        }
    }

    /// <summary>Which AWS role is which user of the cluster. EMR's service-linked role stands here without its path.</summary>
    private static TreeMap AwsAuth(string account, IEnumerable<TeamPlan> teams) => Make("v1", "ConfigMap", "aws-auth", "kube-system", ("data", TreeMap.Of(
        ("mapRoles", $"- rolearn: arn:aws:iam::{account}:role/AWSServiceRoleForAmazonEMRContainers\n  username: {EmrUser}\n"),
        ("mapUsers", string.Concat(teams.Select(team => $"- userarn: arn:aws:iam::{account}:user/{team.Name}\n  username: {team.Name}\n"))))));

    private static IEnumerable<TreeMap> Access(TeamPlan team)
    {
        yield return Make("rbac.authorization.k8s.io/v1", "Role", EmrUser, team.Name, ("rules", TreeList.Of(
            Rule([""], ["namespaces"], "get"),
            Rule([""], ["serviceaccounts", "services", "configmaps", "events", "pods", "pods/log"], "get", "list", "watch", "describe", "create", "edit", "delete", "deletecollection", "annotate", "patch", "label"),
            Rule([""], ["persistentvolumeclaims"], "get", "list", "watch", "describe", "create", "edit", "delete", "deletecollection", "annotate", "patch", "label"),
            Rule([""], ["secrets"], "create", "patch", "delete", "watch"),
            Rule(["apps"], ["statefulsets", "deployments"], "get", "list", "watch", "describe", "create", "edit", "delete", "annotate", "patch", "label"),
            Rule(["batch"], ["jobs"], "get", "list", "watch", "describe", "create", "edit", "delete", "annotate", "patch", "label"),
            Rule(["networking.k8s.io"], ["ingresses"], "get", "list", "watch", "describe", "create", "edit", "delete", "annotate", "patch", "label"),
            Rule(["rbac.authorization.k8s.io"], ["roles", "rolebindings"], "get", "list", "watch", "describe", "create", "edit", "delete", "deletecollection", "annotate", "patch", "label"))));
        yield return Make(
            "rbac.authorization.k8s.io/v1", "RoleBinding", EmrUser, team.Name,
            ("roleRef", TreeMap.Of(("apiGroup", "rbac.authorization.k8s.io"), ("kind", "Role"), ("name", EmrUser))),
            ("subjects", TreeList.Of(TreeMap.Of(("apiGroup", "rbac.authorization.k8s.io"), ("kind", "User"), ("name", EmrUser)))));
    }

    /// <summary>A team's user is at home in the team's namespace, and a stranger elsewhere.</summary>
    private static TreeMap TeamAccess(TeamPlan team) => Make(
        "rbac.authorization.k8s.io/v1", "RoleBinding", team.Name, team.Name,
        ("roleRef", TreeMap.Of(("apiGroup", "rbac.authorization.k8s.io"), ("kind", "ClusterRole"), ("name", "admin"))),
        ("subjects", TreeList.Of(TreeMap.Of(("apiGroup", "rbac.authorization.k8s.io"), ("kind", "User"), ("name", team.Name)))));

    private static TreeMap Rule(string[] groups, string[] resources, params string[] verbs) => TreeMap.Of(
        ("apiGroups", TreeList.OfTexts(groups)), ("resources", TreeList.OfTexts(resources)), ("verbs", TreeList.OfTexts(verbs)));

    private static IEnumerable<TreeMap> Addon(AddonPlan addon)
    {
        var labels = TreeMap.Of(("app.kubernetes.io/name", addon.Name));
        yield return Make("v1", "ServiceAccount", addon.Name, addon.Namespace);
        yield return Make("apps/v1", addon.Kind, addon.Name, addon.Namespace, ("spec", TreeMap.Of(
            ("replicas", addon.Kind == "Deployment" ? addon.Replicas : null),
            ("selector", TreeMap.Of(("matchLabels", labels))),
            ("template", TreeMap.Of(
                ("metadata", TreeMap.Of(("labels", labels))),
                ("spec", TreeMap.Of(
                    ("containers", TreeList.Of(TreeMap.Of(
                        ("image", addon.Image),
                        ("name", addon.Name),
                        ("resources", TreeMap.Of(("requests", TreeMap.Of(("cpu", addon.Cpu), ("memory", addon.Memory)))))))),
                    ("serviceAccountName", addon.Name),
                    ("tolerations", addon.ToleratesAll ? TreeList.Of(TreeMap.Of(("operator", "Exists"))) : null))))))));
    }

    private static TreeMap Make(string apiVersion, string kind, string name, string? @namespace, params ReadOnlySpan<(string, Tree?)> members) => TreeMap.Of(
        ("apiVersion", apiVersion),
        ("kind", kind),
        ("metadata", TreeMap.Of(("name", name), ("namespace", @namespace)))).Merge(TreeMap.Of(members));
}
