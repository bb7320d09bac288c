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
            return ApiStatus.BadRequest($"container \"{container}\" in pod \"{pod.Name}\" is not available");
        }

        if (previous)
        {
            return status.At("lastState", "terminated") is null ? ApiStatus.BadRequest($"previous terminated container \"{container}\" in pod \"{pod.Name}\" not found") : null;
        }

        return status.At("state", "waiting") is { } waiting && status.At("lastState", "terminated") is null
            ? ApiStatus.BadRequest(
                $"container \"{container}\" in pod \"{pod.Name}\" is waiting to start: {(waiting["reason"]?.Text is "ErrImagePull" or "ImagePullBackOff" ? "trying and failing to pull image" : waiting["reason"]?.Text)}")
            : null;
    }

    /// <summary>Whether a container may still write, so that whoever follows its log waits.</summary>
    public static bool MayGrow(ApiObject pod, string container) => StatusOf(pod, container)?.At("state", "running") is not null;

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
