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
public sealed partial class Kubelet : Worker<ObjectKey>
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
    private readonly NodeImages images;
    private readonly HashSet<string> stopping = [];
    private readonly Queue<string> leaving = [];

    /// <param name="programs">Asked in order; the first that runs a pod decides.</param>
    public Kubelet(EventLoop loop, ApiServer api, ModelFigures figures, INodeFiles files, IReadOnlyList<IPodProgram> programs)
        : base(loop)
    {
        this.api = api;
        this.figures = figures;
        this.files = files;
        this.programs = programs;
        events = new EventRecorder(api, "kubelet");
        images = new NodeImages(api, figures);
        podsByNode = api.Store.Index(CoreTypes.Pod, "by-node", static pod => pod.Spec["nodeName"]?.Text);
        foreach (var pod in api.Store.List(CoreTypes.Pod))
        {
            ResumePull(pod);
            Wake(pod.Key);
        }

        api.Store.Watch(CoreTypes.Pod, change =>
        {
            if (change.Kind == StoreEventKind.Deleted)
            {
                leaving.Enqueue(change.Object.Metadata.Uid);
                Wake(change.Object.Key);
            }
            else if (!string.IsNullOrEmpty(change.Object.Spec["nodeName"]?.Text))
            {
                Wake(change.Object.Key);
            }
        });
        api.Store.Watch(CoreTypes.VolumeAttachment, change =>
        {
            foreach (var pod in podsByNode.Of(change.Object.Spec["nodeName"]?.Text ?? ""))
            {
                Wake(pod.Key);
            }
        });
        api.Store.Watch(CoreTypes.Node, change =>
        {
            images.Forget(change);
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
        while (leaving.TryDequeue(out var uid))
        {
            stopping.Remove(uid);
            EndStart(uid);
        }

        if (api.Store.Get(CoreTypes.Pod, key) is not { } pod || PodSpecView.Of(pod).NodeName is not { Length: > 0 } nodeName
            || api.Store.Get(CoreTypes.Node, "", nodeName) is not { } node || !NodeView.Of(node).IsReady)
        {
            return;
        }

        if (pod.Metadata.IsBeingDeleted)
        {
            Stop(pod);
        }
        else if (pod.Status["phase"]?.Text is "Succeeded" or "Failed")
        {
            return;
        }
        else if (DeadlineOf(pod) is { } deadline && deadline <= Clock.Now)
        {
            EndAtDeadline(pod, deadline);
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

    private void Stop(ApiObject pod)
    {
        var grace = pod.Metadata.DeletionGracePeriodSeconds ?? 0;
        var asked = pod.Metadata.DeletionTimestamp!.Value.AddSeconds(-grace);
        var runs = pod.Status["phase"]?.Text == "Running";
        var gone = runs ? asked + StopTime(pod, grace) : asked;
        if (runs && asked >= Clock.Now.AddSeconds(-1) && stopping.Add(pod.Metadata.Uid))
        {
            SayStopping(pod, PodSpecView.Of(pod));
        }

        if (gone > Clock.Now)
        {
            WakeAt(pod.Key, gone);
            return;
        }

        api.Delete(CoreTypes.Pod, pod.Key, new DeleteOptions { GracePeriodSeconds = 0 });
    }

    /// <summary>All that a run of a container writes, as far as that is known, what is still to come included.</summary>
    public IReadOnlyList<LogLine> OutputOf(ApiObject pod, TreeMap container, ContainerRun run) => ProgramOf(pod).OutputOf(pod, container, run);

    private IPodProgram ProgramOf(ApiObject pod) => programs.First(program => program.Runs(pod));

    private string IdOf(ApiObject pod, TreeMap container, long restarts) =>
        api.Chance.For("kubelet/container", $"{pod.Metadata.Uid}/{container["name"]?.Text}/{restarts}").Hex(64);

    private static TimeSpan CrashBackOff(long restarts) => restarts == 0
        ? TimeSpan.Zero
        : TimeSpan.FromTicks(Math.Min(LongestCrashBackOff.Ticks, FirstCrashBackOff.Ticks << (int)Math.Min(10, restarts - 1)));

    private static string Names(IEnumerable<TreeMap> containers) => string.Join(' ', containers.Select(container => container["name"]?.Text));

    private static string AddressOf(ApiObject node) =>
        Tree.ItemsOf(node.Status["addresses"]).ToArray().FirstOrDefault(address => address["type"]?.Text == "InternalIP")?["address"]?.Text ?? "";

    private static DateTime? Sooner(DateTime? one, DateTime? other) => one is null || other < one ? other ?? one : one;
}
