using System.Collections.Immutable;
using Sparkwright.Simulation;

namespace Sparkwright.World.Spark.Workloads;

/// <summary>Where a Spark program stands.</summary>
public enum ApplicationPhase
{
    /// <summary>The SparkContext waits until enough executors are registered, or long enough.</summary>
    WaitingForExecutors,
    Running,
    Finished,
    Failed,
}

/// <summary>
/// Spark's task scheduler as a state machine: told when executors register and are lost, it says which tasks end when, which stages are
/// attempted again, and when the program is done. It depends on nothing but its arguments, so the same events give the same run again:
/// after a restart it is replayed. Lost tasks run again; lost shuffle output makes its stage run again for what is missing.
/// </summary>
public sealed class ApplicationRun
{
    // DAGScheduler waits this long before it submits failed stages again.
    private static readonly TimeSpan ResubmitDelay = TimeSpan.FromMilliseconds(200);

    private readonly SparkSettings settings;
    private readonly ModelFigures figures;
    private readonly Chance chance;
    private readonly string applicationId;
    private readonly Workload workload;
    private readonly StageRun[] stages;
    private readonly SortedDictionary<long, RegisteredExecutor> executors = [];
    private readonly SortedSet<(int Busy, long Id)> free = [];
    private readonly PriorityQueue<RunningTask, (DateTime At, long Order)> endings = new();
    private readonly List<StageReport> reports = [];
    private readonly DateTime mustStartBy;
    private long order;
    private int executorFailures;

    /// <param name="contextReadyAt">When the driver's SparkContext begins to wait for executors.</param>
    public ApplicationRun(Workload workload, SparkSettings settings, ModelFigures figures, Chance chance, string applicationId, DateTime contextReadyAt)
    {
        this.workload = workload;
        this.settings = settings;
        this.figures = figures;
        this.chance = chance;
        this.applicationId = applicationId;
        stages = [.. workload.Stages.Select((plan, number) => new StageRun(number, plan))];
        foreach (var stage in stages)
        {
            foreach (var parent in stage.Plan.Parents)
            {
                stages[parent].Children.Add(stage);
            }
        }

        Now = contextReadyAt;
        mustStartBy = settings.Scheduler.MaxRegisteredWait > TimeSpan.FromDays(3650) ? DateTime.MaxValue : contextReadyAt + settings.Scheduler.MaxRegisteredWait;
        Settle();
    }

    public ApplicationPhase Phase { get; private set; }

    /// <summary>The time up to which everything has been worked out.</summary>
    public DateTime Now { get; private set; }

    /// <summary>When the program began; null while it waits for executors.</summary>
    public DateTime? StartedAt { get; private set; }

    /// <summary>When the program ended, well or not.</summary>
    public DateTime? EndedAt { get; private set; }

    /// <summary>Why the application failed, in words.</summary>
    public string? Failure { get; private set; }

    /// <summary>Told when a task starts and when it is done.</summary>
    public Action<TaskStep>? TaskSteps { get; init; }

    public int RegisteredCount => executors.Count;

    public int WaitingTasks => stages.Sum(stage => stage.IsActive ? stage.WaitingCount : 0);

    public int RunningTasks => stages.Sum(stage => stage.Running.Count);

    /// <summary>Each attempt of each stage, in the order of their submission.</summary>
    public IReadOnlyList<StageReport> Stages => reports;

    /// <summary>When something happens next if no executor comes or goes; null when nothing will.</summary>
    public DateTime? NextAt
    {
        get
        {
            if (Phase is ApplicationPhase.Finished or ApplicationPhase.Failed)
            {
                return null;
            }

            DateTime? next = Phase == ApplicationPhase.WaitingForExecutors && mustStartBy < DateTime.MaxValue ? mustStartBy : null;
            while (endings.TryPeek(out var task, out _) && !IsCurrent(task))
            {
                endings.Dequeue();
            }

            if (endings.TryPeek(out var first, out _) && (next is null || first.EndsAt < next))
            {
                next = first.EndsAt;
            }

            foreach (var stage in stages)
            {
                if (!stage.IsActive && stage.SubmitAt is { } at && (next is null || at < next))
                {
                    next = at;
                }
            }

            return next;
        }
    }

    /// <summary>Works out everything that happens up to a time, that time included.</summary>
    public void Advance(DateTime to)
    {
        while (NextAt is { } at && at <= to)
        {
            Now = at > Now ? at : Now;
            while (endings.TryPeek(out var task, out _) && task.EndsAt <= Now)
            {
                endings.Dequeue();
                if (IsCurrent(task))
                {
                    End(task);
                }
            }

            Settle();
        }

        Now = to > Now ? to : Now;
    }

    /// <summary>An executor has registered with the driver.</summary>
    public void Register(long executor, DateTime at)
    {
        Advance(at);
        executors.Add(executor, new RegisteredExecutor { IdleSince = at });
        free.Add((0, executor));
        Settle();
    }

