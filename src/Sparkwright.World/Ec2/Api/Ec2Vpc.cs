using Sparkwright.Kubernetes.Objects;
using Sparkwright.Simulation;

namespace Sparkwright.World.Ec2.Api;

/// <summary>The one network in which all subnets lie; nothing of it is kept but them.</summary>
public static class Ec2Vpc
{
    public static string IdOf(Chance chance, string clusterName) => $"vpc-{chance.For("ec2/vpc", clusterName).Hex(17)}";

    /// <summary>The smallest range, of at most 65,536 addresses where that is enough, that holds all subnets.</summary>
    internal static Cidr RangeOf(IEnumerable<ApiObject> subnets)
    {
        var ranges = new List<Cidr>();
        foreach (var subnet in subnets)
        {
            if (Cidr.TryParse(subnet.Spec["cidr"]?.Text ?? "", out var range))
            {
                ranges.Add(range);
            }
        }

        var first = ranges.Count == 0 ? 0 : ranges[0].First;
        for (var length = 16; length > 0; length--)
        {
            var whole = new Cidr(first & ~(uint)((1L << (32 - length)) - 1), length);
            if (ranges.TrueForAll(whole.Contains))
            {
                return whole;
            }
        }

        return new Cidr(0, 0);
    }
}
