using Sparkwright.Kubernetes.Fitting;
using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Quantities;

namespace Sparkwright.World.Nodes;

public sealed partial class Kubelet
{
    /// <summary>Takes every step towards Running that is due, and notes how far it came.</summary>
    private void Start(ApiObject pod, ApiObject node)
    {
        var stored = api.Store.Get(PodStart.Type, "", pod.Metadata.Uid);
        var start = stored is null ? new PodStart { Due = Clock.Now } : PodStart.From(stored);
        if (stored is null)
        {
            pod = Admit(pod, node);
        }

        if (DeadlineOf(pod) is { } deadline)
        {
            WakeAt(pod.Key, deadline);
        }

        if (start.Due > Clock.Now)
        {
            WakeAt(pod.Key, start.Due);
            return;
        }

        var spec = PodSpecView.Of(pod);
        PodStart? now = start;
        while (now is not null && now.Due <= Clock.Now)
        {
            start = now;
            if (!start.IsMounted && PodVolumes.WaitsForAttachment(pod, node, api.Store))
            {
                // Whoever attaches the volume wakes the node's pods.
                now = null;
            }
            else if (!start.IsMounted)
            {
                now = Mount(pod, node, start);
            }
            else if (start.NextInit < spec.InitContainers.Length)
            {
                (pod, now) = StartInit(pod, spec, start);
                if (pod.Status["phase"]?.Text == "Failed")
                {
                    EndStart(pod.Metadata.Uid);
                    return;
                }
            }
            else if (start.Next < spec.Containers.Length)
            {
                now = Prepare(pod, spec.Containers[start.Next], start, running => running with { StartedTicks = running.StartedTicks.Add(Clock.Now.Ticks) });
            }
            else
            {
                EndStart(pod.Metadata.Uid);
                Run(pod, spec, start);
                return;
            }
        }

        Keep(pod, stored, now ?? start);
        if (now is not null)
        {
            WakeAt(pod.Key, now.Due);
        }
    }

    private void Keep(ApiObject pod, ApiObject? stored, PodStart start)
    {
        var wanted = start.ToObject(pod.Metadata.Uid);
        _ = stored is null ? api.Create(wanted) : api.Update(wanted);
    }

    private void EndStart(string podUid) => api.Delete(PodStart.Type, new ObjectKey("", podUid));

    /// <summary>After a restart: an image that was on its way arrives when it would have.</summary>
    private void ResumePull(ApiObject pod)
    {
        if (api.Store.Get(PodStart.Type, "", pod.Metadata.Uid) is { } stored && PodStart.From(stored) is { PullingSince: not null, Step: ContainerStep.Create } start)
        {
            var spec = PodSpecView.Of(pod);
            var container = start.NextInit < spec.InitContainers.Length ? spec.InitContainers[start.NextInit] : spec.Containers[start.Next];
            images.Resume(spec.NodeName, container["image"]?.Text ?? "", start.Due);
        }
    }

    /// <summary>Notes that the kubelet has seen the pod: start time, waiting containers, conditions.</summary>
    private ApiObject Admit(ApiObject pod, ApiObject node)
    {
        var spec = PodSpecView.Of(pod);
        var now = Clock.Now;
        var waitsFor = spec.InitContainers.IsEmpty ? "ContainerCreating" : "PodInitializing";
        var status = pod.Status
            .With("hostIP", AddressOf(node))
            .With("startTime", Timestamps.Print(now))
            .With("containerStatuses", TreeList.From(spec.Containers.Select(container => ContainerStates.Waiting(container, waitsFor))))
            .With("initContainerStatuses", spec.InitContainers.IsEmpty ? null : TreeList.From(spec.InitContainers.Select(container => ContainerStates.Waiting(container, waitsFor))));
        status = Conditions.Set(status, "PodReadyToStartContainers", false, null, null, now);
        status = spec.InitContainers.IsEmpty
            ? Conditions.Set(status, "Initialized", true, null, null, now)
            : Conditions.Set(status, "Initialized", false, "ContainersNotInitialized", $"containers with incomplete status: [{Names(spec.InitContainers)}]", now);
        return api.UpdateStatus(pod.WithStatus(PodReadiness.Put(spec, status, now))).Object ?? pod;
    }

    private PodStart Mount(ApiObject pod, ApiObject node, PodStart start)
    {
        if (PodVolumes.Problem(pod, node, api.Store, files) is not { } problem)
        {
            return start with { IsMounted = true, Due = Clock.Now + figures.PodSandbox.Draw(api.Chance, "kubelet/sandbox", pod.Metadata.Uid) };
        }

        events.Warning(pod, "FailedMount", problem);
        var retry = Math.Min(LongestMountRetry.Ticks, FirstMountRetry.Ticks << Math.Min(10, start.MountFailures));
        return start with { MountFailures = start.MountFailures + 1, Due = Clock.Now + TimeSpan.FromTicks(retry) };
    }

