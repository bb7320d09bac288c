using System.Collections.Immutable;
using System.Globalization;
using Sparkwright.Kubernetes.Fitting;

namespace Sparkwright.World.Insight;

/// <summary>How each gang got its places: the placeholders that were made, the nodes bought for them, who took their places, and what it cost to hold them.</summary>
public static class GangLines
{
    /// <summary>The phase in which placeholders find their places.</summary>
    public const string Bound = "placeholders bound";

    /// <summary>How the phases begin in which members take them.</summary>
    public const string ReplacedBy = "replaced by ";

    // The timer is shorter by the time from the first pod's creation to the application's registration, which takes a second or two.
    private static readonly TimeSpan LongestRegistration = TimeSpan.FromSeconds(5);

    public static ImmutableArray<GangLine> Of(History history, ImmutableArray<PodHistory> reported, ImmutableArray<LaunchLine> launches)
    {
        var byApplication = reported.Where(pod => pod.ApplicationId is not null).ToLookup(pod => pod.ApplicationId!, StringComparer.Ordinal);
        return
        [
            .. history.Applications
                .Where(application => !application.Groups.IsEmpty && byApplication[application.Id].Any())
                .Select(application => Of(application, [.. byApplication[application.Id]], launches, history)),
        ];
    }

    /// <summary>Node-hours as people read them.</summary>
    public static string Hours(decimal hours) => Math.Round(hours, 2, MidpointRounding.AwayFromZero).ToString("0.00", CultureInfo.InvariantCulture);

    private static GangLine Of(ApplicationHistory application, ImmutableArray<PodHistory> pods, ImmutableArray<LaunchLine> launches, History history)
    {
        var (start, now) = (history.Start, history.Now);
        var placeholders = pods.Where(pod => pod.Role == PodRole.Placeholder).ToList();
        var taken = Taken(pods, placeholders);
        var surplus = placeholders.Where(placeholder => placeholder.FinishedAt is not null && !taken.ContainsValue(placeholder)).ToList();
        var bought = BoughtFor(placeholders, launches).ToList();
        var held = placeholders.ConvertAll(placeholder => Held(placeholder, now));
        var unused = placeholders.Where(placeholder => !taken.ContainsValue(placeholder)).Select(placeholder => Held(placeholder, now)).ToList();
        return new GangLine
        {
            Application = application.Id,
            Queue = application.Queue,
            State = application.State.ToString(),
            IsHard = application.Parameters.IsHard,
            Timeout = application.PlaceholderTimeout,
            TimeoutIsDefault = application.Parameters.PlaceholderTimeout is null,
            ReservationTimedOut = application.ReservationTimedOut,
            Groups =
            [
                .. application.Groups.Select(group => new GangGroupLine
                {
                    Name = group.Name,
                    Members = group.MinMember,
                    CpuMillis = ResourceList.From(group.MinResource).CpuMillis,
                    MemoryMi = ResourceList.From(group.MinResource).MemoryMi,
                    Placeholders = placeholders.Count(placeholder => placeholder.TaskGroup == group.Name),
                    Replaced = taken.Values.Count(placeholder => placeholder.TaskGroup == group.Name),
                    Released = surplus.Count(placeholder => placeholder.TaskGroup == group.Name),
                }),
            ],
            Phases =
            [
                Phase("placeholders created", placeholders.Select(placeholder => placeholder.CreatedAt - start), ""),
                Phase("nodes bought", bought.Select(launch => launch.At), Types(bought)),
                Phase("nodes ready", bought.Select(launch => history.Nodes.FirstOrDefault(node => node.Name == launch.Node)?.ReadyAt - start).OfType<TimeSpan>(), ""),
                Phase(Bound, placeholders.Select(placeholder => placeholder.ScheduledAt - start).OfType<TimeSpan>(), ""),
                .. taken.GroupBy(pair => pair.Key.Role switch { PodRole.Driver => "driver", PodRole.Executor => "executors", _ => "members" }, pair => pair)
                    .OrderBy(role => role.Min(pair => pair.Key.ScheduledAt))
                    .ThenBy(role => role.Key, StringComparer.Ordinal)
                    .Select(role => Phase(ReplacedBy + role.Key, role.Select(pair => pair.Key.ScheduledAt!.Value - start), Elsewhere(role))),
                Phase("surplus released", surplus.Select(placeholder => placeholder.FinishedAt!.Value - start), WhyReleased(application, surplus, placeholders, pods)),
            ],
            NodeHours = held.Sum(part => part.Hours),
            Usd = held.Sum(part => part.Usd),
            UnusedNodeHours = unused.Sum(part => part.Hours),
            UnusedUsd = unused.Sum(part => part.Usd),
        };
    }

