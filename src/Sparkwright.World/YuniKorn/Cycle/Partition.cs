using Sparkwright.Kubernetes.Objects;
using Sparkwright.Kubernetes.Requests;
using Sparkwright.World.Scheduling;
using Sparkwright.World.YuniKorn.Applications;
using Sparkwright.World.YuniKorn.Configuration;
using Sparkwright.World.YuniKorn.Queues;

namespace Sparkwright.World.YuniKorn.Cycle;

/// <summary>
/// All that the scheduler counts: applications with their pods, queues, users, reservations. The store stays the truth about nodes and pods;
/// every change of an application goes through here, so that all sums agree.
/// </summary>
internal sealed class Partition
{
    private readonly Dictionary<ObjectKey, PodTask> tasks = [];
    private readonly SortedDictionary<string, List<PodTask>> reservations = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Amounts> capacities = new(StringComparer.Ordinal);
    private Amounts capacity = Amounts.None;

    /// <param name="settings">What the ConfigMaps say.</param>
    /// <param name="configuration">The text of the queue configuration from which the queues were made.</param>
    public Partition(ApiServer api, ClusterPicture cluster, YuniKornSettings settings, string configuration, QueueTree queues)
    {
        Api = api;
        Cluster = cluster;
        Settings = settings;
        Configuration = configuration;
        Queues = queues;
        Events = new EventRecorder(api, Names.Scheduler);
        foreach (var node in cluster.Nodes.Ranked)
        {
            RefreshCapacity(node.View.Name);
        }
    }

    public ApiServer Api { get; }

    public EventRecorder Events { get; }

    public ClusterPicture Cluster { get; }

    public QueueTree Queues { get; }

    public YuniKornSettings Settings { get; set; }

    /// <summary>The text of the queue configuration in force; empty for the built-in one.</summary>
    public string Configuration { get; set; }

    /// <summary>What the memory must write.</summary>
    public ChangeLog Changes { get; } = new();

    /// <summary>Queues have come or gone, or the configuration has changed, since the memory wrote them.</summary>
    public bool AreQueuesChanged { get; set; }

    public UserUsage Usage { get; } = new();

    /// <summary>Those that are not over, by id.</summary>
    public SortedDictionary<string, Application> Applications { get; } = new(StringComparer.Ordinal);

    /// <summary>Those that are over, oldest first.</summary>
    public List<Application> Finished { get; } = [];

    /// <summary>Rises with every reservation made or given up.</summary>
    public long ReservationVersion { get; private set; }

    /// <summary>Called when applications may have something to do at the next beat.</summary>
    public Action NeedsTick { get; set; } = static () => { };

    /// <summary>Called when somebody may find a place.</summary>
    public Action NeedsCycle { get; set; } = static () => { };

    /// <summary>Called when pods that could not be bound are to be tried again later.</summary>
    public Action NeedsLookAtVolumes { get; set; } = static () => { };

    /// <summary>Called with a pod that its application left behind when it ended: it begins anew.</summary>
    public Action<ObjectKey> LeftBehind { get; set; } = static _ => { };

    public IReadOnlyDictionary<ObjectKey, PodTask> Tasks => tasks;

    private DateTime Now => Api.Clock.Now;

    public void Touch(Application application) => Changes.Note(application);

    /// <summary>Takes a node's capacity into the sum as it is now; without any node nothing limits the root.</summary>
    public void RefreshCapacity(string node)
    {
        var now = Cluster.Nodes.Find(node) is { } known ? Amounts.From(known.View.Allocatable) : null;
        capacities.Remove(node, out var before);
        if (now is not null)
        {
            capacities.Add(node, now);
        }

        capacity = (capacity - (before ?? Amounts.None) + (now ?? Amounts.None)).Pruned();
        Queues.Root.Max = capacities.Count == 0 ? null : capacity;
    }

    public void Register(PodTask task)
    {
        tasks[task.Key] = task;
        task.Application.Add(task);
        Touch(task.Application);
    }

