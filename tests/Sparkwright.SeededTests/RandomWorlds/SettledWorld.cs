using Sparkwright.Kubernetes.Fitting;
using Sparkwright.Kubernetes.Objects;
using Sparkwright.World.Ec2;
using Sparkwright.World.Insight;
using Sparkwright.World.Karpenter;
using Sparkwright.World.Karpenter.Apis;

namespace Sparkwright.SeededTests.RandomWorlds;

using World = Sparkwright.World.World;

/// <summary>What must be true of a world that was left alone for hours, and of one that was emptied.</summary>
internal static class SettledWorld
{
    private static readonly TimeSpan LongAgo = TimeSpan.FromMinutes(30);

    /// <summary>After hours without a disturbance.</summary>
    public static IEnumerable<string> Broken(World world, WorldWatch watch) => Partners(world).Concat(Pods(world, watch)).Concat(Leaving(world, watch)).Concat(Quiet(world, watch)).Concat(Idle(world));

    /// <summary>After everything was deleted.</summary>
    public static IEnumerable<string> NotCleared(World world, History history)
    {
        foreach (var type in new[] { CoreTypes.Pod, CoreTypes.Node, KarpenterTypes.NodeClaim, CoreTypes.VolumeAttachment, CoreTypes.PersistentVolume })
        {
            foreach (var left in world.Store.List(type))
            {
                yield return $"leaked: {left}";
            }
        }

        foreach (var instance in world.Store.List(Ec2Types.Instance).Select(Instance.Of).Where(instance => instance.Exists))
        {
            yield return $"leaked: instance {instance.Id} is {instance.State}";
        }

        var report = ReportBuilder.Build(history, new ReportRequest()).Cost;
        var billed = world.Store.List(Ec2Types.Instance).Sum(known => Instance.Of(known).UsdUntil(world.Clock.Now));
        if (decimal.Round(billed, 6) != decimal.Round(report.Usd, 6))
        {
            yield return $"cost: the report says {report.Usd}, the instances cost {billed}";
        }

        if (report.UsdIdle < 0 || report.UsdIdle > report.Usd)
        {
            yield return $"cost: {report.UsdIdle} of {report.Usd} are idle";
        }
    }

    /// <summary>Instances, NodeClaims and Nodes have each other.</summary>
    private static IEnumerable<string> Partners(World world)
    {
        var nodes = world.Store.List(CoreTypes.Node);
        var claims = world.Store.List(KarpenterTypes.NodeClaim);
        var instances = world.Store.List(Ec2Types.Instance).Select(Instance.Of).Where(instance => instance.Exists).ToList();
        // Those of a terminated instance go after it, a few seconds later.
        bool Stays(ApiObject known) => known.Metadata.DeletionTimestamp is not { } since || world.Clock.Now - since > LongAgo;
        foreach (var node in nodes.Where(Stays).Where(node => !instances.Exists(instance => instance.ProviderId == node.Spec["providerID"]?.Text)))
        {
            yield return $"partners: node {node.Name} has no instance";
        }

        foreach (var instance in instances.Where(instance => world.Clock.Now - instance.LaunchedAt > LongAgo && !nodes.Any(node => node.Spec["providerID"]?.Text == instance.ProviderId)))
        {
            yield return $"partners: instance {instance.Id} has no node";
        }

        foreach (var claim in claims.Where(Stays).Where(claim => NodeClaim.Of(claim).IsLaunched && !instances.Exists(instance => instance.ProviderId == NodeClaim.Of(claim).ProviderId)))
        {
            yield return $"partners: claim {claim.Name} has no instance";
        }

        foreach (var node in nodes.Where(node => node.Metadata.Label(KarpenterLabels.NodePool) is not null
            && claims.Count(claim => NodeClaim.Of(claim).ProviderId == node.Spec["providerID"]?.Text) != 1))
        {
            yield return $"partners: node {node.Name} has not one NodeClaim";
        }

        foreach (var attachment in world.Store.List(CoreTypes.VolumeAttachment).Where(attachment => world.Store.Get(CoreTypes.Node, "", attachment.Spec["nodeName"]?.Text ?? "") is null))
        {
            yield return $"partners: {attachment} is of a node that is gone";
        }
    }

