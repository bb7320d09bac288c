using System.Globalization;
using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Requests;
using Sparkwright.Kubernetes.Store;
using Sparkwright.World.Karpenter.Metrics;

namespace Sparkwright.World.Karpenter.Termination;

/// <summary>
/// Asks pods to leave through the eviction API. A refusal is taken up again after 100 ms, twice that, and so on up to ten seconds; the pace is
/// not kept in the store, since Karpenter too begins anew after a restart.
/// </summary>
public sealed class Evictions
{
    private static readonly TimeSpan FirstDelay = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestDelay = TimeSpan.FromSeconds(10);

    private readonly ApiServer api;
    private readonly KarpenterEvents events;
    private readonly KarpenterMetrics metrics;
    private readonly Dictionary<string, Attempt> refused = new(StringComparer.Ordinal);

    public Evictions(ApiServer api, KarpenterEvents events, KarpenterMetrics metrics)
    {
        this.api = api;
        this.events = events;
        this.metrics = metrics;
        api.Store.Watch(CoreTypes.Pod, change =>
        {
            if (change.Kind == StoreEventKind.Deleted)
            {
                refused.Remove(change.Object.Metadata.Uid);
            }
        });
    }

    /// <summary>Asks a pod of a node to go, unless it is too early to ask again.</summary>
    /// <param name="why">As the event tells; null in the older generation, which gives no reason.</param>
    /// <returns>When to ask again; null when the pod is going or gone.</returns>
    public DateTime? Ask(ApiObject node, ApiObject pod, string? why)
    {
        var uid = pod.Metadata.Uid;
        if (refused.TryGetValue(uid, out var last) && last.NextAt > api.Clock.Now)
        {
            return last.NextAt;
        }

        var answer = api.Evict(pod.Key, new DeleteOptions { Uid = uid });
        if (why is not null)
        {
            metrics.EvictionRequests.Increment(answer.Code.ToString(CultureInfo.InvariantCulture));
        }

        switch (answer.Code)
        {
            case 429:
                events.FailedDraining(node, $"evicting pod {pod.Key} violates a PDB");
                return Later(uid, last);
            case 500:
                return Later(uid, last);
            case 404 or 409:
                refused.Remove(uid);
                return null;
            default:
                refused.Remove(uid);
                if (why is not null)
                {
                    metrics.PodsDrained.Increment(why);
                }

                events.Normal(pod, "Evicted", why is null ? "Evicted pod" : $"Evicted pod: {why}");
                return null;
        }
    }

    private DateTime Later(string uid, Attempt? last)
    {
        var delay = last is null ? FirstDelay : last.Delay + last.Delay < LongestDelay ? last.Delay + last.Delay : LongestDelay;
        refused[uid] = new Attempt(delay, api.Clock.Now + delay);
        return api.Clock.Now + delay;
    }

    private sealed record Attempt(TimeSpan Delay, DateTime NextAt);
}
