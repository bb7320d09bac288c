using System.Globalization;
using Sparkwright.Kubernetes.Objects;
using Sparkwright.World.YuniKorn.Applications;
using Sparkwright.World.YuniKorn.Cycle;

namespace Sparkwright.World.YuniKorn.Rest;

/// <summary>
/// How many applications ran and how many containers were held at each minute of the last day, as <c>/ws/v1/history/…</c> shows it. Worked out
/// from what the scheduler still knows when it is read; containers that are gone are not counted.
/// </summary>
public static class UsageHistory
{
    private const int MostEntries = 1_440;

    public static TreeList Applications(YuniKornScheduler scheduler, DateTime now)
    {
        var all = scheduler.Applications.Concat(scheduler.Finished).ToList();
        return Entries(scheduler, now, "totalApplications", at => all.Count(application => StateAt(application, at) == ApplicationState.Running));
    }

    public static TreeList Containers(YuniKornScheduler scheduler, DateTime now)
    {
        var held = scheduler.Applications.SelectMany(application => application.Tasks.Values).Where(task => task.Node.Length > 0).ToList();
        return Entries(scheduler, now, "totalContainers", at => held.Count(task => task.Created <= at));
    }

    private static TreeList Entries(YuniKornScheduler scheduler, DateTime now, string member, Func<DateTime, int> count)
    {
        var minutes = (int)Math.Min(MostEntries, (now - scheduler.Started).TotalMinutes);
        return TreeList.From(Enumerable.Range(1, minutes).Select(past => now - TimeSpan.FromMinutes(minutes - past)).Select(at => TreeMap.Of(
            ("timestamp", ApplicationJson.Nanoseconds(at)), (member, count(at).ToString(CultureInfo.InvariantCulture)))));
    }

    private static ApplicationState? StateAt(Application application, DateTime at) => application.StateLog.LastOrDefault(change => change.At <= at)?.State;
}
