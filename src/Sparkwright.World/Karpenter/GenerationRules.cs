using System.Collections.Immutable;
using Sparkwright.Kubernetes.Fitting;

namespace Sparkwright.World.Karpenter;

/// <summary>In what the two generations differ, as data: everything else is one code for both.</summary>
public sealed record GenerationRules
{
    private static readonly GenerationRules V1Alpha5 = new()
    {
        PoolWord = "provisioner",
        PoolLabel = KarpenterLabels.ProvisionerName,
        WellKnownLabels = KarpenterLabels.WellKnown(Generation.V1Alpha5),
        SystemReserved = new ResourceList { CpuMillis = 100, MemoryBytes = 100L << 20, EphemeralStorageBytes = 1L << 30 },
        SoftEvictionCounts = true,
    };

    private static readonly GenerationRules V1 = new()
    {
        PoolWord = "nodepool",
        PoolLabel = KarpenterLabels.NodePool,
        WellKnownLabels = KarpenterLabels.WellKnown(Generation.V1),
        ArmMemoryShortfallMib = 64,
        DiskEvictionCounts = true,
        RelaxesWithinOneTry = true,
        NamesDaemonOverhead = true,
        WeighsDaemonsByType = true,
    };

    /// <summary>What a pool is called in messages.</summary>
    public required string PoolWord { get; init; }

    /// <summary>The label that carries the name of a node's pool.</summary>
    public required string PoolLabel { get; init; }

    public required ImmutableHashSet<string> WellKnownLabels { get; init; }

    /// <summary>What the kubelet keeps for the system unless the pool says otherwise.</summary>
    public ResourceList SystemReserved { get; init; } = ResourceList.Zero;

    /// <summary>MiB that arm64 machines are known to lack, taken off before the overhead.</summary>
    public long ArmMemoryShortfallMib { get; init; }

    /// <summary>Whether soft eviction thresholds count as the hard ones do; the larger is taken.</summary>
    public bool SoftEvictionCounts { get; init; }

    /// <summary>Whether the eviction threshold of the disk (10 % by default) is taken off.</summary>
    public bool DiskEvictionCounts { get; init; }

    /// <summary>Whether a pod gives up all its wishes, one after another, within one try; otherwise one wish a turn of the queue.</summary>
    public bool RelaxesWithinOneTry { get; init; }

    /// <summary>Whether a pool's refusal names what its DaemonSets take.</summary>
    public bool NamesDaemonOverhead { get; init; }

    /// <summary>Whether only those DaemonSets burden a type that would run on it; otherwise all of the pool's do.</summary>
    public bool WeighsDaemonsByType { get; init; }

    public static GenerationRules Of(Generation generation) => generation == Generation.V1Alpha5 ? V1Alpha5 : V1;
}
