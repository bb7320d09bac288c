namespace Sparkwright.Simulation;

/// <summary>
/// A work queue on the loop: each key waits at most once, at the earliest time asked for. What has to be done about a key is found out when
/// its turn comes, from the state of the world at that moment.
/// </summary>
/// <typeparam name="TKey">What a turn is about, compared by value.</typeparam>
public abstract class Worker<TKey>(EventLoop loop)
    where TKey : notnull
{
    private readonly Dictionary<TKey, KeyTurn> waiting = [];

    protected Clock Clock => loop.Clock;

    protected EventLoop Loop => loop;

    /// <summary>
    /// Whether its turns come after all others of their instant: of a worker that looks at the world now and then, so that what it sees does not
    /// depend on who asked first.
    /// </summary>
    protected virtual bool ActsLast => false;

    /// <summary>Asks for a turn now.</summary>
    public void Wake(TKey key) => WakeAt(key, loop.Clock.Now);

    public void WakeAfter(TKey key, TimeSpan delay) => WakeAt(key, loop.Clock.Now + delay);

    /// <summary>Asks for a turn at a time (now, if that has passed); an earlier one already asked for stands.</summary>
    public void WakeAt(TKey key, DateTime due)
    {
        var at = due < loop.Clock.Now ? loop.Clock.Now : due;
        if (waiting.TryGetValue(key, out var known))
        {
            if (known.Due <= at)
            {
                return;
            }

            known.Cancelled = true;
        }

        var turn = new KeyTurn(this, key, at);
        waiting[key] = turn;
        loop.Add(turn);
    }

    /// <summary>Does what the key needs now. Called on the loop; asks for its next turn itself.</summary>
    protected abstract void Reconcile(TKey key);

    private sealed class KeyTurn(Worker<TKey> worker, TKey key, DateTime due) : Turn(due, worker.ActsLast)
    {
        public override void Run()
        {
            worker.waiting.Remove(key);
            worker.Reconcile(key);
        }
    }
}