    /// <summary>Lets something happen to an application; nothing does where its life knows no such step.</summary>
    /// <param name="why">What its pods are told.</param>
    public void Happen(Application application, ApplicationEvent happened, string why = "")
    {
        if (ApplicationLifecycle.Next(application.State, happened) is not { } next || next == application.State)
        {
            return;
        }

        if (application.State == ApplicationState.Running)
        {
            application.Queue?.CountRunning(-1);
        }

        application.State = next;
        application.StateDeadline = null;
        application.StateLog = application.StateLog.Add(new StateChange(Now, next));
        Touch(application);
        switch (next)
        {
            case ApplicationState.Running:
                application.Queue?.CountRunning(1);
                application.Started ??= Now;
                break;
            case ApplicationState.Completing:
                application.StateDeadline = Now + ApplicationLifecycle.CompletingFor;
                break;
            case ApplicationState.Resuming:
                application.Phase = ApplicationPhase.Resuming;
                Tell(application, "Warning", "GangSchedulingFailed", $"Application {application.Id} resuming as non-gang application (SOFT)");
                break;
            case ApplicationState.Failing:
                FailPods(application, why);
                break;
            case ApplicationState.Completed or ApplicationState.Failed or ApplicationState.Rejected:
                Finish(application, why);
                break;
            case ApplicationState.Expired:
                Finished.Remove(application);
                break;
        }

        NeedsTick();
        NeedsCycle();
    }

    /// <summary>A pod asks for a place.</summary>
    public void Ask(PodTask task)
    {
        var application = task.Application;
        if (task.IsPlaceholder)
        {
            DataOf(task).Count++;
        }

        if (application.State is ApplicationState.New or ApplicationState.Completing)
        {
            Happen(application, ApplicationEvent.Run);
        }

        task.State = TaskState.Asking;
        application.AddAsk(task);
        application.Submitted = task.Created < application.Submitted ? task.Created : application.Submitted;
        Touch(application);
        NeedsCycle();
    }

    /// <summary>Gives a pod its place in all sums.</summary>
    /// <param name="replaces">It takes the place of a placeholder that has just gone.</param>
    public void Allocate(PodTask task, string node, bool replaces)
    {
        var application = task.Application;
        application.RemoveAsk(task);
        Unreserve(task);
        task.State = TaskState.Allocated;
        task.Node = node;
        task.AllocatedAt = ToTheSecond(Now);
        application.Queue!.Allocate(task.Request);
        if (task.IsPlaceholder)
        {
            if (application.PlaceholderAllocated.IsZero && application.State == ApplicationState.Accepted)
            {
                application.PlaceholderDeadline ??= Now + application.PlaceholderTimeout;
            }

            application.PlaceholderAllocated += task.Request;
            Usage.Change(application.Queue, application, task.Request);
            if (application.PlaceholderAllocated.Equals(application.PlaceholderAsk))
            {
                Happen(application, ApplicationEvent.Run);
            }
        }
        else
        {
            // The first replacement changes nothing: the last placeholder has started the application already.
            if (!replaces || !application.Allocated.IsZero || application.State == ApplicationState.Completing)
            {
                Happen(application, ApplicationEvent.Run);
            }

            application.Allocated += task.Request;
            application.MaxAllocated = Larger(application.MaxAllocated, application.Allocated);
            Usage.Change(application.Queue, application, task.Request);
        }

        Touch(application);
    }

    /// <summary>A pod has come to its node.</summary>
    public void Placed(PodTask task) => task.AllocatedAt = ToTheSecond(Now);

    /// <summary>Puts a pod that has its place already into all sums, and changes nothing else.</summary>
    /// <param name="boundAt">When its pod came to its node.</param>
    public void Restore(PodTask task, string node, DateTime? boundAt)
    {
        var application = task.Application;
        task.State = TaskState.Bound;
        task.Node = node;
        task.AllocatedAt = boundAt;
        application.Queue?.Allocate(task.Request);
        if (application.Queue is { } queue)
        {
            Usage.Change(queue, application, task.Request);
        }

        if (task.IsPlaceholder)
        {
            application.PlaceholderAllocated += task.Request;
        }
        else
        {
            application.Allocated += task.Request;
        }
    }

    /// <summary>Draws the consequences for an application whose pods went while nobody looked.</summary>
    public void CatchUp(Application application)
    {
        foreach (var (group, data) in application.Placeholders)
        {
            var there = application.Tasks.Values.Count(task => task.IsPlaceholder && task.Group == group && task.State != TaskState.New);
            var missed = Math.Max(0, data.Count - data.Replaced - there - data.TimedOut);
            data.TimedOut += missed;
            data.Lost += missed;
        }

        if (application.PlaceholderAllocated.IsZero)
        {
            EndReservation(application);
        }

        if (application.Phase == ApplicationPhase.Resuming && !application.Tasks.Values.Any(left => left.IsPlaceholder))
        {
            application.Phase = ApplicationPhase.Running;
        }
    }

