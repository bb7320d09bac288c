using Sparkwright.World.YuniKorn.Applications;

namespace Sparkwright.World.YuniKorn.Queues;

/// <summary>What each user has in each queue, and what the limits of users and groups leave.</summary>
public sealed class UserUsage
{
    private const string Wildcard = "*";

    private readonly SortedDictionary<string, SortedDictionary<string, UserShare>> byQueue = new(StringComparer.Ordinal);

    /// <summary>What is left to a user in a queue and all above it; null is no limit.</summary>
    public Amounts? HeadRoom(Queue leaf, UserInfo user)
    {
        Amounts? room = null;
        foreach (var queue in leaf.Upwards())
        {
            if (LimitOf(queue, user) is { Limit.MaxResources: { } max } known)
            {
                var used = Holders(queue, user, known).Aggregate(Amounts.None, (sum, share) => sum + share.Used);
                room = Amounts.Min(max.LessExisting(used), room);
            }
        }

        return room;
    }

    /// <summary>Whether one more application of its user may run; one that has something already may.</summary>
    public bool CanRun(Queue leaf, Application application)
    {
        foreach (var queue in leaf.Upwards())
        {
            if (LimitOf(queue, application.User) is { Limit.MaxApplications: > 0 and var most } known
                && Holders(queue, application.User, known).SelectMany(share => share.Applications.Keys).Count(id => id != application.Id) >= most)
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>What a user has in a queue.</summary>
    public Amounts UsedBy(string queue, string user) =>
        byQueue.TryGetValue(queue, out var users) && users.TryGetValue(user, out var share) ? share.Used : Amounts.None;

    /// <summary>The users who have something, by name.</summary>
    public IEnumerable<UserInfo> Everybody => Shares("root").Select(share => share.User);

    /// <summary>The groups that limits name and whose members have something, in ordinal order.</summary>
    public IReadOnlyList<string> Groups(Queue root) =>
    [
        .. root.Downwards().SelectMany(queue => Shares(queue.Path).Select(share => LimitOf(queue, share.User)?.Group)).OfType<string>()
            .Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal),
    ];

    /// <summary>What a user has in a queue and all below it.</summary>
    public UserHolding OfUser(Queue queue, string user) => Sum(Shares(queue.Path).Where(share => share.User.Name == user));

    /// <summary>What those have in a queue and all below it whose use counts against the limit of a group, there or in a queue above.</summary>
    public UserHolding OfGroup(Queue queue, string group) =>
        Sum(Shares(queue.Path).Where(share => queue.Upwards().Concat(queue.Downwards()).Any(near => LimitOf(near, share.User)?.Group == group)));

    /// <summary>The limit that a user has alone in a queue; null when there is none, or a group shares it.</summary>
    public QueueLimit? LimitOfUser(Queue queue, UserInfo user) => LimitOf(queue, user) is { Group: null } own ? own.Limit : null;

    /// <summary>The group against whose limit a user's pods count in a queue or above it, the nearest first; null when there is none.</summary>
    public string? LimitingGroup(Queue queue, UserInfo user) => queue.Upwards().Select(above => LimitOf(above, user)?.Group).FirstOrDefault(group => group is not null);

    internal void Change(Queue leaf, Application application, Amounts amounts)
    {
        foreach (var queue in leaf.Upwards())
        {
            if (!byQueue.TryGetValue(queue.Path, out var users))
            {
                byQueue.Add(queue.Path, users = new(StringComparer.Ordinal));
            }

            if (!users.TryGetValue(application.User.Name, out var share))
            {
                users.Add(application.User.Name, share = new UserShare(application.User));
            }

            share.Used = (share.Used + amounts).Pruned();
            var own = share.Applications.GetValueOrDefault(application.Id, Amounts.None) + amounts;
            if (own.IsZero)
            {
                share.Applications.Remove(application.Id);
            }
            else
            {
                share.Applications[application.Id] = own;
            }

            if (share.Applications.Count == 0)
            {
                users.Remove(application.User.Name);
            }
        }
    }

    private IEnumerable<UserShare> Shares(string queue) => byQueue.TryGetValue(queue, out var users) ? users.Values : [];

    private static UserHolding Sum(IEnumerable<UserShare> shares)
    {
        var all = shares.ToList();
        return new UserHolding(
            all.Aggregate(Amounts.None, (sum, share) => sum + share.Used).Pruned(),
            [.. all.SelectMany(share => share.Applications.Keys).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)]);
    }

    /// <summary>Everybody whose use counts against the limit that holds for a user.</summary>
    private IEnumerable<UserShare> Holders(Queue queue, UserInfo user, HeldLimit held)
    {
        if (!byQueue.TryGetValue(queue.Path, out var users))
        {
            return [];
        }

        return held.Group is null
            ? users.TryGetValue(user.Name, out var own) ? [own] : []
            : users.Values.Where(share => LimitOf(queue, share.User)?.Group == held.Group);
    }

    /// <summary>The limit that holds for a user: the user's own, else that of the first group listed that the user is in, else that for everybody.</summary>
    private static HeldLimit? LimitOf(Queue queue, UserInfo user)
    {
        foreach (var limit in queue.Limits)
        {
            if (limit.Users.Contains(user.Name))
            {
                return new HeldLimit(limit, null);
            }
        }

        foreach (var limit in queue.Limits)
        {
            if (limit.Groups.FirstOrDefault(user.Groups.Contains) is { } group)
            {
                return new HeldLimit(limit, group);
            }
        }

        foreach (var limit in queue.Limits)
        {
            if (limit.Users.Contains(Wildcard))
            {
                return new HeldLimit(limit, null);
            }

            if (limit.Groups.Contains(Wildcard))
            {
                return new HeldLimit(limit, Wildcard);
            }
        }

        return null;
    }

    /// <param name="Group">The group that shares the limit; null when each user has it alone.</param>
    private sealed record HeldLimit(QueueLimit Limit, string? Group);

    private sealed class UserShare(UserInfo user)
    {
        public UserInfo User { get; } = user;

        public Amounts Used { get; set; } = Amounts.None;

        public SortedDictionary<string, Amounts> Applications { get; } = new(StringComparer.Ordinal);
    }
}

/// <summary>What somebody has in a queue.</summary>
/// <param name="Applications">Ids of the applications that have it, in ordinal order.</param>
public sealed record UserHolding(Amounts Used, IReadOnlyList<string> Applications);