    /// <summary>
    /// Which placeholder each member replaced: of its group the one that went last before the member had its node, and on the same node where that is
    /// possible.
    /// </summary>
    private static Dictionary<PodHistory, PodHistory> Taken(ImmutableArray<PodHistory> pods, List<PodHistory> placeholders)
    {
        var free = placeholders.Where(placeholder => placeholder.FinishedAt is not null).ToList();
        var taken = new Dictionary<PodHistory, PodHistory>();
        foreach (var member in pods.Where(pod => pod.ScheduledAt is not null && pod.TookPlace).OrderBy(pod => pod.ScheduledAt).ThenBy(pod => pod.Name, StringComparer.Ordinal))
        {
            if (free.Where(placeholder => placeholder.TaskGroup == member.TaskGroup && placeholder.FinishedAt <= member.ScheduledAt)
                .OrderByDescending(placeholder => placeholder.FinishedAt)
                .ThenBy(placeholder => placeholder.NodeName != member.NodeName)
                .ThenBy(placeholder => placeholder.Name, StringComparer.Ordinal)
                .FirstOrDefault() is { } replaced)
            {
                taken.Add(member, replaced);
                free.Remove(replaced);
            }
        }

        return taken;
    }

    private static IEnumerable<LaunchLine> BoughtFor(List<PodHistory> placeholders, ImmutableArray<LaunchLine> launches)
    {
        var names = placeholders.Select(placeholder => $"{placeholder.Namespace}/{placeholder.Name}").ToHashSet(StringComparer.Ordinal);
        return launches.Where(launch => launch.Pods.Any(names.Contains));
    }

    private static string Types(List<LaunchLine> bought) => bought.Count == 0
        ? "the nodes that were there had room"
        : string.Join(", ", bought.GroupBy(launch => launch.InstanceType, StringComparer.Ordinal).OrderBy(type => type.Key, StringComparer.Ordinal).Select(type => $"{type.Count()} {type.Key}"))
            + " in " + string.Join(", ", bought.Select(launch => launch.Zone).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal));

    private static string Elsewhere(IEnumerable<KeyValuePair<PodHistory, PodHistory>> taken) =>
        taken.Count(pair => pair.Key.NodeName != pair.Value.NodeName) is > 0 and var elsewhere ? $"{elsewhere.ToString(CultureInfo.InvariantCulture)} on another node than the placeholder" : "";

    private static string WhyReleased(ApplicationHistory application, List<PodHistory> surplus, List<PodHistory> placeholders, ImmutableArray<PodHistory> pods)
    {
        if (surplus.Count == 0)
        {
            return placeholders.Any(placeholder => placeholder.FinishedAt is null) ? "some places are still held" : "none: every place was taken";
        }

        var first = placeholders.Min(placeholder => placeholder.ScheduledAt);
        return application.ReservationTimedOut ? $"their time ran out before all had a place: the job {(application.Parameters.IsHard ? "fails (Hard)" : "goes on without (Soft)")}"
            : surplus.All(placeholder => placeholder.FinishedAt - first >= application.PlaceholderTimeout - LongestRegistration) ? "their time ran out"
            : application.AnnouncedExecutors is { } executors ? $"the driver's configuration asks for {executors.ToString(CultureInfo.InvariantCulture)} executors: the other places went early"
            : surplus.Any(placeholder => pods.Any(pod => IsTooLarge(pod, placeholder))) ? "a member is larger than its placeholder: all places of its group go"
            : "nobody was left to take them";
    }

    /// <summary>Whether a member of a placeholder's group asks for more than it holds.</summary>
    internal static bool IsTooLarge(PodHistory member, PodHistory placeholder) =>
        member.Role != PodRole.Placeholder && member.TaskGroup == placeholder.TaskGroup
        && (member.Requests.CpuMillis > placeholder.Requests.CpuMillis || member.Requests.MemoryBytes > placeholder.Requests.MemoryBytes);

    private static GangPhaseLine Phase(string name, IEnumerable<TimeSpan> at, string detail)
    {
        var times = at.Order().ToList();
        return new GangPhaseLine(name, times.Count == 0 ? null : times[0], times.Count == 0 ? null : times[^1], times.Count, detail);
    }

    /// <summary>What a placeholder held: its part of its node, the larger of CPU and memory, for as long as it had it.</summary>
    private static (decimal Hours, decimal Usd) Held(PodHistory placeholder, DateTime now)
    {
        if (placeholder is not { ScheduledAt: { } from, Node: { } node })
        {
            return (0, 0);
        }

        var until = placeholder.FinishedAt ?? now;
        var part = Math.Max(NodeHistory.Share(placeholder.Requests.CpuMillis, node.Allocatable.CpuMillis), NodeHistory.Share(placeholder.Requests.MemoryBytes, node.Allocatable.MemoryBytes));
        var hours = part * (until - from).Ticks / TimeSpan.TicksPerHour;
        return (hours, hours * node.UsdPerHour);
    }
}

