using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Requests;
using Sparkwright.Kubernetes.Selectors;
using Sparkwright.Simulation;

namespace Sparkwright.World.Controllers;

/// <summary>Gives a ClusterRole with an aggregation rule the rules of those that it selects.</summary>
public sealed class ClusterRoleAggregation : Controller
{
    public ClusterRoleAggregation(EventLoop loop, ApiServer api)
        : base(loop, api, "clusterrole-aggregation-controller")
    {
        Follow(CoreTypes.ClusterRole);
        Store.Watch(CoreTypes.ClusterRole, _ =>
        {
            foreach (var role in Store.List(CoreTypes.ClusterRole).Where(IsAggregated))
            {
                Wake(role.Key);
            }
        });
    }

    protected override void Reconcile(ObjectKey key)
    {
        if (Store.Get(CoreTypes.ClusterRole, key) is not { Metadata.IsBeingDeleted: false } role || !IsAggregated(role))
        {
            return;
        }

        var rules = RulesOf(role, Store.List(CoreTypes.ClusterRole));
        if (!rules.Equals(role.Body["rules"]))
        {
            Api.Update(role.Set(["rules"], rules));
        }
    }

    /// <summary>The rules of all roles that one of the selectors takes, by their names, none of them twice.</summary>
    public static TreeList RulesOf(ApiObject aggregated, IEnumerable<ApiObject> roles)
    {
        var selectors = Tree.ItemsOf(aggregated.Body.At("aggregationRule", "clusterRoleSelectors")).ToArray().Select(LabelSelector.From).ToList();
        return TreeList.From(selectors
            .SelectMany(selector => roles.Where(role => role.Name != aggregated.Name && selector?.Matches(role.Metadata.Labels) == true).OrderBy(role => role.Name, StringComparer.Ordinal))
            .SelectMany(role => Tree.ItemsOf(role.Body["rules"]).ToArray())
            .Distinct());
    }

    private static bool IsAggregated(ApiObject role) => role.Body["aggregationRule"] is TreeMap;
}
