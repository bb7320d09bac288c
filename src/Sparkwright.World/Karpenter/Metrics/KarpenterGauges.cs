using Sparkwright.Kubernetes.Fitting;
using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Requests;
using Sparkwright.Kubernetes.Store;
using Sparkwright.Simulation.Metrics;
using Sparkwright.World.Karpenter.Apis;
using Sparkwright.World.Karpenter.NodeClaims;

namespace Sparkwright.World.Karpenter.Metrics;

/// <summary>Karpenter's metrics of pools, nodes, pods and its own state, worked out from the store whenever they are read.</summary>
public static class KarpenterGauges
{
    private static readonly TreeMap NoLabels = TreeMap.Empty;

    public static void Register(MetricRegistry registry, ApiServer api, Pools pools, MetricsObserver observer)
    {
        Add(registry, "build_info", "The version of Karpenter whose behaviour is simulated.", () => [(BuildInfo(api.Store), 1)]);
        Add(registry, "nodepools_limit", "Limits of a NodePool.", () => Amounts(pools, Generation.V1, pool => pool.Object.Spec["limits"]));
        Add(registry, "nodepools_usage", "Capacity of a NodePool's nodes.", () => Amounts(pools, Generation.V1, pool => pool.Object.Status["resources"]));
        Add(registry, "provisioner_limit", "Limits of a Provisioner.", () => Amounts(pools, Generation.V1Alpha5, pool => pool.Object.Spec.At("limits", "resources")));
        Add(registry, "provisioner_usage", "Capacity of a Provisioner's nodes.", () => Amounts(pools, Generation.V1Alpha5, pool => pool.Object.Status["resources"]));
        Add(registry, "provisioner_usage_pct", "Capacity of a Provisioner's nodes in percent of its limits.", () => Percentages(pools));
        Add(registry, "cluster_state_node_count", "Nodes and NodeClaims that Karpenter knows.", () => [(LabelSet.None, NodeCount(api.Store))]);
        Add(registry, "cluster_state_synced", "1 when Karpenter knows what the API server knows.", () => [(LabelSet.None, 1)]);
        Add(registry, "cluster_state_unsynced_time_seconds", "For how long it has not.", () => [(LabelSet.None, 0)]);
        RegisterRounds(registry, observer);
        RegisterNodes(registry, api);
        RegisterPods(registry, api, observer);
    }

    /// <summary>Whether Provisioners are all that Karpenter works with, so that objects of neither generation count as theirs.</summary>
    internal static bool IsOnlyOld(ObjectStore store) => store.Count(KarpenterTypes.Provisioner) > 0 && store.Count(KarpenterTypes.NodePool) == 0;

    private static void RegisterRounds(MetricRegistry registry, MetricsObserver observer)
    {
        const string Controller = "provisioner";
        void OfRound(string name, string help, Func<PlannedRound, double> of) => Add(registry, name, help, () => observer.LastRound is { } round
            ? [(LabelSet.Of(("controller", Controller), ("scheduling_id", round.Id)), of(round))]
            : []);

        OfRound("scheduler_queue_depth", "Pods that were left in the queue at the end of the last plan.", round => round.Left);
        OfRound("scheduler_unfinished_work_seconds", "How long the plan under way has taken; none takes any time of the world.", _ => 0);
        Add(registry, "scheduler_pending_pods_by_effective_zone_count", "Pending pods of the last plan by the zone that they could go to.", () => observer.LastRound is { } round
            ? round.PendingByZone.Select(zone => (LabelSet.Of(("controller", Controller), ("zone", zone.Key)), (double)zone.Value))
            : []);
    }

