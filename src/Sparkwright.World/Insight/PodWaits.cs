using System.Collections.Immutable;
using System.Globalization;

namespace Sparkwright.World.Insight;

/// <summary>What pods waited for between their creation and their first second of work.</summary>
public static class PodWaits
{
    private static readonly TimeSpan WorthSaying = TimeSpan.FromMilliseconds(500);

    /// <summary>The pod's waits up to a time, in the order in which they began; what is left over is the start of its containers.</summary>
    public static ImmutableArray<PodWait> Of(PodHistory pod, DateTime now)
    {
        var waits = ImmutableArray.CreateBuilder<PodWait>();
        var end = pod.RunningAt ?? pod.FinishedAt ?? now;
        var scheduled = pod.ScheduledAt ?? end;
        Add(pod.Unschedulable is not null ? "node" : pod.BeginsGang ? "reservation" : pod.WasHeldByQueue ? "queue" : "scheduler", scheduled - pod.CreatedAt, pod.ScheduledAt is null ? pod.Unschedulable : Short(pod.Unschedulable));
        if (pod.ScheduledAt is null)
        {
            return waits.ToImmutable();
        }

        var left = end - scheduled;
        if (pod.Node?.ReadyAt is { } ready && ready > scheduled)
        {
            Take("node to be ready", ready - scheduled, null);
        }

        if (pod.FailedMountAt is { } failed)
        {
            Take("volume", (pod.MountedAt ?? end) - failed, pod.FailedMount);
        }

        Take("image", pod.Pulled, null);
        foreach (var reason in pod.ContainerWaits.Where(wait => wait.From < end).GroupBy(wait => wait.Reason))
        {
            Take(reason.Key, TimeSpan.FromTicks(reason.Sum(wait => ((wait.Until ?? end) - wait.From).Ticks)), null);
        }

        Add("start", left, null);
        return waits.ToImmutable();

        void Take(string what, TimeSpan asked, string? message)
        {
            var taken = asked < left ? asked : left;
            left -= taken;
            Add(what, taken, message);
        }

        void Add(string what, TimeSpan duration, string? message)
        {
            if (duration >= WorthSaying)
            {
                waits.Add(new PodWait(what, duration, message));
            }
        }
    }

    /// <summary>The waits in one line, such as <c>node 87.5 s, image 24.3 s, start 1.2 s</c>; null when there were none.</summary>
    public static string? Say(ImmutableArray<PodWait> waits) => waits.IsEmpty
        ? null
        : string.Join(", ", waits.Select(wait => $"{wait.For} {Seconds(wait.Duration)}{(wait.Message is null ? "" : $" ({wait.Message})")}"));

    /// <summary>Seconds with one decimal, as people read them.</summary>
    public static string Seconds(TimeSpan duration) =>
        Math.Round((decimal)duration.Ticks / TimeSpan.TicksPerSecond, 1, MidpointRounding.AwayFromZero).ToString("0.0", CultureInfo.InvariantCulture) + " s";

    /// <summary>A pod that found its node in the end needs no list of all reasons.</summary>
    private static string? Short(string? message) => message is { Length: > 0 } && message.IndexOf(". ", StringComparison.Ordinal) is var at and > 0
        ? message[..at]
        : message?.TrimEnd('.');
}

/// <summary>One thing that a pod waited for.</summary>
/// <param name="For">
/// node, reservation (the places of a whole gang), queue (room in its quota), scheduler, volume, image, start, or a container's waiting reason.
/// </param>
/// <param name="Message">What was said about it, or null.</param>
public sealed record PodWait(string For, TimeSpan Duration, string? Message);
