using Sparkwright.Kubernetes.Objects;
using Sparkwright.Simulation;
using Sparkwright.World.Nodes;

namespace Sparkwright.Tests.Nodes;

public class NodeHeartbeatsTests
{
    private static readonly DateTime Created = new(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc);

    [Theory]
    //          ready     seconds  lease renewed                  heartbeat
    [InlineData("True", 0, "2026-01-01T00:00:00.000000Z", "2026-01-01T00:01:00Z")]
    [InlineData("True", 79, "2026-01-01T00:01:10.000000Z", "2026-01-01T00:01:00Z")]
    [InlineData("True", 650, "2026-01-01T00:10:50.000000Z", "2026-01-01T00:10:00Z")]
    [InlineData("False", 650, "2026-01-01T00:10:50.000000Z", "2026-01-01T00:10:00Z")]
    [InlineData("Unknown", 650, null, "2026-01-01T00:01:00Z")]
    public void A_kubelet_that_lives_renews_its_lease_and_reports(string ready, int seconds, string? renewed, string heartbeat)
    {
        var condition = TreeMap.Of(("lastHeartbeatTime", "2026-01-01T00:01:00Z"), ("lastTransitionTime", "2026-01-01T00:01:00Z"), ("status", ready), ("type", "Ready"));
        var node = new ApiObject(
            CoreTypes.Node, new ObjectMeta { Name = "n", Uid = "u", CreationTimestamp = Created }, TreeMap.Of(("status", TreeMap.Of(("conditions", TreeList.Of(condition))))));
        var lease = NodeHeartbeats.LeaseOf(node, new Chance(1), Created.AddSeconds(seconds));
        Assert.Equal((renewed, renewed is null ? null : "n"), (lease?.Spec["renewTime"]?.Text, lease?.Spec["holderIdentity"]?.Text));
        Assert.Equal(heartbeat, NodeHeartbeats.Refreshed(node, Created.AddSeconds(seconds)).Status["conditions"]!.Items[0]["lastHeartbeatTime"]?.Text);
    }
}
