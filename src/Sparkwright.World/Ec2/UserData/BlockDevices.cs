namespace Sparkwright.World.Ec2.UserData;

/// <summary>The disks that an instance finds at boot.</summary>
public sealed record NodeDisks
{
    /// <summary>Nitro shows every disk as NVMe; Xen shows EBS volumes as xvd….</summary>
    public bool Nitro { get; init; } = true;

    /// <summary>NVMe disks of the instance store.</summary>
    public int InstanceStore { get; init; }

    /// <summary>Bytes of each of them.</summary>
    public long InstanceStoreBytes { get; init; }

    /// <summary>EBS volumes beside the root volume, empty ones.</summary>
    public int DataVolumes { get; init; }

    public static NodeDisks Of(InstanceType type, int dataVolumes = 0) => new()
    {
        Nitro = type.Hypervisor != "xen",
        InstanceStore = type.LocalNvmeDisks,
        InstanceStoreBytes = type.LocalNvmeDisks == 0 ? 0 : type.LocalNvmeGb * 1_000_000_000 / type.LocalNvmeDisks,
        DataVolumes = dataVolumes,
    };
}

/// <summary>A disk, partition or array as the script finds and leaves it.</summary>
internal sealed class BlockDevice(string name, string type, long bytes, string model)
{
    public string Name { get; } = name;

    /// <summary>disk, part or raid0.</summary>
    public string Type { get; } = type;

    public long Bytes { get; } = bytes;

    public string Model { get; } = model;

    public string Path => "/dev/" + Name;

    public string FileSystem { get; set; } = "";

    public string MountPoint { get; set; } = "";

    /// <summary>The devices that this one lies on.</summary>
    public List<BlockDevice> On { get; } = [];
}

/// <summary>The block devices of a booting instance.</summary>
internal sealed class BlockDevices
{
    public const string InstanceStoreModel = "Amazon EC2 NVMe Instance Storage";

    private const string VolumeModel = "Amazon Elastic Block Store";

    /// <summary>Only printed by lsblk and df; the size of the default root volume.</summary>
    private const long VolumeBytes = 20L << 30;

    public BlockDevices(NodeDisks disks)
    {
        var number = 0;
        string Next(bool nvme, int volume) => nvme ? $"nvme{number++}n1" : "xvd" + (char)('a' + volume);

        var root = new BlockDevice(Next(disks.Nitro, 0), "disk", VolumeBytes, VolumeModel);
        var system = new BlockDevice(root.Name + (disks.Nitro ? "p1" : "1"), "part", VolumeBytes, VolumeModel) { FileSystem = "xfs", MountPoint = "/", On = { root } };
        All = [root, system];
        for (var volume = 1; volume <= disks.DataVolumes; volume++)
        {
            All.Add(new BlockDevice(Next(disks.Nitro, volume), "disk", VolumeBytes, VolumeModel));
        }

        for (var store = 0; store < disks.InstanceStore; store++)
        {
            All.Add(new BlockDevice(Next(true, 0), "disk", disks.InstanceStoreBytes, InstanceStoreModel));
        }
    }

    /// <summary>In the order in which lsblk lists them.</summary>
    public List<BlockDevice> All { get; }

    public IEnumerable<BlockDevice> InstanceStore => All.Where(device => device is { Type: "disk", Model: InstanceStoreModel });

    /// <summary>Finds a device by its path, its name, or a link below /dev/disk/by-id; on Nitro /dev/xvda means the root disk as well.</summary>
    public BlockDevice? Find(string path)
    {
        var name = path.StartsWith("/dev/", StringComparison.Ordinal) ? path["/dev/".Length..] : path;
        return All.Find(device => device.Name == name)
            ?? All.Find(device => LinkOf(device) == path)
            ?? (name is "xvda" or "sda1" ? All[0] : null)
            ?? All.Find(device => path.StartsWith("UUID=", StringComparison.Ordinal) && UuidOf(device) == path["UUID=".Length..]);
    }

    /// <summary>The link that udev makes for an NVMe disk; null for other devices.</summary>
    public static string? LinkOf(BlockDevice device) => device is { Type: "disk" } && device.Name.StartsWith("nvme", StringComparison.Ordinal)
        ? $"/dev/disk/by-id/nvme-{device.Model.Replace(' ', '_')}_{SerialOf(device)}"
        : null;

    public static string SerialOf(BlockDevice device) => (device.Model == InstanceStoreModel ? "AWS" : "vol") + device.Name.Replace("nvme", "", StringComparison.Ordinal).Replace("n1", "", StringComparison.Ordinal).PadLeft(17, '0');

    /// <summary>A stand-in for the UUID of the device's file system; empty without one.</summary>
    public static string UuidOf(BlockDevice device) => device.FileSystem.Length == 0 ? "" : "uuid-of-" + device.Name.Replace('/', '-');
}
