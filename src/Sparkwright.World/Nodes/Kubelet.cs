using Sparkwright.Kubernetes.Fitting;
using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Requests;
using Sparkwright.Kubernetes.Store;
using Sparkwright.Simulation;

namespace Sparkwright.World.Nodes;

/// <summary>
/// The kubelets of all nodes: they mount volumes, pull images, start containers in order, notice their ends, restart them or not, and stop
/// what is being deleted.
/// </summary>
public sealed class Kubelet : Worker<ObjectKey>
{
    private static readonly TimeSpan FirstMountRetry = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan LongestMountRetry = TimeSpan.FromSeconds(122);
    private static readonly TimeSpan FirstCrashBackOff = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan LongestCrashBackOff = TimeSpan.FromMinutes(5);

    private readonly ApiServer api;
    private readonly ModelFigures figures;
    private readonly INodeFiles files;
    private readonly IReadOnlyList<IPodProgram> programs;
    private readonly EventRecorder events;
    private readonly StoreIndex podsByNode;
    private readonly Dictionary<ObjectKey, PodStart> starting = [];
    private readonly Dictionary<(string Node, string Image), DateTime> pulled = [];

    /// <param name="programs">Asked in order; the first that runs a pod decides.</param>
    public Kubelet(EventLoop loop, ApiServer api, ModelFigures figures, INodeFiles files, IReadOnlyList<IPodProgram> programs)
        : base(loop)
    {
        this.api = api;
        this.figures = figures;
        this.files = files;
        this.programs = programs;
        events = new EventRecorder(api, "kubelet");
        podsByNode = api.Store.Index(CoreTypes.Pod, "by-node", static pod => pod.Spec["nodeName"]?.Text);
        foreach (var pod in api.Store.List(CoreTypes.Pod))
        {
            Remember(pod);
            Wake(pod.Key);
        }

        api.Store.Watch(CoreTypes.Pod, change =>
        {
            if (change.Kind == StoreEventKind.Deleted)
            {
                starting.Remove(change.Object.Key);
            }
            else if (!string.IsNullOrEmpty(change.Object.Spec["nodeName"]?.Text))
            {
                Wake(change.Object.Key);
            }
        });
        api.Store.Watch(CoreTypes.Node, change =>
        {
            if (change.Kind != StoreEventKind.Deleted && NodeView.Of(change.Object).IsReady && (change.Old is null || !NodeView.Of(change.Old).IsReady))
            {
                foreach (var pod in podsByNode.Of(change.Object.Name))
                {
                    Wake(pod.Key);
                }
            }
        });
    }

    /// <summary>Looks at a pod again, because its program knows more now.</summary>
    public void Recheck(ObjectKey pod) => Wake(pod);

    protected override void Reconcile(ObjectKey key)
    {
        if (api.Store.Get(CoreTypes.Pod, key) is not { } pod || PodSpecView.Of(pod).NodeName is not { Length: > 0 } nodeName
            || api.Store.Get(CoreTypes.Node, "", nodeName) is not { } node || !NodeView.Of(node).IsReady)
        {
            return;
        }

        if (pod.Metadata.IsBeingDeleted)
        {
            Stop(pod);
        }
        else if (pod.Status["phase"]?.Text == "Running")
        {
            Tend(pod);
        }
        else if (pod.Status["phase"]?.Text is null or "Pending")
        {
            Start(pod, node);
        }
    }

    private void Start(ApiObject pod, ApiObject node)
    {
        if (!starting.TryGetValue(pod.Key, out var start))
        {
            starting[pod.Key] = start = new PodStart();
            pod = Admit(pod, node);
        }

        if (start.Due > Clock.Now)
        {
            WakeAt(pod.Key, start.Due);
            return;
        }

        if (!start.IsMounted && !Mount(pod, node, start))
        {
            return;
        }

        var spec = PodSpecView.Of(pod);
        while (start.Due <= Clock.Now)
        {
            if (start.NextInit < spec.InitContainers.Length)
            {
                if (!StartInit(ref pod, spec, start))
                {
                    return;
                }
            }
            else if (start.Next < spec.Containers.Length)
            {
                Prepare(pod, spec.Containers[start.Next], start, () =>
                {
                    start.StartedAt.Add(Clock.Now);
                    start.Next++;
                });
            }
            else
            {
                Run(pod, spec, start);
                return;
            }
        }

        WakeAt(pod.Key, start.Due);
    }

