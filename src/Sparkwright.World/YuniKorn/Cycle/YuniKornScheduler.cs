using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using Sparkwright.Kubernetes.Fitting;
using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Requests;
using Sparkwright.Kubernetes.Store;
using Sparkwright.Simulation;
using Sparkwright.World.Scheduling;
using Sparkwright.World.YuniKorn.Applications;
using Sparkwright.World.YuniKorn.Configuration;
using Sparkwright.World.YuniKorn.Queues;

namespace Sparkwright.World.YuniKorn.Cycle;

/// <summary>
/// Apache YuniKorn: gathers pods into applications, puts these into queues, and finds places for their pods. Applications move on once a
/// second; places are looked for whenever something has changed.
/// </summary>
public sealed class YuniKornScheduler : Worker<string>
{
    private const string PodsTurn = "pods";
    private const string TickTurn = "tick";
    private const string CycleTurn = "cycle";
    private const string InspectTurn = "inspect";
    private const string CleanTurn = "clean";
    private const string QuotaTurn = "quota";
    private const string VolumesTurn = "volumes";
    private const string ConfigurationTurn = "configuration";

    /// <summary>Keeps a turn of the loop short; the next follows at the same time.</summary>
    private const int PlacesPerTurn = 200;

    private static readonly TimeSpan InspectEvery = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan CleanEvery = TimeSpan.FromSeconds(10);

    private readonly ApiServer api;
    private readonly ClusterPicture cluster;
    private readonly Predicates predicates;
    private readonly NodeOrder order = new();
    private readonly SchedulerMemory memory;
    private readonly SortedDictionary<string, bool> changedNodes = new(StringComparer.Ordinal);

    private Partition partition;
    private Allocator allocator;
    private Binder binder;
    private Submission submission;
    private Reservations reservations;
    private PodIntake pods;

    /// <summary>Places are still to be looked for at this instant.</summary>
    private bool isCycleDue;

    public YuniKornScheduler(EventLoop loop, ApiServer api)
        : base(loop)
    {
        this.api = api;
        cluster = new ClusterPicture(api.Store);
        predicates = new Predicates(api, cluster);
        memory = new SchedulerMemory(api);
        Build(memory.Configuration);
        var shrunk = memory.Load(partition, pods.AddFromMemory);
        shrunk.ForEach(partition.CatchUp);
        pods.ReadAll();
        api.Store.Watch(CoreTypes.Node, SeenNode);
        api.Store.Watch(CoreTypes.Pod, SeenPod);
        api.Store.Watch(CoreTypes.ConfigMap, SeenConfigMap);
        api.Store.Watch(CoreTypes.Namespace, SeenNamespace);
        foreach (var type in new[] { CoreTypes.PersistentVolumeClaim, CoreTypes.PersistentVolume, CoreTypes.StorageClass, CoreTypes.CsiNode })
        {
            api.Store.Watch(type, _ => Wake(VolumesTurn));
        }

        Wake(ConfigurationTurn);
        WakeAll();
    }

    /// <summary>Applications that are not over, by id.</summary>
    public IReadOnlyCollection<Application> Applications => partition.Applications.Values;

    /// <summary>Applications that are over, in the order of their end.</summary>
    public IReadOnlyList<Application> Finished => partition.Finished;

    public QueueTree Queues => partition.Queues;

    /// <summary>What all nodes have together.</summary>
    public Amounts Capacity => partition.Queues.Root.Max ?? Amounts.None;

    /// <summary>Nodes by name, with what is taken of them.</summary>
    public IReadOnlyList<NodeState> Nodes => cluster.Nodes.Ranked;

    public UserUsage Users => partition.Usage;

    /// <summary>When it started, or was last restarted.</summary>
    public DateTime Started => memory.Started ?? api.Clock.Now;

    /// <summary>Tells this start of the scheduler from others.</summary>
    public string InstanceId => memory.InstanceId;

