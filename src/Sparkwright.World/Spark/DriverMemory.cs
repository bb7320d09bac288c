using System.Globalization;
using Sparkwright.Kubernetes.Objects;
using Sparkwright.Simulation;
using Sparkwright.World.Spark.Workloads;

namespace Sparkwright.World.Spark;

/// <summary>
/// What a driver knows while it runs: a typed image of its application's status. Every change goes into <see cref="Status"/> too, and
/// everything can be read back from there, the run itself by replaying its events.
/// </summary>
internal sealed class DriverMemory
{
    // Executors and events are kept in parts, so that a change writes one part and not all of a large application.
    private const int PartSize = 64;

    private readonly SortedDictionary<long, ExecutorMemory> executors = [];
    private long events;

    /// <param name="taskSteps">Told of every task while the run is replayed, and later.</param>
    public DriverMemory(ApiObject known, ModelFigures figures, Chance chance, Action<TaskStep>? taskSteps = null)
    {
        Application = SparkApplication.Of(known);
        Id = known.Name;
        Status = known.Status;
        ContextReadyAt = Instants.Read(Status["contextReadyAt"]);
        DriverEndsAt = Instants.Read(Status["driverEndsAt"]);
        LastExecutor = Status["lastExecutor"]?.Integer ?? 0;
        NextRoundAt = Instants.Read(Status["nextRoundAt"]);
        foreach (var number in NumbersOf(known))
        {
            var executor = ExecutorMemory.Of(Status.At(PathOf(number))!);
            executors.Add(number, executor);
            Count(executor, 1);
        }

        if (Application.Settings.Dynamic is { } dynamic)
        {
            Dynamic = Status["dynamic"] is TreeMap kept
                ? new DynamicAllocationState((int)(kept["target"]?.Integer ?? 0), (int)(kept["toAdd"]?.Integer ?? 1), Instants.Read(kept["addAt"]))
                : DynamicAllocationState.Start(dynamic);
        }

        if (ContextReadyAt is { } ready && Phase != ApplicationStatus.Starting)
        {
            Run = new ApplicationRun(Application.Workload, Application.Settings, figures, chance, Id, ready) { TaskSteps = taskSteps };
            foreach (var one in Events)
            {
                Replay(one, Run);
                events++;
            }
        }
    }

    /// <summary>Where an executor stands in the status.</summary>
    public static string[] PathOf(long number) => ["executors", Part(number / PartSize), number.ToString(CultureInfo.InvariantCulture)];

    /// <summary>The numbers of the executors that an application's status has.</summary>
    public static IEnumerable<long> NumbersOf(ApiObject known) =>
        (known.Status["executors"] as TreeMap ?? TreeMap.Empty).Members()
            .SelectMany(part => ((TreeMap)part.Value).Members())
            .Select(entry => long.Parse(entry.Key, CultureInfo.InvariantCulture))
            .Order();

    public string Id { get; }

    public SparkApplication Application { get; }

    public TreeMap Status { get; private set; }

    public string Phase => Status["phase"]?.Text ?? ApplicationStatus.Starting;

    public DateTime? ContextReadyAt { get; private set; }

    public DateTime? DriverEndsAt { get; private set; }

    /// <summary>The number of the last executor asked for; refused ones count.</summary>
    public long LastExecutor { get; private set; }

    public DateTime? NextRoundAt { get; private set; }

    public DynamicAllocationState? Dynamic { get; private set; }

    /// <summary>Null until the SparkContext is ready.</summary>
    public ApplicationRun? Run { get; private set; }

    public IEnumerable<KeyValuePair<long, ExecutorMemory>> Executors => executors;

    /// <summary>Executors that came or went, in that order.</summary>
    public IEnumerable<ExecutorEvent> Events
    {
        get
        {
            for (var part = 0L; Status["events"]?[Part(part)] is TreeList items; part++)
            {
                for (var at = 0; at < items.Span.Length; at++)
                {
                    yield return ExecutorEvent.Parse(items.Span[at].Text ?? "");
                }
            }
        }
    }

    /// <summary>Executors that are asked for or there, and not being stopped.</summary>
    public int LiveExecutors { get; private set; }

    /// <summary>Those of them whose containers do not run yet.</summary>
    public int PendingExecutors { get; private set; }

    public int Target => Dynamic?.Target ?? Application.Settings.Instances;

    public ExecutorMemory? Executor(long number) => executors.GetValueOrDefault(number);

    /// <summary>The status as the store now holds it; equal to what was written.</summary>
    public void Kept(TreeMap status) => Status = status;

    public void SetContextReadyAt(DateTime at)
    {
        ContextReadyAt = at;
        Status = Status.With("contextReadyAt", Instants.Print(at));
    }

