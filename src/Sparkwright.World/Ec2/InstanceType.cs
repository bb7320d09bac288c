namespace Sparkwright.World.Ec2;

/// <summary>The shape of an EC2 instance type. Facts only; what Kubernetes makes of them is decided elsewhere.</summary>
public sealed record InstanceType
{
    public required string Name { get; init; }

    public required string Family { get; init; }

    public required string Size { get; init; }

    /// <summary>amd64 or arm64.</summary>
    public required string Arch { get; init; }

    public required long Vcpu { get; init; }

    /// <summary>EC2's own figure, MiB, before any overhead.</summary>
    public required long MemoryMib { get; init; }

    /// <summary>Instance store behind NVMe, GB (decimal), all disks together; 0 = none.</summary>
    public long LocalNvmeGb { get; init; }

    public int LocalNvmeDisks { get; init; }

    public string GpuName { get; init; } = "";

    public string GpuManufacturer { get; init; } = "";

    public long GpuCount { get; init; }

    /// <summary>Memory of one GPU, MiB.</summary>
    public long GpuMemoryMib { get; init; }

    public string AcceleratorName { get; init; } = "";

    public string AcceleratorManufacturer { get; init; } = "";

    public long AcceleratorCount { get; init; }

    /// <summary>Network interfaces on the default card: those that count for pods.</summary>
    public int Enis { get; init; }

    public int Ipv4PerEni { get; init; }

    public bool BareMetal { get; init; }

    /// <summary>nitro, xen, or empty on bare metal.</summary>
    public string Hypervisor { get; init; } = "";

    public string CpuManufacturer { get; init; } = "";

    /// <summary>Sustained clock, MHz; null when not known.</summary>
    public long? ClockMhz { get; init; }

    /// <summary>Letters of the family before its generation: c, m, r.</summary>
    public string Category { get; init; } = "";

    public string Generation { get; init; } = "";

    public bool EncryptionInTransit { get; init; }

    public bool Flex { get; init; }

    public long? EbsBandwidthMbps { get; init; }

    public long? NetworkBandwidthMbps { get; init; }

    /// <summary>Pods by the network interfaces' addresses: ENIs × (addresses − 1) + 2.</summary>
    public long MaxPodsByEni => ((long)Enis * (Ipv4PerEni - 1)) + 2;

    public override string ToString() => Name;
}
