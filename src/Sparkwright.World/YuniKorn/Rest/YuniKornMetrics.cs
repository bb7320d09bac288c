using Sparkwright.Simulation.Metrics;
using Sparkwright.World.YuniKorn.Cycle;
using Sparkwright.World.YuniKorn.Queues;

namespace Sparkwright.World.YuniKorn.Rest;

/// <summary>The scheduler's metrics under YuniKorn's names, worked out when they are read. Names, labels and bounds are those of 1.9.</summary>
public static class YuniKornMetrics
{
    /// <summary>Upper bounds of all latencies, seconds although the names say milliseconds: upstream's ExponentialBuckets(0.0001, 10, 8).</summary>
    private static readonly double[] Bounds = [0.0001, 0.001, 0.01, 0.1, 1, 10, 100, 1000];

    /// <summary>Words for the ten classes of <see cref="NodeUtilization"/>.</summary>
    private static readonly string[] Ranges =
        ["[0,10%]", "(10%,20%]", "(20%,30%]", "(30%,40%]", "(40%,50%]", "(50%,60%]", "(60%,70%]", "(70%,80%]", "(80%,90%]", "(90%,100%]"];

    public static IReadOnlyList<MetricFamily> Read(YuniKornScheduler scheduler)
    {
        var counts = scheduler.Counts;
        var queues = scheduler.Queues.Root.Downwards().ToList();
        MetricFamily[] families =
        [
            .. Events(scheduler.Events),
            Numbers("queue_app", "Applications of a queue by state; of those that are over, all since the start.", MetricKind.Gauge, queues.SelectMany(queue => Applications(queue, counts))),
            Numbers("queue_container", "Places of a queue given and taken back.", MetricKind.Counter, queues.SelectMany(queue => Containers(queue, counts))),
            Numbers("queue_resource", "Resources of a queue: what it has, wants and may have.", MetricKind.Gauge, queues.SelectMany(queue => Resources(queue, counts))),
            Numbers("scheduler_application_submission_total", "Applications that came, by what became of them.", MetricKind.Counter, Labelled("result", counts.Submissions)),
            Numbers("scheduler_application_total", "Applications by state; of those that are over, all since the start.", MetricKind.Gauge, Labelled("state", counts.Applications)),
            Numbers("scheduler_container_allocation_attempt_total", "Places given and taken back.", MetricKind.Counter, Labelled("state", counts.Allocations)),
            Numbers("scheduler_node", "Nodes by state.", MetricKind.Gauge, Nodes(scheduler)),
            .. NodeUtilization.Numbers(scheduler).Select(type => Numbers(
                $"scheduler_{NameOf(type.Name)}_node_usage_total",
                "Nodes by how much of a resource type is taken.",
                MetricKind.Gauge,
                type.Nodes.Select((nodes, place) => (LabelSet.Of(("range", Ranges[place])), (double)nodes)))),
            Latency("scheduling_latency", "How long looking for one place took.", (LabelSet.None, counts.Cycles)),
            Latency("scheduling_cycle", "How long a pass took.", (LabelSet.None, counts.Cycles)),
            Latency(
                "node_sorting_latency",
                "How long it took to put applications and queues in order.",
                (LabelSet.Of(("level", "app")), counts.ApplicationSorts),
                (LabelSet.Of(("level", "queue")), counts.QueueSorts)),
            Latency("trynode_latency", "How long it took to ask one node for a pod.", (LabelSet.None, counts.NodesTried)),
            Latency("trynode_evaluation", "How long it took to search all nodes for a pod.", (LabelSet.None, counts.NodeSearches)),
            Latency("trypreemption_latency", "How long it took to look for pods that might go for another.", (LabelSet.None, counts.PreemptionsTried)),
        ];
        return [.. families.Where(family => !family.Samples.IsEmpty).OrderBy(family => family.Name, StringComparer.Ordinal)];
    }

    private static MetricFamily Numbers(string name, string help, MetricKind kind, IEnumerable<(LabelSet Labels, double Value)> series) => new(
        $"yunikorn_{name}",
        help,
        kind,
        [.. series.OrderBy(one => one.Labels.Text, StringComparer.Ordinal).Select(one => new MetricSample(one.Labels, new MetricValue.Number(one.Value)))]);

