using Sparkwright.Kubernetes.Objects;
using Sparkwright.World.YuniKorn.Rest;

namespace Sparkwright.World.Scenarios;

/// <summary>What a snapshot shows: raw objects of the kinds that tests look at, all namespaces.</summary>
public static class ScenarioSnapshot
{
    public static TreeMap Of(World world) => TreeMap.Of(
        ("objects", TreeMap.Of(
            ("pods", Raw(world, CoreTypes.Pod)),
            ("nodes", Raw(world, CoreTypes.Node)),
            ("nodeclaims", Raw(world, world.Types.Find("karpenter.sh/v1", "NodeClaim"))),
            ("machines", TreeList.Empty),
            ("deployments", Raw(world, CoreTypes.Deployment)),
            ("replicasets", Raw(world, CoreTypes.ReplicaSet)),
            ("instances", TreeList.From(world.Instances())),
            ("events", Raw(world, CoreTypes.Event)))),
        ("yunikorn", world.YuniKorn is { } scheduler
            ? TreeMap.Of(("applications", YuniKornState.Applications(scheduler)), ("queues", YuniKornState.Queues(scheduler)))
            : TreeMap.Of(("applications", TreeList.Empty), ("queues", TreeList.Empty))));

    private static TreeList Raw(World world, ResourceType? type) =>
        type is null ? TreeList.Empty : TreeList.From(world.Store.List(type).Select(known => known.ToTree()));
}
