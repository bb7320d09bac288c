using System.Collections.Concurrent;
using Sparkwright.Kubernetes.Store;

namespace Sparkwright.Server.Storage;

/// <summary>What one pass of the engine changed, and what waits for it to be kept.</summary>
/// <param name="ResourceVersion">The store's counter after the pass.</param>
/// <param name="WorldTime">UTC.</param>
/// <param name="Releases">Called after the commit, in order.</param>
public sealed record Commit(IReadOnlyList<StoreEvent> Changes, long ResourceVersion, DateTime WorldTime, IReadOnlyList<Action> Releases);

/// <summary>
/// Brings passes of the engine to the journal, in order and as many at once as have gathered while the last ones were written; only then it
/// tells the watchers and releases the answers.
/// </summary>
public sealed class CommitQueue : IAsyncDisposable
{
    /// <summary>The engine waits when the disk is this many passes behind.</summary>
    private const int MostWaiting = 1_000;

    private readonly Journal? journal;
    private readonly Action<IReadOnlyList<StoreEvent>> publish;
    private readonly BlockingCollection<Commit> waiting = new(MostWaiting);
    private readonly Task writer;

    /// <param name="journal">Null keeps nothing.</param>
    /// <param name="publish">Hears of changes after their commit.</param>
    public CommitQueue(Journal? journal, Action<IReadOnlyList<StoreEvent>> publish)
    {
        this.journal = journal;
        this.publish = publish;
        writer = Task.Factory.StartNew(Write, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
    }

    /// <summary>Completes when nothing more can be written, with the error that was the reason if there was one.</summary>
    public Task Ended => writer;

    public void Add(Commit commit) => waiting.Add(commit);

    public async ValueTask DisposeAsync()
    {
        waiting.CompleteAdding();
        await writer.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        waiting.Dispose();
    }

    private void Write()
    {
        var together = new List<Commit>();
        foreach (var first in waiting.GetConsumingEnumerable())
        {
            together.Clear();
            together.Add(first);
            while (waiting.TryTake(out var more))
            {
                together.Add(more);
            }

            journal?.Write(together);
            foreach (var commit in together)
            {
                if (commit.Changes.Count > 0)
                {
                    publish(commit.Changes);
                }

                foreach (var release in commit.Releases)
                {
                    release();
                }
            }
        }
    }
}
