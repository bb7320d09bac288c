using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Requests;
using Sparkwright.Kubernetes.Store;
using Sparkwright.Simulation;

namespace Sparkwright.World.Controllers;

/// <summary>Deletes pods whose node is gone. Its keys are names of nodes.</summary>
public sealed class PodGarbageCollector : Controller
{
    /// <summary>How long a node must be missing (kube-controller-manager's quarantine).</summary>
    public static readonly TimeSpan Quarantine = TimeSpan.FromSeconds(40);

    private readonly StoreIndex byNode;

    public PodGarbageCollector(EventLoop loop, ApiServer api)
        : base(loop, api, "pod-garbage-collector")
    {
        byNode = PodIndexes.ByNode(Store);
        Store.Watch(CoreTypes.Pod, change => Consider(change.Object));
        Store.Watch(CoreTypes.Node, change =>
        {
            if (change.Kind == StoreEventKind.Deleted)
            {
                Wake(change.Object.Key);
            }
        });
        foreach (var pod in Store.List(CoreTypes.Pod))
        {
            Consider(pod);
        }

        foreach (var missing in Store.List(MissingNode))
        {
            Wake(missing.Key);
        }
    }

    /// <summary>Since when a node has been missing (<c>spec.sinceTicks</c>); kept in the store, so that a restart does not begin the wait again.</summary>
    public static ResourceType MissingNode { get; } = new("controllers.sparkwright.dev", "v1", "MissingNode", "missingnodes", false, false);

    protected override void Reconcile(ObjectKey key)
    {
        var missing = Store.Get(MissingNode, key);
        if (Store.Get(CoreTypes.Node, key) is not null || byNode.CountOf(key.Name) == 0)
        {
            Forget(missing);
            return;
        }

        missing ??= Api.Create(new ApiObject(MissingNode, new ObjectMeta { Name = key.Name }, TreeMap.Of(("spec", TreeMap.Of(("sinceTicks", Clock.Now.Ticks)))))).Object;
        var until = new DateTime(missing!.Spec["sinceTicks"]!.Integer!.Value, DateTimeKind.Utc) + Quarantine;
        if (until > Clock.Now)
        {
            WakeAt(key, until);
            return;
        }

        foreach (var pod in byNode.Of(key.Name))
        {
            Remove(pod);
        }

        Forget(missing);
    }

    private void Remove(ApiObject pod)
    {
        if (!PodState.IsFinished(pod))
        {
            Api.ModifyStatus(CoreTypes.Pod, pod.Key, status => Conditions.Set(
                status.With("phase", "Failed"),
                "DisruptionTarget",
                true,
                "DeletionByPodGC",
                "PodGC: node no longer exists",
                Clock.Now));
        }

        Api.Delete(CoreTypes.Pod, pod.Key, new DeleteOptions { GracePeriodSeconds = 0, Uid = pod.Metadata.Uid });
    }

    private void Forget(ApiObject? missing)
    {
        if (missing is not null)
        {
            Api.Delete(MissingNode, missing.Key);
        }
    }

    private void Consider(ApiObject pod)
    {
        if (PodState.NodeName(pod) is { Length: > 0 } node && Store.Get(CoreTypes.Node, "", node) is null)
        {
            Wake(new ObjectKey("", node));
        }
    }
}