    /// <summary>Each pod is on a node that exists, or says why it is on none, and Karpenter says why it buys none.</summary>
    private static IEnumerable<string> Pods(World world, WorldWatch watch)
    {
        foreach (var pod in world.Store.List(CoreTypes.Pod).Where(pod => world.Clock.Now - pod.Metadata.CreationTimestamp > LongAgo))
        {
            var nodeName = PodSpecView.Of(pod).NodeName;
            if (nodeName.Length > 0)
            {
                if (world.Store.Get(CoreTypes.Node, "", nodeName) is null)
                {
                    if (watch.HasJustGone(nodeName))
                    {
                        continue;
                    }

                    yield return $"pods: {pod.Key} is on {nodeName}, which is gone";
                }
                else if (pod.Status["phase"]?.Text == "Pending" && Conditions.IsTrue(NodeView.Of(world.Store.Get(CoreTypes.Node, "", nodeName)!) is { IsReady: true } ? pod.Status : TreeMap.Empty, "PodScheduled"))
                {
                    yield return $"pods: {pod.Key} does not start on {nodeName}: {pod.Status}";
                }
            }
            else if (Conditions.Find(pod.Status, "PodScheduled")?["message"]?.Text is not { Length: > 0 })
            {
                yield return $"pods: {pod.Key} is {pod.Status["phase"]?.Text}, on no node, and does not say why";
            }
            else if (pod.Metadata.Controller?.Kind != "DaemonSet" && pod.Status["nominatedNodeName"] is null
                && !watch.Explained.Contains(pod.Metadata.Uid) && world.Store.Count(KarpenterTypes.NodePool) + world.Store.Count(KarpenterTypes.Provisioner) > 0)
            {
                yield return $"pods: {pod.Key} waits and Karpenter says nothing: {Conditions.Find(pod.Status, "PodScheduled")}";
            }
        }
    }

    /// <summary>What is being deleted goes, unless a pod of it may not be evicted, which is then said.</summary>
    private static IEnumerable<string> Leaving(World world, WorldWatch watch)
    {
        bool IsOld(ApiObject known) => known.Metadata.DeletionTimestamp is { } since && world.Clock.Now - since > LongAgo;

        // Without a kubelet nobody confirms that the containers of a pod have ended.
        bool HasKubelet(ApiObject pod) => world.Store.Get(CoreTypes.Node, "", PodSpecView.Of(pod).NodeName) is not { } node || NodeView.Of(node).IsReady;
        foreach (var pod in world.Store.List(CoreTypes.Pod).Where(IsOld).Where(HasKubelet))
        {
            yield return $"leaving: {pod.Key} has been going since {pod.Metadata.DeletionTimestamp:T}";
        }

        foreach (var node in world.Store.List(CoreTypes.Node).Where(IsOld).Where(node => !watch.Blocked.Contains(node.Name)))
        {
            yield return $"leaving: {node} has been going since {node.Metadata.DeletionTimestamp:T}, and nothing says why it stays";
        }

        foreach (var claim in world.Store.List(KarpenterTypes.NodeClaim).Where(IsOld).Where(claim => !watch.Blocked.Contains(NodeClaim.Of(claim).NodeName ?? "")))
        {
            yield return $"leaving: {claim} has been going since {claim.Metadata.DeletionTimestamp:T}, and nothing says why it stays";
        }
    }

    /// <summary>Where no node expires, nothing is disrupted any more.</summary>
    private static IEnumerable<string> Quiet(World world, WorldWatch watch)
    {
        var expires = world.Store.List(KarpenterTypes.NodePool).Concat(world.Store.List(KarpenterTypes.Provisioner)).Any(pool => Pool.Of(pool).ExpireAfter < TimeSpan.FromDays(1))
            || world.Store.List(KarpenterTypes.NodeClaim).Any(claim => NodeClaim.Of(claim).ExpireAfter < TimeSpan.FromDays(1));
        if (!expires && watch.LastDisruption is { } last && world.Clock.Now - last.At < TimeSpan.FromHours(1))
        {
            yield return $"quiet: still disrupted at {last.At:T}: {last.Command}";
        }
    }

    /// <summary>
    /// Where nothing forbids it, no node stays that has nothing to do. A node may be held for pods that have none and for those of a node on its way
    /// out, and a lost node uses up the budget of its pool; worlds with such are not asked.
    /// </summary>
    private static IEnumerable<string> Idle(World world)
    {
        var pods = world.Store.List(CoreTypes.Pod).Where(pod => pod.Status["phase"]?.Text is not ("Succeeded" or "Failed")).ToList();
        if (pods.Exists(pod => PodSpecView.Of(pod).NodeName.Length == 0) || world.Store.List(CoreTypes.Node).Any(node => node.Metadata.IsBeingDeleted || !NodeView.Of(node).IsReady))
        {
            yield break;
        }

        var busy = pods.Where(pod => pod.Metadata.Controller?.Kind != "DaemonSet").Select(pod => PodSpecView.Of(pod).NodeName).ToHashSet(StringComparer.Ordinal);
        foreach (var claim in world.Store.List(KarpenterTypes.NodeClaim).Where(claim => Conditions.IsTrue(claim.Status, "Initialized")))
        {
            if (NodeClaim.Of(claim).NodeName is { } node && !busy.Contains(node) && world.Clock.Now - claim.Metadata.CreationTimestamp > LongAgo * 2
                && world.Store.Get(KarpenterTypes.NodePool, "", claim.Metadata.Label(KarpenterLabels.NodePool) ?? "") is { } pool
                && Pool.Of(pool).Disruption is { ConsolidateAfter: { } wait } policy && wait < LongAgo && policy.Budgets.All(budget => budget.Nodes != "0"))
            {
                yield return $"idle: {node} of {pool} does nothing: {Conditions.Find(claim.Status, "Consolidatable")}";
            }
        }
    }
}
