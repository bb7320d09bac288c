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
    /// The slices of a service: each as it should be, new ones without a name; what is not named is to be deleted. An endpoint stays in the slice in
    /// which it is, new ones fill slices up, and a slice that nobody needs any more takes what else would need a new one.
    /// </summary>
    /// <param name="existing">In the order of their names.</param>
    public static IReadOnlyList<ApiObject> Slices(ApiObject service, IReadOnlyList<ServiceBackend> backends, IReadOnlyList<ApiObject> existing, Func<string, string?> zoneOfNode)
    {
        var planned = backends
            .GroupBy(backend => backend.Ports)
            .OrderBy(group => group.Key.ToString(), StringComparer.Ordinal)
            .SelectMany(group => Filled(
                group.Key,
                [.. group.Select(backend => (backend.Pod.Metadata.Uid, Endpoint(backend, PublishesAll(service), zoneOfNode)))],
                existing.Where(slice => Equals(slice.Body["ports"], group.Key))))
            .ToList();
        if (planned.Count == 0)
        {
            // A service without pods has a slice that says so.
            planned.Add(new SlicePlan(null, null, []));
        }

        var spare = new Queue<ApiObject>(existing.Except(planned.Select(plan => plan.Known).OfType<ApiObject>()));
        return [.. planned.Select(plan => Slice(service, plan.Known ?? (spare.Count > 0 ? spare.Dequeue() : null), plan))];
    }

    private sealed record SlicePlan(ApiObject? Known, TreeList? Ports, List<TreeMap> Endpoints);

    /// <summary>The slices of one set of ports that have endpoints.</summary>
    private static List<SlicePlan> Filled(TreeList ports, IReadOnlyList<(string Uid, TreeMap Endpoint)> wanted, IEnumerable<ApiObject> existing)
    {
        var left = wanted.ToDictionary(one => one.Uid, one => one.Endpoint);
        var plans = new List<SlicePlan>();
        foreach (var known in existing)
        {
            var stays = new List<TreeMap>();
            foreach (var endpoint in Tree.ItemsOf(known.Body["endpoints"]))
            {
                if (endpoint.At("targetRef", "uid")?.Text is { } uid && left.Remove(uid, out var now))
                {
                    stays.Add(now);
                }
            }

            if (stays.Count > 0)
            {
                plans.Add(new SlicePlan(known, ports, stays));
            }
        }

        foreach (var (uid, endpoint) in wanted.Where(one => left.ContainsKey(one.Uid)))
        {
            if (plans.Find(plan => plan.Endpoints.Count < MostInSlice) is not { } roomy)
            {
                plans.Add(roomy = new SlicePlan(null, ports, []));
            }

            roomy.Endpoints.Add(endpoint);
        }

        return plans;
    }

    public static bool IsHeadless(ApiObject service) => service.Spec["clusterIP"]?.Text is null or "" or "None";

    /// <summary>Whether a service leads to pods that are not ready, too.</summary>
    public static bool PublishesAll(ApiObject service) => service.Spec["publishNotReadyAddresses"]?.Boolean == true;

    private static ApiObject Slice(ApiObject service, ApiObject? known, SlicePlan plan)
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
            TreeMap.Of(
                ("addressType", "IPv4"),
                ("endpoints", plan.Endpoints.Count == 0 ? TreeNull.Value : TreeList.From(plan.Endpoints)),
                ("ports", plan.Ports is null ? TreeNull.Value : plan.Ports)));
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