    /// <summary>A pod that was found on a node begins as if it had asked.</summary>
    public void Adopt(PodTask task, string node)
    {
        if (task.IsPlaceholder && task.State == TaskState.New)
        {
            DataOf(task).Count++;
        }

        if (task.Application.State is ApplicationState.New)
        {
            Happen(task.Application, ApplicationEvent.Run);
        }

        Allocate(task, node, replaces: false);
        task.State = TaskState.Bound;
    }

    /// <summary>The size of a pod has changed in place, even beyond what its queue allows.</summary>
    public void Resize(PodTask task, Amounts request)
    {
        var application = task.Application;
        var more = request - task.Request;
        if (task.State is TaskState.Allocated or TaskState.Bound)
        {
            application.Queue?.Allocate(more);
            if (application.Queue is { } queue)
            {
                Usage.Change(queue, application, more);
            }

            application.Allocated = task.IsPlaceholder ? application.Allocated : application.Allocated + more;
            application.PlaceholderAllocated = task.IsPlaceholder ? application.PlaceholderAllocated + more : application.PlaceholderAllocated;
        }

        application.Resize(task, request);
        Touch(application);
        NeedsCycle();
    }

    /// <summary>A pod has gone, or its node has: whatever it had or wanted is free.</summary>
    public void End(PodTask task)
    {
        var application = task.Application;
        if (!tasks.TryGetValue(task.Key, out var known) || known != task)
        {
            return;
        }

        tasks.Remove(task.Key);
        Unreserve(task);
        Touch(application);
        if (task.State is TaskState.Allocated or TaskState.Bound && !(task.State == TaskState.Allocated && HolderFor(task) is not null))
        {
            EndAllocation(task);
        }
        else
        {
            if (task is { IsPlaceholder: true, IsReleased: false, State: TaskState.Asking } && Settings.RecreateLostPlaceholders)
            {
                // Another one will be counted in its place.
                DataOf(task).TimedOut++;
                DataOf(task).Lost++;
            }

            application.RemoveAsk(task);
            application.Remove(task);
            if (application.State is not (ApplicationState.Failing or ApplicationState.Completing) && application.HasNothing && !application.AllocatedPlaceholders.Any())
            {
                Happen(application, ApplicationEvent.Complete);
            }
        }

        if (application.Phase == ApplicationPhase.Resuming && !application.Tasks.Values.Any(left => left.IsPlaceholder))
        {
            application.Phase = ApplicationPhase.Running;
        }

        switch (application)
        {
            case { State: ApplicationState.New, Tasks.Count: 0 }:
                Forget(application);
                break;
            case { State: ApplicationState.Accepted, Tasks.Count: 0 }:
                // Its own pods went while its placeholders timed out: nobody is left to ask.
                Happen(application, ApplicationEvent.Complete);
                break;
        }

        NeedsTick();
        NeedsCycle();
    }

    /// <summary>Sends placeholders away; their places are free when they have gone.</summary>
    /// <param name="isTimeout">Whether it is because their time is over, which the first pod is told.</param>
    public void Release(IEnumerable<PodTask> placeholders, bool isTimeout = true)
    {
        foreach (var placeholder in placeholders.ToList())
        {
            var application = placeholder.Application;
            if (placeholder.State == TaskState.Asking)
            {
                DataOf(placeholder).TimedOut++;
                application.RemoveAsk(placeholder);
                placeholder.State = TaskState.New;
            }

            placeholder.IsReleased = true;
            Delete(placeholder);
            if (isTimeout)
            {
                Tell(application, "Warning", "PlaceholderTimeOut", $"Application {application.Id} placeholder has been timed out");
            }
        }
    }

    /// <summary>Deletes a pod; when it is gone at once, so is what it had.</summary>
    public void Delete(PodTask task)
    {
        Api.Delete(CoreTypes.Pod, task.Key, new DeleteOptions { Uid = task.Uid });
        if (Api.Store.Get(CoreTypes.Pod, task.Key)?.Metadata.Uid != task.Uid)
        {
            End(task);
        }
    }

