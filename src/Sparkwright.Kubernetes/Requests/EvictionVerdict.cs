using System.Globalization;
using Sparkwright.Kubernetes.Objects;

namespace Sparkwright.Kubernetes.Requests;

/// <summary>Whether a pod may be evicted as the budgets stand, and which budget pays for it.</summary>
public abstract record EvictionVerdict
{
    private const string Violates = "Cannot evict pod as it would violate the pod's disruption budget.";
    private const int MostDisruptedPods = 2000;

    private EvictionVerdict()
    {
    }

    /// <summary>The pod may go, and no budget has to be changed for it.</summary>
    public sealed record Free : EvictionVerdict;

    /// <summary>The pod may go; the budget allows one disruption less and remembers the pod.</summary>
    public sealed record Charged(ApiObject Budget) : EvictionVerdict;

    public sealed record Refused(ApiStatus Status) : EvictionVerdict;

    /// <param name="budgets">The budgets that select the pod.</param>
    public static EvictionVerdict Of(ApiObject pod, IReadOnlyList<ApiObject> budgets)
    {
        // A pod that runs nothing, or that leaves already, takes nothing away from anybody.
        if (pod.Metadata.IsBeingDeleted || pod.Status["phase"]?.Text is "Succeeded" or "Failed" or "Pending")
        {
            return new Free();
        }

        return budgets.Count switch
        {
            0 => new Free(),
            1 => Ask(pod, budgets[0]),
            _ => new Refused(new ApiStatus(500, "", "This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.")),
        };
    }

    private static EvictionVerdict Ask(ApiObject pod, ApiObject budget)
    {
        var status = budget.Status;
        var healthy = status["currentHealthy"]?.Integer ?? 0;
        var desired = status["desiredHealthy"]?.Integer ?? 0;
        if (!Conditions.IsTrue(pod.Status, "Ready")
            && (budget.Spec["unhealthyPodEvictionPolicy"]?.Text == "AlwaysAllow" || (healthy >= desired && desired > 0)))
        {
            return new Free();
        }

        if ((status["observedGeneration"]?.Integer ?? 0) < budget.Metadata.Generation)
        {
            return TooMany($"The disruption budget {budget.Name} is still being processed by the server.", retryAfterSeconds: 10);
        }

        var allowed = status["disruptionsAllowed"]?.Integer ?? 0;
        if (allowed < 0)
        {
            return new Refused(ApiStatus.Forbidden(CoreTypes.PodDisruptionBudget, budget.Name, "pdb disruptions allowed is negative"));
        }

        if (status["disruptedPods"] is TreeMap { Count: > MostDisruptedPods })
        {
            return new Refused(ApiStatus.Forbidden(
                CoreTypes.PodDisruptionBudget, budget.Name, "DisruptedPods map too big - too many evictions not confirmed by PDB controller"));
        }

        if (allowed > 0)
        {
            return new Charged(budget);
        }

        var condition = Conditions.Find(status, DisruptionBudgets.DisruptionAllowed);
        return condition?["reason"]?.Text == DisruptionBudgets.SyncFailed
            ? TooMany($"The disruption budget {budget.Name} does not allow evicting pods currently because it failed sync: {condition["message"]?.Text}")
            : TooMany(string.Create(CultureInfo.InvariantCulture, $"The disruption budget {budget.Name} needs {desired} healthy pods and has {healthy} currently"));
    }

    private static Refused TooMany(string cause, int retryAfterSeconds = 0) => new(new ApiStatus(429, "TooManyRequests", Violates)
    {
        Details = TreeMap.Of(
            ("causes", TreeList.Of(TreeMap.Of(("message", cause), ("reason", "DisruptionBudget")))),
            ("retryAfterSeconds", retryAfterSeconds == 0 ? null : retryAfterSeconds)),
    });
}