    /// <summary>Notes that the kubelet has seen the pod: start time, waiting containers, conditions.</summary>
    private ApiObject Admit(ApiObject pod, ApiObject node)
    {
        if (pod.Status["startTime"] is not null)
        {
            return pod;
        }

        var spec = PodSpecView.Of(pod);
        var now = Clock.Now;
        var status = pod.Status
            .With("hostIP", AddressOf(node))
            .With("startTime", Timestamps.Print(now))
            .With("containerStatuses", TreeList.From(spec.Containers.Select(container => ContainerStates.Waiting(container, spec.InitContainers.IsEmpty ? "ContainerCreating" : "PodInitializing"))))
            .With("initContainerStatuses", spec.InitContainers.IsEmpty ? null : TreeList.From(spec.InitContainers.Select(container => ContainerStates.Waiting(container, "PodInitializing"))));
        status = Conditions.Set(status, "PodReadyToStartContainers", false, null, null, now);
        status = Conditions.Set(status, "Initialized", spec.InitContainers.IsEmpty, spec.InitContainers.IsEmpty ? null : "ContainersNotInitialized", null, now);
        status = Conditions.Set(status, "Ready", false, "ContainersNotReady", NotReady(spec), now);
        status = Conditions.Set(status, "ContainersReady", false, "ContainersNotReady", NotReady(spec), now);
        return api.UpdateStatus(pod.WithStatus(status)).Object ?? pod;
    }

    private bool Mount(ApiObject pod, ApiObject node, PodStart start)
    {
        if (PodVolumes.Problem(pod, node, api.Store, files) is { } problem)
        {
            events.Warning(pod, "FailedMount", problem);
            start.MountFailures++;
            var retry = TimeSpan.FromTicks(Math.Min(LongestMountRetry.Ticks, FirstMountRetry.Ticks << Math.Min(10, start.MountFailures - 1)));
            start.Due = Clock.Now + retry;
            WakeAt(pod.Key, start.Due);
            return false;
        }

        start.IsMounted = true;
        start.Due = Clock.Now + figures.PodSandbox.Draw(api.Chance, "kubelet/sandbox", pod.Metadata.Uid);
        return true;
    }

    /// <summary>Brings the next init container on its way; false when the pod has to wait for it or has failed with it.</summary>
    private bool StartInit(ref ApiObject pod, PodSpecView spec, PodStart start)
    {
        var container = spec.InitContainers[start.NextInit];
        if (start.InitStarted is not { } startedAt)
        {
            Prepare(pod, container, start, () => start.InitStarted = Clock.Now);
            return true;
        }

        if (PodSpecView.IsSidecar(container))
        {
            start.InitStarted = null;
            start.NextInit++;
            return true;
        }

        var end = ProgramOf(pod).EndOf(pod, container, startedAt);
        if (end is null || end.At > Clock.Now)
        {
            if (end is not null)
            {
                WakeAt(pod.Key, end.At);
            }

            return false;
        }

        start.InitStarted = null;
        var running = ContainerStates.Running(container, startedAt, IdOf(pod, container, start.InitFailures));
        if (end.ExitCode == 0)
        {
            start.NextInit++;
            var status = ContainerStates.Put(pod.Status, "initContainerStatuses", ContainerStates.Terminated(container, running, Clock.Now, 0).With("ready", true));
            if (start.NextInit == spec.InitContainers.Length)
            {
                status = Conditions.Set(status, "Initialized", true, null, null, Clock.Now);
            }

            pod = api.UpdateStatus(pod.WithStatus(status)).Object ?? pod;
            return true;
        }

        var failed = ContainerStates.Put(pod.Status, "initContainerStatuses", ContainerStates.Terminated(container, running, Clock.Now, end.ExitCode));
        if (spec.RestartPolicy == "Never")
        {
            starting.Remove(pod.Key);
            api.UpdateStatus(pod.WithStatus(failed.With("phase", "Failed")));
            return false;
        }

        start.InitFailures++;
        start.Due = Clock.Now + CrashBackOff(start.InitFailures - 1);
        pod = api.UpdateStatus(pod.WithStatus(failed)).Object ?? pod;
        WakeAt(pod.Key, start.Due);
        return false;
    }

