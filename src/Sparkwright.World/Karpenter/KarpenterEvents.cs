using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Requests;

namespace Sparkwright.World.Karpenter;

/// <summary>Karpenter's events; what was just said is not said again for a while.</summary>
public sealed class KarpenterEvents(ApiServer api)
{
    /// <summary>What was said is not said again for so long.</summary>
    public static readonly TimeSpan QuietFor = TimeSpan.FromMinutes(2);

    private static readonly TimeSpan QuietForScheduling = TimeSpan.FromMinutes(5);

    /// <summary>How many messages are remembered before those that have lapsed are forgotten.</summary>
    private const int ForgetAbove = 10_000;

    private readonly EventRecorder recorder = new(api, "karpenter");
    private readonly Dictionary<(string Uid, string Reason, string Message), DateTime> said = [];

    public void FailedScheduling(ObjectKey pod, string why)
    {
        if (api.Store.Get(CoreTypes.Pod, pod) is { } known && MaySay(known, "FailedScheduling", why, QuietForScheduling))
        {
            recorder.Warning(known, "FailedScheduling", $"Failed to schedule pod, {why}");
        }
    }

    /// <summary>Where a pod is expected to go.</summary>
    /// <param name="place">A node's name, or in the newer generation <c>nodeclaim/…</c>, <c>node/…</c> or both.</param>
    public void Nominated(ObjectKey pod, string place, Generation generation)
    {
        if (api.Store.Get(CoreTypes.Pod, pod) is { } known && MaySay(known, "Nominated", place, QuietFor))
        {
            recorder.Normal(known, "Nominated", $"Pod should schedule on{(generation == Generation.V1 ? ":" : "")} {place}");
        }
    }

    public void Normal(ApiObject about, string reason, string message)
    {
        if (MaySay(about, reason, message, QuietFor))
        {
            recorder.Normal(about, reason, message);
        }
    }

    public void Warning(ApiObject about, string reason, string message)
    {
        if (MaySay(about, reason, message, QuietFor))
        {
            recorder.Warning(about, reason, message);
        }
    }

    /// <summary>Why a drain does not go on.</summary>
    public void FailedDraining(ApiObject node, string why) => Warning(node, "FailedDraining", $"Failed to drain node, {why}");

    /// <summary>How many pods a drain still waits for; said once in a while, however the number changes.</summary>
    public void PodsAreWaiting(ApiObject node, int pods)
    {
        if (MaySay(node, "FailedDraining", "", QuietFor))
        {
            recorder.Warning(node, "FailedDraining", $"Failed to drain node, {pods} pods are waiting to be evicted");
        }
    }

    /// <summary>Something that is said again only after a time of its own.</summary>
    public void Rarely(ApiObject about, string reason, string message, TimeSpan quietFor)
    {
        if (MaySay(about, reason, message, quietFor))
        {
            recorder.Normal(about, reason, message);
        }
    }

    /// <summary>A warning that is said again only after a time of its own.</summary>
    public void WarningRarely(ApiObject about, string reason, string message, TimeSpan quietFor)
    {
        if (MaySay(about, reason, message, quietFor))
        {
            recorder.Warning(about, reason, message);
        }
    }

    private bool MaySay(ApiObject about, string reason, string message, TimeSpan quietFor)
    {
        var key = (about.Metadata.Uid, reason, message);
        if (said.TryGetValue(key, out var until) && until > api.Clock.Now)
        {
            return false;
        }

        if (said.Count >= ForgetAbove)
        {
            foreach (var lapsed in said.Where(known => known.Value <= api.Clock.Now).Select(known => known.Key).ToList())
            {
                said.Remove(lapsed);
            }
        }

        said[key] = api.Clock.Now + quietFor;
        return true;
    }
}
