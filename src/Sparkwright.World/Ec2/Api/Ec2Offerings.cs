using System.Globalization;
using Sparkwright.Kubernetes.Objects;
using Sparkwright.Simulation;
using Sparkwright.World.Aws.Api;

namespace Sparkwright.World.Ec2.Api;

/// <summary>What a region offers, as the API ec2 tells it: zones, instance types, where they are to be had, and for how much on spot.</summary>
internal sealed class Ec2Offerings(Ec2Catalogue catalogue, Clock clock)
{
    private static readonly string[] LinuxProducts = ["Linux/UNIX", "Linux/UNIX (Amazon VPC)"];

    /// <summary>EC2's name of an architecture that Kubernetes calls amd64 or arm64.</summary>
    public static string Architecture(string arch) => arch == "arm64" ? "arm64" : "x86_64";

    public static Ec2Listing<string> Regions() => new(
        "regionInfo",
        static () => Ec2Catalogue.Regions,
        static region => TreeMap.Of(("optInStatus", "opt-in-not-required"), ("regionEndpoint", $"ec2.{region}.amazonaws.com"), ("regionName", region)),
        ("endpoint", static region => [$"ec2.{region}.amazonaws.com"]),
        ("opt-in-status", static _ => ["opt-in-not-required"]),
        ("region-name", static region => [region]))
    {
        Names = [new("RegionName", static region => region, static missing => Ec2Refusals.Refuse("InvalidParameterValue", $"Invalid region names: [{string.Join(", ", missing)}]"))],
    };

    public Ec2Listing<string> Zones() => new(
        "availabilityZoneInfo",
        () => Ec2Catalogue.ZonesOf(catalogue.Region),
        zone => TreeMap.Of(
            ("groupName", catalogue.Region + "-zg-1"),
            ("messageSet", TreeList.Empty),
            ("networkBorderGroup", catalogue.Region),
            ("optInStatus", "opt-in-not-required"),
            ("regionName", catalogue.Region),
            ("zoneId", ZoneIds.Of(zone)),
            ("zoneName", zone),
            ("zoneState", "available"),
            ("zoneType", "availability-zone")),
        ("opt-in-status", static _ => ["opt-in-not-required"]),
        ("region-name", _ => [catalogue.Region]),
        ("state", static _ => ["available"]),
        ("zone-id", static zone => [ZoneIds.Of(zone)]),
        ("zone-name", static zone => [zone]),
        ("zone-type", static _ => ["availability-zone"]))
    {
        Names =
        [
            new("ZoneName", static zone => zone, static missing => Ec2Refusals.Refuse("InvalidParameterValue", $"Invalid availability zone: [{string.Join(", ", missing)}]")),
            new("ZoneId", ZoneIds.Of, static missing => Ec2Refusals.Refuse("InvalidParameterValue", $"Invalid availability zone-id: [{string.Join(", ", missing)}]")),
        ],
    };

    public Ec2Listing<InstanceType> Types() => new(
        "instanceTypeSet",
        () => catalogue.Types,
        TypeXml,
        ("bare-metal", static type => [type.BareMetal ? "true" : "false"]),
        ("burstable-performance-supported", static type => [type.Category == "t" ? "true" : "false"]),
        ("hypervisor", static type => [type.Hypervisor]),
        ("instance-storage-supported", static type => [type.LocalNvmeGb > 0 ? "true" : "false"]),
        ("instance-type", static type => [type.Name]),
        ("memory-info.size-in-mib", static type => [Text(type.MemoryMib)]),
        ("processor-info.supported-architecture", static type => [Architecture(type.Arch)]),
        ("supported-usage-class", type => catalogue.SpotUsd(type) is null ? ["on-demand"] : ["on-demand", "spot"]),
        ("vcpu-info.default-vcpus", static type => [Text(type.Vcpu)]))
    {
        LeastPage = 5,
        Names =
        [
            new("InstanceType", static type => type.Name, static missing => Ec2Refusals.Refuse(
                "InvalidInstanceType", $"The following supplied instance types do not exist: [{string.Join(", ", missing)}]")),
        ],
    };

    public AwsAnswer Offerings(AwsCall call)
    {
        var kind = call.Text("LocationType") ?? "region";
        return kind is not ("region" or "availability-zone" or "availability-zone-id")
            ? Ec2Refusals.Refuse("InvalidParameterValue", $"Value ({kind}) for parameter locationType is invalid. Expected: region, availability-zone, availability-zone-id")
            : new Ec2Listing<(string Type, string Location)>(
                "instanceTypeOfferingSet",
                () => catalogue.Types.SelectMany(type => kind == "region"
                    ? [(type.Name, catalogue.Region)]
                    : ZonesWith(type).Select(zone => (type.Name, kind == "availability-zone" ? zone : ZoneIds.Of(zone)))),
                offer => TreeMap.Of(("instanceType", offer.Type), ("location", offer.Location), ("locationType", kind)),
                ("instance-type", static offer => [offer.Type]),
                ("location", static offer => [offer.Location]))
            {
                LeastPage = 5,
            }.Answer(call);
    }

