using System.Collections.Immutable;
using Sparkwright.Kubernetes.Objects;
using Sparkwright.World.YuniKorn.Queues;

namespace Sparkwright.World.YuniKorn.Applications;

/// <summary>An application: the pods that share its id, what they have and want, and where it is in its life.</summary>
public sealed class Application
{
    private readonly SortedDictionary<ObjectKey, PodTask> tasks = [];
    private readonly SortedSet<PodTask> asks = new(PodTask.Order);
    private readonly SortedSet<PodTask> memberAsks = new(PodTask.Order);
    private readonly SortedSet<PodTask> waiting = new(PodTask.Order);
    private readonly SortedDictionary<string, HeldPlaces> held = new(StringComparer.Ordinal);
    private readonly ChangeLog changes;
    private Amounts? placeholderAsk;
    private bool isCountedAsRunning;
    private bool isCountedAsHolding;

    /// <param name="changes">Is told what changes about the application and its pods.</param>
    internal Application(string id, string home, UserInfo user, ChangeLog changes)
    {
        Id = id;
        Namespace = home;
        User = user;
        this.changes = changes;
    }

    public string Id { get; }

    /// <summary>Of its first pod.</summary>
    public string Namespace { get; }

    public UserInfo User { get; }

    /// <summary>The queue that its first pod asked for; may be empty.</summary>
    public string RequestedQueue { get; internal init; } = "";

    /// <summary>Null before it was placed and after it is over.</summary>
    public Queue? Queue
    {
        get;
        internal set
        {
            Recount(null);
            field?.Waiting.Changed(this);
            field = value;
            field?.Waiting.Changed(this);
            Recount(value);
        }
    }

    /// <summary>The path of its queue, also when it is over.</summary>
    public string QueuePath { get; internal set; } = "";

    public ApplicationState State
    {
        get;
        internal set
        {
            field = value;
            Recount(Queue);
        }
    }

    public ApplicationPhase Phase { get; internal set; }

    /// <summary>The name under which it is remembered across restarts of the engine.</summary>
    internal string MemoryName { get; init; } = "";

    /// <summary>The uid of the pod that it began with; empty when it began with a placeholder.</summary>
    public string OriginatorUid { get; internal init; } = "";

    internal ObjectKey Originator { get; init; }

    /// <summary>When its first pod was made.</summary>
    public DateTime OriginatorCreated { get; internal init; }

    public ImmutableArray<TaskGroup> TaskGroups { get; internal init; } = [];

    public SchedulingParameters Parameters { get; internal init; } = SchedulingParameters.Read(null);

    /// <summary>The annotations that its placeholders carry on.</summary>
    internal TreeMap GangAnnotations { get; init; } = TreeMap.Empty;

    /// <summary>All that its placeholders take together.</summary>
    public Amounts PlaceholderAsk => placeholderAsk ??= TaskGroups.Aggregate(Amounts.None, static (sum, group) => sum + group.Member.Times(group.MinMember));

    /// <summary>How long placeholders may be held from the first one on.</summary>
    public TimeSpan PlaceholderTimeout { get; internal set; }

    /// <summary>When the placeholders go; null while the timer does not run.</summary>
    public DateTime? PlaceholderDeadline { get; internal set; }

    /// <summary>When the state ends by itself; null for states that do not.</summary>
    public DateTime? StateDeadline { get; internal set; }

    /// <summary>The creation of its earliest ask; decides its place in a queue that goes by age.</summary>
    public DateTime Submitted
    {
        get;
        internal set
        {
            field = value;
            Queue?.Waiting.Changed(this);
        }
    }

    /// <summary>Until when its asks rest, because too many of them found no node; null when that never happened.</summary>
    public DateTime? BackoffDeadline { get; internal set; }

    /// <summary>How many executors its driver's configuration asks for, once that was looked at; null before, and where nobody looks.</summary>
    public int? AnnouncedExecutors { get; internal set; }

    public DateTime? Started { get; internal set; }

