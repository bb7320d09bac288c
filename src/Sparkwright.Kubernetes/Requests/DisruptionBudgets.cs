using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Selectors;
using Sparkwright.Kubernetes.Store;

namespace Sparkwright.Kubernetes.Requests;

/// <summary>What the eviction of a pod and the controller of the budgets both know of PodDisruptionBudgets.</summary>
public static class DisruptionBudgets
{
    public const string DisruptionAllowed = "DisruptionAllowed";
    public const string SufficientPods = "SufficientPods";
    public const string InsufficientPods = "InsufficientPods";
    public const string SyncFailed = "SyncFailed";

    /// <summary>An evicted pod that is still not being deleted after this long counts as one that stays (upstream's DeletionTimeout).</summary>
    public static TimeSpan DeletionTimeout { get; } = TimeSpan.FromMinutes(2);

    /// <summary>The budgets that guard a pod, by name. An empty selector selects every pod of the namespace, an absent one none.</summary>
    public static IEnumerable<ApiObject> Of(ApiObject pod, ObjectStore store) =>
        store.List(CoreTypes.PodDisruptionBudget, pod.Namespace).Where(budget => Selects(budget, pod));

    public static bool Selects(ApiObject budget, ApiObject pod) =>
        LabelSelector.From(budget.Spec["selector"])?.Matches(pod.Metadata.Labels) == true;

    /// <summary>Writes the condition that goes with the number of disruptions in the status.</summary>
    public static TreeMap WithCondition(TreeMap status, DateTime now) => status["disruptionsAllowed"]?.Integer > 0
        ? WithCondition(status, true, SufficientPods, "", now)
        : WithCondition(status, false, InsufficientPods, "", now);

    /// <summary>Writes a condition that carries the generation that the status is about.</summary>
    public static TreeMap WithCondition(TreeMap status, bool isAllowed, string reason, string message, DateTime now)
    {
        var set = Conditions.Set(status, DisruptionAllowed, isAllowed, reason, message, now);
        return set.With("conditions", TreeList.From(Tree.ItemsOf(set["conditions"]).ToArray().Select(item =>
            item is TreeMap condition && condition["type"]?.Text == DisruptionAllowed ? condition.With("observedGeneration", status["observedGeneration"]) : item)));
    }
}