    /// <summary>Nothing that the scheduler does takes time of the world: every observation is 0. A series without labels is there from the start, as upstream.</summary>
    private static MetricFamily Latency(string name, string help, params IEnumerable<(LabelSet Labels, long Count)> series) => new(
        $"yunikorn_scheduler_{name}_milliseconds",
        $"{help} Seconds; none takes any time of the world.",
        MetricKind.Histogram,
        [.. series.Where(one => one.Count > 0 || one.Labels.Labels.IsEmpty)
            .Select(one => new MetricSample(one.Labels, new MetricValue.Buckets([.. Bounds.Select(bound => (bound, one.Count))], 0, one.Count)))]);

    /// <summary>Every record passes all stations at once, and none is lost on the way; those of requests are also handed to the shim.</summary>
    private static IEnumerable<MetricFamily> Events(EventLog log) =>
        from known in new[]
        {
            ("created", "made", log.Created), ("channeled", "taken", log.Created), ("not_channeled", "not taken", 0L), ("processed", "kept", log.Created),
            ("stored", "put by for the shim", log.Requests), ("not_stored", "not put by for the shim", 0L), ("collected", "handed to the shim", log.Requests),
        }
        select Numbers($"event_total_{known.Item1}", $"Event records that were {known.Item2}.", MetricKind.Gauge, [(LabelSet.None, known.Item3)]);

    private static IEnumerable<(LabelSet Labels, double Value)> Labelled(string label, Tally tally) =>
        tally.All.Select(one => (LabelSet.Of((label, one.Word)), (double)one.Count));

    private static IEnumerable<(LabelSet Labels, double Value)> Applications(Queue queue, SchedulerCounts counts)
    {
        var known = counts.Find(queue.Path)?.Applications.All.ToList() ?? [];
        if (queue.IsLeaf && !known.Exists(one => one.Word == "running"))
        {
            known.Add(("running", 0));
        }

        return known.Select(one => (LabelSet.Of(("queue", queue.Path), ("state", one.Word)), (double)one.Count));
    }

    private static IEnumerable<(LabelSet Labels, double Value)> Containers(Queue queue, SchedulerCounts counts) =>
        (counts.Find(queue.Path)?.Containers.All ?? []).Select(one => (LabelSet.Of(("queue", queue.Path), ("state", one.Word)), (double)one.Count));

    private static IEnumerable<(LabelSet Labels, double Value)> Nodes(YuniKornScheduler scheduler)
    {
        yield return (LabelSet.Of(("state", "active")), scheduler.Nodes.Count);
        yield return (LabelSet.Of(("state", "draining")), scheduler.Nodes.Count(node => node.View.IsUnschedulable));
        if (scheduler.Counts.NodesRemoved > 0)
        {
            yield return (LabelSet.Of(("state", "decommissioned")), scheduler.Counts.NodesRemoved);
        }
    }

    private static IEnumerable<(LabelSet Labels, double Value)> Resources(Queue queue, SchedulerCounts counts)
    {
        var seen = queue.Downwards().SelectMany(below => counts.Find(below.Path)?.Resources ?? []).ToHashSet(StringComparer.Ordinal);
        (string State, Amounts Amounts, bool WithZeros)[] all =
        [
            ("allocated", queue.Allocated, true),
            ("guaranteed", queue.Guaranteed, false),
            ("max", queue.Max ?? Amounts.None, false),
            ("pending", queue.Pending, true),
            ("preempting", queue.Preempting, true),
        ];
        return all
            .SelectMany(one => (one.WithZeros ? one.Amounts.Names.Union(seen, StringComparer.Ordinal) : one.Amounts.Names).Select(name => Series(one.State, name, one.Amounts[name])))
            .Append(Series("maxRunningApps", "apps", queue.MaxApplications));

        (LabelSet, double) Series(string state, string resource, long value) => (LabelSet.Of(("queue", queue.Path), ("resource", resource), ("state", state)), value);
    }

    /// <summary>A resource type as part of a metric's name: what Prometheus does not allow becomes <c>_</c>.</summary>
    private static string NameOf(string resource) => string.Concat(resource.Select(letter => char.IsAsciiLetterOrDigit(letter) ? letter : '_'));
}