/// <summary>A gang and its reservation.</summary>
public sealed record GangLine
{
    /// <summary>Its application's id.</summary>
    public required string Application { get; init; }

    public required string Queue { get; init; }

    /// <summary>The application's state as it was last.</summary>
    public required string State { get; init; }

    /// <summary>Whether it runs as a gang or not at all.</summary>
    public required bool IsHard { get; init; }

    /// <summary>How long placeholders may be held from the first one's place on.</summary>
    public required TimeSpan Timeout { get; init; }

    /// <summary>Whether nobody said how long.</summary>
    public required bool TimeoutIsDefault { get; init; }

    /// <summary>Whether the time ran out before all placeholders had a place.</summary>
    public required bool ReservationTimedOut { get; init; }

    public required ImmutableArray<GangGroupLine> Groups { get; init; }

    /// <summary>What happened, in the order in which it does.</summary>
    public required ImmutableArray<GangPhaseLine> Phases { get; init; }

    /// <summary>Hours of whole nodes that the placeholders held: each its part of its node, from its place to its end.</summary>
    public required decimal NodeHours { get; init; }

    /// <summary>What these hours cost.</summary>
    public required decimal Usd { get; init; }

    /// <summary>Of <see cref="NodeHours"/>, those of places that nobody took.</summary>
    public required decimal UnusedNodeHours { get; init; }

    /// <summary>Of <see cref="Usd"/>, the part for places that nobody took.</summary>
    public required decimal UnusedUsd { get; init; }

    public GangPhaseLine? FindPhase(string name) => Phases.FirstOrDefault(phase => phase.Phase == name);
}

/// <summary>A task group of a gang.</summary>
public sealed record GangGroupLine
{
    public required string Name { get; init; }

    /// <summary>Members for which places are to be held.</summary>
    public required int Members { get; init; }

    public required long CpuMillis { get; init; }

    public required long MemoryMi { get; init; }

    /// <summary>Placeholders that were made.</summary>
    public required int Placeholders { get; init; }

    /// <summary>Placeholders whose place a member took.</summary>
    public required int Replaced { get; init; }

    /// <summary>Placeholders that went without one.</summary>
    public required int Released { get; init; }
}

/// <summary>A phase of a gang's reservation.</summary>
/// <param name="From">When it began to happen, since the world's start; null when it did not.</param>
/// <param name="To">When it happened last.</param>
/// <param name="Count">Of pods or nodes.</param>
/// <param name="Detail">A remark; may be empty.</param>
public sealed record GangPhaseLine(string Phase, TimeSpan? From, TimeSpan? To, int Count, string Detail);
