using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Requests;
using Sparkwright.Kubernetes.Store;
using Sparkwright.Simulation;

namespace Sparkwright.World.Controllers;

/// <summary>
/// Attaches the EBS volumes of pods to their nodes, and detaches those that no pod of the node uses any more. Its keys are nodes and, with
/// no namespace either, attachments: when a step is due can be read off the attachment's own times.
/// </summary>
public sealed class VolumeAttachments : Controller
{
    private readonly ModelFigures figures;
    private readonly StoreIndex podsByNode;

    public VolumeAttachments(EventLoop loop, ApiServer api, ModelFigures figures)
        : base(loop, api, "attachdetach-controller")
    {
        this.figures = figures;
        podsByNode = PodIndexes.ByNode(Store);
        Store.Watch(CoreTypes.Pod, change =>
        {
            if (change.Object.Spec["volumes"] is not null && PodState.NodeName(change.Object) is { Length: > 0 } node && ClaimNames.Of(change.Object).Count > 0)
            {
                Wake(new ObjectKey("", node));
            }
        });
        Store.Watch(CoreTypes.PersistentVolume, change => WakeUsers(change.Object));
        Follow(CoreTypes.VolumeAttachment);
        foreach (var pod in Store.List(CoreTypes.Pod).Where(pod => PodState.NodeName(pod).Length > 0 && ClaimNames.Of(pod).Count > 0))
        {
            Wake(new ObjectKey("", PodState.NodeName(pod)));
        }
    }

    protected override void Reconcile(ObjectKey key)
    {
        if (Store.Get(CoreTypes.VolumeAttachment, key) is { } attachment)
        {
            Advance(attachment);
        }
        else if (Store.Get(CoreTypes.Node, key) is not null)
        {
            AttachTo(key.Name);
        }

        DetachFrom(key.Name);
    }

    private void AttachTo(string node)
    {
        foreach (var volume in UsedOn(node))
        {
            var name = NameOf(volume.Name, node);
            if (Store.Get(CoreTypes.VolumeAttachment, "", name) is null)
            {
                Api.Create(new ApiObject(
                    CoreTypes.VolumeAttachment,
                    new ObjectMeta { Name = name, Finalizers = [EbsVolumes.Attacher] },
                    TreeMap.Of(("spec", TreeMap.Of(
                        ("attacher", EbsVolumes.Driver),
                        ("nodeName", node),
                        ("source", TreeMap.Of(("persistentVolumeName", volume.Name))))))));
            }
        }
    }

    private void DetachFrom(string node)
    {
        var used = UsedOn(node).Select(volume => volume.Name).ToHashSet(StringComparer.Ordinal);
        foreach (var attachment in Store.List(CoreTypes.VolumeAttachment).Where(known => known.Spec["nodeName"]?.Text == node))
        {
            if (!attachment.Metadata.IsBeingDeleted && !used.Contains(VolumeOf(attachment)))
            {
                Api.Delete(CoreTypes.VolumeAttachment, attachment.Key);
            }
        }
    }

    private void Advance(ApiObject attachment)
    {
        var uid = attachment.Metadata.Uid;
        if (attachment.Metadata.DeletionTimestamp is { } leaving)
        {
            if (IsDue(attachment, leaving + figures.VolumeDetach.Draw(Api.Chance, "ebs/detach", uid)))
            {
                var node = attachment.Spec["nodeName"]?.Text ?? "";
                Api.Modify(CoreTypes.VolumeAttachment, attachment.Key, known =>
                    known.With(known.Metadata with { Finalizers = known.Metadata.Finalizers.Remove(EbsVolumes.Attacher) }));

                // A pod that came meanwhile needs it again.
                Wake(new ObjectKey("", node));
            }
        }
        else if (attachment.Status["attached"]?.Boolean != true
            && IsDue(attachment, attachment.Metadata.CreationTimestamp + figures.VolumeAttach.Draw(Api.Chance, "ebs/attach", uid)))
        {
            Api.ModifyStatus(CoreTypes.VolumeAttachment, attachment.Key, status => status.With("attached", true));
            foreach (var pod in podsByNode.Of(attachment.Spec["nodeName"]?.Text ?? "").Where(pod => VolumesOf(pod).Any(volume => volume.Name == VolumeOf(attachment))))
            {
                Events.Normal(pod, "SuccessfulAttachVolume", $"AttachVolume.Attach succeeded for volume \"{VolumeOf(attachment)}\" ");
            }
        }
    }

    private bool IsDue(ApiObject attachment, DateTime due)
    {
        if (due > Clock.Now)
        {
            WakeAt(attachment.Key, due);
        }

        return due <= Clock.Now;
    }

    private List<ApiObject> UsedOn(string node) => [.. podsByNode.Of(node).Where(pod => !PodState.IsFinished(pod)).SelectMany(VolumesOf)];

    private IEnumerable<ApiObject> VolumesOf(ApiObject pod) => ClaimNames.Of(pod)
        .Select(name => Store.Get(CoreTypes.PersistentVolumeClaim, pod.Namespace, name)?.Spec["volumeName"]?.Text)
        .OfType<string>()
        .Select(name => Store.Get(CoreTypes.PersistentVolume, "", name))
        .OfType<ApiObject>()
        .Where(EbsVolumes.IsMine);

    private void WakeUsers(ApiObject volume)
    {
        var (space, name) = (volume.Spec.At("claimRef", "namespace")?.Text ?? "", volume.Spec.At("claimRef", "name")?.Text ?? "");
        foreach (var pod in Store.List(CoreTypes.Pod, space).Where(pod => PodState.NodeName(pod).Length > 0 && ClaimNames.Of(pod).Contains(name)))
        {
            Wake(new ObjectKey("", PodState.NodeName(pod)));
        }
    }

    private static string VolumeOf(ApiObject attachment) => attachment.Spec.At("source", "persistentVolumeName")?.Text ?? "";

    private static string NameOf(string volume, string node) => $"csi-{StableHash.Mix(StableHash.Of(node, StableHash.Of(volume))):x16}";
}
