using System.Collections.Immutable;
using System.Globalization;
using Sparkwright.World.Emr;

namespace Sparkwright.World.Insight;

/// <summary>What a reader of a report should know or change: what never ran and why, and what was plainly wasted.</summary>
public static class Advice
{
    // Nodes of which one resource is more than this many times better used than the other are of the wrong shape.
    private const decimal LopsidedFrom = 2m;

    // Below this use of the resource that decides, the nodes are mostly empty and their shape says nothing.
    private const decimal ShapeShowsFrom = 0.4m;

    private const decimal MostlyIdleFrom = 0.5m;

    public static ImmutableArray<Finding> Of(JobFacts? job, ImmutableArray<PodHistory> pods, ImmutableArray<NodeHistory> nodes, DateTime now)
    {
        var findings = ImmutableArray.CreateBuilder<Finding>();
        if (job is not null)
        {
            findings.AddRange(OfJob(job, pods));
        }

        findings.AddRange(Unscheduled(pods));
        findings.AddRange(FailedMounts(pods));
        findings.AddRange(Troubled(pods));
        var bought = nodes.Where(node => node.IsKarpenters).ToList();
        findings.AddRange(Shapes(bought, pods));
        findings.AddRange(Idle(bought, now));
        if (job is not null)
        {
            findings.Add(Finding.Info(RunReport.LeftOutRule, RunReport.LeftOut));
        }

        return findings.ToImmutable();
    }

    private static IEnumerable<Finding> OfJob(JobFacts job, ImmutableArray<PodHistory> pods)
    {
        var details = job.StateDetails is { Length: > 0 } known ? known : "No details are known.";
        switch (job.State)
        {
            case JobRunState.Completed:
                break;
            case JobRunState.Failed when details.Contains("job-start-timeout", StringComparison.Ordinal):
                yield return Finding.Error("job-start-timeout", details);
                break;
            case JobRunState.Failed:
                yield return Finding.Error("job-failed", job.FailureReason is null ? details : $"{job.FailureReason}: {details}");
                break;
            case JobRunState.Cancelled:
                yield return Finding.Error("job-cancelled", details);
                break;
            default:
                yield return Finding.Error("job-not-finished", $"The job run was still {job.State}. {job.StateDetails}".TrimEnd());
                break;
        }

        if (job.State != JobRunState.Completed && pods.LastOrDefault(pod => pod.Role is PodRole.Driver or PodRole.Submitter) is { ScheduledAt: null } first)
        {
            yield return Finding.Error("job-never-scheduled", $"The {first.Role} pod {first.Name} never had a node: {first.Unschedulable ?? "no scheduler looked at it"}");
        }
    }

    private static IEnumerable<Finding> Unscheduled(ImmutableArray<PodHistory> pods) =>
        pods.Where(pod => pod.ScheduledAt is null && pod.Unschedulable is not null)
            .GroupBy(pod => pod.Unschedulable!, StringComparer.Ordinal)
            .OrderBy(group => group.Key, StringComparer.Ordinal)
            .Select(group => Finding.Warning("pod-unschedulable", $"{Name(group)} never had a node: {group.Key}"));