    /// <summary>The queue configuration in force.</summary>
    public string ConfigurationText => partition.Configuration.Length == 0 ? ConfigReader.DefaultText : partition.Configuration;

    /// <summary>The pods for which a node is kept free.</summary>
    public IReadOnlyList<PodTask> ReservedOn(string node) => partition.ReservedOn(node);

    /// <summary>Every pod that has no node yet, and why.</summary>
    public ImmutableArray<PendingPod> Pending() => new PendingPods(partition, predicates).All();

    /// <summary>
    /// Restarts the scheduler alone: it forgets everything and finds out anew what the cluster shows, as the real one does. Timers begin again.
    /// </summary>
    public void Restart()
    {
        memory.Forget();
        changedNodes.Clear();
        foreach (var waiting in binder.Waiting.ToList())
        {
            cluster.Release(waiting);
        }

        Build(null);
        pods.ReadAll();
        WakeAll();
        Save();
    }

    protected override void Reconcile(string key)
    {
        switch (key)
        {
            case PodsTurn:
                TakeChanges();
                break;
            case TickTurn:
                submission.Beat();
                break;
            case CycleTurn:
                Cycle();
                break;
            case InspectTurn:
                Inspect();
                break;
            case CleanTurn:
                partition.AreQueuesChanged |= partition.Queues.Clean();
                break;
            case QuotaTurn:
                EnforceQuotas();
                break;
            case VolumesTurn:
                if (binder.LookAfter() is { } next)
                {
                    WakeAt(VolumesTurn, next);
                }

                WakeAt(TickTurn, NextBeat());
                WakeForCycle();
                break;
            case ConfigurationTurn:
                Reconfigure();
                break;
            default:
                Expire(key);
                break;
        }

        Save();
    }

    /// <summary>Puts all parts together, over the queue configuration that the ConfigMaps hold when the scheduler starts, or over the one it had.</summary>
    [MemberNotNull(nameof(partition), nameof(allocator), nameof(binder), nameof(submission), nameof(reservations), nameof(pods))]
    private void Build(string? known)
    {
        var settings = YuniKornSettings.Of(api.Store);
        var configuration = known ?? settings.Queues;
        if (ConfigReader.Read(configuration) is not ConfigResult.Valid valid)
        {
            configuration = "";
            valid = (ConfigResult.Valid)ConfigReader.Read("");
        }

        var queues = new QueueTree(valid.Partition);
        order.Configure(queues.Settings.NodeSort);
        foreach (var node in cluster.Nodes.Ranked)
        {
            order.Touch(node.View.Name);
        }

        partition = new Partition(api, cluster, settings, configuration, queues)
        {
            NeedsTick = () => WakeAt(TickTurn, NextBeat()),
            NeedsCycle = WakeForCycle,
            NeedsLookAtVolumes = () => Wake(VolumesTurn),
            LeftBehind = TakeLater,
        };
        reservations = new Reservations(partition);
        binder = new Binder(partition) { Bound = reservations.WhenBound };
        allocator = new Allocator(partition, predicates, order, binder);
        submission = new Submission(partition, reservations);
        pods = new PodIntake(partition, allocator, submission, reservations, memory);
    }

    private void WakeForCycle()
    {
        isCycleDue = true;
        Wake(CycleTurn);
    }

    private void WakeAll()
    {
        WakeAt(TickTurn, NextBeat());
        WakeForCycle();
        Wake(VolumesTurn);
        WakeForQuotas();
        foreach (var application in partition.Applications.Values.Concat(partition.Finished))
        {
            WakeFor(application);
        }
    }

    private void SeenNode(StoreEvent change)
    {
        cluster.Seen(change);
        var name = change.Object.Name;
        order.Touch(name);
        if (change.Kind != StoreEventKind.Modified || !changedNodes.ContainsKey(name))
        {
            changedNodes[name] = change.Kind == StoreEventKind.Added;
        }

        Wake(PodsTurn);
    }