    public DateTime? Finished { get; internal set; }

    public string RejectedMessage { get; internal set; } = "";

    public ImmutableArray<StateChange> StateLog { get; internal set; } = [];

    /// <summary>What the core said of its asks and placeholders beside its changes of state, as far as it is kept.</summary>
    public ImmutableArray<Remark> Remarks { get; internal set; } = [];

    /// <summary>What became of the placeholders, by task group.</summary>
    public SortedDictionary<string, PlaceholderData> Placeholders { get; } = new(StringComparer.Ordinal);

    /// <summary>What its own pods have.</summary>
    public Amounts Allocated
    {
        get;
        internal set
        {
            field = value;
            Queue?.Waiting.Changed(this);
        }
    }
        = Amounts.None;

    /// <summary>What its placeholders have.</summary>
    public Amounts PlaceholderAllocated
    {
        get;
        internal set
        {
            field = value;
            Recount(Queue);
        }
    }
        = Amounts.None;

    /// <summary>The most that its own pods had at once.</summary>
    public Amounts MaxAllocated { get; internal set; } = Amounts.None;

    public Amounts Pending { get; private set; } = Amounts.None;

    public IReadOnlyDictionary<ObjectKey, PodTask> Tasks => tasks;

    /// <summary>Who asks for a place, in order.</summary>
    public IReadOnlyCollection<PodTask> Asks => asks;

    /// <summary>Who does not ask yet, in order.</summary>
    internal IReadOnlyCollection<PodTask> Waiting => waiting;

    /// <summary>The members of task groups among those who ask, in order.</summary>
    internal IReadOnlyCollection<PodTask> MemberAsks => memberAsks;

    /// <summary>How many of its pods have a node.</summary>
    internal int PodsWithNode { get; private set; }

    /// <summary>The highest priority that asks; null when nobody does.</summary>
    public long? HighestPriority => asks.Count == 0 ? null : asks.Min!.Priority;

    /// <summary>Counts against the number of applications a queue may run, although it does not run yet: it holds placeholders.</summary>
    public bool CountsAsRunning => State == ApplicationState.Accepted && !PlaceholderAllocated.IsZero;

    public bool IsGang => !TaskGroups.IsEmpty;

    /// <summary>Nothing of its own runs and nothing asks.</summary>
    internal bool HasNothing => Pending.IsZero && Allocated.IsZero;

    internal IEnumerable<PodTask> AllocatedPlaceholders => held.Values.SelectMany(group => group.Placeholders.Values);

    /// <summary>Whether a placeholder of its group is still to be had for an ask, so that it takes no place of its own.</summary>
    internal bool CanReplace(PodTask ask) => ask is { IsPlaceholder: false, Group.Length: > 0 }
        && Placeholders.TryGetValue(ask.Group, out var data) && data.Count > data.Replaced + data.TimedOut;

    internal void Add(PodTask task)
    {
        tasks[task.Key] = task;
        NoteState(task);
    }

    internal void Remove(PodTask task)
    {
        if (!tasks.Remove(task.Key))
        {
            return;
        }

        waiting.Remove(task);
        PodsWithNode -= task.Node.Length > 0 ? 1 : 0;
        if (task.IsPlaceholder && held.TryGetValue(task.Group, out var places))
        {
            places.Leave(task);
        }

        changes.Note(task);
    }

    /// <summary>A pod has come to another state, or is new.</summary>
    internal void NoteState(PodTask task)
    {
        changes.Note(task);
        if (tasks.GetValueOrDefault(task.Key) != task)
        {
            return;
        }

        if (task.State == TaskState.New)
        {
            waiting.Add(task);
        }
        else
        {
            waiting.Remove(task);
        }

        if (task.IsPlaceholder)
        {
            if (!held.TryGetValue(task.Group, out var places))
            {
                held.Add(task.Group, places = new HeldPlaces());
            }

            places.Enter(task);
        }
    }

