using System.Collections.Immutable;
using System.Text.RegularExpressions;

namespace Sparkwright.World.YuniKorn.Configuration;

/// <summary>Whether a partition holds together; the first thing that is wrong, in YuniKorn's words and in its order of checks.</summary>
public static partial class ConfigChecks
{
    private const string Wildcard = "*";

    /// <summary>Null when the partition may be used.</summary>
    public static string? FirstError(PartitionSettings partition)
    {
        if (partition.Queues.IsEmpty)
        {
            return "queue config is not set";
        }

        var root = partition.Root;
        if (root.Guaranteed is not null || root.Max is not null)
        {
            return "root queue must not have resource limits set";
        }

        return OfQueues(root, 1)
            ?? OfResources(root, Amounts.None, out _)
            ?? OfPlacementRules(partition)
            ?? OfLimits(partition.Limits, root)
            ?? OfNodeSort(partition.NodeSort)
            ?? OfMaxApplications(root)
            ?? OfInheritedLimits(root, new InheritedLimits())
            ?? OfProperties(root);
    }

    private static string? OfQueues(QueueSettings queue, int level)
    {
        if ((OfAcl(queue.AdminAcl) ?? OfAcl(queue.SubmitAcl) ?? OfLimits(queue.Limits, queue)) is { } error)
        {
            return error;
        }

        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var child in queue.Queues)
        {
            if (!QueueName().IsMatch(child.Name))
            {
                return $"invalid child name {child.Name}, a name must only have alphanumeric characters, - or _, and be no longer than 64 characters";
            }

            if (!names.Add(child.Name))
            {
                return $"duplicate child name found with name {child.Name}, level {level}";
            }
        }

