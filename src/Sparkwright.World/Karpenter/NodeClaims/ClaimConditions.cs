using Sparkwright.Kubernetes.Objects;

namespace Sparkwright.World.Karpenter.NodeClaims;

/// <summary>
/// The conditions of a NodeClaim, as Karpenter keeps them: in the order of their names, each with the generation it speaks of, and
/// <c>Ready</c> as the sum of the three that lead to a usable node.
/// </summary>
public static class ClaimConditions
{
    public const string Launched = "Launched";
    public const string Registered = "Registered";
    public const string Initialized = "Initialized";
    public const string Ready = "Ready";
    public const string Consolidatable = "Consolidatable";
    public const string ConsistentStateFound = "ConsistentStateFound";
    public const string Drained = "Drained";
    public const string VolumesDetached = "VolumesDetached";
    public const string InstanceTerminating = "InstanceTerminating";
    public const string DisruptionReason = "DisruptionReason";

    private static readonly string[] Steps = [Launched, Registered, Initialized];

    /// <summary>Before anything has been found out.</summary>
    public static TreeMap Awaiting(ApiObject claim, TreeMap status, DateTime now)
    {
        foreach (var type in Steps.Where(type => Conditions.Find(status, type) is null))
        {
            status = Unknown(claim, status, type, "AwaitingReconciliation", "object is awaiting reconciliation", now);
        }

        return status;
    }

    public static TreeMap True(ApiObject claim, TreeMap status, string type, DateTime now, string? reason = null) =>
        Set(claim, status, type, "True", reason ?? type, "", now);

    public static TreeMap Unknown(ApiObject claim, TreeMap status, string type, string reason, string message, DateTime now) =>
        Set(claim, status, type, "Unknown", reason, message, now);

    public static TreeMap False(ApiObject claim, TreeMap status, string type, string reason, string message, DateTime now) =>
        Set(claim, status, type, "False", reason, message, now);

    /// <summary>Since when a condition has had its present status; null when it is not there.</summary>
    public static DateTime? Since(TreeMap status, string type) => Timestamps.Read(Conditions.Find(status, type)?["lastTransitionTime"]);

    /// <summary>Whether it is not known yet what a claim will bring. While there is such a claim, nothing is planned.</summary>
    public static bool IsLaunching(ApiObject claim) => !claim.Metadata.IsBeingDeleted && !Conditions.IsTrue(claim.Status, Launched);

    private static TreeMap Set(ApiObject claim, TreeMap status, string type, string value, string reason, string message, DateTime now)
    {
        status = Put(claim, status, type, value, reason, message, now);
        if (!Steps.Contains(type))
        {
            return status;
        }

        var missing = Steps.Select(step => (Step: step, Value: Conditions.Find(status, step)?["status"]?.Text ?? "Unknown")).Where(step => step.Value != "True").ToList();
        var failed = missing.Exists(step => step.Value == "False");
        return missing.Count == 0
            ? Put(claim, status, Ready, "True", Ready, "", now)
            : Put(
                claim,
                status,
                Ready,
                failed ? "False" : "Unknown",
                failed ? "UnhealthyDependents" : "ReconcilingDependents",
                string.Join(", ", missing.Select(step => $"{step.Step}={step.Value}")),
                now);
    }

    private static TreeMap Put(ApiObject claim, TreeMap status, string type, string value, string reason, string message, DateTime now)
    {
        var old = Conditions.Find(status, type);
        var condition = TreeMap.Of(
            ("lastTransitionTime", old?["status"]?.Text == value ? old["lastTransitionTime"] : Timestamps.Print(now)),
            ("message", message),
            ("observedGeneration", claim.Metadata.Generation == 0 ? null : claim.Metadata.Generation),
            ("reason", reason),
            ("status", value),
            ("type", type));
        return condition.Equals(old)
            ? status
            : status.With("conditions", TreeList.From(Tree.ItemsOf(status["conditions"]).ToArray()
                .Where(item => item["type"]?.Text != type)
                .Append(condition)
                .OrderBy(item => item["type"]?.Text, StringComparer.Ordinal)));
    }
}
