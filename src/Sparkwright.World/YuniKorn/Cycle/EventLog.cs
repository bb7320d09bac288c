using Sparkwright.Simulation;
using Sparkwright.World.YuniKorn.Applications;

namespace Sparkwright.World.YuniKorn.Cycle;

/// <summary>
/// What has happened since the scheduler started, as the core's event system keeps it: the last records, each with an id that it keeps. It is in
/// memory alone, as upstream: a restart of the scheduler or of the engine begins it anew.
/// </summary>
/// <param name="capacity">How many records are kept: upstream's default <c>event.ringBufferCapacity</c>.</param>
public sealed class EventLog(Clock clock, int capacity = 100_000)
{
    private readonly List<EventEntry> ring = [];

    /// <summary>How many records there were; the id of the next one.</summary>
    public long Created { get; private set; }

    /// <summary>How many of them are about requests: those upstream's shim gets, too.</summary>
    public long Requests { get; private set; }

    /// <summary>The id of the oldest record that is kept.</summary>
    public long LowestId => Created - ring.Count;

    /// <summary>At most so many records from an id on, oldest first; none when the id is not kept.</summary>
    public IEnumerable<EventEntry> From(long id, long count)
    {
        if (id < LowestId)
        {
            yield break;
        }

        for (var at = id; at < Created && at - id < count; at++)
        {
            yield return ring[(int)(at % capacity)];
        }
    }

    /// <summary>Keeps a record; when there is no room, in the place of the oldest.</summary>
    public void Add(EventEntry entry)
    {
        if (ring.Count < capacity)
        {
            ring.Add(entry);
        }
        else
        {
            ring[(int)(Created % capacity)] = entry;
        }

        Created++;
        Requests += entry.Kind == EventKind.Request ? 1 : 0;
    }

    internal void OfApplication(Application application, EventChange change, EventDetail detail, string message = "") =>
        Add(new EventEntry(clock.Now, EventKind.Application, change, detail, application.Id, "", message, Amounts.None));

    /// <summary>Of an ask or an allocation of an application.</summary>
    internal void OfApplication(PodTask task, EventChange change, EventDetail detail) =>
        Add(new EventEntry(clock.Now, EventKind.Application, change, detail, task.Application.Id, task.Uid, "", task.Request));

    internal void OfNode(string node, EventChange change, EventDetail detail, Amounts? resource = null, string message = "") =>
        Add(new EventEntry(clock.Now, EventKind.Node, change, detail, node, "", message, resource ?? Amounts.None));

    /// <summary>Of an allocation on a node, or of a node that is kept free for an ask.</summary>
    internal void OfNode(string node, PodTask task, EventChange change, EventDetail detail) =>
        Add(new EventEntry(clock.Now, EventKind.Node, change, detail, node, task.Uid, "", task.Request));

    internal void OfQueue(string queue, EventChange change, EventDetail detail, string reference = "", string message = "", Amounts? resource = null) =>
        Add(new EventEntry(clock.Now, EventKind.Queue, change, detail, queue, reference, message, resource ?? Amounts.None));

    /// <param name="name">Of the user or group.</param>
    /// <param name="reference">A queue or an application.</param>
    internal void OfUserOrGroup(string name, EventChange change, EventDetail detail, string reference, Amounts? resource = null) =>
        Add(new EventEntry(clock.Now, EventKind.UserOrGroup, change, detail, name, reference, "", resource ?? Amounts.None));

    /// <summary>What is said of an ask; upstream's shim makes an event on the pod of it.</summary>
    /// <param name="resource">What it was about; null is the size of the ask.</param>
    internal void OfRequest(PodTask task, string message, Amounts? resource = null) =>
        Add(new EventEntry(clock.Now, EventKind.Request, EventChange.None, EventDetail.None, task.Uid, task.Application.Id, message, resource ?? task.Request));
}

/// <summary>One record.</summary>
/// <param name="ObjectId">What it is about: an application, a node, a queue, a user or group, or the pod of a request.</param>
/// <param name="ReferenceId">The second one that has to do with it; may be empty.</param>
/// <param name="Resource">What was set, added or removed; empty where the change has no size.</param>
public sealed record EventEntry(DateTime At, EventKind Kind, EventChange Change, EventDetail Detail, string ObjectId, string ReferenceId, string Message, Amounts Resource);

/// <summary>What a record is about; the numbers are those of the scheduler interface.</summary>
public enum EventKind
{
    Request = 1,
    Application = 2,
    Node = 3,
    Queue = 4,
    UserOrGroup = 5,
}

/// <summary>What kind of change it tells; the numbers are those of the scheduler interface.</summary>
public enum EventChange
{
    None = 0,
    Set = 1,
    Add = 2,
    Remove = 3,
}

/// <summary>What has changed; the numbers are those of the scheduler interface.</summary>
public enum EventDetail
{
    None = 0,
    RequestCancelled = 100,
    RequestTimedOut = 102,
    ApplicationAllocation = 200,
    ApplicationRequest = 201,
    ApplicationRejected = 202,
    ApplicationNew = 203,
    ApplicationAccepted = 204,
    ApplicationRunning = 206,
    ApplicationCompleting = 207,
    ApplicationCompleted = 208,
    ApplicationFailing = 209,
    ApplicationFailed = 210,
    ApplicationResuming = 211,
    ApplicationExpired = 212,

    /// <summary>As many applications run in its queue, or above, as may.</summary>
    ApplicationHeldByQueue = 213,
    ApplicationFreeInQueue = 214,

    /// <summary>As many applications of its user or group run as may.</summary>
    ApplicationHeldByUser = 215,
    ApplicationFreeForUser = 216,
    NodeRemoved = 300,
    NodeSchedulable = 302,
    NodeAllocation = 303,
    NodeCapacity = 304,
    NodeOccupied = 305,
    NodeReservation = 306,

    /// <summary>A queue that placement made; of configured ones nothing is said.</summary>
    QueueDynamic = 401,
    QueueType = 402,
    QueueMax = 403,
    QueueGuaranteed = 404,
    QueueApplication = 405,
    AllocationCancelled = 500,
    AllocationPreempted = 501,
    AllocationTimedOut = 502,
    AllocationReplaced = 503,
    AllocationNodeRemoved = 504,
    UserLimit = 600,
    GroupLimit = 601,

    /// <summary>The use of an application counts against the limit of a group.</summary>
    GroupApplication = 602,
    UserResource = 603,
    GroupResource = 604,
}