    /// <summary>Pulls the image and starts the container: two steps with a time each, and what follows.</summary>
    private void Prepare(ApiObject pod, TreeMap container, PodStart start, Action started)
    {
        var image = container["image"]?.Text ?? "";
        var name = container["name"]?.Text ?? "";
        var node = PodSpecView.Of(pod).NodeName;
        switch (start.Step)
        {
            case ContainerStep.Image:
                start.Step = ContainerStep.Create;
                if (pulled.TryGetValue((node, image), out var there))
                {
                    // Another pod of the node may still be pulling it.
                    start.Due = there > Clock.Now ? there : Clock.Now;
                }
                else
                {
                    events.Normal(pod, "Pulling", $"Pulling image \"{image}\"");
                    var figure = image.Contains("emr", StringComparison.Ordinal) ? figures.EmrImagePull : figures.ImagePull;
                    var takes = figure.Draw(api.Chance, "kubelet/pull", node + image);
                    start.Due = Clock.Now + takes;
                    start.PullTakes = takes;
                    pulled.Add((node, image), start.Due);
                }

                break;
            case ContainerStep.Create:
                events.Normal(pod, "Pulled", start.PullTakes is { } took
                    ? $"Successfully pulled image \"{image}\" in {Kubernetes.Quantities.GoDuration.Print(took)} ({Kubernetes.Quantities.GoDuration.Print(took)} including waiting)."
                    : $"Container image \"{image}\" already present on machine");
                start.PullTakes = null;
                events.Normal(pod, "Created", $"Created container: {name}");
                start.Step = ContainerStep.Start;
                start.Due = Clock.Now + figures.ContainerStart.Draw(api.Chance, "kubelet/start", pod.Metadata.Uid + name);
                break;
            default:
                events.Normal(pod, "Started", $"Started container {name}");
                start.Step = ContainerStep.Image;
                started();
                break;
        }
    }

