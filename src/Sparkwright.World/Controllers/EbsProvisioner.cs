using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Requests;
using Sparkwright.Kubernetes.Store;
using Sparkwright.Simulation;

namespace Sparkwright.World.Controllers;

/// <summary>
/// The provisioner of the EBS CSI driver: makes a volume for each claim that asks it, in the zone of the node that was chosen for it. A
/// volume that is being made is an object of its own, so that a restarted world has it at the same time.
/// </summary>
public sealed class EbsProvisioner : Controller
{
    private readonly ModelFigures figures;
    private readonly string region;

    public EbsProvisioner(EventLoop loop, ApiServer api, ModelFigures figures, string region)
        : base(loop, api, EbsVolumes.Driver)
    {
        this.figures = figures;
        this.region = region;
        Follow(CoreTypes.PersistentVolumeClaim);
        Store.Watch(CoreTypes.Node, change =>
        {
            if (change.Kind != StoreEventKind.Modified)
            {
                WakeOpenClaims();
            }
        });
    }

    /// <summary>A volume on its way; named by the claim's uid.</summary>
    public static ResourceType Creation { get; } = new("storage.sparkwright.dev", "v1", "VolumeCreation", "volumecreations", false, false);

    protected override void Reconcile(ObjectKey key)
    {
        if (Store.Get(CoreTypes.PersistentVolumeClaim, key) is not { } claim
            || claim.Metadata.Annotation(ClaimController.Provisioner) != EbsVolumes.Driver
            || claim.Spec["volumeName"]?.Text is { Length: > 0 }
            || Store.Get(CoreTypes.PersistentVolume, "", "pvc-" + claim.Metadata.Uid) is not null
            || Store.Get(CoreTypes.StorageClass, "", claim.Spec["storageClassName"]?.Text ?? "") is not { } storageClass)
        {
            return;
        }

        var creation = new ObjectKey("", claim.Metadata.Uid);
        if (Store.Get(Creation, creation) is not { } started)
        {
            Begin(claim, storageClass);
            return;
        }

        var due = new DateTime(started.Spec["due"]!.Integer!.Value, DateTimeKind.Utc);
        if (due > Clock.Now)
        {
            WakeAt(key, due);
            return;
        }

        Api.Delete(Creation, creation);
        var id = "vol-0" + Api.Chance.For("ebs/volume", claim.Metadata.Uid).Hex(16);
        var volume = Api.Create(EbsVolumes.Make(claim, storageClass, started.Spec["zone"]!.Text!, region, id));
        Events.Normal(claim, "ProvisioningSucceeded", $"Successfully provisioned volume {volume.Object?.Name}");
    }

    private void Begin(ApiObject claim, ApiObject storageClass)
    {
        if (claim.Metadata.IsBeingDeleted)
        {
            return;
        }

        var size = EbsVolumes.SizeOf(claim);
        var type = storageClass.Body["parameters"]?["type"]?.Text ?? "gp3";
        var allowed = EbsVolumes.AllowedZones(storageClass.Body);
        string? zone;
        if (claim.Metadata.Annotation(ClaimController.SelectedNode) is { } selected)
        {
            if (Store.Get(CoreTypes.Node, "", selected) is not { } node)
            {
                // The node is gone: the pod has to be scheduled again.
                Api.Modify(CoreTypes.PersistentVolumeClaim, claim.Key, known => known.WithAnnotation(ClaimController.SelectedNode, null));
                return;
            }

            zone = node.Metadata.Label(EbsVolumes.Zone);
            if (zone is not null && allowed?.Contains(zone) == false)
            {
                Fail(claim, storageClass, $"error generating accessibility requirements: selected node '\"{selected}\"' topology "
                    + $"'map[{EbsVolumes.DriverZone}:{zone}]' is not in allowed topologies: [{string.Join(' ', allowed.Select(one => $"map[{EbsVolumes.DriverZone}:{one}]"))}]");
                return;
            }
        }
        else
        {
            zone = AnyZone(claim, allowed);
        }

        if (zone is null)
        {
            Fail(claim, storageClass, "error generating accessibility requirements: no available topology found");
            return;
        }

        if (EbsVolumes.FaultOf(size, type) is { } fault)
        {
            Fail(claim, storageClass, $"rpc error: code = Internal desc = Could not create volume \"pvc-{claim.Metadata.Uid}\": could not create volume in EC2: InvalidParameterValue: {fault}");
            return;
        }

        Events.Normal(claim, "Provisioning", $"External provisioner is provisioning volume for claim \"{claim.Key}\"");
        var due = Clock.Now + figures.VolumeCreation.Draw(Api.Chance, "ebs/create", claim.Metadata.Uid);
        Api.Create(new ApiObject(Creation, new ObjectMeta { Name = claim.Metadata.Uid }, TreeMap.Of(("spec", TreeMap.Of(("due", due.Ticks), ("zone", zone))))));
        WakeAt(claim.Key, due);
    }

    /// <summary>A volume that waits for no pod goes to one of the zones that are allowed, or in which there are nodes.</summary>
    private string? AnyZone(ApiObject claim, IReadOnlyList<string>? allowed)
    {
        var zones = (allowed ?? Store.List(CoreTypes.Node).Select(node => node.Metadata.Label(EbsVolumes.Zone)).OfType<string>())
            .Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).ToList();
        return zones.Count == 0 ? null : zones[(int)Api.Chance.For("ebs/zone", claim.Metadata.Uid).Below(zones.Count)];
    }

    /// <summary>Said once for each cause; upstream repeats it with a back-off.</summary>
    private void Fail(ApiObject claim, ApiObject storageClass, string why)
    {
        var message = $"failed to provision volume with StorageClass \"{storageClass.Name}\": {why}";
        if (!Store.List(CoreTypes.Event, claim.Namespace).Any(known =>
            known.Body["message"]?.Text == message && known.Body.At("involvedObject", "uid")?.Text == claim.Metadata.Uid))
        {
            Events.Warning(claim, "ProvisioningFailed", message);
        }
    }

    private void WakeOpenClaims()
    {
        foreach (var claim in Store.List(CoreTypes.PersistentVolumeClaim))
        {
            Wake(claim.Key);
        }
    }
}
