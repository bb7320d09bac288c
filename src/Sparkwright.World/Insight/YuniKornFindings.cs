using System.Collections.Immutable;
using System.Globalization;
using Sparkwright.World.Blueprint;
using Sparkwright.World.YuniKorn;
using Sparkwright.World.YuniKorn.Applications;

namespace Sparkwright.World.Insight;

/// <summary>What YuniKorn's users should know: words that mean nothing to it, gangs that hold the wrong places, and queues that are too full.</summary>
public static class YuniKornFindings
{
    public static IEnumerable<Finding> Of(History history, ImmutableArray<PodHistory> reported, ImmutableArray<GangLine> gangs, ImmutableArray<QueueHold> holds) =>
    [
        .. history.Applications.SelectMany(application => Unknown(application, gangs.LastOrDefault(gang => gang.Application == application.Id))),
        .. gangs.SelectMany(gang => OfGang(gang, [.. reported.Where(pod => pod.ApplicationId == gang.Application)])),
        .. holds.Select(hold => Full(hold, reported, history.Now)),
    ];

    /// <summary>Words of the scheduling parameters that have no effect, each once an application.</summary>
    private static IEnumerable<Finding> Unknown(ApplicationHistory application, GangLine? gang) => application.Parameters.Ignored
        .Distinct(StringComparer.Ordinal)
        .Select(word => Finding.Warning(
            "yunikorn-unknown-parameter",
            $"application {application.Id}: schedulingPolicyParameters `{word}` means nothing to YuniKorn and has no effect; known are {SchedulingParameters.TimeoutKey} "
            + $"and {SchedulingParameters.StyleKey}.{Meant(word, gang)}"));

    /// <summary>What is in force in place of a misspelt time, and what that time would have done.</summary>
    private static string Meant(string word, GangLine? gang)
    {
        var parts = word.Split('=');
        var hint = Spelling.Hint(parts[0], [SchedulingParameters.TimeoutKey, SchedulingParameters.StyleKey]);
        return hint.Length == 0 ? ""
            : gang is null || !hint.Contains(SchedulingParameters.TimeoutKey, StringComparison.Ordinal) ? " D" + hint[2..]
            : $" D{hint[2..]} {(gang.TimeoutIsDefault ? "The default of 15 minutes" : $"Another word's {Seconds(gang.Timeout)}")} is in force, from the first placeholder's place on."
                + (long.TryParse(parts[^1], NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) && seconds > 0 ? WhatIf(gang, TimeSpan.FromSeconds(Math.Min(seconds, int.MaxValue))) : "");
    }

    private static string WhatIf(GangLine gang, TimeSpan timeout)
    {
        if (gang.FindPhase(GangLines.Bound) is not { From: { } first, To: { } whole })
        {
            return "";
        }

        var end = first + timeout;
        var late = gang.Phases.Where(phase => phase.Phase.StartsWith(GangLines.ReplacedBy, StringComparison.Ordinal) && phase.To > end).ToList();
        var would = $" Had {Seconds(timeout)} been in force, the time would have run out at {PodWaits.Seconds(end)}";
        return whole > end
            ? $"{would}, before the last placeholder had its place at {PodWaits.Seconds(whole)}: the job would have {(gang.IsHard ? "failed (gangSchedulingStyle Hard)" : "gone on without its reservation (gangSchedulingStyle Soft)")}."
            : late.Count == 0
                ? $"{would}, when every place was taken already."
                : $"{would}, when all placeholders had their places but not all members had come ({string.Join(", ", late.Select(phase => $"{phase.Phase} until {PodWaits.Seconds(phase.To!.Value)}"))}): "
                    + "these places would have been given up, and the members would have had to find others as any pod does.";
    }

