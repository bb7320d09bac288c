using Sparkwright.Kubernetes.Fitting;
using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Quantities;
using Sparkwright.World.Ec2;

namespace Sparkwright.World.Karpenter.InstanceTypes;

/// <summary>What a kubelet's configuration and the node's image change about a type's resources; the defaults are those of a plain AL2 pool.</summary>
public sealed record KubeletSettings
{
    public long? MaxPods { get; init; }

    public long? PodsPerCore { get; init; }

    public TreeMap KubeReserved { get; init; } = TreeMap.Empty;

    public TreeMap SystemReserved { get; init; } = TreeMap.Empty;

    public TreeMap EvictionHard { get; init; } = TreeMap.Empty;

    public TreeMap EvictionSoft { get; init; } = TreeMap.Empty;

    /// <summary>Whether network interfaces limit the pods; otherwise 110.</summary>
    public bool EniLimitedPodDensity { get; init; } = true;

    /// <summary>Size of the root volume, bytes.</summary>
    public long RootVolumeBytes { get; init; } = 20L << 30;

    /// <summary>Bottlerocket counts its memory reserve by the effective number of pods and knows no podsPerCore.</summary>
    public bool IsBottlerocket { get; init; }
}

/// <summary>
/// Capacity and allocatable of a type as Karpenter estimates them before a node exists: one formula for both generations, which differ in
/// what they reserve for the system and in the memory of arm64.
/// </summary>
public static class NodeResources
{
    private const long Mi = 1L << 20;
    private const long Gi = 1L << 30;
    private const int OverheadPermille = 75;

    public static ResourceList Capacity(InstanceType type, KubeletSettings kubelet, Generation generation)
    {
        var mib = type.MemoryMib - (generation == Generation.V1 && type.Arch == "arm64" ? 64 : 0);
        var overhead = ((mib * OverheadPermille) + 999) / 1000;
        var others = new List<KeyValuePair<string, long>>();
        if (type.GpuCount > 0)
        {
            others.Add(new(type.GpuManufacturer == "amd" ? "amd.com/gpu" : "nvidia.com/gpu", type.GpuCount));
        }

        if (type.AcceleratorCount > 0)
        {
            others.Add(new(type.AcceleratorManufacturer == "habana" ? "habana.ai/gaudi" : "aws.amazon.com/neuron", type.AcceleratorCount));
        }

        return new ResourceList
        {
            CpuMillis = type.Vcpu * 1000,
            MemoryBytes = (mib - overhead) * Mi,
            EphemeralStorageBytes = kubelet.RootVolumeBytes,
            Pods = Pods(type, kubelet),
            Others = [.. others.OrderBy(other => other.Key, StringComparer.Ordinal)],
        };
    }

    public static ResourceList Allocatable(InstanceType type, KubeletSettings kubelet, Generation generation)
    {
        var capacity = Capacity(type, kubelet, generation);
        var reserved = Reserved(KubeReserved(type, kubelet), kubelet.KubeReserved) + SystemReserved(kubelet, generation);
        var eviction = Eviction(capacity, kubelet, generation);
        return (capacity - reserved - eviction).With(pods: capacity.Pods);
    }

    public static long Pods(InstanceType type, KubeletSettings kubelet)
    {
        var pods = kubelet.MaxPods ?? (kubelet.EniLimitedPodDensity && type.Enis > 0 ? type.MaxPodsByEni : 110);
        return kubelet.PodsPerCore is { } perCore and > 0 && !kubelet.IsBottlerocket ? Math.Min(pods, perCore * type.Vcpu) : pods;
    }

    private static ResourceList KubeReserved(InstanceType type, KubeletSettings kubelet)
    {
        var pods = kubelet.IsBottlerocket ? Pods(type, kubelet) : kubelet.EniLimitedPodDensity && type.Enis > 0 ? type.MaxPodsByEni : 110;
        return new ResourceList
        {
            CpuMillis = ReservedCpuMillis(type.Vcpu),
            MemoryBytes = ((11 * pods) + 255) * Mi,
            EphemeralStorageBytes = Gi,
        };
    }

    /// <summary>6 % of the first core, 1 % of the second, 0.5 % of the next two, 0.25 % of the rest, in whole millicores.</summary>
    private static long ReservedCpuMillis(long cores)
    {
        // In quarters of a millicore: 240 a core, 40, 20, 10.
        var quarters = (Math.Min(cores, 1) * 240) + (Math.Clamp(cores - 1, 0, 1) * 40) + (Math.Clamp(cores - 2, 0, 2) * 20) + (Math.Max(cores - 4, 0) * 10);
        return quarters / 4;
    }

    private static ResourceList SystemReserved(KubeletSettings kubelet, Generation generation) => Reserved(
        generation == Generation.V1Alpha5 ? new ResourceList { CpuMillis = 100, MemoryBytes = 100 * Mi, EphemeralStorageBytes = Gi } : ResourceList.Zero,
        kubelet.SystemReserved);

    /// <summary>What the user set takes the place of the computed amount, resource by resource.</summary>
    private static ResourceList Reserved(ResourceList computed, TreeMap set)
    {
        var given = ResourceList.From(set);
        return computed.With(
            cpuMillis: set.ContainsKey(ResourceList.Cpu) ? given.CpuMillis : null,
            memoryBytes: set.ContainsKey(ResourceList.Memory) ? given.MemoryBytes : null,
            ephemeralStorageBytes: set.ContainsKey(ResourceList.EphemeralStorage) ? given.EphemeralStorageBytes : null);
    }

    /// <summary>100Mi and, of the disk, 10 %; a5 takes the larger of hard and soft, v1 the hard thresholds alone.</summary>
    private static ResourceList Eviction(ResourceList capacity, KubeletSettings kubelet, Generation generation)
    {
        var memory = Threshold(kubelet.EvictionHard, "memory.available", capacity.MemoryBytes) ?? (100 * Mi);
        var storage = Threshold(kubelet.EvictionHard, "nodefs.available", capacity.EphemeralStorageBytes) ?? ((capacity.EphemeralStorageBytes + 9) / 10);
        if (generation == Generation.V1Alpha5)
        {
            memory = Math.Max(memory, Threshold(kubelet.EvictionSoft, "memory.available", capacity.MemoryBytes) ?? 0);
            storage = Math.Max(storage, Threshold(kubelet.EvictionSoft, "nodefs.available", capacity.EphemeralStorageBytes) ?? 0);
        }

        return new ResourceList { MemoryBytes = memory, EphemeralStorageBytes = storage };
    }

    private static long? Threshold(TreeMap thresholds, string signal, long capacity)
    {
        if (thresholds.Get(signal)?.Text is not { } text)
        {
            return null;
        }

        if (text.EndsWith('%') && decimal.TryParse(text[..^1], System.Globalization.CultureInfo.InvariantCulture, out var percent))
        {
            // 100 % switches the threshold off.
            return percent >= 100 ? 0 : (long)Math.Ceiling(capacity * percent / 100);
        }

        return Quantity.TryParse(text, out var amount) ? amount.Value : null;
    }
}
