using System.Collections.Immutable;
using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Quantities;

namespace Sparkwright.Kubernetes.Fitting;

/// <summary>Amounts of resources, immutable. What is not named is zero.</summary>
public sealed class ResourceList : IEquatable<ResourceList>
{
    public const string Cpu = "cpu";
    public const string Memory = "memory";
    public const string EphemeralStorage = "ephemeral-storage";
    public const string PodSlots = "pods";

    public static ResourceList Zero { get; } = new();

    /// <summary>Millicores.</summary>
    public long CpuMillis { get; init; }

    public long MemoryBytes { get; init; }

    public long EphemeralStorageBytes { get; init; }

    /// <summary>Places for pods.</summary>
    public long Pods { get; init; }

    /// <summary>All other resources in whole units, by name in ordinal order.</summary>
    public ImmutableArray<KeyValuePair<string, long>> Others { get; init; } = [];

    public long MemoryMi => MemoryBytes >> 20;

    public static ResourceList operator +(ResourceList left, ResourceList right) => Combine(left, right, static (a, b) => a + b);

    public static ResourceList operator -(ResourceList left, ResourceList right) => Combine(left, right, static (a, b) => a - b);

    /// <summary>The larger of both, resource by resource.</summary>
    public static ResourceList Max(ResourceList left, ResourceList right) => Combine(left, right, Math.Max);

    /// <summary>The smaller of both, resource by resource.</summary>
    public static ResourceList Min(ResourceList left, ResourceList right) => Combine(left, right, Math.Min);

    public static ResourceList From(Tree? tree)
    {
        if (tree is not TreeMap map || map.Count == 0)
        {
            return Zero;
        }

        return map.View(Read);
    }

    /// <summary>The amount of one resource in its own unit (millicores for cpu).</summary>
    public long Of(string resource) => resource switch
    {
        Cpu => CpuMillis,
        Memory => MemoryBytes,
        EphemeralStorage => EphemeralStorageBytes,
        PodSlots => Pods,
        _ => Others.FirstOrDefault(other => other.Key == resource).Value,
    };

    /// <summary>Whether all of this fits into what is free.</summary>
    public bool FitsIn(ResourceList free)
    {
        if (CpuMillis > free.CpuMillis || MemoryBytes > free.MemoryBytes || EphemeralStorageBytes > free.EphemeralStorageBytes || Pods > free.Pods)
        {
            return false;
        }

        foreach (var (name, amount) in Others)
        {
            if (amount > 0 && amount > free.Of(name))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>The resources of which more is asked than is free, in the order cpu, memory, ephemeral-storage, pods, others.</summary>
    public IEnumerable<string> Exceeding(ResourceList free)
    {
        foreach (var name in Names().Where(name => Of(name) > 0 && Of(name) > free.Of(name)))
        {
            yield return name;
        }
    }

    /// <summary>The names of every resource that this list or the standard four has.</summary>
    public IEnumerable<string> Names() => [Cpu, Memory, EphemeralStorage, PodSlots, .. Others.Select(other => other.Key)];

    public ResourceList With(long? cpuMillis = null, long? memoryBytes = null, long? ephemeralStorageBytes = null, long? pods = null) => new()
    {
        CpuMillis = cpuMillis ?? CpuMillis,
        MemoryBytes = memoryBytes ?? MemoryBytes,
        EphemeralStorageBytes = ephemeralStorageBytes ?? EphemeralStorageBytes,
        Pods = pods ?? Pods,
        Others = Others,
    };

    /// <summary>The amounts as the API prints them; zeros are left out.</summary>
    public TreeMap ToTree()
    {
        var map = new TreeMapBuilder();
        map.Set(Cpu, CpuMillis == 0 ? null : Quantity.FromMilli(CpuMillis).ToString());
        map.Set(Memory, MemoryBytes == 0 ? null : Quantity.FromBytes(MemoryBytes).ToString());
        map.Set(EphemeralStorage, EphemeralStorageBytes == 0 ? null : Quantity.FromBytes(EphemeralStorageBytes).ToString());
        map.Set(PodSlots, Pods == 0 ? null : Quantity.FromUnits(Pods).ToString());
        foreach (var (name, amount) in Others)
        {
            map.Set(name, Quantity.FromUnits(amount).ToString());
        }

        return map.Build();
    }

    public bool Equals(ResourceList? other) =>
        other is not null && CpuMillis == other.CpuMillis && MemoryBytes == other.MemoryBytes && EphemeralStorageBytes == other.EphemeralStorageBytes
        && Pods == other.Pods && Others.AsSpan().SequenceEqual(other.Others.AsSpan());

    public override bool Equals(object? obj) => Equals(obj as ResourceList);

    public override int GetHashCode() => HashCode.Combine(CpuMillis, MemoryBytes, EphemeralStorageBytes, Pods);

    public override string ToString() => ToTree().ToString();

    private static ResourceList Read(TreeMap map)
    {
        var others = ImmutableArray.CreateBuilder<KeyValuePair<string, long>>();
        foreach (var (name, _) in map)
        {
            if (name is not (Cpu or Memory or EphemeralStorage or PodSlots))
            {
                others.Add(new(name, AmountOf(map, name).Value));
            }
        }

        return new ResourceList
        {
            CpuMillis = AmountOf(map, Cpu).MilliValue,
            MemoryBytes = AmountOf(map, Memory).Value,
            EphemeralStorageBytes = AmountOf(map, EphemeralStorage).Value,
            Pods = AmountOf(map, PodSlots).Value,
            Others = others.ToImmutable(),
        };
    }

    private static Quantity AmountOf(TreeMap map, string name) => map.Get(name) switch
    {
        TreeText text when Quantity.TryParse(text.Value, out var quantity) => quantity,
        TreeInteger number => Quantity.FromUnits(number.Value),
        _ => default,
    };

    private static ResourceList Combine(ResourceList left, ResourceList right, Func<long, long, long> merge)
    {
        var others = left.Others;
        if (!left.Others.IsEmpty || !right.Others.IsEmpty)
        {
            others = [.. left.Others.Select(other => other.Key).Union(right.Others.Select(other => other.Key), StringComparer.Ordinal)
                .Order(StringComparer.Ordinal)
                .Select(name => new KeyValuePair<string, long>(name, merge(left.Of(name), right.Of(name))))];
        }

        return new ResourceList
        {
            CpuMillis = merge(left.CpuMillis, right.CpuMillis),
            MemoryBytes = merge(left.MemoryBytes, right.MemoryBytes),
            EphemeralStorageBytes = merge(left.EphemeralStorageBytes, right.EphemeralStorageBytes),
            Pods = merge(left.Pods, right.Pods),
            Others = others,
        };
    }
}
