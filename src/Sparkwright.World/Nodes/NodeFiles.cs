using Sparkwright.Kubernetes.Objects;
using Sparkwright.World.Ec2;

namespace Sparkwright.World.Nodes;

/// <summary>The directories of a node: those of its image and those that its instance's user data made; a simulated node has every one.</summary>
public sealed class NodeFiles(Ec2Cloud ec2) : INodeFiles
{
    private static readonly string[] OfTheImage = ["/", "/var", "/var/lib", "/var/log", "/var/run", "/run", "/tmp", "/etc", "/opt", "/usr", "/home", "/mnt", "/proc", "/sys", "/dev", "/boot", "/root", "/srv", "/lib", "/var/lib/kubelet", "/var/log/pods", "/var/log/containers", "/etc/kubernetes", "/lib/modules"];

    public bool HasDirectory(ApiObject node, string path)
    {
        if (node.Spec["providerID"]?.Text is not { } provider || ec2.Find(provider[(provider.LastIndexOf('/') + 1)..]) is not { } instance)
        {
            return true;
        }

        return Array.IndexOf(OfTheImage, path) >= 0 || instance.UserData.Contains(path, StringComparison.Ordinal) || instance.UserData.Contains("/local", StringComparison.Ordinal);
    }
}