    public void StartRun(ModelFigures figures, Chance chance)
    {
        Run = new ApplicationRun(Application.Workload, Application.Settings, figures, chance, Id, ContextReadyAt!.Value);
        Status = Status.With("phase", ApplicationStatus.Running);
    }

    public void SetPhase(string phase, string? failure = null, int? exitCode = null)
    {
        Status = Status.With("phase", phase);
        Status = failure is null ? Status : Status.With("failure", failure);
        Status = exitCode is { } code ? Status.With("exitCode", code) : Status;
    }

    public void SetDriverEndsAt(DateTime at)
    {
        DriverEndsAt = at;
        Status = Status.With("driverEndsAt", Instants.Print(at));
    }

    public void SetLastExecutor(long number)
    {
        LastExecutor = number;
        Status = Status.With("lastExecutor", number);
    }

    public void SetNextRoundAt(DateTime at)
    {
        NextRoundAt = at;
        Status = Status.With("nextRoundAt", Instants.Print(at));
    }

    public void SetDynamic(DynamicAllocationState state)
    {
        if (state == Dynamic)
        {
            return;
        }

        Dynamic = state;
        Status = Status.With("dynamic", TreeMap.Of(
            ("addAt", state.AddAt is { } at ? Instants.Print(at) : null), ("target", state.Target), ("toAdd", state.ToAdd)));
    }

    public void SetExecutor(long number, ExecutorMemory executor)
    {
        Count(executors.GetValueOrDefault(number), -1);
        executors[number] = executor;
        Count(executor, 1);
        Status = Status.Set(PathOf(number), executor.ToTree());
    }

    public void Forget(long number)
    {
        Count(executors.GetValueOrDefault(number), -1);
        executors.Remove(number);
        Status = Status.Set(PathOf(number), null);
    }

    public void Register(long number, DateTime at)
    {
        Run!.Register(number, at);
        Note(new ExecutorEvent(ExecutorEvent.Registered, number, at));
    }

    public void Lose(long number, DateTime at, bool byApplicationsFault)
    {
        Run!.Lose(number, at, byApplicationsFault);
        Note(new ExecutorEvent(byApplicationsFault ? ExecutorEvent.FailedByItself : ExecutorEvent.Lost, number, at));
    }

    private static void Replay(ExecutorEvent one, ApplicationRun run)
    {
        if (one.Kind == ExecutorEvent.Registered)
        {
            run.Register(one.Executor, one.At);
        }
        else
        {
            run.Lose(one.Executor, one.At, one.Kind == ExecutorEvent.FailedByItself);
        }
    }

    private void Count(ExecutorMemory? executor, int by)
    {
        if (executor is { StopsAt: null })
        {
            LiveExecutors += by;
            PendingExecutors += executor.RegistersAt is null ? by : 0;
        }
    }

    private void Note(ExecutorEvent one)
    {
        string[] path = ["events", Part(events / PartSize)];
        Status = Status.Set(path, (Status.At(path) as TreeList ?? TreeList.Empty).Add(one.ToString()));
        events++;
    }

    private static string Part(long number) => number.ToString("D6", CultureInfo.InvariantCulture);
}

/// <summary>An executor came or went.</summary>
internal sealed record ExecutorEvent(string Kind, long Executor, DateTime At)
{
    public const string Registered = "register";
    public const string Lost = "lose";

    /// <summary>Lost by the application's own fault.</summary>
    public const string FailedByItself = "fail";

    public static ExecutorEvent Parse(string text) => text.Split(' ') is [var kind, var number, var time] && Instants.Read(time) is { } at
        ? new ExecutorEvent(kind, long.Parse(number, CultureInfo.InvariantCulture), at)
        : throw new InvariantBrokenException($"an event of a Spark run cannot be read: '{text}'");

    public override string ToString() => $"{Kind} {Executor} {Instants.Print(At)}";
}

/// <summary>What a driver knows of one executor.</summary>
/// <param name="CreatedAt">When its pod was created.</param>
/// <param name="RegistersAt">When it registers; null while its container does not run.</param>
/// <param name="StopsAt">When its container ends, because the driver told it to.</param>
internal sealed record ExecutorMemory(DateTime CreatedAt, DateTime? RegistersAt, bool IsRegistered, DateTime? StopsAt)
{
    public static ExecutorMemory Of(Tree tree) => new(
        Instants.Read(tree["createdAt"]) ?? default, Instants.Read(tree["registersAt"]), tree["registered"]?.Boolean ?? false, Instants.Read(tree["stopsAt"]));

    public TreeMap ToTree() => TreeMap.Of(
        ("createdAt", Instants.Print(CreatedAt)),
        ("registered", IsRegistered ? true : null),
        ("registersAt", RegistersAt is { } registers ? Instants.Print(registers) : null),
        ("stopsAt", StopsAt is { } stops ? Instants.Print(stops) : null));
}
