using System.Globalization;
using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Quantities;
using Sparkwright.Kubernetes.Requests;
using Sparkwright.Simulation;

namespace Sparkwright.World.Controllers;

/// <summary>
/// The resizer of the EBS CSI driver, and what the expand controller says before it: the volume of a claim that has grown grows, and a file system
/// on it is left to the kubelet. How far it has come is in the claim's conditions.
/// </summary>
public sealed class EbsResizer : Controller
{
    private const string Resizing = "Resizing";
    private const string FileSystemPending = "FileSystemResizePending";
    private const string ResizerAnnotation = "volume.kubernetes.io/storage-resizer";
    private const string PendingMessage = "Waiting for user to (re-)start a pod to finish file system resize of volume on node.";

    private readonly ModelFigures figures;
    private readonly EventRecorder expand;

    public EbsResizer(EventLoop loop, ApiServer api, ModelFigures figures)
        : base(loop, api, "external-resizer " + EbsVolumes.Driver)
    {
        this.figures = figures;
        expand = new EventRecorder(api, "volume_expand");
        Follow(CoreTypes.PersistentVolumeClaim);
    }

    protected override void Reconcile(ObjectKey key)
    {
        if (Store.Get(CoreTypes.PersistentVolumeClaim, key) is not { Metadata.IsBeingDeleted: false } claim || claim.Status["phase"]?.Text != "Bound"
            || Store.Get(CoreTypes.PersistentVolume, "", claim.Spec["volumeName"]?.Text ?? "") is not { } volume || !EbsVolumes.IsMine(volume))
        {
            return;
        }

        var size = EbsVolumes.SizeOf(claim);
        var wanted = size.ToString(CultureInfo.InvariantCulture) + "Gi";
        if (!(SizeOf(volume.Spec.At("capacity", "storage")) < SizeOf(wanted)))
        {
            return;
        }

        if (!Conditions.IsTrue(claim.Status, Resizing))
        {
            Begin(claim, volume, wanted);
            return;
        }

        if (EbsVolumes.FaultOf(size, TypeOf(claim)) is { } fault)
        {
            Refuse(claim, volume, fault);
            return;
        }

        var due = Timestamps.Read(Conditions.Find(claim.Status, Resizing)!["lastTransitionTime"])!.Value
            + figures.VolumeExpansion.Draw(Api.Chance, "ebs/expand", $"{claim.Metadata.Uid}/{wanted}");
        if (due > Clock.Now)
        {
            WakeAt(key, due);
            return;
        }

        Finish(claim, volume, wanted);
    }

    private void Begin(ApiObject claim, ApiObject volume, string wanted)
    {
        var migrated = volume.Spec["awsElasticBlockStore"] is not null;
        expand.Normal(
            claim,
            "ExternalExpanding",
            migrated ? $"CSI migration enabled for {EbsVolumes.InTree}; waiting for external resizer to expand the pvc" : "waiting for an external controller to expand this PVC");
        if (migrated)
        {
            Api.Modify(CoreTypes.PersistentVolumeClaim, claim.Key, known => known.WithAnnotation(ResizerAnnotation, EbsVolumes.Driver));
        }

        Events.Normal(claim, Resizing, $"External resizer is resizing volume {volume.Name}");
        Api.ModifyStatus(CoreTypes.PersistentVolumeClaim, claim.Key, status => Conditions.Set(status, Resizing, true, null, null, Clock.Now)
            .With("allocatedResourceStatuses", Storage("ControllerResizeInProgress"))
            .With("allocatedResources", Storage(wanted)));
    }

    private void Finish(ApiObject claim, ApiObject volume, string wanted)
    {
        Api.Modify(CoreTypes.PersistentVolume, volume.Key, known => known.Set(["spec", "capacity", "storage"], wanted));
        if (claim.Spec["volumeMode"]?.Text == "Block")
        {
            Api.ModifyStatus(CoreTypes.PersistentVolumeClaim, claim.Key, status =>
                Conditions.Without(status, Resizing).With("allocatedResourceStatuses", null).With("capacity", Storage(wanted)));
            Events.Normal(claim, "VolumeResizeSuccessful", "Resize volume succeeded");
            return;
        }

        Api.ModifyStatus(CoreTypes.PersistentVolumeClaim, claim.Key, status =>
            Conditions.Set(Conditions.Without(status, Resizing), FileSystemPending, true, null, PendingMessage, Clock.Now)
                .With("allocatedResourceStatuses", Storage("NodeResizePending"))
                .With("allocatedResources", Storage(wanted)));
        Events.Normal(claim, "FileSystemResizeRequired", "Require file system resize of volume on node");
    }

    /// <summary>Said once for each size; upstream repeats it with a back-off.</summary>
    private void Refuse(ApiObject claim, ApiObject volume, string fault)
    {
        var handle = volume.Spec.At("csi", "volumeHandle")?.Text ?? volume.Spec.At("awsElasticBlockStore", "volumeID")?.Text;
        var message = $"resize volume \"{volume.Name}\" by resizer \"{EbsVolumes.Driver}\" failed: rpc error: code = Internal desc = "
            + $"Could not resize volume \"{handle}\": could not modify volume in EC2: InvalidParameterValue: {fault}";
        if (!Store.List(CoreTypes.Event, claim.Namespace).Any(known =>
            known.Body["message"]?.Text == message && known.Body.At("involvedObject", "uid")?.Text == claim.Metadata.Uid))
        {
            Events.Warning(claim, "VolumeResizeFailed", message);
        }
    }

    private string TypeOf(ApiObject claim) =>
        Store.Get(CoreTypes.StorageClass, "", claim.Spec["storageClassName"]?.Text ?? "")?.Body["parameters"]?["type"]?.Text ?? "gp3";

    private static TreeMap Storage(string value) => TreeMap.Of(("storage", value));

    private static Quantity SizeOf(Tree? size) => Quantity.TryParse(size?.Text ?? "", out var quantity) ? quantity : default;
}
