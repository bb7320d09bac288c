using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Quantities;
using Sparkwright.Kubernetes.Store;

namespace Sparkwright.Kubernetes.Quotas;

/// <summary>The status of a ResourceQuota: what it limits, and how much of that is used.</summary>
public static class QuotaStatus
{
    public static TreeMap Print(QuantityMap hard, QuantityMap used) => TreeMap.Of(("hard", hard.ToTree()), ("used", used.ToTree()));

    /// <summary>Whether the status is about the limits of the spec.</summary>
    public static bool IsCurrent(ApiObject quota) => Equals(quota.Status["hard"], quota.Spec["hard"] ?? TreeMap.Empty);

    /// <summary>The quota with a status counted from all objects of its namespace.</summary>
    public static ApiObject Counted(ApiObject quota, ObjectStore store, DateTime now)
    {
        var hard = QuantityMap.From(quota.Spec["hard"]);
        var used = QuantityMap.Empty;
        foreach (var name in hard.Names.Where(QuotaResources.IsCounted))
        {
            used = used.With(name, default);
        }

        foreach (var type in store.Types.Where(type => type.Namespaced && hard.Names.Any(name => QuotaResources.Counts(type, name))).ToList())
        {
            foreach (var one in store.List(type, quota.Namespace).Where(one => QuotaScopes.Match(quota, one)))
            {
                used += QuotaUsage.Of(one, now).Where(name => hard[name] is not null);
            }
        }

        return quota.WithStatus(Print(hard, used));
    }
}
