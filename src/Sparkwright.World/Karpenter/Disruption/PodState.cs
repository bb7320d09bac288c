using Sparkwright.Kubernetes.Objects;

namespace Sparkwright.World.Karpenter.Disruption;

/// <summary>What disruption asks of a pod.</summary>
internal static class PodState
{
    /// <summary>Neither ended nor on its way out.</summary>
    public static bool IsActive(ApiObject pod) => pod.Status["phase"]?.Text is not ("Succeeded" or "Failed") && !pod.Metadata.IsBeingDeleted;
}