    /// <summary>Has a pod go for another one.</summary>
    public void Preempt(PodTask victim, PodTask? winner)
    {
        victim.IsPreempted = true;
        victim.Application.Queue?.Preempt(victim.Request);
        Touch(victim.Application);
        if (winner is not null && Api.Store.Get(CoreTypes.Pod, victim.Key) is { } pod)
        {
            Events.Normal(pod, "Informational", $"Preempted by {winner.Uid} from application {winner.Application.Id} in {winner.Application.QueuePath}", "Informational");
        }

        Delete(victim);
    }

    /// <summary>The asks of a queue for which nodes are kept free, application by application.</summary>
    public IEnumerable<IGrouping<Application, PodTask>> ReservedIn(Queue leaf) => reservations.Values
        .SelectMany(known => known)
        .Where(task => task.Application.Queue == leaf)
        .OrderBy(task => task.Application.Id, StringComparer.Ordinal)
        .ThenBy(task => task, PodTask.Order)
        .GroupBy(task => task.Application)
        .ToList();

    public bool HasReservations => reservations.Count > 0;

    public IReadOnlyList<PodTask> ReservedOn(string node) => HasReservations && reservations.TryGetValue(node, out var known) ? known : [];

    public void Reserve(PodTask task, string node)
    {
        task.ReservedNode = node;
        if (!reservations.TryGetValue(node, out var known))
        {
            reservations.Add(node, known = []);
        }

        known.Add(task);
        ReservationVersion++;
        Touch(task.Application);
    }

    public void Unreserve(PodTask task)
    {
        if (task.ReservedNode.Length == 0)
        {
            return;
        }

        var known = reservations[task.ReservedNode];
        known.Remove(task);
        if (known.Count == 0)
        {
            reservations.Remove(task.ReservedNode);
        }

        task.ReservedNode = "";
        ReservationVersion++;
        Touch(task.Application);
        NeedsCycle();
    }

    /// <summary>The pod that an application began with, if it is still there.</summary>
    public ApiObject? OriginatorOf(Application application) =>
        application.OriginatorUid.Length > 0 && Api.Store.Get(CoreTypes.Pod, application.Originator) is { } pod && pod.Metadata.Uid == application.OriginatorUid ? pod : null;

    /// <summary>An event about a gang, on the pod that the application began with.</summary>
    public void Tell(Application application, string type, string action, string message)
    {
        if (OriginatorOf(application) is not { } pod)
        {
            return;
        }

        if (type == "Warning")
        {
            Events.Warning(pod, "GangScheduling", message, action);
        }
        else
        {
            Events.Normal(pod, "GangScheduling", message, action);
        }
    }

    /// <summary>The application is over, or was refused: its pods that have no place fail.</summary>
    public void FailPods(Application application, string why)
    {
        application.Phase = ApplicationPhase.Over;
        foreach (var task in application.Tasks.Values.Where(task => !task.IsPlaceholder && task.State is TaskState.New or TaskState.Asking).ToList())
        {
            if (Api.Store.Get(CoreTypes.Pod, task.Key) is not { } pod || pod.Metadata.Uid != task.Uid)
            {
                continue;
            }

            var (reason, message) = why.StartsWith("ApplicationRejected", StringComparison.Ordinal)
                ? ("ApplicationRejected", why.Split(':')[1])
                : ("ResourceReservationTimeout", "Scheduling has timed out due to insufficient resources");
            Api.ModifyStatus(CoreTypes.Pod, task.Key, status => TreeMap.Of(
                ("message", message), ("phase", "Failed"), ("qosClass", status["qosClass"]), ("reason", reason)));
            Events.Warning(pod, "ApplicationFailed", $"Application {application.Id} scheduling failed, reason: {why}", "ApplicationFailed");
        }
    }

    /// <summary>The placeholder that still holds the place of a pod; null when the pod waits for none.</summary>
    public static PodTask? HolderFor(PodTask task) => task.Application.Tasks.Values.FirstOrDefault(other => other.Replacement == task);

