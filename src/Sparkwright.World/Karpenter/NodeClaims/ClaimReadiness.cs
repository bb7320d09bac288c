using System.Collections.Immutable;
using System.Globalization;
using Sparkwright.Kubernetes.Fitting;
using Sparkwright.Kubernetes.Quantities;
using Sparkwright.World.Karpenter.Apis;
using Sparkwright.World.Karpenter.Provisioning;

namespace Sparkwright.World.Karpenter.NodeClaims;

/// <summary>What a registered node still lacks, read from the node alone.</summary>
public static class ClaimReadiness
{
    /// <summary>A node with less than this share of what was promised is suspicious, in percent.</summary>
    private const long LeastPercent = 90;

    /// <summary>Why a node is not initialized yet, as reason and message; null when it is.</summary>
    public static (string Reason, string Message)? Missing(NodeClaim claim, NodeView node)
    {
        if (!node.IsReady)
        {
            return ("NodeNotReady", "Node status is NotReady");
        }

        if (node.Taints.FirstOrDefault(taint => claim.StartupTaints.Any(startup => startup.Key == taint.Key && startup.Effect == taint.Effect)) is { } startup)
        {
            return ("StartupTaintsExist", $"StartupTaint \"{Show(startup)}\" still exists");
        }

        if (node.Taints.FirstOrDefault(TemporaryTaints.IsTemporary) is { } ephemeral)
        {
            return ("KnownEphemeralTaintsExist", $"KnownEphemeralTaint \"{Show(ephemeral)}\" still exists");
        }

        return claim.Requests.Names().FirstOrDefault(name => claim.Requests.Of(name) > 0 && node.Allocatable.Of(name) == 0) is { } resource
            ? ("ResourceNotRegistered", $"Resource \"{resource}\" was requested but not registered")
            : null;
    }

    /// <summary>Where a node shows much less than its type promises.</summary>
    public static ImmutableArray<string> Inconsistencies(NodeClaim claim, ResourceList capacity)
    {
        var faults = ImmutableArray.CreateBuilder<string>();
        var promised = claim.Capacity;
        foreach (var resource in claim.Requests.Names().Where(name => claim.Requests.Of(name) > 0 && promised.Of(name) > 0))
        {
            var (expected, found) = (promised.Of(resource), capacity.Of(resource));
            if (found * 100 < expected * LeastPercent)
            {
                var tenths = found * 1000 / expected;
                faults.Add(string.Create(
                    CultureInfo.InvariantCulture,
                    $"expected {Show(resource, expected)} of resource {resource}, but found {Show(resource, found)} ({tenths / 10}.{tenths % 10}% of expected)"));
            }
        }

        return faults.ToImmutable();
    }

    private static string Show(Taint taint) => taint.Value.Length == 0 ? $"{taint.Key}:{taint.Effect}" : $"{taint.Key}={taint.Value}:{taint.Effect}";

    private static string Show(string resource, long amount) => resource switch
    {
        ResourceList.Cpu => Quantity.FromMilli(amount).ToString(),
        ResourceList.Memory or ResourceList.EphemeralStorage => Quantity.FromBytes(amount).ToString(),
        _ => amount.ToString(CultureInfo.InvariantCulture),
    };
}
