using Sparkwright.Kubernetes.Objects;
using Sparkwright.World.YuniKorn.Cycle;

namespace Sparkwright.World.YuniKorn.Rest;

/// <summary>Whether the scheduler's numbers agree among each other, as <c>/ws/v1/scheduler/healthcheck</c> shows it.</summary>
public static class HealthJson
{
    public static TreeMap Of(YuniKornScheduler scheduler)
    {
        var tasks = scheduler.Applications.SelectMany(application => application.Tasks.Values).Where(task => task.Node.Length > 0).ToList();
        var nodes = scheduler.Nodes.Select(node => node.View.Name).ToHashSet(StringComparer.Ordinal);
        var negative = scheduler.Nodes.Where(node => (Amounts.From(node.View.Allocatable) - Amounts.From(node.Used)).HasNegative).Select(node => node.View.Name).ToList();
        var allocated = tasks.Aggregate(Amounts.None, (sum, task) => sum + task.Request).Pruned();
        var sum = scheduler.Nodes.Aggregate(Amounts.None, (whole, node) => whole + Amounts.From(node.View.Allocatable)).Pruned();
        var orphans = tasks.Where(task => !nodes.Contains(task.Node)).Select(task => task.Uid).ToList();
        TreeMap[] checks =
        [
            Check("Scheduling errors", "Check for scheduling error entries in metrics", true, "There were 0 scheduling errors logged in the metrics"),
            Check("Failed nodes", "Check for failed nodes entries in metrics", true, "There were 0 failed nodes logged in the metrics"),
            Check("Negative resources", "Check for negative resources in the partitions", !scheduler.Queues.Root.Allocated.HasNegative, "Partitions with negative resources: []"),
            Check("Negative resources", "Check for negative resources in the nodes", negative.Count == 0, $"Nodes with negative resources: [{string.Join(' ', negative)}]"),
            Check("Consistency of data", "Check if a node's allocated resource <= total resource of the node", negative.Count == 0, $"Nodes with inconsistent data: [{string.Join(' ', negative)}]"),
            Check("Consistency of data", "Check if total partition resource == sum of the node resources from the partition", scheduler.Capacity.Pruned().Equals(sum), "Partitions with inconsistent data: []"),
            Check("Consistency of data", "Check if node total resource = allocated resource + occupied resource + available resource", true, "Nodes with inconsistent data: []"),
            Check("Consistency of data", "Check if node capacity >= allocated resources on the node", negative.Count == 0, $"Nodes with inconsistent data: [{string.Join(' ', negative)}]"),
            Check("Consistency of data", "Check if queue usage == sum of the allocations", scheduler.Queues.Root.Allocated.Pruned().Equals(allocated), "Queues with inconsistent data: []"),
            Check("Reservation check", "Check the reservation nr compared to the number of nodes", true, "Reservation/node nr ratio: [0]"),
            Check("Orphan allocation on node check", "Check if there are orphan allocations on the nodes", true, "Orphan allocations: []"),
            Check("Orphan allocation on app check", "Check if there are orphan allocations on the applications", orphans.Count == 0, $"OrphanAllocations: [{string.Join(' ', orphans)}]"),
        ];
        return TreeMap.Of(("HealthChecks", TreeList.From(checks)), ("Healthy", Array.TrueForAll(checks, check => check["Succeeded"]?.Boolean == true)));
    }

    private static TreeMap Check(string name, string description, bool succeeded, string diagnosis) =>
        TreeMap.Of(("Description", description), ("DiagnosisMessage", diagnosis), ("Name", name), ("Succeeded", succeeded));
}
