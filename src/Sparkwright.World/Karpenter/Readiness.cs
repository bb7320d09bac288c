using Sparkwright.Kubernetes.Objects;

namespace Sparkwright.World.Karpenter;

/// <summary>The condition Ready, which sums up others.</summary>
internal static class Readiness
{
    public static TreeMap Summarise(TreeMap status, IReadOnlyList<string> missing, DateTime now) => missing.Count == 0
        ? Conditions.Set(status, "Ready", true, "Ready", "", now)
        : Conditions.Set(status, "Ready", false, "UnhealthyDependents", string.Join(", ", missing.Select(type => $"{type}=False")), now);
}
