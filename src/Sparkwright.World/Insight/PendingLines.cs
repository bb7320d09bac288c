using System.Collections.Immutable;
using Sparkwright.World.YuniKorn;
using Sparkwright.World.YuniKorn.Cycle;

namespace Sparkwright.World.Insight;

/// <summary>Why pods of YuniKorn have no node yet: queue, limits, gang, nodes and reservations in one view.</summary>
public static class PendingLines
{
    /// <summary>One line for pods of an application with the same reasons, by the name of the first.</summary>
    public static ImmutableArray<PendingLine> Of(YuniKornScheduler? scheduler, ImmutableArray<PodHistory> reported)
    {
        if (scheduler is null)
        {
            return [];
        }

        var names = reported.Select(pod => (pod.Namespace, pod.Name)).ToHashSet();
        return
        [
            .. scheduler.Pending()
                .Where(pod => names.Contains((pod.Namespace, pod.Name)))
                .GroupBy(pod => (pod.Application, pod.Queue, Reasons: string.Join('\n', pod.Reasons)))
                .Select(alike => new PendingLine([.. alike.Select(pod => $"{pod.Namespace}/{pod.Name}")], alike.Key.Application, alike.Key.Queue, alike.First().Reasons)),
        ];
    }
}

/// <summary>Pods of an application that wait for the same reasons.</summary>
/// <param name="Pods">With their namespace.</param>
/// <param name="Queue">The path of the application's queue; empty before it has one.</param>
public sealed record PendingLine(ImmutableArray<string> Pods, string Application, string Queue, ImmutableArray<PendingReason> Reasons);
