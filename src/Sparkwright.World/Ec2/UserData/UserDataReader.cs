using System.Collections.Immutable;

namespace Sparkwright.World.Ec2.UserData;

/// <summary>What an instance's boot makes of its local disks and directories.</summary>
public sealed record UserDataOutcome
{
    /// <summary>The directories that are there after the boot, by path: the image's own ones and what the scripts made.</summary>
    public required ImmutableSortedSet<string> Directories { get; init; }

    /// <summary>Disks and arrays that are mounted, the root disk left out, by place.</summary>
    public required ImmutableArray<UserDataMount> Mounts { get; init; }

    /// <summary>Paths, <c>*</c> allowed at any place, that lines name which are not understood; they count as present.</summary>
    public required ImmutableArray<string> UnknownPaths { get; init; }

    public required ImmutableArray<UserDataFinding> Findings { get; init; }

    /// <summary>Whether a pod finds a directory at a path, or may find one because of a line that was not understood.</summary>
    public bool HasDirectory(string path)
    {
        var wanted = BootFiles.Normal(path);
        return Directories.Contains(wanted)
            || UnknownPaths.Any(known => known == wanted || known.StartsWith(wanted + "/", StringComparison.Ordinal) || (ShellPattern.HasWildcard(known) && ShellPattern.Matches(known, wanted)));
    }
}

/// <param name="Device">Such as /dev/nvme1n1.</param>
/// <param name="FileSystem">Such as xfs.</param>
public sealed record UserDataMount(string Device, string Path, string FileSystem);

/// <summary>A line of the userData that fails or is not understood.</summary>
/// <param name="Line">Counted from 1 in the whole userData.</param>
/// <param name="Text">The line as written.</param>
public sealed record UserDataFinding(int Line, string Text, string Why);

/// <summary>What is done with the disks of the instance store before any pod runs.</summary>
public enum LocalDiskPolicy
{
    None,

    /// <summary>One RAID-0 array, mounted at /mnt/k8s-disks/0 and used by kubelet and containerd.</summary>
    Raid0,

    /// <summary>Each disk mounted at /mnt/k8s-disks/1, 2, …</summary>
    Mount,
}

/// <summary>
/// Reads userData as the boot of an instance would: scripts are played on simulated disks. A real shell knows more; what is not understood is
/// a finding, and the paths it names count as present, so that no pod is held up by a gap of this reader.
/// </summary>
public static class UserDataReader
{
    private const string DiskMountPoint = "/mnt/k8s-disks";

    /// <param name="userData">MIME parts, a script, a NodeConfig or Bottlerocket settings; null for none.</param>
    /// <param name="policy">What the node class asks for apart from userData.</param>
    public static UserDataOutcome Read(string? userData, NodeDisks disks, LocalDiskPolicy policy = LocalDiskPolicy.None)
    {
        var text = (userData ?? "").Replace("\r\n", "\n", StringComparison.Ordinal);
        var lines = text.Split('\n');
        var files = new BootFiles();
        var devices = new BlockDevices(disks);
        var findings = new List<UserDataFinding>();
        var unknown = new SortedSet<string>(StringComparer.Ordinal);
        void Report(int line, string why, IEnumerable<string> paths)
        {
            var at = Math.Clamp(line, 1, lines.Length);
            var finding = new UserDataFinding(at, lines[at - 1].Trim(), why);
            if (!findings.Contains(finding))
            {
                findings.Add(finding);
            }

            unknown.UnionWith(paths.Select(path => BootFiles.Normal(path)).Where(path => path != "/"));
        }

        foreach (var part in UserDataParts.Split(text))
        {
            switch (part.Kind)
            {
                case UserDataKind.Script:
                    var run = new ShellRun(files, devices, Report);
                    run.Play(part.Text, part.FirstLine);
                    policy = Policy(run.LocalDisks) is var asked && asked != LocalDiskPolicy.None ? asked : policy;
                    break;
                case UserDataKind.NodeConfig:
                    policy = Policy(LocalStorageOf(part.Text)) is var wanted && wanted != LocalDiskPolicy.None ? wanted : policy;
                    break;
                case UserDataKind.Unknown:
                    Report(part.FirstLine, "this part is neither a shell script nor a NodeConfig", ShellRun.PathsIn(part.Text));
                    break;
            }
        }

        SetUpLocalDisks(policy, files, devices);
        return new UserDataOutcome
        {
            Directories = [.. files.Directories.ToImmutableSortedSet(StringComparer.Ordinal)],
            Mounts =
            [
                .. devices.All.Where(device => device.MountPoint.Length > 1).OrderBy(device => device.MountPoint, StringComparer.Ordinal)
                    .Select(device => new UserDataMount(device.Path, device.MountPoint, device.FileSystem)),
            ],
            UnknownPaths = [.. unknown],
            Findings = [.. findings.OrderBy(finding => finding.Line)],
        };
    }

    /// <summary>What the image's own setup script does with disks that nothing has used yet.</summary>
    private static void SetUpLocalDisks(LocalDiskPolicy policy, BootFiles files, BlockDevices devices)
    {
        var free = devices.InstanceStore.Where(device => device.MountPoint.Length == 0 && device.FileSystem.Length == 0 && !devices.All.Exists(known => known.On.Contains(device))).ToList();
        if (policy == LocalDiskPolicy.None || free.Count == 0)
        {
            return;
        }

        if (policy == LocalDiskPolicy.Raid0)
        {
            var array = new BlockDevice("md/kubernetes", "raid0", free.Sum(device => device.Bytes), "") { FileSystem = "xfs", MountPoint = DiskMountPoint + "/0" };
            array.On.AddRange(free);
            devices.All.Add(array);
            files.MakeDirectory(array.MountPoint);
            return;
        }

        for (var at = 0; at < free.Count; at++)
        {
            free[at].FileSystem = "xfs";
            free[at].MountPoint = $"{DiskMountPoint}/{at + 1}";
            files.MakeDirectory(free[at].MountPoint);
        }
    }

    private static LocalDiskPolicy Policy(string setting) => setting.ToLowerInvariant() switch
    {
        "raid0" => LocalDiskPolicy.Raid0,
        "mount" => LocalDiskPolicy.Mount,
        _ => LocalDiskPolicy.None,
    };

    /// <summary>The strategy under <c>localStorage</c> of a NodeConfig.</summary>
    private static string LocalStorageOf(string nodeConfig)
    {
        var inside = false;
        foreach (var line in nodeConfig.Split('\n').Select(line => line.Trim()))
        {
            inside |= line == "localStorage:";
            if (inside && line.StartsWith("strategy:", StringComparison.Ordinal))
            {
                return line["strategy:".Length..].Trim(' ', '"', '\'');
            }
        }

        return "";
    }
}
