using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Store;

namespace Sparkwright.World.Emr;

/// <summary>Says in one sentence why a pod does not run yet: the scheduler's words, the last thing that went wrong, or what its containers wait for.</summary>
public static class WaitingFor
{
    public static string Explain(ApiObject pod, ObjectStore store)
    {
        var where = $"Pod {pod.Namespace}/{pod.Name} is {pod.Status["phase"]?.Text ?? "Pending"}";
        if (Conditions.Find(pod.Status, "PodScheduled") is { } scheduled && scheduled["status"]?.Text == "False" && scheduled["message"]?.Text is { } message)
        {
            return $"{where}: {message}";
        }

        if (LastTrouble(pod, store) is { } warning)
        {
            return $"{where}: {warning["reason"]?.Text}: {warning["message"]?.Text}";
        }

        if (pod.Spec["nodeName"]?.Text is not { Length: > 0 })
        {
            return $"{where}: scheduler {pod.Spec["schedulerName"]?.Text ?? "default-scheduler"} has not placed it";
        }

        foreach (var container in Tree.ItemsOf(pod.Status["containerStatuses"]))
        {
            if (container.At("state", "waiting", "reason")?.Text is { } reason)
            {
                return $"{where}: container {container["name"]?.Text}: {reason}";
            }
        }

        return where;
    }

    /// <summary>Why a Job has no pod, in the words of the Job controller.</summary>
    public static string ExplainMissing(ApiObject job, ObjectStore store) => "No submitter pod was created."
        + (LastTrouble(job, store) is { } warning ? $" {warning["reason"]?.Text}: {warning["message"]?.Text}" : "");

    /// <summary>The last warning, or what YuniKorn says of a full queue, a user's limit or nodes that refuse, which are no warnings for it.</summary>
    private static TreeMap? LastTrouble(ApiObject about, ObjectStore store) => store.List(CoreTypes.Event, about.Namespace)
        .Where(known => (known.Body["type"]?.Text == "Warning" || known.Body["reason"]?.Text == "Informational") && known.Body.At("involvedObject", "uid")?.Text == about.Metadata.Uid)
        .OrderBy(known => known.Body["lastTimestamp"]?.Text, StringComparer.Ordinal)
        .ThenBy(known => known.Metadata.ResourceVersion)
        .LastOrDefault()?.Body;
}
