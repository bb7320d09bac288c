using Sparkwright.Kubernetes.Store;
using Sparkwright.Simulation;

namespace Sparkwright.World.Ec2;

/// <summary>
/// Which capacity pools (a type in a zone, spot or on demand) have little to give (modelled): a share of them, drawn by their names, so that the
/// same pools are scarce however often they are asked.
/// </summary>
public sealed class ScarcePools(ModelFigures figures, Chance chance)
{
    /// <summary>The most instances that a pool has; null for any number.</summary>
    public long? MostOf(string type, string zone, string capacityType)
    {
        var percent = capacityType == "spot" ? figures.ScarceSpotPoolPercent : figures.ScarceOnDemandPoolPercent;
        return percent > 0 && chance.For("ec2/scarce-pool", $"{capacityType}/{zone}/{type}").Below(100) < percent ? figures.ScarcePoolInstances : null;
    }

    /// <summary>How many more a pool has; <see cref="long.MaxValue"/> for any number.</summary>
    public long Left(ObjectStore store, string type, string zone, string capacityType)
    {
        if (MostOf(type, zone, capacityType) is not { } most)
        {
            return long.MaxValue;
        }

        var pool = new CapacityPattern(type, zone, capacityType);
        return Math.Max(0, most - store.List(Ec2Types.Instance).Select(Instance.Of)
            .LongCount(instance => instance.IsAlive && pool.Covers(instance.TypeName, instance.Zone, instance.CapacityType)));
    }
}