    private void SeenPod(StoreEvent change)
    {
        cluster.SeenPod(change);
        var (now, before) = (PodSpecView.Of(change.Object), change.Old is { } old ? PodSpecView.Of(old) : null);
        if (now.NodeName.Length > 0)
        {
            order.Touch(now.NodeName);
            if (partition.Queues.Root.Pending.IsPositive)
            {
                WakeForCycle();
            }
        }

        if (before is { NodeName.Length: > 0 })
        {
            order.Touch(before.NodeName);
        }

        if (now.SchedulerName == Names.Scheduler || partition.Tasks.ContainsKey(change.Object.Key))
        {
            TakeLater(change.Object.Key);
        }
    }

    private void TakeLater(ObjectKey pod)
    {
        pods.Note(pod);
        Wake(PodsTurn);
    }

    private void SeenConfigMap(StoreEvent change)
    {
        if (change.Object.Namespace == Names.Namespace && change.Object.Name is YuniKornSettings.DefaultsMap or YuniKornSettings.ConfigsMap)
        {
            Wake(ConfigurationTurn);
        }
    }

    private void SeenNamespace(StoreEvent change)
    {
        if (change.Old is not null && !change.Old.Metadata.Labels.Equals(change.Object.Metadata.Labels))
        {
            predicates.Forget();
            WakeForCycle();
        }
    }

    /// <summary>The beat after now: what happens at the moment of a beat is seen at the next one.</summary>
    private DateTime NextBeat() => After(partition.Settings.SchedulingInterval);

    private DateTime After(TimeSpan period) => Clock.NextMultiple(period) is var next && next > Clock.Now ? next : next + period;

    private void TakeChanges()
    {
        foreach (var (name, isNew) in changedNodes)
        {
            partition.RefreshCapacity(name);
            if (cluster.Nodes.Find(name) is null)
            {
                foreach (var reserved in partition.ReservedOn(name).ToList())
                {
                    partition.Unreserve(reserved);
                }

                foreach (var lost in partition.Tasks.Values.Where(task => task.Node == name && task.State == TaskState.Bound).OrderBy(task => task.Key).ToList())
                {
                    partition.End(lost);
                }
            }
            else if (isNew && api.Store.Get(CoreTypes.Node, "", name) is { } node)
            {
                partition.Events.Normal(node, "NodeAccepted", $"node {name} is accepted by the scheduler", "NodeAccepted");
            }
        }

        if (changedNodes.Count > 0)
        {
            changedNodes.Clear();
            WakeForCycle();
        }

        pods.Take();
    }

    private void Cycle()
    {
        isCycleDue = false;
        pods.Take();
        allocator.Begin();
        for (var places = 0; allocator.Step(); places++)
        {
            if (places == PlacesPerTurn)
            {
                WakeForCycle();
                break;
            }
        }

        if (allocator.TryAgainAt is { } again)
        {
            WakeAt(CycleTurn, again);
        }

        if (partition.Queues.Root.Pending.IsPositive)
        {
            WakeAt(InspectTurn, After(InspectEvery));
        }
    }

    /// <summary>Marks the pods that more nodes would help, so that an autoscaler buys some. Pods that a quota holds back are not marked.</summary>
    private void Inspect()
    {
        foreach (var task in allocator.Outstanding().ToList())
        {
            if (api.Store.Get(CoreTypes.Pod, task.Key) is not { } pod)
            {
                continue;
            }

            task.HasTriggeredScaleUp = true;
            api.ModifyStatus(CoreTypes.Pod, task.Key, status => Conditions.Set(
                status, "PodScheduled", false, "Unschedulable", "request is waiting for cluster resources become available", Clock.Now));
            partition.Events.Normal(pod, "PodUnschedulable", $"Task {task} is pending for the requested resources become available", "PodUnschedulable");
        }
    }

