using Sparkwright.Kubernetes.Admission;
using Sparkwright.Kubernetes.Fitting;
using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Requests;
using Sparkwright.Simulation;

namespace Sparkwright.World.Controllers;

/// <summary>Keeps the phases of volumes, has those deleted whose claim is gone, and lets volumes and claims go that nobody uses.</summary>
public sealed class VolumeController : Controller
{
    public VolumeController(EventLoop loop, ApiServer api)
        : base(loop, api, "persistentvolume-controller")
    {
        Follow(CoreTypes.PersistentVolume);
        Store.Watch(CoreTypes.PersistentVolumeClaim, change =>
        {
            Wake(change.Object.Key);
            if (change.Object.Spec["volumeName"]?.Text is { Length: > 0 } name)
            {
                Wake(new ObjectKey("", name));
            }
        });
        Store.Watch(CoreTypes.Pod, change =>
        {
            foreach (var name in ClaimNames.Of(change.Object))
            {
                Wake(new ObjectKey(change.Object.Namespace, name));
            }
        });
        foreach (var claim in Store.List(CoreTypes.PersistentVolumeClaim))
        {
            Wake(claim.Key);
        }
    }

    /// <summary>Where a volume stands, and whether it goes now.</summary>
    /// <param name="claim">The claim that the volume names, if it is there.</param>
    public static string PhaseOf(ApiObject volume, ApiObject? claim) => volume.Spec["claimRef"] switch
    {
        null => "Available",
        var reference when reference["uid"]?.Text is null or "" => "Available",
        _ when claim is not null && VolumeMatch.IsFor(volume, claim) => claim.Spec["volumeName"]?.Text == volume.Name ? "Bound" : "Available",
        _ => "Released",
    };

    protected override void Reconcile(ObjectKey key)
    {
        if (key.Namespace.Length > 0)
        {
            ReleaseClaim(key);
        }
        else if (Store.Get(CoreTypes.PersistentVolume, key) is { } volume)
        {
            Tend(volume);
        }
    }

    private void Tend(ApiObject volume)
    {
        var reference = volume.Spec["claimRef"];
        var claim = reference is null ? null : Store.Get(CoreTypes.PersistentVolumeClaim, reference["namespace"]?.Text ?? "", reference["name"]?.Text ?? "");
        var phase = PhaseOf(volume, claim);
        var goes = phase == "Released" && !volume.Metadata.IsBeingDeleted && volume.Spec["persistentVolumeReclaimPolicy"]?.Text == "Delete";
        var maker = volume.Metadata.Annotation(EbsVolumes.ProvisionedBy);
        var fault = goes && maker is null ? $"error getting deleter volume plugin for volume \"{volume.Name}\": no volume plugin matched" : null;
        phase = fault is null ? phase : "Failed";
        if (volume.Status["phase"]?.Text != phase)
        {
            Api.ModifyStatus(CoreTypes.PersistentVolume, volume.Key, status => status
                .With("lastPhaseTransitionTime", Timestamps.Print(Clock.Now))
                .With("message", fault)
                .With("phase", phase));
            if (fault is not null)
            {
                Events.Warning(volume, "VolumeFailedDelete", fault);
            }
        }

        if (volume.Metadata.IsBeingDeleted)
        {
            if (phase != "Bound")
            {
                Drop(CoreTypes.PersistentVolume, volume.Key, StorageAdmission.VolumeFinalizer);
            }
        }
        else if (goes && maker is EbsVolumes.Driver or EbsVolumes.InTree)
        {
            Api.Delete(CoreTypes.PersistentVolume, volume.Key);
        }
    }

    /// <summary>A claim stays while a pod that has a node and is not finished uses it.</summary>
    private void ReleaseClaim(ObjectKey key)
    {
        if (Store.Get(CoreTypes.PersistentVolumeClaim, key) is { Metadata.IsBeingDeleted: true } claim
            && !Store.List(CoreTypes.Pod, key.Namespace).Any(pod =>
                PodState.NodeName(pod).Length > 0 && !PodState.IsFinished(pod) && ClaimNames.Of(pod).Contains(claim.Name)))
        {
            Drop(CoreTypes.PersistentVolumeClaim, key, StorageAdmission.ClaimFinalizer);
        }
    }

    private void Drop(ResourceType type, ObjectKey key, string finalizer) => Api.Modify(type, key, known =>
        known.With(known.Metadata with { Finalizers = known.Metadata.Finalizers.Remove(finalizer) }));
}
