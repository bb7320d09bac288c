using System.Globalization;
using Sparkwright.Kubernetes.Fitting;
using Sparkwright.Kubernetes.Quantities;
using Sparkwright.World.Karpenter.Apis;

namespace Sparkwright.World.Karpenter.Provisioning;

/// <summary>What a pool's limits say when a node is about to be bought.</summary>
public static class PoolLimits
{
    /// <summary>The limit that is passed already, in words; null when none is.</summary>
    public static string? Exceeded(Pool pool, ResourceList usage)
    {
        foreach (var (resource, limit) in pool.Limits)
        {
            var used = usage.Of(resource);
            if (resource == Pool.NodesResource ? used >= limit : used > limit)
            {
                return $"limits exceeded, {resource} resource usage of {Show(resource, used)} exceeds limit of {Show(resource, limit)}";
            }
        }

        return null;
    }

    private static string Show(string resource, long amount) => resource switch
    {
        ResourceList.Cpu => Quantity.FromMilli(amount).ToString(),
        ResourceList.Memory or ResourceList.EphemeralStorage => Quantity.FromBytes(amount).ToString(),
        _ => amount.ToString(CultureInfo.InvariantCulture),
    };
}