    /// <summary>A timer of an application may have run out.</summary>
    private void Expire(string name)
    {
        var application = partition.Applications.Values.Concat(partition.Finished).FirstOrDefault(known => known.MemoryName == name);
        if (application?.PlaceholderDeadline <= Clock.Now)
        {
            application.PlaceholderDeadline = null;
            partition.Touch(application);
            reservations.End(application);
        }

        if (application?.StateDeadline <= Clock.Now)
        {
            if (application.State != ApplicationState.Completing)
            {
                partition.Happen(application, ApplicationEvent.Expire);
            }
            else if (application.PlaceholderAllocated.IsZero)
            {
                partition.Happen(application, ApplicationEvent.Complete);
            }
            else
            {
                application.StateDeadline = null;
                partition.Touch(application);
                partition.Release(application.AllocatedPlaceholders.Where(placeholder => !placeholder.IsReleased));
            }
        }

        if (application is not null)
        {
            WakeFor(application);
        }
    }

    /// <summary>
    /// Takes over what the ConfigMaps say now, if it can be used. What a platform begins with was there before the scheduler began, hot refresh or not.
    /// </summary>
    private void Reconfigure()
    {
        var settings = YuniKornSettings.Of(api.Store);
        partition.Settings = settings;
        var text = settings.Queues;
        partition.AreQueuesChanged |= memory.Configuration is null;
        var hasJustBegun = Clock.Now == Clock.Start && partition.Applications.Count == 0;
        if (text == partition.Configuration || !(settings.HotRefresh || hasJustBegun))
        {
            return;
        }

        switch (ConfigReader.Read(text))
        {
            case ConfigResult.Valid valid:
                partition.Configuration = text;
                partition.Queues.Update(valid.Partition, Clock.Now);
                order.Configure(valid.Partition.NodeSort);
                partition.AreQueuesChanged = true;
                WakeForQuotas();
                WakeForCycle();
                break;
            case ConfigResult.Invalid invalid when api.Store.Get(CoreTypes.ConfigMap, Names.Namespace, YuniKornSettings.ConfigsMap) is { } map:
                partition.Events.Warning(map, "ConfigurationRejected", $"the queue configuration stays as it was: {invalid.Message}");
                break;
        }
    }

    private void EnforceQuotas()
    {
        var preemptor = new Preemptor(partition, predicates);
        foreach (var queue in partition.Queues.Root.Downwards().Where(queue => queue.QuotaDeadline <= Clock.Now).ToList())
        {
            queue.QuotaDeadline = null;
            preemptor.Shrink(queue);
        }

        partition.AreQueuesChanged = true;
        WakeForQuotas();
    }

    private void WakeForQuotas()
    {
        foreach (var deadline in partition.Queues.Root.Downwards().Select(queue => queue.QuotaDeadline).OfType<DateTime>())
        {
            WakeAt(QuotaTurn, deadline);
        }
    }

    private void WakeFor(Application application)
    {
        if (application.PlaceholderDeadline is { } timeout)
        {
            WakeAt(application.MemoryName, timeout);
        }

        if (application.StateDeadline is { } end)
        {
            WakeAt(application.MemoryName, end);
        }
    }

    private void Save()
    {
        foreach (var application in partition.Changes.TakeApplications())
        {
            memory.Save(application);
            WakeFor(application);
        }

        foreach (var placeholder in partition.Changes.TakePlaceholders())
        {
            memory.Save(placeholder);
        }

        // Most pods find their place at the instant at which they ask. An engine that ends in between has them ask again.
        if (!isCycleDue)
        {
            foreach (var member in partition.Changes.TakeMembers())
            {
                memory.Save(member);
            }
        }

        if (partition.AreQueuesChanged)
        {
            partition.AreQueuesChanged = false;
            memory.SaveQueues(partition);
        }

        if (partition.Queues.MayHaveEmpty)
        {
            WakeAt(CleanTurn, After(CleanEvery));
        }
    }
}
