using System.Collections.Immutable;
using System.Globalization;
using System.IO.Compression;
using System.Text;

namespace Sparkwright.World.Ec2;

/// <summary>What one region offers: types with their prices, and the zones that have them. A type without a price cannot be launched.</summary>
public sealed class Ec2Catalogue
{
    private static readonly Dictionary<string, Ec2Catalogue> Read = new(StringComparer.Ordinal);
    private static readonly Lock Guard = new();

    private readonly Dictionary<string, Offer> offers;

    private Ec2Catalogue(string region)
    {
        Region = region;
        var shapes = Shapes.Value;
        offers = new(StringComparer.Ordinal);
        foreach (var line in Lines($"{region}.csv.gz"))
        {
            var cells = line.Split(',');
            if (shapes.TryGetValue(cells[0], out var type))
            {
                var usd = decimal.Parse(cells[1], CultureInfo.InvariantCulture);
                decimal? spot = cells[2].Length == 0 ? null : usd * (100 - int.Parse(cells[2], CultureInfo.InvariantCulture)) / 100m;
                offers[cells[0]] = new Offer(type, usd, spot, cells[3].Length == 0 ? null : int.Parse(cells[3], CultureInfo.InvariantCulture), cells[4]);
            }
        }

        Types = [.. offers.Values.Select(offer => offer.Type).OrderBy(type => type.Name, StringComparer.Ordinal)];
    }

    public string Region { get; }

    /// <summary>The launchable types by name, in ordinal order.</summary>
    public ImmutableArray<InstanceType> Types { get; }

    /// <summary>The regions that have prices.</summary>
    public static IReadOnlyList<string> Regions { get; } =
    [
        "ap-northeast-1", "ap-south-1", "ap-southeast-1", "ap-southeast-2", "eu-central-1", "eu-west-1", "us-east-1", "us-east-2", "us-west-1", "us-west-2",
    ];

    private static Lazy<Dictionary<string, InstanceType>> Shapes { get; } = new(ReadShapes);

    /// <summary>The catalogue of a region of <see cref="Regions"/>.</summary>
    public static Ec2Catalogue ForRegion(string region)
    {
        lock (Guard)
        {
            if (!Read.TryGetValue(region, out var known))
            {
                Read.Add(region, known = new Ec2Catalogue(region));
            }

            return known;
        }
    }

    /// <summary>Every zone of a region, by name.</summary>
    public static IReadOnlyList<string> ZonesOf(string region)
    {
        using var reader = new StreamReader(Open("zones.csv"), Encoding.UTF8);
        var zones = new List<string>();
        while (reader.ReadLine() is { } line)
        {
            if (line.StartsWith(region + ",", StringComparison.Ordinal))
            {
                zones.Add(line[(region.Length + 1)..]);
            }
        }

        return zones;
    }

    /// <summary>A launchable type; null when it is unknown or has no price in the region.</summary>
    public InstanceType? Find(string name) => offers.GetValueOrDefault(name)?.Type;

    /// <summary>USD per hour, Linux, on demand.</summary>
    public decimal OnDemandUsd(InstanceType type) => offers[type.Name].Usd;

    /// <summary>USD per hour on spot: on demand less the region's mean saving; null without a spot market.</summary>
    public decimal? SpotUsd(InstanceType type) => offers[type.Name].SpotUsd;

    /// <summary>USD per hour for a capacity type; null where it is not offered.</summary>
    public decimal? Usd(InstanceType type, string capacityType) => capacityType == "spot" ? SpotUsd(type) : OnDemandUsd(type);

    /// <summary>0: under 5 % of spot instances interrupted a month, 1: 5–10, 2: 10–15, 3: 15–20, 4: over 20.</summary>
    public int? InterruptionBand(InstanceType type) => offers[type.Name].Band;

    public bool IsOffered(InstanceType type, string zone) => offers[type.Name].ZoneLetters.Contains(zone[^1], StringComparison.Ordinal);