    /// <summary>An executor is gone. Only a loss by the application's own fault counts against its tasks.</summary>
    public void Lose(long executor, DateTime at, bool byApplicationsFault)
    {
        Advance(at);
        if (!executors.Remove(executor, out var gone) || Phase is ApplicationPhase.Finished or ApplicationPhase.Failed)
        {
            return;
        }

        free.Remove((gone.Busy, executor));
        executorFailures += byApplicationsFault ? 1 : 0;
        if (executorFailures > settings.Scheduler.MaxExecutorFailures)
        {
            Fail($"Max number of executor failures ({settings.Scheduler.MaxExecutorFailures}) reached");
            return;
        }

        foreach (var stage in stages)
        {
            foreach (var task in stage.Running.Values.Where(task => task.Executor == executor).ToArray())
            {
                stage.Requeue(task.Index);
                if (byApplicationsFault && ++stage.Failures[task.Index] >= settings.Scheduler.MaxTaskFailures)
                {
                    Fail($"Job aborted due to stage failure: Task {task.Index} in stage {stage.Number} ({stage.Plan.Name}) failed {stage.Failures[task.Index]} times");
                    return;
                }
            }
        }

        LoseOutputs(executor);
        Settle();
    }

    /// <summary>Since when an executor has had nothing to do; null when it works, or holds output that is still to be read.</summary>
    public DateTime? IdleSince(long executor) =>
        executors.TryGetValue(executor, out var known) && known.Busy == 0
        && !(settings.Dynamic is { ShuffleTracking: true } && stages.Any(stage => IsNeeded(stage) && stage.HasOutputOn(executor)))
            ? known.IdleSince
            : null;

    private static bool IsNeeded(StageRun stage) => stage.Children.Any(child => !child.WasCompleted || (child.Missing > 0 && IsNeeded(child)));

    private static bool IsCurrent(RunningTask task) => task.Stage.Running.TryGetValue(task.Index, out var running) && ReferenceEquals(running, task);

    private void End(RunningTask task)
    {
        FreeSlot(task.Executor);
        TaskSteps?.Invoke(TaskStep.Of(task, Now - task.StartedAt));
        if (task.Stage.Finish(task))
        {
            var at = reports.FindLastIndex(report => report.Number == task.Stage.Number);
            reports[at] = reports[at] with { CompletedAt = Now };
        }
    }

    /// <summary>Starts the program, submits stages and gives out tasks, as far as this moment allows.</summary>
    private void Settle()
    {
        if (Phase == ApplicationPhase.WaitingForExecutors)
        {
            var enough = executors.Count * 100L >= (long)settings.InitialExecutors * settings.Scheduler.MinRegisteredPercent;
            if (!enough && Now < mustStartBy)
            {
                return;
            }

            Phase = ApplicationPhase.Running;
            StartedAt = Now;
        }

        if (Phase != ApplicationPhase.Running)
        {
            return;
        }

        foreach (var stage in stages)
        {
            Plan(stage);
        }

        if (stages.All(stage => stage.WasCompleted))
        {
            Phase = ApplicationPhase.Finished;
            EndedAt = Now;
            return;
        }

        foreach (var stage in stages)
        {
            if (stage.IsActive && stage.Plan.Parents.All(parent => stages[parent].IsAvailable))
            {
                GiveOut(stage);
            }
        }
    }

    private void Plan(StageRun stage)
    {
        if (stage.IsActive)
        {
            return;
        }

        if (!stage.WasCompleted && stage.SubmitAt is null
            && stage.Plan.Parents.All(parent => stages[parent].IsAvailable) && stage.Plan.After.All(earlier => stages[earlier].WasCompleted))
        {
            // A stage that reads a shuffle follows at once; the first stage of a job is planned by the driver's program first.
            stage.SubmitAt = stage.Plan.Parents.IsEmpty ? Now + figures.ProgramGap.Draw(chance, "spark/gap", $"{applicationId}/{stage.Plan.Name}") : Now;
        }

        if (stage.SubmitAt is not { } due || due > Now)
        {
            return;
        }

        stage.SubmitAt = null;
        if (stage.IsSubmitted)
        {
            stage.Resubmit(afterFailure: false);
        }
        else
        {
            stage.Submit(TasksOf(stage.Plan));
        }

        reports.Add(new StageReport(stage.Number, stage.Plan.Name, stage.Attempt, stage.Missing, Now, null));
    }

    private ImmutableArray<long> TasksOf(StagePlan plan) => plan.Tasks is { } count
        ? [.. Enumerable.Repeat(plan.BytesPerTask, count)]
        : FileSplits.Of(workload.Input, settings.Scheduler.Splits, executors.Count * settings.Executor.Cores);

