using Sparkwright.Kubernetes.Objects;

namespace Sparkwright.World.Controllers;

/// <summary>What controllers read off a pod.</summary>
public static class PodState
{
    public static string Phase(ApiObject pod) => pod.Status["phase"]?.Text ?? "Pending";

    public static bool IsFinished(ApiObject pod) => Phase(pod) is "Succeeded" or "Failed";

    /// <summary>Neither finished nor on its way out.</summary>
    public static bool IsActive(ApiObject pod) => !IsFinished(pod) && !pod.Metadata.IsBeingDeleted;

    public static bool IsReady(ApiObject pod) => Conditions.IsTrue(pod.Status, "Ready");

    public static string NodeName(ApiObject pod) => pod.Spec["nodeName"]?.Text ?? "";

    /// <summary>When a ready pod became so; null when it is not ready.</summary>
    public static DateTime? ReadySince(ApiObject pod) =>
        IsReady(pod) ? Timestamps.Read(Conditions.Find(pod.Status, "Ready")?["lastTransitionTime"]) ?? pod.Metadata.CreationTimestamp : null;

    /// <summary>When a pod that is ready counts as available, or null when it is not ready.</summary>
    public static DateTime? AvailableFrom(ApiObject pod, long minReadySeconds) => ReadySince(pod)?.AddSeconds(minReadySeconds);

    public static bool IsAvailable(ApiObject pod, long minReadySeconds, DateTime now) => AvailableFrom(pod, minReadySeconds) <= now;

    public static long Restarts(ApiObject pod)
    {
        long restarts = 0;
        foreach (var container in Tree.ItemsOf(pod.Status["containerStatuses"]))
        {
            restarts += container["restartCount"]?.Integer ?? 0;
        }

        return restarts;
    }

    /// <summary>How often the container restarted that did so most.</summary>
    public static long MostRestarts(ApiObject pod) => MostRestarts(pod.Status["containerStatuses"]);

    /// <summary>The same of the init containers that go on running.</summary>
    public static long MostSidecarRestarts(ApiObject pod)
    {
        if (pod.Status["initContainerStatuses"] is not { } all)
        {
            return 0;
        }

        var sidecars = Tree.ItemsOf(pod.Spec["initContainers"]).ToArray()
            .Where(container => container["restartPolicy"]?.Text == "Always")
            .Select(container => container["name"]?.Text)
            .ToList();
        return MostRestarts(TreeList.From(Tree.ItemsOf(all).ToArray().Where(status => sidecars.Contains(status["name"]?.Text))));
    }

    private static long MostRestarts(Tree? statuses)
    {
        long most = 0;
        foreach (var container in Tree.ItemsOf(statuses))
        {
            most = Math.Max(most, container["restartCount"]?.Integer ?? 0);
        }

        return most;
    }

    /// <summary>When the last container of a finished pod ended; where nothing says so, when it stopped being ready or was made.</summary>
    public static DateTime FinishedAt(ApiObject pod)
    {
        DateTime? last = null;
        foreach (var container in Tree.ItemsOf(pod.Status["containerStatuses"]))
        {
            var ended = Timestamps.Read(container.At("state", "terminated", "finishedAt"));
            last = ended > (last ?? DateTime.MinValue) ? ended : last;
        }

        return last
            ?? pod.Metadata.DeletionTimestamp
            ?? Timestamps.Read(Conditions.Find(pod.Status, "Ready")?["lastTransitionTime"])
            ?? pod.Metadata.CreationTimestamp;
    }

    /// <summary>Whether a change of a pod can matter to the workload that manages it (a binding or an address does not).</summary>
    public static bool ChangedForItsOwner(ApiObject? old, ApiObject now) =>
        old is null
        || Phase(old) != Phase(now)
        || IsReady(old) != IsReady(now)
        || old.Metadata.IsBeingDeleted != now.Metadata.IsBeingDeleted
        || !old.Metadata.Labels.Equals(now.Metadata.Labels)
        || old.Metadata.Controller != now.Metadata.Controller
        || Restarts(old) != Restarts(now);
}
