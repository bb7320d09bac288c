using Sparkwright.Kubernetes.Fitting;
using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Requests;
using Sparkwright.Kubernetes.Store;
using Sparkwright.Simulation;
using Sparkwright.World.Scheduling;
using Sparkwright.World.YuniKorn.Applications;
using Sparkwright.World.YuniKorn.Configuration;
using Sparkwright.World.YuniKorn.Gang;
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
    private readonly SortedSet<ObjectKey> changedPods = [];
    private readonly SortedDictionary<string, bool> changedNodes = new(StringComparer.Ordinal);

    private YuniKornSettings settings;
    private Partition partition;
    private Allocator allocator;
    private Binder binder;
    private string configuration = "";

    public YuniKornScheduler(EventLoop loop, ApiServer api)
        : base(loop)
    {
        this.api = api;
        cluster = new ClusterPicture(api.Store);
        predicates = new Predicates(api, cluster);
        memory = new SchedulerMemory(api);
        (settings, partition, allocator, binder) = Build(memory.Configuration);
        var shrunk = memory.Load(partition, AddFromMemory);
        shrunk.ForEach(partition.CatchUp);
        ReadPods();
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

    /// <summary>The queue configuration in force.</summary>
    public string ConfigurationText => configuration.Length == 0 ? ConfigReader.DefaultText : configuration;

    /// <summary>The pods for which a node is kept free.</summary>
    public IReadOnlyList<PodTask> ReservedOn(string node) => partition.ReservedOn(node);

    /// <summary>
    /// Restarts the scheduler alone: it forgets everything and finds out anew what the cluster shows, as the real one does. Timers begin again.
    /// </summary>
    public void Restart()
    {
        memory.Forget();
        changedPods.Clear();
        changedNodes.Clear();
        foreach (var waiting in binder.Waiting.ToList())
        {
            cluster.Release(waiting);
        }

        (settings, partition, allocator, binder) = Build(null);
        ReadPods();
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
                Tick();
                break;
            case CycleTurn:
                Cycle();
                break;
            case InspectTurn:
                Inspect();
                break;
            case CleanTurn:
                partition.Queues.Clean();
                memory.Save(configuration, partition.Queues);
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
                Wake(CycleTurn);
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

    /// <summary>The queue configuration that the ConfigMaps hold when the scheduler starts, or the one it had.</summary>
    private (YuniKornSettings, Partition, Allocator, Binder) Build(string? known)
    {
        var read = YuniKornSettings.Of(api.Store);
        configuration = known ?? read.Queues;
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

        var all = new Partition(api, cluster, queues)
        {
            NeedsTick = () => WakeAt(TickTurn, NextBeat()),
            NeedsCycle = () => Wake(CycleTurn),
        };
        var binding = new Binder(all) { Bound = WhenBound };
        return (read, all, new Allocator(all, predicates, order, binding), binding);
    }

    private void WakeAll()
    {
        WakeAt(TickTurn, NextBeat());
        Wake(CycleTurn);
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
                Wake(CycleTurn);
            }
        }

        if (before is { NodeName.Length: > 0 })
        {
            order.Touch(before.NodeName);
        }

        if (now.SchedulerName == Names.Scheduler || partition.Tasks.ContainsKey(change.Object.Key))
        {
            changedPods.Add(change.Object.Key);
            Wake(PodsTurn);
        }
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
            Wake(CycleTurn);
        }
    }

    /// <summary>The beat after now: what happens at the moment of a beat is seen at the next one.</summary>
    private DateTime NextBeat() => After(settings.SchedulingInterval);

    private DateTime After(TimeSpan period) => Clock.NextMultiple(period) is var next && next > Clock.Now ? next : next + period;

    private void ReadPods()
    {
        foreach (var pod in api.Store.List(CoreTypes.Pod).Where(PodMetadata.IsManaged))
        {
            changedPods.Add(pod.Key);
        }

        TakePods();
    }

    private void TakeChanges()
    {
        foreach (var (name, isNew) in changedNodes)
        {
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
            partition.RefreshCapacity();
            Wake(CycleTurn);
        }

        TakePods();
    }

    private void TakePods()
    {
        while (changedPods.Count > 0)
        {
            var keys = changedPods.ToList();
            changedPods.Clear();
            foreach (var key in keys)
            {
                TakeOld(key);
            }

            foreach (var pod in keys.Select(key => api.Store.Get(CoreTypes.Pod, key)).OfType<ApiObject>()
                .Where(pod => IsWanted(pod) && !partition.Tasks.ContainsKey(pod.Key))
                .OrderBy(pod => pod.Metadata.CreationTimestamp).ThenBy(PodMetadata.IsPlaceholder).ThenBy(pod => pod.Key).ToList())
            {
                AddPod(pod);
            }
        }
    }

    /// <summary>What has become of a pod that is known.</summary>
    private void TakeOld(ObjectKey key)
    {
        if (!partition.Tasks.TryGetValue(key, out var task))
        {
            return;
        }

        var pod = api.Store.Get(CoreTypes.Pod, key);
        if (pod is null || pod.Metadata.Uid != task.Uid || IsTerminated(pod))
        {
            partition.End(task);
            if (pod is not null && pod.Metadata.Uid == task.Uid && pod.Status["reason"]?.Text is not ("ApplicationRejected" or "ResourceReservationTimeout"))
            {
                partition.Events.Normal(pod, "TaskCompleted", $"Task {task} is completed", "TaskCompleted");
            }

            if (task.Replacement is { State: TaskState.Allocated } successor)
            {
                allocator.FinishReplacement(successor);
            }

            return;
        }

        var spec = PodSpecView.Of(pod);
        if (task.State is TaskState.New or TaskState.Asking && spec.NodeName.Length > 0)
        {
            PlaceNow(task.Application);
            if (task.Application.Queue is not null)
            {
                partition.Adopt(task, spec.NodeName);
            }
        }
        else if (Amounts.From(spec.Requests) is var request && !request.Equals(task.Request))
        {
            partition.Resize(task, request);
        }
    }

    /// <summary>Not over, not held by a gate, not leaving before it came, and not on a node that is gone.</summary>
    private bool IsWanted(ApiObject pod)
    {
        var node = pod.Spec["nodeName"]?.Text ?? "";
        return PodMetadata.IsManaged(pod) && !IsTerminated(pod) && pod.Spec["schedulingGates"] is not TreeList { Count: > 0 }
            && (node.Length == 0 ? !pod.Metadata.IsBeingDeleted : cluster.Nodes.Find(node) is not null);
    }

    private static bool IsTerminated(ApiObject pod) => pod.Status["phase"]?.Text is "Succeeded" or "Failed";

    private void AddPod(ApiObject pod)
    {
        var id = PodMetadata.ApplicationId(pod) ?? PodMetadata.GeneratedId(pod, settings.GenerateUniqueApplicationIds);
        if (!partition.Applications.TryGetValue(id, out var application))
        {
            partition.Applications.Add(id, application = Begin(id, pod));
        }

        var task = new PodTask(pod, application);
        partition.Register(task);
        foreach (var contradiction in PodMetadata.Contradictions(pod))
        {
            partition.Events.Warning(pod, "Scheduling", contradiction, "InconsistentMetadata");
        }

        if (PodSpecView.Of(pod).NodeName is { Length: > 0 } node)
        {
            PlaceNow(application);
            if (application.Queue is not null)
            {
                partition.Adopt(task, node);
            }
        }

        WakeAt(TickTurn, NextBeat());
    }

    /// <summary>A pod whose application the memory knows.</summary>
    private bool AddFromMemory(ApiObject pod, Application application, out PodTask task)
    {
        task = new PodTask(pod, application);
        if (!IsWanted(pod))
        {
            return false;
        }

        partition.Register(task);
        return true;
    }

    private Application Begin(string id, ApiObject pod)
    {
        var isOwn = !PodMetadata.IsPlaceholder(pod);
        var groups = TaskGroup.Read(settings.DisableGangScheduling ? null : pod.Metadata.Annotation(Names.TaskGroups), out var error);
        if (error.Length > 0)
        {
            partition.Events.Warning(pod, "TaskGroupsError", $"unable to get taskGroups for pod, reason: {error}", "TaskGroupsError");
        }

        var parameters = SchedulingParameters.Read(pod.Metadata.Annotation(Names.SchedulingParameters));
        if (!parameters.Ignored.IsEmpty && isOwn)
        {
            new EventRecorder(api, "sparkwright").Warning(
                pod,
                "UnknownSchedulingParameter",
                $"schedulingPolicyParameters: {string.Join(", ", parameters.Ignored)} means nothing to YuniKorn and has no effect; known are {SchedulingParameters.TimeoutKey} and {SchedulingParameters.StyleKey}");
        }

        return new Application(id, pod.Namespace, PodMetadata.User(pod))
        {
            MemoryName = memory.NextName(),
            RequestedQueue = PodMetadata.Queue(pod),
            OriginatorUid = isOwn ? pod.Metadata.Uid : "",
            Originator = pod.Key,
            OriginatorCreated = pod.Metadata.CreationTimestamp,
            TaskGroups = groups,
            Parameters = parameters,
            GangAnnotations = TreeMap.Of(
                (Names.TaskGroups, pod.Metadata.Annotation(Names.TaskGroups)),
                (Names.SchedulingParameters, pod.Metadata.Annotation(Names.SchedulingParameters))),
            Submitted = Clock.Now,
        };
    }

    /// <summary>Moves every application on by one step.</summary>
    private void Tick()
    {
        foreach (var application in partition.Applications.Values.ToList())
        {
            switch (application.Phase)
            {
                case ApplicationPhase.New when application.OriginatorCreated < Clock.Now:
                    Place(application, isForced: false);
                    break;
                case ApplicationPhase.Accepted when application.IsGang && !application.Tasks.Values.Any(task => task is { IsPlaceholder: false, State: not TaskState.New }):
                    Reserve(application);
                    break;
                case ApplicationPhase.Accepted:
                    application.Phase = ApplicationPhase.Running;
                    partition.Touch(application);
                    Submit(application, placeholders: false);
                    break;
                case ApplicationPhase.Reserving:
                    Submit(application, placeholders: true);
                    break;
                case ApplicationPhase.Running:
                    Submit(application, placeholders: false);
                    break;
            }

            if (application.Phase is ApplicationPhase.New or ApplicationPhase.Accepted
                || (application.Phase is ApplicationPhase.Running or ApplicationPhase.Reserving && application.Waiting.Any(task => MayAsk(task) && task.Created >= Clock.Now)))
            {
                WakeAt(TickTurn, NextBeat());
            }
        }
    }

    private static bool MayAsk(PodTask task) =>
        task is { State: TaskState.New, IsReleased: false } && task.IsPlaceholder == (task.Application.Phase == ApplicationPhase.Reserving);

    private void PlaceNow(Application application)
    {
        if (application.Phase == ApplicationPhase.New)
        {
            Place(application, isForced: true);
        }
    }

    /// <summary>Finds the application's queue, or refuses it.</summary>
    private void Place(Application application, bool isForced)
    {
        var home = api.Store.Get(CoreTypes.Namespace, "", application.Namespace);
        var ask = new PlacementAsk(application.RequestedQueue, application.User, application.Namespace, isForced)
        {
            ParentQueue = home?.Metadata.Annotation(Names.NamespaceParentQueue) ?? "",
        };
        application.Submitted = application.OriginatorCreated;
        application.PlaceholderTimeout = Shortened(application.Parameters.PlaceholderTimeout ?? ApplicationLifecycle.PlaceholdersFor, Clock.Now - application.OriginatorCreated);
        partition.Touch(application);
        switch (Placement.Place(ask, partition.Queues))
        {
            case PlacementResult.Refused refused:
                Reject(application, $"failed to place application {application.Id}: {refused.Why}");
                break;
            case PlacementResult.Placed placed:
                var queue = partition.Queues.Find(placed.Path) ?? partition.Queues.Create(placed.Path);
                application.QueuePath = queue.Path;
                if (!queue.IsManaged && home is not null && queue.Path != QueueTree.RecoveryQueue)
                {
                    NamespaceQuota.Apply(home, queue);
                }

                if (isForced || WhyNotAsGang(application, queue) is not { } why)
                {
                    application.Queue = queue;
                    queue.Add(application);
                    application.Phase = ApplicationPhase.Accepted;
                    memory.Save(configuration, partition.Queues);
                }
                else
                {
                    Reject(application, why);
                }

                break;
        }
    }

    private void Reject(Application application, string why)
    {
        application.RejectedMessage = why;
        if (partition.OriginatorOf(application) is { } pod)
        {
            partition.Events.Warning(pod, "ApplicationRejected", $"Application {application.Id} is rejected by scheduler, reason: {why}", "ApplicationRejected");
        }

        partition.Happen(application, ApplicationEvent.Reject, why);
    }

    private static string? WhyNotAsGang(Application application, Queue queue)
    {
        if (!application.IsGang)
        {
            return null;
        }

        return queue.Properties.IsFair
            ? $"queue {queue.Path} cannot run application {application.Id} with task group request: unsupported sort type"
            : queue.MaxSet() is { } max && !max.Allows(application.PlaceholderAsk)
                ? $"queue {queue.Path} cannot fit application {application.Id}: task group request {application.PlaceholderAsk} larger than max queue allocation {max}"
                : null;
    }

    /// <summary>The time since the first pod was made counts already; something is always left.</summary>
    private static TimeSpan Shortened(TimeSpan timeout, TimeSpan passed) =>
        timeout - passed is var left && left > TimeSpan.FromMilliseconds(1) ? left : TimeSpan.FromMilliseconds(1);

    /// <summary>Makes the placeholders that are missing, all at once; without them the application runs as any other.</summary>
    private void Reserve(Application application)
    {
        application.Phase = ApplicationPhase.Reserving;
        partition.Touch(application);
        var existing = application.Tasks.Values.Where(task => task.IsPlaceholder).ToLookup(task => task.Group, StringComparer.Ordinal);
        if (existing.Count > 0)
        {
            WakeAt(TickTurn, NextBeat());
            ReservationChanged(application);
        }
        else
        {
            partition.Tell(application, "Normal", "CreatingPlaceholders", $"Application {application.Id} creating placeholders");
        }

        var made = new List<ApiObject>();
        var originator = partition.OriginatorOf(application);
        foreach (var group in application.TaskGroups)
        {
            for (var number = existing[group.Name].Count(); number < group.MinMember; number++)
            {
                var draw = api.Chance.For("yunikorn/placeholder", $"{application.Id}/{group.Name}/{api.Store.ResourceVersion}");
                var wanted = PlaceholderPods.Make(PlaceholderPods.NameOf(application.Id, group.Name, draw), application, group, originator, settings.PlaceholderImage);
                if (api.Create(wanted) is ApiResult.Accepted accepted)
                {
                    made.Add(accepted.Current);
                    continue;
                }

                made.ForEach(pod => api.Delete(CoreTypes.Pod, pod.Key));
                application.Phase = ApplicationPhase.Running;
                partition.Tell(application, "Warning", "PlaceholderCreateFailed", $"Application {application.Id} fall back to normal scheduling");
                WakeAt(TickTurn, NextBeat());
                return;
            }
        }
    }

    private void Submit(Application application, bool placeholders)
    {
        foreach (var task in application.Waiting.Where(task => MayAsk(task) && task.IsPlaceholder == placeholders && task.Created < Clock.Now).ToList())
        {
            if (api.Store.Get(CoreTypes.Pod, task.Key) is not { } pod)
            {
                continue;
            }

            if (VolumeNeeds.Of(pod, api.Store)?.Problem is { } problem)
            {
                partition.Events.Warning(pod, "FailedScheduling", problem, "FailedScheduling");
                continue;
            }

            partition.Ask(task);
            partition.Events.Normal(pod, "Scheduling", $"{task} is queued and waiting for allocation", "Scheduling");
            if (!task.IsPlaceholder && task.Group.Length > 0)
            {
                partition.Events.Normal(pod, "GangScheduling", $"Pod belongs to the taskGroup {task.Group}, it will be scheduled as a gang member", "TaskGroupMatch");
            }
        }
    }

    private void WhenBound(PodTask task)
    {
        if (task.IsPlaceholder && task.Application.Phase == ApplicationPhase.Reserving)
        {
            ReservationChanged(task.Application);
        }
    }

    /// <summary>When every group has its members' places, the members may ask.</summary>
    private void ReservationChanged(Application application)
    {
        partition.Tell(application, "Normal", "PlaceholderAllocated", $"Application {application.Id} placeholder has been allocated.");
        var bound = application.Tasks.Values.Where(task => task is { IsPlaceholder: true, State: TaskState.Bound }).GroupBy(task => task.Group, StringComparer.Ordinal)
            .ToDictionary(group => group.Key, group => group.Count(), StringComparer.Ordinal);
        if (application.TaskGroups.All(group => bound.GetValueOrDefault(group.Name) >= group.MinMember))
        {
            partition.Tell(application, "Normal", "GangReservationComplete", $"Application {application.Id} all placeholders are allocated. Transitioning to running state.");
            application.Phase = ApplicationPhase.Running;
            partition.Touch(application);
            WakeAt(TickTurn, NextBeat());
        }
    }

    private void Cycle()
    {
        TakePods();
        allocator.Begin();
        for (var places = 0; allocator.Step(); places++)
        {
            if (places == PlacesPerTurn)
            {
                Wake(CycleTurn);
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
            EndReservation(application);
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
    /// The placeholders were held long enough. An application that runs loses those that nobody took; one that waits for the last of them fails or
    /// goes on without, as it chose.
    /// </summary>
    private void EndReservation(Application application)
    {
        if (application.State is ApplicationState.Running or ApplicationState.Completing && !application.PlaceholderAllocated.IsZero)
        {
            partition.Release(application.AllocatedPlaceholders.Where(placeholder => !placeholder.IsReleased));
            return;
        }

        partition.Happen(application, application.Parameters.IsHard ? ApplicationEvent.Fail : ApplicationEvent.Resume, "ResourceReservationTimeout");
        partition.Release(application.Tasks.Values.Where(task => task is { IsPlaceholder: true, State: TaskState.New or TaskState.Asking }));
        partition.Release(application.AllocatedPlaceholders);
    }

    /// <summary>Takes over what the ConfigMaps say now, if it can be used.</summary>
    private void Reconfigure()
    {
        settings = YuniKornSettings.Of(api.Store);
        var text = settings.Queues;
        if (memory.Configuration is null)
        {
            memory.Save(configuration, partition.Queues);
        }

        if (text == configuration || !settings.HotRefresh)
        {
            return;
        }

        switch (ConfigReader.Read(text))
        {
            case ConfigResult.Valid valid:
                configuration = text;
                partition.Queues.Update(valid.Partition, Clock.Now);
                order.Configure(valid.Partition.NodeSort);
                memory.Save(configuration, partition.Queues);
                WakeForQuotas();
                Wake(CycleTurn);
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

        memory.Save(configuration, partition.Queues);
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
        foreach (var application in partition.TakeChanged())
        {
            memory.Save(application);
            WakeFor(application);
        }

        if (partition.Queues.MayHaveEmpty)
        {
            WakeAt(CleanTurn, After(CleanEvery));
        }
    }
}
