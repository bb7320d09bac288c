using Sparkwright.Kubernetes.Objects;
using Sparkwright.World.Ec2;
using Sparkwright.World.Ec2.UserData;

namespace Sparkwright.World.Nodes;

/// <summary>The directories of a node: those of its image and those that its instance's user data made; a simulated node has every one.</summary>
public sealed class NodeFiles(Ec2Cloud ec2) : INodeFiles
{
    /// <summary>What an EKS optimized image brings along, as far as pods mount it.</summary>
    private static readonly string[] OfTheImage =
    [
        "/", "/boot", "/dev", "/etc", "/etc/kubernetes", "/home", "/lib", "/lib/modules", "/mnt", "/opt", "/proc", "/root", "/run", "/srv", "/sys", "/tmp", "/usr",
        "/var", "/var/lib", "/var/lib/docker", "/var/lib/kubelet", "/var/log", "/var/log/containers", "/var/log/pods", "/var/run",
    ];

    // The outcome depends on the script and the type alone, and thousands of nodes share both.
    private readonly Dictionary<(string UserData, string Type), UserDataOutcome> outcomes = [];

    public bool HasDirectory(ApiObject node, string path)
    {
        if (node.Spec["providerID"]?.Text is not { } provider || ec2.Find(provider[(provider.LastIndexOf('/') + 1)..]) is not { } instance)
        {
            return true;
        }

        return Array.IndexOf(OfTheImage, path) >= 0 || OutcomeOf(instance).HasDirectory(path);
    }

    private UserDataOutcome OutcomeOf(Instance instance)
    {
        var key = (instance.UserData, instance.TypeName);
        if (!outcomes.TryGetValue(key, out var outcome))
        {
            outcome = UserDataReader.Read(instance.UserData, NodeDisks.Of(ec2.Catalogue.Find(instance.TypeName)!));
            outcomes.Add(key, outcome);
        }

        return outcome;
    }
}
