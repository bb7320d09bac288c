using System.Globalization;
using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Requests;

namespace Sparkwright.World.Controllers;

/// <summary>How many pods a budget counts on, and how many of them have to be healthy.</summary>
public readonly record struct HealthyPodsWanted(long Expected, long Desired)
{
    /// <summary>
    /// By the bound that the budget gives. Percentages are rounded up, so that of one pod "50%" may be unavailable and "50%" must be available.
    /// A number of available pods counts on the pods that there are, all else on what their controllers want.
    /// </summary>
    public static HealthyPodsWanted By(TreeMap spec, long pods, long scale) => (spec["maxUnavailable"], spec["minAvailable"]) switch
    {
        ({ } most, _) => new(scale, Math.Max(0, scale - Scaled(most, scale))),
        (_, TreeInteger least) => new(pods, least.Value),
        (_, { } least) => new(scale, Scaled(least, scale)),
        _ => default,
    };

    private static long Scaled(Tree amount, long of) => amount is TreeText text && text.Value.EndsWith('%')
        ? ((long.Parse(text.Value.AsSpan(..^1), NumberStyles.None, CultureInfo.InvariantCulture) * of) + 99) / 100
        : amount.Integer ?? 0;
}

/// <summary>Computes the status of a PodDisruptionBudget from the pods that it selects.</summary>
/// <param name="Status">The status as it has to be.</param>
/// <param name="RecheckAt">When the first evicted pod that is still there stops counting as gone.</param>
/// <param name="NotDeleted">Pods that were evicted and stayed.</param>
public sealed record DisruptionBudgetStatus(TreeMap Status, DateTime? RecheckAt, IReadOnlyList<ApiObject> NotDeleted)
{
    public static DisruptionBudgetStatus Of(ApiObject budget, IReadOnlyList<ApiObject> pods, HealthyPodsWanted wanted, DateTime now)
    {
        DateTime? recheck = null;
        var disrupted = TreeMap.Empty;
        var notDeleted = new List<ApiObject>();
        long healthy = 0;
        foreach (var pod in pods.Where(pod => !pod.Metadata.IsBeingDeleted))
        {
            if (Timestamps.Read(budget.Status.At("disruptedPods", pod.Name)) is { } since)
            {
                var until = since + DisruptionBudgets.DeletionTimeout;
                if (until > now)
                {
                    disrupted = disrupted.With(pod.Name, Timestamps.Print(since));
                    recheck = until < (recheck ?? DateTime.MaxValue) ? until : recheck;
                    continue;
                }

                notDeleted.Add(pod);
            }

            healthy += PodState.IsReady(pod) ? 1 : 0;
        }

        var status = budget.Status
            .With("currentHealthy", healthy)
            .With("desiredHealthy", wanted.Desired)
            .With("disruptedPods", disrupted.Count == 0 ? null : disrupted)
            .With("disruptionsAllowed", wanted.Expected <= 0 ? 0 : Math.Max(0, healthy - wanted.Desired))
            .With("expectedPods", wanted.Expected)
            .With("observedGeneration", budget.Metadata.Generation);
        return new DisruptionBudgetStatus(DisruptionBudgets.WithCondition(status, now), recheck, notDeleted);
    }

    /// <summary>A budget whose pods cannot be counted allows nothing.</summary>
    public static TreeMap Failed(ApiObject budget, string why, DateTime now) => DisruptionBudgets.WithCondition(
        budget.Status.With("disruptionsAllowed", 0).With("observedGeneration", budget.Metadata.Generation),
        false,
        DisruptionBudgets.SyncFailed,
        why,
        now);
}
