using System.Collections.Immutable;

namespace Sparkwright.World.Spark.Workloads;

/// <summary>One stage as it runs: which of its tasks wait, run, or have output, and where that output lies.</summary>
internal sealed class StageRun(int number, StagePlan plan)
{
    /// <summary>Output of a task that is not done.</summary>
    public const long NoOutput = -1;

    private readonly SortedSet<int> waiting = [];
    private long[] outputs = [];

    public int Number { get; } = number;

    public StagePlan Plan { get; } = plan;

    /// <summary>Stages that read this one's shuffle output.</summary>
    public List<StageRun> Children { get; } = [];

    public ImmutableArray<long> TaskBytes { get; private set; } = [];

    /// <summary>Whether its tasks may be given out.</summary>
    public bool IsActive { get; private set; }

    /// <summary>Done once: the jobs that wait for it have gone on, even if its output is lost later.</summary>
    public bool WasCompleted { get; private set; }

    /// <summary>When it may be (re)submitted; null when that is not known yet.</summary>
    public DateTime? SubmitAt { get; set; }

    /// <summary>Counts from 0, as Spark does.</summary>
    public int Attempt { get; private set; }

    /// <summary>Attempts that failed one after another.</summary>
    public int FailedAttempts { get; private set; }

    public int Missing { get; private set; }

    public SortedDictionary<int, RunningTask> Running { get; } = [];

    public int[] Failures { get; private set; } = [];

    public int WaitingCount => waiting.Count;

    public bool IsSubmitted => outputs.Length > 0;

    public bool IsAvailable => IsSubmitted && Missing == 0;

    public int? NextTask => waiting.Count > 0 ? waiting.Min : null;

    public void Submit(ImmutableArray<long> taskBytes)
    {
        TaskBytes = taskBytes;
        outputs = new long[taskBytes.Length];
        Array.Fill(outputs, NoOutput);
        Failures = new int[taskBytes.Length];
        Missing = taskBytes.Length;
        Activate();
    }

    public void Resubmit(bool afterFailure)
    {
        Attempt++;
        FailedAttempts += afterFailure ? 1 : 0;
        Activate();
    }

    public void Start(RunningTask task)
    {
        waiting.Remove(task.Index);
        Running.Add(task.Index, task);
    }

    public void Requeue(int index)
    {
        Running.Remove(index);
        waiting.Add(index);
    }

    /// <summary>Notes a task's output; true when the stage is complete with it.</summary>
    public bool Finish(RunningTask task)
    {
        Running.Remove(task.Index);
        outputs[task.Index] = task.Executor;
        Missing--;
        if (Missing > 0)
        {
            return false;
        }

        WasCompleted = true;
        IsActive = false;
        FailedAttempts = 0;
        return true;
    }

    /// <summary>A reader found output missing: its running tasks fail, and it needs a new attempt.</summary>
    public void FailAttempt()
    {
        foreach (var index in Running.Keys.ToArray())
        {
            Requeue(index);
        }

        Attempt++;
        FailedAttempts++;
    }

    /// <summary>Forgets the output that lay on an executor; true when there was any.</summary>
    public bool LoseOutputs(long executor)
    {
        var lost = false;
        for (var index = 0; index < outputs.Length; index++)
        {
            if (outputs[index] == executor)
            {
                outputs[index] = NoOutput;
                Missing++;
                lost = true;
                if (IsActive)
                {
                    waiting.Add(index);
                }
            }
        }

        return lost;
    }

    public bool HasOutputOn(long executor) => Array.IndexOf(outputs, executor) >= 0;

    private void Activate()
    {
        IsActive = true;
        for (var index = 0; index < outputs.Length; index++)
        {
            if (outputs[index] == NoOutput && !Running.ContainsKey(index))
            {
                waiting.Add(index);
            }
        }
    }
}

/// <summary>A task on an executor, and when it will be done if nothing happens.</summary>
/// <param name="Id">Spark's TID: counts the application's tasks from 0.</param>
internal sealed record RunningTask(StageRun Stage, int Index, int StageAttempt, long Executor, long Id, DateTime StartedAt, DateTime EndsAt);