    /// <summary>Something about a pod has changed that is to be remembered.</summary>
    internal void Note(PodTask task) => changes.Note(task);

    /// <summary>A pod has got its node.</summary>
    internal void NoteNode() => PodsWithNode++;

    /// <summary>The placeholders of a task group that have a place.</summary>
    internal IReadOnlyCollection<PodTask> PlaceholdersOf(string group) => held.TryGetValue(group, out var places) ? places.Placeholders.Values : [];

    /// <summary>How many placeholders of a task group are on their nodes.</summary>
    internal int BoundPlaceholders(string group) => held.TryGetValue(group, out var places) ? places.Bound.Count : 0;

    /// <summary>Whether a pod asks for a place.</summary>
    internal bool IsAsking(PodTask task) => task.State == TaskState.Asking && asks.Contains(task);

    internal void AddAsk(PodTask task)
    {
        if (asks.Add(task))
        {
            if (task is { IsPlaceholder: false, Group.Length: > 0 })
            {
                memberAsks.Add(task);
            }

            changes.Note(task);
            Want(task.Request);
        }
    }

    internal void RemoveAsk(PodTask task)
    {
        if (asks.Remove(task))
        {
            memberAsks.Remove(task);
            changes.Note(task);
            Want(Amounts.None - task.Request);
        }
    }

    /// <summary>The size of a pod has changed.</summary>
    internal void Resize(PodTask task, Amounts request)
    {
        var more = request - task.Request;
        task.Request = request;
        if (asks.Contains(task))
        {
            Want(more);
        }
    }

    private void Want(Amounts more)
    {
        Pending = (Pending + more).Pruned();
        Queue?.Want(more);
        Queue?.Waiting.Changed(this);
    }

    /// <summary>Keeps the numbers of its queues in step with what it is; without a queue it counts nowhere.</summary>
    private void Recount(Queue? queue)
    {
        var counts = queue is not null && CountsAsRunning;
        if (counts != isCountedAsRunning)
        {
            isCountedAsRunning = counts;
            Queue!.CountHoldingAccepted(counts ? 1 : -1);
        }

        var holds = queue is not null && !PlaceholderAllocated.IsZero;
        if (holds != isCountedAsHolding)
        {
            isCountedAsHolding = holds;
            Queue!.CountHolding(holds ? 1 : -1);
        }
    }

    /// <summary>The placeholders of one task group that have a place, by the name of their pod.</summary>
    private sealed class HeldPlaces
    {
        public SortedDictionary<ObjectKey, PodTask> Placeholders { get; } = [];

        public HashSet<PodTask> Bound { get; } = [];

        public void Enter(PodTask task)
        {
            if (task.State is not (TaskState.Allocated or TaskState.Bound))
            {
                Leave(task);
                return;
            }

            Placeholders[task.Key] = task;
            if (task.State == TaskState.Bound)
            {
                Bound.Add(task);
            }
        }

        public void Leave(PodTask task)
        {
            Placeholders.Remove(task.Key);
            Bound.Remove(task);
        }
    }
}

/// <summary>One entry of an application's log.</summary>
public sealed record StateChange(DateTime At, ApplicationState State);

/// <summary>Something that was said about an ask or a placeholder of an application.</summary>
/// <param name="About">The uid of its pod.</param>
/// <param name="Resource">What it was about.</param>
public sealed record Remark(DateTime At, string About, string Message, Amounts Resource);

/// <summary>What became of the placeholders of a task group.</summary>
public sealed class PlaceholderData(Amounts minResource)
{
    public Amounts MinResource { get; } = minResource;

    /// <summary>Placeholders that asked.</summary>
    public long Count { get; internal set; }

    /// <summary>Placeholders whose place a pod took.</summary>
    public long Replaced { get; internal set; }

    /// <summary>Placeholders that went for any other reason.</summary>
    public long TimedOut { get; internal set; }

    /// <summary>Of those, the ones that nobody sent away, not yet made again.</summary>
    internal long Lost { get; set; }
}
