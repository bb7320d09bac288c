using Sparkwright.Kubernetes.Fitting;
using Sparkwright.Kubernetes.Objects;
using Sparkwright.World.YuniKorn.Configuration;
using Sparkwright.World.YuniKorn.Cycle;

namespace Sparkwright.World.YuniKorn.Rest;

/// <summary>Everything that the scheduler knows, in its REST shapes; equal for equal schedulers.</summary>
public static class YuniKornState
{
    /// <summary>Applications of every state: those that are not over by id, then the others in the order of their end.</summary>
    public static TreeList Applications(YuniKornScheduler scheduler) =>
        TreeList.From(scheduler.Applications.Concat(scheduler.Finished).Select(ApplicationJson.Of));

    public static TreeList Queues(YuniKornScheduler scheduler) => QueueJson.Flat(scheduler.Queues.Root);

    /// <summary>The nodes, as <c>/ws/v1/partition/default/nodes</c> shows them.</summary>
    public static TreeList Nodes(YuniKornScheduler scheduler) => TreeList.From(scheduler.Nodes.Select(node =>
    {
        var own = scheduler.Applications.SelectMany(application => application.Tasks.Values).Where(task => task.Node == node.View.Name).ToList();
        var keys = own.Select(task => task.Key).ToHashSet();
        var (capacity, used) = (Amounts.From(node.View.Allocatable), own.Aggregate(Amounts.None, (sum, task) => sum + task.Request));
        return (Tree)TreeMap.Of(
            ("allocated", used.ToTree()),
            ("allocations", ApplicationJson.ListOf(own.Select(ApplicationJson.Allocation))),
            ("attributes", TreeMap.Of([.. node.View.Labels.Members().Select(label => (label.Key, (Tree?)label.Value))])),
            ("available", (capacity - Amounts.From(node.Used)).ToTree()),
            ("capacity", capacity.ToTree()),
            ("foreignAllocations", ApplicationJson.ListOf(node.Pods.Values.Where(pod => !keys.Contains(pod.Key)).OrderBy(pod => pod.Key).Select(pod => Foreign(pod, node.View.Name)))),
            ("hostName", node.View.Labels.Get("kubernetes.io/hostname")?.Text ?? ""),
            ("isReserved", scheduler.ReservedOn(node.View.Name).Count > 0),
            ("nodeID", node.View.Name),
            ("occupied", (Amounts.From(node.Used) - used).Pruned().ToTree()),
            ("rackName", "/rack-default"),
            ("reservations", ApplicationJson.ListOf(scheduler.ReservedOn(node.View.Name).Select(task => (Tree)task.Uid))),
            ("schedulable", !node.View.IsUnschedulable),
            ("utilized", UsedPercent(capacity, used).ToTree()));
    }));

    /// <summary>A pod of another scheduler, as far as it takes room.</summary>
    private static TreeMap Foreign(ApiObject pod, string node) => TreeMap.Of(
        ("allocationKey", pod.Metadata.Uid),
        ("allocationTags", ApplicationJson.Tags(pod.Key)),
        ("allocationTime", ApplicationJson.Nanoseconds(pod.Metadata.CreationTimestamp)),
        ("nodeId", node),
        ("preemptable", pod.Metadata.Controller?.Kind != "Node"),
        ("priority", PodSpecView.Of(pod).Priority.ToString(System.Globalization.CultureInfo.InvariantCulture)),
        ("resource", Amounts.From(PodSpecView.Of(pod).Requests).ToTree()));

    private static Amounts UsedPercent(Amounts whole, Amounts used) =>
        Amounts.Of([.. used.Names.Where(name => whole[name] > 0).Select(name => (name, (long)((Int128)used[name] * 100 / whole[name])))]);

    /// <summary>The partition's summary, as <c>/ws/v1/partitions</c> shows it.</summary>
    public static TreeMap Partition(YuniKornScheduler scheduler) => TreeMap.Of(
        ("applications", TreeMap.Of([.. scheduler.Applications.Concat(scheduler.Finished)
            .GroupBy(application => application.State.ToString().ToLowerInvariant(), StringComparer.Ordinal)
            .OrderBy(group => group.Key, StringComparer.Ordinal)
            .Select(group => (group.Key, (Tree?)group.Count()))
            .Append(("total", scheduler.Applications.Count + scheduler.Finished.Count))])),
        ("capacity", TreeMap.Of(
            ("capacity", scheduler.Capacity.ToTree()),
            ("usedCapacity", scheduler.Queues.Root.Allocated.ToTree()),
            ("utilization", UsedPercent(scheduler.Capacity, scheduler.Queues.Root.Allocated).ToTree()))),
        ("clusterId", "mycluster"),
        ("name", Names.Partition),
        ("nodeSortingPolicy", TreeMap.Of(
            ("resourceWeights", Weights(scheduler.Queues.Settings.NodeSort)),
            ("type", scheduler.Queues.Settings.NodeSort.IsBinPacking ? "binpacking" : "fair"))),
        ("preemptionEnabled", scheduler.Queues.Settings.PreemptionEnabled),
        ("quotaPreemptionEnabled", scheduler.Queues.Settings.QuotaPreemptionEnabled),
        ("state", "Active"),
        ("totalContainers", scheduler.Applications.Sum(application => application.Tasks.Values.Count(task => task.Node.Length > 0))),
        ("totalNodes", scheduler.Nodes.Count));

    private static TreeMap Weights(NodeSortSettings settings) => settings.Weights.IsEmpty
        ? TreeMap.Of((Amounts.Memory, 1), (Amounts.Vcore, 1))
        : TreeMap.Of([.. settings.Weights.Select(weight => (weight.Key, (Tree?)new TreeReal((double)weight.Value)))]);

    /// <summary>All of it in one, as <c>/debug/fullstatedump</c> gives it.</summary>
    public static TreeMap Dump(YuniKornScheduler scheduler, DateTime now) => TreeMap.Of(
        ("appHistory", UsageHistory.Applications(scheduler, now)),
        ("applications", Applications(scheduler)),
        ("clusterInfo", TreeList.Of(ClusterJson.Of(scheduler))),
        ("config", ClusterJson.Configuration(scheduler)),
        ("containerHistory", UsageHistory.Containers(scheduler, now)),
        ("eventStreams", TreeList.Empty),
        ("logLevel", "INFO"),
        ("nodes", TreeList.Of(TreeMap.Of(("nodesInfo", Nodes(scheduler)), ("partitionName", Names.Partition)))),
        ("partitions", TreeList.Of(Partition(scheduler))),
        ("placementRules", TreeList.Of(TreeMap.Of(("partitionName", Names.Partition), ("rules", ClusterJson.PlacementRules(scheduler.Queues.Settings))))),
        ("queues", TreeList.Of(QueueJson.Whole(scheduler.Queues.Root))),
        ("rmDiagnostics", TreeMap.Of(("cache", TreeMap.Of(
            ("nodes", TreeList.OfTexts(scheduler.Nodes.Select(node => node.View.Name))),
            ("pods", TreeList.OfTexts(scheduler.Applications.SelectMany(application => application.Tasks.Values).Select(task => $"{task.Key}"))))))),
        ("timestamp", ApplicationJson.Nanoseconds(now)));
}
