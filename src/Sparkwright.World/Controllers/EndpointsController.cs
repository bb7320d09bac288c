using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Requests;
using Sparkwright.Kubernetes.Selectors;
using Sparkwright.Kubernetes.Store;
using Sparkwright.Simulation;

namespace Sparkwright.World.Controllers;

/// <summary>The kinds that say which pods are behind a service.</summary>
public static class ServiceTypes
{
    public static ResourceType Endpoints { get; } = new("", "v1", "Endpoints", "endpoints", true, false);

    public static ResourceType EndpointSlice { get; } = new("discovery.k8s.io", "v1", "EndpointSlice", "endpointslices", true, false);
}

/// <summary>Keeps the Endpoints and the EndpointSlices of every service that selects pods. Its keys are services.</summary>
public sealed class EndpointsController : Controller
{
    /// <summary>
    /// The label keys by which services are looked up: of each selector the key with the longest value, which is likely to be rare. Few, however many
    /// services there are.
    /// </summary>
    private readonly SortedDictionary<string, (StoreIndex Services, StoreIndex Pods)> byLabel = new(StringComparer.Ordinal);
    private readonly StoreIndex slicesByService;

    public EndpointsController(EventLoop loop, ApiServer api)
        : base(loop, api, "endpoint-controller")
    {
        slicesByService = Store.Index(ServiceTypes.EndpointSlice, "controllers/slices-by-service", static slice =>
            slice.Metadata.Label(EndpointsPlan.ManagerLabel) == EndpointsPlan.Manager && slice.Metadata.Label(EndpointsPlan.ServiceLabel) is { } service
                ? $"{slice.Namespace}/{service}"
                : null);
        Store.Watch(CoreTypes.Service, change =>
        {
            Learn(change.Object);
            Wake(change.Object.Key);
        });
        foreach (var service in Store.List(CoreTypes.Service))
        {
            Learn(service);
            Wake(service.Key);
        }

        Store.Watch(CoreTypes.Pod, Observe);
        Store.Watch(ServiceTypes.Endpoints, change => WakeIfChanged(change, change.Object.Name));
        Store.Watch(ServiceTypes.EndpointSlice, change => WakeIfChanged(change, change.Object.Metadata.Label(EndpointsPlan.ServiceLabel)));
    }

    protected override void Reconcile(ObjectKey key)
    {
        if (Store.Get(CoreTypes.Service, key) is not { } service)
        {
            // Its slices go with their owner.
            Api.Delete(ServiceTypes.Endpoints, key);
            return;
        }

        if (Selector(service) is not { } selector || service.Metadata.IsBeingDeleted)
        {
            return;
        }

        var (label, value) = Rarest(selector);
        var matching = LabelSelector.Of(selector);
        var pods = byLabel[label].Pods.Of(value).Where(pod => pod.Namespace == key.Namespace && matching.Matches(pod.Metadata.Labels));
        var backends = ServiceBackend.Of(service, pods).ToList();
        Write(EndpointsPlan.Endpoints(service, backends), Store.Get(ServiceTypes.Endpoints, key));
        var existing = slicesByService.Of(key.ToString());
        var planned = EndpointsPlan.Slices(service, backends, existing, node => Store.Get(CoreTypes.Node, "", node)?.Metadata.Label("topology.kubernetes.io/zone"));
        foreach (var slice in planned)
        {
            Write(slice, slice.Name.Length == 0 ? null : Store.Get(ServiceTypes.EndpointSlice, slice.Key));
        }

        foreach (var gone in existing.Where(slice => planned.All(one => one.Name != slice.Name)))
        {
            Api.Delete(ServiceTypes.EndpointSlice, gone.Key);
        }
    }

    private void Write(ApiObject wanted, ApiObject? known)
    {
        if (known is null)
        {
            Api.Create(wanted);
        }
        else
        {
            Api.Update(known.With(known.Metadata with { Labels = wanted.Metadata.Labels }).With(wanted.Body));
        }
    }

    /// <summary>The labels that a service selects pods by; null when it is not for us to say what is behind it.</summary>
    private static TreeMap? Selector(ApiObject service) =>
        service.Spec["type"]?.Text != "ExternalName" && service.Spec["selector"] is TreeMap { Count: > 0 } selector ? selector : null;

    private static (string Key, string Value) Rarest(TreeMap selector)
    {
        var best = ("", "");
        foreach (var (key, value) in selector)
        {
            if (value.Text is { } text && (best.Item1.Length == 0 || text.Length > best.Item2.Length))
            {
                best = (key, text);
            }
        }

        return best;
    }

    private void Learn(ApiObject service)
    {
        if (Selector(service) is { } selector && Rarest(selector).Key is var label && !byLabel.ContainsKey(label))
        {
            byLabel.Add(label, (
                Store.Index(CoreTypes.Service, "controllers/selecting/" + label, known => Selector(known) is { } its && Rarest(its) is var (key, value) && key == label ? value : null),
                Store.Index(CoreTypes.Pod, "controllers/label/" + label, pod => pod.Metadata.Label(label))));
        }
    }

    private void Observe(StoreEvent change)
    {
        if (change.Kind == StoreEventKind.Deleted ? HasAddress(change.Object) : Matters(change.Old, change.Object))
        {
            WakeServicesOf(change.Object);
            if (change.Old is { } old && !old.Metadata.Labels.Equals(change.Object.Metadata.Labels))
            {
                WakeServicesOf(old);
            }
        }
    }

    private static bool HasAddress(ApiObject pod) => pod.Status["podIP"] is not null;

    /// <summary>Whether a change of a pod can be seen through a service.</summary>
    private static bool Matters(ApiObject? old, ApiObject now) => old is null
        ? HasAddress(now)
        : (HasAddress(old) || HasAddress(now))
            && (!Equals(old.Status["podIP"], now.Status["podIP"])
                || PodState.IsReady(old) != PodState.IsReady(now)
                || PodState.IsFinished(old) != PodState.IsFinished(now)
                || old.Metadata.IsBeingDeleted != now.Metadata.IsBeingDeleted
                || !old.Metadata.Labels.Equals(now.Metadata.Labels));

    private void WakeServicesOf(ApiObject pod)
    {
        foreach (var (label, indexes) in byLabel)
        {
            if (pod.Metadata.Label(label) is not { } value || indexes.Services.CountOf(value) == 0)
            {
                continue;
            }

            foreach (var service in indexes.Services.Of(value))
            {
                if (service.Namespace == pod.Namespace && LabelSelector.Of(Selector(service)!).Matches(pod.Metadata.Labels))
                {
                    WakeInPace(service.Key, indexes.Pods.CountOf(value));
                }
            }
        }
    }

    /// <summary>Somebody else may have changed or deleted what this controller keeps.</summary>
    private void WakeIfChanged(StoreEvent change, string? service)
    {
        if (change.Kind != StoreEventKind.Added && service is not null)
        {
            Wake(new ObjectKey(change.Object.Namespace, service));
        }
    }
}
