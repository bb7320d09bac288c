using Sparkwright.Kubernetes.Store;
using Sparkwright.World.Ec2;
using Sparkwright.World.Ec2.UserData;

namespace Sparkwright.World.Insight;

/// <summary>Lines of userData that failed on the instances that were launched, or that were not understood; each once.</summary>
public static class BootFindings
{
    public static IEnumerable<Finding> Of(ObjectStore store) =>
        from instance in store.List(Ec2Types.Instance).Select(Instance.Of)
        where instance.UserData.Length > 0
        group instance by (instance.TypeName, instance.UserData) into alike
        let type = Ec2Catalogue.ForRegion(alike.First().Zone[..^1]).Find(alike.Key.TypeName)
        where type is not null
        from finding in UserDataReader.Read(alike.Key.UserData, NodeDisks.Of(type)).Findings
        group alike.Key.TypeName by finding into told
        select Finding.Warning("user-data", $"userData line {told.Key.Line}, `{told.Key.Text}`: {told.Key.Why} (on {string.Join(", ", told.Order(StringComparer.Ordinal))})");
}
