using System.Text.RegularExpressions;
using Sparkwright.World.YuniKorn.Configuration;

namespace Sparkwright.World.YuniKorn.Queues;

/// <summary>Finds the queue of an application by the rules of the partition; the first rule that yields a queue it may use wins.</summary>
public static class Placement
{
    private const string DefaultQueue = "root.default";

    private static readonly PlacementRuleSettings Provided = new("provided", false, FilterSettings.Everyone, null, "");

    /// <summary>The path of the queue (which may have to be made), or why there is none.</summary>
    public static PlacementResult Place(PlacementAsk ask, QueueTree queues)
    {
        IEnumerable<PlacementRuleSettings> rules = queues.Settings.PlacementRules.IsEmpty ? [Provided] : queues.Settings.PlacementRules;
        foreach (var rule in rules)
        {
            switch (PathOf(rule, ask, queues))
            {
                case PlacementResult.Refused refused:
                    return refused;
                case PlacementResult.Placed placed when MayUse(placed.Path, ask.User, queues):
                    return placed;
            }
        }

        if (ask.IsForced)
        {
            return new PlacementResult.Placed(QueueTree.RecoveryQueue);
        }

        return queues.Find(DefaultQueue) is { IsLeaf: true } && MayUse(DefaultQueue, ask.User, queues)
            ? new PlacementResult.Placed(DefaultQueue)
            : new PlacementResult.Refused("application rejected: no placement rule matched");
    }

    private static bool MayUse(string path, UserInfo user, QueueTree queues) => queues.Find(path) is { } known
        ? known is { IsLeaf: true, IsDraining: false } && known.MaySubmit(user)
        : queues.Nearest(path) is { IsLeaf: false, IsDraining: false } above && above.MaySubmit(user);

    /// <summary>What a rule says; null when it has nothing to say.</summary>
    private static PlacementResult? PathOf(PlacementRuleSettings rule, PlacementAsk ask, QueueTree queues)
    {
        if (!Admits(rule.Filter, ask.User))
        {
            return null;
        }

        var name = rule.Name.ToLowerInvariant() switch
        {
            "provided" => ask.Queue,
            "user" => WithoutDots(ask.User.Name),
            "tag" => rule.Value.Equals("namespace", StringComparison.OrdinalIgnoreCase) ? WithoutDots(ask.Namespace) : "",
            _ => rule.Value,
        };
        if (name.Length == 0)
        {
            return null;
        }

        var path = name.ToLowerInvariant();
        if (!path.StartsWith("root.", StringComparison.Ordinal) || rule.Name is "user" or "tag")
        {
            var parent = rule is { Name: "tag", Parent: null } && ask.ParentQueue.Length > 0 ? ask.ParentQueue.ToLowerInvariant() : "root";
            if (rule.Parent is not null)
            {
                if (PathOf(rule.Parent, ask, queues) is not PlacementResult.Placed above)
                {
                    return null;
                }

                if (queues.Find(above.Path) is { IsLeaf: true })
                {
                    return new PlacementResult.Refused($"parent rule returned a leaf queue: {above.Path}");
                }

                parent = above.Path;
            }

            path = $"{parent}.{(rule.Name == "provided" ? WithoutDots(path) : path)}";
        }

        return rule.Create || queues.Find(path) is not null ? new PlacementResult.Placed(path) : null;
    }

    private static bool Admits(FilterSettings filter, UserInfo user)
    {
        if (filter.Users.IsEmpty && filter.Groups.IsEmpty)
        {
            return true;
        }

        var allows = !filter.Type.Equals("deny", StringComparison.OrdinalIgnoreCase);
        return allows == (Names(filter.Users, user.Name) || user.Groups.Any(group => Names(filter.Groups, group)));
    }

    private static bool Names(IReadOnlyList<string> list, string name) => list.Count == 1 && ConfigChecks.IsPattern(list[0])
        ? Regex.IsMatch(name, list[0], RegexOptions.CultureInvariant)
        : list.Contains(name);

    private static string WithoutDots(string name) => name.Replace(".", "_dot_", StringComparison.Ordinal);
}

/// <summary>What placement goes by.</summary>
/// <param name="Queue">What the application asks for; may be empty.</param>
/// <param name="IsForced">It has pods on nodes that must be taken over whatever the rules say.</param>
public sealed record PlacementAsk(string Queue, UserInfo User, string Namespace, bool IsForced)
{
    /// <summary>The parent that the namespace names for its queue; may be empty.</summary>
    public string ParentQueue { get; init; } = "";
}

/// <summary>What placement finds.</summary>
public abstract record PlacementResult
{
    private PlacementResult()
    {
    }

    public sealed record Placed(string Path) : PlacementResult;

    public sealed record Refused(string Why) : PlacementResult;
}