    private static void RegisterNodes(MetricRegistry registry, ApiServer api)
    {
        var podsByNode = api.Store.Index(CoreTypes.Pod, "by-node", static pod => pod.Spec["nodeName"]?.Text);
        void PerResource(string name, string help, Func<ApiObject, ResourceList> of) => Add(registry, name, help, () =>
            from node in api.Store.List(CoreTypes.Node)
            let labels = LabelsOf(node, GenerationOf(node, api.Store))
            from amount in Named(of(node))
            select (labels.With("resource_type", amount.Resource), amount.Value));

        // 0.21 counts the pods of DaemonSets apart, 1.x among all as well.
        IEnumerable<PodSpecView> Pods(ApiObject node) => podsByNode.Of(node.Name)
            .Where(pod => IsActive(pod) && (!IsDaemon(pod) || GenerationOf(node, api.Store) == Generation.V1)).Select(PodSpecView.Of);
        IEnumerable<PodSpecView> Daemons(ApiObject node) => podsByNode.Of(node.Name).Where(pod => IsActive(pod) && IsDaemon(pod)).Select(PodSpecView.Of);

        PerResource("nodes_allocatable", "What a node has for pods.", node => NodeView.Of(node).Allocatable);
        PerResource("nodes_total_pod_requests", "What the pods of a node ask for.", node => Sum(Pods(node), pod => pod.Requests));
        PerResource("nodes_total_pod_limits", "The limits of the pods of a node.", node => Sum(Pods(node), pod => pod.Limits));
        PerResource("nodes_total_daemon_requests", "What the DaemonSets' pods of a node ask for.", node => Sum(Daemons(node), pod => pod.Requests));
        PerResource("nodes_total_daemon_limits", "The limits of the DaemonSets' pods of a node.", node => Sum(Daemons(node), pod => pod.Limits));
        PerResource("nodes_system_overhead", "What a node keeps for itself.", node => ResourceList.From(node.Status["capacity"]) - NodeView.Of(node).Allocatable);
        Add(registry, "nodes_current_lifetime_seconds", "How old a node is.", () => api.Store.List(CoreTypes.Node)
            .Where(node => GenerationOf(node, api.Store) == Generation.V1)
            .Select(node => (LabelsOf(node, Generation.V1), (api.Clock.Now - node.Metadata.CreationTimestamp).TotalSeconds)));
        Add(registry, "cluster_utilization_percent", "Requests of all pods in percent of what all nodes have for them.", () =>
        {
            var nodes = api.Store.List(CoreTypes.Node);
            var asked = nodes.Aggregate(ResourceList.Zero, (sum, node) =>
                sum + Sum(podsByNode.Of(node.Name).Where(IsActive).Select(PodSpecView.Of), pod => pod.Requests));
            var all = nodes.Aggregate(ResourceList.Zero, (sum, node) => sum + NodeView.Of(node).Allocatable);
            return IsOnlyOld(api.Store) ? [] : all.Names().Where(name => all.Of(name) > 0)
                .Select(name => (LabelSet.Of(("resource_type", LabelWord(name))), 100.0 * asked.Of(name) / all.Of(name)));
        });
    }

    private static void RegisterPods(MetricRegistry registry, ApiServer api, MetricsObserver observer)
    {
        Add(registry, "pods_state", "1 for each pod, with where and how it is.", () => api.Store.List(CoreTypes.Pod).Select(pod => (StateOf(pod, api.Store), 1.0)));

        void Since(string name, string help, string condition, Func<ApiObject, DateTime?> from) => Add(registry, name, help, () =>
            from pod in api.Store.List(CoreTypes.Pod)
            where !IsOnlyOld(api.Store) && IsActive(pod) && !Conditions.IsTrue(pod.Status, condition)
            let start = @from(pod)
            where start is not null
            select (LabelSet.Of(("name", pod.Name), ("namespace", pod.Namespace)), (api.Clock.Now - start.Value).TotalSeconds));

        Since("pods_unbound_time_seconds", "How long a pod without a node has been there.", "PodScheduled", pod => pod.Metadata.CreationTimestamp);
        Since("pods_unstarted_time_seconds", "How long a pod that has not started has been there.", "Ready", pod => pod.Status["phase"]?.Text is "Running" ? null : pod.Metadata.CreationTimestamp);
        Since("pods_provisioning_unbound_time_seconds", "Since when a pod without a node has had a place in a plan.", "PodScheduled", observer.PlannedAt);
        Since("pods_provisioning_unstarted_time_seconds", "Since when a pod that has not started has had a place in a plan.", "Ready", observer.PlannedAt);
    }

    private static void Add(MetricRegistry registry, string name, string help, Func<IEnumerable<(LabelSet, double)>> compute) =>
        registry.Add(new ComputedGauge("karpenter_" + name, help, compute));

    private static LabelSet BuildInfo(ObjectStore store) =>
        LabelSet.Of(("commit", ""), ("goarch", ""), ("goversion", ""), ("version", IsOnlyOld(store) ? "0.21.1" : "1.14.0"));

    private static double NodeCount(ObjectStore store)
    {
        var nodes = ClaimIndex.Nodes(store);
        return store.Count(CoreTypes.Node) + store.List(KarpenterTypes.NodeClaim).Count(claim => ClaimIndex.NodeOf(nodes, claim) is null);
    }

    private static IEnumerable<(LabelSet Labels, double Value)> Amounts(Pools pools, Generation generation, Func<Pool, Tree?> of) =>
        from pool in pools.All()
        where pool.Generation == generation
        from amount in Named(of(pool))
        select (PoolLabels(pool, amount.Resource), amount.Value);

    private static IEnumerable<(LabelSet Labels, double Value)> Percentages(Pools pools) =>
        from pool in pools.All()
        where pool.Generation == Generation.V1Alpha5
        let used = ResourceList.From(pool.Object.Status["resources"])
        from limit in pool.Limits
        where limit.Value > 0
        select (PoolLabels(pool, LabelWord(limit.Key)), 100.0 * used.Of(limit.Key) / limit.Value);

