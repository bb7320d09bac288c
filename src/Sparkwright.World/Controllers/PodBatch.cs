using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Requests;

namespace Sparkwright.World.Controllers;

/// <summary>How the making of a number of pods ended.</summary>
/// <param name="Refusal">Why the server refused one; null when it took all.</param>
public sealed record PodBatchResult(int Created, ApiStatus? Refusal);

/// <summary>Makes pods in batches that double from one, so that a refusal shows before many requests were wasted.</summary>
public static class PodBatch
{
    public static PodBatchResult Create(ApiServer api, EventRecorder events, ApiObject owner, int count, Func<int, ApiObject> pod)
    {
        var created = 0;
        for (var size = 1; created < count; size *= 2)
        {
            ApiStatus? refusal = null;
            var end = Math.Min(count, created + size);
            for (var at = created; at < end; at++)
            {
                switch (api.Create(pod(at)))
                {
                    case ApiResult.Accepted accepted:
                        created++;
                        events.Normal(owner, "SuccessfulCreate", $"Created pod: {accepted.Current.Name}");
                        break;
                    case ApiResult.Refused refused:
                        refusal = refused.Status;
                        events.Warning(owner, "FailedCreate", $"Error creating: {refusal.Message}");
                        break;
                }
            }

            if (refusal is not null)
            {
                return new PodBatchResult(created, refusal);
            }
        }

        return new PodBatchResult(created, null);
    }

    /// <summary>Deletes the pods of an owner and says so in its events.</summary>
    public static void Delete(ApiServer api, EventRecorder events, ApiObject owner, IEnumerable<ApiObject> pods)
    {
        foreach (var pod in pods)
        {
            if (api.Delete(CoreTypes.Pod, pod.Key, new DeleteOptions { Uid = pod.Metadata.Uid }).IsAccepted)
            {
                events.Normal(owner, "SuccessfulDelete", $"Deleted pod: {pod.Name}");
            }
        }
    }

    /// <summary>
    /// How long to wait after a refusal: as long again as refusals have been going on, from a second to the 1000 s at which the queues of
    /// kube-controller-manager stop. It needs no memory but the time of the first refusal.
    /// </summary>
    public static TimeSpan RetryDelay(DateTime? refusedSince, DateTime now)
    {
        var waited = now - (refusedSince ?? now);
        return waited < TimeSpan.FromSeconds(1) ? TimeSpan.FromSeconds(1) : waited > TimeSpan.FromSeconds(1000) ? TimeSpan.FromSeconds(1000) : waited;
    }
}