    private void Run(ApiObject pod, PodSpecView spec, PodStart start)
    {
        starting.Remove(pod.Key);
        var now = Clock.Now;
        var status = pod.Status.With("phase", "Running");
        for (var at = 0; at < spec.Containers.Length; at++)
        {
            status = ContainerStates.Put(status, "containerStatuses", ContainerStates.Running(spec.Containers[at], start.StartedAt[at], IdOf(pod, spec.Containers[at], 0)));
        }

        foreach (var sidecar in spec.InitContainers.Where(PodSpecView.IsSidecar))
        {
            status = ContainerStates.Put(status, "initContainerStatuses", ContainerStates.Running(sidecar, now, IdOf(pod, sidecar, 0)));
        }

        // An address for every write there ever is: unique as long as a world writes less than four million times.
        var address = pod.Spec["hostNetwork"]?.Boolean == true
            ? status["hostIP"]?.Text ?? ""
            : Ec2.Cidr.Print(0x64400000u + (uint)(api.Store.ResourceVersion % 0x3FFFFF));
        status = status.With("podIP", address).With("podIPs", TreeList.Of(TreeMap.Of(("ip", address))));
        foreach (var condition in new[] { "PodReadyToStartContainers", "Initialized", "Ready", "ContainersReady" })
        {
            status = Conditions.Set(status, condition, true, null, null, now);
        }

        api.UpdateStatus(pod.WithStatus(status));
    }

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
                    next = Earlier(next, end.At);
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
                    entry = again > Clock.Now
                        ? ContainerStates.Waiting(container, "CrashLoopBackOff", entry.With("lastState", entry["state"]))
                        : Restarted(pod, container, entry, restarts);
                    next = again > Clock.Now ? Earlier(next, again) : next;
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
                next = again > Clock.Now ? Earlier(next, again) : next;
            }

            status = ContainerStates.Put(status, "containerStatuses", entry);
        }

        if (ended == spec.Containers.Length)
        {
            status = status.With("phase", failed ? "Failed" : "Succeeded");
            foreach (var condition in new[] { "Ready", "ContainersReady" })
            {
                status = Conditions.Set(status, condition, false, failed ? "PodFailed" : "PodCompleted", null, Clock.Now);
            }

            status = Conditions.Set(status, "PodReadyToStartContainers", false, null, null, Clock.Now);
        }
        else
        {
            var ready = Tree.ItemsOf(status["containerStatuses"]).ToArray().All(entry => entry["ready"]?.Boolean == true);
            foreach (var condition in new[] { "Ready", "ContainersReady" })
            {
                status = Conditions.Set(status, condition, ready, ready ? null : "ContainersNotReady", ready ? null : NotReady(spec), Clock.Now);
            }
        }

        if (next is { } wake)
        {
            WakeAt(pod.Key, wake);
        }

        api.UpdateStatus(pod.WithStatus(status));
    }

    private TreeMap Restarted(ApiObject pod, TreeMap container, TreeMap entry, long restarts)
    {
        var last = entry["state"]?["terminated"] is null ? entry["lastState"] : entry["state"];
        var name = container["name"]?.Text ?? "";
        events.Normal(pod, "Started", $"Started container {name}");
        Wake(pod.Key);
        return ContainerStates.Running(container, Clock.Now, IdOf(pod, container, restarts + 1), entry.With("restartCount", restarts + 1).With("lastState", last));
    }

    private void Stop(ApiObject pod)
    {
        starting.Remove(pod.Key);
        var grace = pod.Metadata.DeletionGracePeriodSeconds ?? 0;
        var asked = pod.Metadata.DeletionTimestamp!.Value.AddSeconds(-grace);
        var runs = pod.Status["phase"]?.Text == "Running";
        var stop = figures.ContainerStop.Draw(api.Chance, "kubelet/stop", pod.Metadata.Uid);
        var gone = runs ? asked + TimeSpan.FromTicks(Math.Min(stop.Ticks, TimeSpan.FromSeconds(grace).Ticks)) : asked;
        if (gone > Clock.Now)
        {
            WakeAt(pod.Key, gone);
            return;
        }

        if (runs)
        {
            foreach (var container in PodSpecView.Of(pod).Containers)
            {
                events.Normal(pod, "Killing", $"Stopping container {container["name"]?.Text}");
            }
        }

        api.Delete(CoreTypes.Pod, pod.Key, new DeleteOptions { GracePeriodSeconds = 0 });
    }

    private IPodProgram ProgramOf(ApiObject pod) => programs.First(program => program.Runs(pod));

    private void Remember(ApiObject pod)
    {
        foreach (var entry in Tree.ItemsOf(pod.Status["containerStatuses"]))
        {
            if (entry["imageID"]?.Text is { Length: > 0 } image)
            {
                pulled.TryAdd((PodSpecView.Of(pod).NodeName, image), Clock.Now);
            }
        }
    }

    private string IdOf(ApiObject pod, TreeMap container, long restarts) =>
        api.Chance.For("kubelet/container", $"{pod.Metadata.Uid}/{container["name"]?.Text}/{restarts}").Hex(64);

    private static TimeSpan CrashBackOff(long restarts) => restarts == 0
        ? TimeSpan.Zero
        : TimeSpan.FromTicks(Math.Min(LongestCrashBackOff.Ticks, FirstCrashBackOff.Ticks << (int)Math.Min(10, restarts - 1)));

    private static string NotReady(PodSpecView spec) =>
        $"containers with unready status: [{string.Join(' ', spec.Containers.Select(container => container["name"]?.Text))}]";

    private static string AddressOf(ApiObject node) =>
        Tree.ItemsOf(node.Status["addresses"]).ToArray().FirstOrDefault(address => address["type"]?.Text == "InternalIP")?["address"]?.Text ?? "";

    private static DateTime Earlier(DateTime? one, DateTime other) => one is { } known && known < other ? known : other;

    private enum ContainerStep
    {
        Image,
        Create,
        Start,
    }

    /// <summary>How far a pod has come on its way to Running.</summary>
    private sealed class PodStart
    {
        public DateTime Due { get; set; }

        public bool IsMounted { get; set; }

        public int MountFailures { get; set; }

        public ContainerStep Step { get; set; }

        public TimeSpan? PullTakes { get; set; }

        public int NextInit { get; set; }

        public DateTime? InitStarted { get; set; }

        public int InitFailures { get; set; }

        public int Next { get; set; }

        public List<DateTime> StartedAt { get; } = [];
    }
}
