using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Requests;
using Sparkwright.Simulation;

namespace Sparkwright.World.Nodes;

/// <summary>
/// The part of kubelets in the growth of volumes: once a volume has grown, its file system grows with it where a pod uses it, or when one comes to.
/// </summary>
public sealed class FileSystemGrowth : Worker<ObjectKey>
{
    private const string Pending = "FileSystemResizePending";

    private readonly ApiServer api;
    private readonly EventRecorder events;

    public FileSystemGrowth(EventLoop loop, ApiServer api)
        : base(loop)
    {
        this.api = api;
        events = new EventRecorder(api, "kubelet");
        foreach (var claim in api.Store.List(CoreTypes.PersistentVolumeClaim))
        {
            Wake(claim.Key);
        }

        api.Store.Watch(CoreTypes.PersistentVolumeClaim, change => Wake(change.Object.Key));
        api.Store.Watch(CoreTypes.Pod, change =>
        {
            if (IsUsing(change.Object) && !(change.Old is { } old && IsUsing(old)))
            {
                foreach (var name in ClaimNames.Of(change.Object))
                {
                    Wake(new ObjectKey(change.Object.Namespace, name));
                }
            }
        });
    }

    protected override void Reconcile(ObjectKey key)
    {
        if (api.Store.Get(CoreTypes.PersistentVolumeClaim, key) is not { } claim || !Conditions.IsTrue(claim.Status, Pending)
            || api.Store.Get(CoreTypes.PersistentVolume, "", claim.Spec["volumeName"]?.Text ?? "") is not { } volume
            || api.Store.List(CoreTypes.Pod, key.Namespace).FirstOrDefault(pod => IsUsing(pod) && ClaimNames.Of(pod).Contains(key.Name)) is not { } user)
        {
            return;
        }

        api.ModifyStatus(CoreTypes.PersistentVolumeClaim, key, status => Conditions.Without(status, Pending)
            .With("allocatedResourceStatuses", null)
            .With("capacity", volume.Spec["capacity"]));
        var message = $"MountVolume.NodeExpandVolume succeeded for volume \"{volume.Name}\" {user.Spec["nodeName"]?.Text}";
        events.Normal(user, "FileSystemResizeSuccessful", message);
        events.Normal(claim, "FileSystemResizeSuccessful", message);
    }

    /// <summary>Its volumes are mounted.</summary>
    private static bool IsUsing(ApiObject pod) => pod.Status["phase"]?.Text == "Running" && !pod.Metadata.IsBeingDeleted;
}
