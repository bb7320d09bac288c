using Sparkwright.Kubernetes.Fitting;
using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Quantities;

namespace Sparkwright.World.Nodes;

public sealed partial class Kubelet
{
    /// <summary>Notices containers that have ended, restarts those that must run again, and ends the pod when none is left.</summary>
    private void Tend(ApiObject pod)
    {
        var spec = PodSpecView.Of(pod);
        var program = ProgramOf(pod);
        var status = pod.Status;
        DateTime? next = null;
        var ended = 0;
        var failed = false;
        foreach (var container in spec.Containers)
        {
            var entry = ContainerStates.Of(status, "containerStatuses", container["name"]?.Text ?? "") ?? ContainerStates.Waiting(container, "ContainerCreating");
            if (Timestamps.Read(entry.At("state", "running", "startedAt")) is { } startedAt && program.EndOf(pod, container, startedAt) is { } end)
            {
                if (end.At > Clock.Now)
                {
                    next = Sooner(next, end.At);
                }
                else
                {
                    entry = ContainerStates.Terminated(container, entry, Clock.Now, end.ExitCode);
                }
            }

            if (Timestamps.Read(entry.At("state", "terminated", "finishedAt")) is { } finishedAt)
            {
                var code = entry.At("state", "terminated", "exitCode")?.Integer ?? 0;
                if (spec.RestartPolicy == "Always" || (spec.RestartPolicy == "OnFailure" && code != 0))
                {
                    var restarts = entry["restartCount"]?.Integer ?? 0;
                    var again = finishedAt + CrashBackOff(restarts);
                    entry = again > Clock.Now ? BackingOff(pod, container, entry, restarts) : Restarted(pod, container, entry, restarts);
                    next = again > Clock.Now ? Sooner(next, again) : next;
                }
                else
                {
                    ended++;
                    failed |= code != 0;
                }
            }
            else if (entry.At("state", "waiting") is not null && Timestamps.Read(entry.At("lastState", "terminated", "finishedAt")) is { } stoppedAt)
            {
                var restarts = entry["restartCount"]?.Integer ?? 0;
                var again = stoppedAt + CrashBackOff(restarts);
                entry = again <= Clock.Now ? Restarted(pod, container, entry, restarts) : entry;
                next = again > Clock.Now ? Sooner(next, again) : next;
            }

            next = Sooner(next, NextProbe(container, entry));
            status = ContainerStates.Put(status, "containerStatuses", ContainerStates.Probed(container, entry, Clock.Now));
        }

        foreach (var sidecar in spec.InitContainers.Where(PodSpecView.IsSidecar))
        {
            if (ContainerStates.Of(status, "initContainerStatuses", sidecar["name"]?.Text ?? "") is { } entry)
            {
                next = Sooner(next, NextProbe(sidecar, entry));
                status = ContainerStates.Put(status, "initContainerStatuses", ContainerStates.Probed(sidecar, entry, Clock.Now));
            }
        }

        if (ended == spec.Containers.Length)
        {
            status = PodReadiness.PutEnded(status, failed, Clock.Now);
            next = null;
        }
        else
        {
            status = PodReadiness.Put(spec, status, Clock.Now);
            next = Sooner(next, DeadlineOf(pod));
        }

        if (next is { } wake)
        {
            WakeAt(pod.Key, wake);
        }

        api.UpdateStatus(pod.WithStatus(status));
    }

    /// <summary>When a probe of a running container changes what is said of it; null when none will.</summary>
    private DateTime? NextProbe(TreeMap container, TreeMap entry)
    {
        if (Timestamps.Read(entry.At("state", "running", "startedAt")) is not { } since)
        {
            return null;
        }

        var (started, ready) = (ContainerProbes.StartedFrom(container, since), ContainerProbes.ReadyFrom(container, since));
        return started > Clock.Now ? started : ready > Clock.Now ? ready : null;
    }

    private TreeMap BackingOff(ApiObject pod, TreeMap container, TreeMap entry, long restarts)
    {
        var (name, full) = (container["name"]?.Text, $"{pod.Name}_{pod.Namespace}({pod.Metadata.Uid})");
        events.Warning(pod, "BackOff", $"Back-off restarting failed container {name} in pod {full}");
        return ContainerStates.Waiting(container, "CrashLoopBackOff", entry.With("lastState", entry["state"]))
            .Set(["state", "waiting", "message"], $"back-off {GoDuration.Print(CrashBackOff(restarts))} restarting failed container={name} pod={full}");
    }

    private TreeMap Restarted(ApiObject pod, TreeMap container, TreeMap entry, long restarts)
    {
        var last = entry["state"]?["terminated"] is null ? entry["lastState"] : entry["state"];
        var name = container["name"]?.Text ?? "";
        events.Normal(pod, "Pulled", $"Container image \"{container["image"]?.Text}\" already present on machine");
        events.Normal(pod, "Created", $"Created container: {name}");
        events.Normal(pod, "Started", $"Started container {name}");
        Wake(pod.Key);
        return ContainerStates.Running(container, Clock.Now, IdOf(pod, container, restarts + 1), entry.With("restartCount", restarts + 1).With("lastState", last));
    }
}
