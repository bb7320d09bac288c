using Sparkwright.Kubernetes.Objects;
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
        var (capacity, used) = (Amounts.From(node.View.Allocatable), own.Aggregate(Amounts.None, (sum, task) => sum + task.Request));
        return (Tree)TreeMap.Of(
            ("allocated", used.ToTree()),
            ("allocations", ApplicationJson.ListOf(own.Select(ApplicationJson.Allocation))),
            ("available", (capacity - Amounts.From(node.Used)).ToTree()),
            ("capacity", capacity.ToTree()),
            ("isReserved", scheduler.ReservedOn(node.View.Name).Count > 0),
            ("nodeID", node.View.Name),
            ("occupied", (Amounts.From(node.Used) - used).Pruned().ToTree()),
            ("reservations", ApplicationJson.ListOf(scheduler.ReservedOn(node.View.Name).Select(task => (Tree)task.Uid))),
            ("schedulable", !node.View.IsUnschedulable));
    }));

    /// <summary>The partition's summary, as <c>/ws/v1/partitions</c> shows it.</summary>
    public static TreeMap Partition(YuniKornScheduler scheduler) => TreeMap.Of(
        ("applications", TreeMap.Of([.. scheduler.Applications.Concat(scheduler.Finished)
            .GroupBy(application => application.State.ToString().ToLowerInvariant(), StringComparer.Ordinal)
            .OrderBy(group => group.Key, StringComparer.Ordinal)
            .Select(group => (group.Key, (Tree?)group.Count()))])),
        ("capacity", TreeMap.Of(("capacity", scheduler.Capacity.ToTree()), ("usedCapacity", scheduler.Queues.Root.Allocated.ToTree()))),
        ("clusterId", "mycluster"),
        ("name", Names.Partition),
        ("nodeSortingPolicy", TreeMap.Of(("type", scheduler.Queues.Settings.NodeSort.IsBinPacking ? "binpacking" : "fair"))),
        ("preemptionEnabled", scheduler.Queues.Settings.PreemptionEnabled),
        ("state", "Active"),
        ("totalContainers", scheduler.Applications.Sum(application => application.Tasks.Values.Count(task => task.Node.Length > 0))),
        ("totalNodes", scheduler.Nodes.Count));

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
