using Sparkwright.Kubernetes.Fitting;
using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Requests;
using Sparkwright.Kubernetes.Store;
using Sparkwright.Simulation;

namespace Sparkwright.World.Controllers;

/// <summary>Drives pods from nodes with NoExecute taints: at once, or when the seconds that they tolerate are over. Its keys are pods.</summary>
public sealed class TaintEvictionController : Controller
{
    private readonly StoreIndex byNode;

    public TaintEvictionController(EventLoop loop, ApiServer api)
        : base(loop, api, "taint-eviction-controller")
    {
        byNode = PodIndexes.ByNode(Store);
        Store.Watch(CoreTypes.Pod, change =>
        {
            if (change.Kind != StoreEventKind.Deleted && !ReferenceEquals(change.Old?.Spec, change.Object.Spec))
            {
                Consider(change.Object);
            }
        });
        Store.Watch(CoreTypes.Node, change =>
        {
            if (!Equals(change.Old?.Spec["taints"], change.Object.Spec["taints"]))
            {
                ConsiderAllOn(change.Object);
                SayWhoMayStay(change);
            }
        });
        foreach (var node in Store.List(CoreTypes.Node))
        {
            ConsiderAllOn(node);
        }
    }

    /// <summary>When a pod has to leave: null for never, the past for now.</summary>
    public static DateTime? LeavesAt(PodSpecView pod, Tree? taints, DateTime now)
    {
        DateTime? leaves = null;
        foreach (var item in Tree.ItemsOf(taints))
        {
            var taint = Taint.From(item);
            if (taint.Effect != Taint.NoExecute)
            {
                continue;
            }

            var tolerating = pod.Tolerations.Where(toleration => toleration.Tolerates(taint)).ToList();
            if (tolerating.Count == 0)
            {
                return now;
            }

            // The shortest time of all that tolerate the taint counts; none with a time means for ever.
            if (tolerating.Min(toleration => toleration.Seconds) is { } seconds)
            {
                var until = (Timestamps.Read(item["timeAdded"]) ?? now).AddSeconds(Math.Max(0, seconds));
                leaves = until < (leaves ?? DateTime.MaxValue) ? until : leaves;
            }
        }

        return leaves;
    }

    protected override void Reconcile(ObjectKey key)
    {
        if (Store.Get(CoreTypes.Pod, key) is not { } pod
            || !PodState.IsActive(pod)
            || Store.Get(CoreTypes.Node, "", PodState.NodeName(pod)) is not { } node)
        {
            return;
        }

        var taints = node.Spec["taints"];
        if (LeavesAt(PodSpecView.Of(pod), taints, Clock.Now) is not { } leaves)
        {
            return;
        }

        if (leaves > Clock.Now)
        {
            // A taint that a user set has no time of its own; it gets one so that the pod's seconds go on after a restart.
            Stamp(node);
            WakeAt(key, leaves);
            return;
        }

        Events.Normal(pod, "TaintManagerEviction", $"Marking for deletion Pod {pod.Key}");
        Api.ModifyStatus(CoreTypes.Pod, key, status => Conditions.Set(
            status,
            "DisruptionTarget",
            true,
            "DeletionByTaintManager",
            "Taint manager: deleting due to NoExecute taint",
            Clock.Now));
        Api.Delete(CoreTypes.Pod, key, new DeleteOptions { Uid = pod.Metadata.Uid });
    }

    /// <summary>Tells of the pods that were to leave later and now need not.</summary>
    private void SayWhoMayStay(StoreEvent change)
    {
        if (change.Old is not { } old || change.Kind == StoreEventKind.Deleted || !DrivesPodsAway(old))
        {
            return;
        }

        foreach (var pod in byNode.Of(old.Name).Where(PodState.IsActive))
        {
            var spec = PodSpecView.Of(pod);
            if (LeavesAt(spec, old.Spec["taints"], Clock.Now) > Clock.Now && LeavesAt(spec, change.Object.Spec["taints"], Clock.Now) is null)
            {
                Events.Normal(pod, "TaintManagerEviction", $"Cancelling deletion of Pod {pod.Key}");
            }
        }
    }

    private void Stamp(ApiObject node)
    {
        var taints = Tree.ItemsOf(node.Spec["taints"]).ToArray();
        var stamped = taints.Select(item => item is TreeMap taint && taint["effect"]?.Text == Taint.NoExecute && taint["timeAdded"] is null
            ? taint.With("timeAdded", Timestamps.Print(Clock.Now))
            : item).ToList();
        if (!taints.SequenceEqual(stamped))
        {
            Api.Modify(CoreTypes.Node, node.Key, current => current.Set(["spec", "taints"], TreeList.From(stamped)));
        }
    }

    private void Consider(ApiObject pod)
    {
        if (PodState.NodeName(pod) is { Length: > 0 } name && Store.Get(CoreTypes.Node, "", name) is { } node && DrivesPodsAway(node))
        {
            Wake(pod.Key);
        }
    }

    private void ConsiderAllOn(ApiObject node)
    {
        if (DrivesPodsAway(node))
        {
            foreach (var pod in byNode.Of(node.Name))
            {
                Wake(pod.Key);
            }
        }
    }

    private static bool DrivesPodsAway(ApiObject node) =>
        Tree.ItemsOf(node.Spec["taints"]).ToArray().Any(taint => taint["effect"]?.Text == Taint.NoExecute);
}
