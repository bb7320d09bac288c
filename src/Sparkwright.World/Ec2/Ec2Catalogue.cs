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
        var columns = lines.Current.Split(',').Select((name, at) => (name, at)).ToDictionary(column => column.name, column => column.at, StringComparer.Ordinal);
        var shapes = new Dictionary<string, InstanceType>(StringComparer.Ordinal);
        while (lines.MoveNext())
        {
            var cells = lines.Current.Split(',');
            string Text(string column) => cells[columns[column]];
            long Number(string column) => Text(column) is { Length: > 0 } text ? long.Parse(text, CultureInfo.InvariantCulture) : 0;
            long? Known(string column) => Text(column).Length == 0 ? null : Number(column);
            shapes.Add(Text("instance_type"), new InstanceType
            {
                Name = Text("instance_type"),
                Family = Text("family"),
                Size = Text("size"),
                Arch = Text("arch"),
                Vcpu = Number("vcpu"),
                MemoryMib = Number("memory_mib"),
                LocalNvmeGb = Number("local_nvme_gb_total"),
                LocalNvmeDisks = (int)Number("local_nvme_disks"),
                GpuName = Text("gpu_name"),
                GpuManufacturer = Text("gpu_manufacturer"),
                GpuCount = Number("gpu_count"),
                GpuMemoryMib = Number("gpu_memory_mib"),
                AcceleratorName = Text("accelerator_name"),
                AcceleratorManufacturer = Text("accelerator_manufacturer"),
                AcceleratorCount = Number("accelerator_count"),
                Enis = (int)Number("enis"),
                Ipv4PerEni = (int)Number("ipv4_per_eni"),
                BareMetal = Number("bare_metal") == 1,
                Hypervisor = Text("hypervisor"),
                CpuManufacturer = Text("cpu_manufacturer"),
                ClockMhz = Known("clock_mhz"),
                Category = Text("category"),
                Generation = Text("generation"),
                EncryptionInTransit = Number("encryption_in_transit") == 1,
                Flex = Number("flex") == 1,
                EbsBandwidthMbps = Known("ebs_mbps"),
                NetworkBandwidthMbps = Known("network_baseline_mbps"),
            });
        }

        return shapes;
    }

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
