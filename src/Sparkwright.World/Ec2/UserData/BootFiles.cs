namespace Sparkwright.World.Ec2.UserData;

/// <summary>The part of a node's file system that a boot script makes or asks for.</summary>
internal sealed class BootFiles
{
    private readonly SortedSet<string> directories = new(StringComparer.Ordinal) { "/" };
    private readonly SortedDictionary<string, string> files = new(StringComparer.Ordinal);

    public BootFiles()
    {
        foreach (var known in OsDirectories.All)
        {
            MakeDirectory(known);
        }
    }

    public SortedSet<string> Directories => directories;

    /// <summary>Written files with their content, by path.</summary>
    public IReadOnlyDictionary<string, string> Files => files;

    /// <summary>An absolute path without doubled slashes, dots and a slash at its end.</summary>
    public static string Normal(string path, string workingDirectory = "/")
    {
        var parts = new List<string>();
        foreach (var part in (path.StartsWith('/') ? path : workingDirectory + "/" + path).Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            if (part == "..")
            {
                parts.RemoveRange(Math.Max(0, parts.Count - 1), Math.Min(1, parts.Count));
            }
            else if (part != ".")
            {
                parts.Add(part);
            }
        }

        return "/" + string.Join('/', parts);
    }

    public static string ParentOf(string path) => path.LastIndexOf('/') is var slash && slash > 0 ? path[..slash] : "/";

    public bool HasDirectory(string path) => directories.Contains(path);

    public bool HasFile(string path) => files.ContainsKey(path);

    /// <summary>Makes a directory and those above it.</summary>
    public void MakeDirectory(string path)
    {
        for (var made = path; directories.Add(made); made = ParentOf(made))
        {
        }
    }

    public string Read(string path) => files.GetValueOrDefault(path, "");

    public void Write(string path, string content, bool append) => files[path] = append ? Read(path) + content : content;

    public void Remove(string path, bool withContent)
    {
        files.Remove(path);
        if (withContent)
        {
            var below = path + "/";
            directories.RemoveWhere(known => known == path || known.StartsWith(below, StringComparison.Ordinal));
            foreach (var gone in files.Keys.Where(known => known.StartsWith(below, StringComparison.Ordinal)).ToList())
            {
                files.Remove(gone);
            }
        }
        else if (!directories.Any(known => known.StartsWith(path + "/", StringComparison.Ordinal)))
        {
            directories.Remove(path);
        }
    }

    /// <summary>The existing paths that match an absolute pattern, in order; <c>*</c> and <c>?</c> do not pass a slash.</summary>
    public IEnumerable<string> Matching(string pattern)
    {
        var wanted = ShellPattern.Compile(pattern, withinPart: true);
        return directories.Concat(files.Keys).Where(known => wanted.IsMatch(known)).Order(StringComparer.Ordinal);
    }
}

/// <summary>Directories that every EKS image has, as far as pods mount them.</summary>
internal static class OsDirectories
{
    public static IReadOnlyList<string> All { get; } =
    [
        "/bin", "/boot", "/dev", "/dev/disk/by-id", "/dev/disk/by-uuid", "/dev/md", "/etc", "/etc/cni/net.d", "/etc/containerd", "/etc/eks", "/etc/kubernetes",
        "/etc/profile.d", "/etc/ssl/certs", "/etc/systemd/system", "/etc/sysctl.d", "/home/ec2-user", "/lib", "/lib/modules", "/lib64", "/media", "/mnt", "/opt", "/opt/cni/bin",
        "/proc", "/root", "/run", "/run/containerd", "/sbin", "/srv", "/sys", "/sys/block", "/sys/fs/cgroup", "/tmp", "/usr", "/usr/bin", "/usr/lib", "/usr/local/bin",
        "/usr/sbin", "/usr/share", "/usr/src", "/var", "/var/cache", "/var/lib", "/var/lib/cloud", "/var/lib/containerd", "/var/lib/docker", "/var/lib/kubelet", "/var/log",
        "/var/log/containers", "/var/log/pods", "/var/run", "/var/tmp",
    ];
}
