using System.Globalization;
using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Store;
using Sparkwright.World.Karpenter.Apis;

namespace Sparkwright.World.Insight;

/// <summary>Why a node was bought, in words, from the record that Karpenter kept of the launch.</summary>
public static class LaunchReasons
{
    private const int OffersShown = 3;

    /// <summary>Null when there is no record: the node is not Karpenter's.</summary>
    public static string? Of(ObjectStore store, string? instanceId)
    {
        if (instanceId is null || store.Get(KarpenterTypes.LaunchRecord, "", instanceId)?.Spec is not { } record)
        {
            return null;
        }

        var pods = Tree.ItemsOf(record["pods"]).Length;
        var offers = Tree.ItemsOf(record["offers"]).ToArray();
        var shown = string.Join(", ", offers.Take(OffersShown).Select(offer => $"{offer["instanceType"]?.Text} in {offer["zone"]?.Text} at ${offer["usdPerHour"]?.Text}"));
        var left = record["typesLeft"]?.Integer ?? 0;
        var requests = record["requests"];
        return string.Create(
            CultureInfo.InvariantCulture,
            $"for {pods} {(pods == 1 ? "pod" : "pods")} asking cpu {requests?["cpu"]?.Text ?? "0"}, memory {requests?["memory"]?.Text ?? "0"} together, {left} of {record["typesInPool"]?.Integer} types of {record["pool"]?.Text} were large enough; cheapest {record["capacityType"]?.Text}: {shown}");
    }
}
