using System.Collections.Immutable;
using Sparkwright.World.YuniKorn.Cycle;

namespace Sparkwright.World.Insight;

/// <summary>Makes the report of a world from its history.</summary>
public static class ReportBuilder
{
    /// <param name="request">What to report on.</param>
    public static RunReport Build(History history, ReportRequest request)
    {
        history.CountUntilNow();
        var now = history.Now;
        var start = history.Start;
        var reported = history.Pods
            .Where(pod => request.Job is not { } job || job.Owns(pod))
            .OrderBy(pod => pod.CreatedAt)
            .ThenBy(pod => pod.Namespace, StringComparer.Ordinal)
            .ThenBy(pod => pod.Name, StringComparer.Ordinal)
            .ToImmutableArray();
        var names = reported.ToHashSet();
        var nodes = history.Nodes
            .OrderBy(node => node.CreatedAt)
            .ThenBy(node => node.Name, StringComparer.Ordinal)
            .ToImmutableArray();
        ImmutableArray<NodeLine> lines =
        [
            .. nodes.Select(node => new NodeLine
            {
                Name = node.Name,
                InstanceType = node.InstanceType,
                Zone = node.Zone,
                CapacityType = node.CapacityType,
                Pool = node.Pool,
                IsKarpenters = node.IsKarpenters,
                UsdPerHour = node.UsdPerHour,
                CreatedAt = node.CreatedAt - start,
                ReadyAt = node.ReadyAt - start,
                DeletedAt = node.DeletedAt - start,
                Usd = node.Usd(now),
                UsdIdle = node.UsdIdle(now),
                Pods = [.. node.Pods.Where(names.Contains).Select(pod => pod.Name)],
                Why = node.Why ?? WhyInGeneral(node),
            }),
        ];
        var bought = lines.Where(line => line.IsKarpenters).ToList();
        var launches = LaunchLines.Of(history);
        var gangs = GangLines.Of(history, reported, launches);
        var holds = QueueHolds.Of(history, request.YuniKorn?.Queues, reported);
        return new RunReport
        {
            Seed = request.Seed,
            Virtual = now - start,
            Job = request.Job is { } facts ? LineOf(facts, start) : null,
            Pods = [.. reported.Select(pod => LineOf(pod, start, now))],
            Nodes = lines,
            Gangs = gangs,
            Waits = [.. holds.Select(hold => hold.AsWait(start, now)), .. WaitLines.Of(reported, start, now)],
            Pending = PendingLines.Of(request.YuniKorn, reported),
            Launches = launches,
            Disruptions = DisruptionLines.Of(history),
            Kept = DisruptionLines.KeptOf(history),
            Cost = new CostLine(
                bought.Sum(line => line.Usd),
                bought.Sum(line => line.UsdIdle),
                bought.Where(line => line.CapacityType == "spot").Sum(line => line.Usd),
                bought.Where(line => line.CapacityType != "spot").Sum(line => line.Usd)),
            Findings = [.. request.Findings, .. YuniKornFindings.Of(history, reported, gangs, holds), .. Advice.Of(request.Job, reported, nodes, now)],
        };
    }

    private static string? WhyInGeneral(NodeHistory node) => node switch
    {
        { IsKarpenters: true } => $"bought by Karpenter for {node.Pool}",
        { Pool: not null } => $"one of the managed node group {node.Pool}",
        _ => null,
    };

    private static JobLine LineOf(JobFacts job, DateTime start) => new()
    {
        Id = job.Id,
        Name = job.Name,
        State = job.State,
        FailureReason = job.FailureReason,
        StateDetails = job.StateDetails,
        History = [.. job.History.Select(entry => new JobStateLine(entry.State, entry.At - start))],
    };

    private static PodLine LineOf(PodHistory pod, DateTime start, DateTime now) => new()
    {
        Namespace = pod.Namespace,
        Name = pod.Name,
        Role = pod.Role,
        Phase = pod.Phase,
        Node = pod.NodeName,
        InstanceType = pod.Node?.InstanceType,
        CpuMillis = pod.Requests.CpuMillis,
        MemoryMi = pod.Requests.MemoryMi,
        CreatedAt = pod.CreatedAt - start,
        ScheduledAt = pod.ScheduledAt - start,
        RunningAt = pod.RunningAt - start,
        FinishedAt = pod.FinishedAt - start,
        Waits = PodWaits.Of(pod, now),
    };
}

/// <summary>What a report is about.</summary>
public sealed record ReportRequest
{
    public long Seed { get; init; }

    /// <summary>The job whose pods are shown; null for every pod of the world.</summary>
    public JobFacts? Job { get; init; }

    /// <summary>The scheduler as it stands; null without YuniKorn.</summary>
    public YuniKornScheduler? YuniKorn { get; init; }

    /// <summary>What was found elsewhere, such as user data that was not understood; it comes first.</summary>
    public ImmutableArray<Finding> Findings { get; init; } = [];
}
