using System.Collections.Immutable;
using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Store;
using Sparkwright.Simulation;
using Sparkwright.World.Ec2;
using Sparkwright.World.Karpenter.Apis;
using Sparkwright.World.Karpenter.Provisioning;
using Sparkwright.World.Karpenter.Solver;
using Sparkwright.World.YuniKorn;

namespace Sparkwright.World.Insight;

/// <summary>
/// Watches a world and keeps what reports need of its pods and nodes after they are gone. It only listens, and outlives the engine: after a
/// restart it is attached to the new store and goes on.
/// </summary>
public sealed class History
{
    private readonly Dictionary<string, PodHistory> podsByUid = new(StringComparer.Ordinal);
    private readonly Dictionary<string, NodeHistory> nodesByIdentity = new(StringComparer.Ordinal);
    private readonly Dictionary<string, NodeHistory> nodesByName = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, ApiObject> decisions = new(StringComparer.Ordinal);
    private readonly Dictionary<string, ApplicationHistory> applicationsByRecord = new(StringComparer.Ordinal);
    private readonly List<ApplicationHistory> applications = [];
    private readonly List<PodHistory> pods = [];
    private readonly List<NodeHistory> nodes = [];
    private ObjectStore? attached;
    private Clock? clock;

    /// <summary>Every pod there ever was, in the order of creation.</summary>
    public IReadOnlyList<PodHistory> Pods => pods;

    /// <summary>Every node there ever was, in the order of launch.</summary>
    public IReadOnlyList<NodeHistory> Nodes => nodes;

    /// <summary>The records of Karpenter's decisions to disrupt nodes as they were last, by name; the store forgets them once they are carried out.</summary>
    public IReadOnlyCollection<ApiObject> Decisions => decisions.Values;

    /// <summary>Every application of YuniKorn there ever was, in the order of their beginning.</summary>
    public IReadOnlyList<ApplicationHistory> Applications => applications;

    /// <summary>When the world began.</summary>
    public DateTime Start => Attached.Start;

    public DateTime Now => Attached.Now;

    private Clock Attached => clock ?? throw new InvalidOperationException("the history watches no world yet");

    /// <summary>The history of a world from now on, through all its rebuilds.</summary>
    public static History Of(World world)
    {
        var history = new History();
        history.Attach(world);
        world.Rebuilt += () => history.Attach(world);
        return history;
    }

    private void Attach(World world)
    {
        Attach(world.Store, world.Clock);
        world.Parts.Plans.Carried += SeePlan;
    }

    /// <summary>Goes on with this store and clock; the store before is no longer listened to.</summary>
    public void Attach(ObjectStore store, Clock worldClock)
    {
        attached = store;
        clock = worldClock;
        foreach (var type in new[] { Ec2Types.Instance, CoreTypes.Node, KarpenterTypes.LaunchRecord, KarpenterTypes.DisruptionRecord, YuniKornTypes.Application, CoreTypes.Pod })
        {
            foreach (var known in store.List(type))
            {
                See(new StoreEvent(StoreEventKind.Added, known, null, known.Metadata.ResourceVersion), known.Metadata.CreationTimestamp);
            }
        }

        store.WatchAll(change =>
        {
            if (ReferenceEquals(attached, store))
            {
                See(change, Now);
            }
        });
    }

    /// <summary>The objects of a kind that the world has now, in the order of their names.</summary>
    public IEnumerable<ApiObject> Known(ResourceType type) => attached?.List(type) ?? [];

    /// <summary>Brings all integrals up to now, so that dollars can be read.</summary>
    public void CountUntilNow()
    {
        foreach (var node in nodes)
        {
            node.CountUntil(Now);
        }
    }

    private void See(StoreEvent change, DateTime createdAt)
    {
        var type = change.Object.Type;
        if (type == CoreTypes.Pod)
        {
            SeePod(change, createdAt);
        }
        else if (type == CoreTypes.Node)
        {
            SeeNode(change, createdAt);
        }
        else if (type == CoreTypes.Event)
        {
            SeeEvent(change);
        }
        else if (type == Ec2Types.Instance && change.Kind != StoreEventKind.Deleted)
        {
            SeeInstance(Instance.Of(change.Object));
        }
        else if (type == KarpenterTypes.DisruptionRecord)
        {
            decisions[change.Object.Name] = change.Object;
        }
        else if (type == YuniKornTypes.Application)
        {
            SeeApplication(change.Object);
        }
        else if (type == KarpenterTypes.LaunchRecord && nodesByIdentity.TryGetValue(change.Object.Name, out var bought))
        {
            bought.Why = LaunchWords.Say(change.Object.Spec);
        }
    }