    private static IEnumerable<Finding> FailedMounts(ImmutableArray<PodHistory> pods) =>
        pods.Where(pod => pod.FailedMount is not null)
            .GroupBy(pod => pod.FailedMount!, StringComparer.Ordinal)
            .OrderBy(group => group.Key, StringComparer.Ordinal)
            .Select(group =>
            {
                var where = group.Select(pod => pod.Node?.InstanceType).OfType<string>().Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).ToList();
                var on = where.Count == 0 ? "" : $" on {string.Join(", ", where)}";
                return group.All(pod => pod.MountedAt is not null)
                    ? Finding.Warning("failed-mount", $"{Name(group)} had to wait for a volume{on}: {group.Key}")
                    : Finding.Error("failed-mount", $"{Name(group)} could not mount a volume{on}: {group.Key}");
            });

    private static IEnumerable<Finding> Troubled(ImmutableArray<PodHistory> pods) =>
        pods.SelectMany(pod => pod.ContainerWaits.Select(wait => (pod, wait.Reason)).Distinct())
            .GroupBy(trouble => trouble.Reason, trouble => trouble.pod, StringComparer.Ordinal)
            .OrderBy(group => group.Key, StringComparer.Ordinal)
            .Select(group => Finding.Warning("container-waits", $"{Name(group)}: containers waited with {group.Key}"));

    private static IEnumerable<Finding> Shapes(List<NodeHistory> nodes, ImmutableArray<PodHistory> pods)
    {
        foreach (var pool in nodes.Where(node => node.Peak.MemoryBytes > 0).GroupBy(node => node.Pool!, StringComparer.Ordinal).OrderBy(pool => pool.Key, StringComparer.Ordinal))
        {
            var cpuOf = pool.Sum(node => node.Allocatable.CpuMillis);
            var memoryOf = pool.Sum(node => node.Allocatable.MemoryBytes >> 20);
            var cpu = pool.Sum(node => node.Peak.CpuMillis);
            var memory = pool.Sum(node => node.Peak.MemoryBytes >> 20);
            if (cpuOf == 0 || memoryOf == 0)
            {
                continue;
            }

            var cpuShare = (decimal)cpu / cpuOf;
            var memoryShare = (decimal)memory / memoryOf;
            var types = string.Join(", ", pool.Select(node => node.InstanceType).OfType<string>().Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal));
            var used = $"At their fullest the nodes of {pool.Key} ({types}) had {Percent(cpuShare)} of their CPU and {Percent(memoryShare)} of their memory asked for";
            var typical = pods.Where(pod => pod.Role == PodRole.Executor && pod.Node is { } node && node.Pool == pool.Key).MaxBy(pod => pod.Requests.MemoryBytes);
            if (memoryShare >= ShapeShowsFrom && memoryShare >= cpuShare * LopsidedFrom)
            {
                yield return Finding.Info("right-size-memory", used + ": memory decides." + MemoryHint(typical, memoryOf * 1000 / cpuOf));
            }
            else if (cpuShare >= ShapeShowsFrom && cpuShare >= memoryShare * LopsidedFrom)
            {
                yield return Finding.Info("right-size-cpu", used + ": cores decide. Types with more cores per GiB (the c families), or more memory for each executor, would be used better.");
            }
        }
    }

    /// <param name="miPerCore">Memory that the nodes have for each of their cores, Mi.</param>
    private static string MemoryHint(PodHistory? executor, long miPerCore)
    {
        if (executor is null || miPerCore == 0 || executor.Requests.CpuMillis == 0)
        {
            return " Types with more memory per core (the r families) would be used better.";
        }

        var asked = executor.Requests.MemoryMi * 1000 / executor.Requests.CpuMillis;
        var cores = executor.Requests.MemoryMi / miPerCore;
        return $" An executor asks for {asked} Mi a core where these nodes have {miPerCore} Mi a core."
            + (cores * 1000 > executor.Requests.CpuMillis ? $" On the same nodes each executor could have {cores} cores (spark.executor.cores) instead of {Cores(executor.Requests.CpuMillis)};" : "")
            + $" else about {miPerCore} Mi for each core of an executor would fit, or types with more memory per core (the r families).";
    }

    private static IEnumerable<Finding> Idle(List<NodeHistory> nodes, DateTime now)
    {
        var usd = nodes.Sum(node => node.Usd(now));
        var idle = nodes.Sum(node => node.UsdIdle(now));
        if (usd > 0 && idle > usd * MostlyIdleFrom)
        {
            yield return Finding.Info("mostly-idle", $"{Percent(idle / usd)} of the dollars paid for nothing that was asked for: boot, room beside the pods, and the wait of empty nodes for their removal.");
        }
    }

    private static string Name(IEnumerable<PodHistory> pods)
    {
        var names = pods.Select(pod => pod.Name).ToList();
        return names.Count switch
        {
            1 => $"Pod {names[0]}",
            2 => $"Pods {names[0]} and {names[1]}",
            _ => $"Pod {names[0]} and {(names.Count - 1).ToString(CultureInfo.InvariantCulture)} others",
        };
    }

    private static string Cores(long cpuMillis) => ((decimal)cpuMillis / 1000m).ToString("0.###", CultureInfo.InvariantCulture);

    private static string Percent(decimal share) => Math.Round(share * 100, 0, MidpointRounding.AwayFromZero).ToString(CultureInfo.InvariantCulture) + " %";
}
