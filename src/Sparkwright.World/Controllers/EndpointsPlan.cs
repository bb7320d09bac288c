using Sparkwright.Kubernetes.Objects;

namespace Sparkwright.World.Controllers;

/// <summary>What should stand in a service's Endpoints and in its EndpointSlices.</summary>
public static class EndpointsPlan
{
    public const string ServiceLabel = "kubernetes.io/service-name";
    public const string ManagerLabel = "endpointslice.kubernetes.io/managed-by";
    public const string Manager = "endpointslice-controller.k8s.io";

    private const string HeadlessLabel = "service.kubernetes.io/headless";

    /// <summary>Endpoints in one slice: kube-controller-manager --max-endpoints-per-slice.</summary>
    private const int MostInSlice = 100;

    /// <summary>The Endpoints of a service: one subset for each set of ports. A pod on its way out is in it only when all addresses are published.</summary>
    public static ApiObject Endpoints(ApiObject service, IReadOnlyList<ServiceBackend> backends)
    {
        var publishesAll = PublishesAll(service);
        var isBare = Tree.ItemsOf(service.Spec["ports"]).Length == 0;
        var subsets = backends
            .Where(backend => (publishesAll || !backend.Pod.Metadata.IsBeingDeleted) && (isBare || backend.Ports.Count > 0))
            .GroupBy(backend => backend.Ports)
            .OrderBy(subset => subset.Key.ToString(), StringComparer.Ordinal)
            .Select(subset => TreeMap.Of(
                ("addresses", Addresses(subset.Where(backend => backend.IsReady))),
                ("notReadyAddresses", Addresses(subset.Where(backend => !backend.IsReady))),
                ("ports", subset.Key.Count == 0 ? null : TreeList.From(subset.Key.Span.ToArray().Cast<TreeMap>().Select(WithoutEmptyName)))));
        var labels = service.Metadata.Labels.With("endpoints.kubernetes.io/managed-by", "endpoint-controller");
        return new ApiObject(
            ServiceTypes.Endpoints,
            new ObjectMeta { Name = service.Name, Namespace = service.Namespace, Labels = IsHeadless(service) ? labels.With(HeadlessLabel, "") : labels },
            TreeMap.Of(("subsets", TreeList.From(subsets) is { Count: > 0 } some ? some : null)));
    }

    /// <summary>
    /// The slices of a service: each as it should be, those that are there first; what is not named is to be deleted. An endpoint stays in the slice
    /// in which it is, new ones fill slices up.
    /// </summary>
    /// <param name="existing">In the order of their names.</param>
    public static IReadOnlyList<ApiObject> Slices(ApiObject service, IReadOnlyList<ServiceBackend> backends, IReadOnlyList<ApiObject> existing, Func<string, string?> zoneOfNode)
    {
        var planned = new List<ApiObject>();
        foreach (var group in backends.GroupBy(backend => backend.Ports).OrderBy(group => group.Key.ToString(), StringComparer.Ordinal))
        {
            var left = group.ToDictionary(backend => backend.Pod.Metadata.Uid, backend => Endpoint(backend, PublishesAll(service), zoneOfNode));
            var order = group.Select(backend => backend.Pod.Metadata.Uid).ToList();
            var slices = new List<(ApiObject? Known, List<TreeMap> Endpoints)>();
            foreach (var known in existing.Where(slice => Equals(slice.Body["ports"] ?? TreeList.Empty, group.Key) && Tree.ItemsOf(slice.Body["endpoints"]).Length > 0))
            {
                var stays = new List<TreeMap>();
                foreach (var endpoint in Tree.ItemsOf(known.Body["endpoints"]))
                {
                    if (endpoint.At("targetRef", "uid")?.Text is { } uid && left.Remove(uid, out var now))
                    {
                        stays.Add(now);
                    }
                }

                slices.Add((known, stays));
            }

            var added = new Queue<TreeMap>(order.Where(left.ContainsKey).Select(uid => left[uid]));
            foreach (var (_, endpoints) in slices)
            {
                while (added.Count > 0 && endpoints.Count is > 0 and < MostInSlice)
                {
                    endpoints.Add(added.Dequeue());
                }
            }

            for (var at = 0; added.Count > 0; at++)
            {
                if (at == slices.Count)
                {
                    slices.Add((null, []));
                }

                while (added.Count > 0 && slices[at].Endpoints.Count < MostInSlice)
                {
                    slices[at].Endpoints.Add(added.Dequeue());
                }
            }

            planned.AddRange(slices.Where(slice => slice.Endpoints.Count > 0).Select(slice => Slice(service, slice.Known, group.Key, TreeList.From(slice.Endpoints))));
        }

        // A service without pods has a slice that says so.
        return planned.Count > 0 ? planned : [Slice(service, existing.Count > 0 ? existing[0] : null, null, TreeNull.Value)];
    }

    public static bool IsHeadless(ApiObject service) => service.Spec["clusterIP"]?.Text is null or "" or "None";

    /// <summary>Whether a service leads to pods that are not ready, too.</summary>
    public static bool PublishesAll(ApiObject service) => service.Spec["publishNotReadyAddresses"]?.Boolean == true;

    private static ApiObject Slice(ApiObject service, ApiObject? known, TreeList? ports, Tree endpoints)
    {
        var labels = service.Metadata.Labels.With(HeadlessLabel, IsHeadless(service) ? "" : null).With(ManagerLabel, Manager).With(ServiceLabel, service.Name);
        var metadata = known?.Metadata ?? new ObjectMeta
        {
            GenerateName = service.Name + "-",
            Namespace = service.Namespace,
            OwnerReferences = [service.AsOwner()],
        };
        return new ApiObject(
            ServiceTypes.EndpointSlice,
            metadata with { Labels = labels },
            TreeMap.Of(("addressType", "IPv4"), ("endpoints", endpoints), ("ports", ports is null ? TreeNull.Value : ports)));
    }

    private static TreeMap Endpoint(ServiceBackend backend, bool publishesAll, Func<string, string?> zoneOfNode)
    {
        var (serves, leaves) = (PodState.IsReady(backend.Pod), backend.Pod.Metadata.IsBeingDeleted);
        var node = PodState.NodeName(backend.Pod) is { Length: > 0 } name ? name : null;
        return TreeMap.Of(
            ("addresses", TreeList.Of(backend.Address)),
            ("conditions", TreeMap.Of(("ready", publishesAll || (serves && !leaves)), ("serving", serves), ("terminating", leaves))),
            ("hostname", backend.Hostname),
            ("nodeName", node),
            ("targetRef", backend.Target),
            ("zone", node is null ? null : zoneOfNode(node)));
    }

    private static TreeList? Addresses(IEnumerable<ServiceBackend> backends) => TreeList.From(backends.Select(backend => TreeMap.Of(
        ("hostname", backend.Hostname),
        ("ip", backend.Address),
        ("nodeName", PodState.NodeName(backend.Pod) is { Length: > 0 } node ? node : null),
        ("targetRef", backend.Target)))) is { Count: > 0 } some ? some : null;

    private static TreeMap WithoutEmptyName(TreeMap port) => port["name"]?.Text is "" ? port.With("name", null) : port;
}
