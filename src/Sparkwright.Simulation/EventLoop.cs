namespace Sparkwright.Simulation;

/// <summary>
/// Runs everything that happens in the world, one turn after another, in the order of their due times and, at the same time, of their
/// asking; some come after all others of their time. There is no other thread of control.
/// </summary>
public sealed class EventLoop(Clock clock)
{
    private readonly PriorityQueue<Turn, (long Due, bool ComesLast, long Sequence)> queue = new();
    private long sequence;

    public Clock Clock { get; } = clock;

    /// <summary>How many turns have run; the measure of work in benchmarks.</summary>
    public long TurnsRun { get; private set; }

    /// <summary>When the next turn is due, or null when nothing waits.</summary>
    public DateTime? NextDue
    {
        get
        {
            while (queue.TryPeek(out var turn, out _) && turn.Cancelled)
            {
                queue.Dequeue();
            }

            return queue.TryPeek(out var next, out _) ? next.Due : null;
        }
    }

    /// <summary>Runs the next turn if it is due by then, moving the clock to it; false when there is none.</summary>
    public bool RunNext(DateTime until)
    {
        if (NextDue is not { } due || due > until)
        {
            return false;
        }

        var turn = queue.Dequeue();
        Clock.MoveTo(due > Clock.Now ? due : Clock.Now);
        TurnsRun++;
        turn.Run();
        return true;
    }

    /// <summary>Runs every turn due by a time, then sets the clock to it.</summary>
    public void RunUntil(DateTime time)
    {
        while (RunNext(time))
        {
        }

        if (time > Clock.Now)
        {
            Clock.MoveTo(time);
        }
    }

    /// <summary>
    /// A computation too long for one turn of a served world: in virtual time it runs at once. The plan must be checked against the
    /// store again when it is applied, since the world may have moved on.
    /// </summary>
    public void Compute<TSnapshot, TPlan>(TSnapshot snapshot, Func<TSnapshot, TPlan> decide, Action<TPlan> apply) => apply(decide(snapshot));

    internal void Add(Turn turn) => queue.Enqueue(turn, (turn.Due.Ticks, turn.ComesLast, sequence++));
}

/// <summary>One piece of work that waits in the loop.</summary>
internal abstract class Turn(DateTime due, bool comesLast)
{
    public DateTime Due { get; } = due;

    /// <summary>Whether all other turns of the same time go first, those asked for later too.</summary>
    public bool ComesLast { get; } = comesLast;

    public bool Cancelled { get; set; }

    public abstract void Run();
}