    private static LabelSet PoolLabels(Pool pool, string resource) =>
        LabelSet.Of((pool.Generation == Generation.V1 ? "nodepool" : "provisioner", pool.Name), ("resource_type", resource));

    /// <summary>The resources that a quantity map names, zeros too.</summary>
    private static IEnumerable<(string Resource, double Value)> Named(Tree? amounts) => amounts is TreeMap map
        ? map.Members().Select(member => (LabelWord(member.Key), InUnits(member.Key, ResourceList.From(map).Of(member.Key))))
        : [];

    private static IEnumerable<(string Resource, double Value)> Named(ResourceList amounts) =>
        amounts.Names().Where(name => amounts.Of(name) != 0).Select(name => (LabelWord(name), InUnits(name, amounts.Of(name))));

    /// <summary>CPU in cores, all else as it is.</summary>
    private static double InUnits(string resource, long amount) => resource == ResourceList.Cpu ? amount / 1000.0 : amount;

    private static string LabelWord(string name) => name.ToLowerInvariant().Replace('-', '_');

    private static ResourceList Sum(IEnumerable<PodSpecView> pods, Func<PodSpecView, ResourceList> of) => pods.Aggregate(ResourceList.Zero, (sum, pod) => sum + of(pod));

    private static bool IsActive(ApiObject pod) => pod.Status["phase"]?.Text is not ("Succeeded" or "Failed");

    private static bool IsDaemon(ApiObject pod) => pod.Metadata.Controller?.Kind == "DaemonSet";

    private static Generation GenerationOf(ApiObject node, ObjectStore store) =>
        PoolKey.Of(node.Metadata)?.Generation ?? (IsOnlyOld(store) ? Generation.V1Alpha5 : Generation.V1);

    /// <summary>1.x shows every well-known label by its last part; 0.21 a few, by short names.</summary>
    private static LabelSet LabelsOf(ApiObject node, Generation generation)
    {
        var labels = node.Metadata.Labels;
        return generation == Generation.V1Alpha5
            ? LabelSet.Of([("node_name", node.Name), ("phase", ""), ("provisioner", Label(labels, KarpenterLabels.ProvisionerName)), .. Place(labels)])
            : LabelSet.Of(
                KarpenterLabels.WellKnown(Generation.V1)
                    .Select(key => (LabelWord(key[(key.IndexOf('/', StringComparison.Ordinal) + 1)..]), Label(labels, key)))
                    .Concat([("node_name", node.Name), ("phase", ""), ("managed", IsManaged(labels))]));
    }

    private static LabelSet StateOf(ApiObject pod, ObjectStore store)
    {
        var name = pod.Spec["nodeName"]?.Text ?? "";
        var node = name.Length > 0 ? store.Get(CoreTypes.Node, "", name) : null;
        var labels = node?.Metadata.Labels ?? NoLabels;
        var generation = node is null ? (IsOnlyOld(store) ? Generation.V1Alpha5 : Generation.V1) : GenerationOf(node, store);
        var owner = pod.Metadata.OwnerReferences is [var first, ..]
            ? $"/apis/{first.ApiVersion}/namespaces/{pod.Namespace}/{first.Kind.ToLowerInvariant()}s/{first.Name}"
            : "";
        IEnumerable<(string, string)> common =
            [("name", pod.Name), ("namespace", pod.Namespace), ("owner", owner), ("node", name), ("phase", pod.Status["phase"]?.Text ?? ""), .. Place(labels)];
        return generation == Generation.V1Alpha5
            ? LabelSet.Of(common.Append(("provisioner", Label(labels, KarpenterLabels.ProvisionerName))))
            : LabelSet.Of(common.Concat(
            [
                ("managed", IsManaged(labels)), ("nodepool", Label(labels, KarpenterLabels.NodePool)),
                ("ready", Word(Conditions.IsTrue(pod.Status, "Ready"))), ("scheduled", Word(Conditions.IsTrue(pod.Status, "PodScheduled"))),
            ]));
    }

    private static IEnumerable<(string, string)> Place(TreeMap labels) =>
    [
        ("arch", Label(labels, KarpenterLabels.Arch)), ("capacity_type", Label(labels, KarpenterLabels.CapacityType)),
        ("instance_type", Label(labels, KarpenterLabels.InstanceType)), ("zone", Label(labels, KarpenterLabels.Zone)),
    ];

    private static string IsManaged(TreeMap labels) => Word(labels.ContainsKey(KarpenterLabels.NodePool));

    private static string Word(bool yes) => yes ? "true" : "false";

    private static string Label(TreeMap labels, string key) => labels.Get(key)?.Text ?? "";
}
