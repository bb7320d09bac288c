using Sparkwright.Kubernetes.Objects;

namespace Sparkwright.World.Controllers;

/// <summary>Conditions as workloads keep them.</summary>
public static class WorkloadConditions
{
    public static TreeMap Without(TreeMap status, string type)
    {
        if (Conditions.Find(status, type) is null)
        {
            return status;
        }

        var rest = Tree.ItemsOf(status["conditions"]).ToArray().Where(item => item["type"]?.Text != type).ToList();
        return status.With("conditions", rest.Count == 0 ? null : TreeList.From(rest));
    }

    /// <summary>Sets a true condition and keeps its first message for as long as the reason stays.</summary>
    public static TreeMap SetOnce(TreeMap status, string type, string reason, string message, DateTime now) =>
        Conditions.Find(status, type) is { } known && known["status"]?.Text == "True" && known["reason"]?.Text == reason
            ? status
            : Conditions.Set(status, type, true, reason, message, now);

    /// <summary>
    /// Sets a condition of a deployment, which has <c>lastUpdateTime</c> beside the time of transition: it moves when the reason or the
    /// status changes, and whenever there was progress.
    /// </summary>
    public static TreeMap SetUpdated(TreeMap status, string type, string value, string reason, string message, DateTime now, bool progressed = false)
    {
        var old = Conditions.Find(status, type);
        var sameStatus = old?["status"]?.Text == value;
        if (sameStatus && old?["reason"]?.Text == reason && !progressed)
        {
            return status;
        }

        var condition = TreeMap.Of(
            ("lastTransitionTime", sameStatus ? old?["lastTransitionTime"] : Timestamps.Print(now)),
            ("lastUpdateTime", Timestamps.Print(now)),
            ("message", message),
            ("reason", reason),
            ("status", value),
            ("type", type));
        var others = Tree.ItemsOf(Without(status, type)["conditions"]).ToArray();
        return status.With("conditions", TreeList.From([.. others, condition]));
    }
}
