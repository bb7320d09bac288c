using Sparkwright.Kubernetes.Fitting;
using Sparkwright.Kubernetes.Objects;

namespace Sparkwright.World.Nodes;

public sealed partial class Kubelet
{
    private const string DeadlineExceeded = "DeadlineExceeded";
    private const string PastDeadline = "Pod was active on the node longer than the specified deadline";

    /// <summary>The exit codes of containers that end on TERM, and of those that have to be killed.</summary>
    private const int Terminated = 143;
    private const int Killed = 137;

    /// <summary>When the kubelet stops the pod, whatever it does then; null when it never does or has not begun with it.</summary>
    private static DateTime? DeadlineOf(ApiObject pod) =>
        pod.Spec["activeDeadlineSeconds"]?.Integer is { } seconds ? Timestamps.Read(pod.Status["startTime"])?.AddSeconds(seconds) : null;

    /// <summary>Stops what runs and, when nothing does any more, fails the pod.</summary>
    private void EndAtDeadline(ApiObject pod, DateTime deadline)
    {
        var spec = PodSpecView.Of(pod);
        var stop = StopTime(pod, spec.TerminationGracePeriodSeconds);
        if (deadline >= Clock.Now.AddSeconds(-1) && stopping.Add(pod.Metadata.Uid))
        {
            events.Normal(pod, DeadlineExceeded, PastDeadline);
            SayStopping(pod, spec);
        }

        if (ContainerStates.AreAnyRunning(pod.Status) && deadline + stop > Clock.Now)
        {
            WakeAt(pod.Key, deadline + stop);
            return;
        }

        var code = stop < TimeSpan.FromSeconds(spec.TerminationGracePeriodSeconds) ? Terminated : Killed;
        var wasInitialized = Conditions.IsTrue(pod.Status, "Initialized");
        var status = ContainerStates.AllEnded(pod.Status, spec.InitContainers, "initContainerStatuses", Clock.Now, code, isLost: false);
        status = ContainerStates.AllEnded(status, spec.Containers, "containerStatuses", Clock.Now, code, isLost: wasInitialized);
        status = PodReadiness.PutEnded(status, failed: true, Clock.Now).With("reason", DeadlineExceeded).With("message", PastDeadline);
        api.UpdateStatus(pod.WithStatus(status));
        EndStart(pod.Metadata.Uid);
    }

    /// <summary>How long the containers of a pod take to end, at most its grace period.</summary>
    private TimeSpan StopTime(ApiObject pod, long graceSeconds) => TimeSpan.FromTicks(Math.Min(
        figures.ContainerStop.Draw(api.Chance, "kubelet/stop", pod.Metadata.Uid).Ticks,
        TimeSpan.FromSeconds(graceSeconds).Ticks));

    private void SayStopping(ApiObject pod, PodSpecView spec)
    {
        foreach (var container in spec.Containers)
        {
            if (ContainerStates.Of(pod.Status, "containerStatuses", container["name"]?.Text ?? "")?.At("state", "running") is not null)
            {
                events.Normal(pod, "Killing", $"Stopping container {container["name"]?.Text}");
            }
        }
    }
}
