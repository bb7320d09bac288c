using Sparkwright.Kubernetes.Objects;
using Sparkwright.World.Ec2;
using Sparkwright.World.Ec2.UserData;

namespace Sparkwright.World.Nodes;

/// <summary>The directories of a node: those of its image and those that its instance's user data made; a simulated node has every one.</summary>
public sealed class NodeFiles(Ec2Cloud ec2) : INodeFiles
{
    /// <summary>Nodes of one pool boot alike, so that each boot is played once.</summary>
    private readonly Dictionary<(string UserData, string TypeName), UserDataOutcome> boots = [];

    public bool HasDirectory(ApiObject node, string path) =>
        node.Spec["providerID"]?.Text is not { } provider
        || ec2.Find(provider[(provider.LastIndexOf('/') + 1)..]) is not { } instance
        || BootOf(instance).HasDirectory(path);

    private UserDataOutcome BootOf(Instance instance)
    {
        if (!boots.TryGetValue((instance.UserData, instance.TypeName), out var outcome))
        {
            var disks = ec2.Catalogue.Find(instance.TypeName) is { } type ? NodeDisks.Of(type) : new NodeDisks();
            boots.Add((instance.UserData, instance.TypeName), outcome = UserDataReader.Read(instance.UserData, disks));
        }

        return outcome;
    }
}
