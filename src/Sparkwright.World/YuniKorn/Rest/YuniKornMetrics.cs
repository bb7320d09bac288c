using Sparkwright.Simulation.Metrics;
using Sparkwright.World.YuniKorn.Cycle;

namespace Sparkwright.World.YuniKorn.Rest;

/// <summary>The scheduler's metrics under YuniKorn's names, worked out when they are read.</summary>
public static class YuniKornMetrics
{
    public static IReadOnlyList<MetricFamily> Read(YuniKornScheduler scheduler)
    {
        var registry = new MetricRegistry();
        registry.Add(new ComputedGauge("yunikorn_queue_app", "Applications of a queue by state.", () => Applications(scheduler)));
        registry.Add(new ComputedGauge("yunikorn_queue_resource", "Resources of a queue: what it has, wants and may have.", () => Resources(scheduler)));
        registry.Add(new ComputedGauge("yunikorn_scheduler_application_total", "Applications by state.", () => States(scheduler)));
        registry.Add(new ComputedGauge("yunikorn_scheduler_node", "Nodes by state.", () => [(LabelSet.Of(("state", "total_active")), scheduler.Nodes.Count)]));
        return registry.Read();
    }

    private static IEnumerable<(LabelSet Labels, double Value)> States(YuniKornScheduler scheduler) => scheduler.Applications.Concat(scheduler.Finished)
        .GroupBy(application => application.State.ToString().ToLowerInvariant(), StringComparer.Ordinal)
        .Select(group => (LabelSet.Of(("state", group.Key)), (double)group.Count()));

    private static IEnumerable<(LabelSet Labels, double Value)> Applications(YuniKornScheduler scheduler) => scheduler.Queues.Root.Downwards()
        .Select(queue => (LabelSet.Of(("queue", queue.Path), ("state", "running")), (double)queue.RunningApplications));

    private static IEnumerable<(LabelSet Labels, double Value)> Resources(YuniKornScheduler scheduler) =>
        from queue in scheduler.Queues.Root.Downwards()
        from amounts in new[]
        {
            ("allocated", queue.Allocated), ("guaranteed", queue.Guaranteed), ("max", queue.Max ?? Amounts.None), ("pending", queue.Pending), ("preempting", queue.Preempting),
        }
        from name in amounts.Item2.Names
        select (LabelSet.Of(("queue", queue.Path), ("resource", name), ("state", amounts.Item1)), (double)amounts.Item2[name]);
}
