namespace Sparkwright.Kubernetes.Objects;

/// <summary>The list <c>status.conditions</c> that pods, nodes, jobs and others keep.</summary>
public static class Conditions
{
    public static TreeMap? Find(TreeMap status, string type)
    {
        foreach (var item in Tree.ItemsOf(status["conditions"]))
        {
            if (item is TreeMap condition && condition["type"]?.Text == type)
            {
                return condition;
            }
        }

        return null;
    }

    public static bool IsTrue(TreeMap status, string type) => Find(status, type)?["status"]?.Text == "True";

    /// <summary>The status without a condition.</summary>
    public static TreeMap Without(TreeMap status, string type)
    {
        if (Find(status, type) is null)
        {
            return status;
        }

        var left = Tree.ItemsOf(status["conditions"]).ToArray().Where(condition => condition["type"]?.Text != type).ToList();
        return status.With("conditions", left.Count == 0 ? null : TreeList.From(left));
    }

    /// <summary>Sets a condition; its transition time moves only when its status changes; a new one goes to the end.</summary>
    public static TreeMap Set(TreeMap status, string type, bool isTrue, string? reason, string? message, DateTime now) =>
        Set(status, type, isTrue ? "True" : "False", reason, message, now);

    public static TreeMap Set(TreeMap status, string type, string value, string? reason, string? message, DateTime now)
    {
        var old = Find(status, type);
        var since = old?["status"]?.Text == value ? old["lastTransitionTime"] : Timestamps.Print(now);
        var condition = TreeMap.Of(
            ("lastTransitionTime", since),
            ("message", message),
            ("reason", reason),
            ("status", value),
            ("type", type));
        if (old is not null && old.With("lastProbeTime", null).Equals(condition))
        {
            return status;
        }

        var items = Tree.ItemsOf(status["conditions"]).ToArray().ToList();
        var at = items.FindIndex(item => item["type"]?.Text == type);
        if (at < 0)
        {
            items.Add(condition);
        }
        else
        {
            items[at] = condition;
        }

        return status.With("conditions", TreeList.From(items));
    }
}