    private static IEnumerable<Finding> OfGang(GangLine gang, ImmutableArray<PodHistory> pods)
    {
        if (gang.ReservationTimedOut && gang.FindPhase(GangLines.Bound) is { } bound)
        {
            yield return Finding.Error(
                "yunikorn-reservation-timeout",
                $"application {gang.Application}: {Count(bound.Count, "placeholder")} of {gang.Groups.Sum(group => group.Placeholders)} had a place when the time for the reservation ({Seconds(gang.Timeout)} from the first place on, "
                + $"at {PodWaits.Seconds(bound.From ?? TimeSpan.Zero)}) ran out; {(gang.IsHard ? "with gangSchedulingStyle Hard its pods fail" : "with gangSchedulingStyle Soft it goes on without")}.");
        }

        if (pods.FirstOrDefault(pod => pod is { BeginsGang: true, Role: PodRole.Driver }) is { } driver
            && driver.Labels.Get(Names.SparkApplication)?.Text is { } own && own != gang.Application)
        {
            yield return Finding.Warning(
                "yunikorn-fixed-application-id",
                $"application {gang.Application}: its id is written in the pod templates (label {Names.LegacyApplicationId}), so that a second run at the same time joins this application: it makes no placeholders, "
                + $"and its pods take the places held for the first. Without the label YuniKorn takes Spark's own id, another one each run.");
        }

        var (placeholders, members) = (pods.Where(pod => pod.Role == PodRole.Placeholder).ToList(), pods.Where(pod => pod.Role != PodRole.Placeholder && pod.TaskGroup.Length > 0).ToList());
        foreach (var missing in gang.Groups
            .SelectMany(group => Missing(placeholders.Find(pod => pod.TaskGroup == group.Name), members.Find(pod => pod.TaskGroup == group.Name)).Select(label => (Group: group.Name, Label: label)))
            .GroupBy(lack => lack.Label, lack => lack.Group, StringComparer.Ordinal))
        {
            yield return Finding.Warning(
                "yunikorn-placeholder-selector",
                $"application {gang.Application}: placeholders of {string.Join(" and ", missing)} do not ask for a node with {missing.Key}, as their members do: a place may be held on a node that its member cannot use.");
        }

        foreach (var group in gang.Groups)
        {
            if (placeholders.Find(pod => pod.TaskGroup == group.Name) is { } placeholder && members.Find(member => GangLines.IsTooLarge(member, placeholder)) is { } member)
            {
                yield return Finding.Warning(
                    "yunikorn-placeholder-too-small",
                    $"application {gang.Application}: {member.Name} asks for {member.Requests.CpuMillis}m and {member.Requests.MemoryMi}Mi, its placeholders in {group.Name} for {group.CpuMillis}m and {group.MemoryMi}Mi: "
                    + "one member that is larger makes YuniKorn give up all places of the group. Raise minResource to what Spark asks for, memory overhead and side-cars included.");
            }
        }

        if (gang.Groups.Sum(group => group.Released) is > 0 and var released && !gang.ReservationTimedOut)
        {
            yield return Finding.Warning(
                "yunikorn-places-not-taken",
                $"application {gang.Application}: {Count(released, "place")} of {gang.Groups.Sum(group => group.Placeholders)} held for its members {(released == 1 ? "was" : "were")} never taken; that cost {GangLines.Hours(gang.UnusedNodeHours)} node-hours, "
                + $"{Math.Round(gang.UnusedUsd, 4).ToString("0.0000", CultureInfo.InvariantCulture)} USD. minMember should be the number of members that come.");
        }
    }

    private static Finding Full(QueueHold hold, ImmutableArray<PodHistory> reported, DateTime now)
    {
        var names = hold.Pods.Select(pod => pod.Name).ToList();
        var own = reported.ToHashSet();
        var jobs = hold.Holders.Where(pod => own.Contains(pod) && pod.Role is not null).GroupBy(pod => pod.Role!, StringComparer.Ordinal)
            .OrderBy(role => role.Key, StringComparer.Ordinal).Select(role => Count(role.Count(), role.Key)).ToList();
        var others = hold.Holders.Where(pod => !own.Contains(pod) || pod.Role is null).ToList();
        return Finding.Warning(
            "yunikorn-queue-full",
            $"{(names.Count == 1 ? $"Pod {names[0]}" : $"{Count(names.Count, "pod")} ({names[0]} and {(names.Count == 2 ? names[1] : "others")})")} waited for room in the queue, up to {PodWaits.Seconds(hold.Longest(now))}: "
            + $"{hold.Queue} may have {QueueHolds.Say(hold.Max, hold.Max)} and held {QueueHolds.Say(hold.Used, hold.Max)}"
            + (jobs.Count == 0 ? "" : $" for {string.Join(", ", jobs)}")
            + (others.Count == 0 ? "" : $"{(jobs.Count == 0 ? " for" : ", and")} {Count(others.Count, "pod")} {(jobs.Count == 0 ? "" : "of others ")}in {string.Join(", ", others.Select(pod => pod.Namespace).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal))}")
            + $"; each of them asks for {QueueHolds.Say(hold.Request, hold.Max)}. Pods that a quota holds back are not marked as unschedulable, so Karpenter buys no node for them. "
            + "Raise the queue's max, or send the job to another queue (label queue in the pod templates).");
    }

    /// <summary>What a member asks of its node and its placeholder does not.</summary>
    private static IEnumerable<string> Missing(PodHistory? placeholder, PodHistory? member) => placeholder is null || member is null
        ? []
        : member.NodeSelector.Members().Where(label => placeholder.NodeSelector.Get(label.Key)?.Text != label.Value.Text).Select(label => $"{label.Key}={label.Value.Text}");

    private static string Count(int count, string what) => $"{count.ToString(CultureInfo.InvariantCulture)} {what}{(count == 1 ? "" : "s")}";

    private static string Seconds(TimeSpan time) => $"{((long)time.TotalSeconds).ToString(CultureInfo.InvariantCulture)} s";
}
