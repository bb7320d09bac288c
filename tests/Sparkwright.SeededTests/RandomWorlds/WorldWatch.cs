using Sparkwright.Kubernetes.Fitting;
using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Store;
using Sparkwright.World;
using Sparkwright.World.Ec2;
using Sparkwright.World.Karpenter;
using Sparkwright.World.Karpenter.Apis;
using Sparkwright.World.Karpenter.Disruption;

namespace Sparkwright.SeededTests.RandomWorlds;

using World = Sparkwright.World.World;

/// <summary>Looks at each write of a world and keeps what no write may do.</summary>
internal sealed class WorldWatch
{
    private readonly World world;
    private readonly List<string> broken = [];
    private readonly HashSet<string> explained = new(StringComparer.Ordinal);
    private readonly HashSet<string> blocked = new(StringComparer.Ordinal);
    private readonly Dictionary<string, DateTime> gone = new(StringComparer.Ordinal);
    private long lastVersion;

    public WorldWatch(World world)
    {
        this.world = world;
        world.Rebuilt += Attach;
        Attach();
    }

    /// <summary>When something was last disrupted of Karpenter's own accord, and what.</summary>
    public (DateTime At, string Command)? LastDisruption { get; private set; }

    /// <summary>The uids of the pods about which Karpenter has ever said something.</summary>
    public IReadOnlySet<string> Explained => explained;

    /// <summary>The names of the nodes of which Karpenter has ever said why they cannot be drained.</summary>
    public IReadOnlySet<string> Blocked => blocked;

    /// <summary>Pools that were ever created.</summary>
    public int Pools { get; private set; }

    /// <summary>Pods that were ever created.</summary>
    public int Pods { get; private set; }

    /// <summary>Disruptions of Karpenter's own accord that were carried out.</summary>
    public int Disruptions { get; private set; }

    /// <summary>Whether a node has just been deleted, so that nobody can have missed it yet.</summary>
    public bool HasJustGone(string node) => gone.TryGetValue(node, out var since) && world.Clock.Now - since < TimeSpan.FromMinutes(2);

    /// <summary>What was broken since the last time that somebody asked, and what is broken now.</summary>
    public IReadOnlyList<string> Broken()
    {
        var all = broken.Concat(WorldInvariants.Broken(world)).ToList();
        broken.Clear();
        return all;
    }

    private void Attach() => world.Store.WatchAll(See);

    private void See(StoreEvent change)
    {
        if (change.ResourceVersion <= lastVersion)
        {
            broken.Add($"resourceVersion: {change.ResourceVersion} comes after {lastVersion}");
        }

        lastVersion = change.ResourceVersion;
        if (change.Kind == StoreEventKind.Deleted)
        {
            if (change.Object.Type == CoreTypes.Node)
            {
                gone[change.Object.Name] = world.Clock.Now;
            }

            return;
        }

        Count(change);
        if (change.Object.Type == CoreTypes.Pod)
        {
            SeePod(change.Object, change.Old);
        }
        else if (change.Object.Type == CoreTypes.Event && change.Object.Body.At("source", "component")?.Text == "karpenter")
        {
            explained.Add(change.Object.Body.At("involvedObject", "uid")?.Text ?? "");
            if (change.Object.Body["reason"]?.Text is "FailedDraining" or "AwaitingVolumeDetachment")
            {
                blocked.Add(change.Object.Body.At("involvedObject", "name")?.Text ?? "");
            }
        }
        else if (change.Object.Type == KarpenterTypes.DisruptionRecord && change.Kind != StoreEventKind.Deleted)
        {
            SeeDecision(DisruptionRecord.Of(change.Object));
        }
        else if (change.Object.Type == Ec2Types.Instance && change.Kind == StoreEventKind.Added)
        {
            SeeLaunch(Instance.Of(change.Object));
        }
    }

