using System.Collections.Immutable;
using Sparkwright.Kubernetes.Objects;

namespace Sparkwright.World.Blueprint;

/// <summary>The Kubernetes objects of a blueprint, in the order in which they have to be made.</summary>
public static class BlueprintObjects
{
    /// <summary>The user as whom EMR on EKS comes to the cluster.</summary>
    public const string EmrUser = "emr-containers";

    /// <summary>Namespaces that every cluster has.</summary>
    private static readonly string[] SystemNamespaces = ["default", "kube-node-lease", "kube-public", "kube-system"];

    /// <summary>All objects, those of a module after those that it needs.</summary>
    public static ImmutableArray<TreeMap> Build(PlatformBlueprint blueprint, string account) =>
        [.. OfCluster(blueprint, account), .. blueprint.Teams.SelectMany(team => OfTeam(team)), .. OfAddons(blueprint)];

    public static ImmutableArray<TreeMap> OfCluster(PlatformBlueprint blueprint, string account) => [AwsAuth(account, blueprint.Teams)];

    /// <summary>A team's namespace, and who may do what in it.</summary>
    public static ImmutableArray<TreeMap> OfTeam(TeamPlan team) => [Namespace(team.Name, TreeMap.Of(("job-type", "spark"))), .. Access(team), TeamAccess(team)];

    /// <summary>The add-ons with their namespaces, and the manifests that they read.</summary>
    public static ImmutableArray<TreeMap> OfAddons(PlatformBlueprint blueprint) =>
    [
        .. blueprint.Addons.Select(addon => addon.Namespace)
            .Except(SystemNamespaces, StringComparer.Ordinal).Except(blueprint.Teams.Select(team => team.Name), StringComparer.Ordinal)
            .Select(name => Namespace(name, null)),
        .. blueprint.Addons.SelectMany(Addon),
        .. blueprint.Manifests.OfType<TreeMap>(),
    ];

    private static TreeMap Namespace(string name, TreeMap? labels) => Make("v1", "Namespace", name, null, ("metadata", TreeMap.Of(("labels", labels), ("name", name))));

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