    private static Dictionary<string, InstanceType> ReadShapes()
    {
        using var lines = Lines("types.csv.gz").GetEnumerator();
        lines.MoveNext();
        var header = lines.Current.Split(',');
        int Column(string name) => Array.IndexOf(header, name) is var at && at >= 0 ? at : throw new InvalidOperationException($"the column {name} is missing");
        var (name, family, size, arch) = (Column("instance_type"), Column("family"), Column("size"), Column("arch"));
        var (vcpu, memory, nvme, disks) = (Column("vcpu"), Column("memory_mib"), Column("local_nvme_gb_total"), Column("local_nvme_disks"));
        var (gpu, gpuMaker, gpus, gpuMemory) = (Column("gpu_name"), Column("gpu_manufacturer"), Column("gpu_count"), Column("gpu_memory_mib"));
        var (accelerator, acceleratorMaker, accelerators) = (Column("accelerator_name"), Column("accelerator_manufacturer"), Column("accelerator_count"));
        var (enis, addresses, metal, hypervisor) = (Column("enis"), Column("ipv4_per_eni"), Column("bare_metal"), Column("hypervisor"));
        var (cpuMaker, clock, category, generation) = (Column("cpu_manufacturer"), Column("clock_mhz"), Column("category"), Column("generation"));
        var (encryption, flex, ebs, network) = (Column("encryption_in_transit"), Column("flex"), Column("ebs_mbps"), Column("network_baseline_mbps"));
        var shapes = new Dictionary<string, InstanceType>(1400, StringComparer.Ordinal);
        while (lines.MoveNext())
        {
            var cells = lines.Current.Split(',');
            shapes.Add(cells[name], new InstanceType
            {
                Name = cells[name],
                Family = cells[family],
                Size = cells[size],
                Arch = cells[arch],
                Vcpu = Number(cells[vcpu]),
                MemoryMib = Number(cells[memory]),
                LocalNvmeGb = Number(cells[nvme]),
                LocalNvmeDisks = (int)Number(cells[disks]),
                GpuName = cells[gpu],
                GpuManufacturer = cells[gpuMaker],
                GpuCount = Number(cells[gpus]),
                GpuMemoryMib = Number(cells[gpuMemory]),
                AcceleratorName = cells[accelerator],
                AcceleratorManufacturer = cells[acceleratorMaker],
                AcceleratorCount = Number(cells[accelerators]),
                Enis = (int)Number(cells[enis]),
                Ipv4PerEni = (int)Number(cells[addresses]),
                BareMetal = Number(cells[metal]) == 1,
                Hypervisor = cells[hypervisor],
                CpuManufacturer = cells[cpuMaker],
                ClockMhz = Known(cells[clock]),
                Category = cells[category],
                Generation = cells[generation],
                EncryptionInTransit = Number(cells[encryption]) == 1,
                Flex = Number(cells[flex]) == 1,
                EbsBandwidthMbps = Known(cells[ebs]),
                NetworkBandwidthMbps = Known(cells[network]),
            });
        }

        return shapes;
    }

    private static long Number(string cell) => Known(cell) ?? 0;

    private static long? Known(string cell) => cell.Length == 0 ? null : long.Parse(cell, CultureInfo.InvariantCulture);

    private static IEnumerable<string> Lines(string file)
    {
        using var zip = new GZipStream(Open(file), CompressionMode.Decompress);
        using var reader = new StreamReader(zip, Encoding.UTF8);
        while (reader.ReadLine() is { } line)
        {
            yield return line;
        }
    }

    private static Stream Open(string file) => typeof(Ec2Catalogue).Assembly.GetManifestResourceStream("ec2/" + file)
        ?? throw new InvalidOperationException($"the embedded file ec2/{file} is missing");

    private sealed record Offer(InstanceType Type, decimal Usd, decimal? SpotUsd, int? Band, string ZoneLetters);
}
