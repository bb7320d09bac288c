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
                WakeAfter(change.Object.Key, Quarantine);
            }
        });
        foreach (var pod in Store.List(CoreTypes.Pod))
        {
            Consider(pod);
        }
    }

    protected override void Reconcile(ObjectKey key)
    {
        if (Store.Get(CoreTypes.Node, key) is not null)
        {
            return;
        }

        foreach (var pod in byNode.Of(key.Name))
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
    }

    private void Consider(ApiObject pod)
    {
        if (PodState.NodeName(pod) is { Length: > 0 } node && Store.Get(CoreTypes.Node, "", node) is null)
        {
            WakeAfter(new ObjectKey("", node), Quarantine);
        }
    }
}
