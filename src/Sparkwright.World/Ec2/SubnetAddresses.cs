using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Store;
using Sparkwright.Simulation;

namespace Sparkwright.World.Ec2;

/// <summary>Which addresses of each subnet the instances hold: one each (modelled; the VPC CNI of a real one takes more, for its pods).</summary>
internal sealed class SubnetAddresses
{
    private readonly Dictionary<string, HashSet<string>> taken = new(StringComparer.Ordinal);

    public SubnetAddresses(ObjectStore store)
    {
        foreach (var known in store.List(Ec2Types.Instance))
        {
            Note(null, known);
        }

        store.Watch(Ec2Types.Instance, change => Note(change.Old, change.Kind == StoreEventKind.Deleted ? null : change.Object));
    }

    public long Free(string subnetId, Cidr cidr) => Math.Max(0, cidr.Size - Cidr.ReservedBySubnet - Of(subnetId).Count);

    /// <summary>
    /// A free address: EC2 hands them out in no order, so the draw picks one and the next free one behind it is taken. An address that has
    /// just been given back is thus hardly met again, and with it no node name.
    /// </summary>
    public uint Pick(string subnetId, Cidr cidr, Draw draw)
    {
        Invariant.Holds(Free(subnetId, cidr) > 0, "an address is picked only where one is free");
        var usable = cidr.Size - Cidr.ReservedBySubnet;
        var offset = draw.Below(usable);
        while (Of(subnetId).Contains(Cidr.Print(cidr.At(Cidr.FirstUsable + offset))))
        {
            offset = (offset + 1) % usable;
        }

        return cidr.At(Cidr.FirstUsable + offset);
    }

    private void Note(ApiObject? before, ApiObject? after)
    {
        if (before is not null && Instance.Of(before) is { Exists: true } old)
        {
            Of(old.SubnetId).Remove(old.PrivateIp);
        }

        if (after is not null && Instance.Of(after) is { Exists: true } now)
        {
            Of(now.SubnetId).Add(now.PrivateIp);
        }
    }

    private HashSet<string> Of(string subnetId)
    {
        if (!taken.TryGetValue(subnetId, out var addresses))
        {
            taken.Add(subnetId, addresses = new(StringComparer.Ordinal));
        }

        return addresses;
    }
}