    private void GiveOut(StageRun stage)
    {
        while (stage.NextTask is { } index && free.Count > 0)
        {
            var (busy, id) = free.Min;
            free.Remove((busy, id));
            var executor = executors[id];
            executor.Busy++;
            if (executor.Busy < settings.SlotsPerExecutor)
            {
                free.Add((executor.Busy, id));
            }

            var warmUp = executor.IsWarm ? TimeSpan.Zero : figures.TaskWarmUp.Draw(chance, "spark/warm-up", $"{applicationId}/{id}");
            executor.IsWarm = true;
            var task = new RunningTask(stage, index, stage.Attempt, id, order++, Now, Now + warmUp + DurationOf(stage, index));
            stage.Start(task);
            endings.Enqueue(task, (task.EndsAt, task.Id));
            TaskSteps?.Invoke(TaskStep.Of(task, null));
        }
    }

    private void FreeSlot(long id)
    {
        if (!executors.TryGetValue(id, out var executor))
        {
            return;
        }

        free.Remove((executor.Busy, id));
        executor.Busy--;
        free.Add((executor.Busy, id));
        executor.IdleSince = executor.Busy == 0 ? Now : executor.IdleSince;
    }

    private void LoseOutputs(long executor)
    {
        var lost = stages.Where(stage => stage.Children.Count > 0 && stage.LoseOutputs(executor)).ToArray();
        if (lost.Length == 0)
        {
            return;
        }

        // From the last stage to the first: what a lost stage needs again is known before its own parents are looked at.
        for (var at = stages.Length - 1; at >= 0; at--)
        {
            var stage = stages[at];
            if (stage.IsActive && stage.Plan.Parents.Any(parent => stages[parent].Missing > 0))
            {
                foreach (var task in stage.Running.Values)
                {
                    FreeSlot(task.Executor);
                }

                stage.FailAttempt();
                reports.Add(new StageReport(stage.Number, stage.Plan.Name, stage.Attempt, stage.Missing, Now, null) { AfterFetchFailure = true });
                if (stage.FailedAttempts >= settings.Scheduler.MaxStageAttempts)
                {
                    Fail($"Job aborted due to stage failure: stage {stage.Number} ({stage.Plan.Name}) has failed {stage.FailedAttempts} times: shuffle output of executor {executor} was lost");
                    return;
                }
            }

            if (!stage.IsActive && stage.WasCompleted && stage.Missing > 0 && stage.SubmitAt is null && IsNeeded(stage))
            {
                stage.SubmitAt = Now + (stage.Children.Any(child => child.IsSubmitted && !child.IsAvailable) ? ResubmitDelay : TimeSpan.Zero);
            }
        }
    }

    private void Fail(string why)
    {
        Phase = ApplicationPhase.Failed;
        EndedAt = Now;
        Failure = why;
    }

    private TimeSpan DurationOf(StageRun stage, int index)
    {
        var key = $"{applicationId}/{stage.Plan.Name}/{index}/{stage.Attempt}/{stage.Failures[index]}";
        var draw = chance.For("spark/task", key);
        if (stage.Plan.TaskTime is { } given)
        {
            return draw.Between(given.Least, given.Most);
        }

        var fullSpeed = (long)((Int128)stage.TaskBytes[index] * 1000 / figures.ScanBytesPerSecond);
        var percent = draw.Between(100 - figures.TaskSpreadPercent, 100 + figures.TaskSpreadPercent);
        return figures.TaskOverhead.Draw(chance, "spark/overhead", key) + TimeSpan.FromMilliseconds(fullSpeed * percent / 100);
    }

    private sealed class RegisteredExecutor
    {
        public int Busy { get; set; }

        /// <summary>Its first task has been given out; later ones find a warm JVM.</summary>
        public bool IsWarm { get; set; }

        public DateTime IdleSince { get; set; }
    }
}

/// <summary>A task starts, or is done.</summary>
/// <param name="Id">Spark's TID: counts the application's tasks from 0.</param>
/// <param name="Ran">How long it took; null when it starts.</param>
public sealed record TaskStep(DateTime At, int Stage, int StageAttempt, int Index, long Id, long Executor, TimeSpan? Ran)
{
    internal static TaskStep Of(RunningTask task, TimeSpan? ran) =>
        new(task.StartedAt + (ran ?? TimeSpan.Zero), task.Stage.Number, task.StageAttempt, task.Index, task.Id, task.Executor, ran);
}

/// <summary>One attempt of a stage: how many tasks it had to run, from when to when.</summary>
public sealed record StageReport(int Number, string Name, int Attempt, int Tasks, DateTime SubmittedAt, DateTime? CompletedAt)
{
    /// <summary>It was attempted again because shuffle output that it reads had been lost.</summary>
    public bool AfterFetchFailure { get; init; }
}