    private void EndAllocation(PodTask task)
    {
        var application = task.Application;
        var queue = application.Queue;
        queue?.Allocate(Amounts.None - task.Request);
        if (task.IsPreempted)
        {
            queue?.Preempt(Amounts.None - task.Request);
        }

        if (queue is not null)
        {
            Usage.Change(queue, application, Amounts.None - task.Request);
        }

        if (!task.IsPlaceholder)
        {
            application.Allocated = (application.Allocated - task.Request).Pruned();
            application.Remove(task);
            if (application.HasNothing)
            {
                Happen(application, ApplicationEvent.Complete);
            }

            return;
        }

        if (task.Replacement is null)
        {
            DataOf(task).TimedOut++;
            DataOf(task).Lost += task.IsReleased ? 0 : 1;
        }
        else
        {
            DataOf(task).Replaced++;
        }

        application.PlaceholderAllocated = (application.PlaceholderAllocated - task.Request).Pruned();
        application.Remove(task);
        if (application.PlaceholderAllocated.IsZero)
        {
            EndReservation(application);
        }
    }

    /// <summary>An application whose reservation has failed and that held nothing has nothing to wait for.</summary>
    public void EndIfNothingIsHeld(Application application)
    {
        if (application.State is not (ApplicationState.Failing or ApplicationState.Resuming) || !application.PlaceholderAllocated.IsZero)
        {
            return;
        }

        EndReservation(application);
        if (application.Phase == ApplicationPhase.Resuming && !application.Tasks.Values.Any(left => left.IsPlaceholder))
        {
            application.Phase = ApplicationPhase.Running;
        }
    }

    /// <summary>No placeholder holds anything any more.</summary>
    private void EndReservation(Application application)
    {
        if (!Settings.TimerStartsAtSubmission || application.State is not (ApplicationState.New or ApplicationState.Accepted))
        {
            application.PlaceholderDeadline = null;
        }

        switch (application.State)
        {
            case ApplicationState.Failing:
                Happen(application, ApplicationEvent.Fail);
                break;
            case ApplicationState.Resuming:
                Happen(application, ApplicationEvent.Run);
                break;
            case ApplicationState.Completing when application.StateDeadline is not null:
                break;
            default:
                if (application.State == ApplicationState.Completing || application.HasNothing)
                {
                    Happen(application, ApplicationEvent.Complete);
                }

                break;
        }
    }

    private void Finish(Application application, string why)
    {
        application.Finished = Now;
        application.StateDeadline = Now + ApplicationLifecycle.RememberedFor;
        application.PlaceholderDeadline = null;
        Applications.Remove(application.Id);
        Finished.Add(application);
        if (application.State == ApplicationState.Rejected)
        {
            FailPods(application, $"ApplicationRejected: {why}");
        }

        application.Phase = ApplicationPhase.Over;
        foreach (var placeholder in application.Tasks.Values.Where(task => task.IsPlaceholder).ToList())
        {
            Delete(placeholder);
        }

        foreach (var ask in application.Asks.ToList())
        {
            application.RemoveAsk(ask);
        }

        application.Queue?.Remove(application);
        application.Queue = null;

        // A pod that came between the last beat and the end of its application never asked.
        foreach (var late in application.Tasks.Values.Where(task => task is { IsPlaceholder: false, State: TaskState.New }).ToList())
        {
            if (Api.Store.Get(CoreTypes.Pod, late.Key) is { } pod && pod.Metadata.Uid == late.Uid && pod.Status["phase"]?.Text != "Failed")
            {
                tasks.Remove(late.Key);
                application.Remove(late);
                LeftBehind(late.Key);
            }
        }
    }

    private void Forget(Application application)
    {
        Applications.Remove(application.Id);
        application.Queue?.Remove(application);
        application.Queue = null;
        application.Phase = ApplicationPhase.Over;
    }

    private static DateTime ToTheSecond(DateTime time) => new(time.Ticks - (time.Ticks % TimeSpan.TicksPerSecond), DateTimeKind.Utc);

    private static PlaceholderData DataOf(PodTask placeholder)
    {
        var all = placeholder.Application.Placeholders;
        if (!all.TryGetValue(placeholder.Group, out var data))
        {
            all.Add(placeholder.Group, data = new PlaceholderData(placeholder.Request));
        }

        return data;
    }

    private static Amounts Larger(Amounts left, Amounts right) =>
        Amounts.Of([.. left.Names.Union(right.Names, StringComparer.Ordinal).Select(name => (name, Math.Max(left[name], right[name])))]);
}
