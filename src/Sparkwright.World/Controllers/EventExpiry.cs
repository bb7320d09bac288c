using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Requests;
using Sparkwright.Simulation;

namespace Sparkwright.World.Controllers;

/// <summary>Takes events away an hour after they were last seen, as the API server's event TTL does.</summary>
public sealed class EventExpiry : Controller
{
    /// <summary>kube-apiserver --event-ttl, default 1h0m0s.</summary>
    public static readonly TimeSpan TimeToLive = TimeSpan.FromHours(1);

    public EventExpiry(EventLoop loop, ApiServer api)
        : base(loop, api, "event-expiry")
    {
        Store.Watch(CoreTypes.Event, change => WakeAt(change.Object.Key, LastSeen(change.Object) + TimeToLive));
        foreach (var known in Store.List(CoreTypes.Event))
        {
            WakeAt(known.Key, LastSeen(known) + TimeToLive);
        }
    }

    protected override void Reconcile(ObjectKey key)
    {
        if (Store.Get(CoreTypes.Event, key) is not { } known)
        {
            return;
        }

        var due = LastSeen(known) + TimeToLive;
        if (due > Clock.Now)
        {
            WakeAt(key, due);
        }
        else
        {
            Api.Delete(CoreTypes.Event, key);
        }
    }

    private static DateTime LastSeen(ApiObject of) =>
        Timestamps.Read(of.Body.At("series", "lastObservedTime"))
        ?? Timestamps.Read(of.Body["lastTimestamp"])
        ?? Timestamps.Read(of.Body["eventTime"])
        ?? of.Metadata.CreationTimestamp;
}
