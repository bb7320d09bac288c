using System.Collections.Concurrent;
using System.Diagnostics;
using Sparkwright.Kubernetes.Store;
using Sparkwright.Server.Storage;
using Sparkwright.Simulation;

namespace Sparkwright.Server.Pacing;

/// <summary>
/// The one thread on which a served world lives. Whatever the world outside wants is asked as a command, which runs between two turns of the
/// loop; its answer is given only after everything that it may have seen is in the journal. Changes go to watchers by the same rule.
/// </summary>
public sealed class Engine : IAsyncDisposable
{
    /// <summary>Commands wait no longer than this for turns that are due.</summary>
    private static readonly TimeSpan Slice = TimeSpan.FromMilliseconds(10);

    /// <summary>Due turns wait no longer than this for commands.</summary>
    private const int MostCommands = 256;

    private readonly World.World world;
    private readonly Pace pace;
    private readonly CommitQueue commits;
    private readonly ConcurrentQueue<Command> commands = new();
    private readonly AutoResetEvent wakeUp = new(false);

    /// <summary>Between the end and those who still ask: after it nobody is put into the queue any more.</summary>
    private readonly Lock closing = new();
    private readonly Thread thread;
    private readonly TaskCompletionSource ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private List<StoreEvent> changes = [];
    private List<Command> answered = [];
    private volatile bool isStopping;

    public Engine(World.World world, Pace pace, CommitQueue commits)
    {
        this.world = world;
        this.pace = pace;
        this.commits = commits;
        Watch();
        world.Rebuilt += Watch;
        thread = new Thread(Live) { IsBackground = true, Name = "engine" };
    }

    /// <summary>World time that wall time has reached, from which the ages of objects are counted.</summary>
    public DateTime Now => pace.Now;

    /// <summary>Completes when the engine has ended, with the error that ended it if there was one.</summary>
    public Task Ended => ended.Task;

    public void Start() => thread.Start();

    /// <summary>Runs a command in the world and gives its answer after the commit.</summary>
    public Task<T> Ask<T>(Func<World.World, T> question)
    {
        var command = new Command<T>(question);
        lock (closing)
        {
            if (!isStopping)
            {
                commands.Enqueue(command);
                wakeUp.Set();
                return command.Answer;
            }
        }

        command.Abandon();
        return command.Answer;
    }

    public async ValueTask DisposeAsync()
    {
        Close();
        wakeUp.Set();
        if (!thread.ThreadState.HasFlag(System.Threading.ThreadState.Unstarted))
        {
            await ended.Task.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        AbandonAll();
        wakeUp.Dispose();
    }

    private void Watch() => world.Store.WatchAll(change => changes.Add(change));

    private void Close()
    {
        lock (closing)
        {
            isStopping = true;
        }
    }

    /// <summary>Gives up what still waits: commands that have not run, and those whose changes will not be kept.</summary>
    private void AbandonAll()
    {
        foreach (var unkept in answered)
        {
            unkept.Abandon();
        }

        answered = [];
        while (commands.TryDequeue(out var late))
        {
            late.Abandon();
        }
    }

    private void Live()
    {
        try
        {
            while (!isStopping)
            {
                Answer();
                var next = Run();
                Commit();
                if (next > TimeSpan.Zero && commands.IsEmpty && !isStopping)
                {
                    wakeUp.WaitOne(next);
                }
            }

            Commit();
            ended.SetResult();
        }
        catch (Exception fault)
        {
            Close();
            ended.SetException(fault);
        }

        AbandonAll();
    }

    private void Answer()
    {
        for (var count = 0; count < MostCommands && commands.TryDequeue(out var command); count++)
        {
            // A command sees the time at which it comes, unless turns that are due before it still wait.
            if (pace.Now is var now && now > world.Clock.Now && !(world.Loop.NextDue <= now))
            {
                world.Loop.RunUntil(now);
            }

            command.Run(world);
            answered.Add(command);
        }
    }

    /// <summary>Runs what is due, for a slice of time; answers how long nothing will be.</summary>
    private TimeSpan Run()
    {
        var started = Stopwatch.GetTimestamp();
        var now = pace.Now;
        while (world.Loop.RunNext(now))
        {
            if (Stopwatch.GetElapsedTime(started) > Slice)
            {
                pace.Reached(world.Clock.Now);
                return TimeSpan.Zero;
            }
        }

        world.Loop.RunUntil(now > world.Clock.Now ? now : world.Clock.Now);
        return world.Loop.NextDue is { } due ? Whole(pace.Until(due)) : TimeSpan.FromSeconds(1);
    }

    /// <summary>Waits are whole milliseconds, at least one, at most a second.</summary>
    private static TimeSpan Whole(TimeSpan wait) => TimeSpan.FromMilliseconds(Math.Clamp(Math.Ceiling(wait.TotalMilliseconds), 0, 1_000));

    private void Commit()
    {
        if (changes.Count > 0 || answered.Count > 0)
        {
            commits.Add(new Commit(changes, world.Store.ResourceVersion, world.Clock.Now, [.. answered.Select(command => (Action)command.Release)]));
            changes = [];
            answered = [];
        }
    }

    private abstract class Command
    {
        public abstract void Run(World.World world);

        /// <summary>Gives the answer to who asked.</summary>
        public abstract void Release();

        public abstract void Abandon();
    }

    private sealed class Command<T>(Func<World.World, T> question) : Command
    {
        private readonly TaskCompletionSource<T> answer = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private T? result;
        private Exception? fault;

        public Task<T> Answer => answer.Task;

        public override void Run(World.World world)
        {
            try
            {
                result = question(world);
            }
            catch (Exception mistake) when (mistake is not InvariantBrokenException)
            {
                fault = mistake;
            }
        }

        public override void Release()
        {
            if (fault is null)
            {
                answer.TrySetResult(result!);
            }
            else
            {
                answer.TrySetException(fault);
            }
        }

        public override void Abandon() => answer.TrySetCanceled();
    }
}
