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

    /// <summary>Whether the local NVMe disks together, instead of the root volume, hold what pods write (RAID0).</summary>
    public bool UsesInstanceStore { get; init; }

    /// <summary>Bottlerocket counts its memory reserve by the effective number of pods and knows neither podsPerCore nor soft eviction.</summary>
    public bool IsBottlerocket { get; init; }

    /// <summary>vmMemoryOverheadPercent of the settings, in thousandths: what the hypervisor and the operating system keep.</summary>
    public int VmMemoryOverheadPermille { get; init; } = 75;
}

/// <summary>
/// Capacity and allocatable of a type as Karpenter estimates them before a node exists: one formula for both generations, which differ in
/// what they reserve for the system and in the memory of arm64.
/// </summary>
public static class NodeResources
{
    private const long Mi = 1L << 20;
    private const long Gi = 1L << 30;
    private const long Gigabyte = 1_000_000_000;

    public static ResourceList Capacity(InstanceType type, KubeletSettings kubelet, Generation generation)
    {
        var mib = type.MemoryMib - (type.Arch == "arm64" ? GenerationRules.Of(generation).ArmMemoryShortfallMib : 0);
        var overhead = ((mib * kubelet.VmMemoryOverheadPermille) + 999) / 1000;
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
            EphemeralStorageBytes = kubelet.UsesInstanceStore && type.LocalNvmeGb > 0 ? type.LocalNvmeGb * Gigabyte : kubelet.RootVolumeBytes,
            Pods = Pods(type, kubelet),
            Others = [.. others.OrderBy(other => other.Key, StringComparer.Ordinal)],
        };
    }

    public static ResourceList Allocatable(InstanceType type, KubeletSettings kubelet, Generation generation)
    {
        var capacity = Capacity(type, kubelet, generation);
        var reserved = Reserved(KubeReserved(type, kubelet), kubelet.KubeReserved)
            + Reserved(GenerationRules.Of(generation).SystemReserved, kubelet.SystemReserved);
        var eviction = Eviction(capacity, kubelet, GenerationRules.Of(generation));
        return (capacity - reserved - eviction).With(pods: capacity.Pods);
    }

    public static long Pods(InstanceType type, KubeletSettings kubelet)
    {
        var pods = kubelet.MaxPods ?? (kubelet.EniLimitedPodDensity && type.Enis > 0 ? type.MaxPodsByEni : 110);
        return kubelet.PodsPerCore is { } perCore and > 0 && !kubelet.IsBottlerocket ? Math.Min(pods, perCore * type.Vcpu) : pods;
    }

    private static ResourceList KubeReserved(InstanceType type, KubeletSettings kubelet)
    {
        // By the network interfaces even where something else limits the pods.
        var pods = kubelet.IsBottlerocket || type.Enis == 0 ? Pods(type, kubelet) : type.MaxPodsByEni;
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

    /// <summary>What the user set takes the place of the computed amount, resource by resource.</summary>
    private static ResourceList Reserved(ResourceList computed, TreeMap set)
    {
        var given = ResourceList.From(set);
        return computed.With(
            cpuMillis: set.ContainsKey(ResourceList.Cpu) ? given.CpuMillis : null,
            memoryBytes: set.ContainsKey(ResourceList.Memory) ? given.MemoryBytes : null,
            ephemeralStorageBytes: set.ContainsKey(ResourceList.EphemeralStorage) ? given.EphemeralStorageBytes : null);
    }

    /// <summary>100Mi of memory and, where it counts, 10 % of the disk, unless thresholds are set.</summary>
    private static ResourceList Eviction(ResourceList capacity, KubeletSettings kubelet, GenerationRules rules)
    {
        long? Set(string signal, long of) => Larger(
            Threshold(kubelet.EvictionHard, signal, of),
            rules.SoftEvictionCounts && !kubelet.IsBottlerocket ? Threshold(kubelet.EvictionSoft, signal, of) : null);
        return new ResourceList
        {
            MemoryBytes = Set("memory.available", capacity.MemoryBytes) ?? (100 * Mi),
            EphemeralStorageBytes = rules.DiskEvictionCounts
                ? Set("nodefs.available", capacity.EphemeralStorageBytes) ?? ((capacity.EphemeralStorageBytes + 9) / 10)
                : 0,
        };
    }

    private static long? Larger(long? one, long? other) => one is null ? other : other is null ? one : Math.Max(one.Value, other.Value);

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
