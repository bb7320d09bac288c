using System.Globalization;
using System.Text;

namespace Sparkwright.World.Ec2.UserData;

internal sealed partial class ShellRun
{
    private const string Fstab = "/etc/fstab";

    /// <summary>Commands on block devices.</summary>
    private bool Disks(string name, List<string> arguments, StringBuilder output)
    {
        switch (name)
        {
            case "lsblk":
                ListBlockDevices(arguments, output);
                return true;
            case "nvme":
                ListNvme(arguments, output);
                return true;
            case "mkfs" or "mke2fs":
                Format(Option(arguments, "-t", "--type") ?? "ext2", arguments);
                return true;
            case "wipefs" or "dd":
                return true;
            case "mount":
                Mount(arguments, output);
                return true;
            case "umount":
                foreach (var device in Devices.All.Where(device => arguments.Select(Normal).Any(path => path == device.MountPoint || path == device.Path)))
                {
                    device.MountPoint = "";
                }

                return true;
            case "mountpoint" or "findmnt":
                var place = arguments.LastOrDefault(word => !word.StartsWith('-')) is { } asked ? Normal(asked) : "/";
                var mounted = Devices.All.Find(device => device.MountPoint == place || device.Path == place && device.MountPoint.Length > 0);
                output.Append(mounted is null || arguments.Contains("-q") ? "" : mounted.MountPoint + "\n");
                Set(mounted is null ? 1 : 0);
                return true;
            case "mdadm":
                Raid(arguments);
                return true;
            case "vgcreate":
                Volume(arguments.FirstOrDefault(""), arguments.Skip(1), group: true);
                return true;
            case "lvcreate":
                Volume($"{arguments.LastOrDefault("")}/{Option(arguments, "-n", "--name") ?? "lvol0"}", [arguments.LastOrDefault("")], group: false);
                return true;
            case "blkid":
                Identify(arguments, output);
                return true;
            case "file":
                var examined = Devices.Find(Normal(arguments.LastOrDefault("")));
                output.Append(CultureInfo.InvariantCulture, $"{arguments.LastOrDefault("")}: {(examined is { FileSystem.Length: > 0 } ? $"SGI {examined.FileSystem.ToUpperInvariant()} filesystem data" : "data")}\n");
                return true;
            default:
                if (name.StartsWith("mkfs.", StringComparison.Ordinal))
                {
                    Format(name["mkfs.".Length..], arguments);
                    return true;
                }

                return false;
        }
    }

    private static string? Option(List<string> arguments, string brief, string full)
    {
        for (var at = 0; at < arguments.Count; at++)
        {
            if ((arguments[at] == brief || arguments[at] == full) && at + 1 < arguments.Count)
            {
                return arguments[at + 1];
            }

            if (arguments[at].StartsWith(full + "=", StringComparison.Ordinal))
            {
                return arguments[at][(full.Length + 1)..];
            }
        }

        return null;
    }

    /// <summary>
    /// <c>lsblk</c>. With -d only devices, without what lies on them; with -s the other way round, so that a partitioned disk does not stand
    /// at the top any more: that is how scripts find the empty disks of the instance store.
    /// </summary>
    private void ListBlockDevices(List<string> arguments, StringBuilder output)
    {
        var columns = new List<string> { "NAME", "MAJ:MIN", "RM", "SIZE", "RO", "TYPE", "MOUNTPOINT" };
        var flags = "";
        var named = new List<string>();
        for (var at = 0; at < arguments.Count; at++)
        {
            var word = arguments[at];
            if (word.StartsWith("--", StringComparison.Ordinal))
            {
                flags += word.Split('=')[0] switch { "--nodeps" => "d", "--noheadings" => "n", "--inverse" => "s", "--paths" => "p", "--bytes" => "b", "--json" => "J", _ => "" };
                if (word.StartsWith("--output=", StringComparison.Ordinal) || (word == "--output" && ++at < arguments.Count))
                {
                    columns = Columns(word == "--output" ? arguments[at] : word["--output=".Length..]);
                }
            }
            else if (word.StartsWith('-'))
            {
                var list = word.IndexOf('o', StringComparison.Ordinal);
                flags += list < 0 ? word[1..] : word[1..list];
                if (list > 0)
                {
                    columns = Columns(list + 1 < word.Length ? word[(list + 1)..] : arguments.ElementAtOrDefault(++at) ?? "NAME");
                }
                else if (word.EndsWith('e') || word.EndsWith('I') || word.EndsWith('x'))
                {
                    at++;
                }
            }
            else
            {
                named.Add(word);
            }
        }

        if (flags.Contains('J', StringComparison.Ordinal))
        {
            NotUnderstood("lsblk as JSON is not simulated; its output counts as empty");
            return;
        }

        if (named.Find(path => Devices.Find(Normal(path)) is null) is { } missing)
        {
            Fail($"lsblk: {missing}: not a block device");
            return;
        }

        var inverse = flags.Contains('s', StringComparison.Ordinal);
        var alone = flags.Contains('d', StringComparison.Ordinal);
        IEnumerable<BlockDevice> Beside(BlockDevice device) => inverse ? device.On : Devices.All.Where(known => known.On.Contains(device));
        var tops = named.Count > 0
            ? named.Select(path => Devices.Find(Normal(path))!)
            : Devices.All.Where(device => inverse ? !Devices.All.Exists(known => known.On.Contains(device)) : device.On.Count == 0);
        var rows = new List<BlockDevice>();
        void List(BlockDevice device)
        {
            rows.Add(device);
            foreach (var next in alone ? [] : Beside(device))
            {
                List(next);
            }
        }

        tops.ToList().ForEach(List);
        if (!flags.Contains('n', StringComparison.Ordinal))
        {
            output.AppendJoin(' ', columns).Append('\n');
        }

        foreach (var row in rows)
        {
            // Columns that are empty at the end of a line leave nothing behind, as in the real table after trimming.
            output.Append(string.Join(' ', columns.Select(column => Cell(row, column, flags))).TrimEnd()).Append('\n');
        }
    }

