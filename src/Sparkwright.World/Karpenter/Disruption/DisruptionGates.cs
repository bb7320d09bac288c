using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Store;

namespace Sparkwright.World.Karpenter.Disruption;

/// <summary>
/// Feature gates of disruption. Both generations find them in the ConfigMap karpenter-global-settings of the namespace karpenter, where v1 itself
/// takes them from its environment, which a simulated Karpenter has not got.
/// </summary>
public static class DisruptionGates
{
    public static bool SpotToSpot(ObjectStore store) => IsOn(store, "featureGates.spotToSpotConsolidation");

    private static bool IsOn(ObjectStore store, string gate) =>
        (store.Get(CoreTypes.ConfigMap, "karpenter", "karpenter-global-settings")?.Body["data"] as TreeMap)?.Get(gate)?.Text == "true";
}
