using Sparkwright.Kubernetes.Objects;

namespace Sparkwright.Kubernetes.Requests;

/// <summary>Which container's log a request means, and whether that container has one yet, as API server and kubelet decide it.</summary>
public static class ContainerLog
{
    /// <summary>The container that is meant.</summary>
    /// <param name="wanted">Empty for a pod's only container.</param>
    public static (string Container, ApiStatus? Refusal) Find(ApiObject pod, string wanted)
    {
        var (containers, initial) = (Names(pod.Spec["containers"]), Names(pod.Spec["initContainers"]));
        if (wanted.Length == 0)
        {
            return containers is [var only]
                ? (only, null)
                : ("", ApiStatus.BadRequest(
                    $"a container name must be specified for pod {pod.Name}, choose one of: [{string.Join(' ', containers)}]{(initial.Length == 0 ? "" : $" or one of the init containers: [{string.Join(' ', initial)}]")}"));
        }

        return containers.Contains(wanted) || initial.Contains(wanted) || Names(pod.Spec["ephemeralContainers"]).Contains(wanted)
            ? (wanted, null)
            : ("", ApiStatus.BadRequest($"container {wanted} is not valid for pod {pod.Name}"));
    }

    /// <summary>Why a container has no log to read; null when it has one, be it empty.</summary>
    /// <param name="previous">Whether the run before the present one is meant.</param>
    public static ApiStatus? Missing(ApiObject pod, string container, bool previous)
    {
        if (StatusOf(pod, container) is not { } status)
        {
            return Refuse("is not available");
        }

        if (previous)
        {
            return HasRun(status.At("lastState", "terminated")) ? null : ApiStatus.BadRequest($"previous terminated container \"{container}\" in pod \"{pod.Name}\" not found");
        }

        if (status.At("state", "running") is not null || HasRun(status.At("state", "terminated")) || HasRun(status.At("lastState", "terminated")))
        {
            return null;
        }

        return status.At("state", "terminated") is not null || status.At("lastState", "terminated") is not null ? Refuse("is terminated")
            : status.At("state", "waiting") is not { } waiting ? Refuse("is waiting to start - no logs yet")
            : waiting["reason"]?.Text switch
            {
                "ErrImagePull" => Refuse("is waiting to start: image can't be pulled"),
                "ImagePullBackOff" => Refuse("is waiting to start: trying and failing to pull image"),
                var reason => Refuse($"is waiting to start: {reason}"),
            };

        ApiStatus Refuse(string why) => ApiStatus.BadRequest($"container \"{container}\" in pod \"{pod.Name}\" {why}");
    }

    /// <summary>The run of a container whose log is meant: the present or last one, or the one before.</summary>
    public static ContainerRun? Run(ApiObject pod, string container, bool previous)
    {
        if (StatusOf(pod, container) is not { } status)
        {
            return null;
        }

        if (!previous && Timestamps.Read(status.At("state", "running", "startedAt")) is { } since)
        {
            return new ContainerRun(since, null);
        }

        var ended = !previous && HasRun(status.At("state", "terminated")) ? status.At("state", "terminated") : status.At("lastState", "terminated");
        return Timestamps.Read(ended?["startedAt"]) is { } started ? new ContainerRun(started, Timestamps.Read(ended?["finishedAt"])) : null;
    }

    /// <summary>The container itself, of whichever kind.</summary>
    public static TreeMap? ContainerOf(ApiObject pod, string container)
    {
        foreach (var list in (string[])["containers", "initContainers", "ephemeralContainers"])
        {
            foreach (var one in Tree.ItemsOf(pod.Spec[list]))
            {
                if (one["name"]?.Text == container)
                {
                    return one as TreeMap;
                }
            }
        }

        return null;
    }

    /// <summary>A container that ended without having run has no id, and no log.</summary>
    private static bool HasRun(Tree? terminated) => terminated?["containerID"]?.Text is { Length: > 0 };

    private static Tree? StatusOf(ApiObject pod, string container)
    {
        foreach (var list in (string[])["containerStatuses", "initContainerStatuses", "ephemeralContainerStatuses"])
        {
            foreach (var status in Tree.ItemsOf(pod.Status[list]))
            {
                if (status["name"]?.Text == container)
                {
                    return status;
                }
            }
        }

        return null;
    }

    private static string[] Names(Tree? containers) => Array.ConvertAll(Tree.ItemsOf(containers).ToArray(), one => one["name"]?.Text ?? "");
}

/// <summary>A container from its start to its end.</summary>
/// <param name="EndedAt">Null while it runs.</param>
public sealed record ContainerRun(DateTime StartedAt, DateTime? EndedAt);