    private static List<string> Columns(string list) => [.. list.TrimStart('=').ToUpperInvariant().Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)];

    private static string Cell(BlockDevice device, string column, string flags) => column switch
    {
        "NAME" or "KNAME" => flags.Contains('p', StringComparison.Ordinal) ? device.Path : device.Name,
        "PATH" => device.Path,
        "TYPE" => device.Type,
        "SIZE" => flags.Contains('b', StringComparison.Ordinal) ? device.Bytes.ToString(CultureInfo.InvariantCulture) : $"{device.Bytes >> 30}G",
        "MODEL" => device.Model,
        "SERIAL" => BlockDevices.SerialOf(device),
        "FSTYPE" => device.FileSystem,
        "MOUNTPOINT" or "MOUNTPOINTS" => device.MountPoint,
        "UUID" => BlockDevices.UuidOf(device),
        "PKNAME" => device.On.FirstOrDefault()?.Name ?? "",
        "TRAN" => device.Name.StartsWith("nvme", StringComparison.Ordinal) ? "nvme" : "",
        "MAJ:MIN" => "259:0",
        "RO" or "RM" or "ROTA" => "0",
        _ => "",
    };

    private void ListNvme(List<string> arguments, StringBuilder output)
    {
        if (arguments.FirstOrDefault() != "list" || arguments.Count > 1)
        {
            NotUnderstood("of nvme only \"nvme list\" is simulated");
            return;
        }

        output.Append("Node SN Model Namespace\n---------------- ---- ---- ----\n");
        foreach (var device in Devices.All.Where(device => device.Type == "disk" && device.Name.StartsWith("nvme", StringComparison.Ordinal)))
        {
            output.Append(CultureInfo.InvariantCulture, $"{device.Path} {BlockDevices.SerialOf(device)} {device.Model} 1\n");
        }
    }

    private void Format(string fileSystem, List<string> arguments)
    {
        var path = arguments.LastOrDefault(word => word.StartsWith("/dev/", StringComparison.Ordinal));
        var device = path is null ? null : Devices.Find(Normal(path));
        if (device is null)
        {
            Fail($"mkfs.{fileSystem}: {path ?? "no device"}: no such device");
        }
        else if (device.MountPoint.Length > 0 || Devices.All.Exists(known => known.On.Contains(device)))
        {
            Fail($"mkfs.{fileSystem}: {path} is in use");
        }
        else if (fileSystem == "xfs" && device.FileSystem.Length > 0 && !arguments.Contains("-f"))
        {
            Fail($"mkfs.xfs: {path} has a file system already (-f overwrites it)");
        }
        else
        {
            device.FileSystem = fileSystem;
        }
    }

    private void Mount(List<string> arguments, StringBuilder output)
    {
        var operands = new List<string>();
        for (var at = 0; at < arguments.Count; at++)
        {
            if (arguments[at] is "-t" or "-o" or "--types" or "--options")
            {
                at++;
            }
            else if (!arguments[at].StartsWith('-'))
            {
                operands.Add(arguments[at]);
            }
        }

        if (arguments.Contains("-a") || arguments.Contains("--all"))
        {
            foreach (var entry in FstabEntries().Where(entry => !entry.Options.Contains("noauto", StringComparison.Ordinal)))
            {
                Attach(entry.Device, entry.Place);
            }
        }
        else if (operands.Count == 0)
        {
            Devices.All.Where(device => device.MountPoint.Length > 0).ToList()
                .ForEach(device => output.Append(CultureInfo.InvariantCulture, $"{device.Path} on {device.MountPoint} type {device.FileSystem} (rw)\n"));
        }
        else if (operands.Count == 1)
        {
            if (FstabEntries().FirstOrDefault(entry => entry.Place == Normal(operands[0]) || entry.Device == operands[0]) is { Device: not null } entry)
            {
                Attach(entry.Device, entry.Place);
            }
            else
            {
                Fail($"mount: {operands[0]} is not in {Fstab}");
            }
        }
        else if (arguments.Contains("--bind") || arguments.Contains("-B") || arguments.Contains("--rbind") || arguments.Contains("bind") || !operands[0].Contains('/', StringComparison.Ordinal) && !operands[0].Contains('='))
        {
            // Binds and file systems without a disk (tmpfs) only need their place.
            if (!Files.HasDirectory(Normal(operands[1])))
            {
                Fail($"mount: {operands[1]}: no such directory");
            }
        }
        else
        {
            Attach(operands[0], Normal(operands[1]));
        }
    }

    private IEnumerable<(string Device, string Place, string Options)> FstabEntries() =>
        from row in Files.Read(Fstab).Split('\n')
        let cells = row.Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries)
        where cells.Length >= 2 && !row.TrimStart().StartsWith('#') && cells[1].StartsWith('/')
        select (cells[0], BootFiles.Normal(cells[1]), cells.ElementAtOrDefault(3) ?? "");

    private void Attach(string source, string place)
    {
        var device = Devices.Find(source.Trim('"')) ?? Devices.Find(source.Replace("\"", "", StringComparison.Ordinal));
        if (!Files.HasDirectory(place))
        {
            Fail($"mount: {place}: no such directory");
        }
        else if (device is null)
        {
            Fail($"mount: {source}: no such device");
        }
        else if (device.FileSystem.Length == 0)
        {
            Fail($"mount: {source} has no file system");
        }
        else
        {
            device.MountPoint = place;
        }
    }

    private void Raid(List<string> arguments)
    {
        if (!arguments.Contains("--create") && !arguments.Exists(word => word.StartsWith("-C", StringComparison.Ordinal)))
        {
            return;
        }

        var paths = arguments.Where(word => word.StartsWith("/dev/", StringComparison.Ordinal)).ToList();
        var members = paths.Skip(1).Select(path => Devices.Find(Normal(path))).ToList();
        var wanted = Option(arguments, "-n", "--raid-devices");
        if (paths.Count < 2 || members.Contains(null))
        {
            Fail("mdadm: a device of the array is missing");
        }
        else if (wanted is not null && wanted != members.Count.ToString(CultureInfo.InvariantCulture))
        {
            Fail($"mdadm: {members.Count} devices are given, {wanted} are asked for");
        }
        else
        {
            Join(paths[0]["/dev/".Length..], "raid" + (Option(arguments, "-l", "--level") ?? "0").Replace("raid", "", StringComparison.Ordinal).Replace("stripe", "0", StringComparison.Ordinal), members.OfType<BlockDevice>());
        }
    }

    private void Volume(string name, IEnumerable<string> below, bool group)
    {
        var devices = below.Select(path => Devices.Find(path.StartsWith('/') ? Normal(path) : path)).ToList();
        if (devices.Contains(null) || devices.Count == 0)
        {
            Fail($"{name}: a device below it is missing");
            return;
        }

        Join(name, group ? "vg" : "lvm", devices.OfType<BlockDevice>());
    }

    private void Join(string name, string type, IEnumerable<BlockDevice> members)
    {
        var joined = new BlockDevice(name, type, members.Sum(member => member.Bytes), "");
        joined.On.AddRange(members);
        Devices.All.RemoveAll(device => device.Name == name);
        Devices.All.Add(joined);
    }

    private void Identify(List<string> arguments, StringBuilder output)
    {
        var tag = Option(arguments, "-s", "--match-tag");
        var valueOnly = Option(arguments, "-o", "--output") == "value";
        var asked = arguments.Where(word => word.StartsWith("/dev/", StringComparison.Ordinal)).Select(path => Devices.Find(Normal(path)));
        var found = (asked.Any() ? asked.OfType<BlockDevice>() : Devices.All).Where(device => device.FileSystem.Length > 0).ToList();
        foreach (var device in found)
        {
            output.Append(valueOnly
                ? $"{(tag == "TYPE" ? device.FileSystem : BlockDevices.UuidOf(device))}\n"
                : $"{device.Path}: UUID=\"{BlockDevices.UuidOf(device)}\" TYPE=\"{device.FileSystem}\"\n");
        }

        Set(found.Count == 0 ? 2 : 0);
    }
}
