using Sparkwright.World.YuniKorn.Applications;

namespace Sparkwright.World.YuniKorn.Cycle;

/// <summary>
/// What the scheduler has done since it started, for its metrics. Counts begin with the process: a restart of the scheduler or of the engine begins
/// them anew. The work that is counted takes no time of the world.
/// </summary>
public sealed class SchedulerCounts
{
    private readonly SortedDictionary<string, QueueCounts> queues = new(StringComparer.Ordinal);

    /// <summary>Places given and taken back: <c>allocated</c>, <c>released</c>.</summary>
    public Tally Allocations { get; } = new();

    /// <summary>Applications that came: <c>new</c>, <c>accepted</c> (again after each resuming), <c>rejected</c>.</summary>
    public Tally Submissions { get; } = new();

    /// <summary>Applications that are in a state now; of those that are over, all that came there.</summary>
    public Tally Applications { get; } = new();

    /// <summary>Nodes that have gone.</summary>
    public long NodesRemoved { get; internal set; }

    /// <summary>Passes that looked for one place.</summary>
    public long Cycles { get; internal set; }

    /// <summary>How often the children of a queue were put in order.</summary>
    public long QueueSorts { get; internal set; }

    /// <summary>How often the applications of a queue were put in order.</summary>
    public long ApplicationSorts { get; internal set; }

    /// <summary>How often a node was asked whether it takes a pod.</summary>
    public long NodesTried { get; internal set; }

    /// <summary>How often the nodes were searched for one that takes a pod.</summary>
    public long NodeSearches { get; internal set; }

    /// <summary>How often it was looked for pods that might go for another.</summary>
    public long PreemptionsTried { get; internal set; }

    /// <summary>What was counted of a queue; nothing, when nothing happened there.</summary>
    public QueueCounts? Find(string queue) => queues.GetValueOrDefault(queue);

    /// <summary>An application has come to a state.</summary>
    internal void Entered(Application application, ApplicationState state)
    {
        if (state is ApplicationState.New or ApplicationState.Accepted or ApplicationState.Rejected)
        {
            Submissions.Add(WordOf(state));
        }

        Change(application, state, 1);
    }

    /// <summary>An application was found in its state when the engine started.</summary>
    internal void Found(Application application) => Change(application, application.State, 1);

    internal void Left(Application application, ApplicationState state) => Change(application, state, -1);

    /// <summary>A pod has got a place.</summary>
    /// <param name="replaces">It is the place of a placeholder: one pod more, one less.</param>
    internal void Allocated(PodTask task, bool replaces)
    {
        Allocations.Add("allocated");
        if (!replaces)
        {
            Of(task.Application.QueuePath).Containers.Add("allocated");
        }
    }

    /// <summary>A pod has given its place back.</summary>
    internal void Released(PodTask task)
    {
        Allocations.Add("released");
        if (task.Replacement is null)
        {
            Of(task.Application.QueuePath).Containers.Add("released");
        }
    }

    /// <summary>Resource types that a queue has seen are shown from then on, also when nothing is left of them.</summary>
    internal void Saw(PodTask task) => Of(task.Application.QueuePath).Resources.UnionWith(task.Request.Names);

    internal void Forget(string queue) => queues.Remove(queue);

    private static string WordOf(ApplicationState state) => state.ToString().ToLowerInvariant();

    private void Change(Application application, ApplicationState state, long more)
    {
        var isOver = ApplicationLifecycle.IsOver(state);
        if (state == ApplicationState.Expired || (isOver && more < 0))
        {
            return;
        }

        if (state is not (ApplicationState.New or ApplicationState.Accepted or ApplicationState.Rejected))
        {
            Applications.Add(WordOf(state), more);
        }

        if (application.QueuePath.Length > 0)
        {
            Of(application.QueuePath).Applications.Add(WordOf(state), more);
        }
    }

    private QueueCounts Of(string queue)
    {
        if (!queues.TryGetValue(queue, out var known))
        {
            queues.Add(queue, known = new QueueCounts());
        }

        return known;
    }
}

/// <summary>What was counted of one queue, those below it apart.</summary>
public sealed class QueueCounts
{
    /// <summary>As <see cref="SchedulerCounts.Applications"/>, and the states <c>new</c>, <c>accepted</c> and <c>rejected</c>.</summary>
    public Tally Applications { get; } = new();

    /// <summary>Places given and taken back; the change from a placeholder to its member is neither.</summary>
    public Tally Containers { get; } = new();

    /// <summary>Names of the resource types that were asked for here, in ordinal order.</summary>
    public SortedSet<string> Resources { get; } = new(StringComparer.Ordinal);
}

/// <summary>Numbers by a word; a word appears with its first count and stays.</summary>
public sealed class Tally
{
    private readonly SortedDictionary<string, long> counts = new(StringComparer.Ordinal);

    /// <summary>In ordinal order of the words.</summary>
    public IEnumerable<(string Word, long Count)> All => counts.Select(static one => (one.Key, one.Value));

    internal void Add(string word, long more = 1) => counts[word] = counts.GetValueOrDefault(word) + more;
}