    private void Count(StoreEvent change)
    {
        var type = change.Object.Type;
        Pools += change.Kind == StoreEventKind.Added && (type == KarpenterTypes.NodePool || type == KarpenterTypes.Provisioner) ? 1 : 0;
        Pods += change.Kind == StoreEventKind.Added && type == CoreTypes.Pod ? 1 : 0;
        Disruptions += type == KarpenterTypes.DisruptionRecord && DisruptionRecord.Of(change.Object).Phase == DisruptionPhase.Done
            && (change.Old is null || DisruptionRecord.Of(change.Old).Phase != DisruptionPhase.Done) ? 1 : 0;
    }

    private void SeePod(ApiObject pod, ApiObject? old)
    {
        var (before, now) = (old is null ? "" : PodSpecView.Of(old).NodeName, PodSpecView.Of(pod).NodeName);
        if (before == now)
        {
            return;
        }

        if (before.Length > 0)
        {
            broken.Add($"bound twice: {pod.Key} was on {before} and is on {now}");
        }

        broken.AddRange(PlainFit.Broken(world, pod).Select(rule => $"binding: {pod.Key} to {now}: {rule}"));
    }

    private void SeeDecision(DisruptionRecord record)
    {
        if (record.Phase is DisruptionPhase.Abandoned or DisruptionPhase.Failed)
        {
            return;
        }

        if (record.Phase != DisruptionPhase.Validating)
        {
            LastDisruption = (world.Clock.Now, record.Command);
        }

        if (record.Method is not (DisruptionMethod.Drift or DisruptionMethod.Expiration) && record.SavingsUsdPerHour is < 0)
        {
            broken.Add($"dearer: {record.Command} saves {record.SavingsUsdPerHour} USD an hour");
        }
    }

    /// <summary>A pool's living nodes that are not on their way out keep its limits at the moment when one is added.</summary>
    private void SeeLaunch(Instance launched)
    {
        if (PoolOf(launched) is not { } key || world.Store.Get(key.Type, "", key.Name) is not { } known)
        {
            return;
        }

        var pool = Pool.Of(known);
        var members = world.Store.List(Ec2Types.Instance).Select(Instance.Of).Where(one => one.IsAlive && PoolOf(one) == key && (one.Id == launched.Id || !IsLeaving(one))).ToList();
        if (pool.Limits.TryGetValue(Pool.NodesResource, out var nodes) && members.Count > nodes)
        {
            broken.Add($"limit: pool {key.Name} has {members.Count} nodes and may have {nodes}");
        }

        var cpu = members.Sum(one => Ec2Catalogue.ForRegion(world.Settings.Region).Find(one.TypeName)!.Vcpu) * 1000;
        if (pool.Limits.TryGetValue(ResourceList.Cpu, out var most) && cpu > most)
        {
            broken.Add($"limit: pool {key.Name} has {cpu}m CPU and may have {most}m after {launched.TypeName}: {string.Join(", ", members.Select(one => one.TypeName))}");
        }
    }

    private static PoolKey? PoolOf(Instance instance) =>
        instance.Tags[KarpenterLabels.NodePool]?.Text is { } pool ? new PoolKey(Generation.V1, pool)
        : instance.Tags[KarpenterLabels.ProvisionerName]?.Text is { } provisioner ? new PoolKey(Generation.V1Alpha5, provisioner)
        : null;

    private bool IsLeaving(Instance instance)
    {
        var node = world.Store.List(CoreTypes.Node).FirstOrDefault(one => one.Spec["providerID"]?.Text == instance.ProviderId);
        var claim = world.Store.List(KarpenterTypes.NodeClaim).FirstOrDefault(one => one.Status["providerID"]?.Text == instance.ProviderId);
        return (node is null && claim is null)
            || node?.Metadata.IsBeingDeleted == true || claim?.Metadata.IsBeingDeleted == true
            || (node is not null && (NodeView.Of(node).IsUnschedulable || NodeView.Of(node).Taints.Any(taint => taint.Key == "karpenter.sh/disrupted")));
    }
}