    /// <summary>Brings the next init container on its way; null when only its program knows when it goes on.</summary>
    private (ApiObject Pod, PodStart? Start) StartInit(ApiObject pod, PodSpecView spec, PodStart start)
    {
        var container = spec.InitContainers[start.NextInit];
        var name = container["name"]?.Text ?? "";
        if (start.InitStarted is not { } startedAt)
        {
            var prepared = Prepare(pod, container, start, running => running with { InitStarted = Clock.Now });
            if (prepared.InitStarted is { } began)
            {
                var entry = ContainerStates.Running(container, began, IdOf(pod, container, start.InitFailures), ContainerStates.Of(pod.Status, "initContainerStatuses", name));
                pod = PutInit(pod, PodSpecView.IsSidecar(container) ? ContainerStates.Probed(container, entry, Clock.Now) : entry.With("ready", false));
            }

            return (pod, prepared);
        }

        if (PodSpecView.IsSidecar(container))
        {
            var begun = ContainerProbes.StartedFrom(container, startedAt);
            if (begun > Clock.Now)
            {
                WakeAt(pod.Key, begun);
                return (pod, null);
            }

            return (InitDone(pod, spec, start), start with { InitStarted = null, NextInit = start.NextInit + 1 });
        }

        var end = ProgramOf(pod).EndOf(pod, container, startedAt);
        if (end is null || end.At > Clock.Now)
        {
            // Not written as the due time: the program may know better by then.
            if (end is not null)
            {
                WakeAt(pod.Key, end.At);
            }

            return (pod, null);
        }

        var running = ContainerStates.Of(pod.Status, "initContainerStatuses", name) ?? TreeMap.Empty;
        var terminated = ContainerStates.Terminated(container, running, Clock.Now, end.ExitCode);
        if (end.ExitCode == 0)
        {
            return (InitDone(PutInit(pod, terminated.With("ready", true)), spec, start), start with { InitStarted = null, InitFailures = 0, NextInit = start.NextInit + 1 });
        }

        if (spec.RestartPolicy == "Never")
        {
            var failed = ContainerStates.Put(pod.Status, "initContainerStatuses", terminated).With("phase", "Failed");
            return (api.UpdateStatus(pod.WithStatus(failed)).Object ?? pod, start);
        }

        var again = terminated.With("lastState", terminated["state"]).With("restartCount", start.InitFailures + 1);
        return (PutInit(pod, again), start with
        {
            InitStarted = null,
            InitFailures = start.InitFailures + 1,
            Due = Clock.Now + CrashBackOff(start.InitFailures),
        });
    }

    private ApiObject PutInit(ApiObject pod, TreeMap entry) =>
        api.UpdateStatus(pod.WithStatus(ContainerStates.Put(pod.Status, "initContainerStatuses", entry))).Object ?? pod;

    private ApiObject InitDone(ApiObject pod, PodSpecView spec, PodStart start) => start.NextInit + 1 < spec.InitContainers.Length
        ? pod
        : api.UpdateStatus(pod.WithStatus(Conditions.Set(pod.Status, "Initialized", true, null, null, Clock.Now))).Object ?? pod;

    /// <summary>Pulls the image, creates and starts the container: three steps, some of which take time.</summary>
    private PodStart Prepare(ApiObject pod, TreeMap container, PodStart start, Func<PodStart, PodStart> started)
    {
        var image = container["image"]?.Text ?? "";
        var name = container["name"]?.Text ?? "";
        var node = PodSpecView.Of(pod).NodeName;
        switch (start.Step)
        {
            case ContainerStep.Image when images.Has(node, image):
                events.Normal(pod, "Pulled", $"Container image \"{image}\" already present on machine");
                return start with { Step = ContainerStep.Create };
            case ContainerStep.Image:
                events.Normal(pod, "Pulling", $"Pulling image \"{image}\"");
                return start with { Step = ContainerStep.Create, PullingSince = Clock.Now, Due = images.PullUntil(node, image) };
            case ContainerStep.Create:
                if (start.PullingSince is { } since)
                {
                    images.Pulled(node, image);
                    var took = GoDuration.Print(Clock.Now - since);
                    events.Normal(pod, "Pulled", $"Successfully pulled image \"{image}\" in {took} ({took} including waiting).");
                }

                events.Normal(pod, "Created", $"Created container: {name}");
                return start with
                {
                    Step = ContainerStep.Start,
                    PullingSince = null,
                    Due = Clock.Now + figures.ContainerStart.Draw(api.Chance, "kubelet/start", pod.Metadata.Uid + name),
                };
            default:
                events.Normal(pod, "Started", $"Started container {name}");
                return started(start with { Step = ContainerStep.Image });
        }
    }

    private void Run(ApiObject pod, PodSpecView spec, PodStart start)
    {
        var now = Clock.Now;
        var status = pod.Status.With("phase", "Running");
        for (var at = 0; at < spec.Containers.Length; at++)
        {
            var running = ContainerStates.Running(spec.Containers[at], start.StartOf(at), IdOf(pod, spec.Containers[at], 0));
            status = ContainerStates.Put(status, "containerStatuses", ContainerStates.Probed(spec.Containers[at], running, now));
        }

        // An address for every write there ever is: unique as long as a world writes less than four million times.
        var address = pod.Spec["hostNetwork"]?.Boolean == true
            ? status["hostIP"]?.Text ?? ""
            : Ec2.Cidr.Print(0x64400000u + (uint)(api.Store.ResourceVersion % 0x3FFFFF));
        status = status.With("podIP", address).With("podIPs", TreeList.Of(TreeMap.Of(("ip", address))));
        foreach (var condition in new[] { "PodReadyToStartContainers", "Initialized" })
        {
            status = Conditions.Set(status, condition, true, null, null, now);
        }

        api.UpdateStatus(pod.WithStatus(PodReadiness.Put(spec, status, now)));
    }
}
