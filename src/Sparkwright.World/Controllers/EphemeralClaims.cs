using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Requests;
using Sparkwright.Kubernetes.Store;
using Sparkwright.Simulation;

namespace Sparkwright.World.Controllers;

/// <summary>Makes the claims of ephemeral volumes; the pod owns them, so that they go with it.</summary>
public sealed class EphemeralClaims : Controller
{
    public EphemeralClaims(EventLoop loop, ApiServer api)
        : base(loop, api, "ephemeral_volume")
    {
        Store.Watch(CoreTypes.Pod, change =>
        {
            if (change.Old is null && change.Kind != StoreEventKind.Deleted && HasEphemeral(change.Object))
            {
                Wake(change.Object.Key);
            }
        });
        foreach (var pod in Store.List(CoreTypes.Pod).Where(HasEphemeral))
        {
            Wake(pod.Key);
        }
    }

    protected override void Reconcile(ObjectKey key)
    {
        if (Store.Get(CoreTypes.Pod, key) is not { Metadata.IsBeingDeleted: false } pod)
        {
            return;
        }

        foreach (var volume in Tree.ItemsOf(pod.Spec["volumes"]))
        {
            if (volume["ephemeral"] is null)
            {
                continue;
            }

            var name = ClaimNames.OfEphemeral(pod, volume);
            if (Store.Get(CoreTypes.PersistentVolumeClaim, key.Namespace, name) is { } known)
            {
                if (known.Metadata.Controller?.Uid != pod.Metadata.Uid)
                {
                    Events.Warning(pod, "EphemeralVolume", $"PVC {key.Namespace}/{name} was not created for pod {key} (pod is not owner)");
                }

                continue;
            }

            var template = volume.At("ephemeral", "volumeClaimTemplate");
            Api.Create(new ApiObject(
                CoreTypes.PersistentVolumeClaim,
                ObjectMeta.From(template?["metadata"]) with { Name = name, Namespace = key.Namespace, OwnerReferences = [pod.AsOwner()] },
                TreeMap.Of(("spec", template?["spec"]))));
        }
    }

    private static bool HasEphemeral(ApiObject pod) => Tree.ItemsOf(pod.Spec["volumes"]).ToArray().Any(volume => volume["ephemeral"] is not null);
}