    /// <summary>Keeps of a plan why it has no place for some pods, and that it has one for others.</summary>
    private void SeePlan(SolverPlan plan, ImmutableArray<PodObjection> objections)
    {
        foreach (var unplaced in plan.Unplaced)
        {
            podsByUid.GetValueOrDefault(unplaced.Pod.Uid)?.SeeRefused(new PodRefusal(unplaced.Rejections, null), Now);
        }

        foreach (var objection in objections.Where(objection => objection.Reason.Length > 0))
        {
            if (attached?.Get(CoreTypes.Pod, objection.Pod) is { } pod)
            {
                podsByUid.GetValueOrDefault(pod.Metadata.Uid)?.SeeRefused(new PodRefusal([], objection.Reason), Now);
            }
        }

        foreach (var placed in plan.OnNodes.Select(place => place.Pod).Concat(plan.Claims.SelectMany(claim => claim.Pods)))
        {
            podsByUid.GetValueOrDefault(placed.Uid)?.SeePlaced(Now);
        }
    }

    private void SeePod(StoreEvent change, DateTime createdAt)
    {
        var pod = change.Object;
        if (!podsByUid.TryGetValue(pod.Metadata.Uid, out var known))
        {
            known = new PodHistory(pod, createdAt);
            podsByUid.Add(pod.Metadata.Uid, known);
            pods.Add(known);
        }

        var tookRoom = known.TakesRoom;
        if (change.Kind == StoreEventKind.Deleted)
        {
            known.SeeGone(Now);
        }
        else
        {
            known.See(pod, Now);
        }

        if (!tookRoom && known.TakesRoom && nodesByName.TryGetValue(known.NodeName!, out var node))
        {
            known.Node = node;
            node.Take(known, Now);
        }
        else if (tookRoom && !known.TakesRoom)
        {
            known.Node?.Give(known, Now);
        }
    }

    private void SeeNode(StoreEvent change, DateTime createdAt)
    {
        var node = change.Object;
        var uid = node.Metadata.Uid;
        if (!nodesByIdentity.TryGetValue(uid, out var known))
        {
            known = Known(InstanceIdOf(node) ?? uid, node.Name, createdAt);
            nodesByIdentity[uid] = known;
        }

        if (change.Kind == StoreEventKind.Deleted)
        {
            known.SeeGone(Now);
        }
        else
        {
            known.See(node, Now);
        }
    }

    /// <summary>After a restart of the scheduler an application that is not over has a new record.</summary>
    private void SeeApplication(ApiObject record)
    {
        if (!applicationsByRecord.TryGetValue(record.Metadata.Uid, out var known))
        {
            known = applications.FindLast(earlier => earlier.Id == ApplicationHistory.IdOf(record) && !earlier.IsOver);
            if (known is null)
            {
                applications.Add(known = new ApplicationHistory(record));
            }

            applicationsByRecord.Add(record.Metadata.Uid, known);
        }

        known.See(record);
    }

    private void SeeInstance(Instance instance) => Known(instance.Id, instance.NodeName, instance.LaunchedAt).See(instance);

    private void SeeEvent(StoreEvent change)
    {
        if (change.Kind != StoreEventKind.Deleted && change.Object.Body.At("involvedObject", "uid")?.Text is { } uid
            && podsByUid.TryGetValue(uid, out var pod))
        {
            pod.SeeEvent(change.Object.Body["reason"]?.Text ?? "", change.Object.Body["message"]?.Text ?? "", Now);
        }
    }

    /// <param name="identity">An instance's id, since addresses and with them names are used again; else the Node's uid.</param>
    private NodeHistory Known(string identity, string name, DateTime createdAt)
    {
        if (!nodesByIdentity.TryGetValue(identity, out var known))
        {
            known = new NodeHistory(name, createdAt);
            nodesByIdentity.Add(identity, known);
            nodes.Add(known);
            nodesByName[name] = known;
        }

        return known;
    }

    private static string? InstanceIdOf(ApiObject node) =>
        node.Spec["providerID"]?.Text is { } id && id.LastIndexOf("/i-", StringComparison.Ordinal) is var at and >= 0 ? id[(at + 1)..] : null;
}
