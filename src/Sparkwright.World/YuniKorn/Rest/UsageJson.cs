using Sparkwright.Kubernetes.Objects;
using Sparkwright.World.YuniKorn.Cycle;
using Sparkwright.World.YuniKorn.Queues;

namespace Sparkwright.World.YuniKorn.Rest;

/// <summary>What users and groups have, as <c>/ws/v1/partition/default/usage/…</c> shows it: a tree of the queues in which they have something.</summary>
public static class UsageJson
{
    public static TreeMap OfUser(YuniKornScheduler scheduler, UserInfo user) => TreeMap.Of(
        ("groups", TreeMap.OfTexts(scheduler.Applications
            .Where(application => application.User.Name == user.Name && application.Queue is not null)
            .Select(application => KeyValuePair.Create(application.Id, scheduler.Users.LimitingGroup(application.Queue!, application.User) ?? "")))),
        ("queues", InQueue(scheduler.Queues.Root, queue => scheduler.Users.OfUser(queue, user.Name), queue => scheduler.Users.LimitOfUser(queue, user))),
        ("userName", user.Name));

    public static TreeMap OfGroup(YuniKornScheduler scheduler, string group) => TreeMap.Of(
        ("applications", TreeList.OfTexts(scheduler.Users.OfGroup(scheduler.Queues.Root, group).Applications)),
        ("groupName", group),
        ("queues", InQueue(scheduler.Queues.Root, queue => scheduler.Users.OfGroup(queue, group), queue => queue.Limits.FirstOrDefault(limit => limit.Groups.Contains(group)))));

    private static TreeMap InQueue(Queue queue, Func<Queue, UserHolding> has, Func<Queue, QueueLimit?> limitOf)
    {
        var (holding, limit) = (has(queue), limitOf(queue));
        return TreeMap.Of(
            ("children", ApplicationJson.ListOf(queue.Children.Values.Where(child => has(child).Applications.Count > 0).Select(child => InQueue(child, has, limitOf)))),
            ("maxApplications", limit is { MaxApplications: > 0 } ? limit.MaxApplications : null),
            ("maxResources", limit?.MaxResources?.ToTree()),
            ("queuePath", queue.Path),
            ("resourceUsage", holding.Used.IsEmpty ? null : holding.Used.ToTree()),
            ("runningApplications", holding.Applications.Count == 0 ? null : TreeList.OfTexts(holding.Applications)));
    }
}
