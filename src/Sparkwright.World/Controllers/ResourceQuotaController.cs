using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Quotas;
using Sparkwright.Kubernetes.Requests;
using Sparkwright.Kubernetes.Store;
using Sparkwright.Simulation;

namespace Sparkwright.World.Controllers;

/// <summary>
/// Counts what ResourceQuotas limit. The API server charges what is created; this controller fills new quotas, follows changed limits, and gives
/// back what went.
/// </summary>
public sealed class ResourceQuotaController : Controller
{
    public ResourceQuotaController(EventLoop loop, ApiServer api)
        : base(loop, api, "resourcequota-controller")
    {
        Follow(CoreTypes.ResourceQuota);
        Store.WatchAll(change =>
        {
            if (change.Object.Type.Namespaced && Store.Count(CoreTypes.ResourceQuota) > 0 && MayFree(change))
            {
                WakeQuotasOf(change.Object);
            }
        });
    }

    protected override void Reconcile(ObjectKey key)
    {
        if (Store.Get(CoreTypes.ResourceQuota, key) is { } quota)
        {
            Api.ModifyStatus(CoreTypes.ResourceQuota, key, _ => QuotaStatus.Counted(quota, Store, Clock.Now).Status);
        }
    }

    private bool MayFree(StoreEvent change) => change.Kind switch
    {
        StoreEventKind.Deleted => true,
        StoreEventKind.Modified when change.Object.Type == CoreTypes.Pod => PodState.IsFinished(change.Object) && !PodState.IsFinished(change.Old!),
        StoreEventKind.Modified when change.Object.Type == CoreTypes.Service => !change.Object.Spec.Equals(change.Old!.Spec),
        _ => false,
    };

    private void WakeQuotasOf(ApiObject gone)
    {
        foreach (var quota in Store.List(CoreTypes.ResourceQuota, gone.Namespace))
        {
            if (quota.Spec["hard"] is TreeMap hard && hard.Keys.ToArray().Any(name => QuotaResources.Counts(gone.Type, name)))
            {
                WakeInPace(quota.Key, Store.Count(gone.Type));
            }
        }
    }
}
