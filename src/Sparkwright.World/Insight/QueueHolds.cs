using System.Collections.Immutable;
using System.Globalization;
using Sparkwright.World.YuniKorn;
using Sparkwright.World.YuniKorn.Queues;

namespace Sparkwright.World.Insight;

/// <summary>Pods that waited because the quota of a YuniKorn queue was taken: which queue, by whom, and how full it was.</summary>
public static class QueueHolds
{
    private const decimal BytesPerGb = 1_000_000_000m;

    /// <param name="queues">As they stand; null without YuniKorn.</param>
    public static ImmutableArray<QueueHold> Of(History history, QueueTree? queues, ImmutableArray<PodHistory> reported)
    {
        var held = reported.Where(pod => pod is { WasHeldByQueue: true, ApplicationId: not null }).ToList();
        if (queues is null || held.Count == 0)
        {
            return [];
        }

        var queueOf = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var application in history.Applications)
        {
            queueOf[application.Id] = application.Queue;
        }

        return
        [
            .. held.GroupBy(pod => (Queue: queueOf.GetValueOrDefault(pod.ApplicationId!, ""), Request: Amounts.From(pod.Requests)))
                .OrderBy(alike => alike.Key.Queue, StringComparer.Ordinal)
                .ThenBy(alike => alike.Min(pod => pod.CreatedAt))
                .Select(alike => Of([.. alike], alike.Key.Request, queues.Find(alike.Key.Queue), history, queueOf))
                .OfType<QueueHold>(),
        ];
    }

    /// <summary>The first queue, from the pods' own upwards, that was too full for one of them; null when none was.</summary>
    private static QueueHold? Of(ImmutableArray<PodHistory> held, Amounts request, Queue? own, History history, Dictionary<string, string> queueOf)
    {
        var from = held.Min(pod => pod.CreatedAt);
        var until = held.Max(pod => pod.ScheduledAt ?? pod.FinishedAt ?? history.Now);
        foreach (var queue in (own?.Upwards() ?? []).Where(queue => queue is { Parent: not null, Max: not null }))
        {
            var inside = history.Pods.Where(pod => pod is { ApplicationId: { } id, ScheduledAt: not null }
                && queueOf.GetValueOrDefault(id) is { } path && (path == queue.Path || path.StartsWith(queue.Path + ".", StringComparison.Ordinal))).ToList();
            var (used, holders) = Fullest(inside, queue.Max!, from, until);
            if (!queue.Max!.Allows(used + request))
            {
                return new QueueHold(queue.Path, queue.Max!, used, request, held, holders);
            }
        }

        return null;
    }

    /// <summary>The moment at which the pods took the largest part of a maximum.</summary>
    private static (Amounts Used, ImmutableArray<PodHistory> Holders) Fullest(List<PodHistory> pods, Amounts max, DateTime from, DateTime until)
    {
        var (now, used) = (Amounts.None, Amounts.None);
        var (fullest, at) = (-1m, from);
        foreach (var moment in pods.SelectMany(pod => new[] { (Time: pod.ScheduledAt!.Value, Pod: pod, Comes: true), (Time: pod.FinishedAt ?? DateTime.MaxValue, Pod: pod, Comes: false) })
            .Where(change => change.Time < until).GroupBy(change => change.Time < from ? from : change.Time).OrderBy(change => change.Key))
        {
            now = moment.Aggregate(now, static (sum, change) => change.Comes ? sum + Amounts.From(change.Pod.Requests) : sum - Amounts.From(change.Pod.Requests));
            var part = max.Names.Max(name => max[name] > 0 ? (decimal)now[name] / max[name] : 0);
            if (part > fullest)
            {
                (fullest, at, used) = (part, moment.Key, now);
            }
        }

        return (used, [.. pods.Where(pod => pod.ScheduledAt <= at && (pod.FinishedAt is null || pod.FinishedAt > at))]);
    }

    /// <summary>The amounts of some types in words: <c>91.5 GB memory and 6 vcore</c>.</summary>
    public static string Say(Amounts amounts, Amounts types) => string.Join(" and ", types.Names.Select(name => name switch
    {
        Amounts.Memory => (amounts[name] / BytesPerGb).ToString("0.#", CultureInfo.InvariantCulture) + " GB memory",
        Amounts.Vcore => (amounts[name] / 1000m).ToString("0.###", CultureInfo.InvariantCulture) + " vcore",
        _ => $"{amounts[name].ToString(CultureInfo.InvariantCulture)} {name}",
    }));
}

/// <summary>Pods of one size that a queue held back.</summary>
/// <param name="Queue">The path of the queue that was full, theirs or one above.</param>
/// <param name="Used">What it held at its fullest while they waited.</param>
/// <param name="Request">What each of them asks for.</param>
/// <param name="Holders">The pods that it held then.</param>
public sealed record QueueHold(string Queue, Amounts Max, Amounts Used, Amounts Request, ImmutableArray<PodHistory> Pods, ImmutableArray<PodHistory> Holders)
{
    /// <summary>The hold as a reason to wait, beside those that Karpenter gives.</summary>
    public WaitLine AsWait(DateTime start, DateTime now) => new()
    {
        Pods = [.. Pods.Select(pod => $"{pod.Namespace}/{pod.Name}")],
        Since = Pods.Min(pod => pod.CreatedAt) - start,
        Longest = Longest(now),
        StillWaits = Pods.Any(pod => pod is { ScheduledAt: null, FinishedAt: null }),
        Pools =
        [
            new PoolRefusalLine(
                null, "queue", $"{Queue} may have {QueueHolds.Say(Max, Max)} and had {QueueHolds.Say(Used, Max)}; each pod asks for {QueueHolds.Say(Request, Max)}", []),
        ],
    };

    public TimeSpan Longest(DateTime now) => Pods.Max(pod => (pod.ScheduledAt ?? pod.FinishedAt ?? now) - pod.CreatedAt);
}