        return queue.Queues.Select(child => OfQueues(child, level + 1)).FirstOrDefault(wrong => wrong is not null);
    }

    private static string? OfAcl(string acl) =>
        acl.Trim() is var text && text != Wildcard && text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).Length > 2
            ? $"multiple spaces found in ACL: '{text}'"
            : null;

    /// <param name="guaranteed">What the queue or those below it are guaranteed.</param>
    private static string? OfResources(QueueSettings queue, Amounts parentMax, out Amounts guaranteed)
    {
        guaranteed = Amounts.None;
        if (!QuantityText.TryReadAll(queue.Guaranteed, out var own, out var error) || !QuantityText.TryReadAll(queue.Max, out var max, out error))
        {
            return error;
        }

        if (!max.Allows(own))
        {
            return $"guaranteed resource {own} is larger than maximum resource {max} for queue {queue.Name}";
        }

        if (!parentMax.Allows(max))
        {
            return $"max resource of parent {parentMax} is smaller than maximum resource {max} for queue {queue.Name}";
        }

        max = Amounts.Min(max, parentMax)!;
        var children = Amounts.None;
        foreach (var child in queue.Queues)
        {
            if (OfResources(child, max, out var share) is { } wrong)
            {
                return wrong;
            }

            children += share;
        }

        if (!own.Allows(children))
        {
            return $"guaranteed resource of parent {own} is smaller than sum of guaranteed resources {children} of the children for queue {queue.Name}";
        }

        if (!max.Allows(children))
        {
            return $"max resource {max} is smaller than sum of guaranteed resources {children} of the children for queue {queue.Name}";
        }

        guaranteed = own.IsZero ? children : own;
        return null;
    }

    private static string? OfLimits(ImmutableArray<LimitSettings> limits, QueueSettings queue)
    {
        var users = new HashSet<string>(StringComparer.Ordinal);
        var groups = new HashSet<string>(StringComparer.Ordinal);
        return limits.Select(limit => OfLimit(limit, users, groups, queue)).FirstOrDefault(wrong => wrong is not null);
    }

    private static string? OfLimit(LimitSettings limit, HashSet<string> users, HashSet<string> groups, QueueSettings queue)
    {
        if (limit.Users.IsEmpty && limit.Groups.IsEmpty)
        {
            return $"empty user and group lists defined in limit '{{{limit.Name} [] [] map[] {limit.MaxApplications}}}'";
        }

        if ((OfNames(limit.Users, users, "user", UserName()) ?? OfNames(limit.Groups, groups, "group", GroupName())) is { } wrong)
        {
            return wrong;
        }

        if (groups is { Count: 1 } && groups.Contains(Wildcard))
        {
            return "should not specify only one group limit that is using the wildcard. There must be at least one limit with a group name defined ";
        }

        if (!QuantityText.TryReadAll(limit.MaxResources, out var max, out var error))
        {
            return error;
        }

        if (!max.IsEmpty && max.IsZero)
        {
            return $"MaxResources is zero in '{limit.Name}' limit, all resource types are zero";
        }

        if (limit.MaxApplications == 0 && max.IsZero)
        {
            return $"invalid resource combination for limit {limit.Name} all resource limits are null";
        }

        if (queue.MaxApplications != 0 && queue.MaxApplications < limit.MaxApplications)
        {
            return $"invalid MaxApplications settings for limit {limit.Name} exceed current the queue MaxApplications";
        }

        return queue.Name == "root" || !QuantityText.TryReadAll(queue.Max, out var queueMax, out _) || queueMax.Allows(max)
            ? null
            : $"invalid MaxResources settings for limit {limit.Name} exeecd current the queue MaxResources";
    }

    private static string? OfNames(ImmutableArray<string> names, HashSet<string> known, string what, Regex form)
    {
        foreach (var name in names)
        {
            if (name != Wildcard && !form.IsMatch(name))
            {
                return $"invalid limit {what} name '{name}' in limit definition";
            }

            if (!known.Add(name))
            {
                return $"duplicated {what} name {name} , already existed";
            }

            if (known.Contains(Wildcard) && name != Wildcard)
            {
                return $"should not set no wildcard {what} {name} after wildcard {what} limit";
            }
        }

        return null;
    }

    private static string? OfPlacementRules(PartitionSettings partition)
    {
        foreach (var rule in partition.PlacementRules)
        {
            foreach (var link in rule.Chain())
            {
                if (!RuleName().IsMatch(link.Name))
                {
                    return $"invalid rule name {link.Name}, a name must be a valid identifier";
                }

                if (OfFilter(link.Filter) is { } wrong)
                {
                    return wrong;
                }
            }
        }

        for (var number = 0; number < partition.PlacementRules.Length; number++)
        {
            if (OfStaticPath(partition, partition.PlacementRules[number], number) is { } wrong)
            {
                return wrong;
            }
        }

        foreach (var link in partition.PlacementRules.SelectMany(rule => rule.Chain()))
        {
            var error = link.Name.ToLowerInvariant() switch
            {
                "fixed" when link.Value.Length == 0 => "a fixed queue rule must have a queue name set",
                "tag" when link.Value.Length == 0 => "a tag queue rule must have a tag name set",
                "fixed" or "tag" or "user" or "provided" => null,
                _ => $"unknown rule name specified {link.Name}, failing placement rule config",
            };
            if (error is not null)
            {
                return error;
            }
        }

        return null;
    }

    private static string? OfFilter(FilterSettings filter)
    {
        if (filter.Type.ToLowerInvariant() is not ("" or "allow" or "deny"))
        {
            return $"invalid rule filter type {filter.Type}, filter type  must be either '', allow or deny";
        }

        return filter.Users is [var user] && !UserName().IsMatch(user) && !IsPattern(user)
            ? $"invalid rule filter user list is not a proper list or regexp: [{user}]"
            : filter.Groups is [var group] && !GroupName().IsMatch(group) && !IsPattern(group)
                ? $"invalid rule filter group list is not a proper list or regexp: [{group}]"
                : null;
    }

    /// <summary>Whether a name is no name but a regular expression.</summary>
    internal static bool IsPattern(string text)
    {
        if (!Special().IsMatch(text))
        {
            return false;
        }

        try
        {
            _ = new Regex(text, RegexOptions.CultureInvariant);
            return true;
        }
        catch (ArgumentException)
        {
            return false;
        }
    }

    /// <summary>The longest path that fixed rules spell out must lead to a queue of the right kind.</summary>
    private static string? OfStaticPath(PartitionSettings partition, PlacementRuleSettings rule, int number)
    {
        var (path, isDynamic) = ("", false);
        var names = string.Join("->", rule.Chain().Select(link => link.Name));
        foreach (var link in rule.Chain())
        {
            if (isDynamic)
            {
                continue;
            }

            if (link.Name != "fixed")
            {
                path = path.Length == 0 ? "<dynamic>" : path;
                isDynamic = true;
            }
            else if (link.Value.StartsWith("root", StringComparison.Ordinal))
            {
                if (path.Length > 0)
                {
                    return $"illegal fully qualified 'fixed' rule with value {link.Value}";
                }

                path = link.Value;
            }
            else
            {
                path = $"{(path.Length == 0 ? "root" : path)}.{link.Value}";
            }
        }

        if (!path.StartsWith("root", StringComparison.Ordinal))
        {
            return null;
        }

        var parts = path.ToLowerInvariant().Split('.');
        QueueSettings? here = null;
        IReadOnlyList<QueueSettings> level = partition.Queues;
        for (var at = 0; at < parts.Length; at++)
        {
            if (level.Count == 0)
            {
                return !IsParent(here!)
                    ? $"placement rule no. #{number} ({names}) references non-existing queues ({path}) which cannot be created because the last queue ({here!.Name}) in the hierarchy is a leaf"
                    : Missing();
            }

            here = level.FirstOrDefault(queue => queue.Name == parts[at]);
            if (here is null)
            {
                return Missing();
            }

            level = here.Queues;
        }

        return IsParent(here!) == isDynamic ? null : $"placement rule no. #{number} ({names}) references a queue ({path}) which is not a leaf";

        string? Missing() => rule.Create ? null : $"placement rule no. #{number} ({names}) references non-existing queues ({path}) and create is 'false'";
    }

    private static bool IsParent(QueueSettings queue) => queue.IsParent || !queue.Queues.IsEmpty;

    private static string? OfNodeSort(NodeSortSettings sort) => sort.Type is not ("" or "fair" or "binpacking")
        ? $"undefined policy: {sort.Type}"
        : sort.Weights.FirstOrDefault(weight => weight.Value < 0).Key is { } negative
            ? $"negative resource weight for {negative} is not allowed"
            : null;

    private static string? OfMaxApplications(QueueSettings queue) => queue.Queues
        .Select(child => queue.MaxApplications != 0 && (queue.MaxApplications < child.MaxApplications || child.MaxApplications == 0)
            ? "parent maxRunningApps must be larger than child maxRunningApps"
            : OfMaxApplications(child))
        .FirstOrDefault(wrong => wrong is not null);

    /// <summary>No limit of a user or group is above the same one's limit higher up.</summary>
    private static string? OfInheritedLimits(QueueSettings queue, InheritedLimits above)
    {
        var here = above;
        foreach (var limit in queue.Limits)
        {
            QuantityText.TryReadAll(limit.MaxResources, out var max, out _);
            foreach (var (what, name) in limit.Users.Select(user => ("user", user)).Concat(limit.Groups.Select(group => ("group", group))))
            {
                var key = $"{what} {name}";
                var (parentMax, parentApplications) = above.Of(key);
                if (parentMax?.Allows(max) == false)
                {
                    return $"{key} max resource {max} of queue {queue.Name} is greater than immediate or ancestor parent maximum resource {parentMax}";
                }

                if (parentApplications != 0 && (parentApplications < limit.MaxApplications || limit.MaxApplications == 0))
                {
                    return $"{key} max applications {limit.MaxApplications} of queue {queue.Name} is greater than immediate or ancestor parent max applications {parentApplications}";
                }

                here = here.With(key, Amounts.Min(max, parentMax)!, limit.MaxApplications);
            }
        }

        return queue.Queues.Select(child => OfInheritedLimits(child, here)).FirstOrDefault(wrong => wrong is not null);
    }

    private static string? OfProperties(QueueSettings queue) => queue.Properties.TryGetValue("application.sort.policy", out var policy) && policy is not ("" or "fifo" or "fair" or "stateaware")
        ? $"undefined policy: {policy}"
        : queue.Queues.Select(OfProperties).FirstOrDefault(wrong => wrong is not null);

    [GeneratedRegex("^[a-zA-Z0-9_:#/@-]{1,64}$", RegexOptions.CultureInvariant)]
    private static partial Regex QueueName();

    [GeneratedRegex("^[_a-zA-Z][a-zA-Z0-9:_.@-]*[$]?$", RegexOptions.CultureInvariant)]
    private static partial Regex UserName();

    [GeneratedRegex("^[_a-zA-Z][a-zA-Z0-9:_.-]*$", RegexOptions.CultureInvariant)]
    private static partial Regex GroupName();

    [GeneratedRegex(@"[\^$*+?()\[{}|]", RegexOptions.CultureInvariant)]
    private static partial Regex Special();

    [GeneratedRegex("^[_a-zA-Z][a-zA-Z0-9_]*$", RegexOptions.CultureInvariant)]
    private static partial Regex RuleName();

    /// <summary>The limits that hold above a queue, by user or group.</summary>
    private sealed class InheritedLimits
    {
        private ImmutableDictionary<string, (Amounts Max, long Applications)> known = ImmutableDictionary<string, (Amounts, long)>.Empty;

        public (Amounts? Max, long Applications) Of(string key) => known.TryGetValue(key, out var limit) ? limit : (null, 0);

        public InheritedLimits With(string key, Amounts max, long applications) => new() { known = known.SetItem(key, (max, applications)) };
    }
}
