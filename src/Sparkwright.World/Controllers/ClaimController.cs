using Sparkwright.Kubernetes.Fitting;
using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Requests;
using Sparkwright.Kubernetes.Store;
using Sparkwright.Simulation;

namespace Sparkwright.World.Controllers;

/// <summary>Binds claims to volumes, asks for volumes where none suits, and keeps the phases of claims. Its keys are claims.</summary>
public sealed class ClaimController : Controller
{
    public const string BindCompleted = "pv.kubernetes.io/bind-completed";
    public const string BoundByController = "pv.kubernetes.io/bound-by-controller";
    public const string SelectedNode = "volume.kubernetes.io/selected-node";
    public const string Provisioner = "volume.kubernetes.io/storage-provisioner";

    private const string OldProvisioner = "volume.beta.kubernetes.io/storage-provisioner";

    /// <summary>Claims are looked at again so often upstream; here so long after a pod has come that uses one.</summary>
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(15);

    /// <summary>What is applied together comes one after the other upstream: the claim is looked at before its pod is there.</summary>
    private static readonly TimeSpan PodsAreSeenAfter = TimeSpan.FromSeconds(1);

    public ClaimController(EventLoop loop, ApiServer api)
        : base(loop, api, "persistentvolume-controller")
    {
        Follow(CoreTypes.PersistentVolumeClaim);
        Store.Watch(CoreTypes.PersistentVolume, _ => WakeOpenClaims());
        Store.Watch(CoreTypes.StorageClass, _ => WakeOpenClaims());
        Store.Watch(CoreTypes.Pod, change =>
        {
            if (change.Kind == StoreEventKind.Added)
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
        if (Store.Get(CoreTypes.PersistentVolumeClaim, key) is not { } claim)
        {
            return;
        }

        if (claim.Metadata.Annotation(BindCompleted) is not null)
        {
            CheckBound(claim);
        }
        else if (claim.Metadata.IsBeingDeleted)
        {
            return;
        }
        else if (claim.Spec["volumeName"]?.Text is { Length: > 0 } name)
        {
            // The user chose; a volume that is another's, or is not there, is waited for.
            BindTo(claim, Store.Get(CoreTypes.PersistentVolume, "", name));
        }
        else
        {
            FindVolume(claim);
        }
    }

    private void BindTo(ApiObject claim, ApiObject? chosen)
    {
        if (chosen is null)
        {
            return;
        }

        if (VolumeMatch.IsFor(chosen, claim))
        {
            Bind(claim, chosen);
        }
        else if (chosen.Spec["claimRef"] is null && VolumeMatch.Mismatch(chosen, claim) is { } fault)
        {
            SayOnce(claim, "Warning", "VolumeMismatch", $"Cannot bind to requested volume \"{chosen.Name}\": {fault}");
        }
        else if (chosen.Spec["claimRef"] is null)
        {
            Bind(claim, chosen);
        }
    }

    private void FindVolume(ApiObject claim)
    {
        var className = claim.Spec["storageClassName"]?.Text ?? "";
        var known = className.Length == 0 ? null : Store.Get(CoreTypes.StorageClass, "", className);
        var waits = known?.Body["volumeBindingMode"]?.Text == "WaitForFirstConsumer" && claim.Metadata.Annotation(SelectedNode) is null;
        if (VolumeMatch.Best(claim, Store.List(CoreTypes.PersistentVolume), waits) is { } volume)
        {
            Bind(claim, volume);
        }
        else if (waits)
        {
            SayThatItWaits(claim);
        }
        else if (className.Length == 0)
        {
            SayOnce(claim, "Normal", "FailedBinding", "no persistent volumes available for this claim and no storage class is set");
        }
        else if (known is null)
        {
            SayOnce(claim, "Warning", "ProvisioningFailed", $"storageclass.storage.k8s.io \"{className}\" not found");
        }
        else
        {
            AskFor(claim, known);
        }
    }

    private void SayThatItWaits(ApiObject claim)
    {
        var users = Store.List(CoreTypes.Pod, claim.Namespace)
            .Where(pod => pod.Spec["nodeName"]?.Text is null or "" && pod.Status["phase"]?.Text is not ("Succeeded" or "Failed") && ClaimNames.Of(pod).Contains(claim.Name))
            .ToList();
        var pods = users.Where(pod => Clock.Now - pod.Metadata.CreationTimestamp >= PodsAreSeenAfter).Select(pod => pod.Name).ToList();
        if (pods.Count < users.Count)
        {
            WakeAfter(claim.Key, LookEvery);
        }

        if (pods.Count == 0)
        {
            SayOnce(claim, "Normal", "WaitForFirstConsumer", "waiting for first consumer to be created before binding");
        }
        else
        {
            SayOnce(claim, "Normal", "WaitForPodScheduled", $"waiting for {(pods.Count == 1 ? "pod" : "pods")} {string.Join(',', pods)} to be scheduled");
        }
    }

    private void AskFor(ApiObject claim, ApiObject known)
    {
        var asked = known.Body["provisioner"]?.Text ?? "";
        var driver = asked == EbsVolumes.InTree ? EbsVolumes.Driver : asked;
        if (driver.StartsWith("kubernetes.io/", StringComparison.Ordinal))
        {
            SayOnce(claim, "Warning", "ProvisioningFailed", $"no volume plugin matched name: {driver}");
            return;
        }

        Api.Modify(CoreTypes.PersistentVolumeClaim, claim.Key, current => current.WithAnnotation(Provisioner, driver).WithAnnotation(OldProvisioner, driver));
        SayOnce(
            claim,
            "Normal",
            "ExternalProvisioning",
            $"Waiting for a volume to be created either by the external provisioner '{driver}' or manually by the system administrator. "
                + "If volume creation is delayed, please verify that the provisioner is running and correctly registered.");
    }

    private void Bind(ApiObject claim, ApiObject volume)
    {
        Api.Modify(CoreTypes.PersistentVolume, volume.Key, known => (known.Spec["claimRef"] is null ? known.WithAnnotation(BoundByController, "yes") : known)
            .Set(["spec", "claimRef"], ReferenceTo(claim)));
        Api.Modify(CoreTypes.PersistentVolumeClaim, claim.Key, known =>
            (known.Spec["volumeName"]?.Text is null or "" ? known.WithAnnotation(BoundByController, "yes") : known)
                .WithAnnotation(BindCompleted, "yes")
                .Set(["spec", "volumeName"], volume.Name));
        Api.ModifyStatus(CoreTypes.PersistentVolumeClaim, claim.Key, status => status
            .With("accessModes", volume.Spec["accessModes"])
            .With("capacity", volume.Spec["capacity"])
            .With("phase", "Bound"));
    }

    public static TreeMap ReferenceTo(ApiObject claim) => TreeMap.Of(
        ("apiVersion", "v1"),
        ("kind", "PersistentVolumeClaim"),
        ("name", claim.Name),
        ("namespace", claim.Namespace),
        ("resourceVersion", claim.Metadata.ResourceVersion.ToString(System.Globalization.CultureInfo.InvariantCulture)),
        ("uid", claim.Metadata.Uid));

    private void CheckBound(ApiObject claim)
    {
        var volume = Store.Get(CoreTypes.PersistentVolume, "", claim.Spec["volumeName"]?.Text ?? "");
        if ((volume is not null && VolumeMatch.IsFor(volume, claim)) || claim.Status["phase"]?.Text == "Lost")
        {
            return;
        }

        var (reason, message) = volume is null
            ? ("ClaimLost", "Bound claim has lost its PersistentVolume. Data on the volume is lost!")
            : ("ClaimMisbound", "Two claims are bound to the same volume, this one is bound incorrectly");
        Api.ModifyStatus(CoreTypes.PersistentVolumeClaim, claim.Key, status => status.With("phase", "Lost").With("accessModes", null).With("capacity", null));
        Events.Warning(claim, reason, message);
    }

    private void WakeOpenClaims()
    {
        foreach (var claim in Store.List(CoreTypes.PersistentVolumeClaim))
        {
            Wake(claim.Key);
        }
    }

    /// <summary>Upstream repeats these with each of its rounds; here they are said once, so that a restart says nothing new.</summary>
    private void SayOnce(ApiObject claim, string type, string reason, string message)
    {
        var said = Store.List(CoreTypes.Event, claim.Namespace).Any(known =>
            known.Body["reason"]?.Text == reason && known.Body["message"]?.Text == message && known.Body.At("involvedObject", "uid")?.Text == claim.Metadata.Uid);
        if (!said)
        {
            if (type == "Warning")
            {
                Events.Warning(claim, reason, message);
            }
            else
            {
                Events.Normal(claim, reason, message);
            }
        }
    }
}
