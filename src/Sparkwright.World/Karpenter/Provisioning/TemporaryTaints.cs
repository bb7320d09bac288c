using System.Collections.Immutable;
using Sparkwright.Kubernetes.Fitting;

namespace Sparkwright.World.Karpenter.Provisioning;

/// <summary>Taints that go by themselves while a node comes up.</summary>
public static class TemporaryTaints
{
    private static readonly ImmutableHashSet<string> Keys =
    [
        "node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable", "node.cloudprovider.kubernetes.io/uninitialized", "karpenter.sh/unregistered",
    ];

    public static bool IsTemporary(Taint taint) => Keys.Contains(taint.Key) || taint.Key.StartsWith("readiness.k8s.io/", StringComparison.Ordinal);
}