    /// <summary>Each type has one spot price in all zones, for as long as the world is there.</summary>
    public AwsAnswer SpotPrices(AwsCall call)
    {
        var (types, products, zone) = (call.Texts("InstanceType"), call.Texts("ProductDescription"), call.Text("AvailabilityZone"));
        if (types.FirstOrDefault(name => catalogue.Find(name) is null) is { } unknown)
        {
            return Ec2Refusals.Refuse("InvalidParameterValue", $"Invalid instance type: {unknown}");
        }

        return new Ec2Listing<(InstanceType Type, string Zone, string Product)>(
            "spotPriceHistorySet",
            () =>
                from type in catalogue.Types
                where (types.Count == 0 || types.Contains(type.Name)) && catalogue.SpotUsd(type) is not null
                from place in ZonesWith(type)
                where zone is null || zone == place
                from product in LinuxProducts[..1]
                where products.Count == 0 || products.Any(LinuxProducts.Contains)
                select (type, place, product),
            price => TreeMap.Of(
                ("availabilityZone", price.Zone),
                ("availabilityZoneId", ZoneIds.Of(price.Zone)),
                ("instanceType", price.Type.Name),
                ("productDescription", price.Product),
                ("spotPrice", catalogue.SpotUsd(price.Type)!.Value.ToString("F6", CultureInfo.InvariantCulture)),
                ("timestamp", clock.Start.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture))),
            ("availability-zone", static price => [price.Zone]),
            ("instance-type", static price => [price.Type.Name]),
            ("product-description", static _ => LinuxProducts),
            ("spot-price", price => [catalogue.SpotUsd(price.Type)!.Value.ToString("F6", CultureInfo.InvariantCulture)])).Answer(call);
    }

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);

    private IEnumerable<string> ZonesWith(InstanceType type) => Ec2Catalogue.ZonesOf(catalogue.Region).Where(zone => catalogue.IsOffered(type, zone));

    private TreeMap TypeXml(InstanceType type) => TreeMap.Of(
        ("bareMetal", type.BareMetal),
        ("burstablePerformanceSupported", type.Category == "t"),
        ("ebsInfo", TreeMap.Of(
            ("ebsOptimizedInfo", type.EbsBandwidthMbps is { } ebs ? TreeMap.Of(("baselineBandwidthInMbps", ebs)) : null), ("ebsOptimizedSupport", "default"), ("encryptionSupport", "supported"))),
        ("gpuInfo", type.GpuCount == 0 ? null : TreeMap.Of(
            ("gpus", TreeList.Of(TreeMap.Of(
                ("count", type.GpuCount), ("manufacturer", type.GpuManufacturer), ("memoryInfo", TreeMap.Of(("sizeInMiB", type.GpuMemoryMib))), ("name", type.GpuName)))),
            ("totalGpuMemoryInMiB", type.GpuCount * type.GpuMemoryMib))),
        ("hypervisor", type.Hypervisor.Length == 0 ? null : type.Hypervisor),
        ("inferenceAcceleratorInfo", type.AcceleratorCount == 0 ? null : TreeMap.Of(("accelerators", TreeList.Of(TreeMap.Of(
            ("count", type.AcceleratorCount), ("manufacturer", type.AcceleratorManufacturer), ("name", type.AcceleratorName)))))),
        ("instanceStorageInfo", type.LocalNvmeGb == 0 ? null : TreeMap.Of(
            ("disks", TreeList.Of(TreeMap.Of(
                ("count", Math.Max(1, type.LocalNvmeDisks)), ("sizeInGB", type.LocalNvmeGb / Math.Max(1, type.LocalNvmeDisks)), ("type", "ssd")))),
            ("nvmeSupport", "required"),
            ("totalSizeInGB", type.LocalNvmeGb))),
        ("instanceStorageSupported", type.LocalNvmeGb > 0),
        ("instanceType", type.Name),
        ("memoryInfo", TreeMap.Of(("sizeInMiB", type.MemoryMib))),
        ("networkInfo", TreeMap.Of(
            ("encryptionInTransitSupported", type.EncryptionInTransit), ("ipv4AddressesPerInterface", type.Ipv4PerEni), ("maximumNetworkInterfaces", type.Enis))),
        ("processorInfo", TreeMap.Of(
            ("manufacturer", type.CpuManufacturer),
            ("supportedArchitectures", TreeList.Of(Architecture(type.Arch))),
            ("sustainedClockSpeedInGhz", type.ClockMhz is { } mhz ? (mhz / 1000m).ToString(CultureInfo.InvariantCulture) : null))),
        ("supportedRootDeviceTypes", TreeList.Of("ebs")),
        ("supportedUsageClasses", catalogue.SpotUsd(type) is null ? TreeList.Of("on-demand") : TreeList.OfTexts(["on-demand", "spot"])),
        ("supportedVirtualizationTypes", TreeList.Of("hvm")),
        ("vCpuInfo", TreeMap.Of(("defaultVCpus", type.Vcpu))));
}
