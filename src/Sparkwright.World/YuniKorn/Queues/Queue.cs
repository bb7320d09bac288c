using System.Collections.Immutable;
using Sparkwright.World.YuniKorn.Applications;
using Sparkwright.World.YuniKorn.Configuration;

namespace Sparkwright.World.YuniKorn.Queues;

/// <summary>A queue as it stands: its settings, and what the applications in it and below have and want.</summary>
public sealed class Queue
{
    private readonly SortedDictionary<string, Queue> children = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, Application> applications = new(StringComparer.Ordinal);

    internal Queue(string name, Queue? parent, bool isLeaf, bool isManaged)
    {
        Name = name;
        Parent = parent;
        Path = parent is null ? name : $"{parent.Path}.{name}";
        IsLeaf = isLeaf;
        IsManaged = isManaged;
        Waiting = new WaitingApplications(this);
        parent?.children.Add(name, this);
    }

    public string Name { get; }

    /// <summary>From the root, with dots.</summary>
    public string Path { get; }

    public Queue? Parent { get; }

    public bool IsLeaf { get; internal set; }

    /// <summary>Whether the configuration has it; others were made by placement and go when they are empty.</summary>
    public bool IsManaged { get; internal set; }

    /// <summary>No longer in the configuration: takes no new applications and goes when it is empty.</summary>
    public bool IsDraining { get; internal set; }

    /// <summary>Null is no limit; of the root it is all that the nodes have.</summary>
    public Amounts? Max { get; internal set; }

    public Amounts Guaranteed { get; internal set; } = Amounts.None;

    /// <summary>0 is unlimited.</summary>
    public long MaxApplications { get; internal set; }

    public QueueProperties Properties { get; internal set; } = QueueProperties.Of(ImmutableSortedDictionary<string, string>.Empty, null);

    /// <summary>What queues made below take over; the nearest ancestor's, if it has none itself.</summary>
    public ChildTemplateSettings Template { get; internal set; } = new();

    public ImmutableArray<QueueLimit> Limits { get; internal set; } = [];

    public Amounts Allocated { get; private set; } = Amounts.None;

    public Amounts Pending { get; private set; } = Amounts.None;

    /// <summary>Of the allocated amounts, those of pods that were told to go.</summary>
    public Amounts Preempting { get; private set; } = Amounts.None;

    /// <summary>Applications that run here and below.</summary>
    public int RunningApplications { get; private set; }

    /// <summary>Accepted applications here and below that hold placeholders: they count as running.</summary>
    public int HoldingAccepted { get; private set; }

    /// <summary>Applications here and below that hold placeholders.</summary>
    internal int Holding { get; private set; }

    /// <summary>Those of this leaf that ask, in the order of their turns.</summary>
    internal WaitingApplications Waiting { get; }

    /// <summary>When the queue must be within its lowered maximum; null when it is, or may stay above.</summary>
    public DateTime? QuotaDeadline { get; internal set; }

    public IReadOnlyDictionary<string, Queue> Children => children;

    public IReadOnlyDictionary<string, Application> Applications => applications;

    internal AccessList SubmitAcl { get; set; } = AccessList.Of("");

    internal AccessList AdminAcl { get; set; } = AccessList.Of("");

    /// <summary>This queue and its ancestors, from here to the root.</summary>
    public IEnumerable<Queue> Upwards()
    {
        for (var queue = this; queue is not null; queue = queue.Parent)
        {
            yield return queue;
        }
    }

    /// <summary>This queue and all below, parents first, by name.</summary>
    public IEnumerable<Queue> Downwards() => children.Values.SelectMany(child => child.Downwards()).Prepend(this);

    public bool MaySubmit(UserInfo user) => Upwards().Any(queue => queue.SubmitAcl.Admits(user) || queue.AdminAcl.Admits(user));

    /// <summary>What may still be allocated here: the least that is left of any maximum up to the cluster itself; null is no limit.</summary>
    public Amounts? HeadRoom() => Left(Parent?.HeadRoom());

    /// <summary>The same without the size of the cluster, which can grow; null is no limit.</summary>
    public Amounts? MaxHeadRoom() => Parent is null ? null : Left(Parent.MaxHeadRoom());

    /// <summary>The least of all maxima, the size of the cluster apart; null is no limit.</summary>
    public Amounts? MaxSet() => Parent is null ? null : Amounts.Min(Parent.MaxSet(), Max);

    /// <summary>What the share of a queue without guarantee is measured by: the cluster, each maximum on the way down in its place.</summary>
    public Amounts FairMax()
    {
        var above = Parent?.FairMax();
        return above is null ? Max ?? Amounts.None : Max is null || above.IsEmpty ? above : above.Overridden(Max);
    }

    public bool CanRun(Application application) => Upwards().All(queue => queue.HasTurnFor(application));

    /// <summary>Whether the number of applications that this queue may run, its ancestors' apart, leaves room for one more.</summary>
    internal bool HasTurnFor(Application application) =>
        MaxApplications == 0 || RunningApplications + HoldingAccepted - (application.CountsAsRunning ? 1 : 0) < MaxApplications;

    /// <summary>The highest priority that waits here, as it counts outside; null when nothing waits.</summary>
    public long? Priority()
    {
        var highest = !IsLeaf ? children.Values.Max(child => child.Priority())
            : Properties.SortsByPriority ? (Waiting.InOrder() is [var first, ..] ? first.HighestPriority : null)
            : Waiting.InOrder().Max(application => application.HighestPriority);
        return highest is not { } inside ? null : Properties.FencesPriority ? Properties.PriorityOffset
            : Math.Clamp(inside + Properties.PriorityOffset, int.MinValue, int.MaxValue);
    }

    internal void Add(Application application) => applications.Add(application.Id, application);

    internal void Remove(Application application) => applications.Remove(application.Id);

    internal void Remove(Queue child) => children.Remove(child.Name);

    internal void Allocate(Amounts amounts)
    {
        foreach (var queue in Upwards())
        {
            queue.Allocated = (queue.Allocated + amounts).Pruned();
        }
    }

    internal void Want(Amounts amounts)
    {
        foreach (var queue in Upwards())
        {
            queue.Pending = (queue.Pending + amounts).Pruned();
        }
    }

    internal void Preempt(Amounts amounts)
    {
        foreach (var queue in Upwards())
        {
            queue.Preempting = (queue.Preempting + amounts).Pruned();
        }
    }

    internal void CountHolding(int more)
    {
        foreach (var queue in Upwards())
        {
            queue.Holding += more;
        }
    }

    internal void CountHoldingAccepted(int more)
    {
        foreach (var queue in Upwards())
        {
            queue.HoldingAccepted += more;
        }
    }

    internal void CountRunning(int more)
    {
        foreach (var queue in Upwards())
        {
            queue.RunningApplications += more;
        }
    }

    private Amounts? Left(Amounts? above) => Max is null ? above : Amounts.Min(Max.LessExisting(Allocated), above);
}

/// <summary>What some users or groups may have of a queue, read.</summary>
/// <param name="MaxResources">Null is unlimited.</param>
/// <param name="MaxApplications">0 is unlimited.</param>
public sealed record QueueLimit(ImmutableArray<string> Users, ImmutableArray<string> Groups, Amounts? MaxResources, long MaxApplications);
